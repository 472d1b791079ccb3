#include "govern/scope_columns.h"

#include <algorithm>
#include <array>

namespace eds::govern {
namespace {

using model::Group;

// What helps to name a person or tells more of birth and place than a month and a region: hidden
// unless the level is nominative. Source values repeat what a source wrote, numbers included.
struct Hidden {
  std::string_view table, column;
};
constexpr std::array<Hidden, 28> kIdentifyingColumns = {{
    {"person", "person_source_value"},
    {"person", "day_of_birth"},
    {"person", "birth_datetime"},
    {"eds_person_claim", "birth_date"},
    {"eds_pmsi_rum", "postal_code"},
    {"eds_pmsi_rum", "last_menses_date"},
    {"eds_conflict", "kept_value"},
    {"eds_conflict", "other_value"},
    {"location", "address_1"},
    {"location", "address_2"},
    {"location", "city"},
    {"location", "zip"},
    {"location", "location_source_value"},
    {"location", "latitude"},
    {"location", "longitude"},
    {"provider", "provider_name"},
    {"provider", "npi"},
    {"provider", "dea"},
    {"provider", "year_of_birth"},
    {"provider", "provider_source_value"},
    {"note", "note_title"},
    {"note", "note_text"},
    {"note", "note_source_value"},
    {"note_nlp", "snippet"},
    {"note_nlp", "lexical_variant"},
    {"visit_occurrence", "visit_source_value"},
    {"specimen", "specimen_source_id"},
    {"device_exposure", "unique_device_id"},
}};

bool is_identifying(std::string_view table, std::string_view column) {
  return std::any_of(
      kIdentifyingColumns.begin(), kIdentifyingColumns.end(),
      [&](const Hidden& each) { return each.table == table && each.column == column; });
}

// Of a fed file, a principal sees what it was, never how much it held: counts speak of rows
// outside the scope.
bool shows_of_source(std::string_view column, Level level) {
  if (column == "eds_source_id" || column == "format") return true;
  return level == Level::Nominative &&
         (column == "file_name" || column == "source_name" || column == "fed_at");
}

bool shows_group(const model::Table& table, Level level) {
  switch (table.group) {
    case Group::Vocabulary: return true;
    case Group::Clinical:
    case Group::Derived:
    case Group::Economic:
    case Group::Extension: return level >= Level::Counts;
    case Group::HealthSystem: return level >= Level::Counts;
    case Group::Provenance: return level == Level::Nominative;
    // Written by anyone for any cohort, with rows of persons beyond the scope behind the numbers.
    case Group::Metadata: return false;
    case Group::Results: return table.person_column != model::kNoColumn && level >= Level::Counts;
    case Group::Staging: return false;
  }
  return false;
}

bool shows_column(const model::Table& table, std::size_t at, Level level) {
  const std::string_view name = table.columns[at].name;
  if (table.group == Group::Provenance) return shows_of_source(name, level);
  return level == Level::Nominative || !is_identifying(table.name, name);
}

// With a table comes its person: without it no row could be told to be of the project's persons.
// It is a random number in the core, and a pseudonym in the data store.
bool permits(const Permit& permit, const model::Table& table, std::size_t at) {
  return std::any_of(permit.tables.begin(), permit.tables.end(), [&](const PermitColumns& each) {
    if (each.table != table.name) return false;
    return at == table.person_column || std::find(each.columns.begin(), each.columns.end(),
                                                  table.columns[at].name) != each.columns.end();
  });
}

}  // namespace

ColumnMask ColumnMask::of(Level level, const Permit* permit) {
  ColumnMask mask;
  for (const model::Table& table : model::tables()) {
    bool table_shown = shows_group(table, level);
    std::vector<bool> columns(table.columns.size(), false);
    bool any = false;
    for (std::size_t at = 0; at < columns.size(); ++at) {
      const bool open =
          table.group == Group::Vocabulary || permit == nullptr || permits(*permit, table, at);
      columns[at] = table_shown && open && shows_column(table, at, level);
      any = any || columns[at];
    }
    mask.tables_.push_back(table_shown && any);
    mask.shown_.push_back(std::move(columns));
  }
  return mask;
}

ColumnMask ColumnMask::of_mart(const Permit& permit) {
  ColumnMask mask;
  for (const model::Table& table : model::tables()) {
    std::vector<bool> columns(table.columns.size(), table.group == Group::Vocabulary);
    for (std::size_t at = 0; at < columns.size(); ++at) {
      columns[at] = columns[at] || permits(permit, table, at);
    }
    mask.tables_.push_back(std::find(columns.begin(), columns.end(), true) != columns.end());
    mask.shown_.push_back(std::move(columns));
  }
  return mask;
}

bool ColumnMask::covers(const ColumnMask& other) const {
  for (std::size_t table = 0; table < shown_.size(); ++table) {
    for (std::size_t at = 0; at < shown_[table].size(); ++at) {
      if (other.shown_[table][at] && !shown_[table][at]) return false;
    }
  }
  return true;
}

}  // namespace eds::govern
