#include "govern/audit.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "govern/limits.h"
#include "govern/sealing.h"

namespace eds::govern {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done: return "done";
    case Outcome::Refused: return "refused";
    case Outcome::Failed: return "failed";
    case Outcome::Begun: return "begun";
  }
  return "failed";
}

AuditPersons AuditPersons::of(std::vector<std::int64_t> ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  AuditPersons set;
  set.count = ids.size();
  if (ids.size() <= kAuditPersonsMax) {
    set.ids = std::move(ids);
    return set;
  }
  // SHA-256 of the ids in decimal, ascending, each followed by a line break.
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (const std::int64_t id : ids) {
    const std::string text = std::to_string(id) + "\n";
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                              text.size());
  }
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256_final(&state, hash.data());
  set.hash = hex_of(hash);
  return set;
}

Status RequestAudit::append(const AuditEvent& event) {
  AuditEvent stamped = event;
  if (stamped.request_id.empty()) stamped.request_id = request_id_;
  if (stamped.origin.empty()) stamped.origin = origin_;
  return audit_->append(stamped);
}

}  // namespace eds::govern
