// Cohorts by SQL: `eds cohort sql` and `eds cohort run --engine duckdb`.
#include <fmt/format.h>

#include <cstdio>

#include "cli/cohort.h"
#include "cli/context.h"
#include "cohort/sql.h"
#include "engine/session.h"

namespace eds::cli {
namespace {

constexpr std::string_view kColumns[] = {"cohort_definition_id", "subject_id", "cohort_start_date",
                                         "cohort_end_date"};

Status print_rows(engine::Session& session, const PlannedCohort& cohort, engine::Printer& printer,
                  std::vector<std::int64_t>& members) {
  const engine::Select statement = TRY(cohort::cohort_statement(cohort.plan));
  engine::Answer rows = TRY(session.query(statement));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      const engine::Cell cells[] = {cohort.id, chunk->int_at(0, row),
                                    engine::Day{static_cast<std::int32_t>(chunk->int_at(1, row))},
                                    engine::Day{static_cast<std::int32_t>(chunk->int_at(2, row))}};
      members.push_back(chunk->int_at(0, row));
      TRY(printer.add(cells));
    }
  }
  return {};
}

}  // namespace

Result<Exit> run_cohort_sql(const Global& /*global*/, const CohortOptions& options) {
  const bool is_spark = options.engine == "spark";
  if (!options.engine.empty() && options.engine != "duckdb" && !is_spark) {
    return Error{Code::Usage, "engine is duckdb or spark, not: " + options.engine};
  }
  PlannedCohorts planned = TRY(read_asked(options));
  const engine::Dialect dialect = is_spark ? engine::Dialect::Spark : engine::Dialect::DuckDb;
  for (const PlannedCohort& cohort : planned.cohorts) {
    Result<engine::Select> statement = cohort::cohort_statement(cohort.plan);
    if (!statement.ok()) return statement.error().within(cohort.name);
    TRY(print(fmt::format("-- cohort {}\n{};\n", cohort.id, engine::print(*statement, dialect))));
  }
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

Result<Exit> run_cohort_by_sql(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  std::vector<engine::PrintedColumn> columns;
  for (std::string_view name : kColumns) {
    columns.push_back({std::string(name), engine::Align::Right});
  }
  engine::Printer printer(TRY(printed_format(global.format)), std::move(columns), print);
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "cohort run"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  const std::string& release = scan.release().name;
  TRY(context.note("cohort run", std::to_string(planned.cohorts.size()) + " definitions by SQL",
                   govern::Outcome::Begun, 0, release));
  std::vector<std::int64_t> members;
  for (const PlannedCohort& cohort : planned.cohorts) {
    const Status done = print_rows(*session, cohort, printer, members);
    if (!done.ok()) return done.error().within(cohort.name);
  }
  TRY(printer.end());
  context.audit().is_about("", govern::AuditPersons::of(std::move(members)));
  TRY(context.note("cohort run", "", govern::Outcome::Done, printer.row_count(), release));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

}  // namespace eds::cli
