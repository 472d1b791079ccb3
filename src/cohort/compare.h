// Compare: SQL's comparisons of numbers, where a missing one (NaN) fails every one of them.
//
// Threads: pure.
#pragma once

#include <cmath>

#include "cohort/definition.h"

namespace eds::cohort {

/// NaN fails every comparison; so must NotEqual and NotBetween.
inline bool compare(Compare op, double value, double low, double high) {
  if (std::isnan(value)) return false;
  switch (op) {
    case Compare::Less: return value < low;
    case Compare::LessOrEqual: return value <= low;
    case Compare::Equal: return value == low;
    case Compare::NotEqual: return value != low;
    case Compare::Greater: return value > low;
    case Compare::GreaterOrEqual: return value >= low;
    case Compare::Between: return value >= low && value <= high;
    case Compare::NotBetween: return !(value >= low && value <= high);
  }
  return false;
}

/// A quotient of two decimals is exact to the reference; in binary it may miss a bound by a hair.
inline double snapped(double value, double bound) {
  return std::abs(value - bound) <= 1e-9 * std::max(1.0, std::abs(bound)) ? bound : value;
}

}  // namespace eds::cohort
