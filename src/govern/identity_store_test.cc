#include "govern/identity_store.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>
#include <set>
#include <unordered_map>

#include "govern/directory_for_test.h"
#include "govern/limits.h"
#include "govern/lookup_cache.h"

namespace eds::govern {
namespace {

constexpr const char* kHospital = "750712184";

Identifier of(IdentifierKind kind, std::string value, std::string authority = kHospital) {
  return Identifier{kind, std::move(authority), Identifying<std::string>(std::move(value))};
}
Identifier ipp(std::string value) {
  return of(IdentifierKind::Ipp, std::move(value));
}
Identifier nda(std::string value) {
  return of(IdentifierKind::Nda, std::move(value));
}
Identifier rss(std::string value) {
  return of(IdentifierKind::Rss, std::move(value));
}

struct Identities {
  DirectoryForTest directory;
  KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::unique_ptr<IdentityStore> store = reopened();

  std::unique_ptr<IdentityStore> reopened() const {
    return IdentityStore::open(Env::posix(), keys, directory.at("identity")).value();
  }
  PersonId person(const Identifier& identifier) { return store->person_of(identifier).value(); }
};

TEST_CASE("an identifier leads to one person, today, tomorrow and after a restart") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId one = ids.person(ipp("8000000001"));
  const PersonId two = ids.person(ipp("8000000002"));
  CHECK(one != two);
  CHECK(ids.person(ipp("8000000001")) == one);
  REQUIRE(ids.store->commit().ok());
  CHECK(ids.store->find(ipp("8000000001")).value() == one);
  ids.store.reset();
  ids.store = ids.reopened();
  CHECK(ids.store->find(ipp("8000000002")).value() == two);
  CHECK(ids.store->find(ipp("8000000003")).value() == std::nullopt);
  CHECK(ids.store->knows(one).value());
  CHECK(!ids.store->knows(12345).value());
}

TEST_CASE("person ids fit in a double, do not repeat and do not follow arrival") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  std::set<PersonId> seen;
  int rises = 0;
  int high_bit = 0;
  PersonId last = 0;
  const int count = 20'000;
  for (int number = 0; number < count; ++number) {
    const PersonId person = ids.person(ipp(std::to_string(8'000'000'000 + number)));
    CHECK(person >= 1);
    CHECK(person < (PersonId{1} << 53));
    CHECK(static_cast<PersonId>(static_cast<double>(person)) == person);
    seen.insert(person);
    rises += person > last;
    high_bit += (person >> 52) & 1;
    last = person;
  }
  CHECK(seen.size() == count);
  // Half of the neighbours rise and half of the ids have the top bit: 5 sigma of a fair coin is
  // 354; neighbouring rises vary less.
  CHECK(std::abs(rises - count / 2) < 354);
  CHECK(std::abs(high_bit - count / 2) < 354);
  REQUIRE(ids.store->rollback().ok());
}

TEST_CASE("spellings of one identifier meet, those of two authorities or kinds do not") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId one = ids.person(ipp("8000000001"));
  CHECK(ids.person(ipp(" 80 00 00 00 01 ")) == one);
  CHECK(ids.person(of(IdentifierKind::Ipp, "8000000001", "690781810")) != one);
  CHECK(ids.person(of(IdentifierKind::External, "8000000001")) != one);
  CHECK(ids.person(ipp("08000000001")) != one);
  CHECK(ids.person(ipp("ab12")) == ids.person(ipp("AB12")));
  // The ANS test patient 2790351215189, key 89 (reference: national identity test cases).
  const PersonId national = ids.person(of(IdentifierKind::Nir, "279035121518989", ""));
  CHECK(ids.person(of(IdentifierKind::Nir, "2 79 03 51 215 189 89", "any")) == national);
  CHECK(ids.person(of(IdentifierKind::Nir, "2790351215189", "")) == national);
  CHECK(ids.person(of(IdentifierKind::Ins, "2790351215189", "")) != national);
}

TEST_CASE("identifiers that cannot be are refused, and the error does not repeat them") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const Identifier bad[] = {ipp(""),
                            ipp("   "),
                            ipp(std::string(65, '9')),
                            ipp(std::string(5000, '9')),
                            ipp("80\n01"),
                            ipp("80\xC2 \xA0"),
                            ipp(std::string("80\0001", 5)),
                            of(IdentifierKind::Ipp, "8001", ""),
                            of(IdentifierKind::Ipp, "8001", std::string(65, '7')),
                            of(IdentifierKind::Nir, "279035121518988", ""),
                            of(IdentifierKind::Nir, "27903512151898", ""),
                            of(IdentifierKind::Nir, "27903512151AX", ""),
                            of(IdentifierKind::Nir, "279032C215189", ""),
                            of(IdentifierKind::Ins, "0790351215189", "")};
  for (const Identifier& identifier : bad) {
    const Result<PersonId> person = ids.store->person_of(identifier);
    REQUIRE(!person.ok());
    CHECK((person.error().code == Code::Malformed || person.error().code == Code::Limit));
    CHECK(person.error().message.find("8001") == std::string::npos);
    CHECK(person.error().message.find("2790") == std::string::npos);
  }
  CHECK(ids.store->counts().value().persons == 0);
}

TEST_CASE("nothing changes outside a transaction") {
  Identities ids;
  CHECK(ids.store->person_of(ipp("8001")).error().code == Code::Usage);
  CHECK(ids.store->visit_of(nda("1")).error().code == Code::Usage);
  CHECK(ids.store->detail_of(nda("1"), "1").error().code == Code::Usage);
  CHECK(ids.store->link(ipp("8001"), 1).error().code == Code::Usage);
  CHECK(ids.store->merge(1, 2).error().code == Code::Usage);
  CHECK(ids.store->split(1).error().code == Code::Usage);
  CHECK(ids.store->link_visit(rss("1"), nda("1")).error().code == Code::Usage);
  CHECK(ids.store->set_traits(1, Traits{}, 1).error().code == Code::Usage);
  CHECK(ids.store->commit().error().code == Code::Usage);
  CHECK(ids.store->rollback().error().code == Code::Usage);
  REQUIRE(ids.store->begin().ok());
  CHECK(ids.store->begin().error().code == Code::Usage);
  CHECK(ids.store->link(ipp("8001"), 1).error().code == Code::NotFound);
  CHECK(ids.store->merge(1, 2).error().code == Code::NotFound);
  CHECK(ids.store->split(1).error().code == Code::NotFound);
  CHECK(ids.store->visit_of(ipp("8001")).error().code == Code::Usage);
  CHECK(ids.store->find_visit(ipp("8001")).error().code == Code::Usage);
  CHECK(ids.store->person_of_visit(77).error().code == Code::NotFound);
}

TEST_CASE("what was rolled back never was") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId kept = ids.person(ipp("8001"));
  const VisitId visit = ids.store->visit_of(nda("1")).value();
  REQUIRE(ids.store->commit().ok());
  REQUIRE(ids.store->begin().ok());
  const PersonId lost = ids.person(of(IdentifierKind::Ipp, "8002", "another"));
  REQUIRE(ids.store->link(nda("1"), lost).ok());
  REQUIRE(ids.store->merge(kept, lost).value().has_value());
  CHECK(ids.store->detail_of(nda("1"), "1").ok());
  REQUIRE(ids.store->rollback().ok());
  CHECK(ids.store->find(ipp("8001")).value() == kept);
  CHECK(ids.store->find(of(IdentifierKind::Ipp, "8002", "another")).value() == std::nullopt);
  CHECK(ids.store->merges().value().empty());
  CHECK(ids.store->person_of_visit(visit).value() == std::nullopt);
  REQUIRE(ids.store->begin().ok());
  CHECK(ids.person(of(IdentifierKind::Ipp, "8002", "another")) != lost);
  REQUIRE(ids.store->commit().ok());
  const IdentityCounts counts = ids.store->counts().value();
  CHECK(counts.persons == 2);
  CHECK(counts.details == 0);
}

TEST_CASE("a provisional person that gets an IPP is absorbed by the person who holds it") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId provisional = ids.person(nda("N1"));
  const PersonId holder = ids.person(ipp("8001"));
  const std::optional<Merge> merge = ids.store->link(nda("N1"), holder).value();
  REQUIRE(merge.has_value());
  CHECK(merge->survivor == holder);
  CHECK(merge->absorbed == provisional);
  CHECK(merge->doubt == Doubt::None);
  CHECK(ids.store->find(nda("N1")).value() == holder);
  CHECK(ids.store->resolve(provisional).value() == holder);
  CHECK(!ids.store->link(nda("N1"), holder).value().has_value());
  CHECK(!ids.store->link(ipp("8001"), provisional).value().has_value());
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  CHECK(ids.store->resolve(provisional).value() == holder);
  CHECK(ids.store->merges().value().size() == 1);
}

TEST_CASE("a stay of nobody yet takes the person it is linked to without a merge") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const VisitId visit = ids.store->visit_of(nda("N1")).value();
  CHECK(ids.store->person_of_visit(visit).value() == std::nullopt);
  const PersonId person = ids.person(ipp("8001"));
  CHECK(!ids.store->link(nda("N1"), person).value().has_value());
  CHECK(ids.store->person_of_visit(visit).value() == person);
  CHECK(ids.person(nda("N1")) == person);
}

TEST_CASE("of two persons alike, the one known first survives, and the doubt is said") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId older = ids.person(ipp("8001"));
  const PersonId younger = ids.person(ipp("8002"));
  const std::optional<Merge> merge = ids.store->link(ipp("8001"), younger).value();
  REQUIRE(merge.has_value());
  CHECK(merge->survivor == older);
  CHECK(merge->absorbed == younger);
  CHECK(merge->doubt == Doubt::TwoIpps);

  const PersonId first = ids.person(of(IdentifierKind::Nir, "2790351215189", ""));
  const PersonId second = ids.person(of(IdentifierKind::Nir, "1480775999012", ""));
  const std::optional<Merge> nationals = ids.store->merge(second, first).value();
  REQUIRE(nationals.has_value());
  CHECK(nationals->survivor == first);
  CHECK(nationals->doubt == Doubt::TwoNationals);
}

TEST_CASE("chains of merges lead to one survivor, and each can be undone") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId a = ids.person(ipp("1"));
  const PersonId b = ids.person(ipp("2"));
  const PersonId c = ids.person(ipp("3"));
  const Merge bc = ids.store->merge(c, b).value().value();
  const Merge ab = ids.store->merge(c, a).value().value();
  CHECK(bc.survivor == b);
  CHECK(ab.survivor == a);
  CHECK(ab.absorbed == b);
  for (const PersonId person : {a, b, c}) CHECK(ids.store->resolve(person).value() == a);
  REQUIRE(ids.store->link(ipp("4"), c).ok());
  CHECK(ids.store->find(ipp("4")).value() == a);

  const Merge undone = ids.store->split(ab.merge_no).value();
  CHECK(undone.undone_us > 0);
  CHECK(ids.store->find(ipp("3")).value() == b);
  CHECK(ids.store->find(ipp("1")).value() == a);
  CHECK(ids.store->find(ipp("4")).value() == a);
  CHECK(ids.store->split(ab.merge_no).error().code == Code::Conflict);
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  CHECK(ids.store->find(ipp("3")).value() == b);
  const std::vector<Merge> merges = ids.store->merges().value();
  REQUIRE(merges.size() == 2);
  CHECK(merges[0].undone_us == 0);
  CHECK(merges[1].undone_us == undone.undone_us);
}

TEST_CASE("an RSS number and an NDA are one stay once linked, in any order of arrival") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  // Neither is known; then each link again says nothing new.
  const VisitLink fresh = ids.store->link_visit(rss("R1"), nda("N1")).value();
  CHECK(ids.store->visit_of(rss("R1")).value() == fresh.visit);
  CHECK(ids.store->visit_of(nda("N1")).value() == fresh.visit);
  CHECK(!ids.store->link_visit(rss("R1"), nda("N1")).value().visits.has_value());
  // The RSS came first.
  const VisitId r2 = ids.store->visit_of(rss("R2")).value();
  CHECK(ids.store->link_visit(rss("R2"), nda("N2")).value().visit == r2);
  CHECK(ids.store->find_visit(nda("N2")).value() == r2);
  // Both came, of two persons.
  const PersonId provisional = ids.person(rss("R3"));
  const VisitId r3 = ids.store->visit_of(rss("R3")).value();
  const PersonId holder = ids.person(ipp("8003"));
  REQUIRE(ids.store->link(nda("N3"), holder).ok());
  const VisitId n3 = ids.store->visit_of(nda("N3")).value();
  const VisitLink both = ids.store->link_visit(rss("R3"), nda("N3")).value();
  CHECK(both.visit == n3);
  REQUIRE(both.visits.has_value());
  CHECK(both.visits->absorbed == r3);
  REQUIRE(both.persons.has_value());
  CHECK(both.persons->survivor == holder);
  CHECK(both.persons->absorbed == provisional);
  CHECK(ids.store->find_visit(rss("R3")).value() == n3);
  CHECK(!ids.store->link_visit(rss("R3"), nda("N3")).value().visits.has_value());
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  CHECK(ids.store->find_visit(rss("R3")).value() == n3);
  CHECK(ids.store->resolve_visit(r3).value() == n3);
  CHECK(ids.store->person_of_visit(r3).value() == holder);
}

TEST_CASE("a stay known by its NDA takes the person its RSS had") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId person = ids.person(rss("R1"));
  const VisitId visit = ids.store->visit_of(nda("N1")).value();
  const VisitLink link = ids.store->link_visit(rss("R1"), nda("N1")).value();
  CHECK(link.visit == visit);
  CHECK(!link.persons.has_value());
  CHECK(ids.store->person_of_visit(visit).value() == person);
}

TEST_CASE("movements keep their id through feeds, restarts and merges of stays") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  REQUIRE(ids.store->visit_of(rss("R1")).ok());
  const DetailId one = ids.store->detail_of(rss("R1"), "1").value();
  const DetailId two = ids.store->detail_of(rss("R1"), "2").value();
  CHECK(two == one + 1);
  CHECK(ids.store->detail_of(rss("R11"), "").value() !=
        ids.store->detail_of(rss("R1"), "1").value());
  CHECK(ids.store->detail_of(nda("R1"), "1").value() != one);
  REQUIRE(ids.store->visit_of(nda("N1")).ok());
  REQUIRE(ids.store->link_visit(rss("R1"), nda("N1")).ok());
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  CHECK(ids.store->detail_of(rss("R1"), "1").value() == one);
  REQUIRE(ids.store->begin().ok());
  CHECK(ids.store->detail_of(rss("R1"), "2").value() == two);
  CHECK(ids.store->detail_of(rss("R1"), "3").value() > two);
  CHECK(ids.store->detail_of(rss("R1"), std::string(65, 'x')).error().code == Code::Limit);
  CHECK(ids.store->detail_of(ipp("8001"), "1").error().code == Code::Usage);
}

Traits someone(std::string name, std::string phone) {
  Traits traits;
  traits.birth_name = Identifying<std::string>(std::move(name));
  traits.phone = Identifying<std::string>(std::move(phone));
  return traits;
}

TEST_CASE("traits keep their history, the newest word wins, silence erases nothing") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId person = ids.person(ipp("8001"));
  REQUIRE(ids.store->set_traits(person, someone("MARTIN", "0102030405"), 1).ok());
  REQUIRE(ids.store->set_traits(person, someone("MARTIN", "0102030405"), 1).ok());
  REQUIRE(ids.store->set_traits(person, someone("MARTIN-DUPUIS", ""), 2).ok());
  REQUIRE(ids.store->set_traits(person, Traits{}, 2).ok());
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  const std::vector<TraitRecord> history = ids.store->trait_history(person, Reason::Match).value();
  REQUIRE(history.size() == 2);
  CHECK(history[0].source == 1);
  CHECK(history[0].traits == someone("MARTIN", "0102030405"));
  CHECK(history[1].source == 2);
  CHECK(history[1].recorded_us > 0);
  CHECK(ids.store->traits(person, Reason::Match).value() == someone("MARTIN-DUPUIS", "0102030405"));
  REQUIRE(ids.store->begin().ok());
  CHECK(ids.store->set_traits(99, someone("X", ""), 1).error().code == Code::NotFound);
  CHECK(ids.store->set_traits(person, someone(std::string(kTraitBytesMax + 1, 'x'), ""), 1)
            .error()
            .code == Code::Limit);
}

TEST_CASE("after a merge, traits and identifiers of both are the survivor's; after a split, not") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId one = ids.person(ipp("8001"));
  const PersonId two = ids.person(nda("N2"));
  REQUIRE(ids.store->set_traits(one, someone("MARTIN", ""), 1).ok());
  REQUIRE(ids.store->set_traits(two, someone("", "0102030405"), 1).ok());
  REQUIRE(ids.store->link_visit(rss("R2"), nda("N2")).ok());
  const Merge merge = ids.store->merge(one, two).value().value();
  CHECK(ids.store->traits(two, Reason::Match).value() == someone("MARTIN", "0102030405"));
  std::set<std::string> values;
  const std::vector<Identifier> all = ids.store->identifiers_of(one, Reason::Match).value();
  for (const Identifier& identifier : all) {
    CHECK(identifier.authority == kHospital);
    values.insert(identifier.value.reveal(Reason::Match));
  }
  CHECK(values == std::set<std::string>{"8001", "N2", "R2"});
  REQUIRE(ids.store->split(merge.merge_no).ok());
  CHECK(ids.store->traits(one, Reason::Match).value() == someone("MARTIN", ""));
  CHECK(ids.store->identifiers_of(one, Reason::Match).value().size() == 1);
  CHECK(ids.store->identifiers_of(two, Reason::Match).value().size() == 2);
}

TEST_CASE("record keys are stable, positive, and the warehouse's own") {
  Identities ids;
  const std::int64_t key = ids.store->record_key("750712184|R1|1");
  CHECK(key == ids.store->record_key("750712184|R1|1"));
  CHECK(ids.reopened()->record_key("750712184|R1|1") == key);
  CHECK(key != ids.store->record_key("750712184|R1|2"));
  CHECK(Identities().store->record_key("750712184|R1|1") != key);
  for (int number = 0; number < 1000; ++number) {
    CHECK(ids.store->record_key(std::to_string(number)) >= 0);
  }
}

TEST_CASE("a store opened with the keys of another warehouse is refused") {
  const Identities ids;
  const Identities other;
  const Result<std::unique_ptr<IdentityStore>> opened =
      IdentityStore::open(Env::posix(), other.keys, ids.directory.at("identity"));
  REQUIRE(!opened.ok());
  CHECK(opened.error().code == Code::Refused);
}

TEST_CASE("a file that is no identity store is refused") {
  const DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::filesystem::create_directories(directory.at("identity"));
  set_bytes_of_file(directory.at("identity/identity.db"), std::string(4096, 'x'));
  CHECK(!IdentityStore::open(Env::posix(), keys, directory.at("identity")).ok());
}

TEST_CASE("another process's identities are seen, and no identifier gets two persons") {
  Identities ids;
  const std::unique_ptr<IdentityStore> other = ids.reopened();
  REQUIRE(ids.store->begin().ok());
  const PersonId one = ids.person(ipp("8001"));
  const VisitId visit = ids.store->visit_of(nda("N1")).value();
  REQUIRE(ids.store->commit().ok());
  CHECK(other->find(ipp("8001")).value() == one);
  REQUIRE(other->begin().ok());
  CHECK(other->person_of(ipp("8001")).value() == one);
  const PersonId two = other->person_of(ipp("8002")).value();
  CHECK(other->visit_of(nda("N2")).value() != visit);
  REQUIRE(other->merge(one, two).ok());
  REQUIRE(other->commit().ok());
  REQUIRE(ids.store->begin().ok());
  CHECK(ids.person(ipp("8002")) == one);
  CHECK(ids.store->resolve(two).value() == one);
}

TEST_CASE("a warmed store answers as a cold one") {
  Identities ids;
  std::unordered_map<int, PersonId> made;
  REQUIRE(ids.store->begin().ok());
  for (int number = 0; number < 5000; ++number)
    made[number] = ids.person(ipp(std::to_string(number)));
  REQUIRE(ids.store->commit().ok());
  ids.store = ids.reopened();
  REQUIRE(ids.store->warm().ok());
  REQUIRE(ids.store->begin().ok());
  for (int number = 0; number < 6000; ++number) {
    const std::optional<PersonId> found = ids.store->find(ipp(std::to_string(number))).value();
    CHECK(found.has_value() == (number < 5000));
    if (found.has_value()) CHECK(*found == made[number]);
  }
}

TEST_CASE("values moved from one row to another do not open") {
  Identities ids;
  REQUIRE(ids.store->begin().ok());
  const PersonId one = ids.person(ipp("8001"));
  const PersonId two = ids.person(ipp("8002"));
  REQUIRE(ids.store->set_traits(one, someone("MARTIN", ""), 1).ok());
  REQUIRE(ids.store->set_traits(two, someone("DURAND", ""), 1).ok());
  REQUIRE(ids.store->commit().ok());
  ids.store.reset();
  const auto alter = [&](const std::string& sql) {
    const std::string command =
        "sqlite3 '" + ids.directory.at("identity/identity.db") + "' \"" + sql + "\"";
    return std::system(command.c_str()) == 0;
  };
  if (!alter("SELECT 1 WHERE 0")) {
    MESSAGE("skipped: the sqlite3 program is not present");
    return;
  }
  // Somebody who can write the file gives one person's rows to the other.
  REQUIRE(alter("UPDATE trait SET person_id=" + std::to_string(one) +
                " WHERE person_id=" + std::to_string(two)));
  REQUIRE(alter("UPDATE identifier SET owner=" + std::to_string(one) +
                " WHERE owner=" + std::to_string(two)));
  ids.store = ids.reopened();
  CHECK(ids.store->traits(one, Reason::Match).error().code == Code::Corrupt);
  CHECK(ids.store->identifiers_of(one, Reason::Match).error().code == Code::Corrupt);
}

TEST_CASE("the cache finds what was put and not what was forgotten, as a map does") {
  std::mt19937_64 random(11);
  LookupCache cache;
  std::unordered_map<std::uint64_t, std::int64_t> map;
  for (int round = 0; round < 200; ++round) {
    const std::unordered_map<std::uint64_t, std::int64_t> before = map;
    cache.begin();
    for (int each = 0; each < 50; ++each) {
      // Few home slots, so that runs collide and wrap around.
      const std::uint64_t low = random() % 64 | (random() % 3 << 40);
      if (map.contains(low)) continue;
      const auto id = static_cast<std::int64_t>(random() >> 1) | 1;
      map[low] = id;
      cache.put({low, low}, id);
    }
    if (random() % 3 != 0) {
      cache.forget_added();
      map = before;
    } else {
      cache.end();
    }
    CHECK(cache.size() == map.size());
    for (std::uint64_t low = 0; low < 64; ++low) {
      for (std::uint64_t high = 0; high < 3; ++high) {
        const std::uint64_t key = low | high << 40;
        const auto found = map.find(key);
        REQUIRE(cache.find({key, key}) == (found == map.end() ? 0 : found->second));
      }
    }
    if (map.size() > 150) {
      map.clear();
      cache = LookupCache();
    }
  }
}

}  // namespace
}  // namespace eds::govern
