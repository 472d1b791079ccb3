#include "cohort/batch.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace eds::cohort {
namespace {

// Blocks of outcomes held at once: at most 256 x 4,096 persons x some rows of 12 bytes.
constexpr std::size_t kHeldBlocks = 256;

void join(Outcome& to, Outcome&& from) {
  to.rows.insert(to.rows.end(), from.rows.begin(), from.rows.end());
  from.rows = {};
  to.attrition.add(from.attrition);
  to.touched.add(from.touched);
}

// Runs `task` for each number below `count`, on so many threads.
void run_all(std::size_t count, int thread_count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) task(index);
  };
  std::vector<std::thread> threads;
  for (int thread = 1; thread < thread_count; ++thread) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

Result<Touched> evaluate_batch(const Batch& batch, std::span<const Work> work,
                               const std::function<Status(std::size_t, Outcome&&)>& take) {
  const PersonRange all = batch.persons.value_or(PersonRange{0, batch.base->persons().count()});
  const Person step = batch.base->block_persons();
  const std::size_t block_count =
      std::max<std::size_t>(1, (std::size_t{all.end - all.begin} + step - 1) / step);
  const std::size_t plans_at_once = std::max<std::size_t>(1, kHeldBlocks / block_count);
  Touched touched;
  Status failure;
  std::mutex mutex;
  for (std::size_t begin = 0; begin < work.size(); begin += plans_at_once) {
    const std::size_t plan_count = std::min(plans_at_once, work.size() - begin);
    std::vector<Outcome> outcomes(plan_count * block_count);
    run_all(outcomes.size(), batch.thread_count, [&](std::size_t index) {
      if (batch.cancelled != nullptr && *batch.cancelled) return;
      const Work& each = work[begin + index / block_count];
      const Person first = all.begin + static_cast<Person>(index % block_count) * step;
      const Person last = first + std::min<Person>(all.end - first, step);
      Evaluator evaluator(*batch.base, *each.plan, *each.sets);
      outcomes[index] = evaluator.run({first, last}, batch.wanted);
      const std::lock_guard<std::mutex> lock(mutex);
      touched.add(outcomes[index].touched);
      if (failure.ok()) failure = evaluator.reader().failure();
    });
    if (batch.cancelled != nullptr && *batch.cancelled) {
      return Error{Code::Cancelled, "the evaluation was cancelled"};
    }
    TRY(failure);
    for (std::size_t plan = 0; plan < plan_count; ++plan) {
      Outcome& whole = outcomes[plan * block_count];
      std::size_t row_count = 0;
      for (std::size_t block = 0; block < block_count; ++block) {
        row_count += outcomes[plan * block_count + block].rows.size();
      }
      whole.rows.reserve(row_count);
      for (std::size_t block = 1; block < block_count; ++block) {
        join(whole, std::move(outcomes[plan * block_count + block]));
      }
      TRY(take(begin + plan, std::move(whole)));
    }
  }
  return touched;
}

Status evaluate_batch(const Store& store, std::span<const Work> work, int thread_count,
                      const std::function<Status(std::size_t, Outcome&&)>& take) {
  const StoreBase base(store);
  Batch batch;
  batch.base = &base;
  batch.thread_count = thread_count;
  TRY(evaluate_batch(batch, work, take));
  return {};
}

}  // namespace eds::cohort
