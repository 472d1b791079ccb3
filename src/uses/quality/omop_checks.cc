#include "uses/quality/omop_checks.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "base/result.h"

namespace eds::quality {
namespace {

constexpr std::array<KindFacts, kCheckKindCount> kKinds = {{
    {CheckKind::CdmTable, "", "cdmTable", "TABLE", "Verification", "Conformance", "Relational",
     "The table {t} is there."},
    {CheckKind::PersonCompleteness, "persons", "measurePersonCompleteness", "TABLE", "Validation",
     "Completeness", "", "Persons without a record in {t}."},
    {CheckKind::ConditionEraCompleteness, "eras", "measureConditionEraCompleteness", "TABLE",
     "Validation", "Completeness", "", "Persons with a condition but no condition era."},
    {CheckKind::PeriodOverlap, "overlap", "measureObservationPeriodOverlap", "TABLE",
     "Verification", "Plausibility", "Temporal",
     "Persons whose observation periods overlap or touch."},
    {CheckKind::CdmField, "", "cdmField", "FIELD", "Verification", "Conformance", "Relational",
     "The field {f} of {t} is there."},
    {CheckKind::Required, "required", "isRequired", "FIELD", "Validation", "Conformance",
     "Relational", "Records of {t} without {f}, which may not be missing."},
    {CheckKind::Datatype, "integer", "cdmDatatype", "FIELD", "Verification", "Conformance", "Value",
     "Records of {t} whose {f} is not a whole number without a sign."},
    {CheckKind::PrimaryKey, "key", "isPrimaryKey", "FIELD", "Verification", "Conformance",
     "Relational", "Records of {t} that share their {f} with another."},
    {CheckKind::ForeignKey, "foreign", "isForeignKey", "FIELD", "Verification", "Conformance",
     "Relational", "Records of {t} whose {f} is not found as {b}."},
    {CheckKind::Domain, "domain", "fkDomain", "FIELD", "Verification", "Conformance", "Value",
     "Records of {t} whose {f} is a concept outside the domain {b}."},
    {CheckKind::Class, "class", "fkClass", "FIELD", "Verification", "Conformance", "Computational",
     "Records of {t} whose {f} is a concept outside the class {b}."},
    {CheckKind::StandardConcept, "standard", "isStandardValidConcept", "FIELD", "Verification",
     "Conformance", "Value", "Records of {t} whose {f} is no standard and valid concept."},
    {CheckKind::ValueCompleteness, "complete", "measureValueCompleteness", "FIELD", "Verification",
     "Completeness", "", "Records of {t} without {f}."},
    {CheckKind::ConceptMapped, "mapped", "standardConceptRecordCompleteness", "FIELD",
     "Verification", "Completeness", "", "Records of {t} whose {f} is 0: mapped to no concept."},
    {CheckKind::SourceConceptMapped, "source-mapped", "sourceConceptRecordCompleteness", "FIELD",
     "Verification", "Completeness", "", "Records of {t} whose {f} is 0: no source concept."},
    {CheckKind::SourceValuesMapped, "values-mapped", "sourceValueCompleteness", "FIELD",
     "Verification", "Completeness", "",
     "Distinct values of {f} in {t} that some record maps to no concept ({b} is 0)."},
    {CheckKind::Low, "low", "plausibleValueLow", "FIELD", "Verification", "Plausibility",
     "Atemporal", "Records of {t} whose {f} is below {b}."},
    {CheckKind::High, "high", "plausibleValueHigh", "FIELD", "Verification", "Plausibility",
     "Atemporal", "Records of {t} whose {f} is above {b}."},
    {CheckKind::TemporalAfter, "after", "plausibleTemporalAfter", "FIELD", "Verification",
     "Plausibility", "Temporal", "Records of {t} whose {f} comes before {b}."},
    {CheckKind::DuringLife, "alive", "plausibleDuringLife", "FIELD", "Verification", "Plausibility",
     "Temporal", "Records of {t} whose {f} comes more than 60 days after death."},
    {CheckKind::WithinVisit, "visit", "withinVisitDates", "FIELD", "Verification", "Plausibility",
     "", "Records of {t} whose {f} lies more than a week outside their visit."},
    {CheckKind::AfterBirth, "born", "plausibleAfterBirth", "FIELD", "Verification", "Plausibility",
     "Temporal", "Records of {t} whose {f} comes before birth."},
    {CheckKind::BeforeDeath, "before-death", "plausibleBeforeDeath", "FIELD", "Verification",
     "Plausibility", "Temporal", "Records of {t} whose {f} comes more than 60 days after death."},
    {CheckKind::StartBeforeEnd, "before-end", "plausibleStartBeforeEnd", "FIELD", "Verification",
     "Plausibility", "Temporal", "Records of {t} whose {f} comes after their {b}."},
    {CheckKind::Gender, "gender", "plausibleGender", "CONCEPT", "Validation", "Plausibility",
     "Atemporal", "Records of {t} with concept {c} of persons who are not: {b}."},
    {CheckKind::GenderBelow, "gender-below", "plausibleGenderUseDescendants", "CONCEPT",
     "Validation", "Plausibility", "Atemporal",
     "Records of {t} with a concept below {c} of persons who are not: {b}."},
    {CheckKind::Units, "units", "plausibleUnitConceptIds", "CONCEPT", "Verification",
     "Plausibility", "Atemporal",
     "Records of {t} with concept {c} whose unit is not one of {b} (-1: no unit)."},
}};

// A line of the tables that the program carries.
struct Line {
  std::string_view table;
  std::string_view field;
  std::string_view concepts;
  std::string_view checks;
};

#define TABLE(table, checks) {table, "", "", checks},
#define FIELD(table, field, checks) {table, field, "", checks},
#define CONCEPT(table, field, concepts, checks) {table, field, concepts, checks},
constexpr Line kPlaces[] = {
#include "uses/quality/omop_checks.inc"
};
constexpr Line kConcepts[] = {
#include "uses/quality/omop_concept_checks.inc"
};

// What "required@0; foreign=CONCEPT.CONCEPT_ID@0" says of `word`.
struct Entry {
  std::string_view bound;
  std::optional<double> threshold;
};

std::optional<Entry> entry(std::string_view checks, std::string_view word) {
  while (!checks.empty()) {
    const std::size_t end = std::min(checks.find("; "), checks.size());
    const std::string_view part = checks.substr(0, end);
    checks.remove_prefix(std::min(end + 2, checks.size()));
    const std::size_t at = part.rfind('@');
    const std::string_view left = part.substr(0, at);
    const std::size_t equals = left.find('=');
    if (left.substr(0, equals) != word) continue;
    Entry found;
    if (equals != std::string_view::npos) found.bound = left.substr(equals + 1);
    const std::string_view number = part.substr(at + 1);
    double threshold = 0;
    if (std::from_chars(number.data(), number.data() + number.size(), threshold).ec ==
        std::errc()) {
      found.threshold = threshold;
    }
    return found;
  }
  return std::nullopt;
}

std::string_view level_of(const Line& line) {
  if (line.field.empty()) return "TABLE";
  return line.concepts.empty() ? "FIELD" : "CONCEPT";
}

void add(const Line& line, const KindFacts& kind, std::vector<OmopCheck>& checks) {
  if (level_of(line) != kind.level) return;
  OmopCheck check{
      kind.kind,   std::string(line.table), std::string(line.field), std::string(line.concepts), "",
      std::nullopt};
  if (!kind.word.empty()) {
    const std::optional<Entry> found = entry(line.checks, kind.word);
    if (!found) return;
    check.bound = found->bound;
    check.threshold = found->threshold;
  }
  checks.push_back(std::move(check));
}

std::vector<OmopCheck> carried() {
  std::vector<OmopCheck> checks;
  for (const KindFacts& kind : kKinds) {
    for (const Line& line : kPlaces) add(line, kind, checks);
    for (const Line& line : kConcepts) add(line, kind, checks);
  }
  return checks;
}

}  // namespace

const KindFacts& facts(CheckKind kind) {
  const KindFacts& found = kKinds[static_cast<std::size_t>(kind)];
  ENSURE(found.kind == kind);
  return found;
}

const std::vector<OmopCheck>& omop_checks() {
  static const std::vector<OmopCheck> checks = carried();
  return checks;
}

std::string sentence(const OmopCheck& check) {
  std::string text;
  std::string_view says = facts(check.kind).says;
  while (!says.empty()) {
    if (says.size() > 2 && says[0] == '{' && says[2] == '}') {
      const char what = says[1];
      text += what == 't'   ? check.table
              : what == 'f' ? check.field
              : what == 'c' ? check.concepts
                            : check.bound;
      says.remove_prefix(3);
    } else {
      text.push_back(says.front());
      says.remove_prefix(1);
    }
  }
  return text;
}

std::string check_id(const OmopCheck& check) {
  const KindFacts& kind = facts(check.kind);
  std::string id;
  const std::string_view parts[] = {kind.level, kind.name, check.table, check.field,
                                    check.concepts};
  for (std::string_view part : parts) {
    if (part.empty()) continue;
    if (!id.empty()) id.push_back('_');
    for (char letter : part) {
      if (letter != ' ') id.push_back(lower_ascii(letter));
    }
  }
  return id;
}

std::vector<std::int64_t> id_list(std::string_view text) {
  std::vector<std::int64_t> ids;
  std::size_t at = 0;
  while (at < text.size()) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), id);
    if (error == std::errc()) {
      ids.push_back(id);
      at = static_cast<std::size_t>(end - text.data());
    } else {
      ++at;
    }
  }
  return ids;
}

}  // namespace eds::quality
