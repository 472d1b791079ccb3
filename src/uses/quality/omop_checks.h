// OmopCheck: one check of OHDSI's Data Quality Dashboard (DQD) on one table, field or concept.
//
// The list comes from omop_checks.inc and omop_concept_checks.inc, where a line says which checks
// run at its place as "word=bound@threshold; word@threshold": the threshold is the percentage of
// violated rows from which the check fails; none: any violated row fails it. Or it comes from a
// folder of the reference's own control files, as sites keep them to set their thresholds.
//
// Invariants: the list stands in the reference's order: check by check, then table, field and
// concept as in its files. Threads: values. Source: OHDSI DataQualityDashboard 2.8.4, CDM 5.4;
// docs/reference/check.md, decision 0006.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::quality {

enum class CheckKind : std::uint8_t {
  CdmTable,
  PersonCompleteness,
  ConditionEraCompleteness,
  PeriodOverlap,
  CdmField,
  Required,
  Datatype,
  PrimaryKey,
  ForeignKey,
  Domain,
  Class,
  StandardConcept,
  ValueCompleteness,
  ConceptMapped,        ///< standardConceptRecordCompleteness
  SourceConceptMapped,  ///< sourceConceptRecordCompleteness
  SourceValuesMapped,   ///< sourceValueCompleteness
  Low,
  High,
  TemporalAfter,
  DuringLife,
  WithinVisit,
  AfterBirth,
  BeforeDeath,
  StartBeforeEnd,
  Gender,
  GenderBelow,
  Units,
};
inline constexpr std::size_t kCheckKindCount = 27;

/// What all checks of a kind share.
struct KindFacts {
  CheckKind kind = CheckKind::CdmTable;
  std::string_view word;  ///< in omop_checks.inc; empty: at every place of its level
  std::string_view name;  ///< the reference's: "isRequired"
  std::string_view level;
  std::string_view context;      ///< of Kahn's framework: Verification, Validation
  std::string_view category;     ///< Conformance, Completeness, Plausibility
  std::string_view subcategory;  ///< may be empty
  std::string_view says;         ///< one sentence; {t} {f} {c} {b}: table, field, concept, bound
};
const KindFacts& facts(CheckKind kind);

struct OmopCheck {
  CheckKind kind = CheckKind::CdmTable;
  std::string table;     ///< as the reference writes it: "PERSON"
  std::string field;     ///< as in its files; empty for tables
  std::string concepts;  ///< concept id, or ids with commas; of concept checks
  std::string bound;     ///< "CONCEPT.CONCEPT_ID", "Drug", "19500101", "Male", "8840,8753"
  std::optional<double> threshold;

  friend bool operator==(const OmopCheck&, const OmopCheck&) = default;
};

/// The checks that the program carries.
const std::vector<OmopCheck>& omop_checks();

/// The checks as control files say: `folder` holds OMOP_CDMv5.4_{Table,Field,Concept}_Level.csv.
Result<std::vector<OmopCheck>> read_omop_checks(const std::string& folder);

/// The check's sentence.
std::string sentence(const OmopCheck& check);
/// "field_isrequired_person_person_id", as the reference names results.
std::string check_id(const OmopCheck& check);

/// The ids in "8840, 8753".
std::vector<std::int64_t> id_list(std::string_view text);

}  // namespace eds::quality
