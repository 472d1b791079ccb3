#include "serve/auth/identity_token.h"

#include <algorithm>
#include <array>

#include "format/jose/digest.h"
#include "format/jose/jws.h"

namespace eds::serve {
namespace {

constexpr std::array kAlgorithms = {jose::Algorithm::EdDSA, jose::Algorithm::ES256,
                                    jose::Algorithm::ES384, jose::Algorithm::PS256,
                                    jose::Algorithm::RS256};
constexpr std::int64_t kLeewaySeconds = 60;
/// Core 1.0, section 2: "sub ... MUST NOT exceed 255 ASCII characters".
constexpr std::size_t kSubjectBytesMax = 255;
constexpr std::int64_t kTokenSecondsMax = 86'400;
/// Logout 1.0, section 2.4 recommends two minutes at most.
constexpr std::int64_t kLogoutSecondsMax = 300;
constexpr std::string_view kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

bool is_subject(std::string_view subject) {
  return !subject.empty() && subject.size() <= kSubjectBytesMax &&
         std::all_of(subject.begin(), subject.end(),
                     [](char letter) { return letter > ' ' && letter < 127; });
}

// A token for others as well could be one that others passed on.
bool is_for_us_alone(const json::Value& claims, std::string_view client) {
  const auto audience = claims.find("aud");
  const bool is_alone =
      audience && (audience->type() == json::Type::String ||
                   (audience->type() == json::Type::Array && audience->size() == 1));
  const auto party = claims.find("azp");
  const bool is_ours =
      !party || (party->type() == json::Type::String && party->string().value() == client);
  return is_alone && is_ours;
}

Status check_access_token_hash(const json::Value& claims, const jose::VerifiedJws& jws,
                               std::string_view access_token) {
  const auto hash = claims.find("at_hash");
  if (!hash) return {};  // Core 1.0, section 3.1.3.6: optional in this flow.
  const std::string wanted = TRY(jose::access_token_hash(jws.algorithm, access_token));
  if (hash->type() == json::Type::String && hash->string().value() == wanted) return {};
  return Error{Code::Refused, "the identity token goes with another access token"};
}

Result<std::int64_t> proof_time(const json::Value& claims, const IdentityExpectation& expected) {
  const auto found = claims.find("auth_time");
  if (!found) return Error{Code::Refused, "the identity token does not say when its person came"};
  const double seconds = TRY(found->number());
  if (!(seconds >= 0 && seconds < 1e11)) {
    return Error{Code::Malformed, "the identity token has an absurd time"};
  }
  const auto proved = static_cast<std::int64_t>(seconds);
  if (proved > expected.now_s + kLeewaySeconds) {
    return Error{Code::Refused, "the identity token's person comes from the future"};
  }
  if (expected.now_s - proved > expected.proof_seconds_max + kLeewaySeconds) {
    return Error{Code::Refused, "the person proved to be there too long ago"};
  }
  return std::min(proved, expected.now_s);
}

bool is_strong(const json::Value& claims, const IdentityExpectation& expected) {
  if (has_word(expected.strong_acr, claims.string_or("acr", ""))) return true;
  const auto methods = claims.find("amr");
  if (!methods || methods->type() != json::Type::Array) return false;
  for (const json::Value one : methods->elements()) {
    const bool is_text = one.type() == json::Type::String;
    if (is_text && has_word(expected.strong_amr, one.string().value())) return true;
  }
  return false;
}

Result<jose::VerifiedJwt> verified(std::string_view token, IssuerKeys& keys,
                                   const jose::JwtExpectation& expected) {
  const auto set = TRY(keys.keys_for(TRY(jose::key_id_of(token))));
  return jose::verify_jwt(token, *set, expected);
}

jose::JwtExpectation expectation(const std::string& issuer, const std::string& client,
                                 std::int64_t now_s) {
  jose::JwtExpectation wanted;
  wanted.issuer = issuer;
  wanted.audience = client;
  wanted.algorithms.assign(kAlgorithms.begin(), kAlgorithms.end());
  wanted.now_s = now_s;
  wanted.leeway_s = kLeewaySeconds;
  return wanted;
}

}  // namespace

std::span<const jose::Algorithm> provider_algorithms() {
  return kAlgorithms;
}

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (words.substr(0, end) == word && !word.empty()) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

Result<IdentityToken> check_identity_token(std::string_view token, IssuerKeys& keys,
                                           const IdentityExpectation& expected) {
  ENSURE(!expected.nonce.empty() && !expected.client.empty());
  jose::JwtExpectation wanted = expectation(expected.issuer, expected.client, expected.now_s);
  wanted.nonce = expected.nonce;
  wanted.lifetime_s_max = kTokenSecondsMax;
  const jose::VerifiedJwt jwt = TRY(verified(token, keys, wanted));
  const json::Value claims = jwt.claims.root();
  // Access tokens and logout tokens of the same issuer say what they are.
  if (!jwt.jws.type.empty() && jwt.jws.type != "JWT" && jwt.jws.type != "jwt") {
    return Error{Code::Refused, "token is of another kind"};
  }
  if (claims.find("events")) return Error{Code::Refused, "token is of another kind"};
  if (!claims.find("iat")) return Error{Code::Refused, "the identity token does not say its age"};
  if (!is_for_us_alone(claims, expected.client)) {
    return Error{Code::Refused, "the identity token is for others too"};
  }
  if (!is_subject(jwt.subject)) return Error{Code::Refused, "the identity token names nobody"};
  TRY(check_access_token_hash(claims, jwt.jws, expected.access_token));
  IdentityToken said;
  said.subject = jwt.subject;
  said.proved_s = TRY(proof_time(claims, expected));
  said.factors = is_strong(claims, expected) ? 2 : 1;
  return said;
}

Result<LogoutToken> check_logout_token(std::string_view token, IssuerKeys& keys,
                                       const std::string& issuer, const std::string& client,
                                       std::int64_t now_s) {
  jose::JwtExpectation wanted = expectation(issuer, client, now_s);
  wanted.lifetime_s_max = kLogoutSecondsMax;
  wanted.type = "logout+jwt";
  const jose::VerifiedJwt jwt = TRY(verified(token, keys, wanted));
  const json::Value claims = jwt.claims.root();
  const auto events = claims.find("events");
  const auto event = events ? events->find(kLogoutEvent) : std::nullopt;
  const bool is_logout = event && event->type() == json::Type::Object;
  // A nonce is what an identity token has: one must never pass for the other.
  if (!is_logout || claims.find("nonce") || !claims.find("iat") || jwt.jwt_id.empty()) {
    return Error{Code::Refused, "token asks for no sign-out"};
  }
  if (!is_subject(jwt.subject)) return Error{Code::Refused, "the sign-out names nobody"};
  return LogoutToken{jwt.subject, jwt.jwt_id, jwt.expires_s};
}

}  // namespace eds::serve
