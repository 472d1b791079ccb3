#include "cohort/loader.h"

namespace eds::cohort {
namespace {

bool is_trait(Field field) {
  return field == Field::AgeAtStart || field == Field::AgeAtEnd || field == Field::Gender ||
         field == Field::Race || field == Field::Ethnicity;
}

void add_field(Needs& needs, Domain domain, Field field) {
  std::bitset<kFieldCount>& fields = needs.fields[index_of(domain)];
  if (is_trait(field)) needs.traits = true;
  if (is_stored(field)) fields.set(index_of(field));
  if (field == Field::RatioToLow || field == Field::RatioToHigh || field == Field::Abnormal) {
    fields.set(index_of(Field::ValueNumber));
    fields.set(index_of(Field::RangeLow));
    fields.set(index_of(Field::RangeHigh));
    fields.set(index_of(Field::ValueConcept));
  }
}

}  // namespace

void Needs::add(const EventQuery& query) {
  domains.set(index_of(query.domain));
  for (const Condition& condition : query.conditions) {
    add_field(*this, query.domain, condition.field);
    if (condition.otherwise) add_field(*this, query.domain, Field::Unit);
  }
  for (const GroupPlan& group : query.nested) add(group);
}

void Needs::add(const CorrelatedPlan& criteria) {
  add(criteria.events);
  if (criteria.distinct) add_field(*this, criteria.events.domain, *criteria.distinct);
}

void Needs::add(const GroupPlan& group) {
  for (const CorrelatedPlan& criteria : group.criteria) add(criteria);
  if (!group.demographics.empty()) traits = true;
  for (const GroupPlan& inner : group.groups) add(inner);
  for (const TrendPlan& trend : group.trends) add(trend);
  for (const SequencePlan& sequence : group.sequences) add(sequence);
}

void Needs::add(const TrendPlan& trend) {
  add(trend.rows);
  const Domain domain = trend.rows.events.domain;
  add_field(*this, domain, Field::ValueNumber);
  add_field(*this, domain, Field::Unit);
  if (!trend.unit_texts.empty()) add_field(*this, domain, Field::UnitText);
  if (trend.hours) moments.set(index_of(domain));
}

void Needs::add(const SequencePlan& sequence) {
  add(sequence.first);
  for (const NextStepPlan& step : sequence.next) add(step.events);
}

void Needs::add(const Plan& plan) {
  for (const Plan& member : plan.members) add(member);
  for (const EventQuery& query : plan.entry) add(query);
  if (plan.additional) add(*plan.additional);
  for (const RulePlan& rule : plan.rules) add(rule.group);
  for (const EventQuery& query : plan.censoring) add(query);
  if (std::holds_alternative<EraEnd>(plan.end)) domains.set(index_of(Domain::DrugExposure));
}

}  // namespace eds::cohort
