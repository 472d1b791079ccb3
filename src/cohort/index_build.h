// Building the cohort index: what parts of a release have no segment yet gets one.
//
// Invariants: every file is written beside its name, synced and renamed, so a build that is killed
// leaves whole files and remains that the next build removes. Parts that have their segment are not
// read again. Files of parts that no kept release names any more are removed. One build at a time.
// Rows are read under a scope of the owner. Threads: it starts its own and ends them.
#pragma once

#include <atomic>
#include <functional>

#include "base/result.h"
#include "engine/session.h"
#include "lake/warehouse.h"

namespace eds::cohort {

struct BuildOptions {
  int threads = 2;
  /// Told after each part; false stops the build with Code::Cancelled, its segments stay.
  std::function<bool(std::size_t parts_done, std::size_t part_count)> on_part;
};

struct BuildSummary {
  std::size_t parts_built = 0;
  std::size_t parts_kept = 0;  ///< that had their segment
  std::size_t files_removed = 0;
  std::uint64_t events = 0;  ///< of the parts built
  std::uint64_t bytes = 0;   ///< of the parts built
};

Result<BuildSummary> build_index(lake::Warehouse& warehouse, const engine::Scan& scan,
                                 const BuildOptions& options);

struct IndexedTable {
  std::string table;
  std::size_t parts = 0;
  std::size_t ready = 0;    ///< have a sound segment
  std::size_t damaged = 0;  ///< have one that is none
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
};
/// What the index of a release has, table by table; persons come first, as "person".
Result<std::vector<IndexedTable>> index_status(lake::Warehouse& warehouse, std::int64_t release_id);

/// Removes the whole index of the warehouse.
Status drop_index(lake::Warehouse& warehouse);

}  // namespace eds::cohort
