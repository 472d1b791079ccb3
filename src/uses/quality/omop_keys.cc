#include "uses/quality/omop_keys.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/calendar.h"
#include "uses/quality/omop_block.h"

namespace eds::quality {
namespace {

using engine::Expr;

template <class Visit>
Status each_row(engine::Session& session, std::string_view table,
                const std::vector<std::string_view>& columns, std::optional<Expr> where,
                Visit&& visit) {
  engine::Select select;
  select.table = table;
  for (std::string_view column : columns) {
    select.items.push_back({Expr::column(column), std::string(column)});
  }
  select.where = std::move(where);
  engine::Answer rows = TRY(session.query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) visit(*chunk, row);
  }
  return {};
}

std::int64_t whole_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? kMissing : chunk.int_at(column, row);
}

std::int32_t day_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? kNoDay : static_cast<std::int32_t>(chunk.int_at(column, row));
}

// kNoDay for a date that does not exist.
std::int32_t day_in(std::int64_t year, std::int64_t month, std::int64_t day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) return kNoDay;
  const Date date{static_cast<std::int32_t>(year), static_cast<std::int32_t>(month),
                  static_cast<std::int32_t>(day)};
  return is_valid(date) ? days_from_date(date) : kNoDay;
}

PersonFacts person_at(const duck::Chunk& chunk, std::size_t row) {
  PersonFacts person;
  person.id = chunk.int_at(0, row);
  person.gender = whole_at(chunk, 5, row);
  const std::int64_t year = whole_at(chunk, 1, row);
  if (!chunk.is_null(4, row)) {
    person.birth = static_cast<std::int32_t>(day_of(chunk.int_at(4, row)));
    person.birth_june = person.birth;
  } else if (year != kMissing) {
    const std::int64_t month = whole_at(chunk, 2, row);
    const std::int64_t day = whole_at(chunk, 3, row);
    person.birth = day_in(year, month == kMissing ? 1 : month, day == kMissing ? 1 : day);
    person.birth_june = day_in(year, 6, 1);
  }
  return person;
}

// "PROVIDER.PROVIDER_ID" -> "provider", "provider_id"
std::pair<std::string, std::string> split(std::string_view reference) {
  const std::size_t dot = reference.find('.');
  return {lower_ascii(reference.substr(0, dot)),
          dot == std::string_view::npos ? "" : lower_ascii(reference.substr(dot + 1))};
}

template <class Facts>
const Facts* find_by_id(const std::vector<Facts>& sorted, std::int64_t id) {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), id,
                       [](const Facts& left, std::int64_t right) { return left.id < right; });
  return found != sorted.end() && found->id == id ? &*found : nullptr;
}

template <class Facts>
void sort_by_id(std::vector<Facts>& facts) {
  const auto less = [](const Facts& left, const Facts& right) { return left.id < right.id; };
  if (!std::is_sorted(facts.begin(), facts.end(), less)) {
    std::stable_sort(facts.begin(), facts.end(), less);
  }
  facts.shrink_to_fit();
}

}  // namespace

Result<Keys> Keys::load(engine::Session& session, const std::vector<OmopCheck>& checks) {
  Keys keys;
  TRY(keys.load_persons(session));
  TRY(keys.load_stays(session));
  TRY(keys.load_deaths(session));
  for (const OmopCheck& check : checks) {
    if (check.kind == CheckKind::ForeignKey) TRY(keys.load_reference(session, check.bound));
    if (check.kind == CheckKind::GenderBelow) TRY(keys.load_descendants(session, check.concepts));
  }
  return keys;
}

Status Keys::load_persons(engine::Session& session) {
  TRY(each_row(session, "person",
               {"person_id", "year_of_birth", "month_of_birth", "day_of_birth", "birth_datetime",
                "gender_concept_id"},
               std::nullopt, [&](const duck::Chunk& chunk, std::size_t row) {
                 if (!chunk.is_null(0, row)) persons_.push_back(person_at(chunk, row));
               }));
  sort_by_id(persons_);
  return {};
}

Status Keys::load_stays(engine::Session& session) {
  TRY(each_row(
      session, "visit_occurrence", {"visit_occurrence_id", "visit_start_date", "visit_end_date"},
      std::nullopt, [&](const duck::Chunk& chunk, std::size_t row) {
        if (chunk.is_null(0, row)) return;
        stays_.push_back({chunk.int_at(0, row), day_at(chunk, 1, row), day_at(chunk, 2, row)});
      }));
  sort_by_id(stays_);
  return {};
}

Status Keys::load_deaths(engine::Session& session) {
  TRY(each_row(session, "death", {"person_id", "death_date"}, std::nullopt,
               [&](const duck::Chunk& chunk, std::size_t row) {
                 if (chunk.is_null(0, row)) return;
                 deaths_.push_back({chunk.int_at(0, row), day_at(chunk, 1, row)});
               }));
  std::sort(deaths_.begin(), deaths_.end(),
            [](const Death& left, const Death& right) { return left.person < right.person; });
  return {};
}

Status Keys::load_reference(engine::Session& session, const std::string& reference) {
  const auto [table_name, field] = split(reference);
  // Concepts are asked for by what the scans counted (omop_scan.h).
  if (table_name == "concept" || ids(reference) != nullptr || texts(reference) != nullptr) {
    return {};
  }
  const model::Table* table = model::find_table(table_name);
  const std::size_t column = table == nullptr ? model::kNoColumn : table->column(field);
  if (column == model::kNoColumn) {
    return Error{Code::Malformed, "data quality checks: no such table or field: " + reference};
  }
  if (table->columns[column].type == model::Type::Text) {
    std::unordered_set<std::string>& seen = texts_[reference];
    return each_row(session, table_name, {field}, std::nullopt,
                    [&](const duck::Chunk& chunk, std::size_t row) {
                      if (!chunk.is_null(0, row)) seen.emplace(chunk.text_at(0, row));
                    });
  }
  IdSet& seen = ids_[reference];
  return each_row(session, table_name, {field}, std::nullopt,
                  [&](const duck::Chunk& chunk, std::size_t row) {
                    if (!chunk.is_null(0, row)) seen.insert(chunk.int_at(0, row));
                  });
}

Status Keys::load_descendants(engine::Session& session, const std::string& concepts) {
  Descendants& below = descendants_[concepts];
  if (!below.empty()) return {};
  std::vector<Expr> ids;
  for (std::int64_t id : id_list(concepts)) ids.push_back(Expr::literal(id));
  return each_row(session, "concept_ancestor", {"descendant_concept_id"},
                  Expr::in(Expr::column("ancestor_concept_id"), std::move(ids)),
                  [&](const duck::Chunk& chunk, std::size_t row) {
                    if (!chunk.is_null(0, row)) ++below[chunk.int_at(0, row)];
                  });
}

const PersonFacts* Keys::person(std::int64_t id) const {
  if (last_person_ == nullptr || last_person_->id != id) {
    const PersonFacts* found = find_by_id(persons_, id);
    if (found == nullptr) return nullptr;
    last_person_ = found;
  }
  return last_person_;
}

const StayFacts* Keys::stay(std::int64_t id) const {
  if (last_stay_ == nullptr || last_stay_->id != id) {
    const StayFacts* found = find_by_id(stays_, id);
    if (found == nullptr) return nullptr;
    last_stay_ = found;
  }
  return last_stay_;
}

std::span<const Death> Keys::deaths(std::int64_t person) const {
  if (deaths_.empty()) return {};
  const auto less = [](const Death& left, const Death& right) {
    return left.person < right.person;
  };
  const auto [first, last] =
      std::equal_range(deaths_.begin(), deaths_.end(), Death{person, 0}, less);
  return {first, last};
}

const IdSet* Keys::ids(std::string_view reference) const {
  const auto found = ids_.find(reference);
  return found == ids_.end() ? nullptr : &found->second;
}

const std::unordered_set<std::string>* Keys::texts(std::string_view reference) const {
  const auto found = texts_.find(reference);
  return found == texts_.end() ? nullptr : &found->second;
}

const Descendants& Keys::descendants(const std::string& concepts) const {
  static const Descendants kNone;
  const auto found = descendants_.find(concepts);
  return found == descendants_.end() ? kNone : found->second;
}

}  // namespace eds::quality
