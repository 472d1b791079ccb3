// A process is killed (kill -9) in the middle of its writes, again and again: what it had been told
// was durable is there, and nothing is half done.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <random>

#include "govern/directory_for_test.h"
#include "govern/identity_store.h"
#include "govern/vault.h"
#include "sqlite/sqlite.h"

namespace eds::govern {
namespace {

constexpr const char* kHospital = "750712184";

Identifier ipp(std::int64_t number) {
  return {IdentifierKind::Ipp, kHospital, Identifying<std::string>(std::to_string(number))};
}

/// Runs `work` in a child that says a number each time something became durable; kills the child
/// after it said `count` numbers and some more time at random; returns all it said.
std::vector<std::int64_t> said_until_killed(int count, const std::function<void(int pipe)>& work) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    work(ends[1]);
    ::_exit(1);
  }
  ::close(ends[1]);
  std::vector<std::int64_t> said;
  std::int64_t number = 0;
  while (static_cast<int>(said.size()) < count &&
         ::read(ends[0], &number, sizeof number) == sizeof number) {
    said.push_back(number);
  }
  ::kill(child, SIGKILL);
  while (::read(ends[0], &number, sizeof number) == sizeof number) said.push_back(number);
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  return said;
}

void say(int pipe, std::int64_t number) {
  if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(2);
}

TEST_CASE(
    "identities that were committed survive kill -9, with the same ids, and nothing is torn") {
  const DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  const std::string path = directory.at("identity");
  std::vector<std::int64_t> durable;
  std::mt19937_64 random(9);
  for (int round = 0; round < 12; ++round) {
    const auto first = static_cast<std::int64_t>(durable.size());
    const std::vector<std::int64_t> said =
        said_until_killed(1 + static_cast<int>(random() % 200), [&](int pipe) {
          const auto store = IdentityStore::open(Env::posix(), keys, path).value();
          for (std::int64_t number = first;; number += 7) {
            if (!store->begin().ok()) ::_exit(3);
            std::int64_t ids[7];
            for (int each = 0; each < 7; ++each) {
              ids[each] = store->person_of(ipp(number + each)).value();
              if (!store
                       ->detail_of({IdentifierKind::Nda, kHospital,
                                    Identifying<std::string>(std::to_string(number + each))},
                                   "1")
                       .ok()) {
                ::_exit(4);
              }
            }
            if (!store->commit().ok()) ::_exit(5);
            for (const std::int64_t id : ids) say(pipe, id);
          }
        });
    durable.insert(durable.end(), said.begin(), said.end());
    // What was committed and not said in time is kept by the file, and must be whole.
    const auto store = IdentityStore::open(Env::posix(), keys, path).value();
    for (std::size_t number = 0; number < durable.size(); ++number) {
      REQUIRE(store->find(ipp(static_cast<std::int64_t>(number))).value() == durable[number]);
    }
    while (true) {
      const auto next = store->find(ipp(static_cast<std::int64_t>(durable.size()))).value();
      if (!next.has_value()) break;
      durable.push_back(*next);
    }
    CHECK(durable.size() % 7 == 0);
    const IdentityCounts counts = store->counts().value();
    CHECK(counts.persons == static_cast<std::int64_t>(durable.size()));
    CHECK(counts.details == counts.persons);
    const auto database = sqlite::Database::open(path + "/identity.db").value();
    sqlite::Statement check = database->prepare("PRAGMA integrity_check").value();
    REQUIRE(check.step().value());
    CHECK(check.bytes_at(0) == "ok");
  }
  CHECK(durable.size() > 100);
}

TEST_CASE("files that were put survive kill -9, and none is half there") {
  const DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::size_t said = 0;
  for (int round = 0; round < 6; ++round) {
    said += said_until_killed(3 + round * 4, [&](int pipe) {
              const auto vault = Vault::open(Env::posix(), keys, directory.at("landing")).value();
              for (std::int64_t number = 0;; ++number) {
                const std::string bytes(static_cast<std::size_t>(1000 + number * 7001), 'x');
                const std::string name = std::to_string(round) + "." + std::to_string(number);
                if (!vault->put_bytes(name + bytes, Identifying<std::string>(name)).ok())
                  ::_exit(3);
                say(pipe, number);
              }
            }).size();
  }
  const auto vault = Vault::open(Env::posix(), keys, directory.at("landing")).value();
  std::size_t whole = 0;
  REQUIRE(vault
              ->each([&](const VaultId& id) -> Status {
                whole += 1;
                return vault->verify(id);
              })
              .ok());
  CHECK(whole >= said);
}

}  // namespace
}  // namespace eds::govern
