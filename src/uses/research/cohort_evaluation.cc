#include "uses/research/cohort_evaluation.h"

#include <fmt/format.h>

#include <algorithm>

#include "cohort/definition_reader.h"
#include "uses/research/plan_run.h"

namespace eds::research {
namespace {

std::vector<CohortStep> steps_of(const cohort::Plan& plan, const cohort::Outcome& outcome) {
  const cohort::Attrition& attrition = outcome.attrition;
  const CohortStep whole = {"cohort", static_cast<std::int64_t>(outcome.rows.size()),
                            attrition.cohort_persons};
  if (plan.operation != cohort::SetOperation::None) return {whole};
  std::vector<CohortStep> steps = {
      {"entry events", attrition.entry_events, attrition.entry_persons},
      {"qualified events", attrition.qualified_events, attrition.qualified_persons}};
  for (std::size_t rule = 0; rule < attrition.events.by_rule.size(); ++rule) {
    steps.push_back({fmt::format("rule {}: {}", rule + 1, plan.rules[rule].name),
                     attrition.events.by_rule[rule], attrition.best.by_rule[rule]});
  }
  steps.push_back({"included events", attrition.included_events, attrition.included_persons});
  steps.push_back(whole);
  return steps;
}

}  // namespace

Result<EvaluatedCohort> evaluate_definition(lake::Warehouse& warehouse, engine::Session& session,
                                            const engine::Scan& scan, const engine::Budget& budget,
                                            std::string_view definition, CohortMode mode) {
  const bool is_circe = mode == CohortMode::Circe;
  const cohort::NamedDefinition named = TRY(cohort::read_definition(
      definition, is_circe ? cohort::Reading::Lenient : cohort::Reading::Strict));
  cohort::Plan plan = TRY(
      cohort::make_plan(named.definition, is_circe ? cohort::Mode::Circe : cohort::Mode::Strict));
  TRY(cohort::refuse_saved(plan));
  ShownColumns shown{nullptr, Code::Refused, "the definition needs a column that you may not see"};
  if (!scan.scope().is_owner()) shown.mask = &scan.scope().columns();
  EvaluatedCohort evaluated;
  TRY(run_plan_indexed(warehouse, scan, session, shown, plan, budget.threads,
                       [&](const cohort::PersonTable& table, cohort::Outcome&& outcome) {
                         for (const cohort::CohortRow& row : outcome.rows) {
                           evaluated.rows.push_back({table.ids[row.person], row.start, row.end});
                         }
                         evaluated.steps = steps_of(plan, outcome);
                       }));
  std::sort(evaluated.rows.begin(), evaluated.rows.end());
  return evaluated;
}

std::vector<CohortPeriod> visible_rows(const engine::Scan& scan, std::vector<CohortPeriod> rows) {
  if (scan.scope().is_owner()) return rows;
  const govern::PersonSet& persons = scan.scope().persons();
  std::erase_if(rows, [&](const CohortPeriod& row) { return !persons.contains(row.person); });
  return rows;
}

}  // namespace eds::research
