// Which index events a trend or a sequence holds for (docs/reference/cohort-superset.md, 3 and 4).
#include <algorithm>
#include <cmath>

#include "cohort/compare.h"
#include "cohort/evaluate.h"

namespace eds::cohort {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

PersonBits persons_of(const std::vector<IndexEvent>& index) {
  PersonBits bits({index.front().person, index.back().person + 1});
  for (const IndexEvent& event : index) bits.add(event.person);
  return bits;
}

// A value of known unit, and the moments between which it was taken.
struct Reading {
  Day day = 0;
  std::int64_t from = 0;  ///< seconds since 1970
  std::int64_t to = 0;    ///< the same, or where the row has no time, the end of its day
  double value = 0;
  std::int64_t unit = 0;
  const Event* event = nullptr;

  bool has_time() const { return from == to; }
};

constexpr std::int64_t kNoUnit = 0;

// The concept of the row's unit; where it has none, a number below 0 for its text.
std::int64_t unit_of(const TrendPlan& plan, const EventTable& table, Row row) {
  const auto& units = table.integers[index_of(Field::Unit)];
  const std::int64_t unit = units.empty() ? kMissing : units[row];
  if (unit != kMissing && unit != 0) {
    const bool is_any = plan.units.empty() && plan.unit_texts.empty();
    const bool is_asked = is_any || std::binary_search(plan.units.begin(), plan.units.end(), unit);
    return is_asked ? unit : kNoUnit;
  }
  const TextColumn& texts = table.texts[index_of(Field::UnitText)];
  if (plan.unit_texts.empty() || texts.size() == 0 || texts.is_missing(row)) return kNoUnit;
  const auto found = std::find(plan.unit_texts.begin(), plan.unit_texts.end(), texts.at(row));
  if (found == plan.unit_texts.end()) return kNoUnit;
  return -1 - static_cast<std::int64_t>(found - plan.unit_texts.begin());
}

// Nothing when the row has no value, or no unit that is asked.
bool read(const TrendPlan& plan, const EventTable& table, const Event& event, Reading& reading) {
  const auto& values = table.decimals[index_of(Field::ValueNumber)];
  if (values.empty()) return false;
  reading.value = values[event.row];
  reading.unit = unit_of(plan, table, event.row);
  if (std::isnan(reading.value) || reading.unit == kNoUnit) return false;
  if (plan.by == ChangeBy::Ratio && reading.value <= 0) return false;
  reading.day = event.start;
  reading.from = std::int64_t{event.start} * kDaySeconds;
  reading.to = reading.from + kDaySeconds;
  reading.event = &event;
  const std::int64_t moment = table.moment.empty() ? kMissing : table.moment[event.row];
  // Midnight is what feeds write for "no time".
  if (moment > reading.from && moment < reading.to) reading.from = reading.to = moment;
  return true;
}

// Both in the order of their moments.
bool is_within(const TrendPlan& plan, const Reading& earlier, const Reading& later) {
  if (plan.days) {
    const std::int64_t days = std::int64_t{later.day} - earlier.day;
    return days >= 1 && days <= *plan.days;
  }
  const bool is_after = earlier.has_time() ? later.from > earlier.from : later.from >= earlier.to;
  return is_after && later.to - earlier.from <= std::int64_t{*plan.hours} * 3600;
}

bool is_change(const TrendPlan& plan, const Reading& earlier, const Reading& later) {
  if (earlier.unit != later.unit) return false;
  if (plan.same == Same::Visit &&
      (earlier.event->visit == kMissing || earlier.event->visit != later.event->visit)) {
    return false;
  }
  const double change =
      plan.by == ChangeBy::Ratio ? later.value / earlier.value : later.value - earlier.value;
  return compare(plan.op, snapped(change, plan.value), plan.value, 0);
}

// The first two readings that make the trend.
bool find_pair(const TrendPlan& plan, std::vector<Reading>& readings, const Reading*& earlier,
               const Reading*& later) {
  std::stable_sort(readings.begin(), readings.end(), [](const Reading& a, const Reading& b) {
    return a.day != b.day ? a.day < b.day : a.from < b.from;
  });
  const std::int64_t days_max = plan.days ? *plan.days : *plan.hours / 24 + 1;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < readings.size(); ++at) {
    while (std::int64_t{readings[at].day} - readings[begin].day > days_max) ++begin;
    for (std::size_t before = begin; before < at; ++before) {
      if (!is_within(plan, readings[before], readings[at])) continue;
      if (!is_change(plan, readings[before], readings[at])) continue;
      earlier = &readings[before];
      later = &readings[at];
      return true;
    }
  }
  return false;
}

// An event that a step of a sequence may be, and where the step before it came from.
struct Reached {
  const Event* event = nullptr;
  std::size_t before = 0;  ///< in the list of the step before
};

bool follows(const SequencePlan& plan, const NextStepPlan& step, Domain domain_before,
             const Event& before, const Event& event) {
  const Day from = step.from == DateSide::End ? before.end : before.start;
  if (from == kNoDay) return false;
  const std::int64_t days = std::int64_t{event.start} - from;
  if (days < step.days_min || (step.days_max && days > *step.days_max)) return false;
  if (domain_before == step.events.domain && before.id == event.id) return false;
  return plan.same == Same::Nothing || (event.visit != kMissing && event.visit == before.visit);
}

// The events of one person, of those ordered by person.
std::span<const Event> events_of(const std::vector<Event>& events, Person person) {
  const auto [begin, end] =
      std::equal_range(events.begin(), events.end(), Event{.person = person},
                       [](const Event& a, const Event& b) { return a.person < b.person; });
  return {begin, end};
}

// What each step of a sequence may be, one list a step; false as soon as a step can be nothing.
bool reach(const SequencePlan& plan, const std::vector<Evaluator::Found>& found,
           const IndexEvent& index, std::vector<std::vector<Reached>>& steps) {
  Domain domain = plan.first.events.domain;
  for (std::size_t at = 0; at < plan.next.size(); ++at) {
    const NextStepPlan& step = plan.next[at];
    for (const Event& event : events_of(found[at + 1].events, index.person)) {
      if (event.start < index.period_start || event.start > index.period_end) continue;
      for (std::size_t before = 0; before < steps[at].size(); ++before) {
        if (!follows(plan, step, domain, *steps[at][before].event, event)) continue;
        steps[at + 1].push_back({&event, before});
        break;
      }
    }
    if (steps[at + 1].empty()) return false;
    domain = step.events.domain;
  }
  return true;
}

}  // namespace

void Evaluator::trends(const TrendPlan& plan, const std::vector<IndexEvent>& index,
                       const TakeWitnesses& take) {
  if (index.empty()) return;
  const PersonBits among = persons_of(index);
  Purpose purpose;
  purpose.takes_values = true;
  const Found found = find(plan.rows.events, {among.range(), &among}, purpose);
  std::vector<Reading> readings;
  std::size_t current = 0;
  const auto finish = [&] {
    const Reading* earlier = nullptr;
    const Reading* later = nullptr;
    if (readings.size() > 1 && find_pair(plan, readings, earlier, later)) {
      const Witness pair[] = {{plan.rows.events.domain, found.table, *earlier->event},
                              {plan.rows.events.domain, found.table, *later->event}};
      take(current, pair);
    }
    readings.clear();
  };
  pairs(plan.rows, index, found.events, [&](std::size_t at, const Event& event) {
    if (at != current) finish();
    current = at;
    Reading reading;
    if (read(plan, *found.table, event, reading)) readings.push_back(reading);
  });
  finish();
}

void Evaluator::sequences(const SequencePlan& plan, const std::vector<IndexEvent>& index,
                          const TakeWitnesses& take) {
  if (index.empty()) return;
  const PersonBits among = persons_of(index);
  std::vector<Found> found;
  found.push_back(find(plan.first.events, {among.range(), &among}));
  for (const NextStepPlan& step : plan.next) {
    found.push_back(find(step.events, {among.range(), &among}));
  }
  std::vector<std::vector<Reached>> steps(found.size());
  for (std::size_t at = 0; at < index.size(); ++at) {
    for (std::vector<Reached>& step : steps) step.clear();
    for (const Event& event : events_of(found.front().events, index[at].person)) {
      if (is_pair(plan.first, index[at], event)) steps.front().push_back({&event, 0});
    }
    if (steps.front().empty() || !reach(plan, found, index[at], steps)) continue;
    std::vector<Witness> chain(steps.size());
    std::size_t place = 0;
    for (std::size_t step = steps.size(); step-- > 0;) {
      const Reached& reached = steps[step][place];
      const Domain domain =
          step == 0 ? plan.first.events.domain : plan.next[step - 1].events.domain;
      chain[step] = {domain, found[step].table, *reached.event};
      place = reached.before;
    }
    take(at, chain);
  }
}

std::span<const SavedPeriod> Evaluator::saved_periods(const SavedPlan& saved, Person person) const {
  if (saved.periods == nullptr) return {};
  const std::vector<SavedPeriod>& all = *saved.periods;
  const auto [begin, end] = std::equal_range(
      all.begin(), all.end(), SavedPeriod{persons_.ids[person], 0, 0},
      [](const SavedPeriod& a, const SavedPeriod& b) { return a.person_id < b.person_id; });
  return {begin, end};
}

bool Evaluator::saved_holds(const CohortMemberPlan& plan, const IndexEvent& index) const {
  bool holds = false;
  for (const SavedPeriod& period : saved_periods(plan.saved, index.person)) {
    switch (plan.relation) {
      case Relation::Ever: holds = true; break;
      case Relation::During:
        holds = holds || (period.start <= index.start && index.start <= period.end);
        break;
      case Relation::Starts: {
        Event event;
        event.person = index.person;
        event.start = period.start;
        event.end = period.end;
        holds = holds || is_pair(plan.start, index, event);
        break;
      }
    }
  }
  return holds != plan.is_absent;
}

}  // namespace eds::cohort
