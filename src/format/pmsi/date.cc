#include "format/pmsi/date.h"

#include <cstring>

namespace eds::pmsi {
namespace {

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
  const auto digit = [jjmmaaaa](std::size_t i) { return jjmmaaaa[i] - '0'; };
  const eds::Date date{digit(4) * 1000 + digit(5) * 100 + digit(6) * 10 + digit(7),
                       digit(2) * 10 + digit(3), digit(0) * 10 + digit(1)};
  if (date.year < 1800 || date.year > 2199 || !is_valid(date)) return {DateState::Impossible, 0};
  return {DateState::Present, days_from_date(date)};
}

std::array<char, 8> format_date(Day day) {
  const eds::Date date = date_from_days(day);
  const auto put = [](std::int32_t value) { return static_cast<char>('0' + value % 10); };
  return {put(date.day / 10),    put(date.day),        put(date.month / 10), put(date.month),
          put(date.year / 1000), put(date.year / 100), put(date.year / 10),  put(date.year)};
}

}  // namespace eds::pmsi
