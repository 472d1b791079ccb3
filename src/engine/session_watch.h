// ScopeWatch: ends a session's queries when the rights behind its scope end.
//
// Invariants: it asks at least once a second, on its own thread; once the answer was no it stays
// no, the running statement is interrupted and rows that wait are not given (HAB-7: 5 s at most).
// Threads: one inside; made and destroyed by the session's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.h"
#include "duck/duck.h"

namespace eds::engine {

class ScopeWatch {
 public:
  /// `holds` tells whether the scope still does; `interrupt` ends what runs. Both from its thread.
  ScopeWatch(std::function<bool()> holds, std::function<void()> interrupt);
  ~ScopeWatch();
  ScopeWatch(const ScopeWatch&) = delete;
  ScopeWatch& operator=(const ScopeWatch&) = delete;

  /// Asks at once. Code::Refused when the scope ended.
  Status check();
  /// A watch over one statement that also says when the scope ended.
  std::unique_ptr<duck::Watch> besides(std::unique_ptr<duck::Watch> other) const;

 private:
  void run();

  std::function<bool()> holds_;
  std::function<void()> interrupt_;
  std::shared_ptr<std::atomic<bool>> ended_ = std::make_shared<std::atomic<bool>>(false);
  std::mutex mutex_;
  std::condition_variable wake_;
  bool done_ = false;
  std::thread thread_;
};

}  // namespace eds::engine
