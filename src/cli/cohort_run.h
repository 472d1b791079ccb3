// CohortRun: planned cohorts on one release of a warehouse, answered from the stored index where it
// has what they ask, from the lake otherwise.
//
// Invariants: outcomes come in the order of the cohorts, whichever way each was answered; both ways
// number persons alike. A damaged index is never believed: its file is removed, the lake answers.
// Threads: one.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cohort.h"
#include "cli/context.h"
#include "cohort/batch.h"
#include "cohort/index_release.h"
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
  const cohort::PersonTable& persons() const { return base(current_).persons(); }

  Status evaluate(const TakeOutcome& take, cohort::Wanted wanted = cohort::Wanted::Rows);
  /// Where the cohort at `index` is answered from.
  const cohort::EventBase& base(std::size_t index) const;

  /// Why the cohort at `index` is answered from the lake; empty: from the index.
  std::string_view lake_reason(std::size_t index) const { return reasons_[index]; }
  /// Of the cohort whose outcome was given last.
  const cohort::Touched& touched() const { return touched_; }
  std::size_t current() const { return current_; }

 private:
  explicit CohortRun(Context context) : context_(std::move(context)) {}
  Status open_index();
  Status load_store();
  Result<cohort::Touched> evaluate_run(std::size_t begin, std::size_t end, cohort::Wanted wanted,
                                       const TakeOutcome& take);

  Context context_;
  std::string release_;
  std::optional<engine::Scan> scan_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<engine::Session> session_;
  std::unique_ptr<cohort::SessionSource> source_;
  std::vector<PlannedCohort>* cohorts_ = nullptr;
  std::vector<std::string_view> reasons_;
  std::unique_ptr<cohort::IndexRelease> index_;
  std::unique_ptr<cohort::Store> store_;
  std::unique_ptr<cohort::StoreBase> store_base_;
  cohort::Touched touched_;
  std::size_t current_ = 0;
};

}  // namespace eds::cli
