// Batch: many plans over one store, on several threads.
//
// Invariants: persons are taken in blocks small enough for a block's events to stay in the cache;
// the outcome of a plan is that of its blocks joined, whatever thread did which. Outcomes are given
// in the order of the plans, from the calling thread; only a few are held at a time.
// Threads: evaluate_batch starts its own and ends them.
#pragma once

#include <functional>
#include <span>

#include "base/result.h"
#include "cohort/evaluate.h"

namespace eds::cohort {

struct Work {
  const Plan* plan = nullptr;
  const ResolvedSets* sets = nullptr;
};

Status evaluate_batch(const Store& store, std::span<const Work> work, int thread_count,
                      const std::function<Status(std::size_t index, Outcome&& outcome)>& take);

}  // namespace eds::cohort
