#include "format/pmsi/date.h"

#include <cstring>

namespace eds::pmsi {
namespace {

constexpr std::uint8_t kDaysOfMonth[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

bool is_leap(unsigned year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

// Eight ASCII digits at once: each byte is between '0' and '9' when its high nibble is 3 and adding
// 6 does not carry into that nibble.
bool all_digits(std::uint64_t bytes) {
  return ((bytes & 0xF0F0F0F0F0F0F0F0U) |
          (((bytes + 0x0606060606060606U) & 0xF0F0F0F0F0F0F0F0U) >> 4)) == 0x3333333333333333U;
}

}  // namespace

Date parse_date(std::string_view jjmmaaaa) {
  if (jjmmaaaa.size() != 8) return {DateState::Malformed, 0};
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, jjmmaaaa.data(), 8);
  if (bytes == 0x2020202020202020U || bytes == 0x3030303030303030U) return {};
  if (!all_digits(bytes)) return {DateState::Malformed, 0};
  const auto digit = [jjmmaaaa](std::size_t i) { return static_cast<unsigned>(jjmmaaaa[i] - '0'); };
  const unsigned day = digit(0) * 10 + digit(1);
  const unsigned month = digit(2) * 10 + digit(3);
  const unsigned year = digit(4) * 1000 + digit(5) * 100 + digit(6) * 10 + digit(7);
  if (year < 1800 || year > 2199 || month < 1 || month > 12 || day < 1) {
    return {DateState::Impossible, 0};
  }
  const unsigned last = kDaysOfMonth[month] + (month == 2 && is_leap(year) ? 1U : 0U);
  if (day > last) return {DateState::Impossible, 0};
  return {DateState::Present, day_of(static_cast<int>(year), month, day)};
}

std::array<char, 8> format_date(Day day) {
  // The inverse of day_of(): see there for the shape of years and eras.
  const std::int32_t z = day + 719468;
  const std::int32_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(z - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day_of_month = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const unsigned year = year_of_era + static_cast<unsigned>(era) * 400 + (month <= 2 ? 1U : 0U);
  const auto put = [](unsigned value) { return static_cast<char>('0' + value % 10); };
  return {put(day_of_month / 10), put(day_of_month), put(month / 10), put(month),
          put(year / 1000),       put(year / 100),   put(year / 10),  put(year)};
}

}  // namespace eds::pmsi
