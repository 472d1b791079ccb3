#include "cohort/table_shape.h"

#include <array>

namespace eds::cohort {
namespace {

constexpr FieldColumn kConditionFields[] = {{Field::Type, "condition_type_concept_id"},
                                            {Field::StopReason, "stop_reason"},
                                            {Field::Status, "condition_status_concept_id"},
                                            {Field::Specialty, "provider_id"},
                                            {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kDrugFields[] = {{Field::Type, "drug_type_concept_id"},
                                       {Field::StopReason, "stop_reason"},
                                       {Field::Refills, "refills"},
                                       {Field::Quantity, "quantity"},
                                       {Field::DaysSupply, "days_supply"},
                                       {Field::Route, "route_concept_id"},
                                       {Field::EffectiveDose, "effective_drug_dose"},
                                       {Field::DoseUnit, "dose_unit_concept_id"},
                                       {Field::LotNumber, "lot_number"},
                                       {Field::Specialty, "provider_id"},
                                       {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kProcedureFields[] = {{Field::Type, "procedure_type_concept_id"},
                                            {Field::Modifier, "modifier_concept_id"},
                                            {Field::Quantity, "quantity"},
                                            {Field::Specialty, "provider_id"},
                                            {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kDeviceFields[] = {{Field::Type, "device_type_concept_id"},
                                         {Field::UniqueDeviceId, "unique_device_id"},
                                         {Field::Quantity, "quantity"},
                                         {Field::Specialty, "provider_id"},
                                         {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kMeasurementFields[] = {{Field::Type, "measurement_type_concept_id"},
                                              {Field::Operator, "operator_concept_id"},
                                              {Field::ValueNumber, "value_as_number"},
                                              {Field::ValueConcept, "value_as_concept_id"},
                                              {Field::Unit, "unit_concept_id"},
                                              {Field::RangeLow, "range_low"},
                                              {Field::RangeHigh, "range_high"},
                                              {Field::UnitText, "unit_source_value"},
                                              {Field::Specialty, "provider_id"},
                                              {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kObservationFields[] = {{Field::Type, "observation_type_concept_id"},
                                              {Field::ValueNumber, "value_as_number"},
                                              {Field::ValueText, "value_as_string"},
                                              {Field::ValueConcept, "value_as_concept_id"},
                                              {Field::Qualifier, "qualifier_concept_id"},
                                              {Field::Unit, "unit_concept_id"},
                                              {Field::Specialty, "provider_id"},
                                              {Field::VisitConcept, "visit_occurrence_id"}};

constexpr FieldColumn kSpecimenFields[] = {{Field::Type, "specimen_type_concept_id"},
                                           {Field::Quantity, "quantity"},
                                           {Field::Unit, "unit_concept_id"},
                                           {Field::AnatomicSite, "anatomic_site_concept_id"},
                                           {Field::DiseaseStatus, "disease_status_concept_id"},
                                           {Field::SourceId, "specimen_source_id"}};

constexpr FieldColumn kVisitFields[] = {{Field::Type, "visit_type_concept_id"},
                                        {Field::Specialty, "provider_id"},
                                        {Field::PlaceOfService, "care_site_id"}};

constexpr FieldColumn kVisitDetailFields[] = {{Field::Type, "visit_detail_type_concept_id"},
                                              {Field::Specialty, "provider_id"},
                                              {Field::PlaceOfService, "care_site_id"}};

constexpr FieldColumn kDeathFields[] = {{Field::Type, "death_type_concept_id"}};

constexpr FieldColumn kConditionEraFields[] = {{Field::Occurrences, "condition_occurrence_count"}};

constexpr FieldColumn kDrugEraFields[] = {{Field::Occurrences, "drug_exposure_count"},
                                          {Field::GapDays, "gap_days"}};

constexpr FieldColumn kDoseEraFields[] = {{Field::Unit, "unit_concept_id"},
                                          {Field::DoseValue, "dose_value"}};

constexpr FieldColumn kPeriodFields[] = {{Field::Type, "period_type_concept_id"}};

constexpr FieldColumn kPayerPlanFields[] = {
    {Field::Payer, "payer_concept_id"},
    {Field::Plan, "plan_concept_id"},
    {Field::Sponsor, "sponsor_concept_id"},
    {Field::StopReasonConcept, "stop_reason_concept_id"},
    {Field::PayerSource, "payer_source_concept_id"},
    {Field::PlanSource, "plan_source_concept_id"},
    {Field::SponsorSource, "sponsor_source_concept_id"},
    {Field::StopReasonSource, "stop_reason_source_concept_id"}};

constexpr std::array<TableShape, kDomainCount> kShapes = {{
    {"condition_occurrence", "condition_occurrence_id", "condition_start_date",
     "condition_end_date", true, "condition_concept_id", "condition_source_concept_id",
     "visit_occurrence_id", kConditionFields},
    {"drug_exposure", "drug_exposure_id", "drug_exposure_start_date", "drug_exposure_end_date",
     true, "drug_concept_id", "drug_source_concept_id", "visit_occurrence_id", kDrugFields},
    {"procedure_occurrence", "procedure_occurrence_id", "procedure_date", "", true,
     "procedure_concept_id", "procedure_source_concept_id", "visit_occurrence_id",
     kProcedureFields},
    {"device_exposure", "device_exposure_id", "device_exposure_start_date",
     "device_exposure_end_date", true, "device_concept_id", "device_source_concept_id",
     "visit_occurrence_id", kDeviceFields},
    {"measurement", "measurement_id", "measurement_date", "", true, "measurement_concept_id",
     "measurement_source_concept_id", "visit_occurrence_id", kMeasurementFields,
     "measurement_datetime"},
    {"observation", "observation_id", "observation_date", "", true, "observation_concept_id",
     "observation_source_concept_id", "visit_occurrence_id", kObservationFields},
    {"specimen", "specimen_id", "specimen_date", "", true, "specimen_concept_id", "", "",
     kSpecimenFields},
    {"visit_occurrence", "visit_occurrence_id", "visit_start_date", "visit_end_date", false,
     "visit_concept_id", "visit_source_concept_id", "visit_occurrence_id", kVisitFields},
    {"visit_detail", "visit_detail_id", "visit_detail_start_date", "visit_detail_end_date", false,
     "visit_detail_concept_id", "visit_detail_source_concept_id", "visit_occurrence_id",
     kVisitDetailFields},
    {"death", "person_id", "death_date", "", true, "cause_concept_id", "cause_source_concept_id",
     "", kDeathFields},
    {"condition_era", "condition_era_id", "condition_era_start_date", "condition_era_end_date",
     false, "condition_concept_id", "", "", kConditionEraFields},
    {"drug_era", "drug_era_id", "drug_era_start_date", "drug_era_end_date", false,
     "drug_concept_id", "", "", kDrugEraFields},
    {"dose_era", "dose_era_id", "dose_era_start_date", "dose_era_end_date", false,
     "drug_concept_id", "", "", kDoseEraFields},
    {"observation_period", "observation_period_id", "observation_period_start_date",
     "observation_period_end_date", false, "period_type_concept_id", "", "", kPeriodFields},
    {"payer_plan_period", "payer_plan_period_id", "payer_plan_period_start_date",
     "payer_plan_period_end_date", false, "payer_concept_id", "", "", kPayerPlanFields},
    {"", "", "", "", false, "", "", "", {}},
}};

}  // namespace

const TableShape& shape_of(Domain domain) {
  return kShapes[index_of(domain)];
}

}  // namespace eds::cohort
