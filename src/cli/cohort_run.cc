#include "cli/cohort_run.h"

#include <algorithm>
#include <cstdio>

#include "uses/research/cohort_book.h"
#include "uses/research/cohort_evaluation.h"

namespace eds::cli {
namespace {

// The periods of each saved cohort that a plan asks: the caller's own cohorts, of this release,
// and of persons whom the scope reaches today.
Status read_saved(Context& context, const engine::Scan& scan, cohort::Plan& plan) {
  const std::vector<cohort::SavedPlan*> asked = cohort::saved_of(plan);
  if (asked.empty()) return {};
  research::CohortBook book =
      TRY(research::CohortBook::open(Env::posix(), context.warehouse().directory()));
  for (cohort::SavedPlan* saved : asked) {
    const research::CohortVersion version =
        TRY(book.find(context.author(), saved->name, saved->version));
    if (version.release != scan.release().name) {
      return Error{Code::Refused,
                   "cohort definition: the saved cohort is of another release than "
                   "the one asked, at " +
                       saved->place};
    }
    std::vector<cohort::SavedPeriod> periods;
    for (const research::CohortPeriod& row :
         research::visible_rows(scan, TRY(book.rows(version)))) {
      periods.push_back({row.person, row.start, row.end});
    }
    saved->periods = std::make_shared<const std::vector<cohort::SavedPeriod>>(std::move(periods));
  }
  return {};
}

std::vector<cohort::Work> work_of(const std::vector<PlannedCohort>& cohorts, std::size_t begin,
                                  std::size_t end) {
  std::vector<cohort::Work> work;
  for (std::size_t at = begin; at < end; ++at) {
    work.push_back({&cohorts[at].plan, &cohorts[at].sets});
  }
  return work;
}

}  // namespace

Result<std::unique_ptr<CohortRun>> CohortRun::open(const Global& global, std::string_view action,
                                                   std::vector<PlannedCohort>& cohorts) {
  return open(TRY(Context::open(global)), global, action, cohorts);
}

Result<std::unique_ptr<CohortRun>> CohortRun::open(Context context, const Global& global,
                                                   std::string_view action,
                                                   std::vector<PlannedCohort>& cohorts) {
  std::unique_ptr<CohortRun> run(new CohortRun(std::move(context)));
  run->scan_.emplace(TRY(run->context_.scan(global, action)));
  run->release_ = run->scan_->release().name;
  run->engine_ = engine::embedded_engine();
  run->session_ = TRY(run->engine_->open(run->context_.warehouse(), *run->scan_, engine::Budget{}));
  TRY(run->context_.note(action, std::to_string(cohorts.size()) + " definitions",
                         govern::Outcome::Begun, 0, run->release_));
  run->source_ = std::make_unique<cohort::SessionSource>(*run->session_);
  const cohort::Vocabulary vocabulary = TRY(cohort::load_vocabulary(*run->source_));
  for (PlannedCohort& cohort : cohorts) {
    TRY(read_saved(run->context_, *run->scan_, cohort.plan));
    cohort.sets = cohort::resolve_sets(cohort.plan, vocabulary);
  }
  run->cohorts_ = &cohorts;
  run->answers_ = TRY(cohort::Answers::open(
      run->context_.warehouse(), *run->scan_, *run->source_, work_of(cohorts, 0, cohorts.size()),
      [](std::string_view note) {
        std::fprintf(stderr, "eds: note: %.*s\n", static_cast<int>(note.size()), note.data());
      }));
  return run;
}

Status CohortRun::evaluate(const TakeOutcome& take, cohort::Wanted wanted) {
  return answers_->evaluate(wanted, engine::Budget{}.threads,
                            [&](std::size_t index, cohort::Outcome&& outcome) {
                              return take((*cohorts_)[index], std::move(outcome));
                            });
}

Status evaluate_all(const cohort::Store& store, const std::vector<PlannedCohort>& cohorts,
                    const TakeOutcome& take) {
  return cohort::evaluate_batch(store, work_of(cohorts, 0, cohorts.size()),
                                engine::Budget{}.threads,
                                [&](std::size_t index, cohort::Outcome&& outcome) -> Status {
                                  return take(cohorts[index], std::move(outcome));
                                });
}

}  // namespace eds::cli
