#include "base/calendar.h"

#include <doctest/doctest.h>

#include <chrono>

namespace eds {
namespace {

TEST_CASE("days agree with the standard library's calendar from year 1 to 9999") {
  namespace chrono = std::chrono;
  for (int day = -719162; day <= 2932896; day += 1) {
    const Date date = date_from_days(day);
    REQUIRE(days_from_date(date) == day);
    if (day % 13 != 0) continue;
    const chrono::year_month_day expected{chrono::sys_days{chrono::days{day}}};
    REQUIRE(date.year == static_cast<int>(expected.year()));
    REQUIRE(date.month == static_cast<int>(static_cast<unsigned>(expected.month())));
    REQUIRE(date.day == static_cast<int>(static_cast<unsigned>(expected.day())));
  }
}

TEST_CASE("days and dates agree with the calendar") {
  CHECK(days_from_date({1970, 1, 1}) == 0);
  CHECK(days_from_date({2000, 3, 1}) == 11017);  // 30 years of 365, 7 leap days, 31 + 29 days.
  CHECK(days_from_date({1900, 1, 1}) == -25567);
  CHECK_FALSE(checked_days({2023, 2, 29}).has_value());
  CHECK(checked_days({2024, 2, 29}).has_value());
  CHECK_FALSE(checked_days({1900, 2, 29}).has_value());
  for (std::int32_t days = -200'000; days < 200'000; days += 37) {
    CHECK(days_from_date(date_from_days(days)) == days);
  }
  CHECK(age_years(days_from_date({2000, 2, 29}), days_from_date({2001, 2, 28})) == 0);
  CHECK(age_years(days_from_date({2000, 2, 29}), days_from_date({2001, 3, 1})) == 1);
}

TEST_CASE("a moment belongs to the day that holds it, before 1970 too") {
  CHECK(day_of(0) == 0);
  CHECK(day_of(kMicrosecondsPerDay - 1) == 0);
  CHECK(day_of(kMicrosecondsPerDay) == 1);
  CHECK(day_of(-1) == -1);
  CHECK(day_of(-kMicrosecondsPerDay) == -1);
  CHECK(day_of(-kMicrosecondsPerDay - 1) == -2);
}

}  // namespace
}  // namespace eds
