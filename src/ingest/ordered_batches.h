// OrderedBatches: a file is cut into batches by one thread at a time, batches are parsed side by
// side, and come back one by one in the file's order.
//
// Invariants: `cut` is never called twice at once, nor after it said that nothing follows or
// failed; what it had filled by then still comes out before its error does. Whatever the number of
// threads, next() gives the same batches in the same order. At most thread_count + 2 batches
// exist, the one that next() gave included: whoever reads fast waits for whoever maps.
// Threads: next() belongs to one thread; `cut` and `parse` run in threads of this class, or, when
// it has none, inside next(). `parse` touches nothing but its batch and what never changes.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/result.h"

namespace eds::ingest {

template <class Batch>
class OrderedBatches {
 public:
  struct Steps {
    std::function<Batch()> make;              ///< an empty batch; filled again and again
    std::function<Result<bool>(Batch&)> cut;  ///< false: nothing follows this batch
    std::function<void(Batch&)> parse;
  };

  OrderedBatches(std::size_t thread_count, Steps steps) : steps_(std::move(steps)) {
    const std::size_t batch_count = thread_count == 0 ? 1 : thread_count + 2;
    for (std::size_t at = 0; at < batch_count; ++at) slots_.emplace_back(steps_.make());
    for (std::size_t at = 0; at < thread_count; ++at) {
      threads_.emplace_back([this] { work(); });
    }
  }
  OrderedBatches(const OrderedBatches&) = delete;
  OrderedBatches& operator=(const OrderedBatches&) = delete;
  ~OrderedBatches() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  /// The next batch, valid until next() is called again; nullptr behind the last one.
  Result<Batch*> next() {
    std::unique_lock<std::mutex> lock(mutex_);
    if (is_given_) {
      is_given_ = false;
      slot(given_).is_ready = false;
      ++given_;
      changed_.notify_all();
    }
    if (ended_ && given_ == cut_) {
      if (!failure_.ok()) return failure_.error();
      return static_cast<Batch*>(nullptr);
    }
    if (threads_.empty()) {
      const std::uint64_t number = begin_cut();
      lock.unlock();
      run(number);
      lock.lock();
    }
    changed_.wait(lock, [&] { return slot(given_).is_ready; });
    is_given_ = true;
    return &slot(given_).batch;
  }

 private:
  struct Slot {
    explicit Slot(Batch made) : batch(std::move(made)) {}
    Batch batch;
    bool is_ready = false;
  };
  Slot& slot(std::uint64_t number) { return slots_[number % slots_.size()]; }
  bool may_cut() const { return !is_cutting_ && !ended_ && cut_ - given_ < slots_.size(); }
  std::uint64_t begin_cut() {
    is_cutting_ = true;
    return cut_++;
  }

  // Cuts and parses the batch of that number; the lock is not held.
  void run(std::uint64_t number) {
    Batch& batch = slot(number).batch;
    Result<bool> more = steps_.cut(batch);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_cutting_ = false;
      if (!more.ok() || !*more) ended_ = true;
      if (!more.ok()) failure_ = std::move(more).error();
    }
    changed_.notify_all();
    steps_.parse(batch);
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      slot(number).is_ready = true;
    }
    changed_.notify_all();
  }

  void work() {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || ended_ || may_cut(); });
      if (stopped_ || ended_) return;
      const std::uint64_t number = begin_cut();
      lock.unlock();
      run(number);
    }
  }

  Steps steps_;
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t cut_ = 0;    ///< batches cut or being cut
  std::uint64_t given_ = 0;  ///< batches given back by next()
  bool is_cutting_ = false;
  bool is_given_ = false;
  bool ended_ = false;
  bool stopped_ = false;
  Status failure_;
  std::vector<std::thread> threads_;
};

}  // namespace eds::ingest
