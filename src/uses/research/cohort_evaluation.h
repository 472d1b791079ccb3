// Evaluates one definition under one session: what a saved cohort is made of.
//
// Invariants: rows come only through the session, so they are of persons that its scope shows. A
// column that the scope hides is not read as if it were empty: a definition that needs one is
// refused by the column's name. Threads: those of the session.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "cohort/loader.h"
#include "engine/session.h"
#include "uses/research/cohort_book.h"

namespace eds::research {

struct EvaluatedCohort {
  std::vector<CohortPeriod> rows;  ///< sorted
  std::vector<CohortStep> steps;
};

/// By the stored cohort index where there is one that answers, by the lake otherwise.
Result<EvaluatedCohort> evaluate_definition(lake::Warehouse& warehouse, engine::Session& session,
                                            const engine::Scan& scan, const engine::Budget& budget,
                                            std::string_view definition, CohortMode mode);

/// The rows of persons that the scope shows today.
std::vector<CohortPeriod> visible_rows(const engine::Scan& scan, std::vector<CohortPeriod> rows);

}  // namespace eds::research
