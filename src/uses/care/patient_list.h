// The list of patients one can click through, filtered and paged.
//
// Invariants: ordered by person_id, so that pages do not overlap; the total is exact.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/session.h"
#include "uses/care/labels.h"

namespace eds::care {

inline constexpr std::int64_t kPatientsPerPageMax = 200;

struct PatientFilter {
  std::string sex;  ///< "F", "M", "U" (neither) or "" for all
  std::optional<std::int32_t> age_min;
  std::optional<std::int32_t> age_max;
  std::string code_prefix;  ///< of a diagnosis code as received; "" for all
  std::int64_t limit = 50;
  std::int64_t offset = 0;
  std::int32_t today = 0;  ///< days since 1970; ages are counted in calendar years from it
};

/// {"total":..., "patients":[...]}, as docs/reference/api.md draws it.
Result<std::string> patient_list_json(engine::Session& session, const PatientFilter& filter,
                                      Labels& labels);

}  // namespace eds::care
