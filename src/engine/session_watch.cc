#include "engine/session_watch.h"

#include <chrono>
#include <utility>

namespace eds::engine {
namespace {

// Five seconds are allowed (HAB-7): half a second leaves room for a loaded machine.
constexpr std::chrono::milliseconds kPeriod{500};

class StatementWatch final : public duck::Watch {
 public:
  StatementWatch(std::shared_ptr<const std::atomic<bool>> ended, std::unique_ptr<duck::Watch> other)
      : ended_(std::move(ended)), other_(std::move(other)) {}
  Status allows_more() override {
    if (*ended_) return over();
    return other_->allows_more();
  }
  Error in_words(Error error) override {
    return *ended_ ? over() : other_->in_words(std::move(error));
  }

 private:
  static Error over() {
    return Error{Code::Refused, "the rights behind this query ended while it ran"};
  }
  std::shared_ptr<const std::atomic<bool>> ended_;
  std::unique_ptr<duck::Watch> other_;
};

}  // namespace

std::unique_ptr<duck::Watch> ScopeWatch::besides(std::unique_ptr<duck::Watch> other) const {
  return std::make_unique<StatementWatch>(ended_, std::move(other));
}

ScopeWatch::ScopeWatch(std::function<bool()> holds, std::function<void()> interrupt)
    : holds_(std::move(holds)), interrupt_(std::move(interrupt)) {
  thread_ = std::thread([this] { run(); });
}

ScopeWatch::~ScopeWatch() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void ScopeWatch::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!wake_.wait_for(lock, kPeriod, [this] { return done_; })) {
    if (!*ended_ && !holds_()) *ended_ = true;
    // Again each time: a statement may have begun between the answer and the interrupt.
    if (*ended_) interrupt_();
  }
}

Status ScopeWatch::check() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!*ended_ && !holds_()) *ended_ = true;
  if (*ended_) return Error{Code::Refused, "the rights behind this session ended"};
  return {};
}

}  // namespace eds::engine
