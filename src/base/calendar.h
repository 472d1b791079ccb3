// The calendar: days since 1970-01-01 and back, in the proleptic Gregorian calendar.
//
// Invariants: a moment is microseconds since 1970 and belongs to the day that holds it, before 1970
// too (day_of floors). Threads: pure functions. Source: ISO 8601; Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms" (a year begins in March, so that the leap day is
// its last).
#pragma once

#include <cstdint>
#include <optional>

namespace eds {

inline constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosecondsPerDay = 86'400 * kMicrosecondsPerSecond;

struct Date {
  std::int32_t year = 1970;
  std::int32_t month = 1;  ///< 1-12
  std::int32_t day = 1;    ///< 1-31
  friend bool operator==(const Date&, const Date&) = default;
};

constexpr bool is_leap_year(std::int32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

/// A date that exists, in a year that four digits can write: 1 to 9999.
constexpr bool is_valid(Date date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

/// Days since 1970-01-01 of a date that exists.
constexpr std::int32_t days_from_date(Date date) {
  const std::int32_t year = date.year - (date.month <= 2 ? 1 : 0);
  const std::int32_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int32_t year_of_era = year - era * 400;
  const std::int32_t shifted_month = date.month + (date.month > 2 ? -3 : 9);
  const std::int32_t day_of_year = (153 * shifted_month + 2) / 5 + date.day - 1;
  const std::int32_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr Date date_from_days(std::int32_t days) {
  const std::int32_t shifted = days + 719468;
  const std::int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int32_t day_of_era = shifted - era * 146097;
  const std::int32_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int32_t month_index = (5 * day_of_year + 2) / 153;
  const std::int32_t month = month_index + (month_index < 10 ? 3 : -9);
  return Date{year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
              day_of_year - (153 * month_index + 2) / 5 + 1};
}

/// The same, checked; nothing for 31 February.
constexpr std::optional<std::int32_t> checked_days(Date date) {
  if (!is_valid(date)) return std::nullopt;
  return days_from_date(date);
}

/// The day that holds a moment.
constexpr std::int32_t day_of(std::int64_t us) {
  const std::int64_t day = us / kMicrosecondsPerDay - (us % kMicrosecondsPerDay < 0 ? 1 : 0);
  return static_cast<std::int32_t>(day);
}

/// Whole years between two days, as a birthday counts them.
constexpr std::int32_t age_years(std::int32_t birth_days, std::int32_t on_days) {
  const Date birth = date_from_days(birth_days);
  const Date on = date_from_days(on_days);
  const bool before_birthday =
      on.month < birth.month || (on.month == birth.month && on.day < birth.day);
  return on.year - birth.year - (before_birthday ? 1 : 0);
}

}  // namespace eds
