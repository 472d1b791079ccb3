// AuditForTest: an Audit that keeps its events in memory, for tests of what leaves them.
// Included by tests only.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "govern/audit.h"

namespace eds::govern {

class AuditForTest final : public Audit {
 public:
  Status append(const AuditEvent& event) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure.ok()) return failure;
    events.push_back(event);
    return {};
  }
  std::string digest(std::string_view text) const override {
    return std::to_string(std::hash<std::string_view>()(text));
  }

  std::vector<AuditEvent> events;
  Status failure;  ///< what append() answers instead

 private:
  std::mutex mutex_;
};

}  // namespace eds::govern
