// Numbers as French laboratories, exports and people write them.
//
// Invariants: no locale, no allocation, no exception. A decimal value is the double nearest to the
// text. What is not clearly one number is no number: ranges ("5-10"), titres ("1/80"), dates and
// times are refused rather than cut at their first digits.
// Threads: free functions without state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace eds::text {

/// What stands before a censored result.
enum class Comparator : std::uint8_t {
  Equal,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
  Approximate,  ///< "~ 5", "env. 5"
};

struct Measured {
  Comparator comparator = Comparator::Equal;
  double value = 0;
  bool flagged = false;   ///< surrounded or followed by '*': the laboratory's mark for abnormal
  std::string_view rest;  ///< what follows the number, trimmed: a unit, or nothing
};

/// A whole field that is one number: "12.5", "12,5", "-3", "1 234,5", "1.234,56", "1e-3", also
/// with no-break and thin spaces between groups of three. A lone comma or point is the decimal
/// mark ("1,234" is 1.234). Surrounding spaces are ignored; anything else refuses.
std::optional<double> parse_decimal(std::string_view field);

/// A result as a laboratory sends it: "<0.5", ">= 12", "*12.9*", "0,5 g/L", "inf. à 5".
std::optional<Measured> parse_measured(std::string_view field);

/// A whole field that is one integer of 64 bits, with optional sign, no grouping.
std::optional<std::int64_t> parse_integer(std::string_view field);

/// `field` without leading and trailing spaces, tabs and no-break spaces.
std::string_view trim(std::string_view field);

}  // namespace eds::text
