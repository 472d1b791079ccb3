// From entry events to cohort periods.
#include "cohort/evaluate.h"

#include <algorithm>
#include <limits>

#include "cohort/combine.h"

namespace eds::cohort {
namespace {

// How many persons a sequence ordered by person has.
template <class Rows>
std::int64_t person_count(const Rows& rows) {
  std::int64_t count = 0;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    count += at == 0 || rows[at].person != rows[at - 1].person ? 1 : 0;
  }
  return count;
}

// Which of each person's events a limit keeps: by start, then the smallest key.
void keep_one(std::vector<IndexEvent>& events, Keep keep) {
  if (keep == Keep::All) return;
  std::size_t kept = 0;
  for (const IndexEvent& event : events) {
    if (kept == 0 || events[kept - 1].person != event.person) {
      events[kept++] = event;
    } else if (keep == Keep::First ? event.start < events[kept - 1].start
                                   : event.start > events[kept - 1].start) {
      events[kept - 1] = event;
    }
  }
  events.resize(kept);
}

// The persons of events ordered by person, of which there is at least one.
PersonBits persons_of(const std::vector<IndexEvent>& events) {
  PersonBits bits({events.front().person, events.back().person + 1});
  for (const IndexEvent& event : events) bits.add(event.person);
  return bits;
}

struct Era {
  Day start = 0;
  Day end = 0;
};

// Merges periods of one person, sorted by start, that touch once each end is `pad` days later.
template <class Take>
void collapse(std::vector<Era>& periods, std::int32_t pad, Take take) {
  const auto is_before = [](const Era& a, const Era& b) {
    return a.start != b.start ? a.start < b.start : a.end > b.end;
  };
  if (!std::is_sorted(periods.begin(), periods.end(), is_before)) {
    std::sort(periods.begin(), periods.end(), is_before);
  }
  for (std::size_t at = 0; at < periods.size();) {
    const Day start = periods[at].start;
    Day end = periods[at].end + pad;
    for (++at; at < periods.size() && periods[at].start <= end; ++at) {
      end = std::max(end, periods[at].end + pad);
    }
    take(Era{start, end});
  }
}

void add_counts(RuleCounts& to, const RuleCounts& from) {
  for (const auto& [mask, count] : from.by_mask) to.by_mask[mask] += count;
  to.by_rule.resize(std::max(to.by_rule.size(), from.by_rule.size()));
  for (std::size_t rule = 0; rule < from.by_rule.size(); ++rule) {
    to.by_rule[rule] += from.by_rule[rule];
  }
  to.total += from.total;
}

void count_mask(RuleCounts& counts, std::uint64_t mask, std::size_t rule_count) {
  ++counts.total;
  ++counts.by_mask[mask];
  counts.by_rule.resize(rule_count);
  for (std::size_t rule = 0; rule < rule_count; ++rule) {
    counts.by_rule[rule] += static_cast<std::int64_t>(mask >> rule & 1U);
  }
}

// The event that satisfies most rules, then the one whose first rule comes first, then the
// earliest.
bool is_better(std::uint64_t mask, Day start, std::uint64_t best, Day best_start) {
  const int count = __builtin_popcountll(mask);
  const int best_count = __builtin_popcountll(best);
  if (count != best_count) return count > best_count;
  const int first = mask == 0 ? 0 : __builtin_ctzll(mask);
  const int best_first = best == 0 ? 0 : __builtin_ctzll(best);
  return first != best_first ? first < best_first : start < best_start;
}

}  // namespace

void Attrition::add(const Attrition& other) {
  entry_events += other.entry_events;
  entry_persons += other.entry_persons;
  qualified_events += other.qualified_events;
  qualified_persons += other.qualified_persons;
  included_events += other.included_events;
  included_persons += other.included_persons;
  cohort_persons_before_window += other.cohort_persons_before_window;
  cohort_persons += other.cohort_persons;
  cohort_periods += other.cohort_periods;
  add_counts(events, other.events);
  add_counts(best, other.best);
  members.resize(std::max(members.size(), other.members.size()));
  for (std::size_t at = 0; at < other.members.size(); ++at) members[at].add(other.members[at]);
}

// One evaluation: the events on their way through the steps.
struct Evaluator::Run {
  Evaluator& evaluator;
  const Plan& plan;
  PersonRange range;
  Wanted wanted = Wanted::Rows;
  Outcome outcome;
  std::vector<IndexEvent> qualified;
  std::vector<IndexEvent> included;
  std::vector<Day> exits;  ///< of each included event; kNoDay: it has none
  Person last_written = std::numeric_limits<Person>::max();

  bool run_first_days();
  void qualify();
  void include();
  void keep_included();
  void offer(std::size_t at, Day end) {
    if (end == kNoDay || end < included[at].start) return;
    if (exits[at] == kNoDay || end < exits[at]) exits[at] = end;
  }
  void find_exits();
  void offer_eras(const EraEnd& end);
  void offer_censoring(const EventQuery& query);
  void write_rows();
  void write_era(Person person, Era era);
};

Purpose Evaluator::entry_purpose() const {
  Purpose purpose;
  purpose.is_entry = true;
  purpose.prior_days = plan_->prior_days;
  purpose.post_days = plan_->post_days;
  purpose.first_only = plan_->entry_keep == Keep::First;
  return purpose;
}

std::vector<IndexEvent> Evaluator::entry_events(PersonRange range) {
  const bool is_last = plan_->entry_keep == Keep::Last;
  const auto is_before = [&](const IndexEvent& a, const IndexEvent& b) {
    if (a.person != b.person) return a.person < b.person;
    if (a.sort != b.sort) return is_last ? a.sort > b.sort : a.sort < b.sort;
    return a.key < b.key;
  };
  const Purpose purpose = entry_purpose();
  std::vector<IndexEvent> entries;  // Their key is the row id, until all are known.
  for (const EventQuery& query : plan_->entry) {
    const auto before = static_cast<std::ptrdiff_t>(entries.size());
    const Found found = find(query, {range, nullptr}, purpose);
    for (const Event& event : found.events) {
      for (Row row = persons_.period_begin[event.person];
           row < persons_.period_begin[event.person + 1]; ++row) {
        const Day start = persons_.period_start[row];
        const Day end = persons_.period_end[row];
        if (end == kNoDay || event.start < start || event.start > end) continue;
        if (start + plan_->prior_days > event.start) continue;
        if (event.start + plan_->post_days > end) continue;
        entries.push_back(
            {event.person, event.sort, event.id, event.start, event.end, start, end, event.visit});
      }
    }
    // Events mostly come in order; equal ones stay in the order of the criteria.
    const auto middle = entries.begin() + before;
    if (!std::is_sorted(middle, entries.end(), is_before)) {
      std::stable_sort(middle, entries.end(), is_before);
    }
    std::inplace_merge(entries.begin(), middle, entries.end(), is_before);
  }
  std::size_t kept = 0;
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const bool is_new = kept == 0 || entries[kept - 1].person != entries[at].person;
    if (!is_new && plan_->entry_keep != Keep::All) continue;
    const std::int64_t key = is_new ? 1 : entries[kept - 1].key + 1;
    entries[kept] = entries[at];
    entries[kept++].key = key;
  }
  entries.resize(kept);
  return entries;
}

void Evaluator::Run::qualify() {
  qualified = evaluator.entry_events(range);
  outcome.attrition.entry_events = static_cast<std::int64_t>(qualified.size());
  outcome.attrition.entry_persons = person_count(qualified);
  if (plan.additional) {
    const std::vector<char> holds = evaluator.group_holds(*plan.additional, qualified);
    std::size_t kept = 0;
    for (std::size_t at = 0; at < qualified.size(); ++at) {
      if (holds[at]) qualified[kept++] = qualified[at];
    }
    qualified.resize(kept);
    keep_one(qualified, plan.qualified_keep);
  }
  outcome.attrition.qualified_events = static_cast<std::int64_t>(qualified.size());
  outcome.attrition.qualified_persons = person_count(qualified);
}

void Evaluator::Run::include() {
  const std::size_t rule_count = plan.rules.size();
  if (rule_count == 0) {
    included = std::move(qualified);
    keep_included();
    return;
  }
  std::vector<std::uint64_t> masks(qualified.size(), 0);
  for (std::size_t rule = 0; rule < rule_count; ++rule) {
    const std::vector<char> holds = evaluator.group_holds(plan.rules[rule].group, qualified);
    for (std::size_t at = 0; at < masks.size(); ++at) {
      masks[at] |= static_cast<std::uint64_t>(holds[at]) << rule;
    }
  }
  const std::uint64_t all = (std::uint64_t{1} << rule_count) - 1;
  std::size_t best = 0;
  for (std::size_t at = 0; at < masks.size(); ++at) {
    if (masks[at] == all) included.push_back(qualified[at]);
    count_mask(outcome.attrition.events, masks[at], rule_count);
    if (qualified[at].person != qualified[best].person ||
        is_better(masks[at], qualified[at].start, masks[best], qualified[best].start)) {
      best = at;
    }
    const bool is_last_of_person =
        at + 1 == masks.size() || qualified[at + 1].person != qualified[at].person;
    if (is_last_of_person) count_mask(outcome.attrition.best, masks[best], rule_count);
  }
  keep_included();
}

void Evaluator::Run::keep_included() {
  keep_one(included, plan.included_keep);
  outcome.attrition.included_events = static_cast<std::int64_t>(included.size());
  outcome.attrition.included_persons = person_count(included);
}

// Eras of exposure around the entry: only those of the drug, by either concept.
void Evaluator::Run::offer_eras(const EraEnd& end) {
  if (included.empty()) return;
  EventQuery by_concept;
  by_concept.domain = Domain::DrugExposure;
  by_concept.concepts = end.set;
  EventQuery by_source;
  by_source.domain = Domain::DrugExposure;
  by_source.source_concepts = end.set;
  const PersonBits among = persons_of(included);
  std::vector<Event> found = evaluator.find(by_concept, {among.range(), &among}).events;
  const std::vector<Event> others = evaluator.find(by_source, {among.range(), &among}).events;
  // Found by both concepts, an exposure is there twice: its era is the same.
  found.insert(found.end(), others.begin(), others.end());
  std::inplace_merge(found.begin(), found.end() - static_cast<std::ptrdiff_t>(others.size()),
                     found.end(),
                     [](const Event& a, const Event& b) { return a.person < b.person; });
  std::vector<Era> exposures;
  std::size_t next = 0;
  for (std::size_t begin = 0; begin < included.size();) {
    const Person person = included[begin].person;
    std::size_t stop = begin;
    while (stop < included.size() && included[stop].person == person) ++stop;
    while (next < found.size() && found[next].person < person) ++next;
    exposures.clear();
    for (; next < found.size() && found[next].person == person; ++next) {
      const Event& exposure = found[next];
      exposures.push_back(
          {exposure.start, end.supply_days ? exposure.start + *end.supply_days : exposure.end});
    }
    collapse(exposures, end.gap_days + end.offset_days, [&](Era era) {
      era.end -= end.gap_days;
      for (std::size_t at = begin; at < stop; ++at) {
        if (included[at].start >= era.start && included[at].start <= era.end) offer(at, era.end);
      }
    });
    begin = stop;
  }
}

void Evaluator::Run::offer_censoring(const EventQuery& query) {
  if (included.empty()) return;
  const PersonBits among = persons_of(included);
  const std::vector<Event> found = evaluator.find(query, {among.range(), &among}).events;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < included.size(); ++at) {
    while (begin < found.size() && found[begin].person < included[at].person) ++begin;
    for (std::size_t other = begin;
         other < found.size() && found[other].person == included[at].person; ++other) {
      const Day start = found[other].start;
      if (start >= included[at].start && start <= included[at].period_end) offer(at, start);
    }
  }
}

void Evaluator::Run::find_exits() {
  exits.assign(included.size(), kNoDay);
  if (const auto* end = std::get_if<OffsetEnd>(&plan.end)) {
    for (std::size_t at = 0; at < included.size(); ++at) {
      const Day from = end->from == DateSide::End ? included[at].end : included[at].start;
      if (from != kNoDay) offer(at, std::min(from + end->days, included[at].period_end));
    }
  } else {
    for (std::size_t at = 0; at < included.size(); ++at) offer(at, included[at].period_end);
  }
  if (const auto* end = std::get_if<EraEnd>(&plan.end)) offer_eras(*end);
  for (const EventQuery& query : plan.censoring) offer_censoring(query);
}

void Evaluator::Run::write_era(Person person, Era era) {
  era.end -= plan.era_pad_days;
  if (plan.window_start) era.start = std::max(era.start, *plan.window_start);
  if (plan.window_end) era.end = std::min(era.end, *plan.window_end);
  const bool is_cut = plan.window_start || plan.window_end;
  if (is_cut && era.start > era.end) return;
  if (person != last_written) ++outcome.attrition.cohort_persons;
  last_written = person;
  ++outcome.attrition.cohort_periods;
  if (wanted == Wanted::Rows) outcome.rows.push_back({person, era.start, era.end});
}

void Evaluator::Run::write_rows() {
  std::vector<Era> periods;
  if (wanted == Wanted::Rows) outcome.rows.reserve(included.size());
  for (std::size_t begin = 0; begin < included.size();) {
    const Person person = included[begin].person;
    periods.clear();
    std::size_t at = begin;
    for (; at < included.size() && included[at].person == person; ++at) {
      if (exits[at] != kNoDay) periods.push_back({included[at].start, exits[at]});
    }
    if (!periods.empty()) ++outcome.attrition.cohort_persons_before_window;
    collapse(periods, plan.era_pad_days, [&](Era era) { write_era(person, era); });
    begin = at;
  }
}

// A cohort whose members are known by the first day of one kind of event: no event need be read.
bool Evaluator::Run::run_first_days() {
  const auto* end = std::get_if<OffsetEnd>(&plan.end);
  if (plan.entry.size() != 1 || plan.entry_keep != Keep::First || plan.additional ||
      !plan.rules.empty() || !plan.censoring.empty() || std::holds_alternative<EraEnd>(plan.end) ||
      (end != nullptr && end->from == DateSide::End)) {
    return false;
  }
  std::optional<FirstDays> days = evaluator.reader_->first_days(
      plan.entry.front(), *evaluator.sets_, range, evaluator.entry_purpose());
  if (!days) return false;
  Attrition& attrition = outcome.attrition;
  const PersonTable& persons = evaluator.persons_;
  days->persons.each([&](Person person) {
    const Day start = days->of(person);
    const Row period = persons.period_of(person, start, plan.prior_days, plan.post_days);
    ENSURE(period != kNoPeriod);
    ++attrition.entry_events;
    Day exit = persons.period_end[period];
    if (end != nullptr) exit = std::min(start + end->days, exit);
    if (exit < start) return;
    ++attrition.cohort_persons_before_window;
    write_era(person, {start, exit + plan.era_pad_days});
  });
  attrition.entry_persons = attrition.entry_events;
  attrition.qualified_events = attrition.qualified_persons = attrition.entry_events;
  attrition.included_events = attrition.included_persons = attrition.entry_events;
  return true;
}

// The cohort of a set of cohorts: each member is evaluated as if it stood alone.
Outcome Evaluator::combined(PersonRange range, Wanted wanted) {
  const Plan& whole = *plan_;
  Outcome outcome;
  std::vector<std::vector<CohortRow>> members;
  if (whole.operation == SetOperation::Saved) {
    members.emplace_back();
    for (Person person = range.begin; person < range.end; ++person) {
      for (const SavedPeriod& period : saved_periods(whole.saved, person)) {
        members.back().push_back({person, period.start, period.end});
      }
    }
  }
  for (const Plan& member : whole.members) {
    plan_ = &member;
    Outcome one = run(range);
    outcome.attrition.members.push_back(std::move(one.attrition));
    members.push_back(std::move(one.rows));
  }
  plan_ = &whole;
  // A saved cohort is itself, one with itself.
  const bool is_saved = whole.operation == SetOperation::Saved;
  outcome.rows = combine(is_saved ? SetOperation::Union : whole.operation, whole.by, members);
  outcome.attrition.cohort_persons = person_count(outcome.rows);
  outcome.attrition.cohort_persons_before_window = outcome.attrition.cohort_persons;
  outcome.attrition.cohort_periods = static_cast<std::int64_t>(outcome.rows.size());
  if (wanted == Wanted::Count) outcome.rows = {};
  outcome.touched = reader_->touched();
  return outcome;
}

Outcome Evaluator::run(PersonRange range, Wanted wanted) {
  if (plan_->operation != SetOperation::None) return combined(range, wanted);
  Run run{*this, *plan_, range, wanted, {}, {}, {}, {}};
  if (!run.run_first_days()) {
    run.qualify();
    run.include();
    run.find_exits();
    run.write_rows();
  }
  run.outcome.touched = reader_->touched();
  return std::move(run.outcome);
}

}  // namespace eds::cohort
