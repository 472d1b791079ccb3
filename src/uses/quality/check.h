// Data quality of a release: rows that break the model are kept, and reported here.
//
// Invariants: every finding is a count of rows of one table with one reason; nothing is changed.
// Threads: one thread, one Session.
// Source: OHDSI DataQualityDashboard's conformance, completeness and plausibility categories
// (Kahn et al. 2016), the checks that need no threshold.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eds::quality {

struct Finding {
  std::string table;
  std::string check;  ///< "person-unknown", "required-missing", ...
  std::string field;
  std::int64_t row_count = 0;        ///< of the table
  std::int64_t violation_count = 0;  ///< 0: the check passed
};

/// Runs every check that the tables present allow.
Result<std::vector<Finding>> check(engine::Session& session,
                                   const std::vector<lake::TableVersion>& tables);

}  // namespace eds::quality
