#include "format/text/dates.h"

#include <doctest/doctest.h>

#include <chrono>
#include <random>

namespace eds::text {
namespace {

std::int64_t us(std::string_view pattern, std::string_view text) {
  const auto compiled = DatePattern::compile(pattern);
  REQUIRE(compiled.ok());
  const auto parsed = compiled->parse_us(text);
  REQUIRE(parsed.has_value());
  return *parsed;
}

bool refused(std::string_view pattern, std::string_view text) {
  const auto compiled = DatePattern::compile(pattern);
  REQUIRE(compiled.ok());
  return !compiled->parse_us(text).has_value();
}

// Expected values: `date -u -d ... +%s`.
TEST_CASE("dates seen in French files are read") {
  constexpr std::int64_t kSecond = kMicrosecondsPerSecond;
  CHECK(us("iso", "2024-02-29") == 1709164800 * kSecond);
  CHECK(us("iso", "2024-02-29T13:45:10") == 1709214310 * kSecond);
  CHECK(us("iso", "2024-02-29 13:45:10.25") == 1709214310 * kSecond + 250000);
  CHECK(us("iso", "2024-02-29T13:45:10+01:00") == 1709210710 * kSecond);
  CHECK(us("iso", "2024-02-29T13:45:10Z") == 1709214310 * kSecond);
  CHECK(us("dd/MM/yyyy", "29/02/2024") == 1709164800 * kSecond);
  CHECK(us("ddMMyyyy", "29022024") == 1709164800 * kSecond);
  CHECK(us("yyyyMMdd", "20240229") == 1709164800 * kSecond);
  CHECK(us("yyyyMMdd[HHmm][ss]", "20240229134510") == 1709214310 * kSecond);
  CHECK(us("yyyyMMdd[HHmm][ss]", "20240229") == 1709164800 * kSecond);
  CHECK(us("dd-MM-yyyy HH:mm[:ss]", "29-02-2024 13:45") == 1709214300 * kSecond);
  CHECK(us("dd-MM-yyyy HH:mm[:ss]", "29-02-2024 13:45:10") == 1709214310 * kSecond);
  CHECK(us("d/M/yyyy H:mm", "1/3/2024 9:05") == 1709283900 * kSecond);
  CHECK(us("dd/MM/yy@1930", "29/02/24") == 1709164800 * kSecond);
  CHECK(us("dd/MM/yy@1930", "01/01/30") == -1262304000 * kSecond);
  CHECK(us("epoch-s", "1709214310") == 1709214310 * kSecond);
  CHECK(us("epoch-ms", "1709214310250") == 1709214310 * kSecond + 250000);
  CHECK(us("epoch-us", "-1") == -1);
  CHECK(DatePattern::compile("epoch-us")->parse_days("-1") == -1);
}

TEST_CASE("a date that does not exist is refused") {
  CHECK(refused("dd/MM/yyyy", "29/02/2023"));
  CHECK(refused("dd/MM/yyyy", "29/02/1900"));
  CHECK_FALSE(refused("dd/MM/yyyy", "29/02/2000"));
  CHECK(refused("dd/MM/yyyy", "31/04/2024"));
  CHECK(refused("dd/MM/yyyy", "00/01/2024"));
  CHECK(refused("dd/MM/yyyy", "01/13/2024"));
  CHECK(refused("yyyyMMdd", "00000101"));
  CHECK(refused("iso", "2024-02-29T24:00"));
  CHECK(refused("iso", "2024-02-29T23:60"));
  CHECK(refused("iso", "2024-02-29T23:59:60"));
}

TEST_CASE("text that does not fit its pattern is refused") {
  CHECK(refused("dd/MM/yyyy", "2024-02-29"));
  CHECK(refused("dd/MM/yyyy", "29/02/2024 "));
  CHECK(refused("dd/MM/yyyy", "29/02/24"));
  CHECK(refused("iso", "2024-02-29T"));
  CHECK(refused("iso", "2024-02-29T13"));
  CHECK(refused("iso", "2024-02-29T13:45:1"));
  CHECK(refused("iso", "2024-02-29T13:45:10+99:00"));
  CHECK(refused("iso", ""));
  CHECK(refused("epoch-s", "99999999999999999"));
  CHECK(refused("epoch-s", "12a"));
}

TEST_CASE("a pattern that cannot be a date is refused") {
  for (const char* pattern : {"", "dd/MM", "yyyy", "dd/MM/yy", "dd/MM/yyyyy", "dd/MM/yyyy[", "]",
                              "[[dd]]/MM/yyyy", "dd/dd/yyyy", "ddd/MM/yyyy", "dd/MM/yy@19"}) {
    CAPTURE(pattern);
    CHECK_FALSE(DatePattern::compile(pattern).ok());
  }
}

TEST_CASE("dates are written as ISO 8601 and read back") {
  CHECK(format_date(0) == "1970-01-01");
  CHECK(format_date(-1) == "1969-12-31");
  CHECK(format_timestamp(1709214310250000) == "2024-02-29T13:45:10.250000");
  CHECK(format_timestamp(-1) == "1969-12-31T23:59:59.999999");
  std::mt19937_64 random(5);
  const auto iso = DatePattern::compile("iso");
  for (int round = 0; round < 20000; ++round) {
    const auto value =
        static_cast<std::int64_t>(random() % 4'000'000'000'000'000ULL) - 1'000'000'000'000'000;
    REQUIRE(iso->parse_us(format_timestamp(value)) == value);
    const auto days = static_cast<std::int32_t>(value / kMicrosecondsPerDay);
    REQUIRE(parse_iso_date(format_date(days)) == days);
  }
}

TEST_CASE("no bytes and no pattern make date parsing fail") {
  constexpr std::string_view kAlphabet = "yMdHmsSX[]@19023/-: TZ+.";
  std::mt19937_64 random(11);
  for (int round = 0; round < 100000; ++round) {
    std::string pattern(random() % 16, ' ');
    for (char& c : pattern) c = kAlphabet[random() % kAlphabet.size()];
    if (round % 2 == 0) pattern = "dd/MM/yyyy[ HH:mm][:ss][.S][X]";
    std::string text(random() % 24, ' ');
    for (char& c : text) c = "0123456789/-: TZ+."[random() % 18];
    const auto compiled = DatePattern::compile(pattern);
    if (compiled.ok()) (void)compiled->parse_us(text);
  }
}

}  // namespace
}  // namespace eds::text
