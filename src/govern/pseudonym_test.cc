// Pseudonyms of projects: known answers, no link between projects, exact intervals.
#include "govern/pseudonym.h"

#include <doctest/doctest.h>

#include <array>
#include <set>

namespace eds::govern {
namespace {

Key key_of(std::uint8_t first) {
  Key key;
  for (std::size_t i = 0; i < kKeyBytes; ++i)
    key.writable_bytes()[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

}  // namespace

TEST_CASE("a person's text is HMAC-SHA-256 of the id, cut to 128 bits") {
  // printf 00000001000000000000002a | xxd -r -p | openssl dgst -sha256 -mac HMAC
  //   -macopt hexkey:000102..1f
  const Pseudonymiser project(key_of(0), {});
  CHECK(project.person_text(42) == "abda517fa3288fe512df871c5047a259");
}

TEST_CASE("two projects share no pseudonym") {
  const Pseudonymiser one(key_of(0), {});
  const Pseudonymiser other(key_of(1), {});
  std::set<std::int64_t> seen;
  for (std::int64_t id = 1; id <= 20'000; ++id) seen.insert(one.person(id));
  CHECK(seen.size() == 20'000);
  for (std::int64_t id = 1; id <= 20'000; ++id) CHECK_FALSE(seen.contains(other.person(id)));
}

TEST_CASE("ids are within bounds and say nothing of their order") {
  const Pseudonymiser project(key_of(7), {});
  int rising = 0;
  std::array<int, 16> bins{};
  for (std::int64_t id = 1; id <= 16'000; ++id) {
    const std::int64_t pseudonym = project.person(id);
    CHECK(pseudonym >= 1);
    CHECK(pseudonym < (std::int64_t{1} << 53));
    ++bins[static_cast<std::size_t>(pseudonym >> 49)];
    rising += project.person(id + 1) > pseudonym ? 1 : 0;
    CHECK(project.event(3, id) >= 1);
  }
  // Half of the neighbours rise: 8,000 with a deviation of 37 (uniform sums); six of them.
  CHECK(std::abs(rising - 8'000) < 222);
  // Chi-square of 16 bins, 15 degrees of freedom: above 44.3 once in 10,000 keys.
  double chi = 0;
  for (const int count : bins) chi += (count - 1000.0) * (count - 1000.0) / 1000.0;
  CHECK(chi < 44.3);
}

TEST_CASE("the same number is another id in another table") {
  const Pseudonymiser project(key_of(7), {});
  CHECK(project.event(1, 5) != project.event(2, 5));
  CHECK(project.event(1, 5) == Pseudonymiser(key_of(7), {}).event(1, 5));
}

TEST_CASE("shifts fill their range evenly and never are zero") {
  const Pseudonymiser project(key_of(3), DateShift{365, false});
  std::array<int, 731> bins{};
  const int count = 730'000;
  for (std::int64_t id = 1; id <= count; ++id) {
    const std::int32_t days = project.shift_days(id);
    REQUIRE(days >= -365);
    REQUIRE(days <= 365);
    ++bins[static_cast<std::size_t>(days + 365)];
  }
  CHECK(bins[365] == 0);
  // Chi-square of 730 bins of 1,000, 729 degrees of freedom: above 880 once in 10,000 keys.
  double chi = 0;
  for (std::size_t i = 0; i < bins.size(); ++i)
    if (i != 365) chi += (bins[i] - 1000.0) * (bins[i] - 1000.0) / 1000.0;
  CHECK(chi < 880);
}

TEST_CASE("shifts of whole weeks keep the weekday, and none is none") {
  const Pseudonymiser weeks(key_of(3), DateShift{365, true});
  const Pseudonymiser none(key_of(3), DateShift{0, false});
  std::set<std::int32_t> seen;
  for (std::int64_t id = 1; id <= 10'000; ++id) {
    CHECK(weeks.shift_days(id) % 7 == 0);
    seen.insert(weeks.shift_days(id));
    CHECK(none.shift_days(id) == 0);
  }
  CHECK(seen.size() == 104);  // 52 weeks back, 52 forth.
  CHECK_FALSE(seen.contains(0));
}

}  // namespace eds::govern
