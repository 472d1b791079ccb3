// IndexFiles: where the cohort index of a warehouse lies, and which files make that of a release.
//
//   W/index/cohort/<table>/<part>.events    W/index/cohort/persons-<16 hex>    W/index/cohort/lock
//
// Invariants: names follow from the parts, so there is no list of files that could be torn or
// stale: a release's index is complete when each of its files is there and says that it is what it
// should be. Threads: pure functions over the catalogue.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "cohort/domain.h"
#include "cohort/index_segment.h"
#include "lake/warehouse.h"

namespace eds::cohort {

Path index_directory(const lake::Warehouse& warehouse);

/// A segment that the index of a release needs.
struct SegmentFile {
  Domain domain = Domain::ConditionOccurrence;
  SegmentOrigin origin;
  lake::DataFile part;
  Path path;
};

/// Of one kind of event, by the parts' smallest persons.
Result<std::vector<SegmentFile>> segment_files(lake::Warehouse& warehouse, std::int64_t release_id,
                                               Domain domain);

struct PersonsFile {
  std::string origin;
  Path path;
};
Result<PersonsFile> persons_file(lake::Warehouse& warehouse, std::int64_t release_id);

/// The kinds of events that the index holds.
std::vector<Domain> indexed_domains();

}  // namespace eds::cohort
