#include "cohort/definition_reader.h"

#include <algorithm>
#include <cctype>

#include "base/ascii.h"
#include "cohort/limits.h"

namespace eds::cohort {
namespace {

// What WebAPI, Atlas and packages add to a definition that says nothing about the cohort.
constexpr std::string_view kAdministrative[] = {
    "id",           "name",           "description",   "createdBy", "modifiedBy",    "createdDate",
    "modifiedDate", "hasWriteAccess", "hasReadAccess", "tags",      "expressionType"};

Result<ConceptItem> read_item(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  ConceptItem item;
  const std::optional<json::Value> body = object.take("concept");
  const Place inside = place.member("concept");
  if (!body) return refusal(inside, "a concept is missing");
  item.concept_ = TRY(read_concept(*body, inside));
  item.is_excluded = TRY(object.boolean("isExcluded"));
  item.include_descendants = TRY(object.boolean("includeDescendants"));
  item.include_mapped = TRY(object.boolean("includeMapped"));
  item.extras = TRY(object.finish());
  return item;
}

Result<ConceptSet> read_concept_set(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  ConceptSet set;
  set.id = TRY(object.required_integer("id"));
  set.name = TRY(object.text("name"));
  const std::optional<json::Value> expression = object.take("expression");
  const Place inside = place.member("expression");
  if (!expression) return refusal(inside, "an expression is missing");
  JsonObject body = TRY(JsonObject::of(*expression, inside, reading));
  const std::optional<json::Value> items = body.take("items");
  const Place list = inside.member("items");
  if (!items || items->type() != json::Type::Array) return refusal(list, "a list is expected");
  if (items->size() > kConceptItemsMax) {
    return Error{Code::Limit,
                 "cohort definition: more items than kConceptItemsMax, at " + list.text()};
  }
  set.items.reserve(items->size());
  for (json::Value element : items->elements()) {
    set.items.push_back(TRY(read_item(element, list.element(set.items.size()), reading)));
  }
  set.expression_extras = TRY(body.finish());
  // Atlas lists keep administrative members on their sets too.
  set.extras = object.keep_rest();
  return set;
}

Result<std::optional<Limit>> read_limit(JsonObject& parent, std::string_view name) {
  const std::optional<json::Value> value = parent.take(name);
  if (!value) return std::optional<Limit>();
  const Place place = parent.place().member(name);
  JsonObject object = TRY(JsonObject::of(*value, place, parent.reading()));
  Limit limit;
  limit.has_type = object.has("Type");
  limit.type = TRY(object.text("Type"));
  if (limit.type && parent.reading() == Reading::Strict) {
    const std::string lower = lower_ascii(*limit.type);
    if (lower != "all" && lower != "first" && lower != "last") {
      return refusal(place.member("Type"), "All, First or Last is expected");
    }
  }
  limit.extras = TRY(object.finish());
  return std::optional<Limit>(std::move(limit));
}

Result<std::vector<Criteria>> read_criteria_list(json::Value value, const Place& place,
                                                 Reading reading) {
  if (value.type() != json::Type::Array) return refusal(place, "a list is expected");
  if (value.size() > kCriteriaMax) {
    return Error{Code::Limit,
                 "cohort definition: more members than kCriteriaMax, at " + place.text()};
  }
  std::vector<Criteria> list;
  for (json::Value element : value.elements()) {
    list.push_back(TRY(read_criteria(element, place.element(list.size()), reading)));
  }
  return list;
}

Result<PrimaryCriteria> read_primary(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  PrimaryCriteria primary;
  const std::optional<json::Value> list = object.take("CriteriaList");
  const Place list_place = place.member("CriteriaList");
  if (!list) return refusal(list_place, "the entry events are missing");
  primary.criteria = TRY(read_criteria_list(*list, list_place, reading));
  if (primary.criteria.empty()) return refusal(list_place, "the list of entry events is empty");
  const std::optional<json::Value> window = object.take("ObservationWindow");
  const Place window_place = place.member("ObservationWindow");
  if (!window) return refusal(window_place, "the observation window is missing");
  JsonObject days = TRY(JsonObject::of(*window, window_place, reading));
  primary.prior_days = TRY(read_days(days, "PriorDays"));
  primary.post_days = TRY(read_days(days, "PostDays"));
  primary.window_extras = TRY(days.finish());
  primary.limit = TRY(read_limit(object, "PrimaryCriteriaLimit"));
  if (primary.limit && primary.limit->has_type && !primary.limit->type) {
    const Place limit = place.member("PrimaryCriteriaLimit");
    return refusal(limit.member("Type"), "All, First or Last is expected");
  }
  primary.extras = TRY(object.finish());
  return primary;
}

Result<InclusionRule> read_rule(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  InclusionRule rule;
  rule.name = TRY(object.text("name"));
  rule.description = TRY(object.text("description"));
  const std::optional<json::Value> expression = object.take("expression");
  const Place inside = place.member("expression");
  if (!expression) return refusal(inside, "an expression is missing");
  rule.expression = TRY(read_group(*expression, inside, reading));
  rule.extras = TRY(object.finish());
  return rule;
}

Result<DateOffsetEnd> read_date_offset(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  DateOffsetEnd end;
  const std::optional<std::string> field = TRY(object.text("DateField"));
  if (field && *field != "StartDate" && *field != "EndDate") {
    return refusal(place.member("DateField"), "StartDate or EndDate is expected");
  }
  if (field) end.field = *field == "EndDate" ? DateSide::End : DateSide::Start;
  end.offset = TRY(read_days(object, "Offset"));
  end.extras = TRY(object.finish());
  return end;
}

Result<CustomEraEnd> read_custom_era(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  CustomEraEnd end;
  end.codeset = TRY(object.required_integer("DrugCodesetId"));
  end.gap_days = TRY(read_days(object, "GapDays"));
  end.offset = TRY(read_days(object, "Offset"));
  end.days_supply_override = TRY(read_days(object, "DaysSupplyOverride"));
  end.extras = TRY(object.finish());
  return end;
}

Result<decltype(Definition::end_strategy)> read_end_strategy(json::Value value, const Place& place,
                                                             Reading reading) {
  if (value.type() != json::Type::Object || value.size() != 1) {
    return refusal(place, "DateOffset or CustomEra is expected");
  }
  const auto [name, body] = *value.members().begin();
  const Place inside = place.member(name);
  if (name == "DateOffset") {
    return decltype(Definition::end_strategy)(TRY(read_date_offset(body, inside, reading)));
  }
  if (name == "CustomEra") {
    return decltype(Definition::end_strategy)(TRY(read_custom_era(body, inside, reading)));
  }
  return refusal(inside, "DateOffset or CustomEra is expected");
}

Result<CollapseSettings> read_collapse(json::Value value, const Place& place, Reading reading) {
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  CollapseSettings collapse;
  collapse.type = TRY(object.text("CollapseType"));
  if (collapse.type && *collapse.type != "ERA") {
    return refusal(place.member("CollapseType"), "ERA is expected");
  }
  collapse.era_pad = TRY(read_days(object, "EraPad"));
  collapse.extras = TRY(object.finish());
  return collapse;
}

Result<std::optional<std::vector<ConceptSet>>> read_concept_sets(JsonObject& object) {
  const std::optional<json::Value> value = object.take("ConceptSets");
  if (!value) return std::optional<std::vector<ConceptSet>>();
  const Place place = object.place().member("ConceptSets");
  if (value->type() != json::Type::Array) return refusal(place, "a list is expected");
  std::vector<ConceptSet> sets;
  for (json::Value element : value->elements()) {
    const Place each = place.element(sets.size());
    ConceptSet set = TRY(read_concept_set(element, each, object.reading()));
    const bool again = std::any_of(sets.begin(), sets.end(),
                                   [&](const ConceptSet& other) { return other.id == set.id; });
    if (again) return refusal(each.member("id"), "two concept sets have the same id");
    sets.push_back(std::move(set));
  }
  return std::optional<std::vector<ConceptSet>>(std::move(sets));
}

Result<std::optional<std::vector<InclusionRule>>> read_rules(JsonObject& object) {
  const std::optional<json::Value> value = object.take("InclusionRules");
  if (!value) return std::optional<std::vector<InclusionRule>>();
  const Place place = object.place().member("InclusionRules");
  if (value->type() != json::Type::Array) return refusal(place, "a list is expected");
  if (value->size() > kInclusionRulesMax) {
    return Error{Code::Limit, "cohort definition: more rules than kInclusionRulesMax"};
  }
  std::vector<InclusionRule> rules;
  for (json::Value element : value->elements()) {
    rules.push_back(TRY(read_rule(element, place.element(rules.size()), object.reading())));
  }
  return std::optional<std::vector<InclusionRule>>(std::move(rules));
}

Result<Extras> finish_definition(JsonObject& object) {
  Extras administrative;
  for (std::string_view name : kAdministrative) {
    const std::optional<json::Value> value = object.take(name);
    if (value) administrative.push_back({std::string(name), json_text(*value)});
  }
  Extras extras = TRY(object.finish());
  extras.insert(extras.end(), administrative.begin(), administrative.end());
  return extras;
}

constexpr std::pair<std::string_view, SetOperation> kOperations[] = {
    {"Union", SetOperation::Union},
    {"Intersection", SetOperation::Intersection},
    {"Difference", SetOperation::Difference},
    {"SavedCohort", SetOperation::Saved}};

std::optional<std::pair<std::string_view, SetOperation>> operation_of(json::Value value) {
  if (value.type() != json::Type::Object || value.find("PrimaryCriteria")) return std::nullopt;
  for (const auto& each : kOperations) {
    if (value.find(each.first)) return each;
  }
  return std::nullopt;
}

Result<Definition> read_whole(json::Value value, const Place& place, Reading reading,
                              std::size_t depth, std::size_t& count);

// {"Union": [...]} and its like.
Result<Definition> read_operation(JsonObject& object, std::string_view name, SetOperation operation,
                                  std::size_t depth, std::size_t& count) {
  const Place list = object.place().member(name);
  if (object.reading() != Reading::Strict) return refusal(list, "the reference has no such part");
  if (depth >= kCohortDepthMax) {
    return Error{
        Code::Limit,
        "cohort definition: cohorts are nested deeper than kCohortDepthMax, at " + list.text()};
  }
  Definition definition;
  definition.operation = operation;
  if (operation == SetOperation::Saved) {
    const std::optional<json::Value> saved = object.take(name);
    if (!saved) return refusal(list, "a name and a version are expected");
    JsonObject inside = TRY(JsonObject::of(*saved, list, object.reading()));
    definition.saved = TRY(read_saved(inside));
    TRY(inside.finish());
    definition.extras = TRY(finish_definition(object));
    return definition;
  }
  const std::optional<json::Value> members = object.take(name);
  if (!members || members->type() != json::Type::Array || members->size() < 2) {
    return refusal(list, "a list of two cohorts or more is expected");
  }
  for (json::Value element : members->elements()) {
    const Place each = list.element(definition.members.size());
    definition.members.push_back(
        TRY(read_whole(element, each, object.reading(), depth + 1, count)));
  }
  if (operation != SetOperation::Union) {
    const std::optional<std::string> by = TRY(object.text("By"));
    if (by && *by != "Person" && *by != "Day") {
      return refusal(object.place().member("By"), "Person or Day is expected");
    }
    if (by) definition.by = *by == "Day" ? SetUnit::Day : SetUnit::Person;
  }
  definition.extras = TRY(finish_definition(object));
  return definition;
}

Result<Definition> read_one(JsonObject& object) {
  const Place& place = object.place();
  const Reading reading = object.reading();
  Definition definition;
  definition.title = TRY(object.text("Title"));
  definition.cdm_version_range = TRY(object.text("cdmVersionRange"));
  definition.concept_sets = TRY(read_concept_sets(object));
  const std::optional<json::Value> primary = object.take("PrimaryCriteria");
  if (!primary) return refusal(place.member("PrimaryCriteria"), "the entry events are missing");
  definition.primary = TRY(read_primary(*primary, place.member("PrimaryCriteria"), reading));
  if (const std::optional<json::Value> group = object.take("AdditionalCriteria")) {
    definition.additional = TRY(read_group(*group, place.member("AdditionalCriteria"), reading));
  }
  definition.qualified_limit = TRY(read_limit(object, "QualifiedLimit"));
  definition.inclusion_rules = TRY(read_rules(object));
  definition.expression_limit = TRY(read_limit(object, "ExpressionLimit"));
  if (const std::optional<json::Value> end = object.take("EndStrategy")) {
    definition.end_strategy = TRY(read_end_strategy(*end, place.member("EndStrategy"), reading));
  }
  if (const std::optional<json::Value> list = object.take("CensoringCriteria")) {
    definition.censoring =
        TRY(read_criteria_list(*list, place.member("CensoringCriteria"), reading));
  }
  if (const std::optional<json::Value> collapse = object.take("CollapseSettings")) {
    definition.collapse = TRY(read_collapse(*collapse, place.member("CollapseSettings"), reading));
  }
  if (const std::optional<json::Value> window = object.take("CensorWindow")) {
    const Place inside = place.member("CensorWindow");
    JsonObject period = TRY(JsonObject::of(*window, inside, reading));
    definition.censor_window = TRY(read_period(period));
  }
  definition.extras = TRY(finish_definition(object));
  return definition;
}

Result<Definition> read_whole(json::Value value, const Place& place, Reading reading,
                              std::size_t depth, std::size_t& count) {
  if (++count > kCohortsMax) {
    return Error{Code::Limit, "cohort definition: more cohorts in one than kCohortsMax"};
  }
  JsonObject object = TRY(JsonObject::of(value, place, reading));
  const auto operation = operation_of(value);
  if (!operation) return read_one(object);
  return read_operation(object, operation->first, operation->second, depth, count);
}

}  // namespace

Result<Definition> read_expression(json::Value value, const Place& place, Reading reading) {
  std::size_t count = 0;
  return read_whole(value, place, reading, 0, count);
}

Result<NamedDefinition> read_definition(std::string_view text, Reading reading) {
  if (text.size() > kDefinitionBytesMax) {
    return Error{Code::Limit, "cohort definition: larger than kDefinitionBytesMax"};
  }
  Result<json::Document> document = json::Document::parse(text);
  if (!document.ok()) return std::move(document).error().within("cohort definition");
  const json::Value root = document->root();
  const Place place;
  NamedDefinition named;
  const std::optional<json::Value> wrapped = root.find("expression");
  if (!wrapped || root.find("PrimaryCriteria")) {
    named.definition = TRY(read_expression(root, place, reading));
    return named;
  }
  JsonObject wrapper = TRY(JsonObject::of(root, place, Reading::Lenient));
  named.id = TRY(wrapper.integer("id"));
  named.name = TRY(wrapper.text("name")).value_or("");
  const Place inside = place.member("expression");
  if (wrapped->type() != json::Type::String) {
    named.definition = TRY(read_expression(*wrapped, inside, reading));
    return named;
  }
  Result<json::Document> expression = json::Document::parse(*wrapped->string());
  if (!expression.ok()) return std::move(expression).error().within("cohort definition");
  named.definition = TRY(read_expression(expression->root(), inside, reading));
  return named;
}

}  // namespace eds::cohort
