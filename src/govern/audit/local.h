// The Audit that writes the log itself, from this process.
//
// Invariants: events that threads append at the same time share one write and one fsync; each
// append() returns only when its own event is durable, or says why it is not. An event that is not
// well formed is refused without harm to its neighbours.
// Threads: any number. Processes: any number, each with its own (see log.h).
#pragma once

#include <memory>

#include "govern/audit.h"
#include "govern/audit/log.h"

namespace eds::audit {

/// Events that share one fsync at most: 4096 x 400 B = 1.6 MB.
inline constexpr std::size_t kBatchEventsMax = 4096;

class LocalAudit : public govern::Audit {
 public:
  /// Signs a checkpoint when one is due and nobody is writing.
  virtual Status sign_if_due() = 0;
};

Result<std::unique_ptr<LocalAudit>> open(Env& env, const govern::KeyRing& keys,
                                         const LogOptions& options);

/// Sixteen hexadecimal digits that stand for a text under `key`.
std::string digest_under(const govern::Key& key, std::string_view text);

}  // namespace eds::audit
