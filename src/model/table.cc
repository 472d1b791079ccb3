#include "model/table.h"

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace eds::model {
namespace {

struct Registry {
  std::vector<std::vector<Column>> columns;
  std::vector<Table> tables;
  std::unordered_map<std::string_view, TableId> by_name;
};

constexpr std::array<std::string_view, 14> kDateColumns = {
    "visit_start_date",     "visit_detail_start_date",
    "condition_start_date", "drug_exposure_start_date",
    "procedure_date",       "device_exposure_start_date",
    "measurement_date",     "observation_date",
    "death_date",           "note_date",
    "specimen_date",        "observation_period_start_date",
    "entry_date",           "cohort_start_date"};
constexpr std::array<std::string_view, 5> kEraDateColumns = {
    "drug_era_start_date", "dose_era_start_date", "condition_era_start_date", "episode_start_date",
    "payer_plan_period_start_date"};

std::size_t first_of(const Table& table, std::span<const std::string_view> names) {
  for (std::string_view name : names) {
    const std::size_t index = table.column(name);
    if (index != kNoColumn) return index;
  }
  return kNoColumn;
}

void finish(Table& table) {
  const std::string own_id = std::string(table.name) + "_id";
  table.id_column = table.column(own_id);
  table.person_column = table.column("person_id");
  if (table.person_column == kNoColumn) table.person_column = table.column("subject_id");
  table.date_column = first_of(table, kDateColumns);
  if (table.date_column == kNoColumn) table.date_column = first_of(table, kEraDateColumns);
  table.source_column = table.column("eds_source_id");
  table.key_column = table.column("eds_record_key");
}

Registry build() {
  Registry registry;
  struct Started {
    std::string_view name;
    Group group;
  };
  std::vector<Started> started;
#define TABLE(table_name, table_group)                  \
  started.push_back({#table_name, Group::table_group}); \
  registry.columns.emplace_back();
#define COLUMN(column_name, column_type, column_need) \
  registry.columns.back().push_back(                  \
      Column{#column_name, Type::column_type, Need::column_need, false});
#define EXTENSION(column_name, column_type) \
  registry.columns.back().push_back(Column{#column_name, Type::column_type, Need::Optional, true});
#include "model/eds_tables.inc"
#include "model/omop_tables.inc"
#undef TABLE
#undef COLUMN
#undef EXTENSION
  for (TableId id = 0; id < started.size(); ++id) {
    Table table;
    table.id = id;
    table.name = started[id].name;
    table.group = started[id].group;
    table.columns = registry.columns[id];
    finish(table);
    registry.by_name.emplace(table.name, id);
    registry.tables.push_back(table);
  }
  return registry;
}

const Registry& registry() {
  static const Registry instance = build();
  return instance;
}

}  // namespace

std::size_t Table::column(std::string_view column_name) const {
  for (std::size_t index = 0; index < columns.size(); ++index) {
    if (columns[index].name == column_name) return index;
  }
  return kNoColumn;
}

std::span<const Table> tables() {
  return registry().tables;
}

const Table* find_table(std::string_view name) {
  const auto found = registry().by_name.find(name);
  return found == registry().by_name.end() ? nullptr : &registry().tables[found->second];
}

const Table& table(std::string_view name) {
  const Table* found = find_table(name);
  ENSURE(found != nullptr);
  return *found;
}

std::string_view type_name(Type type) {
  switch (type) {
    case Type::Int: return "integer";
    case Type::Float: return "float";
    case Type::Date: return "date";
    case Type::Timestamp: return "timestamp";
    case Type::Text: return "text";
  }
  return "text";
}

}  // namespace eds::model
