#include "uses/quality/omop_scan.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "base/calendar.h"

namespace eds::quality {
namespace {

constexpr std::int64_t kMale = 8507;
constexpr std::int64_t kFemale = 8532;

bool refers_to_concept(const OmopCheck& check) {
  return check.kind == CheckKind::ForeignKey && check.bound.starts_with("CONCEPT.");
}

bool asks_concepts(const OmopCheck& check) {
  return refers_to_concept(check) || check.kind == CheckKind::Domain ||
         check.kind == CheckKind::Class || check.kind == CheckKind::StandardConcept;
}

// The text columns whose words are wanted.
std::vector<std::string> wanted_texts(const std::vector<const OmopCheck*>& checks) {
  std::vector<std::string> fields;
  for (const OmopCheck* check : checks) {
    if (check->kind == CheckKind::SourceValuesMapped ||
        (check->kind == CheckKind::ForeignKey && !refers_to_concept(*check))) {
      fields.push_back(lower_ascii(check->field));
    }
  }
  return fields;
}

}  // namespace

TableScan::TableScan(const model::Table& table, std::vector<const OmopCheck*> checks,
                     const Keys& keys, std::int32_t today)
    : table_(&table),
      checks_(std::move(checks)),
      keys_(&keys),
      today_(today),
      block_(table, wanted_texts(checks_)),
      person_column_(block_.column("person_id")),
      columns_(block_.column_count()) {
  bool has_genders = false;
  bool has_units = false;
  for (std::size_t index = 0; index < checks_.size(); ++index) {
    counts_.push_back(std::make_unique<Counts>());
    const OmopCheck& check = *checks_[index];
    const std::size_t column = block_.column(check.field);
    if (check.kind == CheckKind::PeriodOverlap) prepare_overlap(*counts_.back());
    if (column == model::kNoColumn) continue;
    if (asks_concepts(check)) columns_[column].counts_values = true;
    if (check.kind == CheckKind::Gender || check.kind == CheckKind::GenderBelow) {
      if (!has_genders) prepare_genders(column);
      has_genders = true;
    } else if (check.kind == CheckKind::Units) {
      for (std::int64_t id : id_list(check.concepts)) units_[id];
      if (!has_units) prepare_units(column);
      has_units = true;
    } else {
      prepare(index);
    }
  }
}

Status TableScan::run(engine::Session& session, SeenPersons& seen) {
  engine::Answer rows = TRY(session.query(block_.select()));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    block_.load(*chunk);
    row_count_ += static_cast<std::int64_t>(block_.row_count());
    tally(block_);
    note_persons(block_, seen);
    for (const Take& take : takes_) take(block_);
  }
  for (const std::function<void()>& end : ends_) end();
  return {};
}

void TableScan::tally(const Block& block) {
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    ColumnTally& column = columns_[index];
    const bool is_whole = block.reading(index) == Reading::Whole;
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(index, row)) {
        ++column.missing;
        continue;
      }
      if (!is_whole) continue;
      const std::int64_t value = block.whole(index, row);
      column.negative += value < 0 ? 1 : 0;
      column.zero += value == 0 ? 1 : 0;
      if (column.counts_values) column.values.add(value);
    }
  }
}

void TableScan::note_persons(const Block& block, SeenPersons& seen) const {
  if (person_column_ == model::kNoColumn) return;
  IdSet& persons = seen.by_table[std::string(table_->name)];
  const bool is_condition = table_->name == "condition_occurrence";
  const std::size_t concept_column =
      is_condition ? block.column("condition_concept_id") : model::kNoColumn;
  for (std::size_t row = 0; row < block.row_count(); ++row) {
    if (block.missing(person_column_, row)) continue;
    const std::int64_t person = block.whole(person_column_, row);
    persons.insert(person);
    if (is_condition && !block.missing(concept_column, row) &&
        block.whole(concept_column, row) != 0) {
      seen.with_condition.insert(person);
    }
  }
}

void TableScan::add_concepts(ConceptTable& concepts) const {
  for (const ColumnTally& column : columns_) {
    if (!column.counts_values) continue;
    column.values.for_each([&](std::int64_t id, std::int64_t) { concepts.try_emplace(id); });
  }
}

void TableScan::prepare(std::size_t index) {
  const OmopCheck& check = *checks_[index];
  const std::size_t column = block_.column(check.field);
  Counts& counts = *counts_[index];
  switch (check.kind) {
    case CheckKind::PrimaryKey: return prepare_key(column, counts);
    case CheckKind::ForeignKey: return prepare_reference(check, column, counts);
    case CheckKind::ConceptMapped:
    case CheckKind::SourceConceptMapped: return prepare_mapped(column, check.field, counts);
    case CheckKind::SourceValuesMapped: return prepare_values(check, column, counts);
    case CheckKind::Low:
    case CheckKind::High: return prepare_bound(check, column, counts);
    case CheckKind::TemporalAfter:
    case CheckKind::StartBeforeEnd: return prepare_after(check, column, counts);
    case CheckKind::DuringLife:
    case CheckKind::WithinVisit:
    case CheckKind::AfterBirth:
    case CheckKind::BeforeDeath: return prepare_dates(check, column, counts);
    default: return;  // Answered from the column's tally, or from other tables.
  }
}

Counts TableScan::answer(std::size_t index, const ConceptTable& concepts) const {
  const OmopCheck& check = *checks_[index];
  if (check.kind == CheckKind::CdmTable || check.kind == CheckKind::CdmField) return {0, 1};
  if (check.kind == CheckKind::PeriodOverlap) return *counts_[index];
  const std::size_t at = block_.column(check.field);
  if (at == model::kNoColumn) return {};
  const ColumnTally& column = columns_[at];
  if (asks_concepts(check)) return concept_answer(check, column, concepts);
  switch (check.kind) {
    case CheckKind::Required:
    case CheckKind::ValueCompleteness: return {column.missing, row_count_};
    case CheckKind::Datatype:
      // The reference's test of a number, on PostgreSQL, knows digits and no sign.
      return {column.negative, row_count_};
    case CheckKind::PrimaryKey:
    case CheckKind::ForeignKey:
    case CheckKind::TemporalAfter: return {counts_[index]->violated, row_count_};
    case CheckKind::Low:
    case CheckKind::High:
    case CheckKind::AfterBirth: return {counts_[index]->violated, row_count_ - column.missing};
    case CheckKind::ConceptMapped:
    case CheckKind::SourceConceptMapped:
      return {column.zero + counts_[index]->violated,
              row_count_ - column.missing + counts_[index]->violated};
    case CheckKind::Gender:
    case CheckKind::GenderBelow: return gender_answer(check);
    case CheckKind::Units: return units_answer(check);
    default: return *counts_[index];
  }
}

Counts TableScan::concept_answer(const OmopCheck& check, const ColumnTally& column,
                                 const ConceptTable& concepts) const {
  Counts counts{0, row_count_};
  if (check.kind == CheckKind::StandardConcept) counts.denominator -= column.missing;
  column.values.for_each([&](std::int64_t id, std::int64_t rows) {
    const auto found = concepts.find(id);
    const bool is_known = found != concepts.end() && found->second.is_known;
    bool is_violated = false;
    if (check.kind == CheckKind::ForeignKey) {
      is_violated = !is_known;
    } else if (is_known && id != 0) {
      const ConceptFacts& known = found->second;
      is_violated = check.kind == CheckKind::Domain  ? known.domain != check.bound
                    : check.kind == CheckKind::Class ? known.concept_class != check.bound
                                                     : !known.is_standard || !known.is_valid;
    }
    if (is_violated) counts.violated += rows;
  });
  return counts;
}

Counts TableScan::gender_answer(const OmopCheck& check) const {
  Counts counts;
  const bool is_male = check.bound == "Male";
  const auto add = [&](std::int64_t id, std::int64_t times) {
    const auto found = genders_.find(id);
    if (found == genders_.end()) return;
    const GenderTally& tally = found->second;
    counts.denominator += tally.rows * times;
    counts.violated += (is_male ? tally.not_male : tally.not_female) * times;
  };
  if (check.kind == CheckKind::GenderBelow) {
    for (const auto& [id, times] : keys_->descendants(check.concepts)) add(id, times);
  } else {
    for (std::int64_t id : id_list(check.concepts)) add(id, 1);
  }
  return counts;
}

Counts TableScan::units_answer(const OmopCheck& check) const {
  Counts counts;
  const std::vector<std::int64_t> plausible = id_list(check.bound);
  for (std::int64_t id : id_list(check.concepts)) {
    const auto found = units_.find(id);
    if (found == units_.end()) continue;
    for (const auto& [unit, rows] : found->second.rows_by_unit) {
      if (unit == 0) continue;
      counts.denominator += rows;
      const bool is_plausible = unit == kMissing || std::find(plausible.begin(), plausible.end(),
                                                              unit) != plausible.end();
      if (!is_plausible) counts.violated += rows;
    }
  }
  return counts;
}

void TableScan::prepare_genders(std::size_t column) {
  takes_.push_back([this, column](const Block& block) {
    if (person_column_ == model::kNoColumn) return;
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row)) continue;
      GenderTally& tally = genders_[block.whole(column, row)];
      ++tally.rows;
      if (block.missing(person_column_, row)) continue;
      const PersonFacts* person = keys_->person(block.whole(person_column_, row));
      if (person == nullptr || person->gender == kMissing) continue;
      tally.not_male += person->gender != kMale ? 1 : 0;
      tally.not_female += person->gender != kFemale ? 1 : 0;
    }
  });
}

void TableScan::prepare_units(std::size_t column) {
  const std::size_t unit = block_.column("unit_concept_id");
  if (unit == model::kNoColumn) return;
  takes_.push_back([this, column, unit](const Block& block) {
    for (std::size_t row = 0; row < block.row_count(); ++row) {
      if (block.missing(column, row)) continue;
      const auto found = units_.find(block.whole(column, row));
      if (found == units_.end()) continue;
      ++found->second.rows_by_unit[block.missing(unit, row) ? kMissing : block.whole(unit, row)];
    }
  });
}

}  // namespace eds::quality
