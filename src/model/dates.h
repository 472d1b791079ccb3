// Days since 1970-01-01 and back, in the proleptic Gregorian calendar.
#pragma once

#include <cstdint>
#include <optional>

namespace eds::model {

inline constexpr std::int64_t kMicrosecondsPerDay = 86'400'000'000;

struct Date {
  std::int32_t year = 1970;
  std::int32_t month = 1;  ///< 1-12
  std::int32_t day = 1;    ///< 1-31
};

constexpr bool is_leap_year(std::int32_t year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr std::int32_t days_in_month(std::int32_t year, std::int32_t month) {
  constexpr std::int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : kDays[month - 1];
}

/// Days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
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

/// Days since 1970-01-01 of a date that exists; nothing for 31 February.
constexpr std::optional<std::int32_t> checked_days(Date date) {
  if (date.month < 1 || date.month > 12 || date.day < 1 ||
      date.day > days_in_month(date.year, date.month)) {
    return std::nullopt;
  }
  return days_from_date(date);
}

/// Whole years between two days, as a birthday counts them.
constexpr std::int32_t age_years(std::int32_t birth_days, std::int32_t on_days) {
  const Date birth = date_from_days(birth_days);
  const Date on = date_from_days(on_days);
  const bool before_birthday =
      on.month < birth.month || (on.month == birth.month && on.day < birth.day);
  return on.year - birth.year - (before_birthday ? 1 : 0);
}

}  // namespace eds::model
