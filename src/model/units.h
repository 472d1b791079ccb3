// Units of measure: UCUM read into dimension and factor, French laboratory spellings turned into
// UCUM, values converted.
//
// Invariants: a conversion is done only between units of the same dimension; the mole, the
// equivalent, the osmole and every arbitrary unit ([IU], [CFU]...) are dimensions of their own, so
// that mass and amount never mix without an Analyte that says how. Powers of ten are kept apart
// from the other factors: 5.5 mmol/L is exactly 5500 umol/L. Nothing here changes the text that the
// source wrote: the caller keeps it beside.
// Threads: free functions without state.
// Source: The Unified Code for Units of Measure 2.1 (tables 1 to 7). Left out: bel and other
// logarithmic units, binary prefixes, US and British measures but inch, foot, pound and ounce, and
// gauss and tesla, because G/L and T/L mean 10*9/L and 10*12/L in a French laboratory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eds::model {

inline constexpr std::size_t kUnitBytesMax = 128;  ///< the longest UCUM code in LOINC has 40
inline constexpr int kUnitDepthMax = 8;            ///< nested parentheses
inline constexpr std::size_t kDimensionCount = 20;

/// Exponents of the base dimensions; see units.cc for their order.
using Dimension = std::array<std::int8_t, kDimensionCount>;

struct Unit {
  std::string ucum;        ///< as parsed; for read_unit(), the UCUM that was understood
  double coefficient = 1;  ///< value in base units = value * coefficient * 10^power_of_ten
  std::int32_t power_of_ten = 0;
  double offset = 0;  ///< added after, for degrees Celsius and Fahrenheit
  Dimension dimension{};
};

/// What makes mass, amount, charge and activity of one substance comparable; 0 or false: unknown.
struct Analyte {
  std::string_view name;  ///< French, folded: lower case, no accents
  double grams_per_mole = 0;
  std::int32_t equivalents_per_mole = 0;
  bool enzyme = false;  ///< its international unit is 1 umol/min
};

/// UCUM, case sensitive. Code::NotFound for an unknown unit, Code::Malformed for broken grammar.
Result<Unit> parse_ucum(std::string_view code);

/// A unit as a laboratory wrote it: UCUM, or one of the spellings seen in France ("µmol/l", "G/L",
/// "mUI/L", "/mm3", "g/24h", "°C", "sec"), in any case. Code::NotFound for an unknown one.
Result<Unit> read_unit(std::string_view as_written);

/// `value` of unit `from` in unit `to`. Code::Refused when their dimensions differ.
Result<double> convert(double value, const Unit& from, const Unit& to);

/// The same for a known substance: also between grams, moles and equivalents, and between [IU] and
/// U of an enzyme.
Result<double> convert(double value, const Unit& from, const Unit& to, const Analyte& analyte);

/// By French name ("glucose", "creatinine", "bilirubine"); null when unknown.
const Analyte* find_analyte(std::string_view folded_name);

}  // namespace eds::model
