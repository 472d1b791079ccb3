// Accounts: the passwords of local accounts, and what slows down whoever guesses them.
//
// Invariants: of a password the Argon2id hash alone is kept. A wrong name, a wrong password, a
// disabled account and a locked one are one answer, after the same work. A try is counted, durably,
// before its password is looked at, so tries made at once cannot outrun the count. What was typed
// as a name is kept as a hash: it may be a password in the wrong field.
// Threads: any. At most kHashesAtOnce passwords are hashed at a time; who would wait is told so.
// Bytes on disk: docs/internals/formats/accounts_db.md. Source: requirement ids IAM-5, IAM-6; OWASP
// ASVS 5.0 V6.2, V6.3, V11.4; RFC 9106 (Argon2).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/rights_store.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

/// ASVS 6.2.1 recommends 15 strongly; long enough that no list of common passwords reaches it.
inline constexpr std::size_t kPasswordBytesMin = 15;
/// ASVS 6.2.9 asks for 64 at least. A bound, because hashing reads it all.
inline constexpr std::size_t kPasswordBytesMax = 256;
/// Failures in a row before the first wait; then 10 s more for each (IAM-5), 15 minutes at most.
inline constexpr std::int64_t kFreeFailures = 3;
/// A ward stands behind one address, and mistypes: its count starts to weigh later.
inline constexpr std::int64_t kFreeFailuresOfAddress = 30;
inline constexpr std::int64_t kWaitStepUs = 10'000'000;
inline constexpr std::int64_t kWaitUsMax = 900'000'000;
/// After so many an account opens by `eds user unlock`, or a new password, alone.
inline constexpr std::int64_t kFailuresMax = 100;
/// A count is forgotten so long after its last failure.
inline constexpr std::int64_t kForgetUs = 24 * 3'600'000'000LL;
/// 64 MiB each: 128 MiB for all who sign in at once.
inline constexpr int kHashesAtOnce = 2;
inline constexpr unsigned long long kHashPasses = 3;
inline constexpr std::size_t kHashBytes = std::size_t{64} << 20;

enum class PasswordAnswer : std::uint8_t { Right, Wrong, Wait };

struct PasswordTry {
  std::string name;
  std::string_view password;
  std::string address;  ///< where from
};

class Accounts {
 public:
  /// Opens DIRECTORY/accounts.db beside the rights store (made when absent).
  static Result<std::unique_ptr<Accounts>> open(Env& env, Audit& audit, RightsStore& rights,
                                                const Path& directory);
  ~Accounts();

  /// Sets or replaces; ends the account's sessions and its lock. Code::Usage says what is missing.
  Status set_password(const Author& author, const std::string& name, std::string_view password);
  /// Forgets the failures of an account.
  Status unlock(const Author& author, const std::string& name);
  /// Answers Wait, with Right and Wrong kept to itself, while the name or the address must wait.
  /// Code::Unavailable when too many passwords are being hashed.
  Result<PasswordAnswer> check(const PasswordTry& attempt);
  /// Seconds that the name or the address must wait now; 0: none.
  Result<std::int64_t> wait_seconds(const std::string& name, const std::string& address);

 private:
  struct Keys;
  Accounts(Env& env, Audit& audit, RightsStore& rights, std::unique_ptr<sqlite::Database> database);
  Status settle_format();
  Result<bool> count_try(const Keys& keys);
  Result<std::int64_t> wait_us(const std::string& key, std::int64_t free_failures);
  Status forget(const Keys& keys);
  Result<std::string> hash_of(const std::string& name);
  Status keep_hash(UserId user, std::string_view hash);
  Status note(const Author& author, std::string_view action, const std::string& object,
              Outcome outcome, std::string_view reason);

  Env* env_;
  Audit* audit_;
  RightsStore* rights_;
  std::unique_ptr<sqlite::Database> database_;
  std::mutex mutex_;
  std::atomic<int> hashing_{0};
  std::string nobody_;  ///< the hash that a name without a password is compared to
};

}  // namespace eds::govern
