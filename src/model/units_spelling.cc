// read_unit(): from what laboratories write to UCUM.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "model/units.h"

#include "base/ascii.h"

namespace eds::model {
namespace {

struct Spelling {
  std::string_view written;  ///< lower case
  std::string_view ucum;
};

/// Whole units, spaces removed, lower case.
constexpr Spelling kWhole[] = {
    {"sansunite", "1"},     {"ratio", "{ratio}"}, {"inr", "{INR}"},           {"index", "{index}"},
    {"bpm", "{beats}/min"}, {"ph", "[pH]"},       {"\xE2\x80\xB0", "[ppth]"}, {"torr", "mm[Hg]"},
    {"celsius", "Cel"},     {"degc", "Cel"},      {"degf", "[degF]"},
};

/// One component of a unit, lower case: spellings that are not UCUM, and UCUM in capitals.
constexpr Spelling kComponents[] = {
    {"sec", "s"},
    {"sec.", "s"},
    {"secs", "s"},
    {"seconde", "s"},
    {"secondes", "s"},
    {"mn", "min"},
    {"min.", "min"},
    {"minute", "min"},
    {"minutes", "min"},
    {"min", "min"},
    {"hr", "h"},
    {"heure", "h"},
    {"heures", "h"},
    {"h", "h"},
    {"j", "d"},
    {"jr", "d"},
    {"jour", "d"},
    {"jours", "d"},
    {"sem", "wk"},
    {"semaine", "wk"},
    {"mois", "mo"},
    {"an", "a"},
    {"ans", "a"},
    {"annees", "a"},
    {"ui", "[IU]"},
    {"iu", "[IU]"},
    {"mui", "m[IU]"},
    {"miu", "m[IU]"},
    {"uui", "u[IU]"},
    {"uiu", "u[IU]"},
    {"kui", "k[IU]"},
    {"kiu", "k[IU]"},
    {"u", "U"},
    {"ku", "kU"},
    {"uu", "uU"},
    {"ua", "[arb'U]"},
    {"au", "[arb'U]"},
    {"ufc", "[CFU]"},
    {"cfu", "[CFU]"},
    {"gpl", "[GPL'U]"},
    {"mpl", "[MPL'U]"},
    {"mmhg", "mm[Hg]"},
    {"cmhg", "cm[Hg]"},
    {"cmh2o", "cm[H2O]"},
    {"mmh2o", "mm[H2O]"},
    {"kpa", "kPa"},
    {"hpa", "hPa"},
    {"mbar", "mbar"},
    {"meq", "meq"},
    {"eq", "eq"},
    {"mosm", "mosm"},
    {"mosmol", "mosm"},
    {"osm", "osm"},
    {"mol", "mol"},
    {"mmol", "mmol"},
    {"umol", "umol"},
    {"nmol", "nmol"},
    {"pmol", "pmol"},
    {"fmol", "fmol"},
    {"micromol", "umol"},
    {"mcmol", "umol"},
    {"kg", "kg"},
    {"g", "g"},
    {"gr", "g"},
    {"mg", "mg"},
    {"ug", "ug"},
    {"mcg", "ug"},
    {"gamma", "ug"},
    {"ng", "ng"},
    {"pg", "pg"},
    {"fg", "fg"},
    {"l", "L"},
    {"litre", "L"},
    {"litres", "L"},
    {"dl", "dL"},
    {"cl", "cL"},
    {"ml", "mL"},
    {"ul", "uL"},
    {"nl", "nL"},
    {"pl", "pL"},
    {"fl", "fL"},
    {"cc", "cm3"},
    {"m", "m"},
    {"cm", "cm"},
    {"mm", "mm"},
    {"um", "um"},
    {"nm", "nm"},
    {"m2", "m2"},
    {"cm2", "cm2"},
    {"mm2", "mm2"},
    {"m3", "m3"},
    {"cm3", "cm3"},
    {"mm3", "mm3"},
    {"um3", "um3"},
    {"kcal", "kcal"},
    {"cal", "cal"},
    {"kj", "kJ"},
    {"w", "W"},
    {"mv", "mV"},
    {"hz", "Hz"},
    {"nkat", "nkat"},
    {"ukat", "ukat"},
    {"mkat", "mkat"},
    {"giga", "10*9"},
    {"tera", "10*12"},
    {"mega", "10*6"},
    {"milliers", "10*3"},
    {"millions", "10*6"},
    {"milliards", "10*9"},
    {"1.73m2", "{1.73_m2}"},
    {"1,73m2", "{1.73_m2}"},
    {"champ", "[HPF]"},
    {"copies", "{copies}"},
    {"copie", "{copies}"},
    {"cop", "{copies}"},
    {"cellules", "{cells}"},
    {"cell", "{cells}"},
    {"cells", "{cells}"},
    {"elements", "{cells}"},
    {"elts", "{cells}"},
    {"leucocytes", "{leukocytes}"},
    {"bat", "{beats}"},
    {"batt", "{beats}"},
    {"battements", "{beats}"},
    {"cycles", "{cycles}"},
    {"gouttes", "[drp]"},
    {"%", "%"},
    {"creat", "{creat}"},
    {"creatinine", "{creat}"},
};

/// The same letters mean something else in small: these are read in capitals only, and only before
/// a volume.
constexpr Spelling kCountsPerVolume[] = {
    {"G", "10*9"},
    {"T", "10*12"},
    {"M", "10*6"},
    {"K", "10*3"},
};

template <std::size_t N>
std::string_view look_up(const Spelling (&table)[N], std::string_view written) {
  for (const Spelling& spelling : table) {
    if (spelling.written == written) return spelling.ucum;
  }
  return {};
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Characters that stand for others, in UTF-8: micro, degree, exponents, accents, multiplication.
struct Character {
  std::string_view written;
  std::string_view plain;
};
constexpr Character kCharacters[] = {
    {"\xC2\xB5", "u"},
    {"\xCE\xBC", "u"},
    {"\xC2\xB0", "deg"},
    {"\xC2\xBA", "deg"},
    {"\xC2\xB9", "1"},
    {"\xC2\xB2", "2"},
    {"\xC2\xB3", "3"},
    {"\xE2\x81\xB4", "4"},
    {"\xE2\x81\xB5", "5"},
    {"\xE2\x81\xB6", "6"},
    {"\xE2\x81\xB7", "7"},
    {"\xE2\x81\xB8", "8"},
    {"\xE2\x81\xB9", "9"},
    {"\xC3\xA9", "e"},
    {"\xC3\xA8", "e"},
    {"\xC3\x89", "e"},
    {"\xC2\xA0", ""},
    {"\xE2\x80\xAF", ""},
    {"\xC2\xB7", "."},
    {"\xC3\x97", "x"},
    {" ", ""},
    {"\t", ""},
};

/// `written` in ASCII without spaces. "10" before a raised digit becomes "10*".
std::string plain(std::string_view written) {
  std::string out;
  while (!written.empty()) {
    const auto* found = std::find_if(
        std::begin(kCharacters), std::end(kCharacters),
        [&](const Character& character) { return written.starts_with(character.written); });
    if (found == std::end(kCharacters)) {
      out += written[0];
      written.remove_prefix(1);
      continue;
    }
    // "10 9/L" is 10*9/L whose exponent was typed, or lost its height.
    const bool gap = found->plain.empty() && written.size() > found->written.size() &&
                     is_digit(written[found->written.size()]);
    const bool raised = gap || (!found->plain.empty() && is_digit(found->plain[0]));
    if (raised && out.ends_with("10")) out += '*';
    out += found->plain;
    written.remove_prefix(found->written.size());
  }
  return out;
}

/// "10^9", "10e9", "10*9", "x10^9", "10exp9", "109" is not one of them.
std::string power_of_ten(std::string_view component) {
  if (component.starts_with('x') || component.starts_with('X')) component.remove_prefix(1);
  const std::string low = lower_ascii(component);
  for (const std::string_view mark : {"10^", "10**", "10*", "10exp", "10e", "10puissance", "e"}) {
    if (!low.starts_with(mark)) continue;
    std::string_view digits = std::string_view(low).substr(mark.size());
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const bool all_digits = !digits.empty() && std::all_of(digits.begin(), digits.end(), is_digit);
    if (all_digits && digits.size() <= 2) return fmt::format("10*{}", digits);
  }
  return {};
}

bool is_volume(std::string_view component) {
  const std::string low = lower_ascii(component);
  return low == "l" || low == "ml" || low == "ul" || low == "mm3" || low == "dl" || low == "litre";
}

/// One component in UCUM; empty when it is not known.
std::string read_component(std::string_view component) {
  if (component.starts_with('{') && component.ends_with('}')) return std::string(component);
  if (const std::string power = power_of_ten(component); !power.empty()) return power;
  const std::string low = lower_ascii(component);
  if (const std::string_view ucum = look_up(kComponents, low); !ucum.empty()) {
    return std::string(ucum);
  }
  // "100ml", "24h": a count of units.
  std::size_t digits = 0;
  while (digits < component.size() && is_digit(component[digits])) ++digits;
  if (digits > 0 && digits < component.size() && component[digits] != '*' &&
      component[digits] != '^') {
    const std::string unit = read_component(component.substr(digits));
    if (!unit.empty()) return fmt::format("({}.{})", component.substr(0, digits), unit);
  }
  return parse_ucum(component).ok() ? std::string(component) : std::string();
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t slash = text.find('/');
    parts.push_back(text.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    text.remove_prefix(slash + 1);
  }
}

Error unknown(std::string_view as_written) {
  return Error{Code::NotFound, fmt::format("unit is not known: {}", as_written)};
}

}  // namespace

Result<Unit> read_unit(std::string_view as_written) {
  if (as_written.size() > kUnitBytesMax) {
    return Error{Code::Limit, fmt::format("unit exceeds kUnitBytesMax ({})", kUnitBytesMax)};
  }
  std::string text = plain(as_written);
  if (text.size() > 2 && text.starts_with('(') && text.ends_with(')')) {
    text = text.substr(1, text.size() - 2);
  }
  if (text.empty()) return unknown(as_written);
  // "U.I./L": points behind capitals are abbreviation marks.
  for (std::size_t at = text.find("U.I"); at != std::string::npos; at = text.find("U.I")) {
    text.erase(at + 1, 1);
    if (at + 2 < text.size() && text[at + 2] == '.') text.erase(at + 2, 1);
  }
  if (const std::string_view ucum = look_up(kWhole, lower_ascii(text)); !ucum.empty()) {
    return parse_ucum(ucum);
  }
  const std::vector<std::string_view> parts = split(text);
  std::string ucum;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) ucum += '/';
    if (i == 0 && parts[i].empty() && parts.size() > 1) continue;  // "/mm3"
    if (i == 0 && parts.size() > 1 && is_volume(parts[1])) {
      if (const std::string_view count = look_up(kCountsPerVolume, parts[0]); !count.empty()) {
        ucum += count;
        continue;
      }
    }
    // "109/L" may be 10*9/L that lost its exponent: a number alone is never understood.
    const bool number = !parts[i].empty() && parts[i] != "1" &&
                        std::all_of(parts[i].begin(), parts[i].end(), is_digit);
    if (number) return unknown(as_written);
    const std::string component = read_component(parts[i]);
    if (component.empty()) {
      // Not ours to understand piece by piece: UCUM as a whole, or nothing.
      const Result<Unit> whole = parse_ucum(text);
      return whole.ok() ? whole : Result<Unit>(unknown(as_written));
    }
    ucum += component;
  }
  const Result<Unit> unit = parse_ucum(ucum);
  return unit.ok() ? unit : Result<Unit>(unknown(as_written));
}

}  // namespace eds::model
