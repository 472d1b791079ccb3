// Units of laboratory results, as UCUM writes them, and the factor between two of one kind.
//
// Invariants: only units that are products and quotients of prefixed atoms and powers of ten; what
// is not understood, or of another kind (mass against substance), has no factor: the value then
// stays in its own unit. Case-sensitive, as UCUM is. Threads: free functions without state. Source:
// UCUM 2.1, tables 1-3; only atoms that laboratories use.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace eds::ingest::labs {

/// Base dimensions: mass, volume as length^3, length, time, substance, activity (U), international
/// unit, equivalent, osmole, pressure, count.
inline constexpr std::size_t kDimensionCount = 10;

struct Unit {
  double factor = 1;
  std::array<std::int8_t, kDimensionCount> powers{};
};

/// "mmol/L", "10*9/L", "mg/dL", "%", "U/L", "{cells}/uL", "mm[Hg]".
std::optional<Unit> parse_unit(std::string_view ucum);

/// What a value in `from` is multiplied by to be in `to`; nothing when they are not of one kind.
std::optional<double> conversion_factor(std::string_view from, std::string_view to);

}  // namespace eds::ingest::labs
