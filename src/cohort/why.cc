#include "cohort/why.h"

#include <algorithm>

namespace eds::cohort {
namespace {

class Answer {
 public:
  Answer(const EventBase& base, const Plan& plan, const ResolvedSets& sets, Person person)
      : evaluator_(base, plan, sets), plan_(&plan), range_{person, person + 1} {}

  Result<std::vector<WhyLine>> run() {
    const std::vector<IndexEvent> index = evaluator_.entry_events(range_);
    for (std::size_t at = 0; at < index.size(); ++at) add_entry(index[at], ordinal(at));
    if (plan_->additional) add_step("qualified", *plan_->additional, index);
    for (std::size_t rule = 0; rule < plan_->rules.size(); ++rule) {
      const std::string name = "rule " + std::to_string(rule + 1) + ": " + plan_->rules[rule].name;
      add_step(name, plan_->rules[rule].group, index);
    }
    for (const EventQuery& query : plan_->censoring) add_censoring(query, index);
    for (const CohortRow& row : evaluator_.run(range_).rows) add_period(row, index);
    TRY(evaluator_.reader().failure());
    return std::move(lines_);
  }

 private:
  static std::int64_t ordinal(std::size_t at) { return static_cast<std::int64_t>(at) + 1; }

  void add_event(const std::string& step, std::int64_t ordinal, Domain domain,
                 const EventTable& table, const Event& event) {
    WhyLine line;
    line.step = step;
    line.ordinal = ordinal;
    line.domain = domain;
    line.event_id = event.id;
    if (!table.concept_id.empty()) line.concept_id = table.concept_id[event.row];
    line.start = event.start;
    line.end = event.end;
    lines_.push_back(std::move(line));
  }

  // The rows that an entry event may have come from: usually one.
  void add_entry(const IndexEvent& entry, std::int64_t ordinal) {
    for (const EventQuery& query : plan_->entry) {
      const Evaluator::Found found = evaluator_.find(query, {range_, nullptr});
      for (const Event& event : found.events) {
        if (event.start != entry.start || event.end != entry.end || event.visit != entry.visit) {
          continue;
        }
        add_event("entry", ordinal, query.domain, *found.table, event);
      }
    }
  }

  void add_step(const std::string& step, const GroupPlan& group,
                const std::vector<IndexEvent>& index) {
    const std::vector<char> holds = evaluator_.group_holds(group, index);
    for (std::size_t at = 0; at < index.size(); ++at) {
      WhyLine line;
      line.step = step;
      line.ordinal = ordinal(at);
      line.holds = holds[at] != 0;
      lines_.push_back(std::move(line));
      add_evidence(step, group, {index[at]}, ordinal(at));
    }
  }

  // The events about `index` that the criteria of a group count.
  void add_evidence(const std::string& step, const GroupPlan& group,
                    const std::vector<IndexEvent>& index, std::int64_t ordinal) {
    for (const CorrelatedPlan& each : group.criteria) {
      const Evaluator::Found found = evaluator_.find(each.events, {range_, nullptr});
      evaluator_.pairs(each, index, found.events, [&](std::size_t, const Event& event) {
        add_event(step, ordinal, each.events.domain, *found.table, event);
      });
    }
    for (const GroupPlan& inner : group.groups) add_evidence(step, inner, index, ordinal);
    const TakeWitnesses add = [&](std::size_t, std::span<const Witness> witnesses) {
      for (const Witness& each : witnesses) {
        add_event(step, ordinal, each.domain, *each.table, each.event);
      }
    };
    for (const TrendPlan& each : group.trends) evaluator_.trends(each, index, add);
    for (const SequencePlan& each : group.sequences) evaluator_.sequences(each, index, add);
    for (const CohortMemberPlan& each : group.cohorts)
      add_saved(step, each, index.front(), ordinal);
  }

  void add_saved(const std::string& step, const CohortMemberPlan& member, const IndexEvent& index,
                 std::int64_t ordinal) {
    for (const SavedPeriod& period : evaluator_.saved_periods(member.saved, index.person)) {
      WhyLine line;
      line.step = step;
      line.ordinal = ordinal;
      line.start = period.start;
      line.end = period.end;
      line.reason =
          "saved cohort " + member.saved.name + ", version " + std::to_string(member.saved.version);
      lines_.push_back(std::move(line));
    }
  }

  void add_censoring(const EventQuery& query, const std::vector<IndexEvent>& index) {
    const Evaluator::Found found = evaluator_.find(query, {range_, nullptr});
    for (std::size_t at = 0; at < index.size(); ++at) {
      for (const Event& event : found.events) {
        if (event.start < index[at].start || event.start > index[at].period_end) continue;
        add_event("exit", ordinal(at), query.domain, *found.table, event);
        censored_.push_back(event.start);
      }
    }
  }

  void add_period(const CohortRow& row, const std::vector<IndexEvent>& index) {
    WhyLine line;
    line.step = "period";
    line.start = row.start;
    line.end = row.end;
    const auto ends_period = [&](const IndexEvent& event) { return event.period_end == row.end; };
    if (std::find(censored_.begin(), censored_.end(), row.end) != censored_.end()) {
      line.reason = "a censoring event";
    } else if (plan_->window_end == row.end) {
      line.reason = "the censor window";
    } else if (std::any_of(index.begin(), index.end(), ends_period)) {
      line.reason = "the end of the observation period";
    } else if (std::holds_alternative<OffsetEnd>(plan_->end)) {
      line.reason = "the fixed offset";
    } else if (std::holds_alternative<EraEnd>(plan_->end)) {
      line.reason = "the end of a drug era";
    } else {
      line.reason = "periods that touch, taken together";
    }
    lines_.push_back(std::move(line));
  }

  Evaluator evaluator_;
  const Plan* plan_;
  PersonRange range_;
  std::vector<WhyLine> lines_;
  std::vector<Day> censored_;
};

// Each member's lines, then the periods of the whole.
Result<std::vector<WhyLine>> why_whole(const EventBase& base, const Plan& plan,
                                       const ResolvedSets& sets, Person person) {
  std::vector<WhyLine> lines;
  for (std::size_t at = 0; at < plan.members.size(); ++at) {
    for (WhyLine& line : TRY(why(base, plan.members[at], sets, person))) {
      line.step = "member " + std::to_string(at + 1) + ": " + line.step;
      lines.push_back(std::move(line));
    }
  }
  Evaluator evaluator(base, plan, sets);
  for (const CohortRow& row : evaluator.run({person, person + 1}).rows) {
    WhyLine line;
    line.step = "period";
    line.start = row.start;
    line.end = row.end;
    line.reason = "the members, taken together";
    lines.push_back(std::move(line));
  }
  TRY(evaluator.reader().failure());
  return lines;
}

}  // namespace

Result<std::vector<WhyLine>> why(const EventBase& base, const Plan& plan, const ResolvedSets& sets,
                                 Person person) {
  if (plan.operation != SetOperation::None) return why_whole(base, plan, sets, person);
  return Answer(base, plan, sets, person).run();
}

}  // namespace eds::cohort
