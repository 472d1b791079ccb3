// LiveCount: how many persons each step of a definition keeps, about at first, then exactly.
//
// The approximate count evaluates the definition on 64 ranges of persons spread evenly over their
// ids, a thirtieth of all, and scales. Its error bound is Student's, from how the ranges differ
// among each other (cluster sampling), so it needs no assumption on how ids were given: the exact
// count lies within it 99 times in 100. Where persons are few, the first answer is exact already.
// Threads: starts its own and ends them; a cancelled count ends with Code::Cancelled.
// Source: Cochran, Sampling Techniques (3rd ed.), section 9.3 (clusters of equal size).
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"
#include "cohort/batch.h"

namespace eds::cohort {

struct LiveStep {
  std::string name;
  double persons = 0;
  double error = 0;  ///< 0: exact
};

/// The steps of a plan, in order: entry, qualified, each rule, included, cohort.
Result<std::vector<LiveStep>> approximate_counts(const Batch& batch, const Work& work);
Result<std::vector<LiveStep>> exact_counts(const Batch& batch, const Work& work);

}  // namespace eds::cohort
