// Domain: what kinds of events a criterion can look for, and which attributes each kind has.
//
// Invariants: the tables here are the whole grammar of Circe's domain criteria: reader, writer,
// planner and reading aloud all walk them, so an attribute is described once. Threads: immutable.
// Source: OHDSI circe-be 1.13 (2025-03), classes of package cohortdefinition; OMOP CDM 5.4.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eds::cohort {

enum class Domain : std::uint8_t {
  ConditionOccurrence,
  DrugExposure,
  ProcedureOccurrence,
  DeviceExposure,
  Measurement,
  Observation,
  Specimen,
  VisitOccurrence,
  VisitDetail,
  Death,
  ConditionEra,
  DrugEra,
  DoseEra,
  ObservationPeriod,
  PayerPlanPeriod,
  LocationRegion,
};
inline constexpr std::size_t kDomainCount = 16;

/// What an attribute tests, or a distinct count counts: a column of the event's row, of the person,
/// or something computed from them.
enum class Field : std::uint8_t {
  // Computed from the event and the person.
  Start,
  End,
  Length,  ///< whole days from start to end
  AgeAtStart,
  AgeAtEnd,
  Gender,
  Race,
  Ethnicity,
  RatioToLow,   ///< value / range_low
  RatioToHigh,  ///< value / range_high
  Abnormal,     ///< value outside its range, or a concept that says so
  One,          ///< what Circe calls the duration of an event of one day: always 1
  VisitId,
  Concept,
  // Integer columns.
  Type,
  Status,
  VisitConcept,    ///< of the visit with the event's visit id and person
  Specialty,       ///< of the event's provider
  PlaceOfService,  ///< of the event's care site
  Refills,
  DaysSupply,
  Route,
  Modifier,
  Operator,
  ValueConcept,
  Unit,
  Qualifier,
  AnatomicSite,
  DiseaseStatus,
  Occurrences,
  GapDays,
  Payer,
  Plan,
  Sponsor,
  StopReasonConcept,
  PayerSource,
  PlanSource,
  SponsorSource,
  StopReasonSource,
  DoseUnit,  ///< CDM 5.0 alone has the two columns of doses
  // Decimal columns.
  Quantity,
  ValueNumber,
  RangeLow,
  RangeHigh,
  DoseValue,
  EffectiveDose,
  // Text columns.
  StopReason,
  LotNumber,
  UniqueDeviceId,
  ValueText,
  SourceId,
  UnitText,
  // What no supported CDM has a column for.
  PlaceLocation,
  SpecimenSource,
};
inline constexpr Field kFirstStored = Field::Type;
inline constexpr Field kFirstDecimal = Field::Quantity;
inline constexpr Field kFirstText = Field::StopReason;
inline constexpr Field kFirstUnsupported = Field::PlaceLocation;
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::SpecimenSource) + 1;

constexpr std::size_t index_of(Domain domain) {
  return static_cast<std::size_t>(domain);
}
constexpr std::size_t index_of(Field field) {
  return static_cast<std::size_t>(field);
}
constexpr bool is_stored(Field field) {
  return field >= kFirstStored && field < kFirstUnsupported;
}

/// How an attribute is written in JSON.
enum class Shape : std::uint8_t {
  Integer,    ///< {"Value", "Op", "Extent"}, fractions cut off
  Decimal,    ///< the same, rounded to 4 places
  Date,       ///< the same, with dates
  Concepts,   ///< a list of concepts
  Selection,  ///< {"CodesetId", "IsExclusion"}
  SetId,      ///< the id of a concept set
  Text,       ///< {"Text", "Op"}
  Exclude,    ///< true: the list of the type concepts is a list of exclusions
  Flag,       ///< true asks for it
  Period,     ///< {"StartDate", "EndDate"}
  Normal,     ///< {"Value", "Op", "Extent", "Otherwise", "Unit"}; Circe has none
};

struct Attribute {
  std::string_view name;
  Shape shape = Shape::Integer;
  Field field = Field::Start;
};

struct DomainGrammar {
  std::string_view name;            ///< as JSON says it
  std::string_view source_concept;  ///< name of the source concept's attribute, or empty
  bool has_codeset = true;
  bool has_first = true;
  std::span<const Attribute> attributes;
};

const DomainGrammar& grammar(Domain domain);
/// Kinds of events that definitions may name and no release has data for yet; or nullptr.
const DomainGrammar* find_declared(std::string_view name);
std::optional<Domain> find_domain(std::string_view name);
/// The attribute of that name, or nullptr.
const Attribute* find_attribute(std::span<const Attribute> attributes, std::string_view name);
/// Attributes of a demographic criterion.
std::span<const Attribute> demographic_attributes();

/// What a distinct count counts, as JSON says it ("DOMAIN_CONCEPT").
enum class CountColumn : std::uint8_t {
  DaysSupply,
  DomainConcept,
  DomainSourceConcept,
  Duration,
  EndDate,
  EraOccurrences,
  GapDays,
  Quantity,
  RangeHigh,
  RangeLow,
  Refills,
  StartDate,
  Unit,
  ValueAsNumber,
  VisitId,
  VisitDetailId,
};
std::string_view count_column_name(CountColumn column);
std::optional<CountColumn> find_count_column(std::string_view name);
/// The field that `column` means in `domain`; nothing when that kind of event has no such column.
std::optional<Field> counted_field(Domain domain, CountColumn column);

}  // namespace eds::cohort
