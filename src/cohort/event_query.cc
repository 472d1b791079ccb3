// Which events a criterion finds.
#include <algorithm>
#include <cmath>

#include "base/calendar.h"
#include "cohort/compare.h"
#include "cohort/evaluate.h"
#include "cohort/like.h"

namespace eds::cohort {
namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();
// SNOMED "High" and "Low", as the reference lists them.
constexpr std::int64_t kAbnormalConcepts[] = {4155142, 4155143};

double as_number(std::int64_t value) {
  return value == kMissing || value == kNoRow ? kNoNumber : static_cast<double>(value);
}
double as_number(Day day) {
  return day == kNoDay ? kNoNumber : static_cast<double>(day);
}

double age_at(Day day, std::int64_t year_of_birth) {
  if (day == kNoDay || year_of_birth == kMissing || year_of_birth == kNoRow) return kNoNumber;
  return static_cast<double>(date_from_days(day).year - year_of_birth);
}

bool is_ratio(Field field) {
  return field == Field::RatioToLow || field == Field::RatioToHigh;
}

std::int64_t value_at(const std::vector<std::int64_t>& column, Row row) {
  return column.empty() ? kMissing : column[row];
}
double value_at(const std::vector<double>& column, Row row) {
  return column.empty() ? kNoNumber : column[row];
}

bool is_abnormal(const EventTable& table, Row row) {
  const double value = value_at(table.decimals[index_of(Field::ValueNumber)], row);
  const double low = value_at(table.decimals[index_of(Field::RangeLow)], row);
  const double high = value_at(table.decimals[index_of(Field::RangeHigh)], row);
  const std::int64_t said = value_at(table.integers[index_of(Field::ValueConcept)], row);
  return value < low || value > high ||
         std::find(std::begin(kAbnormalConcepts), std::end(kAbnormalConcepts), said) !=
             std::end(kAbnormalConcepts);
}

double ratio(const EventTable& table, Row row, Field range) {
  const double bound = value_at(table.decimals[index_of(range)], row);
  if (bound == 0) return kNoNumber;
  return value_at(table.decimals[index_of(Field::ValueNumber)], row) / bound;
}

// Of a row without a bound, the quotient with the bound of its unit.
double ratio_otherwise(const Condition& condition, const EventTable& table, const Event& event) {
  const double bound = value_at(table.decimals[index_of(Field::RangeHigh)], event.row);
  const std::int64_t unit = value_at(table.integers[index_of(Field::Unit)], event.row);
  const bool has_bound = !std::isnan(bound) && bound != 0;
  if (has_bound || !std::binary_search(condition.ids.begin(), condition.ids.end(), unit)) {
    return kNoNumber;
  }
  return value_at(table.decimals[index_of(Field::ValueNumber)], event.row) / *condition.otherwise;
}

Day shifted(Day start, Day end, DateSide from, std::int32_t days) {
  const Day base = from == DateSide::Start ? start : end;
  return base == kNoDay ? kNoDay : base + days;
}

}  // namespace

ResolvedSets resolve_sets(const Plan& plan, const Vocabulary& vocabulary) {
  ResolvedSets sets;
  for (const SetRecipe& recipe : plan.sets) sets.push_back(vocabulary.resolve(recipe));
  return sets;
}

bool Evaluator::in_set(SetIndex set, std::int64_t value) const {
  const std::vector<std::int64_t>& ids = (*sets_)[set];
  return std::binary_search(ids.begin(), ids.end(), value);
}

double Evaluator::number_of(Field field, const EventTable* table, const Event& event) const {
  switch (field) {
    case Field::Start: return as_number(event.start);
    case Field::End: return as_number(event.end);
    case Field::Length: return as_number(event.end) - as_number(event.start);
    case Field::One: return 1;
    case Field::AgeAtStart:
      return age_at(event.start, persons_.traits_of(event.person).year_of_birth);
    case Field::AgeAtEnd: return age_at(event.end, persons_.traits_of(event.person).year_of_birth);
    case Field::RatioToLow: return ratio(*table, event.row, Field::RangeLow);
    case Field::RatioToHigh: return ratio(*table, event.row, Field::RangeHigh);
    case Field::Abnormal: return is_abnormal(*table, event.row) ? 1 : 0;
    default: break;
  }
  if (field >= kFirstDecimal && field < kFirstText) {
    return value_at(table->decimals[index_of(field)], event.row);
  }
  return as_number(integer_of(field, table, event));
}

std::int64_t Evaluator::integer_of(Field field, const EventTable* table, const Event& event) const {
  const Traits traits = persons_.traits_of(event.person);
  switch (field) {
    case Field::Gender: return traits.gender;
    case Field::Race: return traits.race;
    case Field::Ethnicity: return traits.ethnicity;
    case Field::VisitId: return event.visit;
    case Field::Concept: return value_at(table->concept_id, event.row);
    default: return value_at(table->integers[index_of(field)], event.row);
  }
}

bool Evaluator::passes(const Condition& condition, const EventTable* table,
                       const Event& event) const {
  if (condition.test == Test::Range) {
    double value = number_of(condition.field, table, event);
    if (condition.otherwise && std::isnan(value)) value = ratio_otherwise(condition, *table, event);
    if (is_ratio(condition.field)) {
      value = snapped(snapped(value, condition.low), condition.high);
    }
    return compare(condition.op, value, condition.low, condition.high);
  }
  if (condition.test == Test::Like || condition.test == Test::NotLike) {
    const TextColumn& texts = table->texts[index_of(condition.field)];
    if (texts.is_missing(event.row)) return false;
    return is_like(texts.at(event.row), condition.pattern) == (condition.test == Test::Like);
  }
  const std::int64_t value = integer_of(condition.field, table, event);
  if (value == kNoRow) return false;
  const bool is_missing = value == kMissing;
  switch (condition.test) {
    case Test::In:
    case Test::NotIn:
      return !is_missing && std::binary_search(condition.ids.begin(), condition.ids.end(), value) ==
                                (condition.test == Test::In);
    case Test::InSet: return !is_missing && in_set(condition.set, value);
    case Test::NotInSet:
      if ((*sets_)[condition.set].empty()) return true;
      return !is_missing && !in_set(condition.set, value);
    case Test::IsMissing: return is_missing;
    case Test::IsPresent: return !is_missing;
    default: return false;
  }
}

bool Evaluator::counted_value(Domain domain, Field field, const EventTable& table,
                              const Event& event, double& value) const {
  value = number_of(field, &table, event);
  // A death without a cause counts as concept 0.
  if (domain == Domain::Death && field == Field::Concept && std::isnan(value)) value = 0;
  return !std::isnan(value);
}

Evaluator::Found Evaluator::find(const EventQuery& query, Among among, const Purpose& purpose) {
  Found all;
  all.own = std::make_unique<EventTable>();
  std::vector<Row> rows;
  const EventTable& table = reader_->select(query, *sets_, among, purpose, *all.own, rows);
  all.table = &table;
  std::vector<Event>& found = all.events;
  found.reserve(rows.size());
  for (Row row : rows) {
    const Person person = table.person[row];
    // Rows are in the order of (person, start, id): the first of a person is the first event.
    if (query.is_first && !found.empty() && found.back().person == person) continue;
    Event event{person,
                table.start[row],
                table.end[row],
                table.start[row],
                table.id[row],
                table.visit.empty() ? kMissing : table.visit[row],
                row};
    found.push_back(event);
  }
  std::erase_if(found, [&](Event& event) {
    if (query.shift) {
      const Day start = event.start;
      const Day end = event.end;
      event.start = shifted(start, end, query.shift->start_from, query.shift->start_days);
      event.end = shifted(start, end, query.shift->end_from, query.shift->end_days);
      event.sort = event.start;
      if (event.start == kNoDay || event.end == kNoDay || event.end < event.start) return true;
    }
    for (const Condition& condition : query.conditions) {
      if (!passes(condition, &table, event)) return true;
    }
    if (query.start_override) event.start = *query.start_override;
    if (query.end_override) event.end = *query.end_override;
    return false;
  });
  if (!query.nested.empty()) keep_nested(query.nested.front(), found);
  return all;
}

void Evaluator::keep_nested(const GroupPlan& group, std::vector<Event>& found) {
  std::vector<IndexEvent> index;
  for (const Event& event : found) {
    for (Row row = persons_.period_begin[event.person];
         row < persons_.period_begin[event.person + 1]; ++row) {
      const Day start = persons_.period_start[row];
      const Day end = persons_.period_end[row];
      if (end == kNoDay || event.start < start || event.start > end) continue;
      index.push_back(
          {event.person, event.sort, event.id, event.start, event.end, start, end, event.visit});
    }
  }
  std::stable_sort(index.begin(), index.end(), [](const IndexEvent& a, const IndexEvent& b) {
    return a.person != b.person ? a.person < b.person : a.key < b.key;
  });
  const std::vector<char> holds = group_holds(group, index);
  std::vector<std::pair<Person, std::int64_t>> keys;
  for (std::size_t at = 0; at < index.size(); ++at) {
    if (holds[at]) keys.emplace_back(index[at].person, index[at].key);
  }
  std::erase_if(found, [&](const Event& event) {
    return !std::binary_search(keys.begin(), keys.end(), std::pair{event.person, event.id});
  });
}

}  // namespace eds::cohort
