// EventReader: where an evaluation gets its persons and events from: a Store in memory, or the
// stored index (index_release.h).
//
// Invariants: the rows that select() names are those of the query's concept sets and persons, in
// the order of (person, start, id); a reader may leave out rows that a condition of the query
// rejects anyway, when the query does not ask for the first. What cannot be read gives no rows and
// stays as failure(): an evaluation on it is worth nothing.
// Threads: an EventBase may be read from any; a reader belongs to one.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "cohort/bits.h"
#include "cohort/plan.h"
#include "cohort/store.h"

namespace eds::cohort {

/// Sorted concept ids of each set of a plan.
using ResolvedSets = std::vector<std::vector<std::int64_t>>;

struct PersonRange {
  Person begin = 0;
  Person end = 0;
};

/// Some persons of a range, one bit each.
class PersonBits {
 public:
  explicit PersonBits(PersonRange range)
      : range_(range), words_((range.end - range.begin + 63) / 64, 0) {}
  PersonRange range() const { return range_; }
  void add(Person person) {
    const Person at = person - range_.begin;
    words_[at / 64] |= std::uint64_t{1} << (at % 64);
  }
  /// Of a person of the range.
  bool contains(Person person) const { return has_bit(words_, person - range_.begin); }
  /// Whether any person of [begin, end), which is within the range, is one.
  bool any_of(Person begin, Person end) const;
  /// Calls `take` with each, in order.
  template <class Take>
  void each(Take take) const {
    each_bit(words_, [&](std::size_t at) { take(range_.begin + static_cast<Person>(at)); });
  }

 private:
  PersonRange range_;
  std::vector<std::uint64_t> words_;
};

/// Which persons a query is asked of.
struct Among {
  PersonRange range;
  const PersonBits* bits = nullptr;  ///< null: all of the range
};

inline constexpr Row kNoPeriod = std::numeric_limits<Row>::max();

/// The persons of a release, their observation periods and traits.
struct PersonTable {
  std::span<const std::int64_t> ids;            ///< sorted
  std::span<const Row> period_begin;            ///< one more than persons
  std::span<const Day> period_start;            ///< by person, then start
  std::span<const Day> period_end;              ///< kNoDay: none
  std::span<const Traits> traits;               ///< of each person, or of each kind of person
  std::span<const std::uint16_t> kind;          ///< empty, or each person's kind
  std::span<const std::int16_t> year_of_birth;  ///< with `kind`

  Person count() const { return static_cast<Person>(ids.size()); }
  Traits traits_of(Person person) const;
  /// The first of the person's periods in which the day lies, with so many days before and after;
  /// kNoPeriod: none.
  Row period_of(Person person, Day day, std::int32_t prior_days, std::int32_t post_days) const {
    for (Row row = period_begin[person]; row < period_begin[person + 1]; ++row) {
      const Day end = period_end[row];
      if (end != kNoDay && period_start[row] + prior_days <= day && day + post_days <= end &&
          period_start[row] <= day && day <= end) {
        return row;
      }
    }
    return kNoPeriod;
  }
  bool has_period(Person person, Day day, std::int32_t prior_days, std::int32_t post_days) const {
    return period_of(person, day, prior_days, post_days) != kNoPeriod;
  }
};

/// A year of birth that is missing, or belongs to nobody PERSON knows, among those by kind.
inline constexpr std::int16_t kNoYear = std::numeric_limits<std::int16_t>::min();

/// What a reader did: the measure of an evaluation's cost.
struct Touched {
  std::int64_t events = 0;  ///< rows of which at least the person was looked at
  std::int64_t kept = 0;    ///< rows given to the evaluation
  void add(const Touched& other) {
    events += other.events;
    kept += other.kept;
  }
};

/// What becomes of a query's events, for readers that can make use of it.
struct Purpose {
  /// A column that is asked besides those of the query's conditions.
  std::optional<Field> counted = std::nullopt;
  /// The numbers that rows say, and their units, are asked too.
  bool takes_values = false;
  /// Only events so many days within an observation period matter ...
  bool is_entry = false;
  std::int32_t prior_days = 0;
  std::int32_t post_days = 0;
  bool first_only = false;  ///< ... and of those only each person's first
};

/// A day of some persons of a range.
struct FirstDays {
  explicit FirstDays(PersonRange range) : persons(range), days(range.end - range.begin) {}
  PersonBits persons;
  std::vector<Day> days;  ///< at number - range begin; of those who are in `persons` alone

  Day& of(Person person) { return days[person - persons.range().begin]; }
  void offer(Person person, Day day) {
    Day& first = of(person);
    if (!persons.contains(person) || day < first) first = day;
    persons.add(person);
  }
};

class EventReader {
 public:
  virtual ~EventReader() = default;
  /// The table that the rows in `rows` are of: the reader's own, or `scratch`.
  virtual const EventTable& select(const EventQuery& query, const ResolvedSets& sets, Among among,
                                   const Purpose& purpose, EventTable& scratch,
                                   std::vector<Row>& rows) = 0;
  /// Of each person of the range, the first day on which an event of the query begins that lies, as
  /// the purpose says, in an observation period. Nothing when this reader cannot tell without
  /// reading events: ask select().
  virtual std::optional<FirstDays> first_days(const EventQuery&, const ResolvedSets&, PersonRange,
                                              const Purpose&) {
    return std::nullopt;
  }
  virtual const Status& failure() const = 0;
  virtual Touched touched() const { return {}; }
};

class EventBase {
 public:
  virtual ~EventBase() = default;
  virtual const PersonTable& persons() const = 0;
  virtual std::unique_ptr<EventReader> reader() const = 0;
  /// How many persons are best evaluated together.
  virtual Person block_persons() const = 0;
};

/// A Store, which must outlive it.
class StoreBase final : public EventBase {
 public:
  explicit StoreBase(const Store& store);
  const PersonTable& persons() const override { return persons_; }
  std::unique_ptr<EventReader> reader() const override;
  Person block_persons() const override;

 private:
  const Store* store_;
  PersonTable persons_;
};

}  // namespace eds::cohort
