// Definition: an OHDSI Circe cohort expression as a typed tree, exactly as it was written.
//
// Invariants: nothing of the JSON is lost: what the grammar does not know, and members that are
// null, wait in `extras` and are written back. Nothing is interpreted here: defaults, modes and
// concept sets are the planner's. Threads: a plain value.
// Source: OHDSI circe-be 1.13, package cohortdefinition; JSON written by Atlas 2.0 to 2.15.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cohort/domain.h"

namespace eds::cohort {

/// Days since 1970-01-01.
using Day = std::int32_t;

/// A member that the grammar gives no meaning to, as JSON.
struct Extra {
  std::string name;
  std::string json;
};
using Extras = std::vector<Extra>;

struct Concept {
  std::int64_t id = 0;
  std::string name;
  std::string json;  ///< the whole object: names and codes are for the reader's eyes
};

struct ConceptItem {
  Concept concept_;
  std::optional<bool> is_excluded;
  std::optional<bool> include_descendants;
  std::optional<bool> include_mapped;
  Extras extras;
};

struct ConceptSet {
  std::int64_t id = 0;
  std::optional<std::string> name;

  std::vector<ConceptItem> items;
  Extras extras;
  Extras expression_extras;
};

enum class Compare : std::uint8_t {
  Less,
  LessOrEqual,
  Equal,
  NotEqual,
  Greater,
  GreaterOrEqual,
  Between,
  NotBetween,
};
std::string_view compare_name(Compare compare);  ///< "lt", "!bt", ...

struct NumericRange {
  Compare op = Compare::Equal;
  double value = 0;
  std::optional<double> extent;
  Extras extras;
};

struct DateText {
  std::string text;  ///< as written
  Day day = 0;
};

struct DateRange {
  Compare op = Compare::Equal;
  DateText value;
  std::optional<DateText> extent;
  Extras extras;
};

struct SetSelection {
  std::optional<std::int64_t> codeset;
  std::optional<bool> is_exclusion;
  Extras extras;
};

struct TextFilter {
  std::string text;
  std::string op;  ///< startsWith, contains, endsWith, with or without "!" before
  Extras extras;
};

struct Period {
  std::optional<DateText> start;
  std::optional<DateText> end;
  Extras extras;
};

/// How many times the upper bound of the row's own range a value is.
struct NormalRange {
  NumericRange range;
  std::optional<double> otherwise;  ///< the upper bound where the row has none ...
  std::vector<Concept> units;       ///< ... if its unit is one of these
};

/// One attribute of a criterion, in the order of the JSON.
struct AttributeUse {
  const Attribute* attribute = nullptr;
  std::variant<NumericRange, DateRange, std::vector<Concept>, SetSelection, TextFilter, Period,
               bool, std::int64_t, NormalRange>
      value;
};

enum class DateSide : std::uint8_t { Start, End };

struct DateAdjustment {
  std::optional<DateSide> start_with;
  std::optional<std::int64_t> start_offset;
  std::optional<DateSide> end_with;
  std::optional<std::int64_t> end_offset;
  Extras extras;
};

struct Group;

/// Events of one kind.
struct Criteria {
  Domain domain = Domain::ConditionOccurrence;
  const DomainGrammar* declared = nullptr;  ///< a kind that has no data yet, in place of `domain`
  std::optional<std::int64_t> codeset;
  std::optional<std::int64_t> source_codeset;
  std::optional<bool> first;
  std::vector<AttributeUse> attributes;
  std::optional<DateAdjustment> date_adjustment;
  std::vector<Group> correlated;  ///< none or one
  Extras extras;
};

struct Endpoint {
  std::optional<std::int64_t> days;  ///< nothing: as far as the observation period goes
  std::int64_t coefficient = 0;      ///< -1 before, 1 after
  Extras extras;
};

struct Window {
  Endpoint start;
  Endpoint end;
  std::optional<bool> use_index_end;
  std::optional<bool> use_event_end;
  Extras extras;
};

struct Occurrence {
  std::int64_t type = 0;  ///< 0 exactly, 1 at most, 2 at least
  std::int64_t count = 0;
  std::optional<bool> is_distinct;
  std::optional<CountColumn> count_column;
  Extras extras;
};

/// Events of one kind, counted in a window around an index event.
struct CorrelatedCriteria {
  Criteria criteria;
  Window start_window;
  std::optional<Window> end_window;
  std::optional<Occurrence> occurrence;  ///< absent only in a windowed criterion of its own
  std::optional<bool> restrict_visit;
  std::optional<bool> ignore_observation_period;
  Extras extras;
};

struct DemographicCriteria {
  std::vector<AttributeUse> attributes;
  Extras extras;
};

// From here to Group: what Circe has no part for (docs/reference/cohort-superset.md).

/// What two measurements, or the steps of a sequence, must share besides the person.
enum class Same : std::uint8_t { Nothing, Visit };

enum class ChangeBy : std::uint8_t { Ratio, Difference };

/// Two measurements of one unit, the later so much higher or lower than the earlier.
struct Trend {
  Criteria criteria;
  ChangeBy by = ChangeBy::Ratio;
  Compare op = Compare::GreaterOrEqual;  ///< Greater, GreaterOrEqual, Less or LessOrEqual
  double value = 0;
  std::optional<std::int64_t> hours;  ///< one of the two
  std::optional<std::int64_t> days;
  Window start_window;
  std::optional<std::vector<Concept>> units;
  std::vector<std::string> unit_texts;  ///< of rows whose unit has no concept
  Same same = Same::Nothing;
  Extras extras;
};

struct SequenceStep {
  Criteria criteria;
  std::int64_t days_min = 0;  ///< after the step before; of the first step without meaning
  std::optional<std::int64_t> days_max;
  DateSide from = DateSide::Start;
  Extras extras;
};

/// Events one after the other.
struct Sequence {
  std::vector<SequenceStep> steps;
  Window start_window;  ///< of the first step
  Same same = Same::Nothing;
  Extras extras;
};

/// A version of a saved cohort.
struct SavedReference {
  std::string name;
  std::int64_t version = 0;
};

enum class Relation : std::uint8_t { During, Ever, Starts };

/// The person's periods in a saved cohort, beside the index event.
struct CohortMember {
  SavedReference saved;
  Relation relation = Relation::During;
  std::optional<Window> start_window;  ///< of Starts
  std::optional<bool> is_absent;
  Extras extras;
};

enum class GroupType : std::uint8_t { All, Any, AtLeast, AtMost };

struct Group {
  std::string type_text;  ///< as written: its case is kept
  GroupType type = GroupType::All;
  std::optional<std::int64_t> count;
  std::optional<std::vector<CorrelatedCriteria>> criteria;
  std::optional<std::vector<DemographicCriteria>> demographics;
  std::optional<std::vector<Group>> groups;
  std::optional<std::vector<Trend>> trends;
  std::optional<std::vector<Sequence>> sequences;
  std::optional<std::vector<CohortMember>> cohorts;
  Extras extras;

  bool is_empty() const {
    return (!criteria || criteria->empty()) && (!demographics || demographics->empty()) &&
           (!groups || groups->empty()) && (!trends || trends->empty()) &&
           (!sequences || sequences->empty()) && (!cohorts || cohorts->empty());
  }
};

struct Limit {
  std::optional<std::string> type;  ///< All, First, Last, in any case; null: no limit
  bool has_type = false;            ///< absent, it is First
  Extras extras;
};

struct PrimaryCriteria {
  std::vector<Criteria> criteria;
  std::optional<std::int64_t> prior_days;
  std::optional<std::int64_t> post_days;
  std::optional<Limit> limit;
  Extras window_extras;
  Extras extras;
};

struct InclusionRule {
  std::optional<std::string> name;
  std::optional<std::string> description;
  Group expression;
  Extras extras;
};

struct DateOffsetEnd {
  std::optional<DateSide> field;
  std::optional<std::int64_t> offset;
  Extras extras;
};

struct CustomEraEnd {
  std::int64_t codeset = 0;
  std::optional<std::int64_t> gap_days;
  std::optional<std::int64_t> offset;
  std::optional<std::int64_t> days_supply_override;
  Extras extras;
};

struct CollapseSettings {
  std::optional<std::string> type;
  std::optional<std::int64_t> era_pad;
  Extras extras;
};

/// How whole cohorts make one.
/// Saved: one that is there already.
enum class SetOperation : std::uint8_t { None, Union, Intersection, Difference, Saved };
enum class SetUnit : std::uint8_t { Person, Day };

struct Definition {
  /// Not None: the definition is these members and nothing else.
  SetOperation operation = SetOperation::None;
  std::optional<SetUnit> by;
  std::vector<Definition> members;
  SavedReference saved;

  std::optional<std::string> title;
  std::optional<std::string> cdm_version_range;
  std::optional<std::vector<ConceptSet>> concept_sets;
  PrimaryCriteria primary;
  std::optional<Group> additional;
  std::optional<Limit> qualified_limit;
  std::optional<std::vector<InclusionRule>> inclusion_rules;
  std::optional<Limit> expression_limit;
  std::variant<std::monostate, DateOffsetEnd, CustomEraEnd> end_strategy;
  std::optional<std::vector<Criteria>> censoring;
  std::optional<CollapseSettings> collapse;
  std::optional<Period> censor_window;
  Extras extras;
};

}  // namespace eds::cohort
