#include "serve/auth/bearer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "format/jose/digest.h"
#include "serve/auth/identity_token.h"
#include "serve/auth/reason.h"

namespace eds::serve {
namespace {

constexpr std::int64_t kTokenSecondsMax = 3600;
// Any one of them: reading is all that the API does.
constexpr std::array<std::string_view, 5> kReadScopes = {"eds.read", "user/*.read", "user/*.rs",
                                                         "system/*.read", "system/*.rs"};

}  // namespace

BearerTokens::BearerTokens(Env& env, govern::RightsStore& rights, IssuerKeys& keys,
                           BearerOptions options)
    : env_(&env), rights_(&rights), keys_(&keys), options_(std::move(options)) {}

Result<govern::Principal> BearerTokens::checked(std::string_view token) {
  jose::JwtExpectation expected;
  expected.issuer = options_.issuer;
  expected.audience = options_.audience;
  expected.algorithms.assign(provider_algorithms().begin(), provider_algorithms().end());
  expected.type = "at+jwt";
  expected.now_s = env_->now_us() / 1'000'000;
  expected.lifetime_s_max = kTokenSecondsMax;
  const auto keys = TRY(keys_->keys_for(TRY(jose::key_id_of(token))));
  const jose::VerifiedJwt jwt = TRY(jose::verify_jwt(token, *keys, expected));
  const json::Value claims = jwt.claims.root();
  const std::string_view scope = claims.string_or("scope", "");
  const bool may_read = std::any_of(kReadScopes.begin(), kReadScopes.end(),
                                    [&](std::string_view word) { return has_word(scope, word); });
  if (!may_read) return Error{Code::Refused, "the token's scope does not let it read"};
  const std::string subject = options_.issuer + "|" + jwt.subject;
  const auto state = TRY(rights_->state());
  for (const govern::User& user : state->users) {
    if (user.subject != subject || user.is_disabled || jwt.subject.empty()) continue;
    const bool is_strong = has_word(options_.strong_acr, claims.string_or("acr", ""));
    return govern::Principal{user.id, user.name, is_strong ? 2 : 1, "bearer", ""};
  }
  return Error{Code::Refused, "no account in use has the token's subject"};
}

Result<govern::Principal> BearerTokens::principal_of(std::string_view token) {
  Result<govern::Principal> found = checked(token);
  if (found.ok()) return found;
  log::warning("serve", "bearer token refused",
               {{"code", found.error().code}, {"why", reason_label(found.error())}});
  return Error{Code::Refused, "this token is not taken"};
}

}  // namespace eds::serve
