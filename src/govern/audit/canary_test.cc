// A thousand invented people go through everything that writes; then every byte on disk is
// searched.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "govern/audit/local.h"
#include "govern/directory_for_test.h"
#include "govern/identity_store.h"
#include "govern/scope.h"
#include "govern/vault.h"

namespace eds::govern {
namespace {

struct Person {
  std::string ipp, nda, rss, nir, name, first_name, birth_date, address, phone, email;
};

// Letters that no other word has in this order, so that a hit is a leak and not chance.
std::string invented(std::mt19937_64& random, std::size_t length) {
  std::string word = "ZQ";
  while (word.size() < length) word += static_cast<char>('A' + random() % 26);
  return word;
}

std::vector<Person> people(std::size_t count) {
  std::mt19937_64 random(1961);
  std::vector<Person> all;
  for (std::size_t number = 0; number < count; ++number) {
    Person person;
    person.ipp = "8" + std::to_string(100'000'000'000 + random() % 900'000'000'000);
    person.nda = "N" + std::to_string(100'000'000'000 + random() % 900'000'000'000);
    person.rss = "R" + std::to_string(100'000'000'000 + random() % 900'000'000'000);
    const std::uint64_t body = 1'500'000'000'000 + random() % 400'000'000'000;
    person.nir = std::to_string(body);
    person.name = invented(random, 12);
    person.first_name = invented(random, 11);
    person.birth_date = std::to_string(10 + random() % 19) + "/0" +
                        std::to_string(1 + random() % 9) + "/" +
                        std::to_string(1920 + random() % 90) + " " + invented(random, 6);
    person.address = std::to_string(1000 + random() % 9000) + " rue " + invented(random, 10);
    person.phone = "07" + std::to_string(10'000'000 + random() % 90'000'000);
    person.email = invented(random, 9) + "@" + invented(random, 7) + ".fr";
    all.push_back(std::move(person));
  }
  return all;
}

std::vector<std::string> secrets_of(const Person& person) {
  return {person.ipp,        person.nda,     person.rss,   person.nir,   person.name,
          person.first_name, person.address, person.phone, person.email, person.birth_date};
}

Identifying<std::string> secret(const std::string& text) {
  return Identifying<std::string>(text);
}

struct Warehouse {
  DirectoryForTest directory;
  KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::unique_ptr<IdentityStore> identities =
      IdentityStore::open(Env::posix(), keys, directory.at("identity")).value();
  std::unique_ptr<Vault> vault = Vault::open(Env::posix(), keys, directory.at("landing")).value();
  std::unique_ptr<Audit> audit =
      audit::open(Env::posix(), keys, {.directory = directory.at("audit")}).value();
};

// The random id of the person, or the error in the audit's words.
PersonId feed(Warehouse& warehouse, const Person& person) {
  IdentityStore& store = *warehouse.identities;
  const PersonId id =
      store.person_of({IdentifierKind::Ipp, "750712184", secret(person.ipp)}).value();
  const Identifier nda{IdentifierKind::Nda, "750712184", secret(person.nda)};
  const Identifier rss{IdentifierKind::Rss, "750712184", secret(person.rss)};
  REQUIRE(store.person_of(rss).ok());
  REQUIRE(store.link(nda, id).ok());
  REQUIRE(store.link_visit(rss, nda).value().persons.has_value());
  REQUIRE(store.detail_of(nda, person.name).ok());
  REQUIRE(store.link({IdentifierKind::Nir, "", secret(person.nir)}, id).ok());
  Traits traits;
  traits.birth_name = secret(person.name);
  traits.first_names = secret(person.first_name);
  traits.birth_date = secret(person.birth_date);
  traits.address_line = secret(person.address);
  traits.phone = secret(person.phone);
  traits.email = secret(person.email);
  traits.nir = secret(person.nir);
  REQUIRE(store.set_traits(id, traits, 1).ok());
  return id;
}

std::string line_of(const Person& person) {
  std::string line;
  for (const std::string& each : secrets_of(person)) line += each + ";";
  return line + "\n";
}

std::size_t leak_count(const DirectoryForTest& directory, const std::vector<Person>& all) {
  std::size_t leaks = 0;
  for (const std::string& file : directory.files()) {
    const std::string bytes = bytes_of_file(file);
    for (const Person& person : all) {
      for (const std::string& each : secrets_of(person)) {
        if (bytes.find(each) == std::string::npos && file.find(each) == std::string::npos) continue;
        leaks += 1;
        MESSAGE("leak in " << base_name(file));
      }
    }
  }
  return leaks;
}

TEST_CASE("a thousand invented people leave no trace in any byte of any file") {
  const std::vector<Person> all = people(1000);
  Warehouse warehouse;
  std::string quarantine;
  std::string source;
  REQUIRE(warehouse.identities->begin().ok());
  std::vector<PersonId> ids;
  for (const Person& person : all) {
    ids.push_back(feed(warehouse, person));
    source += line_of(person);
    quarantine += warehouse.vault->seal(line_of(person), "line").value();
  }
  set_bytes_of_file(warehouse.directory.at("quarantine"), quarantine);
  REQUIRE(warehouse.vault->put_bytes(source, secret(all[0].name + ".txt")).ok());
  for (std::size_t at = 0; at < 50; ++at) {
    AuditEvent event;
    event.actor = "dr.house";
    event.action = "patient";
    event.object = "person " + std::to_string(ids[at]);
    event.persons = AuditPersons::of({ids[at]});
    event.reason = warehouse.audit->digest("SELECT 1 WHERE ipp = '" + all[at].ipp + "'");
    REQUIRE(warehouse.audit->append(event).ok());
  }
  // Before the commit (pages may have spilled), after it with -wal and -shm still there, and
  // closed.
  CHECK(leak_count(warehouse.directory, all) == 0);
  REQUIRE(warehouse.identities->commit().ok());
  bool wal = false;
  for (const std::string& file : warehouse.directory.files()) wal |= file.ends_with("-wal");
  CHECK(wal);
  CHECK(leak_count(warehouse.directory, all) == 0);
  CHECK(warehouse.identities->traits(ids[7], Reason::Match).value().birth_name ==
        secret(all[7].name));
  warehouse.identities.reset();
  CHECK(leak_count(warehouse.directory, all) == 0);

  // The search does find what stands in clear.
  set_bytes_of_file(warehouse.directory.at("clear"), "x" + all[3].nir);
  CHECK(leak_count(warehouse.directory, all) == 1);
}

TEST_CASE("errors about a person do not say who") {
  const Person person = people(1)[0];
  Warehouse warehouse;
  IdentityStore& store = *warehouse.identities;
  const auto silent = [&](const std::string& message) {
    for (const std::string& each : secrets_of(person)) {
      if (message.find(each) != std::string::npos) return false;
    }
    return true;
  };
  const Identifier ipp{IdentifierKind::Ipp, "", secret(person.ipp)};
  const Identifier nir{IdentifierKind::Nir, "", secret(person.nir + "00")};
  CHECK(silent(store.person_of(ipp).error().message));
  CHECK(silent(store.person_of(nir).error().message));
  CHECK(silent(store.visit_of({IdentifierKind::Nda, "x", secret(person.nda)}).error().message));
  CHECK(silent(warehouse.vault->unseal(line_of(person)).error().message));
}

}  // namespace
}  // namespace eds::govern
