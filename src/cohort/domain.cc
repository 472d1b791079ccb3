#include "cohort/domain.h"

#include <array>

namespace eds::cohort {
namespace {

using enum Shape;

constexpr Attribute kCondition[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"OccurrenceEndDate", Date, Field::End},
    {"ConditionType", Concepts, Field::Type},
    {"ConditionTypeCS", Selection, Field::Type},
    {"ConditionTypeExclude", Exclude, Field::Type},
    {"StopReason", Text, Field::StopReason},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
    {"ConditionStatus", Concepts, Field::Status},
    {"ConditionStatusCS", Selection, Field::Status},
};

constexpr Attribute kDrug[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"OccurrenceEndDate", Date, Field::End},
    {"DrugType", Concepts, Field::Type},
    {"DrugTypeCS", Selection, Field::Type},
    {"DrugTypeExclude", Exclude, Field::Type},
    {"StopReason", Text, Field::StopReason},
    {"Refills", Integer, Field::Refills},
    {"Quantity", Decimal, Field::Quantity},
    {"DaysSupply", Integer, Field::DaysSupply},
    {"RouteConcept", Concepts, Field::Route},
    {"RouteConceptCS", Selection, Field::Route},
    {"EffectiveDrugDose", Decimal, Field::EffectiveDose},
    {"DoseUnit", Concepts, Field::DoseUnit},
    {"DoseUnitCS", Selection, Field::DoseUnit},
    {"LotNumber", Text, Field::LotNumber},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
};

constexpr Attribute kProcedure[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"ProcedureType", Concepts, Field::Type},
    {"ProcedureTypeCS", Selection, Field::Type},
    {"ProcedureTypeExclude", Exclude, Field::Type},
    {"Modifier", Concepts, Field::Modifier},
    {"ModifierCS", Selection, Field::Modifier},
    {"Quantity", Integer, Field::Quantity},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
};

constexpr Attribute kDevice[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"OccurrenceEndDate", Date, Field::End},
    {"DeviceType", Concepts, Field::Type},
    {"DeviceTypeCS", Selection, Field::Type},
    {"DeviceTypeExclude", Exclude, Field::Type},
    {"UniqueDeviceId", Text, Field::UniqueDeviceId},
    {"Quantity", Integer, Field::Quantity},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
};

constexpr Attribute kMeasurement[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"MeasurementType", Concepts, Field::Type},
    {"MeasurementTypeCS", Selection, Field::Type},
    {"MeasurementTypeExclude", Exclude, Field::Type},
    {"Operator", Concepts, Field::Operator},
    {"OperatorCS", Selection, Field::Operator},
    {"ValueAsNumber", Decimal, Field::ValueNumber},
    {"ValueAsConcept", Concepts, Field::ValueConcept},
    {"ValueAsConceptCS", Selection, Field::ValueConcept},
    {"Unit", Concepts, Field::Unit},
    {"UnitCS", Selection, Field::Unit},
    {"RangeLow", Decimal, Field::RangeLow},
    {"RangeHigh", Decimal, Field::RangeHigh},
    {"RangeLowRatio", Decimal, Field::RatioToLow},
    {"RangeHighRatio", Decimal, Field::RatioToHigh},
    {"TimesUpperNormal", Normal, Field::RatioToHigh},
    {"Abnormal", Flag, Field::Abnormal},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
};

constexpr Attribute kObservation[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"ObservationType", Concepts, Field::Type},
    {"ObservationTypeCS", Selection, Field::Type},
    {"ObservationTypeExclude", Exclude, Field::Type},
    {"ValueAsNumber", Decimal, Field::ValueNumber},
    {"ValueAsString", Text, Field::ValueText},
    {"ValueAsConcept", Concepts, Field::ValueConcept},
    {"ValueAsConceptCS", Selection, Field::ValueConcept},
    {"Qualifier", Concepts, Field::Qualifier},
    {"QualifierCS", Selection, Field::Qualifier},
    {"Unit", Concepts, Field::Unit},
    {"UnitCS", Selection, Field::Unit},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"VisitType", Concepts, Field::VisitConcept},
    {"VisitTypeCS", Selection, Field::VisitConcept},
};

constexpr Attribute kSpecimen[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"SpecimenType", Concepts, Field::Type},
    {"SpecimenTypeCS", Selection, Field::Type},
    {"SpecimenTypeExclude", Exclude, Field::Type},
    {"Quantity", Decimal, Field::Quantity},
    {"Unit", Concepts, Field::Unit},
    {"UnitCS", Selection, Field::Unit},
    {"AnatomicSite", Concepts, Field::AnatomicSite},
    {"AnatomicSiteCS", Selection, Field::AnatomicSite},
    {"DiseaseStatus", Concepts, Field::DiseaseStatus},
    {"DiseaseStatusCS", Selection, Field::DiseaseStatus},
    {"SourceId", Text, Field::SourceId},
    {"SpecimenSourceConcept", SetId, Field::SpecimenSource},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
};

constexpr Attribute kVisit[] = {
    {"OccurrenceStartDate", Date, Field::Start},
    {"OccurrenceEndDate", Date, Field::End},
    {"VisitType", Concepts, Field::Type},
    {"VisitTypeCS", Selection, Field::Type},
    {"VisitTypeExclude", Exclude, Field::Type},
    {"VisitLength", Integer, Field::Length},
    {"Age", Integer, Field::AgeAtStart},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialty", Concepts, Field::Specialty},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"PlaceOfService", Concepts, Field::PlaceOfService},
    {"PlaceOfServiceCS", Selection, Field::PlaceOfService},
    {"PlaceOfServiceLocation", SetId, Field::PlaceLocation},
};

constexpr Attribute kVisitDetail[] = {
    {"VisitDetailStartDate", Date, Field::Start},
    {"VisitDetailEndDate", Date, Field::End},
    {"VisitDetailTypeCS", Selection, Field::Type},
    {"VisitDetailLength", Integer, Field::Length},
    {"Age", Integer, Field::AgeAtEnd},
    {"GenderCS", Selection, Field::Gender},
    {"ProviderSpecialtyCS", Selection, Field::Specialty},
    {"PlaceOfServiceCS", Selection, Field::PlaceOfService},
    {"PlaceOfServiceLocation", SetId, Field::PlaceLocation},
};

constexpr Attribute kDeath[] = {
    {"OccurrenceStartDate", Date, Field::Start}, {"DeathType", Concepts, Field::Type},
    {"DeathTypeCS", Selection, Field::Type},     {"DeathTypeExclude", Exclude, Field::Type},
    {"Age", Integer, Field::AgeAtStart},         {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
};

constexpr Attribute kConditionEra[] = {
    {"EraStartDate", Date, Field::Start},
    {"EraEndDate", Date, Field::End},
    {"OccurrenceCount", Integer, Field::Occurrences},
    {"EraLength", Integer, Field::Length},
    {"AgeAtStart", Integer, Field::AgeAtStart},
    {"AgeAtEnd", Integer, Field::AgeAtEnd},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
};

constexpr Attribute kDrugEra[] = {
    {"EraStartDate", Date, Field::Start},
    {"EraEndDate", Date, Field::End},
    {"OccurrenceCount", Integer, Field::Occurrences},
    {"GapDays", Integer, Field::GapDays},
    {"EraLength", Integer, Field::Length},
    {"AgeAtStart", Integer, Field::AgeAtStart},
    {"AgeAtEnd", Integer, Field::AgeAtEnd},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
};

constexpr Attribute kDoseEra[] = {
    {"EraStartDate", Date, Field::Start},
    {"EraEndDate", Date, Field::End},
    {"Unit", Concepts, Field::Unit},
    {"UnitCS", Selection, Field::Unit},
    {"DoseValue", Decimal, Field::DoseValue},
    {"EraLength", Integer, Field::Length},
    {"AgeAtStart", Integer, Field::AgeAtStart},
    {"AgeAtEnd", Integer, Field::AgeAtEnd},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
};

constexpr Attribute kObservationPeriod[] = {
    {"PeriodStartDate", Date, Field::Start},     {"PeriodEndDate", Date, Field::End},
    {"UserDefinedPeriod", Period, Field::Start}, {"PeriodType", Concepts, Field::Type},
    {"PeriodTypeCS", Selection, Field::Type},    {"PeriodLength", Integer, Field::Length},
    {"AgeAtStart", Integer, Field::AgeAtStart},  {"AgeAtEnd", Integer, Field::AgeAtEnd},
};

constexpr Attribute kPayerPlanPeriod[] = {
    {"PeriodStartDate", Date, Field::Start},
    {"PeriodEndDate", Date, Field::End},
    {"UserDefinedPeriod", Period, Field::Start},
    {"PeriodLength", Integer, Field::Length},
    {"AgeAtStart", Integer, Field::AgeAtStart},
    {"AgeAtEnd", Integer, Field::AgeAtEnd},
    {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},
    {"PayerConcept", SetId, Field::Payer},
    {"PlanConcept", SetId, Field::Plan},
    {"SponsorConcept", SetId, Field::Sponsor},
    {"StopReasonConcept", SetId, Field::StopReasonConcept},
    {"PayerSourceConcept", SetId, Field::PayerSource},
    {"PlanSourceConcept", SetId, Field::PlanSource},
    {"SponsorSourceConcept", SetId, Field::SponsorSource},
    {"StopReasonSourceConcept", SetId, Field::StopReasonSource},
};

constexpr Attribute kLocationRegion[] = {
    {"StartDate", Date, Field::Start},
    {"EndDate", Date, Field::End},
};

constexpr Attribute kDemographic[] = {
    {"Age", Integer, Field::AgeAtStart},          {"Gender", Concepts, Field::Gender},
    {"GenderCS", Selection, Field::Gender},       {"Race", Concepts, Field::Race},
    {"RaceCS", Selection, Field::Race},           {"Ethnicity", Concepts, Field::Ethnicity},
    {"EthnicityCS", Selection, Field::Ethnicity}, {"OccurrenceStartDate", Date, Field::Start},
    {"OccurrenceEndDate", Date, Field::End},
};

constexpr std::array<DomainGrammar, kDomainCount> kGrammars = {{
    {"ConditionOccurrence", "ConditionSourceConcept", true, true, kCondition},
    {"DrugExposure", "DrugSourceConcept", true, true, kDrug},
    {"ProcedureOccurrence", "ProcedureSourceConcept", true, true, kProcedure},
    {"DeviceExposure", "DeviceSourceConcept", true, true, kDevice},
    {"Measurement", "MeasurementSourceConcept", true, true, kMeasurement},
    {"Observation", "ObservationSourceConcept", true, true, kObservation},
    {"Specimen", "", true, true, kSpecimen},
    {"VisitOccurrence", "VisitSourceConcept", true, true, kVisit},
    {"VisitDetail", "VisitDetailSourceConcept", true, true, kVisitDetail},
    {"Death", "DeathSourceConcept", true, false, kDeath},
    {"ConditionEra", "", true, true, kConditionEra},
    {"DrugEra", "", true, true, kDrugEra},
    {"DoseEra", "", true, true, kDoseEra},
    {"ObservationPeriod", "", false, true, kObservationPeriod},
    {"PayerPlanPeriod", "", false, true, kPayerPlanPeriod},
    {"LocationRegion", "", true, false, kLocationRegion},
}};

// Declared: read, and refused where data would be asked. What they test is said with their data.
constexpr Attribute kSignal[] = {{"OccurrenceStartDate", Date, Field::Start},
                                 {"Channel", Text, Field::ValueText},
                                 {"Value", Decimal, Field::ValueNumber},
                                 {"Duration", Decimal, Field::Length}};
constexpr Attribute kImage[] = {{"OccurrenceStartDate", Date, Field::Start},
                                {"Modality", Concepts, Field::Type},
                                {"BodySiteCS", Selection, Field::AnatomicSite},
                                {"SeriesDescription", Text, Field::ValueText}};
constexpr Attribute kVariant[] = {{"OccurrenceStartDate", Date, Field::Start},
                                  {"Gene", Text, Field::ValueText},
                                  {"Hgvs", Text, Field::SourceId},
                                  {"ZygosityCS", Selection, Field::ValueConcept}};
constexpr Attribute kExposure[] = {{"OccurrenceStartDate", Date, Field::Start},
                                   {"Agent", Concepts, Field::Type},
                                   {"Value", Decimal, Field::ValueNumber},
                                   {"Lag", Integer, Field::Length}};

constexpr DomainGrammar kDeclared[] = {{"Signal", "", true, true, kSignal},
                                       {"Image", "", true, true, kImage},
                                       {"Variant", "", true, true, kVariant},
                                       {"Exposure", "", true, true, kExposure}};

constexpr std::string_view kCountColumns[] = {
    "DAYS_SUPPLY",    "DOMAIN_CONCEPT",  "DOMAIN_SOURCE_CONCEPT",
    "DURATION",       "END_DATE",        "ERA_OCCURRENCES",
    "GAP_DAYS",       "QUANTITY",        "RANGE_HIGH",
    "RANGE_LOW",      "REFILLS",         "START_DATE",
    "UNIT",           "VALUE_AS_NUMBER", "VISIT_ID",
    "VISIT_DETAIL_ID"};

std::optional<Field> duration_of(Domain domain) {
  switch (domain) {
    case Domain::ProcedureOccurrence:
    case Domain::Measurement:
    case Domain::Observation:
    case Domain::Specimen:
    case Domain::Death: return Field::One;
    case Domain::PayerPlanPeriod:
    case Domain::LocationRegion: return std::nullopt;
    default: return Field::Length;
  }
}

std::optional<Field> only(bool allowed, Field field) {
  return allowed ? std::optional<Field>(field) : std::nullopt;
}

}  // namespace

const DomainGrammar& grammar(Domain domain) {
  return kGrammars[index_of(domain)];
}

const DomainGrammar* find_declared(std::string_view name) {
  for (const DomainGrammar& each : kDeclared) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::optional<Domain> find_domain(std::string_view name) {
  for (std::size_t index = 0; index < kGrammars.size(); ++index) {
    if (kGrammars[index].name == name) return static_cast<Domain>(index);
  }
  return std::nullopt;
}

const Attribute* find_attribute(std::span<const Attribute> attributes, std::string_view name) {
  for (const Attribute& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

std::span<const Attribute> demographic_attributes() {
  return kDemographic;
}

std::string_view count_column_name(CountColumn column) {
  return kCountColumns[static_cast<std::size_t>(column)];
}

std::optional<CountColumn> find_count_column(std::string_view name) {
  for (std::size_t index = 0; index < std::size(kCountColumns); ++index) {
    if (kCountColumns[index] == name) return static_cast<CountColumn>(index);
  }
  return std::nullopt;
}

std::optional<Field> counted_field(Domain domain, CountColumn column) {
  const bool is_drug = domain == Domain::DrugExposure;
  const bool is_measurement = domain == Domain::Measurement;
  switch (column) {
    case CountColumn::StartDate: return Field::Start;
    case CountColumn::EndDate: return Field::End;
    case CountColumn::DomainConcept: return Field::Concept;
    case CountColumn::Duration: return duration_of(domain);
    case CountColumn::VisitId:
      return only(domain != Domain::ConditionEra && domain != Domain::VisitDetail, Field::VisitId);
    case CountColumn::DaysSupply: return only(is_drug, Field::DaysSupply);
    case CountColumn::Refills: return only(is_drug, Field::Refills);
    case CountColumn::Quantity:
      return only(
          is_drug || domain == Domain::ProcedureOccurrence || domain == Domain::DeviceExposure,
          Field::Quantity);
    case CountColumn::EraOccurrences:
      return only(domain == Domain::ConditionEra || domain == Domain::DrugEra, Field::Occurrences);
    case CountColumn::GapDays: return only(domain == Domain::DrugEra, Field::GapDays);
    case CountColumn::RangeLow: return only(is_measurement, Field::RangeLow);
    case CountColumn::RangeHigh: return only(is_measurement, Field::RangeHigh);
    case CountColumn::Unit: return only(domain == Domain::DoseEra, Field::Unit);
    case CountColumn::ValueAsNumber:
      if (domain == Domain::DoseEra) return Field::DoseValue;
      return only(is_measurement || domain == Domain::Observation, Field::ValueNumber);
    case CountColumn::VisitDetailId:
    case CountColumn::DomainSourceConcept: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace eds::cohort
