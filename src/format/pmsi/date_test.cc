#include "format/pmsi/date.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace eds::pmsi {
namespace {

std::string_view view(const std::array<char, 8>& bytes) {
  return {bytes.data(), bytes.size()};
}

TEST_CASE("days are counted from 1970-01-01") {
  CHECK(parse_date("01011970").day == 0);
  CHECK(parse_date("31121969").day == -1);
  CHECK(parse_date("01012000").day == 10957);
  CHECK(parse_date("29022024").day == 19782);
  CHECK(parse_date("01011900").day == -25567);
}

TEST_CASE("dates are present, blank, malformed or impossible") {
  CHECK(parse_date("        ").state == DateState::Blank);
  CHECK(parse_date("00000000").state == DateState::Blank);
  CHECK(parse_date("0101197 ").state == DateState::Malformed);
  CHECK(parse_date("01/01/70").state == DateState::Malformed);
  CHECK(parse_date("0101197:").state == DateState::Malformed);
  CHECK(parse_date("0101").state == DateState::Malformed);
  CHECK(parse_date("29022023").state == DateState::Impossible);
  CHECK(parse_date("29021900").state == DateState::Impossible);
  CHECK(parse_date("29022000").state == DateState::Present);
  CHECK(parse_date("31042024").state == DateState::Impossible);
  CHECK(parse_date("00012024").state == DateState::Impossible);
  CHECK(parse_date("01132024").state == DateState::Impossible);
  CHECK(parse_date("01011799").state == DateState::Impossible);
}

TEST_CASE("every day from 1800 to 2199 comes back") {
  Day day = day_of(1800, 1, 1);
  for (; day <= day_of(2199, 12, 31); ++day) {
    const std::array<char, 8> bytes = format_date(day);
    const Date date = parse_date(view(bytes));
    if (!date.present() || date.day != day) FAIL("day " << day);
  }
  CHECK(view(format_date(day - 1)) == "31122199");
}

}  // namespace
}  // namespace eds::pmsi
