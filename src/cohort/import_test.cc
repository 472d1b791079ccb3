// Requests of Cohort360, on the cases of its own engine: each criterion's rows are given there, so
// that groups, exclusions, counts, encounters and orders are judged, not its filters.
#include "cohort/import.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "cohort/definition_for_test.h"
#include "cohort/definition_reader.h"
#include "cohort/evaluate.h"
#include "cohort/tables_for_test.h"

namespace eds::cohort {
namespace {

using Persons = std::set<std::int64_t>;

std::vector<std::vector<std::string>> lines_of(const std::filesystem::path& file) {
  std::vector<std::vector<std::string>> lines;
  std::ifstream stream(file);
  std::string line;
  while (std::getline(stream, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty()) continue;
    std::vector<std::string> cells;
    std::istringstream cut(line);
    std::string cell;
    while (std::getline(cut, cell, ';')) cells.push_back(cell);
    lines.push_back(cells);
  }
  return lines;
}

// The rows of each criterion as diagnoses of the concept that its number is.
class Case {
 public:
  explicit Case(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("resource_")) read(entry.path(), std::stoi(name.substr(9)));
    }
    const auto expected = lines_of(folder / "expected.csv");
    for (std::size_t at = 1; at < expected.size(); ++at) {
      expected_.insert(std::stoll(expected[at].front()));
    }
    for (std::int64_t person : expected_) persons_.insert(person);
    std::ifstream stream(folder / "request.json");
    request_ = std::string(std::istreambuf_iterator<char>(stream), {});
  }

  const Persons& expected() const { return expected_; }

  Result<Persons> persons() {
    const ReadFilter by_number = [](json::Value resource, const std::string&,
                                    ImportedCriterion& into) -> Status {
      into.kind = "ConditionOccurrence";
      into.codes = {{"CASE", std::to_string(resource.integer_or("_id", 0)), "", false}};
      return {};
    };
    const Imported imported = TRY(read_cohort360(request_, by_number));
    const std::string json = write_imported(imported, [](const ImportedCode& code) {
      return std::vector<FoundConcept>{{std::stoll(code.code), code.code}};
    });
    const NamedDefinition named = TRY(read_definition(json));
    const Plan plan = TRY(make_plan(named.definition, Mode::Strict));
    JsonTables source = tables();
    Needs needs;
    needs.add(plan);
    const Store store = TRY(load_store(source, needs));
    const ResolvedSets sets = resolve_sets(plan, *load_vocabulary(source));
    Persons found;
    for (const CohortRow& row :
         Evaluator(StoreBase(store), plan, sets).run({0, store.person_count()}).rows) {
      found.insert(store.person_ids[row.person]);
    }
    return found;
  }

 private:
  void read(const std::filesystem::path& file, int criterion) {
    const auto lines = lines_of(file);
    concepts_.insert(criterion);
    for (std::size_t at = 1; at < lines.size(); ++at) {
      const std::int64_t person = std::stoll(lines[at].front());
      persons_.insert(person);
      std::optional<std::string> visit;
      std::string day = "2020-01-01";
      for (std::size_t cell = 1; cell < lines[at].size(); ++cell) {
        const std::string& name = lines[0][cell];
        if (name == "_visit" && !lines[at][cell].empty()) visit = lines[at][cell];
        if (name.ends_with("DateTime")) day = lines[at][cell].substr(0, 10);
      }
      // A study is one event, however many rows its series have.
      if (lines[0].back() == "studyId" && !studies_.insert(lines[at]).second) continue;
      if (visit) visits_.insert({person, *visit});
      rows_.push_back({std::to_string(rows_.size() + 1), std::to_string(person), day, "0",
                       std::to_string(criterion), visit});
    }
  }

  JsonTables tables() const {
    TextTable persons{{"person_id", "gender_concept_id"}, {}};
    TextTable periods{{"observation_period_id", "person_id", "observation_period_start_date",
                       "observation_period_end_date"},
                      {}};
    TextTable visits{{"visit_occurrence_id", "person_id", "visit_start_date", "visit_end_date"},
                     {}};
    TextTable concepts{{"concept_id", "invalid_reason"}, {}};
    for (std::int64_t person : persons_) {
      const std::string id = std::to_string(person);
      persons.rows.push_back({id, "8507"});
      periods.rows.push_back({id, id, "2000-01-01", "2030-01-01"});
    }
    for (const auto& [person, visit] : visits_) {
      visits.rows.push_back({visit, std::to_string(person), "2020-01-01", "2020-01-02"});
    }
    for (int id : concepts_) concepts.rows.push_back({std::to_string(id), std::nullopt});
    JsonTables made;
    made.put("cdm.person", persons);
    made.put("cdm.observation_period", periods);
    made.put("cdm.visit_occurrence", visits);
    made.put("cdm.concept", concepts);
    made.put("cdm.condition_occurrence",
             {{"condition_occurrence_id", "person_id", "condition_start_date",
               "condition_concept_id", "condition_source_concept_id", "visit_occurrence_id"},
              rows_});
    return made;
  }

  Persons persons_;
  Persons expected_;
  std::set<int> concepts_;
  std::set<std::pair<std::int64_t, std::string>> visits_;
  std::set<std::vector<std::string>> studies_;
  std::vector<Cells> rows_;
  std::string request_;
};

std::string text_of(const Persons& persons) {
  std::string text;
  for (std::int64_t person : persons) text += fmt::format(" {}", person);
  return text;
}

std::string written(const std::string& request) {
  const Result<Imported> imported = read_cohort360(request);
  if (!imported.ok()) return imported.error().message;
  return write_imported(*imported, [](const ImportedCode& code) {
    return std::vector<FoundConcept>{{7, code.code}};
  });
}

std::string request_of(const std::string& resource, const std::string& filter,
                       const std::string& more = "") {
  return R"({"_type":"request","request":{"_type":"andGroup","_id":0,"isInclusive":true,)"
         R"("criteria":[{"_type":"basicResource","_id":1,"isInclusive":true,"resourceType":")" +
         resource + R"(","filterFhir":")" + filter + "\"" + more + "}]}}";
}

}  // namespace

TEST_CASE("requests of Cohort360 find the persons that its own engine finds") {
  const std::filesystem::path root =
      shared_ohdsi(EDS_SOURCE_DIR, "cohort360_queryexecutor/testCases");
  if (!std::filesystem::exists(root)) {
    MESSAGE("skipped: ../shared/data/ohdsi/cohort360_queryexecutor not present");
    return;
  }
  for (const std::string name :
       {"simple", "ipp", "liveTestTmp", "nAmongM", "occurences", "temporalConstraintSameEncounter",
        "temporalConstraintSameEncounterByPairs", "testCustom", "withRootNegation",
        "withOrganizationDetails"}) {
    Case each(root / name);
    const Result<Persons> found = each.persons();
    const std::string said = found.ok() ? text_of(*found) : found.error().message;
    CHECK_MESSAGE(found.ok(), (name + ": " + said));
    if (!found.ok()) continue;
    CHECK_MESSAGE(*found == each.expected(),
                  (name + ": found" + said + ", expected" + text_of(each.expected())));
  }
}

TEST_CASE("requests of Cohort360 that ask what cannot be asked are refused by path") {
  const std::filesystem::path root =
      shared_ohdsi(EDS_SOURCE_DIR, "cohort360_queryexecutor/testCases");
  if (!std::filesystem::exists(root)) return;
  for (const auto& [name, place] :
       {std::pair<std::string, std::string>{"nAmongMUniqueFields", "uniqueFields"},
        // Its engine does not find person 3, who is in none of the criteria, by "or not".
        {"exclusion", "criteria[0].criteria[2].isInclusive"},
        {"stageRatioDetails", "criteria[4].criteria[0].isInclusive"},
        {"patientAge", "patientAge"},
        {"temporalConstraintSameEpisodeOfCare", "temporalConstraints[0].constraintType"},
        {"temporalConstraintDirectChronologicalOrder", "timeRelationMinDuration"}}) {
    const Result<Persons> found = Case(root / name).persons();
    REQUIRE_MESSAGE(!found.ok(), name);
    INFO(found.error().message);
    CHECK(found.error().message.find("at $.") != std::string::npos);
    CHECK(found.error().message.ends_with(place));
  }
}

TEST_CASE("filters become source codes, values, classes and genders") {
  const auto has = [](const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
  };
  const std::string codes = written(request_of("conditionAphp", "codeList=R26,G630"));
  CHECK(has(codes, R"("name":"CIM10 R26, CIM10 G630")"));
  CHECK(has(codes, R"({"ConditionOccurrence":{"ConditionSourceConcept":0}})"));
  CHECK(has(written(request_of("Condition",
                               "code=https://smt.esante.gouv.fr/terminologie-cim-10/"
                               "|K625")),
            "CIM10 K625"));
  CHECK(has(written(request_of("medicationRequestAphp", "code=H02AB")), "DrugSourceConcept"));
  const std::string value =
      written(request_of("observationAphp", "code=A0283&value-quantity=ge3.5"));
  CHECK(has(value, R"("ValueAsNumber":{"Value":3.5,"Op":"gte"},"MeasurementSourceConcept":0)"));
  const std::string urgent = written(request_of("Encounter", "subject.active=true&class=urg"));
  CHECK(has(urgent, R"({"VisitOccurrence":{"CodesetId":0}})"));
  CHECK(has(urgent, R"("name":"Visit ER")"));
  CHECK(has(written(request_of("Patient", "gender=f")), R"({"Gender":[{"CONCEPT_ID":8532}]})"));
  CHECK(has(written(request_of("Condition", "code=R26",
                               R"(,"dateRangeList":[{"minDate":"2022-01-01T00:00:00Z"}])")),
            R"("OccurrenceStartDate":{"Value":"2022-01-01","Op":"gte"})"));
  // Every one of them is a definition.
  for (const std::string& each : {codes, value}) CHECK(read_definition(each).ok());
}

TEST_CASE("a filter or a member without an exact meaning is refused by path") {
  const std::string at = "at $.request.criteria[0].";
  const auto ends = [&](const std::string& text, const std::string& place) {
    INFO(text);
    return text.ends_with(at + place);
  };
  CHECK(ends(written(request_of("Encounter", "start-age-visit=ge6570")),
             "filterFhir.start-age-visit"));
  CHECK(ends(written(request_of("Condition", "code=R26&_source=ORBIS")), "filterFhir._source"));
  CHECK(ends(written(request_of("Condition", "code=https://unknown/|R26")), "filterFhir"));
  CHECK(ends(written(request_of("compositionAphp", "_text=proto")), "resourceType"));
  CHECK(ends(written(request_of("Observation", "value-quantity=many")), "filterFhir"));
  CHECK(ends(written(request_of("Observation", "value-quantity=inf")), "filterFhir"));
  CHECK(ends(written(request_of("Condition", "code=%ff")), "filterFhir"));
  CHECK(ends(written(request_of("Condition", "", R"(,"dateRangeList":[{"minDate":"2022-02-30"}])")),
             "dateRangeList[0].minDate"));
  CHECK(ends(written(request_of("Condition", "", R"(,"surprise":1)")), "surprise"));
  CHECK(ends(written(request_of("Condition", "",
                                R"(,"dateRangeList":[{"minDate":"2022-01-01T10:00:00Z"}])")),
             "dateRangeList[0].minDate"));
  CHECK(ends(written(request_of("Condition", "", R"(,"occurrence":{"n":1,"operator":"around"})")),
             "occurrence.operator"));
}

}  // namespace eds::cohort
