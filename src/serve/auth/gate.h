// Gate: whether a request comes from somebody signed in, and how people sign in with a password.
//
// Invariants: a request that carries two proofs, or two cookies of our name, is nobody's. A change
// asked for by another site's page is refused: by the cookie's SameSite, by Origin, and by a token
// that only our own pages can read (all three). The host a browser names must be ours, so that a
// name that was made to lead here is not. What a caller may read is not decided here: that is the
// Governor's (govern/scope.h).
// Threads: any.
// Source: requirement ids IAM-1..6, WEB-5; RFC 6265bis (cookies), RFC 6750 (bearer), OWASP ASVS 5.0
// V3, V7.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/accounts.h"
#include "govern/session_store.h"

namespace eds::serve {

/// What of a request says who asks, as the network gave it.
struct Knock {
  std::string cookie, authorization, csrf, origin, fetch_site, host;
  std::string address;             ///< of the peer
  std::string client_certificate;  ///< subject of the certificate it showed and we believe
};

enum class Way : std::uint8_t { Session, Bearer, Certificate };

struct Caller {
  govern::Principal principal;
  Way way = Way::Session;
  govern::SignedIn session;  ///< of Way::Session
  std::string ticket;
};

/// Access tokens of a sign-in provider.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  /// The account whose token it is, with what the token narrows. Code::Refused.
  virtual Result<govern::Principal> principal_of(std::string_view token) = 0;
};

struct GateOptions {
  bool is_tls = false;
  std::string public_url;  ///< "" or "https://host[:port]"
  bool password_is_strong = false;
  bool local_accounts = true;  ///< a password opens a session
};

class Gate {
 public:
  Gate(govern::RightsStore& rights, govern::Accounts& accounts, govern::SessionStore& sessions,
       GateOptions options);

  /// Tokens are taken once a verifier is given.
  void take_tokens(TokenVerifier& verifier) { tokens_ = &verifier; }

  /// The host that the request names is ours.
  bool knows_host(std::string_view host) const;
  /// Code::Refused when a page of another site sent this.
  Status same_site(const Knock& knock) const;
  /// Who asks; nothing when nobody is signed in. Errors are the server's own.
  Result<std::optional<Caller>> caller(const Knock& knock);
  /// The page's token goes with the session. Bearers and certificates need none.
  bool has_token(const Knock& knock, const Caller& caller) const;

  /// The ticket of a new session; nothing when name and password open none. `wait_seconds` is set
  /// when the name or the address must wait.
  struct Entry {
    std::optional<std::string> ticket;
    std::int64_t wait_seconds = 0;
  };
  Result<Entry> sign_in(const std::string& name, std::string_view password, const Knock& knock);
  /// The password again: a ticket whose proof is fresh.
  Result<Entry> prove(const Caller& caller, std::string_view password, const Knock& knock);

  /// "NAME=TICKET; ..." for Set-Cookie; an empty ticket takes the cookie away.
  std::string cookie_of(std::string_view ticket) const;
  /// What a browser keeps while it is away at the sign-in provider; "" takes it away. Unlike the
  /// session's cookie it comes along when another site leads back here (SameSite=Lax).
  std::string keepsake_cookie_of(std::string_view keepsake) const;
  /// The one that a browser brings; "" for none and for two.
  std::string keepsake_of(const Knock& knock) const;
  const GateOptions& options() const { return options_; }
  govern::SessionStore& sessions() { return *sessions_; }
  /// "https://host", as the client sees us.
  std::string origin_of(std::string_view host) const;
  bool is_secure() const;

 private:
  std::string_view cookie_name() const;
  std::string_view keepsake_name() const;
  Result<std::optional<Caller>> by_session(const Knock& knock);
  Result<std::optional<Caller>> by_certificate(const Knock& knock);

  govern::RightsStore* rights_;
  govern::Accounts* accounts_;
  govern::SessionStore* sessions_;
  GateOptions options_;
  TokenVerifier* tokens_ = nullptr;
};

/// Each value of the cookie of that name, in order. RFC 6265bis section 5.
std::vector<std::string> cookies_named(std::string_view header, std::string_view name);
/// "127.0.0.1:8080", "localhost", "[::1]:80".
bool is_loopback(std::string_view host);

}  // namespace eds::serve
