// bench circe: the OHDSI Phenotype Library on the GiBleed CDM, as it is and replicated 37 times.
//
// Data: ../shared/data/ohdsi beside the working directory. The replica shifts person ids by
// 1,000,000 and row ids by 10,000,000 a copy, as the recipe of the PostgreSQL times says.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "cli/bench_list.h"
#include "cli/cohort.h"
#include "cli/context.h"
#include "cli/gibleed.h"
#include "cli/process_cost.h"
#include "cohort/session_source.h"

namespace eds::cli {
namespace {

constexpr int kCopies = 37;
constexpr std::int64_t kPersonShift = 1'000'000;
constexpr std::int64_t kRowShift = 10'000'000;

// A source whose persons and events come several times, with other ids.
class ReplicatedSource final : public cohort::TableSource {
 public:
  ReplicatedSource(cohort::TableSource& source, int copies) : source_(&source), copies_(copies) {}

  Status read(std::string_view table, const std::vector<std::string_view>& columns,
              const std::function<void(const cohort::RowBlock&)>& take) override {
    const bool has_persons =
        std::find(columns.begin(), columns.end(), "person_id") != columns.end();
    const bool is_visit_lookup = table == "visit_occurrence";
    if (!has_persons && !is_visit_lookup) return source_->read(table, columns, take);
    for (int copy = 0; copy < copies_; ++copy) {
      TRY(source_->read(table, columns, [&](const cohort::RowBlock& block) {
        take(Shifted(block, shifts_of(table, columns, copy)));
      }));
    }
    return {};
  }

 private:
  class Shifted final : public cohort::RowBlock {
   public:
    Shifted(const cohort::RowBlock& block, std::vector<std::int64_t> shifts)
        : block_(&block), shifts_(std::move(shifts)) {}
    std::size_t row_count() const override { return block_->row_count(); }
    void read_integers(std::size_t column, std::vector<std::int64_t>& into) const override {
      block_->read_integers(column, into);
      for (std::int64_t& value : into) {
        if (value != cohort::kMissing) value += shifts_[column];
      }
    }
    void read_moments(std::size_t column, std::vector<std::int64_t>& into) const override {
      block_->read_moments(column, into);
    }
    void read_decimals(std::size_t column, std::vector<double>& into) const override {
      block_->read_decimals(column, into);
    }
    void read_texts(std::size_t column, cohort::TextColumn& into) const override {
      block_->read_texts(column, into);
    }

   private:
    const cohort::RowBlock* block_;
    std::vector<std::int64_t> shifts_;
  };

  static std::vector<std::int64_t> shifts_of(std::string_view table,
                                             const std::vector<std::string_view>& columns,
                                             int copy) {
    const std::string own_id = std::string(table) + "_id";
    std::vector<std::int64_t> shifts;
    for (std::string_view column : columns) {
      const bool is_row = column == own_id || column == "visit_occurrence_id";
      const std::int64_t step = column == "person_id" ? kPersonShift : is_row ? kRowShift : 0;
      shifts.push_back(step * copy);
    }
    return shifts;
  }

  cohort::TableSource* source_;
  int copies_;
};

Status line(std::string_view what, const Watch& watch, std::string_view more = "") {
  return print(fmt::format("  {:<46} {:>7.3f} s wall {:>7.3f} CPU s  {}\n", what, watch.wall(),
                           watch.cpu(), more));
}

// The expected number of rows of each cohort that the reference answered.
Result<std::vector<std::pair<std::int64_t, std::int64_t>>> expected_counts(const Path& path,
                                                                           int id_column,
                                                                           int row_column,
                                                                           std::string_view set) {
  std::ifstream file(path);
  if (!file) return Error{Code::NotFound, "no such file: " + path};
  std::vector<std::pair<std::int64_t, std::int64_t>> counts;
  std::string text;
  std::getline(file, text);
  while (std::getline(file, text)) {
    std::vector<std::string> cells = {""};
    for (char letter : text) {
      if (letter == '\t') {
        cells.emplace_back();
      } else {
        cells.back().push_back(letter);
      }
    }
    const bool is_ok = std::find(cells.begin(), cells.end(), "ok") != cells.end();
    if (!is_ok || (!set.empty() && cells[0] != set)) continue;
    counts.emplace_back(std::stoll(cells[static_cast<std::size_t>(id_column)]),
                        std::stoll(cells[static_cast<std::size_t>(row_column)]));
  }
  return counts;
}

using Counts = std::vector<std::pair<std::int64_t, std::int64_t>>;

// Evaluates and checks the numbers of rows; returns how many rows there were.
Result<std::int64_t> evaluate(const cohort::Store& store, const std::vector<PlannedCohort>& cohorts,
                              const Counts& expected) {
  std::int64_t rows = 0;
  std::int64_t wrong = 0;
  TRY(evaluate_all(store, cohorts, [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
    const auto count = static_cast<std::int64_t>(outcome.rows.size());
    rows += count;
    for (const auto& [id, wanted] : expected) wrong += id == cohort.id && wanted != count ? 1 : 0;
    return Status();
  }));
  if (wrong != 0) return Error{Code::Internal, "cohorts with another number of rows than expected"};
  return rows;
}

Status measure(std::string_view name, cohort::TableSource& source,
               std::vector<PlannedCohort>& cohorts, const Counts& expected) {
  cohort::Needs needs;
  for (const PlannedCohort& cohort : cohorts) needs.add(cohort.plan);
  const Watch loading;
  const cohort::Store store = TRY(cohort::load_store(source, needs));
  std::int64_t events = 0;
  for (const cohort::EventTable& table : store.tables) {
    events += static_cast<std::int64_t>(table.row_count());
  }
  TRY(print(fmt::format("{}: {} persons, {} events, {} cohorts\n", name, store.person_count(),
                        events, cohorts.size())));
  TRY(line("load and index, in memory", loading));
  for (int round = 0; round < 3; ++round) {
    const Watch evaluating;
    const std::int64_t rows = TRY(evaluate(store, cohorts, expected));
    TRY(line("evaluate", evaluating, fmt::format("{} rows", rows)));
  }
  return {};
}

Result<std::vector<std::string>> unpacked_library(const Path& scratch) {
  const Path archive = join(kOhdsiData, "phenotype_library/cohorts_json.tar.xz");
  const Path folder = join(scratch, "cohorts");
  if (!Env::posix().exists(folder)) {
    TRY(Env::posix().make_directories(scratch));
    const std::string command = "tar xJf '" + archive + "' -C '" + scratch + "'";
    if (std::system(command.c_str()) != 0) {
      return Error{Code::Io, "cannot unpack the Phenotype Library: " + archive};
    }
  }
  std::vector<std::string> paths;
  for (const std::string& name : TRY(Env::posix().list(folder)))
    paths.push_back(join(folder, name));
  return paths;
}

}  // namespace

Status bench_circe(const Path& scratch) {
  if (!Env::posix().exists(kOhdsiData)) {
    return Error{Code::Usage, std::string("no data: run it where this is: ") + kOhdsiData};
  }
  const std::vector<std::string> paths = TRY(unpacked_library(scratch));
  Context context = TRY(gibleed_warehouse(join(scratch, "gibleed")));
  Global global;
  const engine::Scan scan = TRY(context.scan(global, "bench"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  cohort::SessionSource source(*session);
  TRY(print("bench circe: one pass over all definitions; the row counts are checked\n"));
  const Watch reading;
  PlannedCohorts planned = TRY(read_cohorts(paths, cohort::Mode::Circe, 0));
  TRY(line("read and plan the definitions", reading));
  const Watch learning;
  const cohort::Vocabulary vocabulary = TRY(cohort::load_vocabulary(source));
  TRY(line("load the vocabulary", learning));
  const Watch resolving;
  for (PlannedCohort& cohort : planned.cohorts) {
    cohort.sets = cohort::resolve_sets(cohort.plan, vocabulary);
  }
  TRY(line("resolve the concept sets", resolving));
  const Path oracle = join(kOhdsiData, "circe_oracle");
  const Counts once =
      TRY(expected_counts(join(oracle, "gibleed_phenotypelibrary/run.tsv"), 0, 3, ""));
  TRY(measure("gibleed", source, planned.cohorts, once));
  const Counts replicated = TRY(expected_counts(join(oracle, "pg15_circe_baseline_gibleed_x37.tsv"),
                                                1, 4, "phenotypelibrary"));
  std::set<std::int64_t> wanted;
  for (const auto& [id, count] : replicated) wanted.insert(id);
  std::erase_if(planned.cohorts,
                [&](const PlannedCohort& cohort) { return wanted.count(cohort.id) == 0; });
  ReplicatedSource replica(source, kCopies);
  TRY(measure("gibleed x37", replica, planned.cohorts, replicated));
  return print(fmt::format("  peak memory {:.2f} GiB\n", peak_gib()));
}

}  // namespace eds::cli
