// CohortRun: planned cohorts on one release of a warehouse, with what a command needs around their
// Answers: the context, the scan, the session, the saved cohorts they name. Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cohort.h"
#include "cli/context.h"
#include "cohort/answers.h"
#include "cohort/session_source.h"

namespace eds::cli {

class CohortRun {
 public:
  /// Resolves the concept sets of `cohorts`, which must outlive it.
  static Result<std::unique_ptr<CohortRun>> open(const Global& global, std::string_view action,
                                                 std::vector<PlannedCohort>& cohorts);
  /// On a warehouse that is open already.
  static Result<std::unique_ptr<CohortRun>> open(Context context, const Global& global,
                                                 std::string_view action,
                                                 std::vector<PlannedCohort>& cohorts);
  Context& context() { return context_; }
  const std::string& release() const { return release_; }
  const cohort::PersonTable& persons() const { return answers_->persons(); }

  Status evaluate(const TakeOutcome& take, cohort::Wanted wanted = cohort::Wanted::Rows);
  /// Where the cohort at `index` is answered from.
  const cohort::EventBase& base(std::size_t index) const { return answers_->base(index); }

  /// Why the cohort at `index` is answered from the lake; empty: from the index.
  std::string_view lake_reason(std::size_t index) const { return answers_->lake_reason(index); }
  /// Of the cohort whose outcome was given last.
  const cohort::Touched& touched() const { return answers_->touched(); }
  std::size_t current() const { return answers_->current(); }

 private:
  explicit CohortRun(Context context) : context_(std::move(context)) {}

  Context context_;
  std::string release_;
  std::optional<engine::Scan> scan_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<cohort::SessionSource> source_;
  std::vector<PlannedCohort>* cohorts_ = nullptr;
  std::unique_ptr<cohort::Answers> answers_;
};

}  // namespace eds::cli
