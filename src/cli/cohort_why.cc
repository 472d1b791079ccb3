// `eds cohort why` and `eds cohort count --live`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/cohort_run.h"
#include "cohort/live_count.h"
#include "cohort/table_shape.h"
#include "cohort/why.h"
#include "engine/printer.h"

namespace eds::cli {
namespace {

engine::Cell day_cell(cohort::Day day) {
  if (day == cohort::kNoDay) return std::monostate();
  return engine::Day{day};
}

engine::Cell number_cell(std::int64_t number) {
  if (number == cohort::kMissing) return std::monostate();
  return number;
}

Status add_line(engine::Printer& printer, std::int64_t cohort_id, const cohort::WhyLine& line) {
  const auto text = [](std::string_view words) -> engine::Cell {
    if (words.empty()) return std::monostate();
    return words;
  };
  engine::Cell holds = std::monostate();
  if (line.holds) holds = std::string_view(*line.holds ? "yes" : "no");
  const engine::Cell cells[] = {
      cohort_id,
      std::string_view(line.step),
      line.ordinal == 0 ? engine::Cell(std::monostate()) : engine::Cell(line.ordinal),
      holds,
      text(line.domain ? cohort::shape_of(*line.domain).table : std::string_view()),
      number_cell(line.event_id),
      number_cell(line.concept_id),
      day_cell(line.start),
      day_cell(line.end),
      text(line.reason)};
  return printer.add(cells);
}

}  // namespace

Result<Exit> run_cohort_why(const Global& global, const CohortOptions& options,
                            std::vector<PlannedCohort>& cohorts) {
  const engine::Format format = TRY(engine::parse_format(global.format));
  const std::unique_ptr<CohortRun> run = TRY(CohortRun::open(global, "cohort why", cohorts));
  engine::Printer printer(format,
                          columns_of({"cohort_definition_id", "step", "entry_event", "holds",
                                      "table", "event_id", "concept_id", "start", "end", "reason"}),
                          print);
  run->context().audit().is_about("", govern::AuditPersons::of({options.person_id}));
  for (std::size_t at = 0; at < cohorts.size(); ++at) {
    const cohort::EventBase& base = run->base(at);
    const std::span<const std::int64_t> ids = base.persons().ids;
    const auto found = std::lower_bound(ids.begin(), ids.end(), options.person_id);
    if (found == ids.end() || *found != options.person_id) {
      return Error{Code::NotFound, "no such person with an observation period in this release"};
    }
    const auto person = static_cast<cohort::Person>(found - ids.begin());
    for (const cohort::WhyLine& line :
         TRY(cohort::why(base, cohorts[at].plan, cohorts[at].sets, person))) {
      TRY(add_line(printer, cohorts[at].id, line));
    }
  }
  TRY(printer.end());
  TRY(run->context().note("cohort why", "", govern::Outcome::Done, printer.row_count(),
                          run->release()));
  return Exit::Done;
}

Result<Exit> run_cohort_live(const Global& global, std::vector<PlannedCohort>& cohorts) {
  const engine::Format format = TRY(engine::parse_format(global.format));
  const std::unique_ptr<CohortRun> run = TRY(CohortRun::open(global, "cohort count", cohorts));
  engine::Printer printer(
      format, columns_of({"cohort_definition_id", "answer", "step", "persons", "error"}), print);
  for (std::size_t at = 0; at < cohorts.size(); ++at) {
    cohort::Batch batch;
    batch.base = &run->base(at);
    batch.thread_count = engine::Budget{}.threads;
    const cohort::Work work{&cohorts[at].plan, &cohorts[at].sets};
    const auto add = [&](std::string_view answer,
                         const std::vector<cohort::LiveStep>& steps) -> Status {
      for (const cohort::LiveStep& step : steps) {
        const engine::Cell cells[] = {cohorts[at].id, answer, std::string_view(step.name),
                                      static_cast<std::int64_t>(std::llround(step.persons)),
                                      static_cast<std::int64_t>(std::ceil(step.error))};
        TRY(printer.add(cells));
      }
      return {};
    };
    TRY(add("about", TRY(cohort::approximate_counts(batch, work))));
    std::fflush(stdout);
    TRY(add("exact", TRY(cohort::exact_counts(batch, work))));
  }
  TRY(printer.end());
  TRY(run->context().note("cohort count", "live", govern::Outcome::Done, 0, run->release()));
  return Exit::Done;
}

}  // namespace eds::cli
