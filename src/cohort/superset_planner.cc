// What trends and sequences ask: docs/reference/cohort-superset.md, sections 3 and 4.
#include <algorithm>

#include "cohort/planner.h"

namespace eds::cohort {
namespace {

std::optional<std::int32_t> narrowed(const std::optional<std::int64_t>& days) {
  if (!days) return std::nullopt;
  return static_cast<std::int32_t>(*days);
}

}  // namespace

Result<TrendPlan> Planner::trend(const Trend& trend, const Place& place) {
  if (is_circe()) return refusal(place, "the reference has no such part");
  TrendPlan plan;
  plan.rows.events = TRY(events(trend.criteria, place.member("Criteria")));
  plan.rows.start = window_of(trend.start_window, true, false);
  plan.by = trend.by;
  plan.op = trend.op;
  plan.value = rounded_to_four(trend.value);
  plan.hours = narrowed(trend.hours);
  plan.days = narrowed(trend.days);
  if (trend.units) {
    for (const Concept& unit : *trend.units) {
      plan.units.push_back(unit.id);
      plan.unit_names.push_back(unit.name.empty() ? std::to_string(unit.id) : unit.name);
    }
    std::sort(plan.units.begin(), plan.units.end());
  }
  plan.same = trend.same;
  return plan;
}

Result<SequencePlan> Planner::sequence(const Sequence& sequence, const Place& place) {
  if (is_circe()) return refusal(place, "the reference has no such part");
  SequencePlan plan;
  plan.first.start = window_of(sequence.start_window, true, false);
  plan.same = sequence.same;
  const Place steps = place.member("Steps");
  for (std::size_t index = 0; index < sequence.steps.size(); ++index) {
    const SequenceStep& step = sequence.steps[index];
    const Place at = steps.element(index);
    EventQuery found = TRY(events(step.criteria, at.member("Criteria")));
    if (index == 0) {
      plan.first.events = std::move(found);
      continue;
    }
    plan.next.push_back({std::move(found), static_cast<std::int32_t>(step.days_min),
                         narrowed(step.days_max), step.from});
  }
  return plan;
}

}  // namespace eds::cohort
