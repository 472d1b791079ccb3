// The steps that find the events of a criterion, and the concepts of a set.
#include <cmath>

#include "cohort/limits.h"
#include "cohort/sql_writer.h"
#include "cohort/table_shape.h"

namespace eds::cohort {
namespace {

using engine::Expr;
using engine::Function;
using engine::Item;
using engine::JoinKind;
using engine::Select;

// SNOMED "High" and "Low", as the reference lists them.
constexpr std::int64_t kAbnormalConcepts[] = {4155142, 4155143};

Expr plain_number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const bool is_whole = std::abs(value) < kExact && value == std::trunc(value);
  return is_whole ? number(static_cast<std::int64_t>(value)) : Expr::literal(value);
}

std::string_view stored_column(Domain domain, Field field) {
  if (field == Field::Concept) return shape_of(domain).concept_id;
  for (const FieldColumn& each : shape_of(domain).fields) {
    if (each.field == field) return each.column;
  }
  return {};
}

void add_name(std::vector<std::string>& names, std::string_view name) {
  if (name.empty()) return;
  for (const std::string& known : names) {
    if (known == name) return;
  }
  names.emplace_back(name);
}

// The columns of the table that a field's value is made of.
void add_columns(std::vector<std::string>& names, Domain domain, Field field) {
  add_name(names, stored_column(domain, field));
  if (field != Field::RatioToLow && field != Field::RatioToHigh && field != Field::Abnormal) return;
  for (Field part : {Field::ValueNumber, Field::RangeLow, Field::RangeHigh, Field::ValueConcept}) {
    add_name(names, stored_column(domain, part));
  }
}

Expr end_of(const TableShape& shape, Domain domain) {
  const Expr start = column("t", shape.start);
  const Expr next_day = Expr::add_days(start, number(1));
  if (shape.end.empty()) return next_day;
  std::vector<Expr> choices = {column("t", shape.end)};
  if (domain == Domain::DrugExposure) {
    choices.push_back(Expr::add_days(start, column("t", "days_supply")));
  }
  if (!shape.ends_a_day_later) return choices.front();
  choices.push_back(next_day);
  return Expr::call(Function::Coalesce, std::move(choices));
}

Expr ids(const std::vector<std::int64_t>& values, Expr needle) {
  std::vector<Expr> list;
  for (std::int64_t value : values) list.push_back(number(value));
  return Expr::in(std::move(needle), std::move(list));
}

engine::Compare comparison_of(Compare op) {
  switch (op) {
    case Compare::Less: return engine::Compare::Less;
    case Compare::LessOrEqual: return engine::Compare::LessOrEqual;
    case Compare::NotEqual: return engine::Compare::NotEqual;
    case Compare::Greater: return engine::Compare::Greater;
    case Compare::GreaterOrEqual: return engine::Compare::GreaterOrEqual;
    default: return engine::Compare::Equal;
  }
}

// A quotient that misses a bound by a hair is the bound, as decimals have it.
Expr snapped(Expr value, double bound) {
  const Expr distance = Expr::call(
      Function::Abs, {Expr::arithmetic(engine::Arithmetic::Subtract, value, plain_number(bound))});
  const Expr hair = Expr::literal(1e-9 * std::max(1.0, std::abs(bound)));
  return Expr::choose(compared(engine::Compare::LessOrEqual, distance, hair), plain_number(bound),
                      value);
}

Expr range(const Condition& condition, const Expr& value) {
  const bool is_date = condition.field == Field::Start || condition.field == Field::End;
  const auto bound = [&](double at) {
    return is_date ? Expr::date(static_cast<std::int32_t>(at)) : plain_number(at);
  };
  if (condition.op != Compare::Between && condition.op != Compare::NotBetween) {
    return compared(comparison_of(condition.op), value, bound(condition.low));
  }
  Expr inside =
      Expr::all_of({compared(engine::Compare::GreaterOrEqual, value, bound(condition.low)),
                    compared(engine::Compare::LessOrEqual, value, bound(condition.high))});
  return condition.op == Compare::Between ? inside : Expr::negate(std::move(inside));
}

}  // namespace

engine::Expr compared(engine::Compare how, engine::Expr left, engine::Expr right) {
  return Expr::compare(how, std::move(left), std::move(right));
}

std::vector<engine::Item> items_of(std::string_view alias,
                                   std::initializer_list<std::string_view> names) {
  std::vector<Item> items;
  for (std::string_view name : names) items.push_back({column(alias, name), std::string(name)});
  return items;
}

engine::Expr same_person(std::string_view left, std::string_view right, std::string_view also) {
  Expr person = column(left, "person_id") == column(right, "person_id");
  if (also.empty()) return person;
  return Expr::all_of({std::move(person), column(left, also) == column(right, also)});
}

bool SqlWriter::is_full() const {
  return steps_.size() > kSqlStepsMax;
}

std::string SqlWriter::add(std::string_view name, std::vector<Select> parts) {
  std::string own(name);
  const auto is_taken = [&] {
    for (const engine::Step& step : steps_) {
      if (step.name == own) return true;
    }
    return false;
  };
  for (int copy = 2; is_taken(); ++copy) own = std::string(name) + "_" + std::to_string(copy);
  steps_.push_back({own, std::move(parts)});
  return own;
}

std::string SqlWriter::add(std::string_view name, Select select) {
  std::vector<Select> parts;
  parts.push_back(std::move(select));
  return add(name, std::move(parts));
}

// The concepts named, and their descendants that are still valid.
std::vector<Select> listed(const std::vector<std::int64_t>& concepts,
                           const std::vector<std::int64_t>& ancestors) {
  std::vector<Select> parts;
  Select own;
  own.items = items_of("c", {"concept_id"});
  own.table = "concept";
  own.alias = "c";
  own.where = ids(concepts, column("c", "concept_id"));
  parts.push_back(std::move(own));
  if (ancestors.empty()) return parts;
  Select below;
  below.items = {{column("a", "descendant_concept_id"), "concept_id"}};
  below.table = "concept_ancestor";
  below.alias = "a";
  below.joins.push_back({JoinKind::Inner, "concept", "c",
                         column("c", "concept_id") == column("a", "descendant_concept_id")});
  below.where = Expr::all_of({Expr::is_null(column("c", "invalid_reason")),
                              ids(ancestors, column("a", "ancestor_concept_id"))});
  parts.push_back(std::move(below));
  return parts;
}

std::string SqlWriter::members(const SetRecipe& recipe, bool excluded, const std::string& name) {
  std::vector<std::int64_t> own;
  std::vector<std::int64_t> ancestors;
  std::vector<std::int64_t> mapped;
  std::vector<std::int64_t> mapped_ancestors;
  for (const SetItem& item : recipe.items) {
    if (item.is_excluded != excluded) continue;
    own.push_back(item.concept_id);
    if (item.with_descendants) ancestors.push_back(item.concept_id);
    if (!item.with_mapped) continue;
    mapped.push_back(item.concept_id);
    if (item.with_descendants) mapped_ancestors.push_back(item.concept_id);
  }
  std::vector<Select> parts = listed(own, ancestors);
  if (!mapped.empty()) {
    const std::string targets = add(name + "_mapped", listed(mapped, mapped_ancestors));
    Select sources;
    sources.items = {{column("r", "concept_id_1"), "concept_id"}};
    sources.table = "concept_relationship";
    sources.alias = "r";
    sources.where =
        Expr::all_of({column("r", "relationship_id") == Expr::literal(std::string_view("Maps to")),
                      Expr::is_null(column("r", "invalid_reason")),
                      Expr::in_table(column("r", "concept_id_2"), targets, "concept_id")});
    parts.push_back(std::move(sources));
  }
  return add(name, std::move(parts));
}

std::string SqlWriter::set_step(SetIndex set) {
  if (!set_names_[set].empty()) return set_names_[set];
  const SetRecipe& recipe = plan_->sets[set];
  const std::string name = "concept_set_" + std::to_string(set);
  bool has_excluded = false;
  for (const SetItem& item : recipe.items) has_excluded = has_excluded || item.is_excluded;
  const std::string included = members(recipe, false, name + "_included");
  Select select;
  select.distinct = true;
  select.items = items_of("i", {"concept_id"});
  select.table = included;
  select.alias = "i";
  if (has_excluded) {
    const std::string excluded = members(recipe, true, name + "_excluded");
    select.joins.push_back(
        {JoinKind::Anti, excluded, "x", column("i", "concept_id") == column("x", "concept_id")});
  }
  return set_names_[set] = add(name, std::move(select));
}

// The rows of the query's concepts.
std::string SqlWriter::raw_events(const EventQuery& query, std::string_view name,
                                  const std::vector<std::string>& columns) {
  const TableShape& shape = shape_of(query.domain);
  Select select;
  select.table = shape.table;
  select.alias = "t";
  select.items = {{column("t", "person_id"), "person_id"},
                  {column("t", shape.id), "event_id"},
                  {column("t", shape.start), "start_date"},
                  {end_of(shape, query.domain), "end_date"},
                  {column("t", shape.start), "sort_date"},
                  {shape.visit.empty() ? Expr::missing() : column("t", shape.visit), "visit_id"}};
  for (const std::string& each : columns) select.items.push_back({column("t", each), each});
  if (query.is_first) {
    select.items.push_back({Expr::over(Function::RowNumber, {}, {column("t", "person_id")},
                                       {{column("t", shape.start)}, {column("t", shape.id)}}),
                            "ordinal"});
  }
  std::vector<Expr> conditions = {Expr::negate(Expr::is_null(column("t", shape.start)))};
  if (query.concepts) {
    conditions.push_back(
        Expr::in_table(column("t", shape.concept_id), set_step(*query.concepts), "concept_id"));
  }
  if (query.source_concepts) {
    conditions.push_back(Expr::in_table(column("t", shape.source_concept_id),
                                        set_step(*query.source_concepts), "concept_id"));
  }
  select.where = Expr::all_of(std::move(conditions));
  return add(std::string(name) + "_events", std::move(select));
}

// The first of each person, and its dates moved.
std::string SqlWriter::shifted(const EventQuery& query, const std::string& from,
                               std::string_view name, const std::vector<std::string>& columns) {
  Expr start = column("e", "start_date");
  Expr end = column("e", "end_date");
  if (query.shift) {
    const auto moved = [](DateSide side, std::int32_t days) {
      return Expr::add_days(column("e", side == DateSide::Start ? "start_date" : "end_date"),
                            number(days));
    };
    start = moved(query.shift->start_from, query.shift->start_days);
    end = moved(query.shift->end_from, query.shift->end_days);
  }
  Select select;
  select.table = from;
  select.alias = "e";
  select.items = items_of("e", {"person_id", "event_id", "visit_id"});
  select.items.push_back({start, "start_date"});
  select.items.push_back({end, "end_date"});
  select.items.push_back({query.shift ? start : column("e", "sort_date"), "sort_date"});
  for (const std::string& each : columns) select.items.push_back({column("e", each), each});
  std::vector<Expr> conditions;
  if (query.is_first) conditions.push_back(column("e", "ordinal") == number(1));
  if (query.shift) {
    conditions.push_back(compared(engine::Compare::GreaterOrEqual, end, start));
  }
  select.where = Expr::all_of(std::move(conditions));
  return add(std::string(name) + "_moved", std::move(select));
}

void SqlWriter::Joins::add(Field field) {
  switch (field) {
    case Field::AgeAtStart:
    case Field::AgeAtEnd:
    case Field::Gender:
    case Field::Race:
    case Field::Ethnicity: person = true; break;
    case Field::Specialty: provider = true; break;
    case Field::VisitConcept: visit = true; break;
    case Field::PlaceOfService: care_site = true; break;
    default: break;
  }
}

void SqlWriter::Joins::write(Select& select) const {
  if (person) {
    select.joins.push_back({JoinKind::Inner, "person", "p", same_person("p", "e")});
  }
  if (provider) {
    select.joins.push_back({JoinKind::Left, "provider", "d",
                            column("d", "provider_id") == column("e", "provider_id")});
  }
  if (visit) {
    select.joins.push_back(
        {JoinKind::Inner, "visit_occurrence", "v", same_person("v", "e", "visit_occurrence_id")});
  }
  if (care_site) {
    select.joins.push_back({JoinKind::Inner, "care_site", "s",
                            column("s", "care_site_id") == column("e", "care_site_id")});
  }
}

Expr SqlWriter::value_of(Field field, Domain domain) const {
  const auto age = [](std::string_view day) {
    return Expr::arithmetic(engine::Arithmetic::Subtract,
                            Expr::call(Function::Year, {column("e", day)}),
                            column("p", "year_of_birth"));
  };
  switch (field) {
    case Field::Start: return column("e", "start_date");
    case Field::End: return column("e", "end_date");
    case Field::Length:
      return Expr::days_between(column("e", "start_date"), column("e", "end_date"));
    case Field::AgeAtStart: return age("start_date");
    case Field::AgeAtEnd: return age("end_date");
    case Field::Gender: return column("p", "gender_concept_id");
    case Field::Race: return column("p", "race_concept_id");
    case Field::Ethnicity: return column("p", "ethnicity_concept_id");
    case Field::RatioToLow:
    case Field::RatioToHigh:
      return Expr::arithmetic(engine::Arithmetic::Divide, column("e", "value_as_number"),
                              column("e", field == Field::RatioToLow ? "range_low" : "range_high"));
    case Field::Abnormal: {
      const Expr value = column("e", "value_as_number");
      return Expr::choose(
          Expr::any_of({compared(engine::Compare::Less, value, column("e", "range_low")),
                        compared(engine::Compare::Greater, value, column("e", "range_high")),
                        ids({std::begin(kAbnormalConcepts), std::end(kAbnormalConcepts)},
                            column("e", "value_as_concept_id"))}),
          number(1), number(0));
    }
    case Field::One: return number(1);
    case Field::VisitId: return column("e", "visit_id");
    case Field::VisitConcept: return column("v", "visit_concept_id");
    case Field::Specialty: return column("d", "specialty_concept_id");
    case Field::PlaceOfService: return column("s", "place_of_service_concept_id");
    default: return column("e", stored_column(domain, field));
  }
}

Expr SqlWriter::condition(const Condition& condition, Domain domain) {
  Expr value = value_of(condition.field, domain);
  switch (condition.test) {
    case Test::Range:
      if (condition.field == Field::RatioToLow || condition.field == Field::RatioToHigh) {
        value = snapped(snapped(value, condition.low), condition.high);
      }
      return range(condition, value);
    case Test::In: return ids(condition.ids, std::move(value));
    case Test::NotIn: return Expr::negate(ids(condition.ids, std::move(value)));
    case Test::InSet:
      return Expr::in_table(std::move(value), set_step(condition.set), "concept_id");
    case Test::NotInSet:
      return Expr::negate(Expr::in_table(std::move(value), set_step(condition.set), "concept_id"));
    case Test::IsMissing: return Expr::is_null(std::move(value));
    case Test::IsPresent: return Expr::negate(Expr::is_null(std::move(value)));
    case Test::Like: return Expr::like(std::move(value), condition.pattern);
    case Test::NotLike: return Expr::negate(Expr::like(std::move(value), condition.pattern));
  }
  return Expr::all_of({});
}

// Each event beside the observation period that holds its start; the events that stay are those
// whose row id is among the ones that the group holds for.
std::string SqlWriter::nested(const EventQuery& query, const std::string& from,
                              std::string_view name, bool is_counted) {
  const std::string own(name);
  Select select;
  select.table = from;
  select.alias = "e";
  select.items = items_of("e", {"person_id", "event_id", "start_date", "end_date", "visit_id"});
  select.items.push_back({column("o", "observation_period_start_date"), "op_start_date"});
  select.items.push_back({column("o", "observation_period_end_date"), "op_end_date"});
  IndexStep index;
  index.has_own_slots = !plan_->counts_repeated_keys;
  select.items.push_back({index.has_own_slots
                              ? Expr::over(Function::RowNumber, {}, {column("e", "person_id")},
                                           {{column("e", "event_id")},
                                            {column("e", "start_date")},
                                            {column("e", "end_date")},
                                            {column("e", "visit_id")},
                                            {column("o", "observation_period_start_date")},
                                            {column("o", "observation_period_end_date")}})
                              : column("e", "event_id"),
                          "slot"});
  select.joins.push_back(
      {JoinKind::Inner, "observation_period", "o",
       Expr::all_of({same_person("o", "e"),
                     compared(engine::Compare::GreaterOrEqual, column("e", "start_date"),
                              column("o", "observation_period_start_date")),
                     compared(engine::Compare::LessOrEqual, column("e", "start_date"),
                              column("o", "observation_period_end_date"))})});
  index.name = add(own + "_index", std::move(select));
  if (!index.has_own_slots) {
    Select keys;
    keys.table = index.name;
    keys.alias = "e";
    keys.items = items_of("e", {"person_id", "slot"});
    keys.items.push_back({Expr::count_all(), "size"});
    keys.group_by = {column("e", "person_id"), column("e", "slot")};
    index.keys = add(own + "_keys", std::move(keys));
  }
  const std::string held = group(query.nested.front(), index, own + "_nested");
  Select ids_kept;
  ids_kept.distinct = true;
  ids_kept.table = index.name;
  ids_kept.alias = "e";
  ids_kept.items = items_of("e", {"person_id", "event_id"});
  if (!held.empty()) {
    ids_kept.joins.push_back({JoinKind::Semi, held, "g", same_person("g", "e", "slot")});
  }
  const std::string kept = add(own + "_kept", std::move(ids_kept));
  Select result;
  result.table = from;
  result.alias = "e";
  result.items =
      items_of("e", {"person_id", "event_id", "start_date", "end_date", "sort_date", "visit_id"});
  if (is_counted) result.items.push_back({column("e", "counted_value"), "counted_value"});
  result.joins.push_back({JoinKind::Semi, kept, "k", same_person("k", "e", "event_id")});
  return add(name, std::move(result));
}

std::string SqlWriter::events(const EventQuery& query, std::string_view name,
                              std::optional<Field> counted) {
  std::vector<std::string> columns;
  Joins joins;
  for (const Condition& each : query.conditions) {
    add_columns(columns, query.domain, each.field);
    joins.add(each.field);
  }
  if (counted) {
    add_columns(columns, query.domain, *counted);
    joins.add(*counted);
  }
  std::string from = raw_events(query, name, columns);
  if (query.is_first || query.shift) from = shifted(query, from, name, columns);
  Select select;
  select.table = from;
  select.alias = "e";
  joins.write(select);
  select.items = items_of("e", {"person_id", "event_id"});
  const auto date_or = [](const std::optional<Day>& given, std::string_view own) {
    return given ? Expr::date(*given) : column("e", own);
  };
  select.items.push_back({date_or(query.start_override, "start_date"), "start_date"});
  select.items.push_back({date_or(query.end_override, "end_date"), "end_date"});
  select.items.push_back({column("e", "sort_date"), "sort_date"});
  select.items.push_back({column("e", "visit_id"), "visit_id"});
  if (counted) {
    Expr value = value_of(*counted, query.domain);
    const Expr start = date_or(query.start_override, "start_date");
    const Expr end = date_or(query.end_override, "end_date");
    if (*counted == Field::Start) value = start;
    if (*counted == Field::End) value = end;
    if (*counted == Field::Length) value = Expr::days_between(start, end);
    if (query.domain == Domain::Death && *counted == Field::Concept) {
      value = Expr::call(Function::Coalesce, {std::move(value), number(0)});
    }
    select.items.push_back({std::move(value), "counted_value"});
  }
  std::vector<Expr> conditions;
  for (const Condition& each : query.conditions) {
    conditions.push_back(condition(each, query.domain));
  }
  if (!conditions.empty()) select.where = Expr::all_of(std::move(conditions));
  const std::string own(name);
  if (query.nested.empty()) return add(own, std::move(select));
  const std::string filtered = add(own + "_filtered", std::move(select));
  return nested(query, filtered, own, counted.has_value());
}

}  // namespace eds::cohort
