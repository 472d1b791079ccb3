#include "cohort/answers.h"

#include <fmt/format.h>

#include <algorithm>

namespace eds::cohort {
namespace {

constexpr std::string_view kDamaged = "it is damaged";

}  // namespace

Result<std::unique_ptr<Answers>> Answers::open(lake::Warehouse& warehouse, const engine::Scan& scan,
                                               TableSource& source, std::vector<Work> work,
                                               Say say) {
  std::unique_ptr<Answers> answers(new Answers(warehouse, scan, source));
  answers->work_ = std::move(work);
  answers->say_ = std::move(say);
  TRY(answers->open_index());
  TRY(answers->load_store());
  return answers;
}

Status Answers::open_index() {
  const IndexOffer offer = TRY(IndexOffer::of(*warehouse_, *scan_));
  Needs answered;
  bool any = false;
  for (const Work& work : work_) {
    Needs needs;
    needs.add(*work.plan);
    const std::optional<std::string_view> refusal = offer.refusal(needs);
    reasons_.push_back(refusal.value_or(""));
    if (refusal) continue;
    answered.add(*work.plan);
    any = true;
  }
  if (!any) return {};
  Result<std::unique_ptr<IndexRelease>> index =
      IndexRelease::open(*warehouse_, *scan_, answered, *source_);
  if (index.ok()) {
    index_ = std::move(index).value();
    return {};
  }
  if (index.error().code != Code::Corrupt && index.error().code != Code::NotFound) {
    return std::move(index).error();
  }
  say_(fmt::format("{}; the lake answers instead", index.error().message));
  std::replace(reasons_.begin(), reasons_.end(), std::string_view(), kDamaged);
  return {};
}

// Only what the plans ask that the index does not answer.
Status Answers::load_store() {
  Needs needs;
  bool any = work_.empty();
  for (std::size_t at = 0; at < work_.size(); ++at) {
    if (reasons_[at].empty()) continue;
    needs.add(*work_[at].plan);
    any = true;
  }
  if (!any) return {};
  store_ = std::make_unique<Store>(TRY(cohort::load_store(*source_, needs)));
  store_base_ = std::make_unique<StoreBase>(*store_);
  return {};
}

const EventBase& Answers::base(std::size_t index) const {
  const bool is_indexed = index < reasons_.size() && reasons_[index].empty();
  if (is_indexed) return *index_;
  return *store_base_;
}

Result<Touched> Answers::evaluate_run(std::size_t begin, std::size_t end, Batch batch,
                                      const Take& take) {
  batch.base = &base(begin);
  return evaluate_batch(batch, std::span<const Work>(work_).subspan(begin, end - begin),
                        [&](std::size_t index, Outcome&& outcome) {
                          current_ = begin + index;
                          touched_ = outcome.touched;
                          return take(current_, std::move(outcome));
                        });
}

Status Answers::evaluate(Wanted wanted, int thread_count, const Take& take) {
  Batch batch;
  batch.wanted = wanted;
  batch.thread_count = thread_count;
  std::size_t done = 0;
  const Take counted = [&](std::size_t index, Outcome&& outcome) -> Status {
    TRY(take(index, std::move(outcome)));
    ++done;
    return {};
  };
  while (done < work_.size()) {
    std::size_t end = done + 1;
    while (end < work_.size() && reasons_[end].empty() == reasons_[done].empty()) ++end;
    const bool by_index = reasons_[done].empty();
    const Result<Touched> evaluated = evaluate_run(done, end, batch, counted);
    if (evaluated.ok()) continue;
    if (!by_index || evaluated.error().code != Code::Corrupt) return evaluated.error();
    say_(fmt::format("{}; the lake answers instead", evaluated.error().message));
    TRY(index_->remove_damaged(warehouse_->env()));
    std::replace(reasons_.begin(), reasons_.end(), std::string_view(), kDamaged);
    TRY(load_store());
  }
  if (!scan_->still_holds()) {
    return Error{Code::Refused, "the rights behind this answer ended while it was made"};
  }
  return {};
}

}  // namespace eds::cohort
