#include "serve/auth/bearer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"

namespace eds::serve {
namespace {

constexpr std::array kAlgorithms = {jose::Algorithm::EdDSA, jose::Algorithm::ES256,
                                    jose::Algorithm::ES384, jose::Algorithm::PS256,
                                    jose::Algorithm::RS256};
constexpr std::int64_t kTokenSecondsMax = 3600;
// Any one of them: reading is all that the API does.
constexpr std::array<std::string_view, 5> kReadScopes = {"eds.read", "user/*.read", "user/*.rs",
                                                         "system/*.read", "system/*.rs"};

bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (words.substr(0, end) == word && !word.empty()) return true;
    if (end == std::string_view::npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace

BearerTokens::BearerTokens(Env& env, govern::RightsStore& rights, BearerOptions options)
    : env_(&env), rights_(&rights), options_(std::move(options)) {}

Status BearerTokens::read_keys() {
  if (options_.audience.empty() || options_.keys.empty()) {
    return Error{Code::Usage,
                 "sign_in.issuer needs sign_in.audience and sign_in.issuer_keys in eds.toml"};
  }
  const auto read = keys();
  if (!read.ok()) return Error{Code::Usage, "sign_in.issuer_keys: " + read.error().message};
  return {};
}

Result<std::shared_ptr<const jose::KeySet>> BearerTokens::keys() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const FileInfo now = TRY(env_->info(options_.keys));
  const bool is_same = now.modified_us == read_.modified_us && now.bytes == read_.bytes;
  if (keys_ != nullptr && is_same) return keys_;
  // Keys that were taken out must not live on because their successors cannot be read.
  keys_ = nullptr;
  const std::string text = TRY(env_->read_all(options_.keys, jose::kKeySetBytesMax));
  jose::KeySet parsed = TRY(jose::KeySet::parse(text));
  for (const jose::Jwk& key : parsed.keys()) {
    if (key.is_symmetric() || key.has_private_part()) {
      return Error{Code::Refused, "the key set holds a secret: it takes public keys alone"};
    }
  }
  keys_ = std::make_shared<const jose::KeySet>(std::move(parsed));
  read_ = now;
  return keys_;
}

Result<govern::Principal> BearerTokens::checked(std::string_view token) {
  jose::JwtExpectation expected;
  expected.issuer = options_.issuer;
  expected.audience = options_.audience;
  expected.algorithms.assign(kAlgorithms.begin(), kAlgorithms.end());
  expected.type = "at+jwt";
  expected.now_s = env_->now_us() / 1'000'000;
  expected.lifetime_s_max = kTokenSecondsMax;
  const std::shared_ptr<const jose::KeySet> keys = TRY(this->keys());
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
  std::string why = found.error().message.substr(0, found.error().message.find(':'));
  std::replace(why.begin(), why.end(), ' ', '-');
  log::warning("serve", "bearer token refused",
               {{"code", found.error().code}, {"why", log::Label(why)}});
  return Error{Code::Refused, "this token is not taken"};
}

}  // namespace eds::serve
