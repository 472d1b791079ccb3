#include "model/references.h"

#include <array>
#include <string>

namespace eds::model {
namespace {

// Typed references: the table, the column that names a row, the column that says of which table.
struct Typed {
  std::string_view table;
  std::string_view column;
  std::string_view type_column;
};
constexpr std::array<Typed, 7> kTyped = {{
    {"measurement", "measurement_event_id", "meas_event_field_concept_id"},
    {"observation", "observation_event_id", "obs_event_field_concept_id"},
    {"note", "note_event_id", "note_event_field_concept_id"},
    {"episode_event", "event_id", "episode_event_field_concept_id"},
    {"fact_relationship", "fact_id_1", "domain_concept_id_1"},
    {"fact_relationship", "fact_id_2", "domain_concept_id_2"},
    {"cost", "cost_event_id", "cost_domain_id"},
}};

constexpr std::array<Domain, 12> kDomains = {{
    {8, "Visit", "visit_occurrence"},
    {10, "Procedure", "procedure_occurrence"},
    {13, "Drug", "drug_exposure"},
    {17, "Device", "device_exposure"},
    {19, "Condition", "condition_occurrence"},
    {21, "Measurement", "measurement"},
    {27, "Observation", "observation"},
    {36, "Specimen", "specimen"},
    {56, "Person", "person"},
    {5085, "Note", "note"},
    {32527, "Episode", "episode"},
    {581456, "Cost", "cost"},
}};

// The table of persons' rows whose key the column's name ends with: preceding_visit_occurrence_id.
const Table* named_by(std::string_view column) {
  if (column == "episode_parent_id") return find_table("episode");
  const Table* best = nullptr;
  for (const Table& table : tables()) {
    if (table.person_column == kNoColumn || table.id_column == kNoColumn) continue;
    if (table.group == Group::Staging || table.name == "person") continue;
    const std::string_view key = table.columns[table.id_column].name;
    const bool ends = column == key || column.ends_with("_" + std::string(key));
    if (ends && (best == nullptr || table.name.size() > best->name.size())) best = &table;
  }
  return best;
}

}  // namespace

std::vector<Reference> references(const Table& table) {
  std::vector<Reference> found;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    const Column& described = table.columns[column];
    if (column == table.id_column || column == table.person_column) continue;
    if (described.type != Type::Int) continue;
    if (const Table* to = named_by(described.name)) found.push_back({column, to, kNoColumn});
  }
  for (const Typed& typed : kTyped) {
    if (typed.table != table.name) continue;
    found.push_back({table.column(typed.column), nullptr, table.column(typed.type_column)});
  }
  return found;
}

std::span<const Domain> domains() {
  return kDomains;
}

}  // namespace eds::model
