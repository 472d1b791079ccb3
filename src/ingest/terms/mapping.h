// The hospital's own mapping: source_to_concept_map, edited by hand or from a file, and applied to
// rows that are loaded already.
//
// Invariants: one edit, and one application, is one release each; earlier releases keep what they
// said. A code that is mapped again leaves its former entries. A target that the vocabulary tables
// do not hold is refused (0, "no concept", is allowed), for the whole file. What the vocabulary
// itself says ('Maps to', or a standard concept) goes before the map, as in a load. Rows of which
// nobody knows the vocabulary (laboratory codes that no terminology holds) are "local".
// Threads: one thread at a time. Source: OMOP CDM 5.4, source_to_concept_map.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "lake/loader.h"
#include "lake/warehouse.h"

namespace eds::ingest::terms {

struct MappingEdit {
  std::string source_code;
  std::string vocabulary_id;  ///< of the source code
  std::int64_t target_concept_id = 0;
};

struct MappingOutcome {
  lake::LoadOutcome load;
  std::uint64_t record_count = 0;
  std::uint64_t bad_count = 0;  ///< lines of a file that could not be read
};

Result<MappingOutcome> map_code(lake::Warehouse& warehouse, const MappingEdit& edit,
                                const std::string& actor);
/// A CSV or TSV file with source_to_concept_map's columns, by name.
Result<MappingOutcome> map_file(lake::Warehouse& warehouse, const Path& path,
                                const std::string& actor);
/// Gives loaded rows the concept that the map now says.
Result<lake::LoadOutcome> apply_map(lake::Warehouse& warehouse, const std::string& actor);

/// A SELECT: the codes of loaded rows without a standard concept, the most frequent first.
/// `vocabulary_id` may be empty: all.
std::string unmapped_sql(std::string_view vocabulary_id, std::int64_t limit);

}  // namespace eds::ingest::terms
