#include "cohort/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace eds::cohort {

// Counted on the shortest decimal that reads back as the same number (Java's Formatter).
double rounded_to_four(double value) {
  if (std::abs(value) > 1e11) return value;
  char digits[64];
  const auto end =
      std::to_chars(digits, digits + sizeof digits, std::abs(value), std::chars_format::fixed);
  std::string text(digits, end.ptr);
  const std::size_t point = text.find('.');
  if (point == std::string::npos || text.size() - point - 1 <= 4) return value;
  const bool up = text[point + 5] >= '5';
  text.resize(point + 5);
  std::int64_t units = 0;
  for (char digit : text) units = digit == '.' ? units : units * 10 + (digit - '0');
  units += up ? 1 : 0;
  const std::string rounded = fmt::format("{}.{:04}", units / 10'000, units % 10'000);
  double result = 0;
  std::from_chars(rounded.data(), rounded.data() + rounded.size(), result);
  return value < 0 ? -result : result;
}

namespace {

Condition range_condition(Field field, Compare op, double low, double high) {
  Condition condition;
  condition.field = field;
  condition.op = op;
  condition.low = low;
  condition.high = high;
  return condition;
}

Condition numeric_condition(const Attribute& attribute, const NumericRange& range) {
  const auto converted = [&](double value) {
    return attribute.shape == Shape::Integer ? std::trunc(value) : rounded_to_four(value);
  };
  return range_condition(attribute.field, range.op, converted(range.value),
                         converted(range.extent.value_or(0)));
}

Condition normal_condition(const Attribute& attribute, const NormalRange& normal) {
  Condition condition = numeric_condition(attribute, normal.range);
  condition.otherwise = normal.otherwise;
  for (const Concept& unit : normal.units) {
    condition.ids.push_back(unit.id);
    condition.names.push_back(unit.name.empty() ? std::to_string(unit.id) : unit.name);
  }
  std::sort(condition.ids.begin(), condition.ids.end());
  return condition;
}

Condition date_condition(Field field, const DateRange& range) {
  return range_condition(field, range.op, range.value.day, range.extent ? range.extent->day : 0);
}

Condition text_condition(Field field, const TextFilter& filter) {
  Condition condition;
  condition.field = field;
  const bool is_negated = filter.op.front() == '!';
  const std::string_view op = std::string_view(filter.op).substr(is_negated ? 1 : 0);
  condition.test = is_negated ? Test::NotLike : Test::Like;
  const bool open_left = op == "endsWith" || op == "contains";
  const bool open_right = op == "startsWith" || op == "contains";
  condition.pattern = (open_left ? "%" : "") + filter.text + (open_right ? "%" : "");
  return condition;
}

Condition list_condition(Field field, const std::vector<Concept>& concepts, bool is_excluded) {
  Condition condition;
  condition.field = field;
  condition.test = is_excluded ? Test::NotIn : Test::In;
  for (const Concept& each : concepts) {
    condition.ids.push_back(each.id);
    condition.names.push_back(each.name.empty() ? std::to_string(each.id) : each.name);
  }
  std::sort(condition.ids.begin(), condition.ids.end());
  return condition;
}

Condition set_condition(Field field, SetIndex set, bool is_excluded) {
  Condition condition;
  condition.field = field;
  condition.test = is_excluded ? Test::NotInSet : Test::InSet;
  condition.set = set;
  return condition;
}

const AttributeUse* find_use(const Criteria& criteria, std::string_view name) {
  for (const AttributeUse& use : criteria.attributes) {
    if (use.attribute->name == name) return &use;
  }
  return nullptr;
}

bool excludes_types(const Criteria& criteria) {
  for (const AttributeUse& use : criteria.attributes) {
    if (use.attribute->shape == Shape::Exclude) return std::get<bool>(use.value);
  }
  return false;
}

Shift shift_of(const DateAdjustment& adjustment, Domain domain) {
  Shift shift;
  shift.start_days = static_cast<std::int32_t>(adjustment.start_offset.value_or(0));
  shift.end_days = static_cast<std::int32_t>(adjustment.end_offset.value_or(0));
  // The reference gives a death no choice of sides.
  if (domain != Domain::Death) {
    shift.start_from = adjustment.start_with.value_or(DateSide::Start);
    shift.end_from = adjustment.end_with.value_or(DateSide::End);
  }
  return shift;
}

Bound bound_of(const Endpoint& endpoint, bool within_period) {
  if (endpoint.days) {
    return {BoundKind::Offset, static_cast<std::int32_t>(endpoint.coefficient * *endpoint.days)};
  }
  if (!within_period) return {BoundKind::None, 0};
  return {endpoint.coefficient == -1 ? BoundKind::PeriodStart : BoundKind::PeriodEnd, 0};
}

bool is_contradictory(const WindowPlan& window) {
  return window.from.kind == BoundKind::Offset && window.to.kind == BoundKind::Offset &&
         window.to.days < window.from.days;
}

}  // namespace

WindowPlan window_of(const Window& window, bool within_period, bool event_end_by_default) {
  WindowPlan plan;
  plan.of_index = window.use_index_end.value_or(false) ? DateSide::End : DateSide::Start;
  plan.of_event =
      window.use_event_end.value_or(event_end_by_default) ? DateSide::End : DateSide::Start;
  plan.from = bound_of(window.start, within_period);
  plan.to = bound_of(window.end, within_period);
  return plan;
}

Result<SetIndex> Planner::set_of(std::int64_t id, const Place& place) {
  for (std::size_t index = first_set_; index < plan_->sets.size(); ++index) {
    if (plan_->sets[index].id == id) return static_cast<SetIndex>(index);
  }
  // The reference joins with a set that has no rows: nothing matches.
  if (!is_circe()) return refusal(place, "no concept set has this id");
  SetRecipe none;
  none.id = id;
  plan_->sets.push_back(std::move(none));
  return static_cast<SetIndex>(plan_->sets.size() - 1);
}

Result<Condition> Planner::selection(const SetSelection& selection, Field field,
                                     const Place& place) {
  const bool is_excluded = selection.is_exclusion.value_or(false);
  if (selection.codeset) {
    const SetIndex set = TRY(set_of(*selection.codeset, place.member("CodesetId")));
    return set_condition(field, set, is_excluded);
  }
  Condition condition;
  condition.field = field;
  condition.test = is_excluded ? Test::IsMissing : Test::IsPresent;
  return condition;
}

Result<std::vector<Condition>> Planner::value_conditions(const AttributeUse& use, bool is_excluded,
                                                         const Place& place) {
  const Attribute& attribute = *use.attribute;
  std::vector<Condition> conditions;
  if (const auto* numeric = std::get_if<NumericRange>(&use.value)) {
    conditions.push_back(numeric_condition(attribute, *numeric));
  } else if (const auto* dates = std::get_if<DateRange>(&use.value)) {
    conditions.push_back(date_condition(attribute.field, *dates));
  } else if (const auto* concepts = std::get_if<std::vector<Concept>>(&use.value)) {
    if (!concepts->empty()) {
      conditions.push_back(list_condition(attribute.field, *concepts, is_excluded));
    }
  } else if (const auto* chosen = std::get_if<SetSelection>(&use.value)) {
    conditions.push_back(TRY(selection(*chosen, attribute.field, place)));
  } else if (const auto* filter = std::get_if<TextFilter>(&use.value)) {
    conditions.push_back(text_condition(attribute.field, *filter));
  } else if (const auto* normal = std::get_if<NormalRange>(&use.value)) {
    conditions.push_back(normal_condition(attribute, *normal));
  } else if (const auto* id = std::get_if<std::int64_t>(&use.value)) {
    conditions.push_back(set_condition(attribute.field, TRY(set_of(*id, place)), false));
  } else if (const auto* flag = std::get_if<bool>(&use.value)) {
    if (attribute.shape == Shape::Flag && *flag) {
      conditions.push_back(range_condition(attribute.field, Compare::Equal, 1, 0));
    }
  }
  return conditions;
}

Status Planner::supported(const AttributeUse& use, const Place& place) {
  if (use.attribute->shape == Shape::Normal && is_circe()) {
    return refusal(place, "the reference has no such part");
  }
  switch (use.attribute->field) {
    case Field::EffectiveDose:
      if (plan_->has_dose_columns) return {};
      return refusal(place, "CDM 5.4 has no column effective_drug_dose");
    case Field::DoseUnit:
      if (plan_->has_dose_columns) return {};
      return refusal(place, "CDM 5.4 has no column dose_unit_concept_id");
    case Field::PlaceLocation: return refusal(place, "CDM 5.4 has no table location_history");
    case Field::SpecimenSource:
      if (is_circe()) return {};
      return refusal(place, "CDM 5.4 has no column specimen_source_concept_id");
    default: return {};
  }
}

// What the reference gets wrong (docs/reference/cohort.md lists it), done wrong or right.
Status Planner::repair(const Criteria& criteria, const AttributeUse& use, const Place& place,
                       std::vector<Condition>& conditions) {
  const std::string_view name = use.attribute->name;
  if (criteria.domain == Domain::DrugExposure && name == "OccurrenceEndDate") {
    if (is_circe()) {
      for (Condition& condition : conditions) condition.field = Field::Start;
    } else {
      note(place, "tests the end date; the reference tests the start date");
    }
  }
  if (name == "Abnormal" && std::get<bool>(use.value)) {
    const AttributeUse* list = find_use(criteria, "ValueAsConcept");
    const bool lists = list != nullptr && !std::get<std::vector<Concept>>(list->value).empty();
    if (lists || find_use(criteria, "ValueAsConceptCS") != nullptr) return {};
    if (is_circe()) return refusal(place, "the reference needs ValueAsConcept beside it");
    note(place, "works without ValueAsConcept; the reference fails");
  }
  if (criteria.domain == Domain::DrugEra && name == "GapDays") {
    const AttributeUse* length = find_use(criteria, "EraLength");
    if (!is_circe()) {
      note(place, "tests its own range; the reference tests that of EraLength");
      return {};
    }
    if (length == nullptr) return refusal(place, "the reference needs EraLength beside it");
    conditions = TRY(value_conditions(*length, false, place));
    for (Condition& condition : conditions) condition.field = Field::GapDays;
  }
  if (use.attribute->field == Field::SpecimenSource) conditions.clear();
  return {};
}

Status Planner::attribute(const Criteria& criteria, const AttributeUse& use, const Place& place,
                          EventQuery& query) {
  TRY(supported(use, place));
  if (const auto* period = std::get_if<Period>(&use.value)) {
    for (const auto& [date, override_] :
         {std::pair{&period->start, &query.start_override}, {&period->end, &query.end_override}}) {
      if (!*date) continue;
      const Day day = (*date)->day;
      *override_ = day;
      query.conditions.push_back(range_condition(Field::Start, Compare::LessOrEqual, day, 0));
      query.conditions.push_back(range_condition(Field::End, Compare::GreaterOrEqual, day, 0));
    }
    return {};
  }
  const bool is_type = use.attribute->field == Field::Type;
  std::vector<Condition> conditions;
  if (use.attribute->field != Field::SpecimenSource) {
    conditions = TRY(value_conditions(use, is_type && excludes_types(criteria), place));
  }
  TRY(repair(criteria, use, place, conditions));
  for (Condition& condition : conditions) query.conditions.push_back(std::move(condition));
  return {};
}

Result<EventQuery> Planner::events(const Criteria& criteria, const Place& outer) {
  if (criteria.declared != nullptr) {
    return refusal(outer.member(criteria.declared->name), "no such data in this release");
  }
  const Place place = outer.member(grammar(criteria.domain).name);
  if (criteria.domain == Domain::LocationRegion) {
    return refusal(place, "CDM 5.4 has no table location_history");
  }
  EventQuery query;
  query.domain = criteria.domain;
  if (criteria.codeset) {
    query.concepts = TRY(set_of(*criteria.codeset, place.member("CodesetId")));
  }
  if (criteria.source_codeset) {
    const Place source = place.member(grammar(criteria.domain).source_concept);
    query.source_concepts = TRY(set_of(*criteria.source_codeset, source));
  }
  query.is_first = criteria.first.value_or(false);
  if (criteria.date_adjustment) {
    const Place at = place.member("DateAdjustment");
    if (criteria.domain != Domain::Specimen || !is_circe()) {
      query.shift = shift_of(*criteria.date_adjustment, criteria.domain);
    }
    if (criteria.domain == Domain::Specimen && !is_circe()) {
      note(at, "shifts the specimen's dates; the reference ignores it");
    }
  }
  for (const AttributeUse& use : criteria.attributes) {
    TRY(attribute(criteria, use, place.member(use.attribute->name), query));
  }
  if (!criteria.correlated.empty() && !criteria.correlated.front().is_empty()) {
    query.nested.push_back(
        TRY(group(criteria.correlated.front(), place.member("CorrelatedCriteria"))));
  }
  return query;
}

Result<std::optional<Field>> Planner::distinct_field(const CorrelatedCriteria& criteria,
                                                     const Place& place) {
  const Occurrence& occurrence = *criteria.occurrence;
  if (!occurrence.is_distinct.value_or(false)) return std::optional<Field>();
  const CountColumn column = occurrence.count_column.value_or(CountColumn::DomainConcept);
  const Criteria& events = criteria.criteria;
  const Place at = place.member("Occurrence");
  const std::optional<Field> field = counted_field(events.domain, column);
  if (!field) return refusal(at.member("CountColumn"), "this kind of event has no such column");
  if (events.domain == Domain::PayerPlanPeriod && *field == Field::Concept &&
      find_use(events, "PayerConcept") == nullptr) {
    if (is_circe()) return refusal(at, "the reference needs PayerConcept to count payers");
    note(at, "counts payers; the reference fails without PayerConcept");
  }
  const bool is_nested = !events.correlated.empty() && !events.correlated.front().is_empty();
  const bool survives = column == CountColumn::StartDate || column == CountColumn::EndDate ||
                        column == CountColumn::VisitId;
  if (is_nested && !survives) {
    if (is_circe()) return refusal(at, "the reference cannot count this beside CorrelatedCriteria");
    note(at, "counts beside CorrelatedCriteria; the reference fails");
  }
  return field;
}

Result<CorrelatedPlan> Planner::correlated(const CorrelatedCriteria& criteria, const Place& place) {
  CorrelatedPlan plan;
  plan.events = TRY(events(criteria.criteria, place.member("Criteria")));
  plan.within_period = !criteria.ignore_observation_period.value_or(false);
  plan.same_visit = criteria.restrict_visit.value_or(false);
  plan.start = window_of(criteria.start_window, plan.within_period, false);
  // An end window is about the event's end unless it says otherwise.
  if (criteria.end_window) {
    plan.end = window_of(*criteria.end_window, plan.within_period, true);
  }
  if (is_contradictory(plan.start)) {
    note(place.member("StartWindow"), "ends before it begins: no event can be in it");
  }
  if (plan.end && is_contradictory(*plan.end)) {
    note(place.member("EndWindow"), "ends before it begins: no event can be in it");
  }
  if (!criteria.occurrence) return plan;
  plan.test = criteria.occurrence->type == 0   ? CountTest::Exactly
              : criteria.occurrence->type == 1 ? CountTest::AtMost
                                               : CountTest::AtLeast;
  plan.count = criteria.occurrence->count;
  plan.distinct = TRY(distinct_field(criteria, place));
  return plan;
}

Result<DemographicPlan> Planner::demographic(const DemographicCriteria& criteria,
                                             const Place& place) {
  DemographicPlan plan;
  for (const AttributeUse& use : criteria.attributes) {
    const Place at = place.member(use.attribute->name);
    for (Condition& condition : TRY(value_conditions(use, false, at))) {
      const bool is_swapped =
          use.attribute->shape == Shape::Selection &&
          (use.attribute->field == Field::Race || use.attribute->field == Field::Ethnicity);
      if (is_swapped && is_circe()) condition.field = Field::Gender;
      if (is_swapped && !is_circe()) {
        note(at, "tests what its name says; the reference tests the gender");
      }
      plan.conditions.push_back(std::move(condition));
    }
  }
  return plan;
}

Result<GroupPlan> Planner::group(const Group& group_, const Place& place) {
  GroupPlan plan;
  plan.type = group_.type;
  plan.count = group_.count.value_or(0);
  const Place criteria = place.member("CriteriaList");
  for (std::size_t index = 0; group_.criteria && index < group_.criteria->size(); ++index) {
    plan.criteria.push_back(TRY(correlated((*group_.criteria)[index], criteria.element(index))));
  }
  const Place demographics = place.member("DemographicCriteriaList");
  for (std::size_t index = 0; group_.demographics && index < group_.demographics->size(); ++index) {
    plan.demographics.push_back(
        TRY(demographic((*group_.demographics)[index], demographics.element(index))));
  }
  const Place groups = place.member("Groups");
  for (std::size_t index = 0; group_.groups && index < group_.groups->size(); ++index) {
    plan.groups.push_back(TRY(group((*group_.groups)[index], groups.element(index))));
  }
  const Place trends = place.member("Trends");
  for (std::size_t index = 0; group_.trends && index < group_.trends->size(); ++index) {
    plan.trends.push_back(TRY(trend((*group_.trends)[index], trends.element(index))));
  }
  const Place sequences = place.member("Sequences");
  for (std::size_t index = 0; group_.sequences && index < group_.sequences->size(); ++index) {
    plan.sequences.push_back(TRY(sequence((*group_.sequences)[index], sequences.element(index))));
  }
  const Place cohorts = place.member("Cohorts");
  for (std::size_t index = 0; group_.cohorts && index < group_.cohorts->size(); ++index) {
    plan.cohorts.push_back(TRY(cohort_member((*group_.cohorts)[index], cohorts.element(index))));
  }
  return plan;
}

namespace {

std::vector<SetRecipe> recipes_of(const Definition& definition) {
  std::vector<SetRecipe> recipes;
  if (!definition.concept_sets) return recipes;
  for (const ConceptSet& set : *definition.concept_sets) {
    SetRecipe recipe;
    recipe.id = set.id;
    recipe.name = set.name.value_or("");
    for (const ConceptItem& item : set.items) {
      recipe.items.push_back({item.concept_.id, item.is_excluded.value_or(false),
                              item.include_descendants.value_or(false),
                              item.include_mapped.value_or(false)});
    }
    recipes.push_back(std::move(recipe));
  }
  return recipes;
}

bool same_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 'a' - 'A') : a) == b;
  });
}

// Absent: First. A type that is null: no limit. Any other word than All and Last: First.
Keep keep_of(const std::optional<Limit>& limit) {
  if (!limit || !limit->has_type) return Keep::First;
  if (!limit->type || same_word(*limit->type, "all")) return Keep::All;
  return same_word(*limit->type, "last") ? Keep::Last : Keep::First;
}

std::int32_t days_of(const std::optional<std::int64_t>& days) {
  return static_cast<std::int32_t>(days.value_or(0));
}

Status plan_ends(const Definition& definition, const Place& root, Planner& planner, Plan& plan) {
  if (const auto* offset = std::get_if<DateOffsetEnd>(&definition.end_strategy)) {
    plan.end = OffsetEnd{offset->field.value_or(DateSide::Start), days_of(offset->offset)};
  } else if (const auto* era = std::get_if<CustomEraEnd>(&definition.end_strategy)) {
    const Place strategy = root.member("EndStrategy");
    const Place place = strategy.member("CustomEra");
    EraEnd end;
    end.set = TRY(planner.set_of(era->codeset, place.member("DrugCodesetId")));
    end.gap_days = days_of(era->gap_days);
    end.offset_days = days_of(era->offset);
    if (era->days_supply_override) end.supply_days = days_of(era->days_supply_override);
    plan.end = end;
  }
  const Place list = root.member("CensoringCriteria");
  for (std::size_t index = 0; definition.censoring && index < definition.censoring->size();
       ++index) {
    plan.censoring.push_back(
        TRY(planner.events((*definition.censoring)[index], list.element(index))));
  }
  if (definition.collapse) plan.era_pad_days = days_of(definition.collapse->era_pad);
  if (definition.censor_window) {
    if (definition.censor_window->start) plan.window_start = definition.censor_window->start->day;
    if (definition.censor_window->end) plan.window_end = definition.censor_window->end->day;
  }
  return {};
}

// A definition that is no set of others.
Status plan_one(const Definition& definition, const Place& root, Mode mode, Plan& plan) {
  const std::size_t first_set = plan.sets.size();
  for (SetRecipe& recipe : recipes_of(definition)) plan.sets.push_back(std::move(recipe));
  plan.counts_repeated_keys = mode == Mode::Circe;
  Planner planner(mode, plan, first_set);
  const Place primary = root.member("PrimaryCriteria");
  const Place list = primary.member("CriteriaList");
  for (std::size_t index = 0; index < definition.primary.criteria.size(); ++index) {
    plan.entry.push_back(
        TRY(planner.events(definition.primary.criteria[index], list.element(index))));
  }
  plan.prior_days = days_of(definition.primary.prior_days);
  plan.post_days = days_of(definition.primary.post_days);
  plan.entry_keep = keep_of(definition.primary.limit);
  if (definition.additional) {
    plan.additional = TRY(planner.group(*definition.additional, root.member("AdditionalCriteria")));
    plan.qualified_keep = keep_of(definition.qualified_limit);
  }
  const Place rules = root.member("InclusionRules");
  for (std::size_t index = 0;
       definition.inclusion_rules && index < definition.inclusion_rules->size(); ++index) {
    const InclusionRule& rule = (*definition.inclusion_rules)[index];
    const Place place = rules.element(index);
    GroupPlan group = TRY(planner.group(rule.expression, place.member("expression")));
    plan.rules.push_back({rule.name.value_or(""), std::move(group)});
  }
  plan.included_keep = keep_of(definition.expression_limit);
  TRY(plan_ends(definition, root, planner, plan));
  return {};
}

constexpr std::string_view kOperationNames[] = {"", "Union", "Intersection", "Difference",
                                                "SavedCohort"};

// A set of definitions; its leaves leave their concept sets in `sets`, one after the other.
Status plan_whole(const Definition& definition, const Place& root, Mode mode, Plan& plan,
                  std::vector<SetRecipe>& sets) {
  if (definition.operation == SetOperation::None) {
    plan.sets = std::move(sets);
    const Status done = plan_one(definition, root, mode, plan);
    sets = std::move(plan.sets);
    plan.sets.clear();
    return done;
  }
  plan.operation = definition.operation;
  plan.by = definition.by.value_or(SetUnit::Person);
  const Place list = root.member(kOperationNames[static_cast<std::size_t>(plan.operation)]);
  if (mode == Mode::Circe) return refusal(list, "the reference has no such part");
  if (plan.operation == SetOperation::Saved) {
    plan.saved = {definition.saved.name, definition.saved.version, list.text(), nullptr};
    return {};
  }
  for (std::size_t index = 0; index < definition.members.size(); ++index) {
    plan.members.emplace_back();
    TRY(plan_whole(definition.members[index], list.element(index), mode, plan.members.back(),
                   sets));
    for (Note& note : plan.members.back().notes) plan.notes.push_back(std::move(note));
    plan.members.back().notes.clear();
  }
  return {};
}

void share_sets(const std::vector<SetRecipe>& sets, Plan& plan) {
  plan.sets = sets;
  for (Plan& member : plan.members) share_sets(sets, member);
}

}  // namespace

Result<Plan> make_plan(const Definition& definition, Mode mode) {
  Plan plan;
  std::vector<SetRecipe> sets;
  TRY(plan_whole(definition, Place(), mode, plan, sets));
  share_sets(sets, plan);
  return plan;
}

Result<EventQuery> plan_events(const Criteria& criteria, Mode mode, Plan& plan) {
  return Planner(mode, plan).events(criteria, Place());
}

Result<CorrelatedPlan> plan_correlated(const CorrelatedCriteria& criteria, Mode mode, Plan& plan) {
  return Planner(mode, plan).correlated(criteria, Place());
}

Result<GroupPlan> plan_group(const Group& group, Mode mode, Plan& plan) {
  return Planner(mode, plan).group(group, Place());
}

}  // namespace eds::cohort
