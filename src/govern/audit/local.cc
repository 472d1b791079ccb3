#include "govern/audit/local.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace eds::audit {
namespace {

class WritingAudit final : public LocalAudit {
 public:
  WritingAudit(Env& env, std::unique_ptr<Log> log, govern::Key digest_key)
      : env_(&env), log_(std::move(log)), digest_key_(std::move(digest_key)) {}

  Status append(const govern::AuditEvent& event) override;
  Status sign_if_due() override;
  std::string digest(std::string_view text) const override {
    return digest_under(digest_key_, text);
  }

 private:
  struct Waiting {
    const govern::AuditEvent* event = nullptr;
    bool is_done = false;
    Status status;
  };
  void lead(std::unique_lock<std::mutex>& lock);

  Env* env_;
  std::unique_ptr<Log> log_;
  govern::Key digest_key_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool has_leader_ = false;
};

Status WritingAudit::append(const govern::AuditEvent& event) {
  TRY(check_event(event));
  Waiting mine;
  mine.event = &event;
  std::unique_lock<std::mutex> lock(mutex_);
  queue_.push_back(&mine);
  while (!mine.is_done) {
    if (has_leader_) {
      changed_.wait(lock);
    } else {
      lead(lock);
    }
  }
  return mine.status;
}

// Whoever finds nobody writing writes for all who wait.
void WritingAudit::lead(std::unique_lock<std::mutex>& lock) {
  has_leader_ = true;
  std::vector<Waiting*> batch;
  std::vector<const govern::AuditEvent*> events;
  while (!queue_.empty() && batch.size() < kBatchEventsMax) {
    batch.push_back(queue_.front());
    events.push_back(queue_.front()->event);
    queue_.pop_front();
  }
  lock.unlock();
  const Status written = log_->append(events);
  lock.lock();
  for (Waiting* each : batch) {
    each->status = written;
    each->is_done = true;
  }
  has_leader_ = false;
  changed_.notify_all();
}

Status WritingAudit::sign_if_due() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (has_leader_) return {};  // Who writes signs, too.
  has_leader_ = true;
  lock.unlock();
  const std::optional<std::int64_t> due = log_->checkpoint_due_us();
  const Status done = due && *due <= env_->monotonic_us() ? log_->checkpoint() : Status();
  lock.lock();
  has_leader_ = false;
  changed_.notify_all();
  return done;
}

}  // namespace

Result<std::unique_ptr<LocalAudit>> open(Env& env, const govern::KeyRing& keys,
                                         const LogOptions& options) {
  std::unique_ptr<Log> log = TRY(Log::open(env, keys, options));
  return std::unique_ptr<LocalAudit>(
      new WritingAudit(env, std::move(log), keys.derive(govern::Purpose::AuditDigest)));
}

std::string digest_under(const govern::Key& key, std::string_view text) {
  return hex_of(keyed_mac(key, text)).substr(0, 16);
}

}  // namespace eds::audit
