// The tables of the synthetic medicine: their codes against the published lists, their own sense.
#include "synth/medicine.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

#include "synth/random.h"

namespace eds::synth {
namespace {

const std::string kTerminologies = EDS_SOURCE_DIR "/../shared/data/french/terminologies/";

/// The rest of each line of a tab-separated file, by its first column.
std::map<std::string, std::string> read_tsv(const std::string& path) {
  std::map<std::string, std::string> rows;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    std::string key = line.substr(0, tab);
    while (!key.empty() && key.back() == ' ') key.pop_back();
    rows[key] = line.substr(tab + 1);
  }
  return rows;
}

}  // namespace

TEST_CASE("every principal diagnosis is a CIM-10 code that the ATIH accepts as principal") {
  const auto atih = read_tsv(kTerminologies + "cim_10_atih_2019.tsv");
  if (atih.empty()) {
    MESSAGE("skipped: cim_10_atih_2019.tsv not present");
    return;
  }
  std::set<std::size_t> principal;
  for (const Episode& episode : episodes()) principal.insert(episode.principal);
  for (std::size_t i = 0; i < diagnoses().size(); ++i) {
    const std::string code(diagnoses()[i].code);
    CAPTURE(code);
    if (code == "U0710") continue;  // 2020, after that edition.
    const auto found = atih.find(code);
    REQUIRE(found != atih.end());
    const char type = found->second[0];
    // 0 free; 1 and 2 forbidden as DP and DR; 4 forbidden as DP; 3 forbidden everywhere.
    CHECK(type != '3');
    if (principal.contains(i)) CHECK(type == '0');
  }
}

TEST_CASE("every drug's ATC code is one that French drugs have") {
  const auto atc = read_tsv(kTerminologies + "atc_drug_names_fr.tsv");
  if (atc.empty()) {
    MESSAGE("skipped: atc_drug_names_fr.tsv not present");
    return;
  }
  for (const Drug& drug : drugs()) {
    CAPTURE(drug.label);
    // Pembrolizumab left L01XC18 for L01FF02 in 2022 and is in neither state of that list.
    if (drug.atc == "L01XC18") continue;
    CHECK(atc.contains(std::string(drug.atc)));
  }
}

TEST_CASE("a UCD of 13 characters ends with the key of an EAN-13") {
  for (const Drug& drug : drugs()) {
    if (drug.ucd.empty()) continue;
    REQUIRE(drug.ucd.size() == 13);
    int sum = 0;
    for (std::size_t i = 0; i < 13; ++i) sum += (drug.ucd[i] - '0') * (i % 2 == 0 ? 1 : 3);
    CHECK(sum % 10 == 0);
    CHECK(drug.ucd.substr(0, 5) == "34008");
  }
}

TEST_CASE("a LOINC code ends with its check digit") {
  for (const Analyte& analyte : analytes()) {
    CAPTURE(analyte.loinc);
    const std::size_t dash = analyte.loinc.find('-');
    REQUIRE(dash != std::string_view::npos);
    // LOINC's own mod 10: from the right, every other digit doubled, as Luhn does.
    int sum = 0;
    bool doubled = true;
    for (std::size_t i = dash; i-- > 0; doubled = !doubled) {
      int digit = analyte.loinc[i] - '0';
      if (doubled) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
      sum += digit;
    }
    CHECK((sum + (analyte.loinc[dash + 1] - '0')) % 10 == 0);
  }
}

TEST_CASE("codes, local codes and unit numbers are given once") {
  std::set<std::string_view> seen;
  for (const Diagnosis& one : diagnoses()) CHECK(seen.insert(one.code).second);
  for (const Act& one : acts()) CHECK(seen.insert(one.code).second);
  for (const Analyte& one : analytes()) {
    CHECK(seen.insert(one.loinc).second);
    CHECK(seen.insert(one.local_code).second);
  }
  for (std::uint16_t unit = 0; unit < kUnits; ++unit) CHECK(seen.insert(unit_code(unit)).second);
}

TEST_CASE("there is no influenza season in summer and no Covid before March 2020") {
  CHECK(season_weight(Season::Flu, 2023, 1) == doctest::Approx(1));
  CHECK(season_weight(Season::Flu, 2023, 7) < .05F);
  CHECK(season_weight(Season::Covid, 2020, 2) == 0);
  CHECK(season_weight(Season::Covid, 2020, 4) > .9F);
}

TEST_CASE("exp2_poly and log2_poly agree with the mathematics they stand for") {
  // 2^0.5 and log2(10), by hand.
  CHECK(exp2_poly(.5F) == doctest::Approx(1.41421356).epsilon(2e-5));
  CHECK(exp2_poly(-3.25F) == doctest::Approx(0.10511205).epsilon(2e-5));
  CHECK(log2_poly(10.0F) == doctest::Approx(3.32192809).epsilon(1e-4));
  for (float x = -20; x < 20; x += .37F)
    CHECK(log2_poly(exp2_poly(x)) == doctest::Approx(x).epsilon(2e-4));
}

}  // namespace eds::synth
