#include "serve/auth/provider.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "format/json/json_reader.h"
#include "serve/auth/gate.h"

namespace eds::serve {
namespace {

constexpr std::string_view kSecure = "https://";
constexpr std::string_view kPlain = "http://";

Error unavailable() {
  return Error{Code::Unavailable, "the sign-in provider cannot be reached: try again"};
}

std::string_view host_of(std::string_view address) {
  const std::size_t start = address.find("://");
  if (start == std::string_view::npos) return {};
  const std::string_view rest = address.substr(start + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

bool lists(const json::Value& document, std::string_view name, std::string_view wanted) {
  const auto list = document.find(name);
  if (!list) return false;
  for (const json::Value one : list->elements()) {
    if (one.type() == json::Type::String && one.string().value() == wanted) return true;
  }
  return false;
}

Result<std::string> address_at(const json::Value& document, std::string_view name,
                               std::string_view issuer) {
  std::string address(document.string_or(name, ""));
  if (address.empty()) return Error{Code::Malformed, "the discovery document lacks an address"};
  if (!is_allowed_address(address, issuer)) {
    return Error{Code::Refused, "the discovery document names an address that is not https"};
  }
  return address;
}

// The reason as fixed words: messages of this room end before any value.
log::Label why_of(const Error& error) {
  std::string words = error.message.substr(0, error.message.find(':'));
  std::replace(words.begin(), words.end(), ' ', '-');
  return log::Label(words);
}

}  // namespace

bool is_allowed_address(std::string_view address, std::string_view issuer) {
  const bool is_plain_text = std::all_of(address.begin(), address.end(),
                                         [](char letter) { return letter > ' ' && letter < 127; });
  const std::string_view host = host_of(address);
  // A name before an @ is no host of ours to send a secret to.
  if (!is_plain_text || host.empty() || host.find('@') != std::string_view::npos) return false;
  if (address.starts_with(kSecure)) return true;
  return address.starts_with(kPlain) && is_loopback(host) && issuer.starts_with(kPlain) &&
         is_loopback(host_of(issuer));
}

Result<ProviderFacts> parse_discovery(std::string_view json, std::string_view issuer) {
  const json::Document document = TRY(json::Document::parse(json));
  const json::Value root = document.root();
  ProviderFacts facts;
  facts.issuer = std::string(root.string_or("issuer", ""));
  // Discovery 1.0, section 4.3: "MUST be identical".
  if (facts.issuer != issuer) {
    return Error{Code::Refused, "the discovery document is another issuer's"};
  }
  facts.authorization = TRY(address_at(root, "authorization_endpoint", issuer));
  facts.token = TRY(address_at(root, "token_endpoint", issuer));
  facts.keys = TRY(address_at(root, "jwks_uri", issuer));
  if (root.find("end_session_endpoint")) {
    facts.end_session = TRY(address_at(root, "end_session_endpoint", issuer));
  }
  if (!lists(root, "response_types_supported", "code")) {
    return Error{Code::Refused, "the provider does not offer the authorization code flow"};
  }
  // Some providers take PKCE without saying so; one that lists methods without ours does not.
  if (root.find("code_challenge_methods_supported") &&
      !lists(root, "code_challenge_methods_supported", "S256")) {
    return Error{Code::Refused, "the provider does not offer PKCE with S256"};
  }
  const bool says_methods = root.find("token_endpoint_auth_methods_supported").has_value();
  facts.takes_basic =
      !says_methods || lists(root, "token_endpoint_auth_methods_supported", "client_secret_basic");
  if (!facts.takes_basic &&
      !lists(root, "token_endpoint_auth_methods_supported", "client_secret_post")) {
    return Error{Code::Refused, "the provider takes no client secret"};
  }
  facts.names_itself = root.boolean_or("authorization_response_iss_parameter_supported", false);
  return facts;
}

Provider::Provider(Env& env, WebClient& web, std::string issuer)
    : env_(&env), web_(&web), issuer_(std::move(issuer)) {}

template <class T>
Provider::Kept<T> Provider::look(const Kept<T>& kept) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return kept;
}

template <class T>
void Provider::keep(Kept<T>& kept, const Result<std::shared_ptr<const T>>& fetched) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::int64_t now = env_->monotonic_us();
  kept.failed_us = fetched.ok() ? 0 : now;
  if (!fetched.ok()) return;
  kept.value = *fetched;
  kept.at_us = now;
}

Result<std::shared_ptr<const ProviderFacts>> Provider::fetch_facts() {
  std::string_view base = issuer_;
  if (base.ends_with('/')) base.remove_suffix(1);
  WebQuestion question;
  question.address = std::string(base) + "/.well-known/openid-configuration";
  question.answer_bytes_max = kDiscoveryBytesMax;
  const WebAnswer answer = TRY(web_->ask(question));
  if (answer.status != 200 || answer.media_type != "application/json") {
    return Error{Code::Unavailable, "the provider answers discovery with something else"};
  }
  return std::make_shared<const ProviderFacts>(TRY(parse_discovery(answer.body, issuer_)));
}

Result<std::shared_ptr<const jose::KeySet>> Provider::fetch_keys(const std::string& address) {
  WebQuestion question;
  question.address = address;
  question.answer_bytes_max = jose::kKeySetBytesMax;
  const WebAnswer answer = TRY(web_->ask(question));
  const bool is_json =
      answer.media_type == "application/json" || answer.media_type == "application/jwk-set+json";
  if (answer.status != 200 || !is_json) {
    return Error{Code::Unavailable, "the provider answers the keys' address with something else"};
  }
  return parse_public_keys(answer.body);
}

Result<std::shared_ptr<const ProviderFacts>> Provider::facts() {
  const auto is_fresh = [this](const Kept<ProviderFacts>& kept) {
    return kept.value != nullptr && env_->monotonic_us() - kept.at_us < kFactsUs;
  };
  Kept<ProviderFacts> kept = look(facts_);
  if (is_fresh(kept)) return kept.value;
  const bool has_just_failed =
      kept.failed_us != 0 && env_->monotonic_us() - kept.failed_us < kRetryUs;
  const std::unique_lock<std::mutex> turn(fetching_, std::try_to_lock);
  if (!has_just_failed && turn.owns_lock()) {
    const Result<std::shared_ptr<const ProviderFacts>> fetched = fetch_facts();
    keep(facts_, fetched);
    if (!fetched.ok()) {
      log::warning("sign-in", "the provider's discovery document cannot be used",
                   {{"code", fetched.error().code}, {"why", why_of(fetched.error())}});
    }
    kept = look(facts_);
  }
  // What the provider said before stays true until it says something else.
  if (kept.value == nullptr) return unavailable();
  return kept.value;
}

bool Provider::may_fetch_extra() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::int64_t now = env_->monotonic_us();
  const auto oldest = std::min_element(extra_us_.begin(), extra_us_.end());
  if (*oldest != 0 && now - *oldest < kExtraFetchesUs) return false;
  *oldest = now;
  return true;
}

Result<std::shared_ptr<const jose::KeySet>> Provider::keys_for(std::string_view key_id) {
  Kept<jose::KeySet> kept = look(keys_);
  const std::int64_t now = env_->monotonic_us();
  const bool has_any = kept.value != nullptr;
  const bool is_fresh = has_any && now - kept.at_us < kKeysUs;
  const bool is_known = key_id.empty() || (has_any && kept.value->find(key_id) != nullptr);
  if (is_fresh && is_known) return kept.value;
  const bool has_just_failed = kept.failed_us != 0 && now - kept.failed_us < kRetryUs;
  if (!has_just_failed && (!is_fresh || may_fetch_extra())) {
    const std::shared_ptr<const ProviderFacts> known = TRY(facts());
    const std::unique_lock<std::mutex> turn(fetching_, std::try_to_lock);
    if (turn.owns_lock()) {
      const Result<std::shared_ptr<const jose::KeySet>> fetched = fetch_keys(known->keys);
      keep(keys_, fetched);
      if (!fetched.ok()) {
        log::warning("sign-in", "the provider's keys cannot be used",
                     {{"code", fetched.error().code}, {"why", why_of(fetched.error())}});
      }
      kept = look(keys_);
    }
  }
  const bool counts = kept.value != nullptr && env_->monotonic_us() - kept.at_us < kKeysUsMax;
  if (!counts) return unavailable();
  return kept.value;
}

}  // namespace eds::serve
