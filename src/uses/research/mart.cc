#include "uses/research/mart.h"

#include <algorithm>
#include <utility>

#include "base/calendar.h"
#include "model/table.h"
#include "uses/research/mart_columns.h"

namespace eds::research {
namespace {

constexpr std::int32_t kAgeTop = 90;  // PSE-6: above 89 together.
constexpr std::int64_t kRowsPerProgress = 100'000;
constexpr std::int64_t kClassFloor = 11;

/// One table on its way: what is asked of the core, and what becomes of each answer column.
struct Plan {
  const model::Table* table = nullptr;
  engine::Select select;
  std::vector<MartColumn> columns;
  std::size_t person_item = model::kNoColumn;  ///< index into columns
};

void add_item(Plan& plan, const MartColumn& column) {
  const std::string name(plan.table->columns[column.column].name);
  plan.select.items.push_back({engine::Expr::column(name), name});
  plan.columns.push_back(column);
}

Status add_permitted(Plan& plan, const govern::PermitColumns& permitted) {
  for (const std::string& name : permitted.columns) {
    const std::size_t index = plan.table->column(name);
    if (index == model::kNoColumn)
      return Error{Code::Usage, "permit names a column that does not exist: " +
                                    std::string(plan.table->name) + "." + name};
    if (index == plan.table->person_column) continue;
    const MartColumn column = treatment_of(*plan.table, index);
    if (column.treatment == Treatment::Drop)
      return Error{Code::Usage, "no data store may hold this column: " +
                                    std::string(plan.table->name) + "." + name};
    add_item(plan, column);
  }
  return {};
}

Result<Plan> plan_of(const govern::PermitColumns& permitted) {
  Plan plan;
  plan.table = model::find_table(permitted.table);
  if (plan.table == nullptr)
    return Error{Code::Usage, "permit names a table that does not exist: " + permitted.table};
  if (!may_leave(*plan.table))
    return Error{Code::Usage, "no data store may hold this table: " + permitted.table};
  plan.select.table = permitted.table;
  if (plan.table->person_column != model::kNoColumn) {
    plan.person_item = 0;
    add_item(plan, treatment_of(*plan.table, plan.table->person_column));
  }
  TRY(add_permitted(plan, permitted));
  return plan;
}

/// Writes one row's values, remembering the person: rows of one person stand together.
class Converter {
 public:
  Converter(const Plan& plan, const govern::Pseudonymiser& pseudonyms, const MartOptions& options)
      : plan_(&plan), pseudonyms_(&pseudonyms) {
    reference_year_ =
        date_from_days(static_cast<std::int32_t>(options.reference_us / kMicrosecondsPerDay)).year;
    if (options.population != nullptr) population_.emplace(*options.population);
  }

  std::int64_t row_count() const { return row_count_; }

  Status write(const duck::Chunk& chunk, std::size_t row, model::RowWriter& writer) {
    if (plan_->person_item != model::kNoColumn) {
      if (chunk.is_null(plan_->person_item, row)) return {};  // Of nobody: for nobody.
      const std::int64_t person = chunk.int_at(plan_->person_item, row);
      if (population_ && !population_->contains(person)) return {};
      move_to(person);
    }
    for (std::size_t item = 0; item < plan_->columns.size(); ++item) {
      // The pseudonym as text is made of the person, whatever the scope shows of the column.
      const bool made = plan_->columns[item].treatment == Treatment::PersonText;
      if (made || !chunk.is_null(item, row)) put(chunk, item, row, writer);
    }
    ++row_count_;
    return writer.end_row();
  }

 private:
  void move_to(std::int64_t person) {
    if (person == person_) return;
    person_ = person;
    pseudonym_ = pseudonyms_->person(person);
    shift_days_ = pseudonyms_->shift_days(person);
  }

  void put(const duck::Chunk& chunk, std::size_t item, std::size_t row, model::RowWriter& writer) {
    const MartColumn& column = plan_->columns[item];
    switch (column.treatment) {
      case Treatment::Drop: break;
      case Treatment::Keep: copy(chunk, item, row, writer); break;
      case Treatment::Person: writer.set(column.column, pseudonym_); break;
      case Treatment::PersonText:
        writer.set_text(column.column, pseudonyms_->person_text(person_));
        break;
      case Treatment::Key:
        writer.set(column.column, pseudonyms_->event(column.kind, chunk.int_at(item, row)));
        break;
      case Treatment::Shift: shift(chunk, item, row, writer); break;
      case Treatment::BirthYear: birth_year(chunk.int_at(item, row), column.column, writer); break;
    }
  }

  void copy(const duck::Chunk& chunk, std::size_t item, std::size_t row, model::RowWriter& writer) {
    const std::size_t column = plan_->columns[item].column;
    switch (plan_->table->columns[column].type) {
      case model::Type::Float: writer.set_float(column, chunk.float_at(item, row)); break;
      case model::Type::Text: writer.set_text(column, chunk.text_at(item, row)); break;
      default: writer.set(column, chunk.int_at(item, row));
    }
  }

  void shift(const duck::Chunk& chunk, std::size_t item, std::size_t row,
             model::RowWriter& writer) {
    const std::size_t column = plan_->columns[item].column;
    const bool is_date = plan_->table->columns[column].type == model::Type::Date;
    const std::int64_t unit = is_date ? 1 : kMicrosecondsPerDay;
    writer.set(column, chunk.int_at(item, row) + shift_days_ * unit);
  }

  /// The year of the first of July moved by the person's days: month and day of birth do not leave,
  /// so they must not show through either.
  void birth_year(std::int64_t year, std::size_t column, model::RowWriter& writer) {
    const std::int32_t middle =
        days_from_date({static_cast<std::int32_t>(std::clamp<std::int64_t>(year, 1, 9998)), 7, 1});
    const std::int64_t moved = date_from_days(middle + shift_days_).year;
    writer.set(column, std::max<std::int64_t>(moved, reference_year_ - kAgeTop));
  }

  const Plan* plan_;
  const govern::Pseudonymiser* pseudonyms_;
  std::optional<govern::PersonSet::Cursor> population_;
  std::int64_t row_count_ = 0;
  std::int32_t reference_year_ = 0;
  std::int64_t person_ = -1;
  std::int64_t pseudonym_ = 0;
  std::int32_t shift_days_ = 0;
};

Result<std::int64_t> copy_table(engine::Session& core, const Plan& plan, Converter& converter,
                                lake::Loader& loader, const MartProgress& progress) {
  model::RowWriter* const writer = TRY(loader.rows(*plan.table));
  loader.remove_where(*plan.table, "true");
  engine::Answer answer = TRY(core.query(plan.select));
  std::int64_t told = 0;
  while (true) {
    const std::optional<duck::Chunk> chunk = TRY(answer.next());
    if (!chunk) break;
    for (std::size_t row = 0; row < chunk->row_count(); ++row)
      TRY(converter.write(*chunk, row, *writer));
    TRY(loader.relieve());
    if (converter.row_count() - told < kRowsPerProgress) continue;
    told = converter.row_count();
    if (!progress(std::string(plan.table->name), told))
      return Error{Code::Cancelled, "refresh of the data store was stopped; nothing changed"};
  }
  progress(std::string(plan.table->name), converter.row_count());
  return converter.row_count();
}

/// Two persons under one pseudonym would become one.
Status check_persons(lake::Loader& loader) {
  const model::Table& person = model::table("person");
  TRY(loader.settle());
  const std::string staged = TRY(loader.staged(person));
  const std::int64_t shared = TRY(
      loader.connection().query_int("SELECT count(*) - count(DISTINCT person_id) FROM " + staged));
  if (shared != 0)
    return Error{Code::Conflict, "two persons share a pseudonym: draw a new key for the project"};
  return {};
}

Result<ClassSizes> class_sizes(lake::Loader& loader) {
  const std::string staged = TRY(loader.staged(model::table("person")));
  const std::string classes =
      "(SELECT count(*) AS n FROM " + staged + " GROUP BY gender_concept_id, year_of_birth)";
  ClassSizes sizes;
  sizes.smallest = TRY(loader.connection().query_int("SELECT coalesce(min(n), 0) FROM " + classes));
  sizes.persons_below_11 =
      TRY(loader.connection().query_int("SELECT coalesce(sum(n), 0)::BIGINT FROM " + classes +
                                        " WHERE n < " + std::to_string(kClassFloor)));
  return sizes;
}

/// Tables an earlier permit gave and this one does not.
Status remove_others(lake::Warehouse& mart, lake::Loader& loader, const std::vector<Plan>& plans) {
  const Result<lake::Release> latest = mart.catalogue().latest();
  if (!latest.ok()) return {};
  for (const lake::TableVersion& version : TRY(mart.catalogue().tables(latest->id))) {
    const bool stays = std::any_of(plans.begin(), plans.end(), [&](const Plan& plan) {
      return plan.table->name == version.table;
    });
    if (stays) continue;
    const model::Table& table = model::table(version.table);
    TRY(loader.rows(table));
    loader.remove_where(table, "true");
  }
  return {};
}

}  // namespace

Status check_columns(const govern::PermitColumns& permitted) {
  TRY(plan_of(permitted));
  return {};
}

Result<MartOutcome> refresh_mart(engine::Session& core, const govern::Permit& permit,
                                 const govern::Pseudonymiser& pseudonyms, lake::Warehouse& mart,
                                 const MartOptions& options, const MartProgress& progress) {
  std::vector<Plan> plans;
  for (const govern::PermitColumns& permitted : permit.tables)
    plans.push_back(TRY(plan_of(permitted)));
  lake::LoaderOptions loader_options;
  loader_options.memory_bytes_max = options.memory_bytes_max;
  loader_options.threads = options.threads;
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(mart, loader_options));

  MartOutcome outcome;
  for (const Plan& plan : plans) {
    Converter converter(plan, pseudonyms, options);
    if (plan.table->name == "person") TRY(loader->hold(*plan.table));
    const std::int64_t rows = TRY(copy_table(core, plan, converter, *loader, progress));
    outcome.tables.push_back({std::string(plan.table->name), rows});
    if (plan.table->name != "person") continue;
    outcome.person_count = rows;
    TRY(check_persons(*loader));
    outcome.classes = TRY(class_sizes(*loader));
  }
  TRY(remove_others(mart, *loader, plans));
  const lake::LoadOutcome loaded = TRY(loader->commit("data-store", options.note, {}));
  outcome.release = loaded.release ? *loaded.release : TRY(mart.catalogue().latest());
  return outcome;
}

}  // namespace eds::research
