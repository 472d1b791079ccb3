// Door: one act of somebody on the warehouse, and the events it leaves: at least one before the
// first byte of data goes out, exactly one that says what came of it, all under one request id.
//
// Invariants: pass() answers Done only when an event of this act is durable; whoever sends bytes
// calls it first, and sends none when it fails. close() leaves the closing event unless the act's
// own code has left it; a Door that nobody closed leaves "failed". What the rooms below say of the
// act (append()) bears its request id, origin and ground. A log that cannot be written is said to
// the operator, and the act does not happen.
// Threads: any number may append(); pass() and close() belong to the act's own thread.
// Source: requirement ids AUD-1, AUD-2 (docs/operating/audit.md).
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/env.h"
#include "govern/audit.h"

namespace eds::govern {

/// What is known of an act before it begins. `event` gives actor, action, ground, zone, reason (the
/// purpose), origin and on_behalf_of to every event of the act that does not have its own.
class Door final : public Audit {
 public:
  Door(Env& env, std::shared_ptr<Audit> audit, AuditEvent event);
  ~Door() override;
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  Status append(const AuditEvent& event) override;
  std::string digest(std::string_view text) const override { return audit_->digest(text); }

  /// Data is about to leave.
  Status pass();
  /// Rows that left, for the closing event.
  void add_rows(std::int64_t count) { row_count_ += count; }
  /// What the act is about, once it is known.
  void is_about(std::string object, AuditPersons persons);
  /// Somebody signed in: the act is theirs.
  void is_by(std::string actor, std::string ground);
  /// `reason` says why it was refused, or failed, in fixed words.
  Status close(Outcome outcome, std::string_view reason);
  const std::string& request_id() const { return event_.request_id; }

 private:
  AuditEvent stamped(const AuditEvent& event) const;
  Status say(const AuditEvent& event);

  std::shared_ptr<Audit> audit_;
  mutable std::mutex mutex_;
  AuditEvent event_;
  std::int64_t row_count_ = 0;
  bool has_passed_ = false;
  std::optional<Outcome> closed_;
};

}  // namespace eds::govern
