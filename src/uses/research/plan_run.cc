#include "uses/research/plan_run.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cohort/answers.h"
#include "cohort/loader.h"
#include "cohort/session_source.h"
#include "model/table.h"

namespace eds::research {
namespace {

class ShownSource final : public cohort::TableSource {
 public:
  ShownSource(engine::Session& session, const ShownColumns& shown)
      : source_(session), shown_(&shown) {}

  Status read(std::string_view name, const std::vector<std::string_view>& columns,
              const std::function<void(const cohort::RowBlock&)>& take) override {
    const model::Table* const table = model::find_table(name);
    for (const std::string_view column : columns) {
      if (table == nullptr || shown_->mask == nullptr) break;
      const std::size_t index = table->column(column);
      if (index != model::kNoColumn && !shown_->mask->shows(*table, index)) {
        return Error{shown_->code, fmt::format("{}: {}.{}", shown_->words, name, column)};
      }
    }
    return source_.read(name, columns, take);
  }

 private:
  cohort::SessionSource source_;
  const ShownColumns* shown_;
};

Result<cohort::ResolvedSets> sets_of(const cohort::Plan& plan, cohort::TableSource& source) {
  return cohort::resolve_sets(plan, TRY(cohort::load_vocabulary(source)));
}

}  // namespace

Status run_plan(engine::Session& session, const ShownColumns& shown, const cohort::Plan& plan,
                int threads, const TakePlan& take) {
  ShownSource source(session, shown);
  const cohort::ResolvedSets sets = TRY(sets_of(plan, source));
  cohort::Needs needs;
  needs.add(plan);
  const cohort::Store store = TRY(cohort::load_store(source, needs));
  const cohort::StoreBase base(store);
  const cohort::Work work[] = {{&plan, &sets}};
  return cohort::evaluate_batch(store, work, threads, [&](std::size_t, cohort::Outcome&& outcome) {
    take(base.persons(), std::move(outcome));
    return Status();
  });
}

Status run_plan_indexed(lake::Warehouse& warehouse, const engine::Scan& scan,
                        engine::Session& session, const ShownColumns& shown,
                        const cohort::Plan& plan, int threads, const TakePlan& take) {
  ShownSource source(session, shown);
  const cohort::ResolvedSets sets = TRY(sets_of(plan, source));
  const std::unique_ptr<cohort::Answers> answers =
      TRY(cohort::Answers::open(warehouse, scan, source, {{&plan, &sets}}, [](std::string_view) {
        log::warning("cohort", "a damaged index: the lake answers", {});
      }));
  return answers->evaluate(cohort::Wanted::Rows, threads,
                           [&](std::size_t, cohort::Outcome&& outcome) {
                             take(answers->persons(), std::move(outcome));
                             return Status();
                           });
}

}  // namespace eds::research
