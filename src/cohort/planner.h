// Planner: the parts of a definition, each made the part of a plan that it means.
//
// Invariants: what the mode has no meaning for is refused with its JSON path; what the planner
// decides is noted in the plan. Threads: one thread at a time.
// Source: docs/reference/cohort.md, docs/reference/cohort-superset.md.
#pragma once

#include <string_view>
#include <vector>

#include "cohort/json_object.h"
#include "cohort/plan.h"

namespace eds::cohort {

class Planner {
 public:
  /// Concept sets are looked up among those of `plan` from `first_set` on.
  Planner(Mode mode, Plan& plan, std::size_t first_set = 0)
      : mode_(mode), plan_(&plan), first_set_(first_set) {}

  Result<EventQuery> events(const Criteria& criteria, const Place& place);
  Result<CorrelatedPlan> correlated(const CorrelatedCriteria& criteria, const Place& place);
  Result<GroupPlan> group(const Group& group, const Place& place);
  Result<SetIndex> set_of(std::int64_t id, const Place& place);
  Result<TrendPlan> trend(const Trend& trend, const Place& place);
  Result<CohortMemberPlan> cohort_member(const CohortMember& member, const Place& place);
  Result<SequencePlan> sequence(const Sequence& sequence, const Place& place);
  void note(const Place& place, std::string_view text) {
    plan_->notes.push_back({place.text(), std::string(text)});
  }
  bool is_circe() const { return mode_ == Mode::Circe; }

 private:
  Status attribute(const Criteria& criteria, const AttributeUse& use, const Place& place,
                   EventQuery& query);
  Result<Condition> selection(const SetSelection& selection, Field field, const Place& place);
  Result<std::vector<Condition>> value_conditions(const AttributeUse& use, bool is_excluded,
                                                  const Place& place);
  Status repair(const Criteria& criteria, const AttributeUse& use, const Place& place,
                std::vector<Condition>& conditions);
  Status supported(const AttributeUse& use, const Place& place);
  Result<std::optional<Field>> distinct_field(const CorrelatedCriteria& criteria,
                                              const Place& place);
  Result<DemographicPlan> demographic(const DemographicCriteria& criteria, const Place& place);

  Mode mode_;
  Plan* plan_;
  std::size_t first_set_;
};

/// A window with its defaults filled in.
WindowPlan window_of(const Window& window, bool within_period, bool event_end_by_default);
/// A decimal as the reference writes it into its SQL: four places, half away from zero.
double rounded_to_four(double value);

}  // namespace eds::cohort
