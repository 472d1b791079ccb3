// Upkeep: giving up old files, and proving that what we keep is what we wrote.
//
// Invariants: vacuum never touches a file that the latest release, a tagged release or one of the
// last `keep_releases` names. verify() changes nothing.
// Threads: one thread at a time. Other processes may load and query meanwhile.
#pragma once

#include <string>
#include <vector>

#include "lake/loader.h"
#include "lake/progress.h"
#include "lake/warehouse.h"

namespace eds::lake {

/// A file that no release names may belong to a load under way: no load takes a day.
inline constexpr std::int64_t kOrphanAgeUs = std::int64_t{24} * 3600 * 1'000'000;

struct VacuumOptions {
  std::int64_t keep_releases = 10;  ///< at least one; tagged releases are kept beside them
  Watch watch;
};

struct VacuumOutcome {
  std::int64_t expired_files = 0;  ///< given up in the catalogue by this vacuum
  std::int64_t deleted_files = 0;  ///< parts, orphans and temporaries taken off the disk
  std::int64_t deleted_bytes = 0;
};

Result<VacuumOutcome> vacuum(Warehouse& warehouse, const VacuumOptions& options);

/// Footers: existence, size and row count. Bytes: also every byte, against the checksum.
enum class Depth : std::uint8_t { Footers, Bytes };

struct VerifyOutcome {
  std::int64_t file_count = 0;
  std::int64_t byte_count = 0;
  std::int64_t version_count = 0;     ///< Delta commits compared
  std::int64_t without_checksum = 0;  ///< written before checksums: only their footers are known
  std::vector<std::string> findings;  ///< what is wrong, one sentence each; empty: all is well
};

Result<VerifyOutcome> verify(Warehouse& warehouse, Depth depth, const Watch& watch = {});

}  // namespace eds::lake
