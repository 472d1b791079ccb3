// Reads a cohort definition from JSON.
//
// Invariants: strictly read, everything that is not understood is refused with its JSON path;
// leniently read, unknown members are kept and mean nothing, as in the reference. Either way what
// the reference itself rejects is refused. A definition may come alone, or wrapped as WebAPI and
// `.jsonl` files do: {"id", "name", "expression"}, the expression as an object or as text.
// Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cohort/definition.h"
#include "cohort/json_object.h"
#include "format/json/json_reader.h"

namespace eds::cohort {

struct NamedDefinition {
  std::optional<std::int64_t> id;
  std::string name;
  Definition definition;
};

Result<NamedDefinition> read_definition(std::string_view json, Reading reading = Reading::Strict);

// Parts of a definition, for tests and for the pages that edit one.
Result<Definition> read_expression(json::Value value, const Place& place, Reading reading);
Result<Criteria> read_criteria(json::Value value, const Place& place, Reading reading);
Result<CorrelatedCriteria> read_correlated(json::Value value, const Place& place, Reading reading);
Result<Concept> read_concept(json::Value value, const Place& place);
Result<Group> read_group(json::Value value, const Place& place, Reading reading);
Result<std::vector<Concept>> read_concepts(json::Value value, const Place& place);
Result<Window> read_window(json::Value value, const Place& place, Reading reading);
Result<Compare> read_compare(JsonObject& object);
// What Circe has no part for; never read leniently.
Result<Trend> read_trend(json::Value value, const Place& place, Reading reading);
Result<CohortMember> read_cohort_member(json::Value value, const Place& place, Reading reading);
Result<SavedReference> read_saved(JsonObject& object);
Result<NormalRange> read_normal(json::Value value, const Place& place, Reading reading);
Result<NumericRange> read_range(JsonObject& object);
Result<Sequence> read_sequence(json::Value value, const Place& place, Reading reading);
/// {"StartDate", "EndDate"}, all of it.
Result<Period> read_period(JsonObject& object);
/// A number of days within kOffsetDaysMax.
Result<std::optional<std::int64_t>> read_days(JsonObject& object, std::string_view name);

}  // namespace eds::cohort
