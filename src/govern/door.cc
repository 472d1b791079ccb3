#include "govern/door.h"

#include <array>

#include "base/log.h"
#include "govern/sealing.h"

namespace eds::govern {
namespace {

void fill(std::string& field, const std::string& from) {
  if (field.empty()) field = from;
}

}  // namespace

Door::Door(Env& env, std::shared_ptr<Audit> audit, AuditEvent event)
    : audit_(std::move(audit)), event_(std::move(event)) {
  std::array<std::uint8_t, 8> random{};
  env.random_bytes(random);
  if (event_.request_id.empty()) event_.request_id = hex_of(random);
}

Door::~Door() {
  if (!closed_) static_cast<void>(close(Outcome::Failed, "ended early"));
}

AuditEvent Door::stamped(const AuditEvent& event) const {
  AuditEvent full = event;
  fill(full.actor, event_.actor);
  fill(full.origin, event_.origin);
  fill(full.ground, event_.ground);
  fill(full.on_behalf_of, event_.on_behalf_of);
  fill(full.request_id, event_.request_id);
  if (full.action != event_.action) return full;
  fill(full.zone, event_.zone);
  fill(full.reason, event_.reason);
  fill(full.object, event_.object);
  fill(full.release, event_.release);
  if (full.persons.count == 0) full.persons = event_.persons;
  return full;
}

Status Door::say(const AuditEvent& event) {
  const Status done = audit_->append(event);
  if (done.ok()) return done;
  log::write(log::Level::Error, "audit", "event could not be written, so the act is denied",
             {{"code", done.error().code}});
  return done.error().within("the audit cannot hold this, so it does not happen");
}

Status Door::append(const AuditEvent& event) {
  const std::lock_guard<std::mutex> lock(mutex_);
  AuditEvent full = stamped(event);
  const bool is_own = event.action == event_.action;
  if (is_own && event.row_count == 0) full.row_count = row_count_;
  TRY(say(full));
  if (!is_own) return {};
  if (!event.object.empty()) event_.object = event.object;
  if (!event.release.empty()) event_.release = event.release;
  if (event.persons.count > 0) event_.persons = event.persons;
  if (event.outcome == Outcome::Begun || event.outcome == Outcome::Done) has_passed_ = true;
  if (event.outcome != Outcome::Begun) closed_ = event.outcome;
  return {};
}

Status Door::pass() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (has_passed_) return {};
  AuditEvent event = event_;
  event.outcome = Outcome::Begun;
  TRY(say(event));
  has_passed_ = true;
  return {};
}

void Door::is_about(std::string object, AuditPersons persons) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!object.empty()) event_.object = std::move(object);
  if (persons.count > 0) event_.persons = std::move(persons);
}

void Door::is_by(std::string actor, std::string ground) {
  const std::lock_guard<std::mutex> lock(mutex_);
  event_.actor = std::move(actor);
  event_.ground = std::move(ground);
}

Status Door::close(Outcome outcome, std::string_view reason) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ == outcome || (closed_ && outcome == Outcome::Failed && *closed_ != Outcome::Done)) {
    return {};
  }
  AuditEvent event = event_;
  event.outcome = outcome;
  event.row_count = row_count_;
  if (!reason.empty()) event.reason = reason;
  closed_ = outcome;
  return say(event);
}

}  // namespace eds::govern
