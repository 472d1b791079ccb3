#include "uses/research/mart_columns.h"

#include <algorithm>
#include <array>
#include <utility>

namespace eds::research {
namespace {

using Names = std::string_view;

// Columns that hold the id of a row, and whose row it is.
constexpr std::array<std::pair<Names, Names>, 12> kReferences = {{
    {"visit_occurrence_id", "visit_occurrence"},
    {"preceding_visit_occurrence_id", "visit_occurrence"},
    {"visit_detail_id", "visit_detail"},
    {"preceding_visit_detail_id", "visit_detail"},
    {"parent_visit_detail_id", "visit_detail"},
    {"note_id", "note"},
    {"episode_id", "episode"},
    {"episode_parent_id", "episode"},
    {"provider_id", "provider"},
    {"specimen_id", "specimen"},
    {"payer_plan_period_id", "payer_plan_period"},
    {"observation_period_id", "observation_period"},
}};

// Numbers of events that say nothing of who.
constexpr std::array<Names, 16> kPlainNumbers = {
    "quantity",         "refills",
    "days_supply",      "drug_exposure_count",
    "gap_days",         "condition_occurrence_count",
    "episode_number",   "cohort_definition_id",
    "newborn_weight_g", "gestational_age_weeks",
    "session_count",    "igs2",
    "care_site_id",     "value_as_number",
    "range_low",        "range_high",
};

// Texts that are codes of a nomenclature or of the hospital's own lists, as received.
constexpr std::array<Names, 36> kCodes = {
    "gender_source_value",
    "condition_source_value",
    "condition_status_source_value",
    "procedure_source_value",
    "modifier_source_value",
    "drug_source_value",
    "route_source_value",
    "dose_unit_source_value",
    "measurement_source_value",
    "unit_source_value",
    "observation_source_value",
    "qualifier_source_value",
    "device_source_value",
    "specimen_source_value",
    "anatomic_site_source_value",
    "disease_status_source_value",
    "admitted_from_source_value",
    "discharged_to_source_value",
    "cause_source_value",
    "episode_source_value",
    "format_version",
    "finess",
    "unit_code",
    "bed_authorisation",
    "entry_mode",
    "provenance",
    "exit_mode",
    "destination",
    "coding_confirmed",
    "emergency_passage",
    "unplanned",
    "principal_diagnosis",
    "related_diagnosis",
    "ghm_version",
    "ghm",
    "grouping_return_code",
};

// Care sites are the hospital's own and public.
constexpr std::array<Names, 2> kSiteTexts = {"care_site_name", "care_site_source_value"};

template <std::size_t N>
bool holds(const std::array<Names, N>& names, Names name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// FNV-1a of the table's name: stable for ever, unlike a TableId.
std::uint32_t kind_of(Names table) {
  std::uint32_t hash = 2166136261U;
  for (const char letter : table) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619U;
  return hash >> 1U;  // The pseudonymiser adds a base.
}

MartColumn key(std::size_t column, Names table) {
  return {column, Treatment::Key, kind_of(table)};
}

MartColumn person_table_column(const model::Column& column, std::size_t index) {
  if (column.name == "year_of_birth") return {index, Treatment::BirthYear, 0};
  if (column.name == "person_source_value") return {index, Treatment::PersonText, 0};
  const bool keep = column.name == "gender_source_value" || column.name.ends_with("concept_id");
  return {index, keep ? Treatment::Keep : Treatment::Drop, 0};
}

}  // namespace

bool may_leave(const model::Table& table) {
  if (table.group == model::Group::Vocabulary || table.name == "care_site") return true;
  if (table.name == "eds_pmsi_rum") return true;
  if (table.person_column == model::kNoColumn) return false;
  return table.group == model::Group::Clinical || table.group == model::Group::Derived;
}

MartColumn treatment_of(const model::Table& table, std::size_t index) {
  const model::Column& column = table.columns[index];
  if (!may_leave(table)) return {index, Treatment::Drop, 0};
  if (table.group == model::Group::Vocabulary)
    return {index, column.name.starts_with("eds_") ? Treatment::Drop : Treatment::Keep, 0};
  if (index == table.person_column) return {index, Treatment::Person, 0};
  if (column.name.starts_with("eds_")) return {index, Treatment::Drop, 0};
  if (table.name == "person") return person_table_column(column, index);
  if (table.name == "care_site") {
    const bool keep = column.name == "care_site_id" || column.name.ends_with("concept_id") ||
                      holds(kSiteTexts, column.name);
    return {index, keep ? Treatment::Keep : Treatment::Drop, 0};
  }
  if (index == table.id_column) return key(index, table.name);
  for (const auto& [name, target] : kReferences)
    if (name == column.name) return key(index, target);
  switch (column.type) {
    case model::Type::Date:
    case model::Type::Timestamp: return {index, Treatment::Shift, 0};
    case model::Type::Float: return {index, Treatment::Keep, 0};
    case model::Type::Int:
      if (column.name.ends_with("concept_id") || holds(kPlainNumbers, column.name))
        return {index, Treatment::Keep, 0};
      break;
    case model::Type::Text:
      if (holds(kCodes, column.name)) return {index, Treatment::Keep, 0};
      break;
  }
  return {index, Treatment::Drop, 0};
}

}  // namespace eds::research
