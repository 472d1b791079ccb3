#include "model/units.h"

#include <doctest/doctest.h>

#include <random>

namespace eds::model {
namespace {

double in(double value, std::string_view from, std::string_view to) {
  const auto source = parse_ucum(from);
  const auto target = parse_ucum(to);
  REQUIRE(source.ok());
  REQUIRE(target.ok());
  const auto converted = convert(value, *source, *target);
  REQUIRE(converted.ok());
  return *converted;
}

bool refused(std::string_view from, std::string_view to) {
  return convert(1, *parse_ucum(from), *parse_ucum(to)).error().code == Code::Refused;
}

// Expected values: UCUM 2.1's definitions, by hand.
TEST_CASE("units are converted as UCUM defines them") {
  CHECK(in(5.5, "mmol/L", "umol/L") == 5500);
  CHECK(in(0.1, "g/dL", "g/L") == 1);
  CHECK(in(4500, "/mm3", "10*9/L") == 4.5);
  CHECK(in(4.5, "10*3/uL", "10*9/L") == 4.5);
  CHECK(in(1, "10*12/L", "10*6/uL") == 1);
  CHECK(in(2, "h", "min") == doctest::Approx(120));
  CHECK(in(1, "a", "d") == doctest::Approx(365.25));
  CHECK(in(1, "mo", "d") == doctest::Approx(30.4375));
  CHECK(in(760, "mm[Hg]", "kPa") == doctest::Approx(101.32472));  // 760 x 0.133322
  CHECK(in(10, "cm[H2O]", "Pa") == doctest::Approx(980.665));
  CHECK(in(1, "kat", "U") == doctest::Approx(6e7));  // mol/s over umol/min
  CHECK(in(60, "U/L", "ukat/L") == doctest::Approx(1));
  CHECK(in(1, "kcal", "J") == doctest::Approx(4184));
  CHECK(in(1, "[in_i]", "cm") == doctest::Approx(2.54));
  CHECK(in(150, "[lb_av]", "kg") == doctest::Approx(68.0388555));
  CHECK(in(1, "V", "J/C") == doctest::Approx(1));
  CHECK(in(1, "W", "V.A") == doctest::Approx(1));
  CHECK(in(1, "Ohm.S", "1") == doctest::Approx(1));
  CHECK(in(50, "%", "1") == 0.5);
  CHECK(in(12, "mg/(100.mL)", "mg/dL") == doctest::Approx(12));
  CHECK(in(1.5, "g/(24.h)", "g/d") == doctest::Approx(1.5));
  CHECK(in(1, "kg.m/s2", "N") == doctest::Approx(1));
  CHECK(in(1, "m/s/s", "m.s-2") == doctest::Approx(1));
  CHECK(in(90, "mL/min/{1.73_m2}", "L/h") == doctest::Approx(5.4));
  CHECK(in(3, "{cells}/uL", "10*6/L") == 3);
}

TEST_CASE("temperatures have their own zero") {
  CHECK(in(37, "Cel", "K") == doctest::Approx(310.15));
  CHECK(in(98.6, "[degF]", "Cel") == doctest::Approx(37));
  CHECK(in(-40, "Cel", "[degF]") == doctest::Approx(-40));
  CHECK(parse_ucum("Cel/s").error().code == Code::NotFound);
  CHECK_FALSE(parse_ucum("Cel2").ok());
}

TEST_CASE("units of different kinds are never converted") {
  CHECK(refused("g/L", "mmol/L"));
  CHECK(refused("[IU]/L", "U/L"));
  CHECK(refused("[IU]/L", "g/L"));
  CHECK(refused("meq/L", "mmol/L"));
  CHECK(refused("mosm/kg", "mmol/kg"));
  CHECK(refused("s", "m"));
  CHECK(refused("1", "[pH]"));
  CHECK(in(1, "[IU]/mL", "k[IU]/L") == doctest::Approx(1));
}

TEST_CASE("a known substance joins grams, moles, equivalents and enzyme units") {
  const auto with = [](double value, std::string_view from, std::string_view to,
                       std::string_view name) {
    const Analyte* analyte = find_analyte(name);
    REQUIRE(analyte != nullptr);
    const auto converted = convert(value, *parse_ucum(from), *parse_ucum(to), *analyte);
    REQUIRE(converted.ok());
    return *converted;
  };
  // By hand: 1 g/L / 180.156 g/mol = 5.5507 mmol/L.
  CHECK(with(1, "g/L", "mmol/L", "glucose") == doctest::Approx(5.5507).epsilon(1e-4));
  CHECK(with(126, "mg/dL", "mmol/L", "glucose") == doctest::Approx(6.994).epsilon(1e-3));
  CHECK(with(88.4, "umol/L", "mg/L", "creatinine") == doctest::Approx(10.0).epsilon(1e-3));
  CHECK(with(1, "mg/dL", "umol/L", "bilirubine") == doctest::Approx(17.1).epsilon(1e-3));
  CHECK(with(2.5, "mmol/L", "mg/L", "calcium") == doctest::Approx(100.195));
  CHECK(with(5, "meq/L", "mmol/L", "calcium") == doctest::Approx(2.5));
  CHECK(with(4, "meq/L", "mg/L", "potassium") == doctest::Approx(156.392));
  CHECK(with(40, "[IU]/L", "U/L", "asat") == doctest::Approx(40));
  CHECK(with(60, "[IU]/L", "ukat/L", "asat") == doctest::Approx(1));
  CHECK(find_analyte("inconnu") == nullptr);
  CHECK_FALSE(convert(1, *parse_ucum("[IU]/L"), *parse_ucum("U/L"), *find_analyte("glucose")).ok());
}

TEST_CASE("what laboratories write becomes UCUM") {
  const std::pair<const char*, const char*> kExpected[] = {
      {"µmol/l", "umol/L"},
      {"\xCE\xBCmol/L", "umol/L"},
      {"umol/L", "umol/L"},
      {"G/L", "10*9/L"},
      {"G/l", "10*9/L"},
      {"T/L", "10*12/L"},
      {"g/dl", "g/dL"},
      {"g/L", "g/L"},
      {"g/l", "g/L"},
      {"mUI/L", "m[IU]/L"},
      {"UI/L", "[IU]/L"},
      {"U.I./L", "[IU]/L"},
      {"/mm3", "/mm3"},
      {"/mm³", "/mm3"},
      {"10^9/L", "10*9/L"},
      {"10⁹/L", "10*9/L"},
      {"x10^12/l", "10*12/L"},
      {"10E9/L", "10*9/L"},
      {"10 9/L", "10*9/L"},
      {"109/L", nullptr},
      {"Giga/L", "10*9/L"},
      {"mmol/l", "mmol/L"},
      {"MMOL/L", "mmol/L"},
      {"°C", "Cel"},
      {"sec", "s"},
      {"Sec.", "s"},
      {"%", "%"},
      {"mmHg", "mm[Hg]"},
      {"cmH2O", "cm[H2O]"},
      {"mL/min/1.73m²", "mL/min/{1.73_m2}"},
      {"ml/mn/1,73 m2", "mL/min/{1.73_m2}"},
      {"g/24h", "g/(24.h)"},
      {"mg/100 ml", "mg/(100.mL)"},
      {"g/j", "g/d"},
      {"mEq/L", "meq/L"},
      {"mOsm/kg", "mosm/kg"},
      {"copies/mL", "{copies}/mL"},
      {"UFC/mL", "[CFU]/mL"},
      {"éléments/mm3", "{cells}/mm3"},
      {"mg/mmol", "mg/mmol"},
      {"mm/h", "mm/h"},
      {"kg/m²", "kg/m2"},
      {"fl", "fL"},
      {"pg", "pg"},
      {"ng/mL", "ng/mL"},
      {"µg/l", "ug/L"},
      {"mcg/L", "ug/L"},
      {"bpm", "{beats}/min"},
      {"/min", "/min"},
      {"INR", "{INR}"},
      {"‰", "[ppth]"},
      {"(g/L)", "g/L"},
      {"K/µL", "10*3/uL"},
      {"mg/g{creat}", "mg/g{creat}"},
      {"pH", "[pH]"},
      {"10*3/uL", "10*3/uL"},
      {"nkat/L", "nkat/L"},
  };
  for (const auto& pair : kExpected) {
    const char* written = pair.first;  // clang 14 cannot capture a structured binding
    const char* expected = pair.second;
    CAPTURE(written);
    const auto unit = read_unit(written);
    if (expected == nullptr) {
      CHECK_FALSE(unit.ok());
      continue;
    }
    REQUIRE(unit.ok());
    CHECK(unit->ucum == expected);
  }
}

TEST_CASE("an unknown unit is not found, a broken one is not guessed") {
  for (const char* written : {"", " ", "log", "patate", "g/patate", "voir texte", "mmol//L", "/",
                              "g/", "log10 copies/mL", "+++"}) {
    CAPTURE(written);
    const auto unit = read_unit(written);
    REQUIRE_FALSE(unit.ok());
    CHECK(unit.error().code == Code::NotFound);
  }
  for (const char* code :
       {"", "m/", "(m", "m)", "{a", "m..s", "m123", "m+", "0", "10+", "((((((((((m))))))))))"}) {
    CAPTURE(code);
    CHECK_FALSE(parse_ucum(code).ok());
  }
  CHECK(parse_ucum("10*")->power_of_ten == 1);
  CHECK(parse_ucum("min")->dimension == parse_ucum("s")->dimension);
  CHECK_FALSE(parse_ucum("kmin").ok());  // not metric
}

TEST_CASE("there and back is the same value, and no text makes a unit reader fail") {
  constexpr std::string_view kPieces[] = {"m", "g",   "L", "mol", "u",   "k",   "/",
                                          ".", "10*", "3", "(",   ")",   "{x}", "[IU]",
                                          "%", "s",   "-", "2",   "Cel", "µ",   "UI"};
  std::mt19937_64 random(4);
  std::vector<Unit> units;
  for (int round = 0; round < 100000; ++round) {
    std::string text;
    for (auto left = 1 + random() % 7; left > 0; --left) {
      text += kPieces[random() % std::size(kPieces)];
    }
    (void)read_unit(text);
    const auto unit = parse_ucum(text);
    if (unit.ok() && units.size() < 400) units.push_back(*unit);
  }
  for (const Unit& from : units) {
    for (const Unit& to : units) {
      const auto there = convert(12.5, from, to);
      if (!there.ok()) continue;
      const auto back = convert(*there, to, from);
      REQUIRE(back.ok());
      CHECK(*back == doctest::Approx(12.5).epsilon(1e-9));
    }
  }
}

}  // namespace
}  // namespace eds::model
