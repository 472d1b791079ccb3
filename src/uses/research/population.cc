#include "uses/research/population.h"

#include <string>

#include "cohort/batch.h"
#include "cohort/definition_reader.h"
#include "cohort/loader.h"
#include "cohort/plan.h"
#include "cohort/session_source.h"
#include "model/table.h"

namespace eds::research {
namespace {

/// Reads through the session, but no column that the scope hides.
class ShownSource final : public cohort::TableSource {
 public:
  ShownSource(engine::Session& session, const govern::ColumnMask& columns)
      : source_(session), columns_(&columns) {}

  Status read(std::string_view name, const std::vector<std::string_view>& columns,
              const std::function<void(const cohort::RowBlock&)>& take) override {
    const model::Table* const table = model::find_table(name);
    if (table == nullptr) return source_.read(name, columns, take);
    for (const std::string_view column : columns) {
      const std::size_t index = table->column(column);
      if (index != model::kNoColumn && !columns_->shows(*table, index))
        return Error{Code::Usage, "the population needs a column that the permit does not name: " +
                                      std::string(name) + "." + std::string(column)};
    }
    return source_.read(name, columns, take);
  }

 private:
  cohort::SessionSource source_;
  const govern::ColumnMask* columns_;
};

Result<cohort::Plan> plan_of(const std::string& definition) {
  const cohort::NamedDefinition named =
      TRY(cohort::read_definition(definition, cohort::Reading::Strict));
  return cohort::make_plan(named.definition, cohort::Mode::Strict);
}

Result<govern::PersonSet> of_cohort(engine::Session& session, const engine::Scan& scan,
                                    const engine::Budget& budget, const std::string& definition) {
  const cohort::Plan plan = TRY(plan_of(definition));
  ShownSource source(session, scan.scope().columns());
  const cohort::Vocabulary vocabulary = TRY(cohort::load_vocabulary(source));
  const cohort::ResolvedSets sets = cohort::resolve_sets(plan, vocabulary);
  cohort::Needs needs;
  needs.add(plan);
  const cohort::Store store = TRY(cohort::load_store(source, needs));
  govern::PersonSet persons(scan.scope().persons().shared_index());
  const cohort::Work work[] = {{&plan, &sets}};
  TRY(cohort::evaluate_batch(store, work, budget.threads,
                             [&](std::size_t, cohort::Outcome&& outcome) {
                               for (const cohort::CohortRow& row : outcome.rows)
                                 persons.add(store.person_ids[row.person]);
                               return Status();
                             }));
  return persons;
}

}  // namespace

Result<govern::PersonSet> population_of(engine::Engine& engine, lake::Warehouse& core,
                                        const engine::Scan& scan, const engine::Budget& budget,
                                        const govern::Population& population) {
  if (population.is_everybody()) return scan.scope().persons();
  const std::unique_ptr<engine::Session> session = TRY(engine.open(core, scan, budget));
  if (!population.cohort.empty()) return of_cohort(*session, scan, budget, population.cohort);
  govern::PersonSet persons(scan.scope().persons().shared_index());
  for (const std::int64_t person : TRY(session->persons_of_user_sql(population.query)))
    persons.add(person);
  return persons;
}

Status check_population(const govern::Population& population) {
  if (population.cohort.empty()) return {};
  Result<cohort::Plan> plan = plan_of(population.cohort);
  return plan.ok() ? Status() : Status(std::move(plan).error().within("the population's cohort"));
}

}  // namespace eds::research
