// Athena: OMOP's vocabulary files, streamed into a sink.
//
// Invariants: memory does not grow with the files (CONCEPT_ANCESTOR has 80 M rows); a row that is
// not understood is counted and named, never fatal. Athena's own files are tab separated and never
// quoted; comma separated exports with quotes (Eunomia, OHDSI's test sets) are read too.
// Threads: one thread. Source: OMOP CDM 5.4, vocabulary tables.
#pragma once

#include "base/env.h"
#include "base/result.h"
#include "terms/concept_ids.h"
#include "terms/omop_rows.h"
#include "terms/terminology.h"

namespace eds::terms {

struct AthenaReport {
  std::uint64_t concept_count = 0;
  std::uint64_t relationship_count = 0;
  std::uint64_t ancestor_count = 0;
  std::uint64_t synonym_count = 0;
  std::uint64_t vocabulary_count = 0;
  std::uint64_t mapping_count = 0;
  LoadReport load;  ///< rows read, bad rows, warnings
};

/// Reads CONCEPT, CONCEPT_RELATIONSHIP, CONCEPT_ANCESTOR, CONCEPT_SYNONYM, VOCABULARY and
/// SOURCE_TO_CONCEPT_MAP of a directory or zip; CONCEPT must be there.
Result<AthenaReport> load_athena(Env& env, const Path& path, OmopSink& sink);

}  // namespace eds::terms
