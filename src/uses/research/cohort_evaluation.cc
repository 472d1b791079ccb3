#include "uses/research/cohort_evaluation.h"

#include <fmt/format.h>

#include <algorithm>

#include "cohort/batch.h"
#include "cohort/definition_reader.h"
#include "cohort/session_source.h"
#include "model/table.h"

namespace eds::research {
namespace {

class VisibleSource final : public cohort::TableSource {
 public:
  VisibleSource(engine::Session& session, const govern::Scope& scope)
      : source_(session), scope_(&scope) {}

  Status read(std::string_view name, const std::vector<std::string_view>& columns,
              const std::function<void(const cohort::RowBlock&)>& take) override {
    const model::Table* const table = model::find_table(name);
    for (const std::string_view column : columns) {
      if (table == nullptr || scope_->is_owner()) break;
      const std::size_t index = table->column(column);
      if (index != model::kNoColumn && !scope_->columns().shows(*table, index)) {
        return Error{Code::Refused, fmt::format("the definition needs a column that you may not "
                                                "see: {}.{}",
                                                name, column)};
      }
    }
    return source_.read(name, columns, take);
  }

 private:
  cohort::SessionSource source_;
  const govern::Scope* scope_;
};

std::vector<CohortStep> steps_of(const cohort::Plan& plan, const cohort::Outcome& outcome) {
  const cohort::Attrition& attrition = outcome.attrition;
  std::vector<CohortStep> steps = {
      {"entry events", attrition.entry_events, attrition.entry_persons},
      {"qualified events", attrition.qualified_events, attrition.qualified_persons}};
  for (std::size_t rule = 0; rule < attrition.events.by_rule.size(); ++rule) {
    steps.push_back({fmt::format("rule {}: {}", rule + 1, plan.rules[rule].name),
                     attrition.events.by_rule[rule], attrition.best.by_rule[rule]});
  }
  steps.push_back({"included events", attrition.included_events, attrition.included_persons});
  steps.push_back(
      {"cohort", static_cast<std::int64_t>(outcome.rows.size()), attrition.cohort_persons});
  return steps;
}

}  // namespace

Result<EvaluatedCohort> evaluate_definition(engine::Session& session, const engine::Scan& scan,
                                            const engine::Budget& budget,
                                            std::string_view definition, CohortMode mode) {
  const bool is_circe = mode == CohortMode::Circe;
  const cohort::NamedDefinition named = TRY(cohort::read_definition(
      definition, is_circe ? cohort::Reading::Lenient : cohort::Reading::Strict));
  const cohort::Plan plan = TRY(
      cohort::make_plan(named.definition, is_circe ? cohort::Mode::Circe : cohort::Mode::Strict));
  VisibleSource source(session, scan.scope());
  const cohort::Vocabulary vocabulary = TRY(cohort::load_vocabulary(source));
  const cohort::ResolvedSets sets = cohort::resolve_sets(plan, vocabulary);
  cohort::Needs needs;
  needs.add(plan);
  const cohort::Store store = TRY(cohort::load_store(source, needs));
  EvaluatedCohort evaluated;
  const cohort::Work work[] = {{&plan, &sets}};
  TRY(cohort::evaluate_batch(
      store, work, budget.threads, [&](std::size_t, cohort::Outcome&& outcome) {
        for (const cohort::CohortRow& row : outcome.rows) {
          evaluated.rows.push_back({store.person_ids[row.person], row.start, row.end});
        }
        evaluated.steps = steps_of(plan, outcome);
        return Status();
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
