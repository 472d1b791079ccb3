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
  plan.unit_texts = trend.unit_texts;
  plan.unit_names.insert(plan.unit_names.end(), trend.unit_texts.begin(), trend.unit_texts.end());
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

Result<CohortMemberPlan> Planner::cohort_member(const CohortMember& member, const Place& place) {
  if (is_circe()) return refusal(place, "the reference has no such part");
  CohortMemberPlan plan;
  plan.saved = {member.saved.name, member.saved.version, place.text(), nullptr};
  plan.relation = member.relation;
  plan.is_absent = member.is_absent.value_or(false);
  plan.start.within_period = false;
  if (member.start_window) plan.start.start = window_of(*member.start_window, true, false);
  return plan;
}

namespace {

void gather(GroupPlan& group, std::vector<SavedPlan*>& found);

void gather(EventQuery& query, std::vector<SavedPlan*>& found) {
  for (GroupPlan& group : query.nested) gather(group, found);
}

void gather(GroupPlan& group, std::vector<SavedPlan*>& found) {
  for (CohortMemberPlan& each : group.cohorts) found.push_back(&each.saved);
  for (CorrelatedPlan& each : group.criteria) gather(each.events, found);
  for (TrendPlan& each : group.trends) gather(each.rows.events, found);
  for (SequencePlan& each : group.sequences) {
    gather(each.first.events, found);
    for (NextStepPlan& step : each.next) gather(step.events, found);
  }
  for (GroupPlan& each : group.groups) gather(each, found);
}

void gather(Plan& plan, std::vector<SavedPlan*>& found) {
  if (plan.operation == SetOperation::Saved) found.push_back(&plan.saved);
  for (Plan& member : plan.members) gather(member, found);
  for (EventQuery& query : plan.entry) gather(query, found);
  if (plan.additional) gather(*plan.additional, found);
  for (RulePlan& rule : plan.rules) gather(rule.group, found);
  for (EventQuery& query : plan.censoring) gather(query, found);
}

}  // namespace

std::vector<SavedPlan*> saved_of(Plan& plan) {
  std::vector<SavedPlan*> found;
  gather(plan, found);
  return found;
}

Status refuse_saved(Plan& plan) {
  const std::vector<SavedPlan*> found = saved_of(plan);
  if (found.empty()) return {};
  return Error{Code::Refused,
               "cohort definition: saved cohorts cannot be asked here, at " + found.front()->place};
}

}  // namespace eds::cohort
