#include "cohort/batch.h"

#include <algorithm>
#include <atomic>
#include <thread>

namespace eds::cohort {
namespace {

// 4,096 persons of 40 events of 40 bytes: 6.5 MB at worst, of which a plan touches a tenth.
constexpr Person kBlockPersons = 4096;
// Blocks of outcomes held at once: at most 256 x 4,096 persons x some rows of 12 bytes.
constexpr std::size_t kHeldBlocks = 256;

void join(Outcome& to, Outcome&& from) {
  if (to.rows.empty()) {
    to.rows = std::move(from.rows);
  } else {
    to.rows.insert(to.rows.end(), from.rows.begin(), from.rows.end());
  }
  to.attrition.add(from.attrition);
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

Status evaluate_batch(const Store& store, std::span<const Work> work, int thread_count,
                      const std::function<Status(std::size_t, Outcome&&)>& take) {
  const std::size_t block_count =
      std::max<std::size_t>(1, (store.person_count() + kBlockPersons - 1) / kBlockPersons);
  const std::size_t plans_at_once = std::max<std::size_t>(1, kHeldBlocks / block_count);
  for (std::size_t begin = 0; begin < work.size(); begin += plans_at_once) {
    const std::size_t plan_count = std::min(plans_at_once, work.size() - begin);
    std::vector<Outcome> outcomes(plan_count * block_count);
    run_all(outcomes.size(), thread_count, [&](std::size_t index) {
      const Work& each = work[begin + index / block_count];
      const Person first = static_cast<Person>(index % block_count) * kBlockPersons;
      const Person last = std::min(store.person_count(), first + kBlockPersons);
      outcomes[index] = Evaluator(store, *each.plan, *each.sets).run({first, last});
    });
    for (std::size_t plan = 0; plan < plan_count; ++plan) {
      Outcome& whole = outcomes[plan * block_count];
      for (std::size_t block = 1; block < block_count; ++block) {
        join(whole, std::move(outcomes[plan * block_count + block]));
      }
      TRY(take(begin + plan, std::move(whole)));
    }
  }
  return {};
}

}  // namespace eds::cohort
