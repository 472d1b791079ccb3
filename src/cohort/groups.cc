// Which index events a group of criteria holds for.
#include <algorithm>
#include <cmath>

#include "cohort/evaluate.h"

namespace eds::cohort {
namespace {

// The day that a bound means for an index event; false: there is no bound.
bool bound_day(const Bound& bound, const IndexEvent& index, Day index_day, Day& day) {
  switch (bound.kind) {
    case BoundKind::None: return false;
    case BoundKind::PeriodStart: day = index.period_start; return true;
    case BoundKind::PeriodEnd: day = index.period_end; return true;
    case BoundKind::Offset:
      day = index_day == kNoDay ? kNoDay : index_day + bound.days;
      return true;
  }
  return false;
}

bool in_window(const WindowPlan& window, const IndexEvent& index, const Event& event) {
  const Day index_day = window.of_index == DateSide::End ? index.end : index.start;
  const Day event_day = window.of_event == DateSide::End ? event.end : event.start;
  Day bound = 0;
  if (bound_day(window.from, index, index_day, bound) &&
      (event_day == kNoDay || bound == kNoDay || event_day < bound)) {
    return false;
  }
  return !bound_day(window.to, index, index_day, bound) ||
         (event_day != kNoDay && bound != kNoDay && event_day <= bound);
}

bool count_holds(const CorrelatedPlan& plan, std::int64_t count) {
  switch (plan.test) {
    case CountTest::Exactly: return count == plan.count;
    case CountTest::AtMost: return count <= plan.count;
    case CountTest::AtLeast: return count >= plan.count;
  }
  return false;
}

}  // namespace

bool is_pair(const CorrelatedPlan& plan, const IndexEvent& index, const Event& event) {
  if (plan.within_period && (event.start < index.period_start || event.start > index.period_end)) {
    return false;
  }
  if (plan.same_visit && (event.visit == kMissing || event.visit != index.visit)) return false;
  if (!in_window(plan.start, index, event)) return false;
  return !plan.end || in_window(*plan.end, index, event);
}

// A slot is a key: all index events of one person with one key. Where the plan does not count
// repeated keys, each index event is a slot of its own.
struct Evaluator::Slots {
  const std::vector<IndexEvent>* index = nullptr;
  std::vector<std::uint32_t> slot_of;  ///< of each index event
  std::vector<std::uint32_t> size;     ///< index events of each slot

  std::size_t count() const { return size.size(); }
};

Evaluator::Slots Evaluator::slots_of(const std::vector<IndexEvent>& index) const {
  Slots slots;
  slots.index = &index;
  slots.slot_of.reserve(index.size());
  for (std::size_t at = 0; at < index.size(); ++at) {
    const bool repeats = plan_->counts_repeated_keys && at > 0 &&
                         index[at].person == index[at - 1].person &&
                         index[at].key == index[at - 1].key;
    if (!repeats) slots.size.push_back(0);
    ++slots.size.back();
    slots.slot_of.push_back(static_cast<std::uint32_t>(slots.size.size() - 1));
  }
  return slots;
}

std::vector<char> Evaluator::group_holds(const GroupPlan& group,
                                         const std::vector<IndexEvent>& index) {
  if (group.is_empty()) return std::vector<char>(index.size(), 1);
  const Slots slots = slots_of(index);
  const std::vector<std::int64_t> held = group_slots(group, slots);
  std::vector<char> holds(index.size());
  for (std::size_t at = 0; at < index.size(); ++at) holds[at] = held[slots.slot_of[at]] > 0;
  return holds;
}

// How many rows the group gives for each slot: 0, 1, or for an empty group the slot's own number.
std::vector<std::int64_t> Evaluator::group_slots(const GroupPlan& group, const Slots& slots) {
  if (group.is_empty()) return {slots.size.begin(), slots.size.end()};
  std::vector<std::int64_t> matches(slots.count(), 0);
  const auto count = [&](const auto& held) {
    for (std::size_t slot = 0; slot < matches.size(); ++slot) matches[slot] += held[slot];
  };
  for (const CorrelatedPlan& each : group.criteria) count(correlated_slots(each, slots));
  for (const DemographicPlan& each : group.demographics) count(demographic_slots(each, slots));
  for (const GroupPlan& each : group.groups) count(group_slots(each, slots));
  std::vector<char> held;
  const TakeWitnesses mark = [&](std::size_t at, std::span<const Witness>) {
    held[slots.slot_of[at]] = 1;
  };
  for (const TrendPlan& each : group.trends) {
    held.assign(slots.count(), 0);
    trends(each, *slots.index, mark);
    count(held);
  }
  for (const SequencePlan& each : group.sequences) {
    held.assign(slots.count(), 0);
    sequences(each, *slots.index, mark);
    count(held);
  }
  for (const CohortMemberPlan& each : group.cohorts) {
    held.assign(slots.count(), 0);
    for (std::size_t at = 0; at < slots.index->size(); ++at) {
      if (saved_holds(each, (*slots.index)[at])) held[slots.slot_of[at]] = 1;
    }
    count(held);
  }
  for (std::size_t slot = 0; slot < matches.size(); ++slot) {
    const std::int64_t total = matches[slot] * slots.size[slot];
    bool holds = false;
    switch (group.type) {
      case GroupType::All: holds = total == static_cast<std::int64_t>(group.member_count()); break;
      case GroupType::Any: holds = total > 0; break;
      case GroupType::AtLeast:
        holds = total >= group.count && (total > 0 || group.count == 0);
        break;
      case GroupType::AtMost: holds = total <= group.count; break;
    }
    matches[slot] = holds ? 1 : 0;
  }
  return matches;
}

std::vector<char> Evaluator::correlated_slots(const CorrelatedPlan& plan, const Slots& slots) {
  const std::vector<IndexEvent>& index = *slots.index;
  if (index.empty()) return {};
  const PersonRange range{index.front().person, index.back().person + 1};
  PersonBits among(range);
  for (const IndexEvent& event : index) among.add(event.person);
  Purpose purpose;
  purpose.counted = plan.distinct;
  const Found all = find(plan.events, {range, &among}, purpose);
  const std::vector<Event>& found = all.events;
  std::vector<std::int64_t> counts(slots.count(), 0);
  if (!plan.distinct) {
    pairs(plan, index, found, [&](std::size_t at, const Event&) { ++counts[slots.slot_of[at]]; });
  } else {
    std::vector<std::pair<std::uint32_t, double>> values;
    pairs(plan, index, found, [&](std::size_t at, const Event& event) {
      double value = 0;
      if (counted_value(plan.events.domain, *plan.distinct, *all.table, event, value)) {
        values.emplace_back(slots.slot_of[at], value);
      }
    });
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const auto& [slot, value] : values) ++counts[slot];
  }
  // The reference's left join repeats the pairs of a key for each of its index events.
  const bool repeats = plan.counts_none() && !plan.distinct;
  std::vector<char> holds(slots.count());
  for (std::size_t slot = 0; slot < holds.size(); ++slot) {
    const std::int64_t count = counts[slot] * (repeats ? slots.size[slot] : 1);
    holds[slot] = (count > 0 || plan.counts_none()) && count_holds(plan, count);
  }
  return holds;
}

std::vector<char> Evaluator::demographic_slots(const DemographicPlan& plan,
                                               const Slots& slots) const {
  const std::vector<IndexEvent>& index = *slots.index;
  std::vector<char> holds(slots.count(), 0);
  for (std::size_t at = 0; at < index.size(); ++at) {
    // Only persons that PERSON knows have demographics.
    if (persons_.traits_of(index[at].person).gender == kNoRow) continue;
    Event event;
    event.person = index[at].person;
    event.start = index[at].start;
    event.end = index[at].end;
    const bool passes_all =
        std::all_of(plan.conditions.begin(), plan.conditions.end(),
                    [&](const Condition& each) { return passes(each, nullptr, event); });
    if (passes_all) holds[slots.slot_of[at]] = 1;
  }
  return holds;
}

}  // namespace eds::cohort
