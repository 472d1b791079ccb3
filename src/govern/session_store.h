// SessionStore: who is signed in at `eds serve`, on top of the tickets of RightsStore.
//
// Invariants: a ticket is 256 random bits, shown once, kept as a hash. A session ends when it was
// idle, at its absolute end, on sign-out, when its account is disabled or its password changed; the
// next request then finds nothing, and running answers end within a second (Governor::still_holds).
// Tickets made by `eds user session` open no web session. A proof renewed gives a new ticket, and
// ends the old one; the absolute end stays. All refusals are the same words.
// Threads: any. Bytes on disk: docs/internals/formats/accounts_db.md.
// Source: requirement id IAM-4; OWASP ASVS 5.0 V7.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/rights_store.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

struct SessionLimits {
  std::int64_t idle_us = 20 * 60'000'000LL;
  std::int64_t whole_us = 10 * 3'600'000'000LL;
  /// How long a password given opens what asks for one.
  std::int64_t proof_us = 10 * 60'000'000LL;
};

struct SignedIn {
  Principal principal;
  std::string method;  ///< "password" or "provider"
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::int64_t seen_us = 0;
  std::int64_t proved_us = 0;  ///< when the person last proved to be there
};

struct NewSession {
  std::string user;
  int acr = 1;
  std::string source;  ///< the address
  std::string method;
  std::int64_t proved_us = 0;  ///< when the person proved to be there; 0: now
};

class SessionStore {
 public:
  /// Over DIRECTORY/accounts.db, which Accounts::open() has made.
  static Result<std::unique_ptr<SessionStore>> open(Env& env, RightsStore& rights,
                                                    const Path& directory,
                                                    const SessionLimits& limits);
  const SessionLimits& limits() const { return limits_; }

  /// The ticket of a new session.
  Result<std::string> begin(const NewSession& wanted);
  /// Code::Refused when it lasts no more.
  Result<SignedIn> use(std::string_view ticket);
  /// The same person has proved to be there again, now (0) or at `proved_us`: a new ticket, the
  /// same absolute end.
  Result<std::string> renew(std::string_view ticket, int acr, std::int64_t proved_us = 0);
  Status end(std::string_view ticket);
  bool is_fresh(const SignedIn& session) const;

 private:
  SessionStore(Env& env, RightsStore& rights, std::unique_ptr<sqlite::Database> database,
               SessionLimits limits)
      : env_(&env), rights_(&rights), database_(std::move(database)), limits_(limits) {}
  Result<std::string> begin_until(const NewSession& wanted, std::int64_t start_us,
                                  std::int64_t end_us);

  Env* env_;
  RightsStore* rights_;
  std::unique_ptr<sqlite::Database> database_;
  SessionLimits limits_;
  std::mutex mutex_;
};

/// What a page sends back with each change it asks for; made from the ticket, of which it tells
/// nothing.
std::string csrf_token(std::string_view ticket);
/// The same text, compared in constant time.
bool same_secret(std::string_view one, std::string_view other);

}  // namespace eds::govern
