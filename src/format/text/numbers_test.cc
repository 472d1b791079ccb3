#include "format/text/numbers.h"

#include <doctest/doctest.h>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

namespace eds::text {
namespace {

TEST_CASE("a decimal is read with a point or a comma") {
  CHECK(parse_decimal("12.5") == 12.5);
  CHECK(parse_decimal("12,5") == 12.5);
  CHECK(parse_decimal(" -0,25 ") == -0.25);
  CHECK(parse_decimal("+7") == 7);
  CHECK(parse_decimal("\xE2\x88\x92"
                      "3") == -3);
  CHECK(parse_decimal(".5") == 0.5);
  CHECK(parse_decimal("5.") == 5);
  CHECK(parse_decimal("1,234") == 1.234);  // a lone comma is the decimal mark
  CHECK(parse_decimal("1e-3") == 0.001);
  CHECK(parse_decimal("1,5E+03") == 1500);
}

TEST_CASE("thousands are grouped by spaces, or by the mark that is not decimal") {
  CHECK(parse_decimal("1 234,5") == 1234.5);
  CHECK(parse_decimal("150 000") == 150000);
  CHECK(parse_decimal("1\xC2\xA0"
                      "234\xE2\x80\xAF"
                      "567") == 1234567);
  CHECK(parse_decimal("1.234,56") == 1234.56);
  CHECK(parse_decimal("1,234.56") == 1234.56);
  CHECK(parse_decimal("1.234.567") == 1234567);
  CHECK_FALSE(parse_decimal("12 34"));
  CHECK_FALSE(parse_decimal("1234 567"));
  CHECK_FALSE(parse_decimal("0.123,45"));
}

TEST_CASE("what is not one number is refused") {
  for (const char* text : {"", " ", "-", ",", "abc", "1.2.3", "12/05/2024", "5-10", "1e", "0x10",
                           "nan", "inf", "1,2,3", "--5", "1e99999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_decimal(text));
  }
}

TEST_CASE("a result keeps its comparator, its mark and its unit") {
  const auto less = parse_measured("<0.5");
  REQUIRE(less);
  CHECK(less->comparator == Comparator::Less);
  CHECK(less->value == 0.5);
  CHECK(parse_measured(">= 12")->comparator == Comparator::GreaterOrEqual);
  CHECK(parse_measured("≤ 3,1")->comparator == Comparator::LessOrEqual);
  CHECK(parse_measured("&lt;5")->comparator == Comparator::Less);
  CHECK(parse_measured("inf. à 5")->comparator == Comparator::Less);
  CHECK(parse_measured("Supérieur ou égal à 90")->comparator == Comparator::GreaterOrEqual);
  CHECK(parse_measured("Supérieur ou égal à 90")->value == 90);
  CHECK(parse_measured("~ 7")->comparator == Comparator::Approximate);

  const auto starred = parse_measured("*12.9*");
  REQUIRE(starred);
  CHECK(starred->flagged);
  CHECK(starred->value == 12.9);
  CHECK(starred->rest.empty());

  const auto with_unit = parse_measured("0,5 g/L");
  REQUIRE(with_unit);
  CHECK(with_unit->value == 0.5);
  CHECK(with_unit->rest == "g/L");
  CHECK_FALSE(with_unit->flagged);
  CHECK(parse_measured("4,5 10^9/L")->rest == "10^9/L");
  CHECK(parse_measured("4500 /mm3 *")->rest == "/mm3");
  CHECK(parse_measured("4500 /mm3 *")->flagged);
  CHECK(parse_measured("12%")->rest == "%");
}

TEST_CASE("a range, a titre, a date or a time is not cut at its first number") {
  for (const char* text : {"5-10", "5 - 10", "1/80", "12/05/2024", "10:30", "12 34", "2024-01-01",
                           "3,5 - 5,0 mmol/L", "positif", "++", "<", "voir texte"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_measured(text));
  }
}

TEST_CASE("integers are read whole") {
  CHECK(parse_integer(" 42 ") == 42);
  CHECK(parse_integer("-7") == -7);
  CHECK(parse_integer("+7") == 7);
  CHECK(parse_integer("9223372036854775807") == INT64_MAX);
  CHECK_FALSE(parse_integer("9223372036854775808"));
  CHECK_FALSE(parse_integer("4.0"));
  CHECK_FALSE(parse_integer(""));
}

TEST_CASE("every double written shortest reads back the same, as from_chars does") {
  std::mt19937_64 random(42);
  for (int round = 0; round < 200000; ++round) {
    std::uint64_t bits = random();
    double value = 0;
    static_assert(sizeof value == sizeof bits);
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
    const auto read = parse_decimal({text, static_cast<std::size_t>(end.ptr - text)});
    REQUIRE(read);
    REQUIRE(*read == value);
  }
}

TEST_CASE("short decimals agree with strtod, whichever the mark") {
  std::mt19937_64 random(43);
  for (int round = 0; round < 100000; ++round) {
    std::string text = std::to_string(random() % 100000000);
    const std::size_t places = random() % 6;
    text += '.';
    for (std::size_t i = 0; i <= places; ++i) text += static_cast<char>('0' + random() % 10);
    const double expected = std::strtod(text.c_str(), nullptr);  // the test runs in the C locale
    REQUIRE(parse_decimal(text) == expected);
    text[text.find('.')] = ',';
    REQUIRE(parse_decimal(text) == expected);
  }
}

TEST_CASE("no bytes make the number parsers fail") {
  constexpr std::string_view kAlphabet =
      "0123456789.,-+eE <>=*/\xC2\xA0\xE2\x80\xAF"
      "infsup";
  std::mt19937_64 random(7);
  for (int round = 0; round < 100000; ++round) {
    std::string text(random() % 100, ' ');
    for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
    if (const auto measured = parse_measured(text)) CHECK(std::isfinite(measured->value));
    if (const auto decimal = parse_decimal(text)) CHECK(std::isfinite(*decimal));
    (void)parse_integer(text);
  }
}

}  // namespace
}  // namespace eds::text
