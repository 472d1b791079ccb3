#include "serve/auth/gate.h"

#include <algorithm>
#include <utility>

namespace eds::serve {
namespace {

constexpr std::string_view kBearer = "Bearer ";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Refused means nobody; any other error is the server's.
template <class T>
Result<std::optional<T>> if_known(Result<T> found) {
  if (found.ok()) return std::optional<T>(std::move(found).value());
  if (found.error().code == Code::Refused) return std::optional<T>();
  return found.error();
}

}  // namespace

std::vector<std::string> cookies_named(std::string_view header, std::string_view name) {
  std::vector<std::string> found;
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    const std::string_view pair = header.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos && trimmed(pair.substr(0, equals)) == name) {
      found.emplace_back(trimmed(pair.substr(equals + 1)));
    }
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  return found;
}

bool is_loopback(std::string_view host) {
  const std::string_view name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

Gate::Gate(govern::RightsStore& rights, govern::Accounts& accounts, govern::SessionStore& sessions,
           GateOptions options)
    : rights_(&rights), accounts_(&accounts), sessions_(&sessions), options_(std::move(options)) {}

bool Gate::is_secure() const {
  return options_.is_tls || options_.public_url.starts_with("https://");
}

// The prefix makes browsers refuse such a cookie from anywhere but this very host over TLS. Plain
// HTTP is this machine's loopback alone, where browsers differ about Secure.
std::string_view Gate::cookie_name() const {
  return is_secure() ? "__Host-eds" : "eds_session";
}

std::string Gate::cookie_of(std::string_view ticket) const {
  std::string cookie = std::string(cookie_name()) + "=" + std::string(ticket) +
                       "; Path=/; HttpOnly; SameSite=Strict";
  if (is_secure()) cookie += "; Secure";
  if (ticket.empty()) cookie += "; Max-Age=0";
  return cookie;
}

std::string_view Gate::keepsake_name() const {
  return is_secure() ? "__Host-eds-away" : "eds_away";
}

std::string Gate::keepsake_cookie_of(std::string_view keepsake) const {
  std::string cookie =
      std::string(keepsake_name()) + "=" + std::string(keepsake) +
      "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + (keepsake.empty() ? "0" : "600");
  if (is_secure()) cookie += "; Secure";
  return cookie;
}

std::string Gate::keepsake_of(const Knock& knock) const {
  const std::vector<std::string> found = cookies_named(knock.cookie, keepsake_name());
  return found.size() == 1 ? found.front() : std::string();
}

std::string Gate::origin_of(std::string_view host) const {
  if (!options_.public_url.empty()) return options_.public_url;
  return (options_.is_tls ? "https://" : "http://") + std::string(host);
}

bool Gate::knows_host(std::string_view host) const {
  if (is_loopback(host)) return true;
  if (options_.public_url.empty()) return options_.is_tls && !host.empty();
  const std::size_t scheme = options_.public_url.find("://");
  return scheme != std::string::npos && host == options_.public_url.substr(scheme + 3);
}

Status Gate::same_site(const Knock& knock) const {
  const Error refused{Code::Refused, "another site's page asked for this"};
  if (!knock.origin.empty()) {
    const bool is_own = knock.origin == origin_of(knock.host) ||
                        (is_loopback(knock.host) &&
                         knock.origin == (options_.is_tls ? "https://" : "http://") + knock.host);
    return is_own ? Status() : Status(refused);
  }
  const bool is_own =
      knock.fetch_site.empty() || knock.fetch_site == "same-origin" || knock.fetch_site == "none";
  return is_own ? Status() : Status(refused);
}

Result<std::optional<Caller>> Gate::by_session(const Knock& knock) {
  const std::vector<std::string> tickets = cookies_named(knock.cookie, cookie_name());
  if (tickets.size() != 1) return std::optional<Caller>();
  std::optional<govern::SignedIn> session = TRY(if_known(sessions_->use(tickets.front())));
  if (!session) return std::optional<Caller>();
  Caller caller;
  caller.principal = session->principal;
  caller.session = std::move(*session);
  caller.ticket = tickets.front();
  return std::optional<Caller>(std::move(caller));
}

Result<std::optional<Caller>> Gate::by_certificate(const Knock& knock) {
  const std::string subject = "mtls|" + knock.client_certificate;
  const auto state = TRY(rights_->state());
  for (const govern::User& user : state->users) {
    if (user.subject != subject || user.is_disabled) continue;
    Caller caller;
    // A key that answered a challenge, of a machine: what asks for two factors asks for a person.
    caller.principal = {user.id, user.name, 1, "mtls " + knock.address, ""};
    caller.way = Way::Certificate;
    return std::optional<Caller>(std::move(caller));
  }
  return std::optional<Caller>();
}

Result<std::optional<Caller>> Gate::caller(const Knock& knock) {
  const bool has_cookie = !cookies_named(knock.cookie, cookie_name()).empty();
  if (!knock.authorization.empty()) {
    const bool is_bearer = knock.authorization.starts_with(kBearer);
    if (has_cookie || !is_bearer || tokens_ == nullptr) return std::optional<Caller>();
    std::optional<govern::Principal> principal =
        TRY(if_known(tokens_->principal_of(knock.authorization.substr(kBearer.size()))));
    if (!principal) return std::optional<Caller>();
    Caller caller;
    caller.principal = std::move(*principal);
    caller.way = Way::Bearer;
    return std::optional<Caller>(std::move(caller));
  }
  if (has_cookie) return by_session(knock);
  if (!knock.client_certificate.empty()) return by_certificate(knock);
  return std::optional<Caller>();
}

bool Gate::has_token(const Knock& knock, const Caller& caller) const {
  return caller.way != Way::Session ||
         govern::same_secret(knock.csrf, govern::csrf_token(caller.ticket));
}

Result<Gate::Entry> Gate::sign_in(const std::string& name, std::string_view password,
                                  const Knock& knock) {
  Entry entry;
  if (!options_.local_accounts) return entry;
  const govern::PasswordAnswer answer = TRY(accounts_->check({name, password, knock.address}));
  if (answer != govern::PasswordAnswer::Right) {
    entry.wait_seconds = TRY(accounts_->wait_seconds(name, knock.address));
    return entry;
  }
  const int acr = options_.password_is_strong ? 2 : 1;
  // Whoever had a session here gets another ticket; the old one ends by itself, or by its owner.
  entry.ticket = TRY(sessions_->begin({name, acr, knock.address, "password", 0}));
  return entry;
}

Result<Gate::Entry> Gate::prove(const Caller& caller, std::string_view password,
                                const Knock& knock) {
  Entry entry;
  if (caller.session.method != "password" || !options_.local_accounts) return entry;
  const std::string& name = caller.principal.name;
  const govern::PasswordAnswer answer = TRY(accounts_->check({name, password, knock.address}));
  if (answer != govern::PasswordAnswer::Right) {
    entry.wait_seconds = TRY(accounts_->wait_seconds(name, knock.address));
    return entry;
  }
  entry.ticket = TRY(sessions_->renew(caller.ticket, caller.principal.acr));
  return entry;
}

}  // namespace eds::serve
