// Combine: cohorts of some persons, made into one (docs/reference/cohort-superset.md, section 1).
//
// Threads: pure.
#pragma once

#include <span>
#include <vector>

#include "cohort/evaluate.h"

namespace eds::cohort {

/// The rows of `members` are by person, then start; so are those of the answer, in which no two
/// periods of a person share a day.
std::vector<CohortRow> combine(SetOperation operation, SetUnit by,
                               std::span<const std::vector<CohortRow>> members);

}  // namespace eds::cohort
