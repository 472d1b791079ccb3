// The oracle: trends, sequences and sets of cohorts, from docs/reference/cohort-superset.md alone.
#include <cmath>

#include "cohort/oracle_for_test.h"

namespace eds::cohort {
namespace {

using json::Value;

// From the earliest to the latest second that a row may be of.
struct Span {
  long from = 0;
  long to = 0;
  bool is_moment = false;
};

Span span_of(const OracleEvent& event) {
  const long midnight = event.start * 86400L;
  const auto said = event.row->cells.find("measurement_datetime");
  if (said != event.row->cells.end()) {
    const long moment = static_cast<long>(*moment_of(said->second));
    if (moment / 86400 == event.start && moment != midnight) return {moment, moment, true};
  }
  return {midnight, midnight + 86400, false};
}

bool same_visit(Value part, const OracleEvent& a, const OracleEvent& b) {
  return part.string_or("Same", "") != "Visit" || (a.visit && b.visit && *a.visit == *b.visit);
}

bool is_in_time(Value within, const OracleEvent& a, const OracleEvent& b) {
  if (const std::optional<Value> days = given(within, "Days")) {
    return b.start - a.start >= 1 && b.start - a.start <= *days->integer();
  }
  const Span earlier = span_of(a);
  const Span later = span_of(b);
  const bool is_after = earlier.is_moment ? later.from > earlier.from : later.from >= earlier.to;
  return is_after && later.to - earlier.from <= *within.at("Hours")->integer() * 3600;
}

// The unit of a row as a word, or nothing when it has none that is asked.
std::optional<std::string> unit_said(Value trend, const OracleEvent& event) {
  const std::optional<Value> units = given(trend, "Unit");
  const std::optional<Value> texts = given(trend, "UnitText");
  const MaybeNumber unit = event.row->number("unit_concept_id");
  if (unit && *unit != 0) {
    const std::string word = "concept " + std::to_string(*unit);
    if (!units && !texts) return word;
    if (!units) return std::nullopt;
    for (Value each : units->elements()) {
      if (static_cast<double>(each.integer_or("CONCEPT_ID", -1)) == *unit) return word;
    }
    return std::nullopt;
  }
  const auto written = event.row->cells.find("unit_source_value");
  if (!texts || written == event.row->cells.end()) return std::nullopt;
  for (Value each : texts->elements()) {
    if (*each.string() == written->second) return "text " + written->second;
  }
  return std::nullopt;
}

bool changes(Value trend, const OracleEvent& a, const OracleEvent& b) {
  const MaybeNumber before = a.row->number("value_as_number");
  const MaybeNumber after = b.row->number("value_as_number");
  const std::optional<std::string> unit = unit_said(trend, a);
  if (!before || !after || !unit || unit_said(trend, b) != unit) return false;
  const Value change = *trend.at("Change");
  const bool is_ratio = change.string_or("By", "") == "Ratio";
  if (is_ratio && (*before <= 0 || *after <= 0)) return false;
  const double bound = *change.at("Value")->number();
  double value = is_ratio ? *after / *before : *after - *before;
  if (std::abs(value - bound) <= 1e-9 * std::max(1.0, std::abs(bound))) value = bound;
  return op_holds<double>(word(change, "Op", ""), value, bound, 0);
}

bool is_inside(const OracleIndex& index, const OracleEvent& event) {
  return event.row->person == index.person && event.start >= index.op_start &&
         event.start <= index.op_end;
}

// Whether the steps from `step` on can follow `before`.
bool can_follow(Value sequence, const std::vector<std::vector<OracleEvent>>& found,
                const OracleIndex& index, std::size_t step, const OracleEvent& before) {
  if (step == found.size()) return true;
  std::vector<Value> steps;
  for (Value each : sequence.at("Steps")->elements()) steps.push_back(each);
  const auto kind_of = [&](std::size_t at) {
    return (*steps[at].at("Criteria")->members().begin()).first;
  };
  const Value after = *steps[step].at("After");
  const MaybeDay from = word(after, "From", "Start") == "end" ? before.end : before.start;
  if (!from) return false;
  for (const OracleEvent& event : found[step]) {
    if (!is_inside(index, event) || !same_visit(sequence, before, event)) continue;
    const long days = event.start - *from;
    const std::optional<Value> most = given(after, "Max");
    if (days < after.integer_or("Min", 0) || (most && days > *most->integer())) continue;
    if (kind_of(step) == kind_of(step - 1) && event.row->id == before.row->id) continue;
    if (can_follow(sequence, found, index, step + 1, event)) return true;
  }
  return false;
}

}  // namespace

std::set<std::pair<long, long>> Oracle::trend(Value trend, const std::vector<OracleIndex>& index) {
  const std::vector<OracleEvent> found = events(*trend.at("Criteria"));
  const Value window = *trend.at("StartWindow");
  std::set<std::pair<long, long>> kept;
  for (const OracleIndex& each : index) {
    for (const OracleEvent& a : found) {
      if (!is_inside(each, a) || !in_window(window, false, false, each, a)) continue;
      for (const OracleEvent& b : found) {
        if (!is_inside(each, b) || !in_window(window, false, false, each, b)) continue;
        if (!is_in_time(*trend.at("Within"), a, b) || !same_visit(trend, a, b)) continue;
        if (changes(trend, a, b)) kept.insert({each.person, each.key});
      }
    }
  }
  return kept;
}

std::set<std::pair<long, long>> Oracle::sequence(Value sequence,
                                                 const std::vector<OracleIndex>& index) {
  std::vector<std::vector<OracleEvent>> found;
  for (Value step : sequence.at("Steps")->elements()) {
    found.push_back(events(*step.at("Criteria")));
  }
  std::set<std::pair<long, long>> kept;
  for (const OracleIndex& each : index) {
    for (const OracleEvent& first : found.front()) {
      if (!is_inside(each, first)) continue;
      if (!in_window(*sequence.at("StartWindow"), false, false, each, first)) continue;
      if (can_follow(sequence, found, each, 1, first)) kept.insert({each.person, each.key});
    }
  }
  return kept;
}

// Day by day: what a period is made of is not asked.
std::vector<OraclePeriod> Oracle::whole(Value definition) {
  std::string_view operation;
  for (std::string_view each : {"Union", "Intersection", "Difference"}) {
    if (definition.find(each)) operation = each;
  }
  if (operation.empty()) return cohort(definition);
  std::vector<std::vector<OraclePeriod>> members;
  for (Value each : definition.at(operation)->elements()) members.push_back(whole(each));
  const auto covers = [](const std::vector<OraclePeriod>& rows, long person, MaybeDay day) {
    return std::any_of(rows.begin(), rows.end(), [&](const OraclePeriod& row) {
      const auto& [who, start, end] = row;
      return who == person && (!day || (start <= *day && end >= *day));
    });
  };
  if (operation == "Union") {
    std::vector<OraclePeriod> all;
    for (const auto& rows : members) all.insert(all.end(), rows.begin(), rows.end());
    return collapse(all, 0);
  }
  const bool by_day = definition.string_or("By", "Person") == "Day";
  const bool wanted = operation == "Intersection";
  std::vector<OraclePeriod> kept;
  for (const auto& [person, start, end] : collapse(members.front(), 0)) {
    bool is_open = false;
    for (int day = start; day <= end; ++day) {
      bool holds = true;
      for (std::size_t other = 1; other < members.size(); ++other) {
        const MaybeDay asked = by_day ? MaybeDay(day) : std::nullopt;
        holds = holds && covers(members[other], person, asked) == wanted;
      }
      // Neighbouring days of two periods stay two: a period of another member may end between.
      bool ends_before = false;
      for (std::size_t other = 1; by_day && wanted && other < members.size(); ++other) {
        const std::vector<OraclePeriod> theirs = collapse(members[other], 0);
        ends_before =
            ends_before || std::any_of(theirs.begin(), theirs.end(), [&](const auto& row) {
              return std::get<0>(row) == person && std::get<2>(row) == day - 1;
            });
      }
      if (holds && is_open && !ends_before) {
        std::get<2>(kept.back()) = day;
      } else if (holds) {
        kept.emplace_back(person, day, day);
      }
      is_open = holds;
    }
  }
  return kept;
}

}  // namespace eds::cohort
