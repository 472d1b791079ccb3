#include "govern/audit/local.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace eds::audit {
namespace {

class LocalAudit final : public govern::Audit {
 public:
  LocalAudit(std::unique_ptr<Log> log, govern::Key digest_key)
      : log_(std::move(log)), digest_key_(std::move(digest_key)) {}

  Status append(const govern::AuditEvent& event) override;
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

  std::unique_ptr<Log> log_;
  govern::Key digest_key_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting*> queue_;
  bool has_leader_ = false;
};

Status LocalAudit::append(const govern::AuditEvent& event) {
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
void LocalAudit::lead(std::unique_lock<std::mutex>& lock) {
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

}  // namespace

Result<std::unique_ptr<govern::Audit>> open(Env& env, const govern::KeyRing& keys,
                                            const LogOptions& options) {
  std::unique_ptr<Log> log = TRY(Log::open(env, keys, options));
  return std::unique_ptr<govern::Audit>(
      new LocalAudit(std::move(log), keys.derive(govern::Purpose::AuditDigest)));
}

std::string digest_under(const govern::Key& key, std::string_view text) {
  return hex_of(keyed_mac(key, text)).substr(0, 16);
}

}  // namespace eds::audit
