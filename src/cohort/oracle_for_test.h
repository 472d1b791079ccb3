// Oracle: a slow, obvious evaluator of cohort definitions, written from the page of semantics
// alone.
//
// It reads the JSON itself and shares nothing with the reader, the planner and the index. Nested
// loops over vectors; nobody should read a patient's data with it. Included by tests only.
// Source: docs/reference/cohort.md; OHDSI circe-be 1.13.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "cohort/tables_for_test.h"
#include "format/json/json_reader.h"

namespace eds::cohort {

using MaybeNumber = std::optional<double>;
using MaybeDay = std::optional<int>;

struct OracleRow {
  long person = 0;
  long id = 0;
  int start = 0;
  MaybeDay end;
  std::map<std::string, std::string, std::less<>> cells;  ///< those that are not missing

  MaybeNumber number(std::string_view name) const {
    const auto found = cells.find(name);
    if (found == cells.end()) return std::nullopt;
    return std::stod(found->second);
  }
};

struct OracleEvent {
  const OracleRow* row = nullptr;
  int start = 0;
  MaybeDay end;
  int sort = 0;
  MaybeNumber visit;
};

/// An index event; `key` is what a group answers for.
struct OracleIndex {
  long person = 0;
  long key = 0;
  int start = 0;
  MaybeDay end;
  int op_start = 0;
  int op_end = 0;
  MaybeNumber visit;
  long id = 0;
  int sort = 0;
};

using OraclePeriod = std::tuple<long, int, int>;  ///< person, start, end

struct OracleKind {
  std::string_view name, table, id, start, end, concept_id, source_key, source_concept, type;
};

// Section 2: where each kind of event has its parts.
inline constexpr OracleKind kOracleKinds[] = {
    {"ConditionOccurrence", "condition_occurrence", "condition_occurrence_id",
     "condition_start_date", "condition_end_date", "condition_concept_id", "ConditionSourceConcept",
     "condition_source_concept_id", "condition_type_concept_id"},
    {"DrugExposure", "drug_exposure", "drug_exposure_id", "drug_exposure_start_date",
     "drug_exposure_end_date", "drug_concept_id", "DrugSourceConcept", "drug_source_concept_id",
     "drug_type_concept_id"},
    {"ProcedureOccurrence", "procedure_occurrence", "procedure_occurrence_id", "procedure_date", "",
     "procedure_concept_id", "ProcedureSourceConcept", "procedure_source_concept_id",
     "procedure_type_concept_id"},
    {"DeviceExposure", "device_exposure", "device_exposure_id", "device_exposure_start_date",
     "device_exposure_end_date", "device_concept_id", "DeviceSourceConcept",
     "device_source_concept_id", "device_type_concept_id"},
    {"Measurement", "measurement", "measurement_id", "measurement_date", "",
     "measurement_concept_id", "MeasurementSourceConcept", "measurement_source_concept_id",
     "measurement_type_concept_id"},
    {"Observation", "observation", "observation_id", "observation_date", "",
     "observation_concept_id", "ObservationSourceConcept", "observation_source_concept_id",
     "observation_type_concept_id"},
    {"Specimen", "specimen", "specimen_id", "specimen_date", "", "specimen_concept_id", "", "",
     "specimen_type_concept_id"},
    {"VisitOccurrence", "visit_occurrence", "visit_occurrence_id", "visit_start_date",
     "visit_end_date", "visit_concept_id", "VisitSourceConcept", "visit_source_concept_id",
     "visit_type_concept_id"},
    {"VisitDetail", "visit_detail", "visit_detail_id", "visit_detail_start_date",
     "visit_detail_end_date", "visit_detail_concept_id", "VisitDetailSourceConcept",
     "visit_detail_source_concept_id", "visit_detail_type_concept_id"},
    {"Death", "death", "person_id", "death_date", "", "cause_concept_id", "DeathSourceConcept",
     "cause_source_concept_id", "death_type_concept_id"},
    {"ConditionEra", "condition_era", "condition_era_id", "condition_era_start_date",
     "condition_era_end_date", "condition_concept_id", "", "", ""},
    {"DrugEra", "drug_era", "drug_era_id", "drug_era_start_date", "drug_era_end_date",
     "drug_concept_id", "", "", ""},
    {"DoseEra", "dose_era", "dose_era_id", "dose_era_start_date", "dose_era_end_date",
     "drug_concept_id", "", "", ""},
    {"ObservationPeriod", "observation_period", "observation_period_id",
     "observation_period_start_date", "observation_period_end_date", "period_type_concept_id", "",
     "", "period_type_concept_id"},
    {"PayerPlanPeriod", "payer_plan_period", "payer_plan_period_id", "payer_plan_period_start_date",
     "payer_plan_period_end_date", "payer_concept_id", "", "", ""},
};

inline const OracleKind* oracle_kind(std::string_view name) {
  for (const OracleKind& kind : kOracleKinds) {
    if (kind.name == name) return &kind;
  }
  return nullptr;
}

MaybeDay default_end(const OracleKind& kind, const OracleRow& row);

class Oracle {
 public:
  Oracle(const JsonTables& tables, bool is_circe);

  std::vector<OraclePeriod> cohort(json::Value definition);
  /// A definition, or a set of such (docs/reference/cohort-superset.md, section 1).
  std::vector<OraclePeriod> whole(json::Value definition);

 private:
  using Rows = std::vector<OracleRow>;
  static Rows rows_of(const TextTable& table, std::string_view id, std::string_view start,
                      std::string_view end);
  void read_sets(json::Value definition);
  std::set<long> members(json::Value items, bool excluded) const;
  bool in_set(long set, MaybeNumber value) const;
  std::vector<OracleEvent> events(json::Value wrapped);
  bool attributes_hold(const OracleKind& kind, json::Value criteria, OracleEvent& event);
  bool holds(const OracleKind& kind, std::string_view name, json::Value criteria, json::Value value,
             const OracleEvent& event);
  bool number_holds(const OracleKind& kind, std::string_view name, json::Value criteria,
                    json::Value value, const OracleEvent& event);
  bool concept_holds(const OracleKind& kind, std::string_view name, json::Value criteria,
                     json::Value value, const OracleEvent& event);
  bool demographic_holds(json::Value criteria, const OracleIndex& index);
  std::vector<OracleIndex> in_periods(const std::vector<OracleEvent>& events) const;
  std::set<std::pair<long, long>> group(json::Value group, const std::vector<OracleIndex>& index);
  std::set<std::pair<long, long>> correlated(json::Value criteria,
                                             const std::vector<OracleIndex>& index);
  std::set<std::pair<long, long>> trend(json::Value trend, const std::vector<OracleIndex>& index);
  std::set<std::pair<long, long>> sequence(json::Value sequence,
                                           const std::vector<OracleIndex>& index);
  MaybeNumber counted(std::string_view kind, std::string_view column, const OracleEvent& event);
  std::vector<OracleIndex> entry(json::Value definition);
  std::vector<OraclePeriod> exits(json::Value definition, const std::vector<OracleIndex>& included);
  static std::vector<OraclePeriod> collapse(std::vector<OraclePeriod> periods, int pad);

  const OracleRow* person(long id) const {
    const auto found = persons_.find(id);
    return found == persons_.end() ? nullptr : &found->second;
  }

  bool is_circe_;
  std::map<std::string, Rows, std::less<>> tables_;
  std::map<long, OracleRow> persons_, visits_, providers_, sites_;
  std::map<long, bool> concepts_;
  std::vector<std::pair<long, long>> ancestors_, mappings_;
  std::map<long, std::set<long>> sets_;
  long next_key_ = 0;
};

// What JSON says of a limit, a flag or a text, with what it means when it says nothing.
inline std::string word(json::Value object, std::string_view name, std::string_view otherwise) {
  std::string text(object.string_or(name, otherwise));
  for (char& letter : text) letter = static_cast<char>(std::tolower(letter));
  return text;
}

inline std::optional<json::Value> given(json::Value object, std::string_view name) {
  const std::optional<json::Value> found = object.find(name);
  return found && !found->is_null() ? found : std::nullopt;
}

/// Section 4: one window of a correlated criterion.
bool in_window(json::Value window, bool event_end_by_default, bool ignores_period,
               const OracleIndex& index, const OracleEvent& event);

template <class Value>
bool op_holds(const std::string& op, std::optional<Value> value, Value low, Value high) {
  if (!value) return false;
  if (op == "lt") return *value < low;
  if (op == "lte") return *value <= low;
  if (op == "eq") return *value == low;
  if (op == "!eq") return *value != low;
  if (op == "gt") return *value > low;
  if (op == "gte") return *value >= low;
  const bool inside = *value >= low && *value <= high;
  return op == "bt" ? inside : !inside;
}

}  // namespace eds::cohort
