// Dates of PMSI files: JJMMAAAA, as days of base/calendar.h.
//
// Invariants: a Day that came out of parse_date() is a day of the calendar between 1800 and 2199.
// Threads: pure functions.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/calendar.h"

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

/// The day of a date that exists.
constexpr Day day_of(int year, unsigned month, unsigned day) {
  return days_from_date({year, static_cast<std::int32_t>(month), static_cast<std::int32_t>(day)});
}

/// Reads the eight characters of a date field. Anything but eight characters is malformed.
Date parse_date(std::string_view jjmmaaaa);

/// The eight characters of `day`; the inverse of parse_date().
std::array<char, 8> format_date(Day day);

}  // namespace eds::pmsi
