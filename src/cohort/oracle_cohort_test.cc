// The oracle: groups, entry, exit and periods (sections 3 to 5 of the page).
#include "cohort/oracle_for_test.h"

namespace eds::cohort {
namespace {

using json::Value;

int day_in(Value object, std::string_view name) {
  return *day_of(std::string(object.string_or(name, "")));
}

bool count_holds(Value occurrence, long count) {
  const long wanted = occurrence.integer_or("Count", 0);
  const long type = occurrence.integer_or("Type", 2);
  return type == 0 ? count == wanted : type == 1 ? count <= wanted : count >= wanted;
}

}  // namespace

bool in_window(Value window, bool event_end_by_default, bool ignores_period,
               const OracleIndex& index, const OracleEvent& event) {
  const bool of_end = window.boolean_or("UseEventEnd", event_end_by_default);
  const bool of_index_end = window.boolean_or("UseIndexEnd", false);
  const MaybeDay day = of_end ? event.end : MaybeDay(event.start);
  const MaybeDay from = of_index_end ? index.end : MaybeDay(index.start);
  for (const std::string_view side : {"Start", "End"}) {
    const Value bound = *window.at(side);
    const long coefficient = bound.integer_or("Coeff", 0);
    const std::optional<Value> days = given(bound, "Days");
    MaybeDay limit;
    if (days) {
      if (!from) return false;
      limit = *from + static_cast<int>(coefficient * *days->integer());
    } else if (ignores_period) {
      continue;
    } else {
      limit = coefficient == -1 ? index.op_start : index.op_end;
    }
    if (!day) return false;
    if (side == "Start" ? *day < *limit : *day > *limit) return false;
  }
  return true;
}

MaybeNumber Oracle::counted(std::string_view kind, std::string_view column,
                            const OracleEvent& event) {
  const bool is_one_day = oracle_kind(kind)->end.empty();
  const auto length = [&] {
    return event.end ? MaybeNumber(*event.end - event.start) : std::nullopt;
  };
  if (column == "START_DATE") return event.start;
  if (column == "END_DATE") return event.end ? MaybeNumber(*event.end) : std::nullopt;
  if (column == "DURATION") return is_one_day ? MaybeNumber(1) : length();
  if (column == "VISIT_ID") return event.visit;
  if (column == "DOMAIN_CONCEPT") {
    const MaybeNumber id = event.row->number(oracle_kind(kind)->concept_id);
    return kind == "Death" && !id ? MaybeNumber(0) : id;
  }
  if (column == "VALUE_AS_NUMBER" && kind == "DoseEra") return event.row->number("dose_value");
  if (column == "ERA_OCCURRENCES") {
    return event.row->number(kind == "DrugEra" ? "drug_exposure_count"
                                               : "condition_occurrence_count");
  }
  if (column == "UNIT") return event.row->number("unit_concept_id");
  std::string name(column);
  for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
  return event.row->number(name);
}

// Section 4: the keys for which a correlated criterion holds.
std::set<std::pair<long, long>> Oracle::correlated(Value criteria,
                                                   const std::vector<OracleIndex>& index) {
  const Value wrapped = *criteria.at("Criteria");
  const std::vector<OracleEvent> found = events(wrapped);
  const Value occurrence = *criteria.at("Occurrence");
  const bool ignores_period = criteria.boolean_or("IgnoreObservationPeriod", false);
  const std::optional<Value> end_window = given(criteria, "EndWindow");
  std::map<std::pair<long, long>, long> pairs;
  std::map<std::pair<long, long>, std::set<double>> values;
  for (const OracleIndex& each : index) {
    const std::pair key{each.person, each.key};
    pairs[key] += 0;
    for (const OracleEvent& event : found) {
      if (event.row->person != each.person) continue;
      const bool is_inside = event.start >= each.op_start && event.start <= each.op_end;
      if (!ignores_period && !is_inside) continue;
      const bool same_visit = event.visit && each.visit && *event.visit == *each.visit;
      if (criteria.boolean_or("RestrictVisit", false) && !same_visit) continue;
      if (!in_window(*criteria.at("StartWindow"), false, ignores_period, each, event)) continue;
      if (end_window && !in_window(*end_window, true, ignores_period, each, event)) continue;
      ++pairs[key];
      const MaybeNumber value =
          counted((*wrapped.members().begin()).first,
                  occurrence.string_or("CountColumn", "DOMAIN_CONCEPT"), event);
      if (value) values[key].insert(*value);
    }
  }
  const bool sees_none =
      occurrence.integer_or("Type", 2) == 1 || occurrence.integer_or("Count", 0) == 0;
  std::set<std::pair<long, long>> kept;
  for (const auto& [key, count] : pairs) {
    const bool is_distinct = occurrence.boolean_or("IsDistinct", false);
    const long number = is_distinct ? static_cast<long>(values[key].size()) : count;
    if ((number > 0 || sees_none) && count_holds(occurrence, number)) kept.insert(key);
  }
  return kept;
}

std::set<std::pair<long, long>> Oracle::group(Value group_, const std::vector<OracleIndex>& index) {
  std::map<std::pair<long, long>, long> multiplicity;
  for (const OracleIndex& each : index) ++multiplicity[{each.person, each.key}];
  std::vector<std::set<std::pair<long, long>>> members;
  const auto list = [&](std::string_view name, auto take) {
    const std::optional<Value> found = given(group_, name);
    if (!found) return;
    for (Value each : found->elements()) take(each);
  };
  list("CriteriaList", [&](Value each) { members.push_back(correlated(each, index)); });
  list("DemographicCriteriaList", [&](Value each) {
    std::set<std::pair<long, long>> kept;
    for (const OracleIndex& at : index) {
      if (demographic_holds(each, at)) kept.insert({at.person, at.key});
    }
    members.push_back(kept);
  });
  list("Groups", [&](Value each) { members.push_back(group(each, index)); });
  list("Trends", [&](Value each) { members.push_back(trend(each, index)); });
  list("Sequences", [&](Value each) { members.push_back(sequence(each, index)); });
  std::set<std::pair<long, long>> kept;
  const std::string type = word(group_, "Type", "ALL");
  const long wanted = group_.integer_or("Count", 0);
  for (const auto& [key, times] : multiplicity) {
    long count = 0;
    for (const auto& member : members) count += member.count(key) != 0 ? times : 0;
    bool does = members.empty();
    if (!members.empty() && type == "all") does = count == static_cast<long>(members.size());
    if (!members.empty() && type == "any") does = count > 0;
    if (!members.empty() && type == "at_least")
      does = count >= wanted && (count > 0 || wanted == 0);
    if (!members.empty() && type == "at_most") does = count <= wanted;
    if (does) kept.insert(key);
  }
  return kept;
}

namespace {

// One event a person: by start, then the smallest key.
void keep_one(std::vector<OracleIndex>& events, const std::string& limit) {
  if (limit == "all") return;
  std::map<long, OracleIndex> best;
  for (const OracleIndex& event : events) {
    const auto [found, is_new] = best.emplace(event.person, event);
    if (is_new) continue;
    OracleIndex& held = found->second;
    const bool is_further = limit == "last" ? event.start > held.start : event.start < held.start;
    if (is_further || (event.start == held.start && event.key < held.key)) held = event;
  }
  events.clear();
  for (const auto& [person, event] : best) events.push_back(event);
}

std::string limit_of(Value object, std::string_view name) {
  const std::optional<Value> limit = given(object, name);
  return limit ? word(*limit, "Type", "First") : "first";
}

}  // namespace

// Section 3.
std::vector<OracleIndex> Oracle::entry(Value definition) {
  const Value primary = *definition.at("PrimaryCriteria");
  const Value window = *primary.at("ObservationWindow");
  const std::string limit = limit_of(primary, "PrimaryCriteriaLimit");
  std::vector<OracleIndex> all;
  for (Value criteria : primary.at("CriteriaList")->elements()) {
    for (const OracleIndex& each : in_periods(events(criteria))) {
      if (each.op_start + window.integer_or("PriorDays", 0) > each.start) continue;
      if (each.start + window.integer_or("PostDays", 0) > each.op_end) continue;
      all.push_back(each);
    }
  }
  std::stable_sort(all.begin(), all.end(), [&](const OracleIndex& a, const OracleIndex& b) {
    if (a.person != b.person) return a.person < b.person;
    if (a.sort != b.sort) return limit == "last" ? a.sort > b.sort : a.sort < b.sort;
    return a.id < b.id;
  });
  std::vector<OracleIndex> kept;
  for (OracleIndex& each : all) {
    const bool is_new = kept.empty() || kept.back().person != each.person;
    if (!is_new && limit != "all") continue;
    each.key = is_new ? 1 : kept.back().key + 1;
    kept.push_back(each);
  }
  return kept;
}

std::vector<OraclePeriod> Oracle::collapse(std::vector<OraclePeriod> periods, int pad) {
  std::sort(periods.begin(), periods.end(), [](const OraclePeriod& a, const OraclePeriod& b) {
    return std::tuple(std::get<0>(a), std::get<1>(a), -std::get<2>(a)) <
           std::tuple(std::get<0>(b), std::get<1>(b), -std::get<2>(b));
  });
  std::vector<OraclePeriod> merged;
  for (const auto& [person, start, end] : periods) {
    if (!merged.empty() && std::get<0>(merged.back()) == person &&
        start <= std::get<2>(merged.back())) {
      std::get<2>(merged.back()) = std::max(std::get<2>(merged.back()), end + pad);
    } else {
      merged.emplace_back(person, start, end + pad);
    }
  }
  return merged;
}

// Section 5.
std::vector<OraclePeriod> Oracle::exits(Value definition,
                                        const std::vector<OracleIndex>& included) {
  std::vector<std::vector<OracleEvent>> censoring;
  if (const std::optional<Value> list = given(definition, "CensoringCriteria")) {
    for (Value criteria : list->elements()) censoring.push_back(events(criteria));
  }
  const std::optional<Value> strategy = given(definition, "EndStrategy");
  const std::optional<Value> offset = strategy ? given(*strategy, "DateOffset") : std::nullopt;
  const std::optional<Value> era = strategy ? given(*strategy, "CustomEra") : std::nullopt;
  std::vector<OraclePeriod> eras;
  if (era) {
    std::vector<OraclePeriod> exposures;
    const int gap = static_cast<int>(era->integer_or("GapDays", 0));
    const std::optional<Value> supply = given(*era, "DaysSupplyOverride");
    for (const OracleRow& row : tables_["DrugExposure"]) {
      const long set = era->integer_or("DrugCodesetId", -1);
      if (!in_set(set, row.number("drug_concept_id")) &&
          !in_set(set, row.number("drug_source_concept_id"))) {
        continue;
      }
      exposures.emplace_back(row.person, row.start,
                             supply ? row.start + static_cast<int>(*supply->integer())
                                    : *default_end(*oracle_kind("DrugExposure"), row));
    }
    eras = collapse(exposures, gap + static_cast<int>(era->integer_or("Offset", 0)));
    for (OraclePeriod& each : eras) std::get<2>(each) -= gap;
  }
  std::vector<OraclePeriod> periods;
  for (const OracleIndex& event : included) {
    MaybeDay exit;
    const auto offer = [&](MaybeDay day) {
      if (day && *day >= event.start && (!exit || *day < *exit)) exit = day;
    };
    if (offset) {
      const bool of_end = word(*offset, "DateField", "StartDate") == "enddate";
      const MaybeDay from = of_end ? event.end : MaybeDay(event.start);
      if (from) {
        offer(std::min(*from + static_cast<int>(offset->integer_or("Offset", 0)), event.op_end));
      }
    } else {
      offer(event.op_end);
    }
    for (const auto& [person, start, end] : eras) {
      if (person == event.person && event.start >= start && event.start <= end) offer(end);
    }
    for (const auto& found : censoring) {
      for (const OracleEvent& each : found) {
        if (each.row->person != event.person) continue;
        if (each.start >= event.start && each.start <= event.op_end) offer(each.start);
      }
    }
    if (exit) periods.emplace_back(event.person, event.start, *exit);
  }
  return periods;
}

std::vector<OraclePeriod> Oracle::cohort(Value definition) {
  read_sets(definition);
  std::vector<OracleIndex> events_ = entry(definition);
  const auto keep = [&](Value criteria) {
    const std::set<std::pair<long, long>> kept = group(criteria, events_);
    std::erase_if(events_, [&](const OracleIndex& each) {
      return kept.count({each.person, each.key}) == 0;
    });
  };
  if (const std::optional<Value> additional = given(definition, "AdditionalCriteria")) {
    keep(*additional);
    keep_one(events_, limit_of(definition, "QualifiedLimit"));
  }
  if (const std::optional<Value> rules = given(definition, "InclusionRules")) {
    for (Value rule : rules->elements()) keep(*rule.at("expression"));
  }
  keep_one(events_, limit_of(definition, "ExpressionLimit"));
  const std::optional<Value> settings = given(definition, "CollapseSettings");
  const int pad = settings ? static_cast<int>(settings->integer_or("EraPad", 0)) : 0;
  std::vector<OraclePeriod> rows;
  const std::optional<Value> window = given(definition, "CensorWindow");
  for (auto [person, start, end] : collapse(exits(definition, events_), pad)) {
    end -= pad;
    const bool cuts_start = window && given(*window, "StartDate");
    const bool cuts_end = window && given(*window, "EndDate");
    if (cuts_start) start = std::max(start, day_in(*window, "StartDate"));
    if (cuts_end) end = std::min(end, day_in(*window, "EndDate"));
    if ((cuts_start || cuts_end) && start > end) continue;
    rows.emplace_back(person, start, end);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

}  // namespace eds::cohort
