// A permit as a signed object: what the direction approved, in a form that whoever reads data can
// check without trusting the database it lies in.
//
// Invariants: sign_permit() signs exactly what verify_permit() gives back; a token altered,
// expired, not begun or signed by another key gives nothing. Threads: pure functions. Source:
// requirement GOV-6; Regulation (EU) 2025/327, article 73; RFC 7515 with Ed25519.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/jose/key.h"
#include "govern/permit.h"

namespace eds::govern {

/// Code::Usage when check_permit() refuses it.
Result<std::string> sign_permit(const jose::Jwk& key, const Permit& permit);

/// The permit, when the token is sound, its period holds `now_us` and check_permit() agrees. The
/// state is not part of the token: it changes; what comes back says Draft.
Result<Permit> verify_permit(const jose::KeySet& keys, std::string_view token, std::int64_t now_us);

/// The terms as JSON, and back, complete or not: what drafts are kept as and tokens hold.
std::string terms_json(const Permit& permit);
Result<Permit> parse_terms(std::string_view json);

/// Whether two permits allow the same: every field but id and state, lists in whatever order.
bool same_terms(const Permit& one, const Permit& other);

}  // namespace eds::govern
