#include "cli/cohort_run.h"

#include <algorithm>
#include <cstdio>

#include "uses/research/cohort_book.h"
#include "uses/research/cohort_evaluation.h"

namespace eds::cli {
namespace {

constexpr std::string_view kDamaged = "it is damaged";

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
  TRY(run->open_index());
  TRY(run->load_store());
  return run;
}

Status CohortRun::open_index() {
  const cohort::IndexOffer offer = TRY(cohort::IndexOffer::of(context_.warehouse(), *scan_));
  cohort::Needs answered;
  bool any = false;
  for (const PlannedCohort& cohort : *cohorts_) {
    cohort::Needs needs;
    needs.add(cohort.plan);
    const std::optional<std::string_view> refusal = offer.refusal(needs);
    reasons_.push_back(refusal.value_or(""));
    if (refusal) continue;
    answered.add(cohort.plan);
    any = true;
  }
  if (!any) return {};
  Result<std::unique_ptr<cohort::IndexRelease>> index =
      cohort::IndexRelease::open(context_.warehouse(), *scan_, answered, *source_);
  if (index.ok()) {
    index_ = std::move(index).value();
    return {};
  }
  if (index.error().code != Code::Corrupt && index.error().code != Code::NotFound) {
    return std::move(index).error();
  }
  std::fprintf(stderr, "eds: note: %s; the lake answers instead\n", index.error().message.c_str());
  std::replace(reasons_.begin(), reasons_.end(), std::string_view(), kDamaged);
  return {};
}

// Only what the definitions ask that the index does not answer.
Status CohortRun::load_store() {
  cohort::Needs needs;
  bool any = cohorts_->empty();
  for (std::size_t at = 0; at < cohorts_->size(); ++at) {
    if (reasons_[at].empty()) continue;
    needs.add((*cohorts_)[at].plan);
    any = true;
  }
  if (!any) return {};
  store_ = std::make_unique<cohort::Store>(TRY(cohort::load_store(*source_, needs)));
  store_base_ = std::make_unique<cohort::StoreBase>(*store_);
  return {};
}

const cohort::EventBase& CohortRun::base(std::size_t index) const {
  const bool is_indexed = index < reasons_.size() && reasons_[index].empty();
  if (is_indexed) return *index_;
  return *store_base_;
}

Result<cohort::Touched> CohortRun::evaluate_run(std::size_t begin, std::size_t end,
                                                cohort::Wanted wanted, const TakeOutcome& take) {
  cohort::Batch batch;
  batch.wanted = wanted;
  batch.base = &base(begin);
  batch.thread_count = engine::Budget{}.threads;
  return cohort::evaluate_batch(batch, work_of(*cohorts_, begin, end),
                                [&](std::size_t index, cohort::Outcome&& outcome) -> Status {
                                  current_ = begin + index;
                                  touched_ = outcome.touched;
                                  TRY(take((*cohorts_)[current_], std::move(outcome)));
                                  return Status();
                                });
}

Status CohortRun::evaluate(const TakeOutcome& take, cohort::Wanted wanted) {
  std::size_t done = 0;
  const auto counted = [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) -> Status {
    TRY(take(cohort, std::move(outcome)));
    ++done;
    return Status();
  };
  while (done < cohorts_->size()) {
    std::size_t end = done + 1;
    while (end < cohorts_->size() && reasons_[end].empty() == reasons_[done].empty()) ++end;
    const bool by_index = reasons_[done].empty();
    const Result<cohort::Touched> evaluated = evaluate_run(done, end, wanted, counted);
    if (evaluated.ok()) continue;
    if (!by_index || evaluated.error().code != Code::Corrupt) return evaluated.error();
    std::fprintf(stderr, "eds: note: %s; the lake answers instead\n",
                 evaluated.error().message.c_str());
    TRY(index_->remove_damaged(context_.warehouse().env()));
    std::replace(reasons_.begin(), reasons_.end(), std::string_view(), kDamaged);
    TRY(load_store());
  }
  if (!scan_->still_holds()) {
    return Error{Code::Refused, "the rights behind this answer ended while it was made"};
  }
  return {};
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
