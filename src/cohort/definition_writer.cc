#include "cohort/definition_writer.h"

#include <cmath>

#include "format/json/json_writer.h"

namespace eds::cohort {
namespace {

void write_extras(json::Writer& out, const Extras& extras) {
  for (const Extra& extra : extras) out.key(extra.name).raw(extra.json);
}

void write_number(json::Writer& out, std::string_view name, double value) {
  out.key(name);
  if (value == std::floor(value) && std::abs(value) < 9e15) {
    out.integer(static_cast<std::int64_t>(value));
  } else {
    out.number(value);
  }
}

void write_optional(json::Writer& out, std::string_view name,
                    const std::optional<std::string>& value) {
  if (value) out.member(name, std::string_view(*value));
}
void write_optional(json::Writer& out, std::string_view name,
                    const std::optional<std::int64_t>& value) {
  if (value) out.member(name, *value);
}
void write_optional(json::Writer& out, std::string_view name, const std::optional<bool>& value) {
  if (value) out.member(name, *value);
}
void write_optional(json::Writer& out, std::string_view name,
                    const std::optional<DateText>& value) {
  if (value) out.member(name, std::string_view(value->text));
}

void write_group(json::Writer& out, const Group& group);

// One overload for each alternative of AttributeUse::value.
struct ValueWriter {
  json::Writer& out;

  void operator()(const NumericRange& range) const {
    out.begin_object();
    write_number(out, "Value", range.value);
    out.member("Op", compare_name(range.op));
    if (range.extent) write_number(out, "Extent", *range.extent);
    write_extras(out, range.extras);
    out.end_object();
  }
  void operator()(const DateRange& range) const {
    out.begin_object();
    out.member("Value", std::string_view(range.value.text));
    out.member("Op", compare_name(range.op));
    write_optional(out, "Extent", range.extent);
    write_extras(out, range.extras);
    out.end_object();
  }
  void operator()(const std::vector<Concept>& concepts) const {
    out.begin_array();
    for (const Concept& each : concepts) out.raw(each.json);
    out.end_array();
  }
  void operator()(const SetSelection& selection) const {
    out.begin_object();
    write_optional(out, "CodesetId", selection.codeset);
    write_optional(out, "IsExclusion", selection.is_exclusion);
    write_extras(out, selection.extras);
    out.end_object();
  }
  void operator()(const TextFilter& filter) const {
    out.begin_object();
    out.member("Text", std::string_view(filter.text));
    out.member("Op", std::string_view(filter.op));
    write_extras(out, filter.extras);
    out.end_object();
  }
  void operator()(const Period& period) const {
    out.begin_object();
    write_optional(out, "StartDate", period.start);
    write_optional(out, "EndDate", period.end);
    write_extras(out, period.extras);
    out.end_object();
  }
  void operator()(const NormalRange& normal) const {
    out.begin_object();
    write_number(out, "Value", normal.range.value);
    out.member("Op", compare_name(normal.range.op));
    if (normal.range.extent) write_number(out, "Extent", *normal.range.extent);
    if (normal.otherwise) write_number(out, "Otherwise", *normal.otherwise);
    if (!normal.units.empty()) {
      out.key("Unit");
      (*this)(normal.units);
    }
    write_extras(out, normal.range.extras);
    out.end_object();
  }
  void operator()(bool flag) const { out.boolean(flag); }
  void operator()(std::int64_t id) const { out.integer(id); }
};

void write_attributes(json::Writer& out, const std::vector<AttributeUse>& attributes) {
  for (const AttributeUse& use : attributes) {
    out.key(use.attribute->name);
    std::visit(ValueWriter{out}, use.value);
  }
}

void write_side(json::Writer& out, std::string_view name, const std::optional<DateSide>& side,
                std::string_view start, std::string_view end) {
  if (side) out.member(name, *side == DateSide::Start ? start : end);
}

void write_adjustment(json::Writer& out, const DateAdjustment& adjustment) {
  out.key("DateAdjustment").begin_object();
  write_side(out, "StartWith", adjustment.start_with, "START_DATE", "END_DATE");
  write_optional(out, "StartOffset", adjustment.start_offset);
  write_side(out, "EndWith", adjustment.end_with, "START_DATE", "END_DATE");
  write_optional(out, "EndOffset", adjustment.end_offset);
  write_extras(out, adjustment.extras);
  out.end_object();
}

void write_criteria(json::Writer& out, const Criteria& criteria) {
  const DomainGrammar& words =
      criteria.declared != nullptr ? *criteria.declared : grammar(criteria.domain);
  out.begin_object().key(words.name).begin_object();
  if (!criteria.correlated.empty()) {
    out.key("CorrelatedCriteria");
    write_group(out, criteria.correlated.front());
  }
  if (criteria.date_adjustment) write_adjustment(out, *criteria.date_adjustment);
  write_optional(out, "CodesetId", criteria.codeset);
  write_optional(out, "First", criteria.first);
  write_optional(out, words.source_concept, criteria.source_codeset);
  write_attributes(out, criteria.attributes);
  write_extras(out, criteria.extras);
  out.end_object().end_object();
}

void write_endpoint(json::Writer& out, std::string_view name, const Endpoint& endpoint) {
  out.key(name).begin_object();
  write_optional(out, "Days", endpoint.days);
  out.member("Coeff", endpoint.coefficient);
  write_extras(out, endpoint.extras);
  out.end_object();
}

void write_window(json::Writer& out, std::string_view name, const Window& window) {
  out.key(name).begin_object();
  write_endpoint(out, "Start", window.start);
  write_endpoint(out, "End", window.end);
  write_optional(out, "UseIndexEnd", window.use_index_end);
  write_optional(out, "UseEventEnd", window.use_event_end);
  write_extras(out, window.extras);
  out.end_object();
}

void write_correlated(json::Writer& out, const CorrelatedCriteria& correlated) {
  out.begin_object().key("Criteria");
  write_criteria(out, correlated.criteria);
  write_window(out, "StartWindow", correlated.start_window);
  if (correlated.end_window) write_window(out, "EndWindow", *correlated.end_window);
  if (correlated.occurrence) {
    const Occurrence& occurrence = *correlated.occurrence;
    out.key("Occurrence").begin_object();
    out.member("Type", occurrence.type).member("Count", occurrence.count);
    write_optional(out, "IsDistinct", occurrence.is_distinct);
    if (occurrence.count_column) {
      out.member("CountColumn", count_column_name(*occurrence.count_column));
    }
    write_extras(out, occurrence.extras);
    out.end_object();
  }
  write_optional(out, "RestrictVisit", correlated.restrict_visit);
  write_optional(out, "IgnoreObservationPeriod", correlated.ignore_observation_period);
  write_extras(out, correlated.extras);
  out.end_object();
}

void write_same(json::Writer& out, Same same) {
  if (same == Same::Visit) out.member("Same", std::string_view("Visit"));
}

void write_trend(json::Writer& out, const Trend& trend) {
  out.begin_object().key("Criteria");
  write_criteria(out, trend.criteria);
  out.key("Change").begin_object();
  out.member("By", std::string_view(trend.by == ChangeBy::Ratio ? "Ratio" : "Difference"));
  out.member("Op", compare_name(trend.op));
  write_number(out, "Value", trend.value);
  out.end_object().key("Within").begin_object();
  write_optional(out, "Hours", trend.hours);
  write_optional(out, "Days", trend.days);
  out.end_object();
  write_window(out, "StartWindow", trend.start_window);
  if (trend.units) {
    out.key("Unit");
    ValueWriter{out}(*trend.units);
  }
  if (!trend.unit_texts.empty()) {
    out.key("UnitText").begin_array();
    for (const std::string& text : trend.unit_texts) out.string(text);
    out.end_array();
  }
  write_same(out, trend.same);
  write_extras(out, trend.extras);
  out.end_object();
}

void write_sequence(json::Writer& out, const Sequence& sequence) {
  out.begin_object().key("Steps").begin_array();
  for (const SequenceStep& step : sequence.steps) {
    out.begin_object().key("Criteria");
    write_criteria(out, step.criteria);
    if (&step != &sequence.steps.front()) {
      out.key("After").begin_object().member("Min", step.days_min);
      write_optional(out, "Max", step.days_max);
      out.member("From", std::string_view(step.from == DateSide::End ? "End" : "Start"));
      out.end_object();
    }
    write_extras(out, step.extras);
    out.end_object();
  }
  out.end_array();
  write_window(out, "StartWindow", sequence.start_window);
  write_same(out, sequence.same);
  write_extras(out, sequence.extras);
  out.end_object();
}

void write_saved(json::Writer& out, const SavedReference& saved) {
  out.member("Name", std::string_view(saved.name)).member("Version", saved.version);
}

void write_cohort_member(json::Writer& out, const CohortMember& member) {
  constexpr std::string_view kRelations[] = {"During", "Ever", "Starts"};
  out.begin_object();
  write_saved(out, member.saved);
  out.member("Relation", kRelations[static_cast<std::size_t>(member.relation)]);
  if (member.start_window) write_window(out, "StartWindow", *member.start_window);
  write_optional(out, "Absent", member.is_absent);
  write_extras(out, member.extras);
  out.end_object();
}

void write_group(json::Writer& out, const Group& group) {
  out.begin_object();
  if (!group.type_text.empty()) out.member("Type", std::string_view(group.type_text));
  write_optional(out, "Count", group.count);
  if (group.criteria) {
    out.key("CriteriaList").begin_array();
    for (const CorrelatedCriteria& each : *group.criteria) write_correlated(out, each);
    out.end_array();
  }
  if (group.demographics) {
    out.key("DemographicCriteriaList").begin_array();
    for (const DemographicCriteria& each : *group.demographics) {
      out.begin_object();
      write_attributes(out, each.attributes);
      write_extras(out, each.extras);
      out.end_object();
    }
    out.end_array();
  }
  if (group.groups) {
    out.key("Groups").begin_array();
    for (const Group& each : *group.groups) write_group(out, each);
    out.end_array();
  }
  if (group.trends) {
    out.key("Trends").begin_array();
    for (const Trend& each : *group.trends) write_trend(out, each);
    out.end_array();
  }
  if (group.sequences) {
    out.key("Sequences").begin_array();
    for (const Sequence& each : *group.sequences) write_sequence(out, each);
    out.end_array();
  }
  if (group.cohorts) {
    out.key("Cohorts").begin_array();
    for (const CohortMember& each : *group.cohorts) write_cohort_member(out, each);
    out.end_array();
  }
  write_extras(out, group.extras);
  out.end_object();
}

void write_concept_set(json::Writer& out, const ConceptSet& set) {
  out.begin_object();
  out.member("id", set.id);
  write_optional(out, "name", set.name);
  out.key("expression").begin_object().key("items").begin_array();
  for (const ConceptItem& item : set.items) {
    out.begin_object().key("concept").raw(item.concept_.json);
    write_optional(out, "isExcluded", item.is_excluded);
    write_optional(out, "includeDescendants", item.include_descendants);
    write_optional(out, "includeMapped", item.include_mapped);
    write_extras(out, item.extras);
    out.end_object();
  }
  out.end_array();
  write_extras(out, set.expression_extras);
  out.end_object();
  write_extras(out, set.extras);
  out.end_object();
}

void write_limit(json::Writer& out, std::string_view name, const std::optional<Limit>& limit) {
  if (!limit) return;
  out.key(name).begin_object();
  write_optional(out, "Type", limit->type);
  write_extras(out, limit->extras);
  out.end_object();
}

void write_primary(json::Writer& out, const PrimaryCriteria& primary) {
  out.key("PrimaryCriteria").begin_object().key("CriteriaList").begin_array();
  for (const Criteria& each : primary.criteria) write_criteria(out, each);
  out.end_array().key("ObservationWindow").begin_object();
  write_optional(out, "PriorDays", primary.prior_days);
  write_optional(out, "PostDays", primary.post_days);
  write_extras(out, primary.window_extras);
  out.end_object();
  write_limit(out, "PrimaryCriteriaLimit", primary.limit);
  write_extras(out, primary.extras);
  out.end_object();
}

void write_rules(json::Writer& out, const std::vector<InclusionRule>& rules) {
  out.key("InclusionRules").begin_array();
  for (const InclusionRule& rule : rules) {
    out.begin_object();
    write_optional(out, "name", rule.name);
    write_optional(out, "description", rule.description);
    out.key("expression");
    write_group(out, rule.expression);
    write_extras(out, rule.extras);
    out.end_object();
  }
  out.end_array();
}

void write_end_strategy(json::Writer& out, const Definition& definition) {
  if (const auto* offset = std::get_if<DateOffsetEnd>(&definition.end_strategy)) {
    out.key("EndStrategy").begin_object().key("DateOffset").begin_object();
    write_side(out, "DateField", offset->field, "StartDate", "EndDate");
    write_optional(out, "Offset", offset->offset);
    write_extras(out, offset->extras);
    out.end_object().end_object();
  } else if (const auto* era = std::get_if<CustomEraEnd>(&definition.end_strategy)) {
    out.key("EndStrategy").begin_object().key("CustomEra").begin_object();
    out.member("DrugCodesetId", era->codeset);
    write_optional(out, "GapDays", era->gap_days);
    write_optional(out, "Offset", era->offset);
    write_optional(out, "DaysSupplyOverride", era->days_supply_override);
    write_extras(out, era->extras);
    out.end_object().end_object();
  }
}

void write_ends(json::Writer& out, const Definition& definition) {
  write_end_strategy(out, definition);
  if (definition.censoring) {
    out.key("CensoringCriteria").begin_array();
    for (const Criteria& each : *definition.censoring) write_criteria(out, each);
    out.end_array();
  }
  if (definition.collapse) {
    out.key("CollapseSettings").begin_object();
    write_optional(out, "CollapseType", definition.collapse->type);
    write_optional(out, "EraPad", definition.collapse->era_pad);
    write_extras(out, definition.collapse->extras);
    out.end_object();
  }
  if (definition.censor_window) {
    out.key("CensorWindow");
    ValueWriter{out}(*definition.censor_window);
  }
}

void write_whole(json::Writer& out, const Definition& definition);

void write_operation(json::Writer& out, const Definition& definition) {
  constexpr std::string_view kNames[] = {"", "Union", "Intersection", "Difference", "SavedCohort"};
  if (definition.operation == SetOperation::Saved) {
    out.begin_object().key("SavedCohort").begin_object();
    write_saved(out, definition.saved);
    out.end_object();
    write_extras(out, definition.extras);
    out.end_object();
    return;
  }
  out.begin_object().key(kNames[static_cast<std::size_t>(definition.operation)]).begin_array();
  for (const Definition& each : definition.members) write_whole(out, each);
  out.end_array();
  if (definition.by) {
    out.member("By", std::string_view(*definition.by == SetUnit::Day ? "Day" : "Person"));
  }
  write_extras(out, definition.extras);
  out.end_object();
}

void write_whole(json::Writer& out, const Definition& definition) {
  if (definition.operation != SetOperation::None) return write_operation(out, definition);
  out.begin_object();
  write_optional(out, "cdmVersionRange", definition.cdm_version_range);
  write_optional(out, "Title", definition.title);
  write_primary(out, definition.primary);
  if (definition.concept_sets) {
    out.key("ConceptSets").begin_array();
    for (const ConceptSet& set : *definition.concept_sets) write_concept_set(out, set);
    out.end_array();
  }
  if (definition.additional) {
    out.key("AdditionalCriteria");
    write_group(out, *definition.additional);
  }
  write_limit(out, "QualifiedLimit", definition.qualified_limit);
  write_limit(out, "ExpressionLimit", definition.expression_limit);
  if (definition.inclusion_rules) write_rules(out, *definition.inclusion_rules);
  write_ends(out, definition);
  write_extras(out, definition.extras);
  out.end_object();
}

}  // namespace

std::string write_definition(const Definition& definition) {
  json::Writer out;
  write_whole(out, definition);
  return out.take();
}

}  // namespace eds::cohort
