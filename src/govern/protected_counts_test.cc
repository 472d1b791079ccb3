// Protected counts: what they say, and what an attacker who knows how they are made gets from them.
// EDS_COUNT_ATTACKS sets how many pairs the attacks try (2,000).
#include "govern/protected_counts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <set>

#include "govern/directory_for_test.h"
#include "sqlite/sqlite.h"

namespace eds::govern {
namespace {

using Persons = std::vector<std::int64_t>;

struct Desk {
  DirectoryForTest directory;
  KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::unique_ptr<ProtectedCounts> counts;
  int askers = 0;

  explicit Desk(const CountPolicy& policy = {})
      : counts(ProtectedCounts::open(Env::posix(), keys, ":memory:", policy).value()) {}
  /// Asked by somebody who never asked before: as many accomplices as there are questions.
  ProtectedCount ask(const Persons& persons) {
    return counts->answer("asker" + std::to_string(++askers), persons).value();
  }
};

Persons first(std::int64_t count) {
  Persons persons(static_cast<std::size_t>(count));
  std::iota(persons.begin(), persons.end(), 1);
  return persons;
}

Persons random_set(std::mt19937_64& random, std::int64_t universe, std::size_t size) {
  std::set<std::int64_t> chosen;
  while (chosen.size() < size)
    chosen.insert(1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(universe)));
  return {chosen.begin(), chosen.end()};
}

Persons with(Persons persons, std::int64_t person) {
  persons.insert(std::lower_bound(persons.begin(), persons.end(), person), person);
  return persons;
}

Persons without(Persons persons, std::int64_t person) {
  persons.erase(std::remove(persons.begin(), persons.end(), person), persons.end());
  return persons;
}

double middle(const ProtectedCount& count) {
  return static_cast<double>(count.low + count.high) / 2;
}

int attack_count() {
  const char* wanted = std::getenv("EDS_COUNT_ATTACKS");
  return wanted == nullptr ? 2000 : std::atoi(wanted);
}

}  // namespace

TEST_CASE("CNT-1: a count reads <10, then tens; zero is told apart only when the policy says so") {
  CountPolicy plain;
  plain.noise_max = 0;
  for (const auto& [size, text] :
       std::vector<std::pair<std::int64_t, std::string>>{{0, "<10"},
                                                         {1, "<10"},
                                                         {9, "<10"},
                                                         {10, "10-20"},
                                                         {19, "10-20"},
                                                         {20, "20-30"},
                                                         {99, "90-100"},
                                                         {125, "120-130"},
                                                         {1'000'003, "1000000-1000010"}}) {
    Desk desk(plain);
    CHECK(desk.ask(first(size)).text() == text);
  }
  plain.zero = ShowZero::Yes;
  CHECK(Desk(plain).ask({}).text() == "0");
  CHECK(Desk(plain).ask({5}).text() == "<10");
}

TEST_CASE("CNT-1: the threshold is 5 to 20, and bands begin at it") {
  CountPolicy policy;
  policy.noise_max = 0;
  for (const std::int64_t bad : {0, 4, 21}) {
    policy.threshold = bad;
    DirectoryForTest directory;
    const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
    CHECK(ProtectedCounts::open(Env::posix(), keys, ":memory:", policy).error().code ==
          Code::Usage);
  }
  policy.threshold = 15;
  CHECK(Desk(policy).ask(first(14)).text() == "<15");
  CHECK(Desk(policy).ask(first(15)).text() == "15-20");
  CHECK(Desk(policy).ask(first(20)).text() == "20-30");
}

TEST_CASE("CNT-1: whatever the set, a fresh answer is a band of ten within the noise") {
  std::mt19937_64 random(1);
  Desk desk;
  std::set<std::int64_t> offsets;
  for (int round = 0; round < 400; ++round) {
    const std::int64_t size = static_cast<std::int64_t>(random() % 3000);
    // Far from every other set: persons of its own.
    Persons persons(static_cast<std::size_t>(size));
    std::iota(persons.begin(), persons.end(), 1'000'000 * (round + 1));
    // Two small sets are near whoever they hold, and share an answer: each has its own desk.
    const ProtectedCount count = size < 60 ? Desk().ask(persons) : desk.ask(persons);
    if (size < 10) {
      CHECK(count == ProtectedCount{0, 10});
      continue;
    }
    CHECK(count.low % 10 == 0);
    CHECK(count.high == count.low + 10);
    CHECK(count.low >= 10);
    CHECK(count.low <= size + 10);
    CHECK(count.high > size - 10);
    offsets.insert(count.low - size / 10 * 10);
  }
  CHECK(offsets == std::set<std::int64_t>{-10, 0, 10});  // The noise is there, both ways.
}

TEST_CASE("CNT-3: ten thousand repeats have one answer, also after the program began again") {
  DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  const Path book = directory.at("counts.db");
  const auto open = [&] { return ProtectedCounts::open(Env::posix(), keys, book, {}).value(); };
  auto counts = open();
  const Persons persons = first(137);
  const ProtectedCount once = counts->answer("eve", persons).value();
  for (int round = 0; round < 10'000; ++round)
    REQUIRE(counts->answer("eve", persons).value() == once);
  counts.reset();
  CHECK(open()->answer("adam", persons).value() == once);
}

TEST_CASE("CNT-3: averaging gives the same band as asking once") {
  Desk desk;
  double sum = 0;
  for (int round = 0; round < 1000; ++round) sum += middle(desk.ask(first(137)));
  CHECK(sum / 1000 == middle(desk.ask(first(137))));
}

TEST_CASE("CNT-3: noise is another under another key") {
  std::set<std::int64_t> answers;
  for (int round = 0; round < 30; ++round) answers.insert(Desk().ask(first(500)).low);
  CHECK(answers.size() > 1);
}

TEST_CASE("CNT-4: two sets that differ by fewer than ten persons have the same answer") {
  std::mt19937_64 random(2);
  Desk desk;
  for (int round = 0; round < attack_count() / 4; ++round) {
    const Persons one = random_set(random, 1'000'000, 5 + random() % 300);
    Persons other = one;
    const std::size_t apart = 1 + random() % 9;
    for (std::size_t step = 0; step < apart; ++step) {
      if (random() % 2 == 0 && other.size() > 1)
        other = without(other, other[random() % other.size()]);
      else
        other = with(other, 2'000'000 + static_cast<std::int64_t>(step));
    }
    REQUIRE(desk.ask(one) == desk.ask(other));
  }
}

TEST_CASE("CNT-4: asking with and without a person does not say whether he is one of them") {
  std::mt19937_64 random(3);
  Desk desk;
  int right = 0;
  const int pairs = attack_count();
  for (int round = 0; round < pairs; ++round) {
    const Persons others = random_set(random, 100'000, random() % 400);
    const std::int64_t target = 200'000 + round;
    const bool is_ill = random() % 2 == 0;
    // "everybody ill", and "everybody ill who is not the target".
    const ProtectedCount all = desk.ask(is_ill ? with(others, target) : others);
    const ProtectedCount rest = desk.ask(others);
    const bool guess = all != rest;
    if (guess == is_ill) ++right;
  }
  // "They are equal, so he is not ill" is right as often as not. 3 sigma of a fair coin.
  const double advantage = static_cast<double>(right) / pairs - 0.5;
  CHECK(std::abs(advantage) < 0.01 + 3 * 0.5 / std::sqrt(pairs));
}

TEST_CASE("CNT-4: individual and general trackers come out the same for ill and well") {
  // Denning's trackers: q(C) = q(C or T) + q(C or not T) - q(all), C one person.
  std::mt19937_64 random(4);
  Desk desk;
  const Persons all = random_set(random, 50'000, 3000);
  int told = 0;
  for (int round = 0; round < attack_count() / 10; ++round) {
    Persons tracker, rest;
    for (const std::int64_t person : all) (random() % 2 == 0 ? tracker : rest).push_back(person);
    // The target is in the tracker or in the rest; which is what the attacker wants.
    const std::int64_t target = all[random() % all.size()];
    const auto padded = [&](const Persons& set) {
      return std::binary_search(set.begin(), set.end(), target) ? set : with(set, target);
    };
    const double sum = middle(desk.ask(padded(tracker))) + middle(desk.ask(padded(rest)));
    const double base = middle(desk.ask(tracker)) + middle(desk.ask(rest));
    if (sum != base) ++told;
  }
  CHECK(told == 0);
}

TEST_CASE("CNT-4: a few persons are not found by inclusion and exclusion of large sets") {
  // |A and B| = |A| + |B| - |A or B|, for 1 or 4 persons in both: the attacker guesses which.
  std::mt19937_64 random(5);
  Desk desk;
  int right = 0;
  const int pairs = attack_count();
  for (int round = 0; round < pairs; ++round) {
    const std::int64_t base = 1'000'000 + 10'000LL * round;
    const bool many = random() % 2 == 0;
    Persons one(200 + random() % 100), other(200 + random() % 100);
    std::iota(one.begin(), one.end(), base);
    std::iota(other.begin(), other.end(),
              base + static_cast<std::int64_t>(one.size()) - (many ? 4 : 1));
    Persons both;
    std::set_union(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both));
    const double estimate =
        middle(desk.ask(one)) + middle(desk.ask(other)) - middle(desk.ask(both));
    // Bands' middles stand 0.5 above the mean of their numbers, each.
    if ((estimate - 0.5 > 2.5) == many) ++right;
  }
  const double advantage = static_cast<double>(right) / pairs - 0.5;
  MESSAGE("inclusion and exclusion, 1 or 4 persons: right " << right << " of " << pairs);
  CHECK(advantage < 0.08 + 3 * 0.5 / std::sqrt(pairs));
}

TEST_CASE("CNT-4: a cohort that grows release by release is not stuck at its first answer") {
  Desk desk;
  for (std::int64_t size = 100; size <= 600; size += 5) {
    const ProtectedCount count = desk.ask(first(size));
    // Noise, band and drift: 10 + 10 + 40.
    REQUIRE(std::abs(middle(count) - static_cast<double>(size)) <= 60);
  }
}

TEST_CASE("CNT-5: nearly the same set, eight times in a month, is refused to who asks") {
  Desk desk;
  const auto ask = [&](std::int64_t size) { return desk.counts->answer("eve", first(size)); };
  REQUIRE(ask(300).ok());
  for (std::int64_t more = 1; more <= 7; ++more) REQUIRE(ask(300 + more).ok());
  CHECK(ask(308).error().code == Code::Refused);
  CHECK(ask(303).ok());  // What was answered stays answered.
  CHECK(desk.counts->answer("adam", first(308)).ok());
  CHECK(ask(900).ok());
}

TEST_CASE("CNT-5: questions about handfuls of persons cost no near repeat") {
  Desk desk;
  for (std::int64_t person = 1; person <= 100; ++person)
    REQUIRE(desk.counts->answer("eve", Persons{person, person + 1}).value().text() == "<10");
}

TEST_CASE("CNT-5: a day's budget ends, and repeats are free of it") {
  CountPolicy policy;
  policy.asked_a_day_max = 3;
  Desk desk(policy);
  for (const std::int64_t size : {100, 200, 300})
    REQUIRE(desk.counts->answer("eve", first(size)).ok());
  CHECK(desk.counts->answer("eve", first(400)).error().code == Code::Refused);
  CHECK(desk.counts->answer("eve", first(200)).ok());
}

TEST_CASE("no person of a counted set stands in the book") {
  DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  const std::int64_t person = 0x4142434445464748;
  {
    const auto counts =
        ProtectedCounts::open(Env::posix(), keys, directory.at("counts.db"), {}).value();
    REQUIRE(counts->answer("eve", Persons{person}).ok());
  }
  const std::string id = std::to_string(person);
  for (const std::string& file : directory.files()) {
    const std::string bytes = bytes_of_file(file);
    CHECK(bytes.find("HGFEDCBA") == std::string::npos);
    CHECK(bytes.find("ABCDEFGH") == std::string::npos);
    CHECK(bytes.find(id) == std::string::npos);
  }
}

TEST_CASE("a damaged book gives no count") {
  DirectoryForTest directory;
  const KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  const Path book = directory.at("counts.db");
  {
    const auto counts = ProtectedCounts::open(Env::posix(), keys, book, {}).value();
    REQUIRE(counts->answer("eve", first(50)).ok());
  }
  REQUIRE(sqlite::Database::open(book).value()->execute("UPDATE answer SET sketch = x'00'").ok());
  const auto counts = ProtectedCounts::open(Env::posix(), keys, book, {}).value();
  CHECK(counts->answer("eve", first(51)).error().code == Code::Corrupt);
  REQUIRE(sqlite::Database::open(book).value()->execute("PRAGMA user_version = 9").ok());
  CHECK_FALSE(ProtectedCounts::open(Env::posix(), keys, book, {}).ok());
}

}  // namespace eds::govern
