#include <algorithm>
#include <array>
#include <cctype>

#include "ingest/omop/omop_csv.h"

#include "base/ascii.h"

namespace eds::ingest::omop {
namespace {

struct Rename {
  std::string_view former;
  std::string_view now;
};
// CDM 5.3 names of columns that 5.4 renamed.
constexpr std::array<Rename, 6> kRenamed = {{
    {"admitting_source_concept_id", "admitted_from_concept_id"},
    {"admitting_source_value", "admitted_from_source_value"},
    {"discharge_to_concept_id", "discharged_to_concept_id"},
    {"discharge_to_source_value", "discharged_to_source_value"},
    {"visit_detail_parent_id", "parent_visit_detail_id"},
    {"death_type_id", "death_type_concept_id"},
}};

struct Added {
  std::string_view table;
  std::string_view column;
};
// Columns that 5.4 added: without them the order is that of 5.3.
constexpr std::array<Added, 21> kAdded = {{
    {"procedure_occurrence", "procedure_end_date"},
    {"procedure_occurrence", "procedure_end_datetime"},
    {"device_exposure", "production_id"},
    {"device_exposure", "unit_concept_id"},
    {"device_exposure", "unit_source_value"},
    {"device_exposure", "unit_source_concept_id"},
    {"measurement", "unit_source_concept_id"},
    {"measurement", "measurement_event_id"},
    {"measurement", "meas_event_field_concept_id"},
    {"observation", "value_source_value"},
    {"observation", "observation_event_id"},
    {"observation", "obs_event_field_concept_id"},
    {"note", "note_event_id"},
    {"note", "note_event_field_concept_id"},
    {"location", "country_concept_id"},
    {"location", "country_source_value"},
    {"location", "latitude"},
    {"location", "longitude"},
    {"metadata", "metadata_id"},
    {"metadata", "value_as_number"},
    {"cdm_source", "cdm_version_concept_id"},
}};

bool is_added(std::string_view table, std::string_view column) {
  return std::any_of(kAdded.begin(), kAdded.end(), [&](const Added& added) {
    return added.table == table && added.column == column;
  });
}

std::string folded(std::string_view text) {
  std::string name;
  for (const char c : text) {
    if (c == '"' || c == '`' || c == '[' || c == ']' || c == ' ') continue;
    name += lower_ascii(c);
  }
  return name;
}

std::size_t find_name(const model::Table& table, std::string_view name) {
  for (const Rename& rename : kRenamed) {
    if (name == rename.former && table.column(rename.now) != model::kNoColumn) {
      return table.column(rename.now);
    }
  }
  return table.column(name);
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Exports by SQL head a column with its expression: date(person.birth_datetime,'unixepoch'). The
// first of its words that names a column still free is the one.
std::size_t find_inside(const model::Table& table, std::string_view expression,
                        const std::vector<bool>& taken) {
  std::size_t at = 0;
  while (at < expression.size()) {
    if (!is_word(expression[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < expression.size() && is_word(expression[end])) ++end;
    const std::size_t column = find_name(table, expression.substr(at, end - at));
    if (column != model::kNoColumn && !taken[column]) return column;
    at = end;
  }
  return model::kNoColumn;
}

// The table's columns in the order of the CDM whose column count is `count`.
std::vector<std::size_t> positions(const model::Table& table, std::size_t count) {
  std::vector<std::size_t> now;
  std::vector<std::size_t> former;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (table.columns[column].is_extension && table.group != model::Group::Results) continue;
    now.push_back(column);
    if (!is_added(table.name, table.columns[column].name)) former.push_back(column);
  }
  std::vector<std::size_t>& order = count == former.size() ? former : now;
  order.resize(count, model::kNoColumn);
  return std::move(order);
}

// Whether every named field stands where `order` has it, and no column of the order is missing.
bool is_whole(const model::Table& table, const std::vector<std::size_t>& columns,
              const std::vector<std::size_t>& order) {
  for (std::size_t field = 0; field < columns.size(); ++field) {
    if (order[field] >= table.columns.size()) return false;
    if (columns[field] != model::kNoColumn && columns[field] != order[field]) return false;
  }
  return true;
}

}  // namespace

HeaderMap map_header(const model::Table& table, const std::vector<std::string_view>& first_row) {
  HeaderMap map;
  map.columns.assign(first_row.size(), model::kNoColumn);
  std::vector<bool> taken(table.columns.size(), false);
  const auto take = [&](std::size_t field, std::size_t column) {
    if (column == model::kNoColumn || taken[column]) return;
    taken[column] = true;
    map.columns[field] = column;
    ++map.by_name;
  };
  std::vector<std::string> names;
  for (const std::string_view cell : first_row) names.push_back(folded(cell));
  for (std::size_t field = 0; field < names.size(); ++field) {
    take(field, find_name(table, names[field]));
  }
  if (map.by_name == 0) {
    map.columns = positions(table, first_row.size());
    // Data begin with a number; a header in words unknown to us does not.
    const std::string& first = names.empty() ? std::string() : names.front();
    map.is_header = !first.empty() && std::none_of(first.begin(), first.end(), [](char c) {
      return c >= '0' && c <= '9';
    }) && table.columns.front().type != model::Type::Text;
    return map;
  }
  for (std::size_t field = 0; field < names.size(); ++field) {
    if (map.columns[field] == model::kNoColumn) {
      take(field, find_inside(table, lower_ascii(first_row[field]), taken));
    }
  }
  // What is left stands where the CDM has it, when the file has as many columns: a misspelt name.
  const std::vector<std::size_t> order = positions(table, first_row.size());
  for (std::size_t field = 0; field < names.size(); ++field) {
    const bool is_misspelt = map.columns[field] == model::kNoColumn &&
                             order[field] != model::kNoColumn && !taken[order[field]] &&
                             is_whole(table, map.columns, order);
    if (is_misspelt) take(field, order[field]);
  }
  for (std::size_t field = 0; field < names.size(); ++field) {
    if (map.columns[field] != model::kNoColumn) continue;
    map.extra.push_back(names[field]);
  }
  return map;
}

}  // namespace eds::ingest::omop
