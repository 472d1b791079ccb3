// Terminologies into the lake's vocabulary tables.
//
// Invariants: a code keeps its concept id for ever, whatever versions are loaded after; loading a
// version replaces the rows of the codes it names and leaves codes it no longer names as they were.
// One load is one release.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/loader.h"
#include "lake/warehouse.h"

namespace eds::ingest::terms {

struct TermsOutcome {
  lake::LoadOutcome load;
  std::string vocabulary_id;  ///< empty for Athena, which brings many
  std::uint64_t record_count = 0;
  std::uint64_t bad_count = 0;
  std::vector<std::string> warnings;
};

/// `kind`: cim10, ccam, loinc, atc, ghm, um, communes, ucd, athena, or labels (a table of code and
/// French label of any vocabulary, named by `vocabulary_id`).
Result<TermsOutcome> load_terms(lake::Warehouse& warehouse, std::string_view kind,
                                const std::vector<Path>& paths, std::string_view vocabulary_id,
                                const std::string& actor);

}  // namespace eds::ingest::terms
