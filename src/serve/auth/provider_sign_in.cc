#include "serve/auth/provider_sign_in.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/admission.h"
#include "base/ascii.h"
#include "base/log.h"
#include "format/jose/base64url.h"
#include "format/jose/digest.h"
#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "serve/auth/form.h"
#include "serve/auth/reason.h"

namespace eds::serve {
namespace {

constexpr std::string_view kSealedAs = "sign-in keepsake 1";
constexpr std::size_t kPageBytesMax = 200;
constexpr std::size_t kCodeBytesMax = 4096;
/// A provider must not hand out an identity on the strength of a screen left open on a ward.
constexpr std::int64_t kStepUpSecondsMax = 60;

govern::Key fresh_key(Env& env) {
  govern::Key key;
  env.random_bytes(key.writable_bytes());
  return key;
}

Arrived outcome_of(const Error& error) {
  const bool is_away = error.code == Code::Unavailable || error.code == Code::Limit;
  return is_away ? Arrived::Unavailable : Arrived::Refused;
}

// Keeps `what` until `until`; false when it was there. Bounded: the one that ends first goes.
bool remember(std::map<std::string, std::int64_t>& kept, const std::string& what,
              std::int64_t until, std::int64_t now) {
  for (auto each = kept.begin(); each != kept.end();) {
    each = each->second < now ? kept.erase(each) : std::next(each);
  }
  if (kept.count(what) != 0) return false;
  if (kept.size() >= kDeparturesMax) {
    kept.erase(std::min_element(kept.begin(), kept.end(), [](const auto& one, const auto& other) {
      return one.second < other.second;
    }));
  }
  kept.emplace(what, until);
  return true;
}

}  // namespace

std::string_view arrived_name(Arrived arrived) {
  switch (arrived) {
    case Arrived::In: return "in";
    case Arrived::Expired: return "expired";
    case Arrived::Refused: return "refused";
    case Arrived::NoAccount: return "no-account";
    case Arrived::Unavailable: return "unavailable";
  }
  return "refused";
}

std::string own_page(std::string_view page) {
  const bool is_plain = std::all_of(page.begin(), page.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '/' || letter == '-' || letter == '_';
  });
  const bool is_own = page.starts_with('/') && !page.starts_with("//") &&
                      !page.starts_with("/api/") && page.size() <= kPageBytesMax;
  return is_plain && is_own ? std::string(page) : "/";
}

// What a departure leaves with its browser, sealed.
struct ProviderSignIn::Kept {
  std::string state, nonce, verifier, page, ticket;
  std::int64_t left_s = 0;
};

ProviderSignIn::ProviderSignIn(Env& env, Provider& provider, govern::RightsStore& rights,
                               govern::SessionStore& sessions, ProviderOptions options)
    : env_(&env),
      provider_(&provider),
      rights_(&rights),
      sessions_(&sessions),
      options_(std::move(options)),
      sealer_(env, fresh_key(env)) {}

std::string ProviderSignIn::random_text() {
  std::array<std::uint8_t, 32> bytes{};
  env_->random_bytes(bytes);
  return jose::base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<ProviderSignIn::Departure> ProviderSignIn::leave(std::string_view page,
                                                        std::string_view ticket) {
  const auto facts = TRY(provider_->facts());
  const std::string state = random_text();
  const std::string nonce = random_text();
  const std::string verifier = random_text();
  const std::string challenge = jose::base64url_encode(TRY(jose::sha256(verifier)));
  const std::int64_t age_max =
      ticket.empty() ? sessions_->limits().whole_us / 1'000'000 : kStepUpSecondsMax;
  Departure departure;
  // "max_age" makes the provider say when its person last proved to be there (Core, 3.1.2.1).
  const std::string query = form_of({{"response_type", "code"},
                                     {"scope", "openid"},
                                     {"client_id", options_.client},
                                     {"redirect_uri", options_.return_address},
                                     {"state", state},
                                     {"nonce", nonce},
                                     {"code_challenge", challenge},
                                     {"code_challenge_method", "S256"},
                                     {"max_age", std::to_string(age_max)},
                                     {"prompt", ticket.empty() ? "" : "login"},
                                     {"acr_values", options_.strong_acr}});
  const bool has_query = facts->authorization.find('?') != std::string::npos;
  departure.address = facts->authorization + (has_query ? "&" : "?") + query;
  json::Writer kept;
  kept.begin_object().member("state", state).member("nonce", nonce).member("verifier", verifier);
  kept.member("page", own_page(page)).member("ticket", ticket).member("left", now_s());
  kept.end_object();
  departure.keepsake = jose::base64url_encode(sealer_.seal(kept.take(), kSealedAs));
  return departure;
}

Result<ProviderSignIn::Kept> ProviderSignIn::keepsake_of(const Return& back) {
  const Error refused{Code::Refused, "no departure of this browser"};
  const Result<std::string> sealed = jose::base64url_decode(back.keepsake);
  if (!sealed.ok()) return refused;
  const Result<std::string> text = sealer_.unseal(*sealed, kSealedAs);
  if (!text.ok()) return refused;
  const json::Document document = TRY(json::Document::parse(*text));
  const json::Value root = document.root();
  Kept kept;
  kept.state = std::string(root.string_or("state", ""));
  kept.nonce = std::string(root.string_or("nonce", ""));
  kept.verifier = std::string(root.string_or("verifier", ""));
  kept.page = std::string(root.string_or("page", "/"));
  kept.ticket = std::string(root.string_or("ticket", ""));
  kept.left_s = root.integer_or("left", 0);
  if (kept.state.empty() || !govern::same_secret(kept.state, back.state)) {
    return Error{Code::Refused, "the state is not the departure's"};
  }
  const std::int64_t age = now_s() - kept.left_s;
  if (age < 0 || age > kDepartureSeconds) return Error{Code::Refused, "the departure is too old"};
  return kept;
}

Status ProviderSignIn::use_once(const std::string& state) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (remember(used_, state, now_s() + kDepartureSeconds, now_s())) return {};
  return Error{Code::Refused, "the departure came back before"};
}

Result<ProviderSignIn::Tokens> ProviderSignIn::exchange(std::string_view code,
                                                        std::string_view verifier) {
  const auto facts = TRY(provider_->facts());
  WebQuestion question;
  question.address = facts->token;
  question.answer_bytes_max = kTokenAnswerBytesMax;
  const bool by_header = facts->takes_basic;
  question.form = form_of({{"grant_type", "authorization_code"},
                           {"code", code},
                           {"redirect_uri", options_.return_address},
                           {"code_verifier", verifier},
                           {"client_id", by_header ? "" : options_.client},
                           {"client_secret", by_header ? "" : options_.secret}});
  // RFC 6749, section 2.3.1: both are escaped as in a form before the colon joins them.
  if (by_header) {
    question.authorization = "Basic " + jose::base64_encode(form_escaped(options_.client) + ":" +
                                                            form_escaped(options_.secret));
  }
  const WebAnswer answer = TRY(provider_->web().ask(question));
  if (answer.status == 401) {
    return Error{Code::Unavailable, "the provider does not take the client's secret"};
  }
  if (answer.status >= 400 && answer.status < 500) {
    return Error{Code::Refused, "the provider does not take the code"};
  }
  if (answer.status != 200 || answer.media_type != "application/json") {
    return Error{Code::Unavailable, "the provider answers for a code with something else"};
  }
  const json::Document document = TRY(json::Document::parse(answer.body));
  const json::Value root = document.root();
  if (lower_ascii(root.string_or("token_type", "")) != "bearer") {
    return Error{Code::Refused, "the provider gives no bearer token for the code"};
  }
  return Tokens{std::string(root.string_or("id_token", "")),
                std::string(root.string_or("access_token", ""))};
}

Result<IdentityToken> ProviderSignIn::redeem(const Kept& kept, const Return& back) {
  const auto facts = TRY(provider_->facts());
  // RFC 9207: an answer of another provider must not be taken to ours.
  const bool names_ours = back.issuer == facts->issuer;
  if (back.issuer.empty() ? facts->names_itself : !names_ours) {
    return Error{Code::Refused, "the answer is another provider's"};
  }
  if (!back.error.empty()) return Error{Code::Refused, "the provider refused the sign-in"};
  if (back.code.empty() || back.code.size() > kCodeBytesMax) {
    return Error{Code::Refused, "the answer holds no code"};
  }
  const Admission admission(exchanging_, kExchangesAtOnce);
  if (!admission.is_in()) return Error{Code::Unavailable, "too many sign-ins at once"};
  const Tokens tokens = TRY(exchange(back.code, kept.verifier));
  IdentityExpectation expected;
  expected.issuer = facts->issuer;
  expected.client = options_.client;
  expected.nonce = kept.nonce;
  expected.access_token = tokens.access;
  expected.strong_acr = options_.strong_acr;
  expected.strong_amr = options_.strong_amr;
  expected.now_s = now_s();
  expected.proof_seconds_max =
      kept.ticket.empty() ? sessions_->limits().whole_us / 1'000'000 : expected.now_s - kept.left_s;
  return check_identity_token(tokens.identity, *provider_, expected);
}

Result<ProviderSignIn::Arrival> ProviderSignIn::admit(const Kept& kept, const IdentityToken& said,
                                                      const Return& back) {
  Arrival arrival;
  arrival.page = kept.page;
  const std::string subject = provider_->issuer() + "|" + said.subject;
  const auto state = TRY(rights_->state());
  for (const govern::User& user : state->users) {
    if (user.subject == subject && !user.is_disabled) arrival.account = user.name;
  }
  if (arrival.account.empty()) {
    arrival.how = Arrived::NoAccount;
    arrival.subject = subject;
    arrival.why = "no account in use has this subject";
    return arrival;
  }
  const std::int64_t proved_us = said.proved_s * 1'000'000;
  if (kept.ticket.empty()) {
    arrival.ticket =
        TRY(sessions_->begin({arrival.account, said.factors, back.address, "provider", proved_us}));
  } else {
    const Result<govern::SignedIn> session = sessions_->use(kept.ticket);
    if (!session.ok() && session.error().code != Code::Refused) return session.error();
    if (!session.ok() || session->principal.name != arrival.account) {
      arrival.how = session.ok() ? Arrived::Refused : Arrived::Expired;
      arrival.why = session.ok() ? "another person proved to be there" : "the session has ended";
      return arrival;
    }
    arrival.ticket = TRY(sessions_->renew(kept.ticket, said.factors, proved_us));
  }
  arrival.how = Arrived::In;
  return arrival;
}

Result<ProviderSignIn::Arrival> ProviderSignIn::arrive(const Return& back) {
  Arrival arrival;
  const auto refused = [&](Arrived how, const Error& error) {
    log::warning("sign-in", "a sign-in at the provider came to nothing",
                 {{"code", error.code}, {"why", reason_label(error)}});
    arrival.how = how;
    arrival.why = error.message.substr(0, error.message.find(':'));
    return arrival;
  };
  const Result<Kept> kept = keepsake_of(back);
  if (!kept.ok()) return refused(Arrived::Expired, kept.error());
  arrival.page = kept->page;
  const Status first = use_once(kept->state);
  if (!first.ok()) return refused(Arrived::Expired, first.error());
  const Result<IdentityToken> said = redeem(*kept, back);
  if (!said.ok()) return refused(outcome_of(said.error()), said.error());
  Arrival admitted = TRY(admit(*kept, *said, back));
  if (admitted.how != Arrived::In) {
    log::warning("sign-in", "a sign-in at the provider opens no account here",
                 {{"why", reason_label(Error{Code::Refused, admitted.why})}});
  }
  return admitted;
}

std::string ProviderSignIn::goodbye() {
  const auto facts = provider_->facts();
  if (!facts.ok() || (*facts)->end_session.empty()) return {};
  const std::string& address = (*facts)->end_session;
  const std::string query = form_of(
      {{"client_id", options_.client}, {"post_logout_redirect_uri", options_.goodbye_address}});
  return address + (address.find('?') == std::string::npos ? "?" : "&") + query;
}

Status ProviderSignIn::forget(std::string_view logout_token) {
  const LogoutToken said = TRY(
      check_logout_token(logout_token, *provider_, provider_->issuer(), options_.client, now_s()));
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!remember(said_, said.token_id, said.expires_s + kDepartureSeconds, now_s())) {
      return Error{Code::Refused, "the sign-out was said before"};
    }
  }
  const auto state = TRY(rights_->state());
  for (const govern::User& user : state->users) {
    if (user.subject != provider_->issuer() + "|" + said.subject) continue;
    TRY(rights_->close_sessions_of({user.id, user.name}, user.name));
  }
  return {};
}

}  // namespace eds::serve
