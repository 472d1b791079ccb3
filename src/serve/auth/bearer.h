// BearerTokens: access tokens that programs send, as JSON Web Tokens of one issuer.
//
// Invariants: a token counts when its signature is one of the issuer's keys' under an algorithm of
// our list, its type is "at+jwt" (an identity token is none), its issuer, audience and times are
// right, it lasts an hour at most, and its scope lets its bearer read. What it lacks narrows;
// nothing in it gives a right that the account does not hold. Every refusal is the same to whoever
// sent it; the reason goes to the log, as fixed words. A key set that cannot be read takes no
// token. Threads: any. Source: RFC 6750, RFC 9068, RFC 8725; requirement id IAM-3; SMART App
// Launch 2.2 (scopes).
#pragma once

#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "format/jose/jws.h"
#include "govern/rights_store.h"
#include "serve/auth/gate.h"
#include "serve/auth/issuer_keys.h"

namespace eds::serve {

struct BearerOptions {
  std::string issuer;
  std::string audience;
  std::string strong_acr;  ///< values of "acr" that mean two factors, by spaces
};

class BearerTokens final : public TokenVerifier {
 public:
  BearerTokens(Env& env, govern::RightsStore& rights, IssuerKeys& keys, BearerOptions options);
  Result<govern::Principal> principal_of(std::string_view token) override;

 private:
  Result<govern::Principal> checked(std::string_view token);

  Env* env_;
  govern::RightsStore* rights_;
  IssuerKeys* keys_;
  BearerOptions options_;
};

}  // namespace eds::serve
