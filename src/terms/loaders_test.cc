#include "terms/loaders.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "format/text/dates.h"
#include "terms/athena.h"
#include "terms/search.h"

namespace eds::terms {
namespace {

const Path kTerms = EDS_SOURCE_DIR "/../shared/data/french/terminologies/";
const Path kOhdsi = EDS_SOURCE_DIR "/../shared/data/ohdsi/";

bool present(const Path& folder) {
  if (Env::posix().exists(folder)) return true;
  MESSAGE("skipped: " << folder << " not present");
  return false;
}

std::map<std::string, int> kinds(const Terminology& terminology, std::string_view class_start) {
  std::map<std::string, int> counts;
  for (const Term& term : terminology.terms()) {
    if (term.class_id.starts_with(class_start)) ++counts[term.kind];
  }
  return counts;
}

std::int32_t day(const char* iso) {
  return *text::parse_iso_date(iso);
}

// Counts of the ATIH table by MCO type, as the reference gives them; the others by awk and csv.py.
TEST_CASE("CIM-10 is loaded from the ATIH table and from the long table, under its chapters") {
  if (!present(kTerms)) return;
  auto atih =
      load_cim10(Env::posix(), kTerms + "cim_10_atih_2019.tsv", kTerms + "cim_hierarchie.csv");
  REQUIRE(atih.ok());
  const Terminology& cim = atih->terminology;
  CHECK(atih->report.bad_count == 0);
  CHECK(cim.code_count() == 15751 + 259);
  std::map<std::string, int> counts = kinds(cim, "CIM10 C");
  CHECK(counts["0"] == 13328);
  CHECK(counts["1"] == 440);
  CHECK(counts["2"] == 1);
  CHECK(counts["3"] == 1906);
  CHECK(counts["4"] == 76);
  CHECK(cim.find_latest("A000")->label_fr == "Choléra à Vibrio cholerae 01, biovar cholerae");
  CHECK(cim.find_latest("A000")->parents == std::vector<std::string>{"A00"});
  CHECK(cim.find_latest("A00")->parents == std::vector<std::string>{"01.01"});
  CHECK(cim.find_latest("C50")->parents == std::vector<std::string>{"02.01.07"});
  CHECK(cim.cycles().empty());
  // Chapter 09: ten groups and the 525 codes that begin with I (awk).
  CHECK(cim.descendants("09").size() == 535);

  const auto extended =
      load_cim10(Env::posix(), kTerms + "cim10_atih_edsnlp.csv.gz", kTerms + "cim_hierarchie.csv");
  REQUIRE(extended.ok());
  CHECK(extended->terminology.code_count() == 42886 + 259);
  CHECK(extended->report.bad_count == 0);
  CHECK(kinds(extended->terminology, "CIM10 C")["2"] == 26536);

  const auto levels = load_cma_levels(Env::posix(), kTerms + "cma_severity_list_24p11.tsv");
  REQUIRE(levels.ok());
  std::map<int, int> by_level;
  for (const SeverityLevel& level : *levels) ++by_level[level.level];
  CHECK(by_level == std::map<int, int>{{2, 3518}, {3, 726}, {4, 525}});
}

TEST_CASE("CCAM is loaded with its tree and its dates") {
  if (!present(kTerms)) return;
  const auto loaded = load_ccam(Env::posix(), kTerms + "ccam_actes.json.gz",
                                kTerms + "ccam_hierarchie_actes.json.gz");
  REQUIRE(loaded.ok());
  const Terminology& ccam = loaded->terminology;
  CHECK(ccam.code_count() == 10318);  // 8,593 acts and 1,725 sections
  CHECK(loaded->report.bad_count == 0);
  CHECK(loaded->report.warnings.empty());
  std::vector<std::string> path;
  for (const Ancestor& ancestor : ccam.ancestors("AAFA001")) {
    path.push_back(ccam.code_at(ancestor.index));
  }
  CHECK(path == std::vector<std::string>{"000001", "000002", "000037", "000043", "000044"});
  std::size_t open = 0;
  for (const Term& term : ccam.terms()) {
    if (term.class_id == "Procedure" && term.valid_to == kAlwaysUntil) ++open;
  }
  CHECK(open == 8295);
  CHECK(ccam.find("AANL001", day("2010-04-30")) != nullptr);
  CHECK(ccam.find("AANL001", day("2010-05-01")) == nullptr);
  CHECK(ccam.find("AAFA001", day("2005-02-28")) == nullptr);
}

TEST_CASE("GHM are loaded by year, under root and major category") {
  if (!present(kTerms)) return;
  const auto loaded = load_ghm(Env::posix(), kTerms + "ghm_ghm_regroupement.json.gz",
                               kTerms + "ghm_rghm_regroupement.json.gz");
  REQUIRE(loaded.ok());
  const Terminology& ghm = loaded->terminology;
  CHECK(ghm.code_count() == 2775 + 709 + 28);
  CHECK(loaded->report.bad_count == 0);
  CHECK(ghm.find("01C031", day("2015-06-01"))->label_fr ==
        "Craniotomies pour traumatisme, âge supérieur à 17 ans, niveau 1");
  CHECK(ghm.ancestors("01C031").size() == 2);
}

TEST_CASE("LOINC, ATC, UM, UCD and communes are loaded") {
  if (!present(kTerms)) return;
  Env& env = Env::posix();
  const auto loinc =
      load_terminology(env, "loinc", {kTerms + "loinc_fr_from_ans_cda_examples.tsv"});
  REQUIRE(loinc.ok());
  CHECK(loinc->terminology.code_count() == 407);
  CHECK(loinc->report.bad_count == 2);  // "XX-ANTENATALTESTINGBATTERY", "xx-MCH-PsychoMDev"
  CHECK(loinc->terminology.find_latest("10160-0")->label_fr == "Traitements");

  const auto atc = load_terminology(env, "atc", {kTerms + "atc_drug_names_fr.tsv"});
  REQUIRE(atc.ok());
  CHECK(atc->terminology.code_count() == 2803);  // 1,967 in the file, the others above them
  CHECK(atc->report.bad_count == 1);             // "JO5AX09", with a letter O
  CHECK(atc->terminology.ancestors("A01AA01").size() == 4);
  CHECK(atc->terminology.find_latest("A01A")->label_fr == "preparations stomatologiques");

  const auto um = load_terminology(env, "um", {kTerms + "lib_mco_um.json.gz"});
  REQUIRE(um.ok());
  CHECK(um->terminology.find_latest("01A")->label_fr == "Réanimation adulte hors grands brûlés");
  CHECK(um->terminology.find_latest("01")->label_fr == "Réanimation");
  CHECK(um->report.warnings.empty());

  const auto ucd = load_terminology(env, "ucd", {kTerms + "ucd_tot_table.json.gz"});
  REQUIRE(ucd.ok());
  CHECK(ucd->terminology.code_count() == 1775);
  CHECK(ucd->terminology.find_latest("9009994")->kind == "L01AD02");

  const auto communes =
      load_terminology(env, "communes", {kTerms + "codes_geo_com_ts_corresp.json.gz"});
  REQUIRE(communes.ok());
  CHECK(communes->report.record_count == 290750);
  CHECK(communes->terminology.code_count() == 36839);
  CHECK(communes->terminology.find("01001", day("2013-06-01"))->kind == "01400");

  CHECK(load_terminology(env, "atc", {"a", "b"}).error().code == Code::Usage);
  CHECK(load_terminology(env, "snomed", {"a"}).error().code == Code::Usage);
  CHECK(load_terminology(env, "ccam", {kTerms + "absent"}).error().code == Code::NotFound);
}

TEST_CASE("the first ten of 43,000 labels are found, whatever the words") {
  if (!present(kTerms)) return;
  Env& env = Env::posix();
  const auto loaded =
      load_cim10(env, kTerms + "cim10_atih_edsnlp.csv.gz", kTerms + "cim_hierarchie.csv");
  REQUIRE(loaded.ok());
  const TermSearch search = TermSearch::build(loaded->terminology);
  for (const char* query : {"insuffisance cardiaque", "a", "accident de la circ", "E11", "s"}) {
    CAPTURE(query);
    CHECK(search.search(query, 10).size() == 10);
  }
  CHECK(search.search("insuffisance cardiaque congestive", 1)[0].term->code == "I500");
}

struct Counting : OmopSink {
  std::set<std::int64_t> ids;
  std::string a_name;
  std::size_t rows = 0;
  std::size_t invalid = 0;
  Status add(const ConceptRow& row) override {
    ids.insert(row.concept_id);
    if (row.concept_id == 35208414) a_name = row.concept_name;
    if (!row.invalid_reason.empty()) ++invalid;
    return {};
  }
  Status add(const ConceptRelationshipRow&) override {
    ++rows;
    return {};
  }
  Status add(const ConceptAncestorRow&) override {
    ++rows;
    return {};
  }
  Status add(const ConceptSynonymRow&) override {
    ++rows;
    return {};
  }
  Status add(const VocabularyRow&) override {
    ++rows;
    return {};
  }
  Status add(const SourceToConceptRow&) override {
    ++rows;
    return {};
  }
};

// Counted with Python's csv module.
TEST_CASE("OMOP vocabularies are streamed from a folder and from a zip") {
  if (!present(kOhdsi)) return;
  Counting eunomia;
  const auto folder = load_athena(Env::posix(), kOhdsi + "gibleed_cdm", eunomia);
  REQUIRE(folder.ok());
  CHECK(folder->concept_count == 444);
  CHECK(folder->relationship_count == 8);
  CHECK(folder->ancestor_count == 65690);
  CHECK(folder->synonym_count == 1064);
  CHECK(folder->vocabulary_count == 125);
  CHECK(folder->load.bad_count == 0);
  CHECK(eunomia.ids.size() == 444);
  CHECK(eunomia.a_name == "Gastrointestinal hemorrhage, unspecified");

  Counting synthea;
  const auto zip = load_athena(Env::posix(), kOhdsi + "synthea27nj/Synthea27Nj_5.4.zip", synthea);
  REQUIRE(zip.ok());
  CHECK(zip->concept_count == 2294);
  CHECK(zip->relationship_count == 266588);
  CHECK(zip->load.bad_count == 0);
}

}  // namespace
}  // namespace eds::terms
