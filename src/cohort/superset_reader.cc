// What Circe has no part for: docs/reference/cohort-superset.md.
#include <algorithm>

#include "cohort/definition_reader.h"
#include "cohort/limits.h"

namespace eds::cohort {
namespace {

// A part that the reference would ignore, and so answer another question: refused where it reads.
Result<JsonObject> read_addition(json::Value value, const Place& place, Reading reading) {
  if (reading != Reading::Strict) return refusal(place, "the reference has no such part");
  return JsonObject::of(value, place, Reading::Strict);
}

Result<json::Value> required(JsonObject& object, std::string_view name, std::string_view what) {
  const std::optional<json::Value> value = object.take(name);
  if (!value) return refusal(object.place().member(name), what);
  return *value;
}

Result<Same> read_same(JsonObject& object) {
  const std::optional<std::string> word = TRY(object.text("Same"));
  if (!word) return Same::Nothing;
  if (*word == "Visit") return Same::Visit;
  return refusal(object.place().member("Same"), "Visit is expected");
}

Result<std::optional<std::int64_t>> read_length(JsonObject& object, std::string_view name,
                                                std::int64_t least) {
  const std::optional<std::int64_t> length = TRY(read_days(object, name));
  if (length && *length < least) {
    return refusal(object.place().member(name),
                   least == 0 ? "0 or more is expected" : "1 or more is expected");
  }
  return length;
}

Status read_change(json::Value value, const Place& place, Trend& trend) {
  JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
  const std::string by = TRY(object.required_text("By"));
  if (by != "Ratio" && by != "Difference") {
    return refusal(place.member("By"), "Ratio or Difference is expected");
  }
  trend.by = by == "Ratio" ? ChangeBy::Ratio : ChangeBy::Difference;
  trend.op = TRY(read_compare(object));
  const bool is_known = trend.op == Compare::Less || trend.op == Compare::LessOrEqual ||
                        trend.op == Compare::Greater || trend.op == Compare::GreaterOrEqual;
  if (!is_known) return refusal(place.member("Op"), "lt, lte, gt or gte is expected");
  const std::optional<double> number = TRY(object.number("Value"));
  if (!number) return refusal(place.member("Value"), "a number is missing");
  trend.value = *number;
  TRY(object.finish());
  return {};
}

Status read_within(json::Value value, const Place& place, Trend& trend) {
  JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
  trend.hours = TRY(read_length(object, "Hours", 1));
  trend.days = TRY(read_length(object, "Days", 1));
  if (trend.hours.has_value() == trend.days.has_value()) {
    return refusal(place, "Hours or Days is expected");
  }
  TRY(object.finish());
  return {};
}

Result<SequenceStep> read_step(json::Value value, const Place& place, bool is_first) {
  JsonObject object = TRY(JsonObject::of(value, place, Reading::Strict));
  SequenceStep step;
  const json::Value criteria = TRY(required(object, "Criteria", "a criterion is missing"));
  step.criteria = TRY(read_criteria(criteria, place.member("Criteria"), Reading::Strict));
  const std::optional<json::Value> after = object.take("After");
  const Place inside = place.member("After");
  if (is_first && after) return refusal(inside, "the first step comes after nothing");
  if (!is_first && !after) return refusal(inside, "how long after the step before is missing");
  if (after) {
    JsonObject days = TRY(JsonObject::of(*after, inside, Reading::Strict));
    const std::optional<std::int64_t> least = TRY(read_length(days, "Min", 0));
    if (!least) return refusal(inside.member("Min"), "a number is missing");
    step.days_min = *least;
    step.days_max = TRY(read_length(days, "Max", 0));
    if (step.days_max && *step.days_max < step.days_min) {
      return refusal(inside.member("Max"), "it is below Min");
    }
    const std::optional<std::string> from = TRY(days.text("From"));
    if (from && *from != "Start" && *from != "End") {
      return refusal(inside.member("From"), "Start or End is expected");
    }
    if (from && *from == "End") step.from = DateSide::End;
    TRY(days.finish());
  }
  step.extras = TRY(object.finish());
  return step;
}

}  // namespace

Result<Trend> read_trend(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(read_addition(value, place, reading));
  Trend trend;
  const json::Value criteria = TRY(required(object, "Criteria", "a criterion is missing"));
  trend.criteria = TRY(read_criteria(criteria, place.member("Criteria"), Reading::Strict));
  if (trend.criteria.domain != Domain::Measurement) {
    return refusal(place.member("Criteria"), "a Measurement is expected");
  }
  const json::Value change = TRY(required(object, "Change", "a change is missing"));
  TRY(read_change(change, place.member("Change"), trend));
  const json::Value within = TRY(required(object, "Within", "a length of time is missing"));
  TRY(read_within(within, place.member("Within"), trend));
  const json::Value window = TRY(required(object, "StartWindow", "a window is missing"));
  trend.start_window = TRY(read_window(window, place.member("StartWindow"), Reading::Strict));
  if (const std::optional<json::Value> units = object.take("Unit")) {
    trend.units = TRY(read_concepts(*units, place.member("Unit")));
  }
  if (const std::optional<json::Value> texts = object.take("UnitText")) {
    const Place list = place.member("UnitText");
    if (texts->type() != json::Type::Array || texts->size() == 0) {
      return refusal(list, "a list of texts is expected");
    }
    for (json::Value text : texts->elements()) {
      const bool is_text = text.type() == json::Type::String && !text.string()->empty();
      if (!is_text) return refusal(list.element(trend.unit_texts.size()), "a text is expected");
      trend.unit_texts.emplace_back(*text.string());
    }
  }
  // 26.5 is of umol/L alone: a difference without its unit has no meaning.
  if (trend.by == ChangeBy::Difference && (!trend.units || trend.units->empty()) &&
      trend.unit_texts.empty()) {
    return refusal(place.member("Unit"), "a difference needs the units that it is said in");
  }
  trend.same = TRY(read_same(object));
  trend.extras = TRY(object.finish());
  return trend;
}

Result<Sequence> read_sequence(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(read_addition(value, place, reading));
  Sequence sequence;
  const json::Value steps = TRY(required(object, "Steps", "a list is expected"));
  const Place list = place.member("Steps");
  if (steps.type() != json::Type::Array) return refusal(list, "a list is expected");
  if (steps.size() < 2) return refusal(list, "two steps or more are expected");
  if (steps.size() > kSequenceStepsMax) {
    return Error{Code::Limit,
                 "cohort definition: more steps than kSequenceStepsMax, at " + list.text()};
  }
  for (json::Value element : steps.elements()) {
    const std::size_t index = sequence.steps.size();
    sequence.steps.push_back(TRY(read_step(element, list.element(index), index == 0)));
  }
  const json::Value window = TRY(required(object, "StartWindow", "a window is missing"));
  sequence.start_window = TRY(read_window(window, place.member("StartWindow"), Reading::Strict));
  sequence.same = TRY(read_same(object));
  sequence.extras = TRY(object.finish());
  return sequence;
}

Result<NormalRange> read_normal(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(read_addition(value, place, reading));
  NormalRange normal;
  normal.range = TRY(read_range(object));
  normal.otherwise = TRY(object.number("Otherwise"));
  if (normal.otherwise && *normal.otherwise <= 0) {
    return refusal(place.member("Otherwise"), "a number above 0 is expected");
  }
  if (const std::optional<json::Value> units = object.take("Unit")) {
    normal.units = TRY(read_concepts(*units, place.member("Unit")));
  }
  if (normal.otherwise.has_value() == normal.units.empty()) {
    return refusal(place.member(normal.otherwise ? "Unit" : "Otherwise"),
                   "a bound and the units that it is said in are expected together");
  }
  normal.range.extras = TRY(object.finish());
  return normal;
}

// A saved name moves with each version: the version is required.
Result<SavedReference> read_saved(JsonObject& object) {
  SavedReference saved;
  saved.name = TRY(object.required_text("Name"));
  saved.version = TRY(object.required_integer("Version"));
  if (saved.name.empty()) return refusal(object.place().member("Name"), "a name is expected");
  if (saved.version < 1) {
    return refusal(object.place().member("Version"), "1 or more is expected");
  }
  return saved;
}

Result<CohortMember> read_cohort_member(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(read_addition(value, place, reading));
  CohortMember member;
  member.saved = TRY(read_saved(object));
  const std::string relation = TRY(object.required_text("Relation"));
  if (relation != "During" && relation != "Ever" && relation != "Starts") {
    return refusal(place.member("Relation"), "During, Ever or Starts is expected");
  }
  member.relation = relation == "During" ? Relation::During
                    : relation == "Ever" ? Relation::Ever
                                         : Relation::Starts;
  const Place inside = place.member("StartWindow");
  if (const std::optional<json::Value> window = object.take("StartWindow")) {
    if (member.relation != Relation::Starts) return refusal(inside, "it is of Starts alone");
    member.start_window = TRY(read_window(*window, inside, Reading::Strict));
  } else if (member.relation == Relation::Starts) {
    return refusal(inside, "a window is missing");
  }
  member.is_absent = TRY(object.boolean("Absent"));
  member.extras = TRY(object.finish());
  return member;
}

}  // namespace eds::cohort
