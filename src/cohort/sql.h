// A plan as SQL: one statement whose steps are those of the evaluation, for any engine.
//
// Invariants: the statement gives the rows that the Evaluator gives, in both modes; it asks the
// vocabulary tables for the concepts of its sets, so it needs nothing but a release. Nothing is
// glued from text: the tree of engine/statement.h carries all of it. Threads: any.
// Source: docs/reference/cohort.md; OHDSI circe-be 1.13.
#pragma once

#include "base/result.h"
#include "cohort/plan.h"
#include "engine/statement.h"

namespace eds::cohort {

/// Columns subject_id, cohort_start_date, cohort_end_date, ordered by the first two. Code::Limit
/// when the statement would have more than kSqlStepsMax steps.
Result<engine::Select> cohort_statement(const Plan& plan);

}  // namespace eds::cohort
