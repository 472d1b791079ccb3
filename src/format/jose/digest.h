// Digests that sign-in protocols compute beside signatures, and the one look into a token that
// comes before its check.
//
// Invariants: what key_id_of() answers was not checked by anybody; it may choose which keys to
// fetch, and nothing else. Threads: pure functions.
// Source: RFC 7636 section 4.2 (code challenge), OpenID Connect Core 1.0 section 3.1.3.6 (at_hash),
// RFC 4648 section 4.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "format/jose/key.h"

namespace eds::jose {

/// The 32 bytes of SHA-256.
Result<std::string> sha256(std::string_view bytes);

/// What an identity token's at_hash must be: the left half of the access token's hash, by the hash
/// of the identity token's own algorithm, in base64url.
Result<std::string> access_token_hash(Algorithm algorithm, std::string_view access_token);

/// "kid" of a token's header, "" when absent. Code::Malformed when there is no header.
Result<std::string> key_id_of(std::string_view compact);

/// Base64 with padding, as HTTP's Basic scheme wants it.
std::string base64_encode(std::string_view bytes);

}  // namespace eds::jose
