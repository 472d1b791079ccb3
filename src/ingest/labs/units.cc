#include "ingest/labs/units.h"

#include <cmath>
#include <cstdlib>

namespace eds::ingest::labs {
namespace {

enum Dimension : std::uint8_t {
  Mass,
  Length,
  Time,
  Substance,
  Activity,
  International,
  Equivalent,
  Osmole,
  Pressure,
  Temperature
};

struct Atom {
  std::string_view name;
  double factor;
  std::uint8_t dimension;
  std::int8_t power;
  bool takes_prefix;
};
constexpr std::uint8_t kNone = 255;

// Volumes are lengths cubed: 1 L = 1e-3 m3. Activity: 1 kat = 6e7 U.
constexpr std::array<Atom, 28> kAtoms = {{
    {"g", 1, Mass, 1, true},
    {"L", 1e-3, Length, 3, true},
    {"l", 1e-3, Length, 3, true},
    {"m", 1, Length, 1, true},
    {"mol", 1, Substance, 1, true},
    {"U", 1, Activity, 1, true},
    {"kat", 6e7, Activity, 1, true},
    {"[IU]", 1, International, 1, true},
    {"[iU]", 1, International, 1, true},
    {"eq", 1, Equivalent, 1, true},
    {"osm", 1, Osmole, 1, true},
    {"s", 1, Time, 1, true},
    {"min", 60, Time, 1, false},
    {"h", 3600, Time, 1, false},
    {"d", 86400, Time, 1, false},
    {"wk", 604800, Time, 1, false},
    {"mo", 2629800, Time, 1, false},
    {"a", 31557600, Time, 1, false},
    {"Pa", 1, Pressure, 1, true},
    {"bar", 1e5, Pressure, 1, true},
    {"m[Hg]", 133322, Pressure, 1, true},
    {"Cel", 1, Temperature, 1, false},
    {"%", 0.01, kNone, 0, false},
    {"[ppth]", 1e-3, kNone, 0, false},
    {"[ppm]", 1e-6, kNone, 0, false},
    {"[pH]", 1, kNone, 0, false},
    {"[arb'U]", 1, International, 1, false},
    {"1", 1, kNone, 0, false},
}};

struct Prefix {
  std::string_view name;
  double factor;
};
constexpr std::array<Prefix, 14> kPrefixes = {{{"da", 1e1},
                                               {"Y", 1e24},
                                               {"T", 1e12},
                                               {"G", 1e9},
                                               {"M", 1e6},
                                               {"k", 1e3},
                                               {"h", 1e2},
                                               {"d", 1e-1},
                                               {"c", 1e-2},
                                               {"m", 1e-3},
                                               {"u", 1e-6},
                                               {"n", 1e-9},
                                               {"p", 1e-12},
                                               {"f", 1e-15}}};

const Atom* find_atom(std::string_view name) {
  for (const Atom& atom : kAtoms) {
    if (atom.name == name) return &atom;
  }
  return nullptr;
}

bool apply(const Atom& atom, double factor, int power, Unit& unit) {
  unit.factor *= std::pow(atom.factor * factor, power);
  if (atom.dimension != kNone) {
    unit.powers[atom.dimension] =
        static_cast<std::int8_t>(unit.powers[atom.dimension] + atom.power * power);
  }
  return true;
}

// "10*9" and "10^9" are powers of ten.
bool apply_power_of_ten(std::string_view term, int sign, Unit& unit) {
  if (!term.starts_with("10*") && !term.starts_with("10^")) return false;
  const std::string_view digits = term.substr(3);
  int exponent = 0;
  const bool negative = digits.starts_with('-');
  for (const char c : digits.substr(negative ? 1 : 0)) {
    if (c < '0' || c > '9' || exponent > 30) return false;
    exponent = exponent * 10 + (c - '0');
  }
  unit.factor *= std::pow(10.0, sign * (negative ? -exponent : exponent));
  return true;
}

bool apply_term(std::string_view term, int sign, Unit& unit) {
  // An annotation counts things and says which: it changes nothing.
  const std::size_t brace = term.find('{');
  if (brace != std::string_view::npos) {
    if (term.back() != '}') return false;
    term = term.substr(0, brace);
    if (term.empty()) return true;
  }
  if (term.empty()) return false;
  if (apply_power_of_ten(term, sign, unit)) return true;
  int power = 1;
  if (term.size() > 1 && (term.back() == '2' || term.back() == '3')) {
    power = term.back() - '0';
    term.remove_suffix(1);
  }
  if (const Atom* atom = find_atom(term)) return apply(*atom, 1, sign * power, unit);
  for (const Prefix& prefix : kPrefixes) {
    if (!term.starts_with(prefix.name)) continue;
    const Atom* atom = find_atom(term.substr(prefix.name.size()));
    if (atom != nullptr && atom->takes_prefix) {
      return apply(*atom, prefix.factor, sign * power, unit);
    }
  }
  return false;
}

}  // namespace

std::optional<Unit> parse_unit(std::string_view ucum) {
  if (ucum.empty() || ucum.size() > 64) return std::nullopt;
  Unit unit;
  int sign = 1;
  std::size_t start = 0;
  if (ucum[0] == '/') {
    sign = -1;
    start = 1;
  }
  while (start <= ucum.size()) {
    std::size_t end = start;
    int depth = 0;
    while (end < ucum.size()) {
      if (ucum[end] == '{' || ucum[end] == '[') ++depth;
      if (ucum[end] == '}' || ucum[end] == ']') --depth;
      if (depth == 0 && (ucum[end] == '/' || ucum[end] == '.')) break;
      ++end;
    }
    if (!apply_term(ucum.substr(start, end - start), sign, unit)) return std::nullopt;
    if (end == ucum.size()) return unit;
    sign = ucum[end] == '/' ? -1 : 1;
    start = end + 1;
  }
  return std::nullopt;
}

std::optional<double> conversion_factor(std::string_view from, std::string_view to) {
  if (from == to) return 1.0;
  const std::optional<Unit> one = parse_unit(from);
  const std::optional<Unit> other = parse_unit(to);
  if (!one.has_value() || !other.has_value() || one->powers != other->powers) return std::nullopt;
  return one->factor / other->factor;
}

}  // namespace eds::ingest::labs
