#include "uses/research/population.h"

#include <string>

#include "cohort/definition_reader.h"
#include "cohort/plan.h"
#include "uses/research/plan_run.h"

namespace eds::research {
namespace {

Result<cohort::Plan> plan_of(const std::string& definition) {
  const cohort::NamedDefinition named =
      TRY(cohort::read_definition(definition, cohort::Reading::Strict));
  cohort::Plan plan = TRY(cohort::make_plan(named.definition, cohort::Mode::Strict));
  TRY(cohort::refuse_saved(plan));
  return plan;
}

Result<govern::PersonSet> of_cohort(engine::Session& session, const engine::Scan& scan,
                                    const engine::Budget& budget, const std::string& definition) {
  const cohort::Plan plan = TRY(plan_of(definition));
  const ShownColumns shown{&scan.scope().columns(), Code::Usage,
                           "the population needs a column that the permit does not name"};
  govern::PersonSet persons(scan.scope().persons().shared_index());
  TRY(run_plan(session, shown, plan, budget.threads,
               [&](const cohort::PersonTable& table, cohort::Outcome&& outcome) {
                 for (const cohort::CohortRow& row : outcome.rows)
                   persons.add(table.ids[row.person]);
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
