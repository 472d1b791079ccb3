// Compaction: many small or overlapping parts become few that do not overlap.
//
// Invariants: a table holds the same rows before and after; only the files differ. All tables are
// one release, whose Delta commits say OPTIMIZE and dataChange false. Earlier releases keep their
// files until vacuum. When another commit took a part meanwhile, that table is left as it is.
// Threads: one thread at a time; DuckDB uses options.threads.
#pragma once

#include <string>
#include <vector>

#include "lake/loader.h"
#include "lake/part.h"
#include "lake/progress.h"
#include "lake/warehouse.h"

namespace eds::lake {

/// A part's aim. Opening a part costs about 50 us a row group of 61,440 rows: 65 groups = 3 ms for
/// one person's rows. 1.37 G rows = 340 files for a whole scan.
inline constexpr std::int64_t kPartRows = 4'000'000;

/// Due: what loads left behind pays for its rewriting. Everything: every part that is not ideal.
enum class Effort : std::uint8_t { Due, Everything };

struct CompactOptions {
  Effort effort = Effort::Due;
  std::int64_t part_rows = kPartRows;
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
  std::vector<std::string> tables;  ///< empty: all
  std::string actor = "eds";
  Watch watch;
};

struct CompactOutcome {
  std::optional<Release> release;  ///< nothing when nothing was due
  std::int64_t table_count = 0;
  std::int64_t parts_before = 0;  ///< of the rewritten ones only
  std::int64_t parts_after = 0;
  std::int64_t row_count = 0;
  std::vector<std::string> overtaken;  ///< tables that another commit changed meanwhile
};

Result<CompactOutcome> compact(Warehouse& warehouse, const CompactOptions& options);

/// Which of a table's parts are to be rewritten together, by their person ranges and sizes.
std::vector<std::vector<DataFile>> plan_compaction(const std::vector<DataFile>& files,
                                                   const CompactOptions& options);

/// Rows and the persons they are of: of a row group, from its footer.
struct PersonRun {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t row_count = 0;
};
/// Last persons of ranges that cut the runs in about equal shares of `part_rows`, rising; the last
/// range, which has no end, is not listed.
std::vector<std::int64_t> cut_persons(const std::vector<PersonRun>& runs, std::int64_t part_rows);

}  // namespace eds::lake
