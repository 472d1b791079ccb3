// Answers: plans on one release under one scope, answered from the stored index where it has what
// they ask, from the lake otherwise.
//
// Invariants: outcomes come in the order of the plans, whichever way each was answered; both ways
// number persons alike. Only what the index does not answer is loaded from the lake. A damaged
// index is never believed: its file is removed, and the lake answers. Threads: one; an evaluation
// starts its own.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "cohort/batch.h"
#include "cohort/index_release.h"

namespace eds::cohort {

class Answers {
 public:
  /// What somebody who asks should be told: "...; the lake answers instead".
  using Say = std::function<void(std::string_view)>;
  using Take = std::function<Status(std::size_t index, Outcome&& outcome)>;

  /// The warehouse, the scan, the source (of that release, under that scope) and what `work` names
  /// must outlive it.
  static Result<std::unique_ptr<Answers>> open(lake::Warehouse& warehouse, const engine::Scan& scan,
                                               TableSource& source, std::vector<Work> work,
                                               Say say);

  Status evaluate(Wanted wanted, int thread_count, const Take& take);
  /// Where the plan at `index` is answered from.
  const EventBase& base(std::size_t index) const;
  /// The persons that the rows of the outcome given last number.
  const PersonTable& persons() const { return base(current_).persons(); }
  /// Why the plan at `index` is answered from the lake; empty: from the index.
  std::string_view lake_reason(std::size_t index) const { return reasons_[index]; }
  /// Of the plan whose outcome was given last, and which that is.
  const Touched& touched() const { return touched_; }
  std::size_t current() const { return current_; }

 private:
  Answers(lake::Warehouse& warehouse, const engine::Scan& scan, TableSource& source)
      : warehouse_(&warehouse), scan_(&scan), source_(&source) {}
  Status open_index();
  Status load_store();
  Result<Touched> evaluate_run(std::size_t begin, std::size_t end, Batch batch, const Take& take);

  lake::Warehouse* warehouse_;
  const engine::Scan* scan_;
  TableSource* source_;
  std::vector<Work> work_;
  Say say_;
  std::vector<std::string_view> reasons_;
  std::unique_ptr<IndexRelease> index_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreBase> store_base_;
  Touched touched_;
  std::size_t current_ = 0;
};

}  // namespace eds::cohort
