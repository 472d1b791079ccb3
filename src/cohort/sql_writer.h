// SqlWriter: the steps of a cohort's statement, one after the other.
//
// Invariants: every step is named after its part of the definition and reads only earlier ones. A
// step of events has the columns person_id, event_id, start_date, end_date, sort_date, visit_id; a
// step of index events also slot, op_start_date and op_end_date. A slot is what a group holds for:
// an index event or, where the plan counts repeated keys, all index events of one key.
// Threads: one thread at a time.
// Source: docs/reference/cohort.md.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/plan.h"
#include "engine/statement.h"

namespace eds::cohort {

/// A column of a step, or of a table, as an expression.
inline engine::Expr column(std::string_view alias, std::string_view name) {
  return engine::Expr::column(alias, name);
}
inline engine::Expr number(std::int64_t value) {
  return engine::Expr::literal(value);
}
engine::Expr compared(engine::Compare how, engine::Expr left, engine::Expr right);
/// The items named, each as the column of that name.
std::vector<engine::Item> items_of(std::string_view alias,
                                   std::initializer_list<std::string_view> names);
/// `left` and `right` are about the same person; with `also`, about the same of that column too.
engine::Expr same_person(std::string_view left, std::string_view right, std::string_view also = "");

class SqlWriter {
 public:
  explicit SqlWriter(const Plan& plan) : plan_(&plan), set_names_(plan.sets.size()) {}

  /// Adds a step and gives its name, which begins as asked.
  std::string add(std::string_view name, std::vector<engine::Select> parts);
  std::string add(std::string_view name, engine::Select select);
  std::vector<engine::Step> take_steps() { return std::move(steps_); }
  std::size_t step_count() const { return steps_.size(); }
  bool is_full() const;

  /// The step that holds the concept ids of a set.
  std::string set_step(SetIndex set);
  /// The step that holds the events of a query; with `counted`, also the column counted_value.
  std::string events(const EventQuery& query, std::string_view name,
                     std::optional<Field> counted = {});

  struct IndexStep {
    std::string name;
    bool has_own_slots = true;  ///< no slot holds two index events
    std::string keys;           ///< person_id, slot, size, when slots are shared
  };
  /// The step of the slots that the group holds for: person_id, slot. Empty: it holds for all.
  std::string group(const GroupPlan& group, const IndexStep& index, std::string_view name);

 private:
  struct Joins {
    bool person = false;
    bool provider = false;
    bool visit = false;
    bool care_site = false;
    void add(Field field);
    void write(engine::Select& select) const;
  };
  std::string members(const SetRecipe& recipe, bool excluded, const std::string& name);
  std::string raw_events(const EventQuery& query, std::string_view name,
                         const std::vector<std::string>& columns);
  std::string shifted(const EventQuery& query, const std::string& from, std::string_view name,
                      const std::vector<std::string>& columns);
  std::string nested(const EventQuery& query, const std::string& from, std::string_view name,
                     bool is_counted);
  engine::Expr value_of(Field field, Domain domain) const;
  engine::Expr condition(const Condition& condition, Domain domain);
  engine::Select demographic(const DemographicPlan& plan, const IndexStep& index);
  engine::Select correlated(const CorrelatedPlan& plan, const IndexStep& index,
                            std::string_view name);
  engine::Select whole(const IndexStep& index) const;

  const Plan* plan_;
  std::vector<engine::Step> steps_;
  std::vector<std::string> set_names_;
};

}  // namespace eds::cohort
