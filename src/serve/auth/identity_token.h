// IdentityToken: what a sign-in provider says of who has just signed in.
//
// Invariants: what check_identity_token() returns was signed by the provider for us alone, answers
// the very request whose nonce is given, goes with the access token beside it, and says when its
// person last proved to be there, which is not longer ago than was asked for. Messages are fixed
// words, for the log.
// Threads: pure functions. Source: OpenID Connect Core 1.0 sections 2, 3.1.3.7, 3.1.3.8; RFC 8725;
// RFC 8176 (amr).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "serve/auth/issuer_keys.h"

namespace eds::serve {

/// The algorithms under which tokens of a provider count: none that shares its secret.
std::span<const jose::Algorithm> provider_algorithms();

struct IdentityExpectation {
  std::string issuer;
  std::string client;
  std::string nonce;
  std::string access_token;
  std::string strong_acr;  ///< values of "acr" that mean two factors, by spaces
  std::string strong_amr;  ///< values of "amr" any of which does, by spaces
  std::int64_t now_s = 0;
  std::int64_t proof_seconds_max = 0;  ///< so long ago the person proved to be there, at most
};

struct IdentityToken {
  std::string subject;
  int factors = 1;
  std::int64_t proved_s = 0;  ///< "auth_time"
};

Result<IdentityToken> check_identity_token(std::string_view token, IssuerKeys& keys,
                                           const IdentityExpectation& expected);

struct LogoutToken {
  std::string subject;
  std::string token_id;
  std::int64_t expires_s = 0;
};

/// OpenID Connect Back-Channel Logout 1.0, section 2.6: who is to be signed out.
Result<LogoutToken> check_logout_token(std::string_view token, IssuerKeys& keys,
                                       const std::string& issuer, const std::string& client,
                                       std::int64_t now_s);

/// Whether `word` stands in `words`, which are separated by spaces.
bool has_word(std::string_view words, std::string_view word);

}  // namespace eds::serve
