// Dates of PMSI files: JJMMAAAA, as days since 1970-01-01 in the proleptic Gregorian calendar.
//
// Invariants: a Day that came out of parse_date() is a day of the calendar between 1800 and 2199.
// Threads: pure functions.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

namespace eds::pmsi {

using Day = std::int32_t;

enum class DateState : std::uint8_t {
  Present,
  Blank,       ///< spaces, or zeros as some software writes them
  Malformed,   ///< not eight digits
  Impossible,  ///< eight digits that are no day: 31022026, 00001953
};

struct Date {
  DateState state = DateState::Blank;
  Day day = 0;  ///< meaningful when Present

  bool present() const { return state == DateState::Present; }
  friend bool operator==(const Date&, const Date&) = default;
  friend auto operator<=>(const Date&, const Date&) = default;
};

/// Days since 1970-01-01 of a day of the calendar.
constexpr Day day_of(int year, unsigned month, unsigned day) {
  // Years start in March, so that the leap day comes last; 400 years are 146 097 days.
  const int y = year - (month <= 2 ? 1 : 0);
  const int era = (y >= 0 ? y : y - 399) / 400;
  const unsigned year_of_era = static_cast<unsigned>(y - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<Day>(day_of_era) - 719468;
}

/// Reads the eight characters of a date field. Anything but eight characters is malformed.
Date parse_date(std::string_view jjmmaaaa);

/// The eight characters of `day`; the inverse of parse_date().
std::array<char, 8> format_date(Day day);

}  // namespace eds::pmsi
