// Batch: many plans over one EventBase, on several threads.
//
// Invariants: persons are taken in blocks small enough for a block's events to stay in the cache;
// the outcome of a plan is that of its blocks joined, whatever thread did which. Outcomes are given
// in the order of the plans, from the calling thread; only a few are held at a time.
// Threads: evaluate_batch starts its own and ends them.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>

#include "base/result.h"
#include "cohort/evaluate.h"

namespace eds::cohort {

struct Work {
  const Plan* plan = nullptr;
  const ResolvedSets* sets = nullptr;
};

struct Batch {
  const EventBase* base = nullptr;
  int thread_count = 1;
  /// Nobody wants the answer any more once it is true: Code::Cancelled.
  const std::atomic<bool>* cancelled = nullptr;
  /// Only this part of the persons; by default all.
  std::optional<PersonRange> persons = std::nullopt;
  Wanted wanted = Wanted::Rows;
};

/// What was touched in all; or why the base could not be read.
Result<Touched> evaluate_batch(
    const Batch& batch, std::span<const Work> work,
    const std::function<Status(std::size_t index, Outcome&& outcome)>& take);
/// The same over a store in memory.
Status evaluate_batch(const Store& store, std::span<const Work> work, int thread_count,
                      const std::function<Status(std::size_t index, Outcome&& outcome)>& take);

}  // namespace eds::cohort
