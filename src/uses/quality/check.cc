#include "uses/quality/check.h"

#include <array>

#include "model/table.h"

namespace eds::quality {
namespace {

using engine::Compare;
using engine::Expr;
using engine::Function;

Result<std::int64_t> count(engine::Session& session, engine::Select select) {
  select.items.push_back({Expr::count_all(), "n"});
  engine::Answer rows = TRY(session.query(select));
  const std::optional<duck::Chunk> chunk = TRY(rows.next());
  return chunk ? chunk->int_at(0, 0) : 0;
}

engine::Select from(const model::Table& table) {
  engine::Select select;
  select.table = table.name;
  select.alias = "t";
  return select;
}

Expr field(std::string_view name) {
  return Expr::column("t", name);
}

// Start and end columns that must not be reversed.
constexpr std::array<std::array<std::string_view, 3>, 8> kPeriods = {{
    {"visit_occurrence", "visit_start_date", "visit_end_date"},
    {"visit_detail", "visit_detail_start_date", "visit_detail_end_date"},
    {"condition_occurrence", "condition_start_date", "condition_end_date"},
    {"drug_exposure", "drug_exposure_start_date", "drug_exposure_end_date"},
    {"device_exposure", "device_exposure_start_date", "device_exposure_end_date"},
    {"observation_period", "observation_period_start_date", "observation_period_end_date"},
    {"condition_era", "condition_era_start_date", "condition_era_end_date"},
    {"drug_era", "drug_era_start_date", "drug_era_end_date"},
}};

class Checks {
 public:
  Checks(engine::Session& session, const model::Table& table, std::int64_t row_count,
         std::vector<Finding>& findings)
      : session_(&session), table_(&table), row_count_(row_count), findings_(&findings) {}

  Status run(bool has_persons, bool has_visits) {
    TRY(required());
    TRY(own_key());
    if (has_persons && table_->person_column != model::kNoColumn && table_->name != "person") {
      TRY(known_person());
      TRY(before_birth());
    }
    if (has_visits && table_->name != "visit_occurrence") TRY(known_visit());
    for (const auto& [name, start, end] : kPeriods) {
      if (table_->name == name) TRY(reversed(start, end));
    }
    return {};
  }

 private:
  void report(std::string_view check, std::string_view name, std::int64_t violations) {
    findings_->push_back(Finding{std::string(table_->name), std::string(check), std::string(name),
                                 row_count_, violations});
  }

  Status required() {
    for (const model::Column& column : table_->columns) {
      if (column.need != model::Need::Required) continue;
      engine::Select select = from(*table_);
      select.where = Expr::is_null(field(column.name));
      const std::int64_t missing = TRY(count(*session_, std::move(select)));
      if (missing > 0) report("required-missing", column.name, missing);
    }
    return {};
  }

  Status own_key() {
    if (table_->id_column == model::kNoColumn) return {};
    const std::string_view name = table_->columns[table_->id_column].name;
    engine::Select select = from(*table_);
    select.items.push_back({Expr::call(Function::CountDistinct, {field(name)}), "n"});
    engine::Answer rows = TRY(session_->query(select));
    const std::optional<duck::Chunk> chunk = TRY(rows.next());
    report("key-not-unique", name, row_count_ - (chunk ? chunk->int_at(0, 0) : 0));
    return {};
  }

  Status known_person() {
    const std::string_view person = table_->columns[table_->person_column].name;
    engine::Select select = from(*table_);
    select.joins.push_back(
        {engine::JoinKind::Anti, "person", "p", field(person) == Expr::column("p", "person_id")});
    report("person-unknown", person, TRY(count(*session_, std::move(select))));
    return {};
  }

  Status known_visit() {
    if (table_->column("visit_occurrence_id") == model::kNoColumn) return {};
    engine::Select select = from(*table_);
    select.joins.push_back(
        {engine::JoinKind::Anti, "visit_occurrence", "v",
         field("visit_occurrence_id") == Expr::column("v", "visit_occurrence_id")});
    select.where = Expr::negate(Expr::is_null(field("visit_occurrence_id")));
    report("visit-unknown", "visit_occurrence_id", TRY(count(*session_, std::move(select))));
    return {};
  }

  Status before_birth() {
    if (table_->date_column == model::kNoColumn) return {};
    const std::string_view date = table_->columns[table_->date_column].name;
    engine::Select select = from(*table_);
    select.joins.push_back(
        {engine::JoinKind::Inner, "person", "p",
         field(table_->columns[table_->person_column].name) == Expr::column("p", "person_id")});
    select.where = Expr::compare(Compare::Less, Expr::call(Function::Year, {field(date)}),
                                 Expr::column("p", "year_of_birth"));
    report("before-birth", date, TRY(count(*session_, std::move(select))));
    return {};
  }

  Status reversed(std::string_view start, std::string_view end) {
    engine::Select select = from(*table_);
    select.where = Expr::compare(Compare::Less, field(end), field(start));
    report("end-before-start", end, TRY(count(*session_, std::move(select))));
    return {};
  }

  engine::Session* session_;
  const model::Table* table_;
  std::int64_t row_count_;
  std::vector<Finding>* findings_;
};

}  // namespace

Result<std::vector<Finding>> check(engine::Session& session,
                                   const std::vector<lake::TableVersion>& tables) {
  bool has_persons = false;
  bool has_visits = false;
  for (const lake::TableVersion& table : tables) {
    has_persons = has_persons || table.table == "person";
    has_visits = has_visits || table.table == "visit_occurrence";
  }
  std::vector<Finding> findings;
  for (const lake::TableVersion& version : tables) {
    const model::Table* table = model::find_table(version.table);
    if (table == nullptr || version.row_count == 0) continue;
    if (table->group == model::Group::Vocabulary || table->group == model::Group::Provenance) {
      continue;
    }
    TRY(Checks(session, *table, version.row_count, findings).run(has_persons, has_visits));
  }
  return findings;
}

}  // namespace eds::quality
