// Signed tokens: JWS in compact form, and the JWT claims inside.
//
// Invariants: what verify() returns was signed by a key of the set under an algorithm of the
// caller's list. Keys named by the token itself (jwk, x5c, jku, x5u) are never looked at, "none"
// cannot be spelled, a critical extension we do not know refuses the token, and so does a header
// that says a thing twice. The reasons are for the operator's log; whoever sent the token is told
// nothing but no.
// Threads: pure functions. Source: RFC 7515, RFC 7519, RFC 8725 (best current practices).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/jose/key.h"

namespace eds::jose {

/// Providers' access tokens with many groups reach 8 KiB; 32 KiB leaves room and bounds the work.
inline constexpr std::size_t kTokenBytesMax = 32 * 1024;

struct VerifiedJws {
  Algorithm algorithm = Algorithm::EdDSA;
  std::string key_id;
  std::string type;  ///< the header's "typ", "" when absent
  std::string payload;
};

/// Code::Limit, Code::Malformed or Code::Refused.
Result<VerifiedJws> verify_jws(std::string_view compact, const KeySet& keys,
                               std::span<const Algorithm> allowed);

/// A compact JWS of `payload`, its header holding alg, kid and typ.
Result<std::string> sign_jws(const Jwk& key, Algorithm algorithm, std::string_view type,
                             std::string_view payload);

struct JwtExpectation {
  std::string issuer;                   ///< iss must be this
  std::string audience;                 ///< aud must be or hold this
  std::vector<Algorithm> algorithms;    ///< the issuer's, never all
  std::string type;                     ///< typ must be this (without "application/"), "" for any
  std::string nonce;                    ///< nonce must be this, "" when none was sent
  std::int64_t now_s = 0;               ///< seconds since 1970
  std::int64_t leeway_s = 60;           ///< clocks of two machines differ
  std::int64_t lifetime_s_max = 86400;  ///< exp - iat above this is refused
};

struct VerifiedJwt {
  VerifiedJws jws;
  json::Document claims;
  std::string subject;
  std::string jwt_id;  ///< "" when the token has none; the caller's replay check keeps it
  std::int64_t issued_s = 0;
  std::int64_t expires_s = 0;
};

/// Signature, then iss, aud, exp (required), nbf, iat, typ and nonce.
Result<VerifiedJwt> verify_jwt(std::string_view compact, const KeySet& keys,
                               const JwtExpectation& expected);

}  // namespace eds::jose
