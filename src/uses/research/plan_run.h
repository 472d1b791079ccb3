// One plan of a cohort, evaluated over what a session's scope lets be read.
//
// Invariants: persons outside the scope are not there (the session's views); a column that the mask
// hides is an error, not an empty column. Threads: one at a time; evaluation starts its own.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "cohort/evaluate.h"
#include "cohort/event_reader.h"
#include "cohort/plan.h"
#include "engine/session.h"
#include "govern/scope_columns.h"

namespace eds::research {

/// What a plan may read, and what is said when it needs more.
struct ShownColumns {
  const govern::ColumnMask* mask = nullptr;  ///< none: every column
  Code code = Code::Refused;
  std::string_view words;  ///< the table and the column follow
};

/// The table numbers the persons of the outcome.
using TakePlan = std::function<void(const cohort::PersonTable& persons, cohort::Outcome&& outcome)>;

/// Loads from the lake what the plan needs, and gives its outcome.
Status run_plan(engine::Session& session, const ShownColumns& shown, const cohort::Plan& plan,
                int threads, const TakePlan& take);
/// The same by the stored cohort index where there is one that answers; the session must be of this
/// warehouse and scan, whose columns are those that `shown` names.
Status run_plan_indexed(lake::Warehouse& warehouse, const engine::Scan& scan,
                        engine::Session& session, const ShownColumns& shown,
                        const cohort::Plan& plan, int threads, const TakePlan& take);

}  // namespace eds::research
