// From entry events to cohort periods, step by step.
#include "cohort/sql.h"

#include <fmt/format.h>

#include "cohort/limits.h"
#include "cohort/sql_writer.h"
#include "cohort/table_shape.h"

namespace eds::cohort {
namespace {

using engine::Direction;
using engine::Expr;
using engine::Frame;
using engine::Function;
using engine::JoinKind;
using engine::Order;
using engine::Select;

// What an index event has.
std::vector<engine::Item> index_items(std::string_view alias) {
  return items_of(alias, {"person_id", "slot", "start_date", "end_date", "visit_id",
                          "op_start_date", "op_end_date"});
}

class Statement {
 public:
  explicit Statement(const Plan& plan) : plan_(plan), writer_(plan) {}

  Result<Select> make() {
    std::string events = entry();
    if (plan_.additional) {
      events = held(events, {&*plan_.additional}, {"additional"}, "additional_events");
      events = limited(events, plan_.qualified_keep, "qualified_events");
    }
    std::vector<const GroupPlan*> rules;
    std::vector<std::string> names;
    for (std::size_t rule = 0; rule < plan_.rules.size(); ++rule) {
      rules.push_back(&plan_.rules[rule].group);
      names.push_back("rule_" + std::to_string(rule + 1));
    }
    if (!rules.empty()) events = held(events, rules, names, "ruled_events");
    events = limited(events, plan_.included_keep, "included_events");
    const std::string periods = eras(exits(events), plan_.era_pad_days, "cohort");
    if (writer_.is_full()) {
      return Error{Code::Limit, fmt::format("this definition needs more SQL steps than {} "
                                            "(kSqlStepsMax); the index evaluates it",
                                            kSqlStepsMax)};
    }
    Select last = rows(periods);
    last.with = writer_.take_steps();
    return last;
  }

 private:
  std::string entry();
  std::string held(const std::string& from, const std::vector<const GroupPlan*>& groups,
                   const std::vector<std::string>& names, std::string_view name);
  std::string limited(const std::string& from, Keep keep, std::string_view name);
  std::string exits(const std::string& included);
  Select offered(const std::string& included, Expr end) const;
  Select offered_offset(const std::string& included, const OffsetEnd& end) const;
  Select offered_era(const std::string& included, const EraEnd& end);
  Select offered_censoring(const std::string& included, const EventQuery& query, std::size_t at);
  std::string eras(const std::string& from, std::int32_t pad, const std::string& name);
  Select rows(const std::string& periods) const;

  const Plan& plan_;
  SqlWriter writer_;
};

// The events of all entry criteria in their observation periods, numbered in order: their slots.
std::string Statement::entry() {
  std::vector<Select> parts;
  for (std::size_t at = 0; at < plan_.entry.size(); ++at) {
    Select part;
    part.table = writer_.events(plan_.entry[at], "entry_" + std::to_string(at + 1));
    part.alias = "e";
    part.items =
        items_of("e", {"person_id", "event_id", "start_date", "end_date", "sort_date", "visit_id"});
    const Expr op_start = column("o", "observation_period_start_date");
    const Expr op_end = column("o", "observation_period_end_date");
    part.items.push_back({op_start, "op_start_date"});
    part.items.push_back({op_end, "op_end_date"});
    part.items.push_back({column("o", "observation_period_id"), "op_id"});
    part.items.push_back({number(static_cast<std::int64_t>(at)), "criterion"});
    const Expr start = column("e", "start_date");
    part.joins.push_back(
        {JoinKind::Inner, "observation_period", "o",
         Expr::all_of({same_person("o", "e"),
                       compared(engine::Compare::GreaterOrEqual, start, op_start),
                       compared(engine::Compare::LessOrEqual, start, op_end),
                       compared(engine::Compare::LessOrEqual,
                                Expr::add_days(op_start, number(plan_.prior_days)), start),
                       compared(engine::Compare::LessOrEqual,
                                Expr::add_days(start, number(plan_.post_days)), op_end)})});
    parts.push_back(std::move(part));
  }
  Select select;
  select.table = writer_.add("entry_candidates", std::move(parts));
  select.alias = "e";
  select.items = items_of(
      "e", {"person_id", "start_date", "end_date", "visit_id", "op_start_date", "op_end_date"});
  const bool is_last = plan_.entry_keep == Keep::Last;
  select.items.push_back({Expr::over(Function::RowNumber, {}, {column("e", "person_id")},
                                     {{column("e", "sort_date"),
                                       is_last ? Direction::Descending : Direction::Ascending},
                                      {column("e", "event_id")},
                                      {column("e", "criterion")},
                                      {column("e", "start_date")},
                                      {column("e", "op_start_date")},
                                      {column("e", "op_id")}}),
                          "slot"});
  const std::string all = writer_.add("entry_events", std::move(select));
  if (plan_.entry_keep == Keep::All) return all;
  Select first;
  first.table = all;
  first.alias = "e";
  first.items = index_items("e");
  first.where = column("e", "slot") == number(1);
  return writer_.add("first_entry_events", std::move(first));
}

// The events that every group holds for.
std::string Statement::held(const std::string& from, const std::vector<const GroupPlan*>& groups,
                            const std::vector<std::string>& names, std::string_view name) {
  Select select;
  select.table = from;
  select.alias = "e";
  select.items = index_items("e");
  SqlWriter::IndexStep index;
  index.name = from;
  for (std::size_t at = 0; at < groups.size(); ++at) {
    const std::string slots = writer_.group(*groups[at], index, names[at]);
    if (slots.empty()) continue;
    const std::string alias = "g" + std::to_string(at + 1);
    select.joins.push_back({JoinKind::Semi, slots, alias, same_person(alias, "e", "slot")});
  }
  return select.joins.empty() ? from : writer_.add(name, std::move(select));
}

// One a person: by start, then the smallest slot.
std::string Statement::limited(const std::string& from, Keep keep, std::string_view name) {
  if (keep == Keep::All) return from;
  Select ordered;
  ordered.table = from;
  ordered.alias = "e";
  ordered.items = index_items("e");
  ordered.items.push_back(
      {Expr::over(Function::RowNumber, {}, {column("e", "person_id")},
                  {{column("e", "start_date"),
                    keep == Keep::Last ? Direction::Descending : Direction::Ascending},
                   {column("e", "slot")}}),
       "place"});
  Select first;
  first.table = writer_.add(std::string(name) + "_ordered", std::move(ordered));
  first.alias = "e";
  first.items = index_items("e");
  first.where = column("e", "place") == number(1);
  return writer_.add(name, std::move(first));
}

Select Statement::offered(const std::string& included, Expr end) const {
  Select select;
  select.table = included;
  select.alias = "e";
  select.items = items_of("e", {"person_id", "slot", "start_date"});
  select.items.push_back({std::move(end), "end_date"});
  return select;
}

Select Statement::offered_offset(const std::string& included, const OffsetEnd& end) const {
  const Expr from = column("e", end.from == DateSide::End ? "end_date" : "start_date");
  Select select = offered(
      included, Expr::call(Function::Least,
                           {Expr::add_days(from, number(end.days)), column("e", "op_end_date")}));
  select.where = Expr::negate(Expr::is_null(from));
  return select;
}

// The era of the drug's exposures, by either concept, around the start.
Select Statement::offered_era(const std::string& included, const EraEnd& end) {
  const TableShape& shape = shape_of(Domain::DrugExposure);
  const Expr start = column("t", shape.start);
  Select exposures;
  exposures.table = shape.table;
  exposures.alias = "t";
  exposures.items = {{column("t", "person_id"), "person_id"}, {start, "start_date"}};
  exposures.items.push_back(
      {end.supply_days
           ? Expr::add_days(start, number(*end.supply_days))
           : Expr::call(Function::Coalesce,
                        {column("t", shape.end), Expr::add_days(start, column("t", "days_supply")),
                         Expr::add_days(start, number(1))}),
       "end_date"});
  exposures.joins.push_back({JoinKind::Semi, included, "e", same_person("e", "t")});
  const std::string set = writer_.set_step(end.set);
  exposures.where = Expr::all_of(
      {Expr::negate(Expr::is_null(start)),
       Expr::any_of({Expr::in_table(column("t", shape.concept_id), set, "concept_id"),
                     Expr::in_table(column("t", shape.source_concept_id), set, "concept_id")})});
  const std::string found = writer_.add("exposures", std::move(exposures));
  const std::string merged = eras(found, end.gap_days + end.offset_days, "exposure");
  const Expr era_end = Expr::add_days(column("a", "end_date"), number(-end.gap_days));
  Select select = offered(included, era_end);
  select.joins.push_back(
      {JoinKind::Inner, merged, "a",
       Expr::all_of({same_person("a", "e"),
                     compared(engine::Compare::GreaterOrEqual, column("e", "start_date"),
                              column("a", "start_date")),
                     compared(engine::Compare::LessOrEqual, column("e", "start_date"), era_end)})});
  return select;
}

Select Statement::offered_censoring(const std::string& included, const EventQuery& query,
                                    std::size_t at) {
  Select select = offered(included, column("a", "start_date"));
  const std::string found = writer_.events(query, "censoring_" + std::to_string(at + 1));
  select.joins.push_back(
      {JoinKind::Inner, found, "a",
       Expr::all_of({same_person("a", "e"),
                     compared(engine::Compare::GreaterOrEqual, column("a", "start_date"),
                              column("e", "start_date")),
                     compared(engine::Compare::LessOrEqual, column("a", "start_date"),
                              column("e", "op_end_date"))})});
  return select;
}

// The earliest end that is offered to each event, not before its start.
std::string Statement::exits(const std::string& included) {
  std::vector<Select> offers;
  if (const auto* offset = std::get_if<OffsetEnd>(&plan_.end)) {
    offers.push_back(offered_offset(included, *offset));
  } else {
    offers.push_back(offered(included, column("e", "op_end_date")));
  }
  if (const auto* era = std::get_if<EraEnd>(&plan_.end)) {
    offers.push_back(offered_era(included, *era));
  }
  for (std::size_t at = 0; at < plan_.censoring.size(); ++at) {
    offers.push_back(offered_censoring(included, plan_.censoring[at], at));
  }
  Select select;
  select.table = writer_.add("offered_ends", std::move(offers));
  select.alias = "e";
  select.items = items_of("e", {"person_id", "start_date"});
  select.items.push_back({Expr::call(Function::Min, {column("e", "end_date")}), "end_date"});
  select.where =
      compared(engine::Compare::GreaterOrEqual, column("e", "end_date"), column("e", "start_date"));
  select.group_by = {column("e", "person_id"), column("e", "slot"), column("e", "start_date")};
  return writer_.add("exits", std::move(select));
}

// Merges a person's periods that touch once each end is `pad` days later; the pad stays on.
std::string Statement::eras(const std::string& from, std::int32_t pad, const std::string& name) {
  const std::vector<Order> in_order = {{column("e", "start_date")},
                                       {column("e", "end_date"), Direction::Descending}};
  const std::vector<Expr> person = {column("e", "person_id")};
  // Equal periods would come in one order to one window and in another to the next.
  Select padded;
  padded.distinct = true;
  padded.table = from;
  padded.alias = "e";
  padded.items = items_of("e", {"person_id", "start_date"});
  padded.items.push_back({Expr::add_days(column("e", "end_date"), number(pad)), "end_date"});
  Select begun;
  begun.table = writer_.add(name + "_padded", std::move(padded));
  begun.alias = "e";
  begun.items = items_of("e", {"person_id", "start_date", "end_date"});
  const Expr reached =
      Expr::over(Function::Max, {column("e", "end_date")}, person, in_order, Frame::Before);
  begun.items.push_back(
      {Expr::choose(compared(engine::Compare::LessOrEqual, column("e", "start_date"), reached),
                    number(0), number(1)),
       "begins"});
  Select numbered;
  numbered.table = writer_.add(name + "_begun", std::move(begun));
  numbered.alias = "e";
  numbered.items = items_of("e", {"person_id", "start_date", "end_date"});
  numbered.items.push_back(
      {Expr::over(Function::Sum, {column("e", "begins")}, person, in_order, Frame::UpTo), "era"});
  Select merged;
  merged.table = writer_.add(name + "_numbered", std::move(numbered));
  merged.alias = "e";
  merged.items = items_of("e", {"person_id"});
  merged.items.push_back({Expr::call(Function::Min, {column("e", "start_date")}), "start_date"});
  merged.items.push_back({Expr::call(Function::Max, {column("e", "end_date")}), "end_date"});
  merged.group_by = {column("e", "person_id"), column("e", "era")};
  return writer_.add(name + "_eras", std::move(merged));
}

Select Statement::rows(const std::string& periods) const {
  Expr start = column("c", "start_date");
  Expr end = Expr::add_days(column("c", "end_date"), number(-plan_.era_pad_days));
  if (plan_.window_start) {
    start = Expr::call(Function::Greatest, {std::move(start), Expr::date(*plan_.window_start)});
  }
  if (plan_.window_end) {
    end = Expr::call(Function::Least, {std::move(end), Expr::date(*plan_.window_end)});
  }
  Select select;
  select.table = periods;
  select.alias = "c";
  select.items = {{column("c", "person_id"), "subject_id"},
                  {start, "cohort_start_date"},
                  {end, "cohort_end_date"}};
  if (plan_.window_start || plan_.window_end) {
    select.where = compared(engine::Compare::LessOrEqual, start, end);
  }
  select.order_by = {{column("c", "person_id")}, {start}};
  return select;
}

Error no_sql(std::string_view what) {
  return Error{Code::Refused,
               fmt::format("{} has no SQL here; the index and the lake evaluate it", what)};
}

Status check_group(const GroupPlan& group);

Status check_query(const EventQuery& query) {
  for (const Condition& each : query.conditions) {
    if (each.otherwise) return no_sql("an upper normal of the definition's own");
  }
  for (const GroupPlan& inner : query.nested) TRY(check_group(inner));
  return {};
}

Status check_group(const GroupPlan& group) {
  if (!group.trends.empty()) return no_sql("a trend");
  if (!group.sequences.empty()) return no_sql("a sequence");
  if (!group.cohorts.empty()) return no_sql("a saved cohort");
  for (const CorrelatedPlan& each : group.criteria) TRY(check_query(each.events));
  for (const GroupPlan& inner : group.groups) TRY(check_group(inner));
  return {};
}

// What the statement's language has no words for is refused with its name.
Status check_statement(const Plan& plan) {
  if (plan.operation != SetOperation::None) return no_sql("a set of cohorts");
  for (const EventQuery& query : plan.entry) TRY(check_query(query));
  for (const EventQuery& query : plan.censoring) TRY(check_query(query));
  if (plan.additional) TRY(check_group(*plan.additional));
  for (const RulePlan& rule : plan.rules) TRY(check_group(rule.group));
  return {};
}

}  // namespace

Result<Select> cohort_statement(const Plan& plan) {
  TRY(check_statement(plan));
  return Statement(plan).make();
}

}  // namespace eds::cohort
