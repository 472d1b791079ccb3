// ProviderSignIn: people sign in at the hospital's sign-in provider, and come back as an account.
//
// Invariants: who comes back is believed when the browser is the one that left (a sealed cookie),
// with the state it left with, once, within ten minutes, and when the provider gives for the code
// that it brings an identity token of that very departure. The account is the one whose subject is
// "ISSUER|SUB"; none is ever made here, and a token gives no right. A person who is signed in and
// proves it again comes back as the same account, or not at all. The client's secret goes to the
// token endpoint and nowhere else; codes, tokens and secrets stand in no log, no error, no audit
// and no address of ours. Whoever is refused learns that, and which of five reasons: no more.
// Threads: any; two codes are exchanged at a time, and a third is told to try again.
// Source: OpenID Connect Core 1.0 section 3.1; RFC 6749 section 4.1; RFC 7636 (PKCE, S256 alone);
// RFC 9207; RFC 9700 (best current practice); requirement ids IAM-1, IAM-2.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/rights_store.h"
#include "govern/sealing.h"
#include "govern/session_store.h"
#include "serve/auth/identity_token.h"
#include "serve/auth/provider.h"

namespace eds::serve {

/// For so long a departure may come back.
inline constexpr std::int64_t kDepartureSeconds = 600;
inline constexpr std::size_t kDeparturesMax = 10'000;
inline constexpr int kExchangesAtOnce = 2;
/// Tokens of 32 KiB, thrice, and room.
inline constexpr std::size_t kTokenAnswerBytesMax = std::size_t{128} << 10;

struct ProviderOptions {
  std::string client;
  std::string secret;
  std::string return_address;   ///< the redirection address, exactly as the provider knows it
  std::string goodbye_address;  ///< where the provider sends people who signed out
  std::string strong_acr;
  std::string strong_amr;
};

enum class Arrived : std::uint8_t {
  In,           ///< signed in, or proved again
  Expired,      ///< another browser's departure, an old one, or one that came back already
  Refused,      ///< by the provider, or what it sent is not to be believed
  NoAccount,    ///< somebody the provider knows, and this warehouse does not
  Unavailable,  ///< the provider does not answer
};
std::string_view arrived_name(Arrived arrived);

class ProviderSignIn {
 public:
  ProviderSignIn(Env& env, Provider& provider, govern::RightsStore& rights,
                 govern::SessionStore& sessions, ProviderOptions options);

  /// Where the browser goes, and what it keeps for its return.
  struct Departure {
    std::string address;
    std::string keepsake;
  };
  /// `page` is where it will be shown again; `ticket` is of who proves to be there again, or "".
  Result<Departure> leave(std::string_view page, std::string_view ticket);

  struct Return {
    std::string_view keepsake, state, code, issuer, error;
    std::string address;  ///< of the peer
  };
  struct Arrival {
    Arrived how = Arrived::Refused;
    std::string ticket;  ///< of Arrived::In
    std::string page = "/";
    std::string account;  ///< its name, when known
    std::string subject;  ///< of Arrived::NoAccount, for the audit
    std::string why;      ///< fixed words, for the audit
  };
  /// Errors are the server's own.
  Result<Arrival> arrive(const Return& back);

  /// Where to sign out at the provider as well; "" when it has no such address.
  std::string goodbye();
  /// The provider says that somebody left: all sessions of that account end. Code::Refused.
  Status forget(std::string_view logout_token);

 private:
  struct Kept;
  Result<Kept> keepsake_of(const Return& back);
  Status use_once(const std::string& state);
  struct Tokens {
    std::string identity, access;
  };
  Result<Tokens> exchange(std::string_view code, std::string_view verifier);
  Result<Arrival> admit(const Kept& kept, const IdentityToken& said, const Return& back);
  Result<IdentityToken> redeem(const Kept& kept, const Return& back);
  std::string random_text();
  std::int64_t now_s() { return env_->now_us() / 1'000'000; }

  Env* env_;
  Provider* provider_;
  govern::RightsStore* rights_;
  govern::SessionStore* sessions_;
  ProviderOptions options_;
  govern::Sealer sealer_;  ///< under a key of this process alone
  std::mutex mutex_;
  std::map<std::string, std::int64_t> used_;  ///< states that came back, until when they matter
  std::map<std::string, std::int64_t> said_;  ///< ids of sign-out tokens, likewise
  std::atomic<int> exchanging_{0};
};

/// A path of our own pages, else "/".
std::string own_page(std::string_view page);

}  // namespace eds::serve
