#include "model/units.h"

#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace eds::model {
namespace {

enum Base : std::uint8_t {
  kMetre,
  kSecond,
  kGram,
  kRadian,
  kKelvin,
  kCoulomb,
  kCandela,
  kMole,
  kEquivalent,
  kOsmole,
  kInternationalUnit,
  kArbitraryUnit,
  kColonyUnit,
  kPlaqueUnit,
  kHighPowerField,
  kLowPowerField,
  kAplUnit,
  kGplUnit,
  kMplUnit,
  kPh,
};
static_assert(kPh + 1 == kDimensionCount);

struct Power {
  Base base;
  std::int8_t exponent;
};

enum class Metric : std::uint8_t { Yes, No };

struct Atom {
  std::string_view code;
  Metric metric;
  double coefficient;
  std::int32_t power_of_ten;
  std::array<Power, 4> powers;
  double offset = 0;
};

constexpr Power kNone{kMetre, 0};
constexpr double kPi = 3.14159265358979323846;

constexpr Atom dimensionless(std::string_view code, std::int32_t power_of_ten) {
  return {code, Metric::No, 1, power_of_ten, {kNone, kNone, kNone, kNone}, 0};
}
constexpr Atom base(std::string_view code, Base of, Metric metric = Metric::Yes) {
  return {code, metric, 1, 0, {Power{of, 1}, kNone, kNone, kNone}, 0};
}

constexpr Power s(std::int8_t n) {
  return {kSecond, n};
}
constexpr Power m(std::int8_t n) {
  return {kMetre, n};
}
constexpr Power g(std::int8_t n) {
  return {kGram, n};
}
constexpr Power c(std::int8_t n) {
  return {kCoulomb, n};
}

constexpr auto kYes = Metric::Yes;
constexpr auto kNo = Metric::No;

// UCUM 2.1, tables 1 to 7; the gram is the base of mass, so a joule is 10^3 g.m2.s-2.
constexpr Atom kAtoms[] = {
    base("m", kMetre),
    base("s", kSecond),
    base("g", kGram),
    base("rad", kRadian),
    base("K", kKelvin),
    base("C", kCoulomb),
    base("cd", kCandela),
    base("mol", kMole),
    base("eq", kEquivalent),
    base("osm", kOsmole),
    base("[IU]", kInternationalUnit),
    base("[iU]", kInternationalUnit),
    base("[arb'U]", kArbitraryUnit, kNo),
    base("[CFU]", kColonyUnit, kNo),
    base("[PFU]", kPlaqueUnit, kNo),
    base("[HPF]", kHighPowerField, kNo),
    base("[LPF]", kLowPowerField, kNo),
    base("[APL'U]", kAplUnit, kNo),
    base("[GPL'U]", kGplUnit, kNo),
    base("[MPL'U]", kMplUnit, kNo),
    base("[pH]", kPh, kNo),
    dimensionless("%", -2),
    dimensionless("[ppth]", -3),
    dimensionless("[ppm]", -6),
    dimensionless("[ppb]", -9),
    dimensionless("[pptr]", -12),
    {"L", kYes, 1, -3, {m(3), kNone, kNone, kNone}},
    {"l", kYes, 1, -3, {m(3), kNone, kNone, kNone}},
    {"min", kNo, 6, 1, {s(1), kNone, kNone, kNone}},
    {"h", kNo, 36, 2, {s(1), kNone, kNone, kNone}},
    {"d", kNo, 864, 2, {s(1), kNone, kNone, kNone}},
    {"wk", kNo, 6048, 2, {s(1), kNone, kNone, kNone}},
    {"mo", kNo, 2629800, 0, {s(1), kNone, kNone, kNone}},  // 365.25 d / 12
    {"a", kNo, 31557600, 0, {s(1), kNone, kNone, kNone}},  // 365.25 d
    {"Hz", kYes, 1, 0, {s(-1), kNone, kNone, kNone}},
    {"Bq", kYes, 1, 0, {s(-1), kNone, kNone, kNone}},
    {"Ci", kYes, 37, 9, {s(-1), kNone, kNone, kNone}},
    {"N", kYes, 1, 3, {g(1), m(1), s(-2), kNone}},
    {"Pa", kYes, 1, 3, {g(1), m(-1), s(-2), kNone}},
    {"bar", kYes, 1, 8, {g(1), m(-1), s(-2), kNone}},
    {"atm", kNo, 101325, 3, {g(1), m(-1), s(-2), kNone}},
    {"m[Hg]", kYes, 133322, 3, {g(1), m(-1), s(-2), kNone}},   // 133.3220 kPa
    {"m[H2O]", kYes, 980665, 1, {g(1), m(-1), s(-2), kNone}},  // 9.80665 kPa
    {"dyn", kYes, 1, -2, {g(1), m(1), s(-2), kNone}},
    {"J", kYes, 1, 3, {g(1), m(2), s(-2), kNone}},
    {"cal", kYes, 4184, 0, {g(1), m(2), s(-2), kNone}},
    {"[Cal]", kNo, 4184, 3, {g(1), m(2), s(-2), kNone}},
    {"W", kYes, 1, 3, {g(1), m(2), s(-3), kNone}},
    {"A", kYes, 1, 0, {c(1), s(-1), kNone, kNone}},
    {"V", kYes, 1, 3, {g(1), m(2), s(-2), c(-1)}},
    {"Ohm", kYes, 1, 3, {g(1), m(2), s(-1), c(-2)}},
    {"S", kYes, 1, -3, {g(-1), m(-2), s(1), c(2)}},
    {"F", kYes, 1, -3, {g(-1), m(-2), s(2), c(2)}},
    {"Gy", kYes, 1, 0, {m(2), s(-2), kNone, kNone}},
    {"Sv", kYes, 1, 0, {m(2), s(-2), kNone, kNone}},
    {"kat", kYes, 1, 0, {Power{kMole, 1}, s(-1), kNone, kNone}},
    {"U", kYes, 1.0 / 6, -7, {Power{kMole, 1}, s(-1), kNone, kNone}},  // 1 umol/min
    {"t", kYes, 1, 6, {g(1), kNone, kNone, kNone}},
    {"deg", kNo, kPi / 180, 0, {Power{kRadian, 1}, kNone, kNone, kNone}},
    {"[drp]", kNo, 5, -8, {m(3), kNone, kNone, kNone}},  // 1/20 mL
    {"[in_i]", kNo, 254, -4, {m(1), kNone, kNone, kNone}},
    {"[ft_i]", kNo, 3048, -4, {m(1), kNone, kNone, kNone}},
    {"[lb_av]", kNo, 453.59237, 0, {g(1), kNone, kNone, kNone}},
    {"[oz_av]", kNo, 28.349523125, 0, {g(1), kNone, kNone, kNone}},
    {"[diop]", kNo, 1, 0, {m(-1), kNone, kNone, kNone}},
    {"Cel", kYes, 1, 0, {Power{kKelvin, 1}, kNone, kNone, kNone}, 273.15},
    {"[degF]", kNo, 5.0 / 9, 0, {Power{kKelvin, 1}, kNone, kNone, kNone}, 459.67 * 5 / 9},
};

struct Prefix {
  std::string_view code;
  std::int32_t power_of_ten;
};
constexpr Prefix kPrefixes[] = {
    {"da", 1}, {"Y", 24},  {"Z", 21},  {"E", 18},  {"P", 15},  {"T", 12},  {"G", 9},
    {"M", 6},  {"k", 3},   {"h", 2},   {"d", -1},  {"c", -2},  {"m", -3},  {"u", -6},
    {"n", -9}, {"p", -12}, {"f", -15}, {"a", -18}, {"z", -21}, {"y", -24},
};

bool is_digit(char character) {
  return character >= '0' && character <= '9';
}

const Atom* find_atom(std::string_view code) {
  for (const Atom& atom : kAtoms) {
    if (atom.code == code) return &atom;
  }
  return nullptr;
}

Unit from_atom(const Atom& atom, std::int32_t prefix) {
  Unit unit;
  unit.coefficient = atom.coefficient;
  unit.power_of_ten = atom.power_of_ten + prefix;
  unit.offset = atom.offset;
  for (const Power& power : atom.powers) unit.dimension[power.base] += power.exponent;
  return unit;
}

/// An atom, or a prefix and a metric atom; the whole code first ("cd" is no centi-day, "mol" no
/// milli-something).
std::optional<Unit> find_simple_unit(std::string_view code) {
  if (const Atom* atom = find_atom(code)) return from_atom(*atom, 0);
  for (const Prefix& prefix : kPrefixes) {
    if (!code.starts_with(prefix.code)) continue;
    const Atom* atom = find_atom(code.substr(prefix.code.size()));
    if (atom != nullptr && atom->metric == Metric::Yes) {
      return from_atom(*atom, prefix.power_of_ten);
    }
  }
  return std::nullopt;
}

Error malformed(std::string_view code) {
  return Error{Code::Malformed, fmt::format("unit breaks UCUM's grammar: {}", code)};
}

/// Recursive descent over UCUM's grammar (section 2.1, figure 1).
class Parser {
 public:
  explicit Parser(std::string_view code) : code_(code), rest_(code) {}

  Result<Unit> parse() {
    Unit unit = TRY(term(0));
    if (!rest_.empty()) return malformed(code_);
    unit.ucum = code_;
    return unit;
  }

 private:
  /// ["/"] component (("." | "/") component)*, from left to right.
  Result<Unit> term(int depth) {
    if (depth > kUnitDepthMax) {
      return Error{Code::Limit, fmt::format("unit exceeds kUnitDepthMax ({})", kUnitDepthMax)};
    }
    Unit result;
    bool alone = true;
    char operation = '.';
    if (rest_.starts_with('/')) {
      operation = '/';
      alone = false;
      rest_.remove_prefix(1);
    }
    while (true) {
      const Unit next = TRY(component(depth));
      alone = alone && (rest_.empty() || rest_[0] == ')');
      // Celsius has a zero of its own: it cannot be part of a product.
      if (next.offset != 0 && !alone) {
        return Error{Code::NotFound, fmt::format("unit with its own zero in a product: {}", code_)};
      }
      TRY(multiply(result, next, operation == '/' ? -1 : 1));
      result.offset = next.offset;
      if (rest_.empty() || (rest_[0] != '.' && rest_[0] != '/')) return result;
      operation = rest_[0];
      rest_.remove_prefix(1);
    }
  }

  Result<Unit> component(int depth) {
    if (rest_.empty()) return malformed(code_);
    if (rest_[0] == '{') {
      TRY(annotation());
      return Unit{};
    }
    if (rest_[0] == '(') {
      rest_.remove_prefix(1);
      Unit inner = TRY(term(depth + 1));
      if (!rest_.starts_with(')')) return malformed(code_);
      rest_.remove_prefix(1);
      return inner;
    }
    Unit unit = TRY(annotatable());
    if (rest_.starts_with('{')) TRY(annotation());
    return unit;
  }

  Status annotation() {
    const std::size_t close = rest_.find('}');
    if (close == std::string_view::npos) return malformed(code_);
    rest_.remove_prefix(close + 1);
    return {};
  }

  /// A number, a power of ten, or a simple unit with its exponent.
  Result<Unit> annotatable() {
    if (rest_.starts_with("10*") || rest_.starts_with("10^")) {
      rest_.remove_prefix(3);
      Unit ten;
      ten.power_of_ten = TRY(exponent());
      return ten;
    }
    if (is_digit(rest_[0])) return factor();
    const std::string_view code = simple_code();
    if (code.empty()) return malformed(code_);
    const std::optional<Unit> unit = find_simple_unit(code);
    if (!unit) return Error{Code::NotFound, fmt::format("unit is not known: {}", code)};
    const std::int32_t power = TRY(exponent());
    if (power == 1) return *unit;
    if (unit->offset != 0) return malformed(code_);
    Unit raised;
    TRY(multiply(raised, *unit, power));
    return raised;
  }

  Result<Unit> factor() {
    Unit unit;
    double value = 0;
    std::size_t digits = 0;
    while (!rest_.empty() && is_digit(rest_[0])) {
      if (++digits > 15) return malformed(code_);
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    if (value == 0) return malformed(code_);
    unit.coefficient = value;
    return unit;
  }

  /// Up to an operator, an annotation or an exponent; brackets may hold anything.
  std::string_view simple_code() {
    std::size_t size = 0;
    bool bracket = false;
    while (size < rest_.size()) {
      const char next = rest_[size];
      if (next == '[') bracket = true;
      if (!bracket &&
          (is_digit(next) || std::string_view("./(){}+-").find(next) != std::string_view::npos)) {
        break;
      }
      if (next == ']') bracket = false;
      ++size;
    }
    const std::string_view code = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return code;
  }

  /// [+-]digits, at most two of them; 1 when there is none.
  Result<std::int32_t> exponent() {
    std::size_t at = 0;
    const bool negative = rest_.starts_with('-');
    if (negative || rest_.starts_with('+')) at = 1;
    std::int32_t value = 0;
    std::size_t digits = 0;
    for (; at < rest_.size() && is_digit(rest_[at]); ++at, ++digits) {
      if (digits == 2) return malformed(code_);
      value = value * 10 + (rest_[at] - '0');
    }
    if (digits == 0) {
      if (at != 0) return malformed(code_);
      return 1;
    }
    rest_.remove_prefix(at);
    return negative ? -value : value;
  }

  Status multiply(Unit& into, const Unit& by, std::int32_t power) {
    into.coefficient *= std::pow(by.coefficient, power);
    into.power_of_ten += by.power_of_ten * power;
    for (std::size_t i = 0; i < kDimensionCount; ++i) {
      const std::int32_t sum = into.dimension[i] + by.dimension[i] * power;
      if (sum < -99 || sum > 99) return malformed(code_);
      into.dimension[i] = static_cast<std::int8_t>(sum);
    }
    const bool sound = std::isfinite(into.coefficient) && into.coefficient > 0 &&
                       std::abs(into.power_of_ten) <= 300;
    if (!sound) return malformed(code_);
    return {};
  }

  std::string_view code_;
  std::string_view rest_;
};

/// Writes base dimension `from` of `unit` as `factor` of base dimension `to`.
void substitute(Unit& unit, Base from, Base to, double factor) {
  const std::int8_t exponent = unit.dimension[from];
  if (exponent == 0) return;
  unit.coefficient *= std::pow(factor, exponent);
  unit.dimension[to] = static_cast<std::int8_t>(unit.dimension[to] + exponent);
  unit.dimension[from] = 0;
}

/// [IU] of an enzyme as the mol/s of its U.
void substitute_enzyme_unit(Unit& unit) {
  const std::int8_t exponent = unit.dimension[kInternationalUnit];
  if (exponent == 0) return;
  unit.coefficient *= std::pow(1.0 / 6, exponent);
  unit.power_of_ten -= 7 * exponent;
  unit.dimension[kMole] = static_cast<std::int8_t>(unit.dimension[kMole] + exponent);
  unit.dimension[kSecond] = static_cast<std::int8_t>(unit.dimension[kSecond] - exponent);
  unit.dimension[kInternationalUnit] = 0;
}

Error not_commensurable(const Unit& from, const Unit& to) {
  return Error{Code::Refused,
               fmt::format("units are not of the same kind: {}, {}", from.ucum, to.ucum)};
}

double scale(double value, const Unit& from, const Unit& to) {
  // One rounding for the factors and one for the power of ten, which is applied as an exact
  // integer power, multiplied or divided.
  const std::int32_t power = from.power_of_ten - to.power_of_ten;
  const double scaled =
      from.coefficient == to.coefficient ? value : value * (from.coefficient / to.coefficient);
  return power >= 0 ? scaled * std::pow(10.0, power) : scaled / std::pow(10.0, -power);
}

// Molar masses: IUPAC 2021 abridged atomic weights summed over the formula; haemoglobin is counted
// by monomer (16114.5), as IFCC recommends; triglycerides as triolein, phosphate as phosphorus.
constexpr Analyte kAnalytes[] = {
    {"glucose", 180.156, 0, false},
    {"creatinine", 113.12, 0, false},
    {"uree", 60.056, 0, false},
    {"acide urique", 168.112, 0, false},
    {"cholesterol", 386.66, 0, false},
    {"triglycerides", 885.4, 0, false},
    {"bilirubine", 584.67, 0, false},
    {"calcium", 40.078, 2, false},
    {"magnesium", 24.305, 2, false},
    {"phosphore", 30.974, 0, false},
    {"potassium", 39.098, 1, false},
    {"sodium", 22.990, 1, false},
    {"chlore", 35.45, 1, false},
    {"bicarbonate", 61.017, 1, false},
    {"fer", 55.845, 0, false},
    {"cuivre", 63.546, 0, false},
    {"zinc", 65.38, 0, false},
    {"plomb", 207.2, 0, false},
    {"lithium", 6.94, 1, false},
    {"lactate", 90.078, 1, false},
    {"ammoniac", 17.031, 0, false},
    {"hemoglobine", 16114.5, 0, false},
    {"cortisol", 362.47, 0, false},
    {"testosterone", 288.43, 0, false},
    {"estradiol", 272.39, 0, false},
    {"progesterone", 314.47, 0, false},
    {"thyroxine", 776.87, 0, false},
    {"triiodothyronine", 650.98, 0, false},
    {"25-hydroxyvitamine d", 400.65, 0, false},
    {"vitamine b12", 1355.4, 0, false},
    {"folates", 441.4, 0, false},
    {"homocysteine", 135.18, 0, false},
    {"digoxine", 780.95, 0, false},
    {"paracetamol", 151.16, 0, false},
    {"vancomycine", 1449.3, 0, false},
    {"methotrexate", 454.45, 0, false},
    {"asat", 0, 0, true},
    {"alat", 0, 0, true},
    {"gamma-gt", 0, 0, true},
    {"phosphatases alcalines", 0, 0, true},
    {"ldh", 0, 0, true},
    {"creatine kinase", 0, 0, true},
    {"lipase", 0, 0, true},
    {"amylase", 0, 0, true},
};

}  // namespace

Result<Unit> parse_ucum(std::string_view code) {
  if (code.size() > kUnitBytesMax) {
    return Error{Code::Limit, fmt::format("unit exceeds kUnitBytesMax ({})", kUnitBytesMax)};
  }
  return Parser(code).parse();
}

Result<double> convert(double value, const Unit& from, const Unit& to) {
  if (from.dimension != to.dimension) return not_commensurable(from, to);
  if (from.offset == to.offset) return scale(value, from, to);
  Unit kelvin;
  kelvin.dimension[kKelvin] = 1;
  return scale(scale(value, from, kelvin) + from.offset - to.offset, kelvin, to);
}

Result<double> convert(double value, const Unit& from, const Unit& to, const Analyte& analyte) {
  if (from.dimension == to.dimension) return convert(value, from, to);
  Unit source = from;
  Unit target = to;
  for (Unit* unit : {&source, &target}) {
    if (analyte.enzyme) substitute_enzyme_unit(*unit);
    if (analyte.equivalents_per_mole > 0) {
      substitute(*unit, kEquivalent, kMole, 1.0 / analyte.equivalents_per_mole);
    }
  }
  if (source.dimension != target.dimension && analyte.grams_per_mole > 0) {
    // Both sides in grams: mol -> g, which also serves mg/mmol of one substance in another.
    substitute(source, kMole, kGram, analyte.grams_per_mole);
    substitute(target, kMole, kGram, analyte.grams_per_mole);
  }
  if (source.dimension != target.dimension) return not_commensurable(from, to);
  return scale(value, source, target);
}

const Analyte* find_analyte(std::string_view folded_name) {
  for (const Analyte& analyte : kAnalytes) {
    if (analyte.name == folded_name) return &analyte;
  }
  return nullptr;
}

}  // namespace eds::model
