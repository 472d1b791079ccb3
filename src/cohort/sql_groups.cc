// The steps that find which index events a group of criteria holds for.
#include "cohort/sql_writer.h"

namespace eds::cohort {
namespace {

using engine::Expr;
using engine::Function;
using engine::JoinKind;
using engine::Select;

// The day that a bound means for the index event "e".
Expr bound_day(const Bound& bound, DateSide of_index) {
  if (bound.kind == BoundKind::PeriodStart) return column("e", "op_start_date");
  if (bound.kind == BoundKind::PeriodEnd) return column("e", "op_end_date");
  return Expr::add_days(column("e", of_index == DateSide::End ? "end_date" : "start_date"),
                        number(bound.days));
}

void add_window(const WindowPlan& window, std::vector<Expr>& conditions) {
  const Expr day = column("a", window.of_event == DateSide::End ? "end_date" : "start_date");
  if (window.from.kind != BoundKind::None) {
    conditions.push_back(
        compared(engine::Compare::GreaterOrEqual, day, bound_day(window.from, window.of_index)));
  }
  if (window.to.kind != BoundKind::None) {
    conditions.push_back(
        compared(engine::Compare::LessOrEqual, day, bound_day(window.to, window.of_index)));
  }
}

// Whether the index event "e" and the event "a" are a pair.
Expr is_pair_of(const CorrelatedPlan& plan) {
  std::vector<Expr> conditions = {same_person("a", "e")};
  if (plan.within_period) {
    const Expr start = column("a", "start_date");
    conditions.push_back(
        compared(engine::Compare::GreaterOrEqual, start, column("e", "op_start_date")));
    conditions.push_back(compared(engine::Compare::LessOrEqual, start, column("e", "op_end_date")));
  }
  if (plan.same_visit) {
    conditions.push_back(column("a", "visit_id") == column("e", "visit_id"));
  }
  add_window(plan.start, conditions);
  if (plan.end) add_window(*plan.end, conditions);
  return Expr::all_of(std::move(conditions));
}

engine::Compare test_of(CountTest test) {
  switch (test) {
    case CountTest::Exactly: return engine::Compare::Equal;
    case CountTest::AtMost: return engine::Compare::LessOrEqual;
    case CountTest::AtLeast: return engine::Compare::GreaterOrEqual;
  }
  return engine::Compare::Equal;
}

Expr group_test(const GroupPlan& group, Expr total) {
  const auto is = [&](engine::Compare how, std::int64_t bound) {
    return compared(how, total, number(bound));
  };
  switch (group.type) {
    case GroupType::All:
      return is(engine::Compare::Equal, static_cast<std::int64_t>(group.member_count()));
    case GroupType::Any: return is(engine::Compare::Greater, 0);
    case GroupType::AtMost: return is(engine::Compare::LessOrEqual, group.count);
    case GroupType::AtLeast: break;
  }
  Expr enough = is(engine::Compare::GreaterOrEqual, group.count);
  if (group.count >= 0) return enough;
  return Expr::all_of({std::move(enough), is(engine::Compare::Greater, 0)});
}

void by_slot(Select& select, std::string_view alias) {
  select.items = items_of(alias, {"person_id", "slot"});
  select.group_by = {column(alias, "person_id"), column(alias, "slot")};
}

}  // namespace

// An event that the group holds for without question: as often as it is there.
Select SqlWriter::whole(const IndexStep& index) const {
  Select select;
  select.table = index.has_own_slots ? index.name : index.keys;
  select.alias = "e";
  select.items = items_of("e", {"person_id", "slot"});
  select.items.push_back({index.has_own_slots ? number(1) : column("e", "size"), "held"});
  return select;
}

// Only persons that PERSON knows have demographics.
Select SqlWriter::demographic(const DemographicPlan& plan, const IndexStep& index) {
  Select select;
  select.distinct = true;
  select.table = index.name;
  select.alias = "e";
  select.items = items_of("e", {"person_id", "slot"});
  select.items.push_back({number(1), "held"});
  select.joins.push_back({JoinKind::Inner, "person", "p", same_person("p", "e")});
  std::vector<Expr> conditions;
  for (const Condition& each : plan.conditions) {
    conditions.push_back(condition(each, Domain::ObservationPeriod));
  }
  if (!conditions.empty()) select.where = Expr::all_of(std::move(conditions));
  return select;
}

Select SqlWriter::correlated(const CorrelatedPlan& plan, const IndexStep& index,
                             std::string_view name) {
  const std::string found = events(plan.events, name, plan.distinct);
  Select select;
  by_slot(select, "e");
  select.items.push_back({number(1), "held"});
  select.table = index.name;
  select.alias = "e";
  const JoinKind kind = plan.counts_none() ? JoinKind::Left : JoinKind::Inner;
  select.joins.push_back({kind, found, "a", is_pair_of(plan)});
  Expr count = plan.distinct ? Expr::call(Function::CountDistinct, {column("a", "counted_value")})
                             : Expr::call(Function::Count, {column("a", "person_id")});
  // The reference's left join repeats the pairs of a key for each of its index events.
  if (plan.counts_none() && !plan.distinct && !index.has_own_slots) {
    select.joins.push_back({JoinKind::Inner, index.keys, "k", same_person("k", "e", "slot")});
    count = Expr::arithmetic(engine::Arithmetic::Multiply, std::move(count),
                             Expr::call(Function::Max, {column("k", "size")}));
  }
  Expr holds = compared(test_of(plan.test), count, number(plan.count));
  if (!plan.counts_none()) {
    holds = Expr::all_of({compared(engine::Compare::Greater, count, number(0)), std::move(holds)});
  }
  select.having = std::move(holds);
  return select;
}

std::string SqlWriter::group(const GroupPlan& group_, const IndexStep& index,
                             std::string_view name) {
  if (group_.is_empty() || is_full()) return {};
  const std::string own(name);
  std::vector<Select> members;
  for (std::size_t at = 0; at < group_.criteria.size(); ++at) {
    members.push_back(
        correlated(group_.criteria[at], index, own + "_criterion_" + std::to_string(at + 1)));
  }
  for (const DemographicPlan& each : group_.demographics) {
    members.push_back(demographic(each, index));
  }
  for (std::size_t at = 0; at < group_.groups.size(); ++at) {
    const std::string held =
        group(group_.groups[at], index, own + "_group_" + std::to_string(at + 1));
    Select member = whole(index);
    if (!held.empty()) {
      member.table = held;
      member.items.back().expr = number(1);
    }
    members.push_back(std::move(member));
  }
  const std::string found = add(own + "_members", std::move(members));
  Select select;
  by_slot(select, "e");
  select.table = index.has_own_slots ? index.name : index.keys;
  select.alias = "e";
  // A group that may hold for an event without any member must see all of them.
  const bool sees_all =
      group_.type == GroupType::AtMost || (group_.type == GroupType::AtLeast && group_.count == 0);
  select.joins.push_back(
      {sees_all ? JoinKind::Left : JoinKind::Inner, found, "m", same_person("m", "e", "slot")});
  Expr total =
      Expr::call(Function::Coalesce, {Expr::call(Function::Sum, {column("m", "held")}), number(0)});
  if (!index.has_own_slots) {
    total = Expr::arithmetic(engine::Arithmetic::Multiply, std::move(total),
                             Expr::call(Function::Max, {column("e", "size")}));
  }
  select.having = group_test(group_, std::move(total));
  return add(own, std::move(select));
}

}  // namespace eds::cohort
