#include "govern/accounts.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/admission.h"
#include "govern/sealing.h"
#include "govern/utf8.h"

namespace eds::govern {
namespace {

constexpr std::int64_t kFormat = 1;
// Drawn in docs/internals/formats/accounts_db.md.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('format_version', 1);
CREATE TABLE IF NOT EXISTS password(user_id INTEGER PRIMARY KEY, hash TEXT NOT NULL,
  changed_us INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS tries(key TEXT PRIMARY KEY, failures INTEGER NOT NULL,
  last_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS web_session(session_id INTEGER PRIMARY KEY, method TEXT NOT NULL,
  start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, seen_us INTEGER NOT NULL,
  proved_us INTEGER NOT NULL);
)";

std::string lower(std::string_view text) {
  std::string low(text);
  for (char& letter : low)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return low;
}

std::string key_of(std::string_view kind, std::string_view text) {
  std::array<unsigned char, 16> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), nullptr, 0);
  return std::string(kind) + ":" + hex_of(hash);
}

Result<std::string> argon2id(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), kHashPasses, kHashBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Error{Code::Unavailable, "not enough memory to hash a password"};
  }
  return std::string(hash.data());
}

Status check_strength(const std::string& name, std::string_view password) {
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return Error{Code::Usage, "a password has 15 to 256 characters"};
  }
  if (!is_utf8(password)) return Error{Code::Usage, "a password is text in UTF-8"};
  const bool is_one_letter =
      std::all_of(password.begin(), password.end(), [&](char c) { return c == password[0]; });
  if (is_one_letter || lower(password).find(lower(name)) != std::string::npos) {
    return Error{Code::Usage, "a password does not hold the account's name, nor one letter alone"};
  }
  return {};
}

UserId user_of(const RightsState& state, std::string_view name) {
  for (const User& user : state.users) {
    if (user.name == name && !user.is_disabled) return user.id;
  }
  return 0;
}

}  // namespace

// What the tries of one sign-in are counted under.
struct Accounts::Keys {
  Keys(const std::string& name, const std::string& given_address)
      : account(key_of("account", lower(name))), address(key_of("address", given_address)) {}
  std::string account;
  std::string address;
};

Accounts::Accounts(Env& env, Audit& audit, RightsStore& rights,
                   std::unique_ptr<sqlite::Database> database)
    : env_(&env), audit_(&audit), rights_(&rights), database_(std::move(database)) {}

Accounts::~Accounts() = default;

Result<std::unique_ptr<Accounts>> Accounts::open(Env& env, Audit& audit, RightsStore& rights,
                                                 const Path& directory) {
  ENSURE(sodium_init() >= 0);
  std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(directory, "accounts.db")));
  std::unique_ptr<Accounts> accounts(new Accounts(env, audit, rights, std::move(database)));
  TRY(accounts->settle_format());
  std::array<std::uint8_t, 32> random{};
  env.random_bytes(random);
  accounts->nobody_ = TRY(argon2id(hex_of(random)));
  return accounts;
}

Status Accounts::settle_format() {
  TRY(database_->execute(kSchema));
  const std::optional<std::int64_t> format =
      TRY(database_->number("SELECT value FROM meta WHERE key = 'format_version'"));
  if (format == kFormat) return {};
  return Error{Code::Unavailable, "accounts.db is of a format this program does not know"};
}

Status Accounts::note(const Author& author, std::string_view action, const std::string& object,
                      Outcome outcome, std::string_view reason) {
  AuditEvent event;
  event.actor = author.name;
  event.action = action;
  event.object = object;
  event.zone = "control";
  event.reason = reason;
  event.outcome = outcome;
  return audit_->append(event);
}

Status Accounts::set_password(const Author& author, const std::string& name,
                              std::string_view password) {
  TRY(check_strength(name, password));
  const UserId user = user_of(*TRY(rights_->state()), name);
  if (user == 0) return Error{Code::NotFound, "no such account in use: " + name};
  const std::string hash = TRY(argon2id(password));
  TRY(note(author, "user password", name, Outcome::Done, ""));
  TRY(keep_hash(user, hash));
  TRY(rights_->close_sessions_of(author, name));
  return forget(Keys(name, ""));
}

Status Accounts::keep_hash(UserId user, std::string_view hash) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement put =
      TRY(database_->prepare("INSERT INTO password(user_id, hash, changed_us) VALUES (?, ?, ?) ON "
                             "CONFLICT(user_id) DO UPDATE SET hash = excluded.hash, changed_us = "
                             "excluded.changed_us"));
  return put.bind(user).bind(hash).bind(env_->now_us()).run();
}

Status Accounts::unlock(const Author& author, const std::string& name) {
  if (user_of(*TRY(rights_->state()), name) == 0) {
    return Error{Code::NotFound, "no such account in use: " + name};
  }
  TRY(note(author, "user unlock", name, Outcome::Done, ""));
  return forget(Keys(name, ""));
}

Status Accounts::forget(const Keys& keys) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement forget = TRY(database_->prepare("DELETE FROM tries WHERE key = ?"));
  return forget.bind(std::string_view(keys.account)).run();
}

Result<std::int64_t> Accounts::wait_us(const std::string& key, std::int64_t free_failures) {
  sqlite::Statement find =
      TRY(database_->prepare("SELECT failures, last_us FROM tries WHERE key = ?"));
  if (!TRY(find.bind(std::string_view(key)).step())) return 0;
  const std::int64_t failures = find.int_at(0);
  // A clock set back makes nobody wait longer than the longest wait, nor less.
  const std::int64_t since = std::max<std::int64_t>(0, env_->now_us() - find.int_at(1));
  const bool is_account = free_failures == kFreeFailures;
  if (is_account && failures >= kFailuresMax) return kWaitUsMax;
  if (failures < free_failures || since >= kForgetUs) return 0;
  const std::int64_t wait = std::min(kWaitUsMax, kWaitStepUs * (failures - free_failures + 1));
  return std::max<std::int64_t>(0, wait - since);
}

Result<std::int64_t> Accounts::wait_seconds(const std::string& name, const std::string& address) {
  const Keys keys(name, address);
  const std::lock_guard<std::mutex> lock(mutex_);
  const std::int64_t longest = std::max(TRY(wait_us(keys.account, kFreeFailures)),
                                        TRY(wait_us(keys.address, kFreeFailuresOfAddress)));
  return (longest + 999'999) / 1'000'000;
}

// False when the try must wait; else the failure stands before anybody knows whether it is one.
Result<bool> Accounts::count_try(const Keys& keys) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  const std::int64_t now = env_->now_us();
  if (TRY(wait_us(keys.account, kFreeFailures)) > 0 ||
      TRY(wait_us(keys.address, kFreeFailuresOfAddress)) > 0) {
    return false;
  }
  // Locked accounts stay; the rest of the table is what one day of guessing leaves.
  sqlite::Statement old =
      TRY(database_->prepare("DELETE FROM tries WHERE last_us < ? AND failures < ?"));
  TRY(old.bind(now - kForgetUs).bind(kFailuresMax).run());
  for (const std::string* key : {&keys.account, &keys.address}) {
    sqlite::Statement count = TRY(database_->prepare(
        "INSERT INTO tries(key, failures, last_us) VALUES (?, 1, ?) ON CONFLICT(key) DO UPDATE SET "
        "failures = failures + 1, last_us = excluded.last_us"));
    TRY(count.bind(std::string_view(*key)).bind(now).run());
  }
  TRY(transaction.commit());
  return true;
}

Result<std::string> Accounts::hash_of(const std::string& name) {
  const UserId user = user_of(*TRY(rights_->state()), name);
  const std::lock_guard<std::mutex> lock(mutex_);
  sqlite::Statement find = TRY(database_->prepare("SELECT hash FROM password WHERE user_id = ?"));
  return TRY(find.bind(user).step()) ? find.text_at(0) : std::string();
}

Result<PasswordAnswer> Accounts::check(const PasswordTry& attempt) {
  const Admission admission(hashing_, kHashesAtOnce);
  if (!admission.is_in()) return Error{Code::Unavailable, "too many sign-ins at once: try again"};
  const Keys keys(attempt.name, attempt.address);
  const Author author{0, "sign-in"};
  if (!TRY(count_try(keys))) {
    TRY(note(author, "sign-in", keys.account, Outcome::Refused, "must wait"));
    return PasswordAnswer::Wait;
  }
  const std::string hash = TRY(hash_of(attempt.name));
  const bool is_known = !hash.empty();
  const bool is_short = attempt.password.size() <= kPasswordBytesMax;
  const std::string_view given = is_short ? attempt.password : std::string_view("-");
  const bool matches = crypto_pwhash_str_verify((is_known ? hash : nobody_).c_str(), given.data(),
                                                given.size()) == 0;
  if (!matches || !is_known || !is_short) {
    TRY(note(author, "sign-in", keys.account, Outcome::Refused, "name or password"));
    return PasswordAnswer::Wrong;
  }
  if (crypto_pwhash_str_needs_rehash(hash.c_str(), kHashPasses, kHashBytes) != 0) {
    TRY(keep_hash(user_of(*TRY(rights_->state()), attempt.name), TRY(argon2id(given))));
  }
  TRY(forget(keys));
  const std::lock_guard<std::mutex> lock(mutex_);
  // Who signs in takes his own try back from his address, and no other's.
  sqlite::Statement back =
      TRY(database_->prepare("UPDATE tries SET failures = failures - 1 WHERE key = ?"));
  TRY(back.bind(std::string_view(keys.address)).run());
  return PasswordAnswer::Right;
}

}  // namespace eds::govern
