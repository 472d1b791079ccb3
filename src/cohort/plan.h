// Plan: what a definition asks, with every default filled in and every quirk decided.
//
// Invariants: a plan names tables and columns, not data; it stands alone, so that the index
// evaluator, a printer of SQL and the reading aloud work from the same thing. Comparisons are
// three-valued as in SQL: a missing value fails every condition but IsMissing.
// Threads: a plain value.
// Source: docs/reference/cohort.md; OHDSI circe-be 1.13 (the SQL that it generates).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "cohort/definition.h"

namespace eds::cohort {

/// Whose meaning a definition has.
enum class Mode : std::uint8_t {
  Strict,  ///< the reference's, its known defects repaired
  Circe,   ///< the reference's, defects included
};

using SetIndex = std::uint32_t;

struct SetItem {
  std::int64_t concept_id = 0;
  bool is_excluded = false;
  bool with_descendants = false;
  bool with_mapped = false;
};

struct SetRecipe {
  std::int64_t id = 0;
  std::string name;
  std::vector<SetItem> items;
};

enum class Test : std::uint8_t {
  Range,
  In,
  NotIn,
  InSet,
  NotInSet,  ///< true for a missing value when the set is empty, as NOT IN () is in SQL
  IsMissing,
  IsPresent,
  Like,
  NotLike,
};

struct Condition {
  Field field = Field::Start;
  Test test = Test::Range;
  Compare op = Compare::Equal;
  double low = 0;                  ///< dates as days
  double high = 0;                 ///< of Between and NotBetween
  std::vector<std::int64_t> ids;   ///< sorted
  std::vector<std::string> names;  ///< of the ids, for reading aloud, in the definition's order
  SetIndex set = 0;
  std::optional<double> otherwise;  ///< of RatioToHigh: the bound of rows of the units `ids`
  std::string pattern;              ///< of LIKE: % and _ stand for any, backslash quotes
};

/// The event's dates, counted from its own.
struct Shift {
  DateSide start_from = DateSide::Start;
  std::int32_t start_days = 0;
  DateSide end_from = DateSide::End;
  std::int32_t end_days = 0;
};

struct GroupPlan;

/// Events of one kind: by concept, then the first, then shifted, then filtered, then correlated.
struct EventQuery {
  Domain domain = Domain::ConditionOccurrence;
  std::optional<SetIndex> concepts;
  std::optional<SetIndex> source_concepts;
  bool is_first = false;
  std::optional<Shift> shift;
  std::vector<Condition> conditions;
  std::optional<Day> start_override;  ///< a period cut to given dates; sorting keeps its own start
  std::optional<Day> end_override;
  std::vector<GroupPlan> nested;  ///< none or one
};

enum class BoundKind : std::uint8_t { None, PeriodStart, PeriodEnd, Offset };

struct Bound {
  BoundKind kind = BoundKind::None;
  std::int32_t days = 0;
};

struct WindowPlan {
  DateSide of_index = DateSide::Start;
  DateSide of_event = DateSide::Start;
  Bound from;
  Bound to;
};

enum class CountTest : std::uint8_t { Exactly, AtMost, AtLeast };

struct CorrelatedPlan {
  EventQuery events;
  WindowPlan start;
  std::optional<WindowPlan> end;
  bool same_visit = false;
  bool within_period = true;
  CountTest test = CountTest::AtLeast;
  std::int64_t count = 1;
  std::optional<Field> distinct;
  /// Index events without any pair are tested with 0; otherwise they fail.
  bool counts_none() const { return test == CountTest::AtMost || count == 0; }
};

struct DemographicPlan {
  std::vector<Condition> conditions;
};

/// Two events of `rows`, the later so much higher or lower (docs/reference/cohort-superset.md, 3).
struct TrendPlan {
  CorrelatedPlan rows;  ///< its count is not asked
  ChangeBy by = ChangeBy::Ratio;
  Compare op = Compare::GreaterOrEqual;
  double value = 0;
  std::optional<std::int32_t> hours;  ///< one of the two
  std::optional<std::int32_t> days;
  std::vector<std::int64_t> units;  ///< sorted; with no unit_texts either: any
  std::vector<std::string> unit_texts;
  std::vector<std::string> unit_names;
  Same same = Same::Nothing;
};

struct NextStepPlan {
  EventQuery events;
  std::int32_t days_min = 0;
  std::optional<std::int32_t> days_max;
  DateSide from = DateSide::Start;
};

/// Events one after the other (docs/reference/cohort-superset.md, 4).
struct SequencePlan {
  CorrelatedPlan first;  ///< its count is not asked
  std::vector<NextStepPlan> next;
  Same same = Same::Nothing;
};

struct SavedPeriod {
  std::int64_t person_id = 0;
  Day start = 0;
  Day end = 0;
};

/// A saved cohort that is asked; what evaluates the plan fills in its periods first.
struct SavedPlan {
  std::string name;
  std::int64_t version = 0;
  std::string place;  ///< in the definition
  /// By person, then start; null until they are known.
  std::shared_ptr<const std::vector<SavedPeriod>> periods;
};

struct CohortMemberPlan {
  SavedPlan saved;
  Relation relation = Relation::During;
  CorrelatedPlan start;  ///< of Starts; its events are not asked
  bool is_absent = false;
};

struct GroupPlan {
  GroupType type = GroupType::All;
  std::int64_t count = 0;
  std::vector<CorrelatedPlan> criteria;
  std::vector<DemographicPlan> demographics;
  std::vector<GroupPlan> groups;
  std::vector<TrendPlan> trends;
  std::vector<SequencePlan> sequences;
  std::vector<CohortMemberPlan> cohorts;

  std::size_t member_count() const {
    return criteria.size() + demographics.size() + groups.size() + trends.size() +
           sequences.size() + cohorts.size();
  }
  bool is_empty() const { return member_count() == 0; }
};

enum class Keep : std::uint8_t { All, First, Last };

struct RulePlan {
  std::string name;
  GroupPlan group;
};

struct OffsetEnd {
  DateSide from = DateSide::Start;
  std::int32_t days = 0;
};

struct EraEnd {
  SetIndex set = 0;
  std::int32_t gap_days = 0;
  std::int32_t offset_days = 0;
  std::optional<std::int32_t> supply_days;
};

/// A choice that the planner made, and where.
struct Note {
  std::string place;
  std::string text;
};

struct Plan {
  /// Not None: the cohort is made of those of the members, and nothing below but `sets` is asked.
  SetOperation operation = SetOperation::None;
  SetUnit by = SetUnit::Person;
  std::vector<Plan> members;  ///< they number their sets as the whole does
  SavedPlan saved;            ///< of SetOperation::Saved

  std::vector<SetRecipe> sets;
  std::vector<EventQuery> entry;
  std::int32_t prior_days = 0;
  std::int32_t post_days = 0;
  Keep entry_keep = Keep::First;
  std::optional<GroupPlan> additional;
  Keep qualified_keep = Keep::All;
  std::vector<RulePlan> rules;
  Keep included_keep = Keep::First;
  std::variant<std::monostate, OffsetEnd, EraEnd> end;
  std::vector<EventQuery> censoring;
  std::int32_t era_pad_days = 0;
  std::optional<Day> window_start;
  std::optional<Day> window_end;
  /// A group counts an index event as often as its key occurs (see 5.4 of
  /// docs/reference/cohort.md).
  bool counts_repeated_keys = false;
  /// The tables have effective_drug_dose and dose_unit_concept_id, as those of CDM 5.0 had.
  bool has_dose_columns = false;
  std::vector<Note> notes;
};

/// Every saved cohort that the plan asks, wherever it stands.
std::vector<SavedPlan*> saved_of(Plan& plan);
/// Code::Refused where a plan asks saved cohorts and nobody can say what they are.
Status refuse_saved(Plan& plan);

/// Refused with its JSON path: what the mode has no meaning for.
Result<Plan> make_plan(const Definition& definition, Mode mode);

/// Plans of single parts, over the concept sets of `plan`: for tests and pages.
Result<EventQuery> plan_events(const Criteria& criteria, Mode mode, Plan& plan);
Result<CorrelatedPlan> plan_correlated(const CorrelatedCriteria& criteria, Mode mode, Plan& plan);
Result<GroupPlan> plan_group(const Group& group, Mode mode, Plan& plan);

}  // namespace eds::cohort
