#include "model/references.h"

#include <doctest/doctest.h>

#include <cctype>
#include <fstream>
#include <string>
#include <vector>

namespace eds::model {
namespace {

std::string listed(std::string_view name) {
  const Table& of = table(name);
  std::string text;
  for (const Reference& reference : references(of)) {
    text += std::string(of.columns[reference.column].name) + ">";
    text += reference.to != nullptr ? reference.to->name : of.columns[reference.type_column].name;
    text += " ";
  }
  return text;
}

TEST_CASE("references are those that OMOP CDM 5.4 lists, plain and typed") {
  CHECK(listed("person") == "");
  CHECK(listed("visit_occurrence") == "preceding_visit_occurrence_id>visit_occurrence ");
  CHECK(listed("visit_detail") ==
        "preceding_visit_detail_id>visit_detail parent_visit_detail_id>visit_detail "
        "visit_occurrence_id>visit_occurrence ");
  CHECK(listed("condition_occurrence") ==
        "visit_occurrence_id>visit_occurrence visit_detail_id>visit_detail ");
  CHECK(listed("measurement") ==
        "visit_occurrence_id>visit_occurrence visit_detail_id>visit_detail "
        "measurement_event_id>meas_event_field_concept_id ");
  CHECK(listed("note_nlp") == "note_id>note ");
  CHECK(listed("episode") == "episode_parent_id>episode ");
  CHECK(listed("episode_event") == "episode_id>episode event_id>episode_event_field_concept_id ");
  CHECK(listed("fact_relationship") ==
        "fact_id_1>domain_concept_id_1 fact_id_2>domain_concept_id_2 ");
  CHECK(listed("cost") == "payer_plan_period_id>payer_plan_period cost_event_id>cost_domain_id ");
  CHECK(listed("observation_period") == "");
  CHECK(listed("location") == "");
  CHECK(listed("eds_visit_claim") == "visit_occurrence_id>visit_occurrence ");
}

// The first fields of a line of CSV whose quoted fields hold commas.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char letter : line) {
    if (letter == '"') quoted = !quoted;
    if (letter == ',' && !quoted) fields.emplace_back();
    if (letter != '"' && (letter != ',' || quoted)) fields.back() += letter;
  }
  return fields;
}

TEST_CASE("every foreign key of OHDSI's field list that leads to a person's row is a reference") {
  std::ifstream list(std::string(EDS_SOURCE_DIR) +
                     "/../shared/data/ohdsi/omop_spec/OMOP_CDMv5.4_Field_Level.csv");
  if (!list) {
    MESSAGE("skipped: OMOP_CDMv5.4_Field_Level.csv not present");
    return;
  }
  std::size_t found = 0;
  for (std::string line; std::getline(list, line);) {
    std::vector<std::string> fields = fields_of(line);
    if (fields.size() < 9 || fields[7] != "Yes") continue;
    for (char& letter : fields[8]) letter = static_cast<char>(std::tolower(letter));
    const Table* to = find_table(fields[8]);
    const Table* from = find_table(fields[0]);
    if (to == nullptr || from == nullptr || to->name == "person") continue;
    if (to->person_column == kNoColumn || to->id_column == kNoColumn) continue;
    CAPTURE(fields[0] + "." + fields[1]);
    bool is_known = false;
    for (const Reference& reference : references(*from)) {
      if (from->columns[reference.column].name != fields[1]) continue;
      is_known = reference.to == to;
    }
    CHECK(is_known);
    ++found;
  }
  CHECK(found == 19);
}

TEST_CASE("every domain's table is one of ours") {
  for (const Domain& domain : domains()) CHECK(find_table(domain.table) != nullptr);
}

}  // namespace
}  // namespace eds::model
