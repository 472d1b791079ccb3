// Passwords, throttling and web sessions (IAM-4, IAM-5, IAM-6), over a clock that the test moves.
#include "govern/accounts.h"

#include <doctest/doctest.h>

#include <set>

#include "base/fault_env.h"
#include "govern/audit_for_test.h"
#include "govern/directory_for_test.h"
#include "govern/session_store.h"

namespace eds::govern {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr const char* kPassword = "correct horse battery";

struct Desk {
  DirectoryForTest folder;
  FaultEnv env{folder.path(), 1};
  AuditForTest audit;
  std::unique_ptr<RightsStore> rights;
  std::unique_ptr<Accounts> accounts;
  std::unique_ptr<SessionStore> sessions;
  const Author owner{0, "owner"};

  Desk() {
    env.exempt("rights.db");
    env.exempt("accounts.db");
    const Path place = folder.at("rights");
    rights = std::move(RightsStore::open(env, audit, place)).value();
    accounts = std::move(Accounts::open(env, audit, *rights, place)).value();
    sessions = std::move(SessionStore::open(env, *rights, place, SessionLimits())).value();
    REQUIRE(rights->add_user(owner, "anne", "").ok());
    REQUIRE(accounts->set_password(owner, "anne", kPassword).ok());
  }
  PasswordAnswer guess(const std::string& name, std::string_view password,
                       const std::string& address = "10.0.0.1") {
    return accounts->check({name, password, address}).value();
  }
  std::string sign_in() { return sessions->begin({"anne", 1, "10.0.0.1", "password"}).value(); }
};

}  // namespace

TEST_CASE("IAM-6: the right password opens, and nothing of it is on disk") {
  Desk desk;
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Right);
  CHECK(desk.guess("anne", "correct horse batterz") == PasswordAnswer::Wrong);
  bool is_argon2id = false;
  for (const std::string& file : desk.folder.files()) {
    const std::string bytes = bytes_of_file(file);
    CHECK(bytes.find(kPassword) == std::string::npos);
    is_argon2id = is_argon2id || bytes.find("$argon2id$v=19$m=65536,t=3,p=1$") != std::string::npos;
  }
  CHECK(is_argon2id);
}

TEST_CASE("a password that is short, long, the name itself or one letter is not taken") {
  Desk desk;
  for (const std::string& bad :
       {std::string("fourteen chars"), std::string(257, 'x') + "y", std::string(20, 'x'),
        std::string("my name is Anne, hello"), std::string("\xFF\xFE bytes, no text at all")}) {
    CHECK_MESSAGE(desk.accounts->set_password(desk.owner, "anne", bad).error().code == Code::Usage,
                  bad);
  }
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Right);
  CHECK(desk.accounts->set_password(desk.owner, "nobody", kPassword).error().code ==
        Code::NotFound);
}

TEST_CASE("IAM-5: after three failures each further one waits ten seconds more") {
  Desk desk;
  for (int failure = 0; failure < 3; ++failure) {
    CHECK(desk.guess("anne", "wrong") == PasswordAnswer::Wrong);
  }
  CHECK(desk.accounts->wait_seconds("anne", "10.0.0.1").value() == 10);
  // The right password waits, too, and from any address.
  CHECK(desk.guess("anne", kPassword, "10.0.0.2") == PasswordAnswer::Wait);
  desk.env.jump_clock(10 * kSecondUs);
  CHECK(desk.guess("anne", "wrong") == PasswordAnswer::Wrong);
  CHECK(desk.accounts->wait_seconds("anne", "10.0.0.1").value() == 20);
  desk.env.jump_clock(20 * kSecondUs);
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Right);
  CHECK(desk.accounts->wait_seconds("anne", "10.0.0.1").value() == 0);
}

TEST_CASE("IAM-5: a name that is no account answers and waits like one") {
  Desk desk;
  REQUIRE(desk.rights->add_user(desk.owner, "paul", "").ok());
  REQUIRE(desk.accounts->set_password(desk.owner, "paul", kPassword).ok());
  REQUIRE(desk.rights->disable_user(desk.owner, "paul").ok());
  for (const char* name : {"nobody", "paul", "", "' OR 1=1 --"}) {
    for (int failure = 0; failure < 3; ++failure) {
      CHECK(desk.guess(name, kPassword, name) == PasswordAnswer::Wrong);
    }
    CHECK(desk.guess(name, kPassword, name) == PasswordAnswer::Wait);
    CHECK(desk.accounts->wait_seconds(name, name).value() == 10);
  }
}

TEST_CASE("one address that tries many names waits, and its neighbours do not") {
  Desk desk;
  for (int name = 0; name < kFreeFailuresOfAddress; ++name) {
    CHECK(desk.guess("name" + std::to_string(name), "wrong") == PasswordAnswer::Wrong);
  }
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Wait);
  CHECK(desk.guess("anne", kPassword, "10.0.0.2") == PasswordAnswer::Right);
}

TEST_CASE("after a hundred failures an account opens by its owner alone") {
  Desk desk;
  for (int failure = 0; failure < kFailuresMax; ++failure) {
    CHECK(desk.guess("anne", "", std::to_string(failure)) == PasswordAnswer::Wrong);
    desk.env.jump_clock(kWaitUsMax);
  }
  desk.env.jump_clock(30 * kDayUs);
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Wait);
  REQUIRE(desk.accounts->unlock(desk.owner, "anne").ok());
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Right);
}

TEST_CASE("what is typed as a name reaches neither the audit nor the disk") {
  Desk desk;
  CHECK(desk.guess("zqx-a-password", "wrong") == PasswordAnswer::Wrong);
  for (const AuditEvent& event : desk.audit.events) {
    CHECK((event.actor + event.object + event.reason).find("zqx") == std::string::npos);
  }
  for (const std::string& file : desk.folder.files()) {
    CHECK(bytes_of_file(file).find("zqx") == std::string::npos);
  }
}

TEST_CASE("a sign-in that the audit cannot hold does not happen") {
  Desk desk;
  desk.audit.failure = Error{Code::NoSpace, "disk full"};
  CHECK_FALSE(desk.accounts->check({"anne", "wrong", "x"}).ok());
  CHECK_FALSE(desk.sessions->begin({"anne", 1, "x", "password"}).ok());
  CHECK_FALSE(desk.accounts->set_password(desk.owner, "anne", "another long password").ok());
  desk.audit.failure = {};
  CHECK(desk.guess("anne", kPassword) == PasswordAnswer::Right);
}

TEST_CASE("IAM-4: a session ends after twenty idle minutes, and lasts while it is used") {
  Desk desk;
  const std::string ticket = desk.sign_in();
  for (int look = 0; look < 10; ++look) {
    desk.env.jump_clock(19 * 60 * kSecondUs);
    CHECK(desk.sessions->use(ticket).ok());
  }
  desk.env.jump_clock(20 * 60 * kSecondUs);
  CHECK(desk.sessions->use(ticket).error().code == Code::Refused);
  // It is over for good, also for a clock that goes back.
  desk.env.jump_clock(-20 * 60 * kSecondUs);
  CHECK_FALSE(desk.sessions->use(ticket).ok());
}

TEST_CASE("IAM-4: no use keeps a session beyond ten hours") {
  Desk desk;
  std::string ticket = desk.sign_in();
  for (int quarter = 0; quarter < 39; ++quarter) {
    desk.env.jump_clock(15 * 60 * kSecondUs);
    REQUIRE(desk.sessions->use(ticket).ok());
    ticket = desk.sessions->renew(ticket, 1).value();
  }
  desk.env.jump_clock(15 * 60 * kSecondUs);
  CHECK_FALSE(desk.sessions->use(ticket).ok());
}

TEST_CASE("a ticket is new at each sign-in and each proof, and the old one opens nothing") {
  Desk desk;
  std::set<std::string> seen;
  const std::string first = desk.sign_in();
  const std::string second = desk.sessions->renew(first, 2).value();
  CHECK_FALSE(desk.sessions->use(first).ok());
  CHECK(desk.sessions->use(second).value().principal.acr == 2);
  for (int sign_in = 0; sign_in < 20; ++sign_in) seen.insert(desk.sign_in());
  CHECK(seen.size() == 20);
  CHECK(first.size() == 64);
  CHECK(csrf_token(first) != csrf_token(second));
}

TEST_CASE("a proof is fresh for ten minutes") {
  Desk desk;
  const std::string ticket = desk.sign_in();
  desk.env.jump_clock(9 * 60 * kSecondUs);
  CHECK(desk.sessions->is_fresh(desk.sessions->use(ticket).value()));
  desk.env.jump_clock(60 * kSecondUs);
  CHECK_FALSE(desk.sessions->is_fresh(desk.sessions->use(ticket).value()));
  CHECK(desk.sessions->is_fresh(desk.sessions->use(*desk.sessions->renew(ticket, 1)).value()));
}

TEST_CASE("what ends a session: signing out, a new password, the account's end") {
  Desk desk;
  const std::string out = desk.sign_in();
  REQUIRE(desk.sessions->end(out).ok());
  CHECK_FALSE(desk.sessions->use(out).ok());
  const std::string changed = desk.sign_in();
  REQUIRE(desk.accounts->set_password(desk.owner, "anne", "another long password").ok());
  CHECK_FALSE(desk.sessions->use(changed).ok());
  const std::string disabled = desk.sign_in();
  REQUIRE(desk.rights->disable_user(desk.owner, "anne").ok());
  CHECK_FALSE(desk.sessions->use(disabled).ok());
}

TEST_CASE("tickets made by hand, forged, empty or cut open nothing, in the same words") {
  Desk desk;
  const std::string ticket = desk.sign_in();
  const std::string by_hand = desk.rights->open_session(desk.owner, "anne", 2, "cli", 60).value();
  std::set<std::string> words;
  for (const std::string& bad : {by_hand, std::string(64, '0'), std::string(), ticket.substr(1),
                                 ticket + "0", std::string(1 << 20, 'a')}) {
    const Result<SignedIn> used = desk.sessions->use(bad);
    REQUIRE_FALSE(used.ok());
    words.insert(used.error().message);
  }
  CHECK(words.size() == 1);
}

}  // namespace eds::govern
