#include "govern/scope.h"

#include <utility>

#include "govern/limits.h"

namespace eds::govern {

Scope::Scope(std::string actor, std::string purpose, std::string release)
    : actor_(std::move(actor)), purpose_(std::move(purpose)), release_(std::move(release)) {}

Governor::Governor(const KeyRing&, Audit& audit) : audit_(&audit) {}

Result<Scope> Governor::owner_scope(std::string_view actor, std::string_view purpose) {
  return owner_scope(actor, purpose, "");
}

Result<Scope> Governor::owner_scope(std::string_view actor, std::string_view purpose,
                                    std::string_view release) {
  AuditEvent event;
  event.actor = actor.empty() ? "unknown" : std::string(actor);
  event.action = "scope";
  event.object = "warehouse";
  event.release = release;
  event.reason = purpose;
  const bool stated = !actor.empty() && !purpose.empty();
  event.outcome = stated ? Outcome::Done : Outcome::Refused;
  TRY(audit_->append(event));
  if (!stated) return Error{Code::Refused, "reading needs an actor and a purpose"};
  return Scope(std::string(actor), std::string(purpose), std::string(release));
}

}  // namespace eds::govern
