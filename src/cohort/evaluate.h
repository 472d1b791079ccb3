// Evaluates plans over an EventBase: a Store in memory, or the stored index.
//
// Invariants: an evaluation reads persons one after the other and keeps nothing between them but
// counts, so any range of persons may be evaluated apart and the answers joined. Where the
// reference is arbitrary (equal start dates), the smallest event id wins.
// Threads: an Evaluator belongs to one thread; several may read one EventBase.
// Source: docs/reference/cohort.md; OHDSI circe-be 1.13.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "cohort/event_reader.h"
#include "cohort/plan.h"
#include "cohort/store.h"
#include "cohort/vocabulary.h"

namespace eds::cohort {

ResolvedSets resolve_sets(const Plan& plan, const Vocabulary& vocabulary);

/// An event that a query found.
struct Event {
  Person person = 0;
  Day start = 0;
  Day end = 0;
  Day sort = 0;  ///< what entry events are ordered by
  std::int64_t id = 0;
  std::int64_t visit = kMissing;
  Row row = 0;  ///< in its table
};

/// An event that others are looked for around, with the observation period it lies in.
struct IndexEvent {
  Person person = 0;
  Day sort = 0;          ///< what entry events are ordered by
  std::int64_t key = 0;  ///< unique within the person, but where the data repeats a row id
  Day start = 0;
  Day end = 0;
  Day period_start = 0;
  Day period_end = 0;
  std::int64_t visit = kMissing;
};

struct CohortRow {
  Person person = 0;
  Day start = 0;
  Day end = 0;
};

/// Which inclusion rules how many events satisfied. One for all events, one for the best of each
/// person.
struct RuleCounts {
  std::map<std::uint64_t, std::int64_t> by_mask;  ///< bit r: rule r is satisfied
  std::vector<std::int64_t> by_rule;
  std::int64_t total = 0;
};

struct Attrition {
  std::int64_t entry_events = 0;
  std::int64_t entry_persons = 0;
  std::int64_t qualified_events = 0;
  std::int64_t qualified_persons = 0;
  std::int64_t included_events = 0;
  std::int64_t included_persons = 0;
  std::int64_t cohort_persons_before_window = 0;
  std::int64_t cohort_persons = 0;
  std::int64_t cohort_periods = 0;
  RuleCounts events;
  RuleCounts best;
  std::vector<Attrition> members;  ///< of a set of cohorts, in their order

  void add(const Attrition& other);
};

/// Whether an evaluation gives its rows, or only counts them.
enum class Wanted : std::uint8_t { Rows, Count };

struct Outcome {
  std::vector<CohortRow> rows;  ///< by person, then start; none with Wanted::Count
  Attrition attrition;
  Touched touched;
};

/// One of the events that make a trend or a sequence hold.
struct Witness {
  Domain domain = Domain::Measurement;
  const EventTable* table = nullptr;
  Event event;
};
/// Given the place of an index event, and for it the events in their order.
using TakeWitnesses = std::function<void(std::size_t, std::span<const Witness>)>;

class Evaluator {
 public:
  Evaluator(const EventBase& base, const Plan& plan, const ResolvedSets& sets)
      : persons_(base.persons()), reader_(base.reader()), plan_(&plan), sets_(&sets) {}

  /// The cohort of the persons in `range`; worth nothing when the reader failed.
  Outcome run(PersonRange range, Wanted wanted = Wanted::Rows);
  const EventReader& reader() const { return *reader_; }

  // The steps, for tests and for reading aloud.
  /// Events, and the table that their rows are of.
  struct Found {
    std::vector<Event> events;
    const EventTable* table = nullptr;
    std::unique_ptr<EventTable> own;
  };
  Found find(const EventQuery& query, Among among, const Purpose& purpose = {});
  std::vector<Event> events(const EventQuery& query, PersonRange range) {
    return find(query, {range, nullptr}).events;
  }
  std::vector<IndexEvent> entry_events(PersonRange range);
  /// For each index event, whether the group holds; `index` is sorted by (person, key).
  std::vector<char> group_holds(const GroupPlan& group, const std::vector<IndexEvent>& index);
  /// Calls `take(index event, event)` for each pair within the windows.
  template <class Take>
  void pairs(const CorrelatedPlan& plan, const std::vector<IndexEvent>& index,
             const std::vector<Event>& events, Take take) const;
  /// Calls `take` once for each index event that the trend, or the sequence, holds for.
  void trends(const TrendPlan& plan, const std::vector<IndexEvent>& index,
              const TakeWitnesses& take);
  void sequences(const SequencePlan& plan, const std::vector<IndexEvent>& index,
                 const TakeWitnesses& take);
  /// The person's periods in a saved cohort.
  std::span<const SavedPeriod> saved_periods(const SavedPlan& saved, Person person) const;
  bool saved_holds(const CohortMemberPlan& plan, const IndexEvent& index) const;
  /// The value that a distinct count counts; false when there is none.
  bool counted_value(Domain domain, Field field, const EventTable& table, const Event& event,
                     double& value) const;

 private:
  struct Slots;
  struct Run;
  Purpose entry_purpose() const;
  Slots slots_of(const std::vector<IndexEvent>& index) const;
  std::vector<std::int64_t> group_slots(const GroupPlan& group, const Slots& slots);
  std::vector<char> correlated_slots(const CorrelatedPlan& plan, const Slots& slots);
  std::vector<char> demographic_slots(const DemographicPlan& plan, const Slots& slots) const;
  Outcome combined(PersonRange range, Wanted wanted);
  bool passes(const Condition& condition, const EventTable* table, const Event& event) const;
  double number_of(Field field, const EventTable* table, const Event& event) const;
  std::int64_t integer_of(Field field, const EventTable* table, const Event& event) const;
  void keep_nested(const GroupPlan& group, std::vector<Event>& found);
  bool in_set(SetIndex set, std::int64_t value) const;

  PersonTable persons_;
  std::unique_ptr<EventReader> reader_;
  const Plan* plan_;
  const ResolvedSets* sets_;
};

/// Whether all bounds of a pair hold.
bool is_pair(const CorrelatedPlan& plan, const IndexEvent& index, const Event& event);

template <class Take>
void Evaluator::pairs(const CorrelatedPlan& plan, const std::vector<IndexEvent>& index,
                      const std::vector<Event>& events, Take take) const {
  std::size_t begin = 0;
  for (std::size_t at = 0; at < index.size(); ++at) {
    while (begin < events.size() && events[begin].person < index[at].person) ++begin;
    for (std::size_t other = begin;
         other < events.size() && events[other].person == index[at].person; ++other) {
      if (is_pair(plan, index[at], events[other])) take(at, events[other]);
    }
  }
}

}  // namespace eds::cohort
