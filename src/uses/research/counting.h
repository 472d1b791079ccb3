// Counts of persons for people without a data right: a cohort or a statement is evaluated under
// their scope, and what is shown of it is one protected count.
//
// Invariants: nothing leaves but govern::ProtectedCounts' answer, or an error that says nothing of
// any row. Whoever may read rows where he asks does not need this: may_read_rows().
// Threads: one at a time. Source: requirement ids CNT-1 to CNT-5.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cohort/plan.h"
#include "engine/session.h"
#include "govern/policy.h"
#include "govern/protected_counts.h"

namespace eds::research {

/// What counts go through; all of the same warehouse.
struct CountingDesk {
  engine::Engine* engine = nullptr;
  lake::Warehouse* warehouse = nullptr;
  govern::ProtectedCounts* counts = nullptr;
};

/// Whether the request, asked as a read, would show rows: else it is one for Action::Count.
bool may_read_rows(const govern::RightsState& state, govern::Request request, std::int64_t now_us);

/// `scan` must be a principal's, of Action::Count or Action::Read.
Result<govern::ProtectedCount> count_cohort(const CountingDesk& desk, const engine::Scan& scan,
                                            const cohort::Plan& plan);
/// Of the distinct persons that the statement's column person_id names.
Result<govern::ProtectedCount> count_query(const CountingDesk& desk, const engine::Scan& scan,
                                           const std::string& sql);

/// {"persons":"120-130","low":120,"high":130}
std::string count_json(const govern::ProtectedCount& count);

}  // namespace eds::research
