// The definitions that `eds cohort` and `eds bench circe` work on, and their common evaluation.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/commands.h"
#include "cohort/evaluate.h"
#include "cohort/loader.h"
#include "cohort/plan.h"
#include "engine/printer.h"

namespace eds::cli {

/// Columns of numbers, by their names.
std::vector<engine::PrintedColumn> columns_of(std::initializer_list<std::string_view> names);

struct PlannedCohort {
  std::int64_t id = 0;
  std::string name;  ///< of the file, or of the line in it
  cohort::Plan plan;
  cohort::ResolvedSets sets;
};

struct PlannedCohorts {
  std::vector<PlannedCohort> cohorts;
  std::vector<Error> refused;  ///< one for each definition that is none
};

/// Reads files: one definition each, or one a line (.jsonl). An id is `first_id` and what follows
/// it; else what the file says; else the number that the file is named after; else its position.
Result<PlannedCohorts> read_cohorts(const std::vector<std::string>& paths, cohort::Mode mode,
                                    std::int64_t first_id);

/// For one person, the events that made them enter, pass each rule and leave.
Result<Exit> run_cohort_why(const Global& global, const CohortOptions& options,
                            std::vector<PlannedCohort>& cohorts);
/// The persons of each step, about and then exactly.
Result<Exit> run_cohort_live(const Global& global, std::vector<PlannedCohort>& cohorts);

using TakeOutcome = std::function<Status(const PlannedCohort&, cohort::Outcome&&)>;

/// read_cohorts of what was asked, the refused and the planner's notes said on standard error.
Result<PlannedCohorts> read_asked(const CohortOptions& options);

/// Code::Usage for a format that is no text.
Result<engine::Format> printed_format(std::string_view name);

/// `eds cohort import`: a request of another tool, as a definition.
Result<Exit> run_cohort_import(const Global& global, const CohortOptions& options);
/// `eds cohort sql`: each definition as one statement of --engine.
Result<Exit> run_cohort_sql(const Global& global, const CohortOptions& options);
/// `eds cohort run --engine duckdb`: the rows, by that statement.
Result<Exit> run_cohort_by_sql(const Global& global, const CohortOptions& options);

/// Evaluates every cohort and gives its outcome in order.
Status evaluate_all(const cohort::Store& store, const std::vector<PlannedCohort>& cohorts,
                    const TakeOutcome& take);

}  // namespace eds::cli
