// Import: cohort requests of other tools, as definitions of docs/reference/cohort-superset.md.
//
// Invariants: what has no exact meaning here is refused with its path, never left out; codes stay
// codes until the caller says which concepts they are. Threads: a plain value.
// Source: docs/reference/cohort-import.md; Cohort360-QueryExecutor 2024 (request JSON).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/json/json_reader.h"

namespace eds::cohort {

struct ImportedCode {
  std::string vocabulary;  ///< CIM10, CCAM, ATC, LOINC, ANABIO, Visit
  std::string code;
  std::string place;          ///< in the request
  bool has_narrower = false;  ///< it stands for the codes below it, too
};

/// Events of one kind, counted.
struct ImportedCriterion {
  std::int64_t id = 0;  ///< as the request numbers it
  std::string kind;     ///< of a criterion of ours: "ConditionOccurrence"
  std::vector<ImportedCode> codes;
  std::string attributes;  ///< members of the criterion, as JSON
  std::string person;      ///< members of a demographic criterion, instead
  std::int64_t count_type = 2;
  std::int64_t count = 1;
  bool same_day = false;    ///< that many on one day
  bool same_visit = false;  ///< that many in one visit
};

struct ImportedSequence {
  std::vector<ImportedCriterion> steps;
  std::int64_t days_min = 0;
  std::int64_t days_max = -1;  ///< -1: for ever
};

struct ImportedGroup {
  std::string type = "ALL";
  std::int64_t count = 0;
  bool one_visit = false;  ///< there is one visit of which all of it is
  std::vector<ImportedCriterion> criteria;
  std::vector<ImportedGroup> groups;
  std::vector<ImportedSequence> sequences;
};

struct Imported {
  ImportedGroup root;
  /// What the request names that only its hospital knows: where, and what.
  std::vector<std::string> unmapped;
};

/// What a criterion's filter asks; a test gives another one.
using ReadFilter =
    std::function<Status(json::Value resource, const std::string& place, ImportedCriterion& into)>;

Result<Imported> read_cohort360(std::string_view text);
Result<Imported> read_cohort360(std::string_view text, const ReadFilter& read_filter);

struct FoundConcept {
  std::int64_t id = 0;
  std::string name;
};
using FindConcepts = std::function<std::vector<FoundConcept>(const ImportedCode&)>;

/// Every code that the request asks, in its order.
std::vector<ImportedCode> codes_of(const Imported& imported);
/// The definition: persons with an observation period for whom the root holds. Codes that
/// `find` knows nothing of match nothing; the caller says so.
std::string write_imported(const Imported& imported, const FindConcepts& find);

}  // namespace eds::cohort
