// bench mart: the data store of a project with 100,000 patients and all their laboratory results,
// beside a plain DuckDB COPY of the same rows and columns out of the same files.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/bench_list.h"
#include "cli/bench_warehouse.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "cli/project.h"

namespace eds::cli {
namespace {

using govern::Author;
using govern::Office;
using govern::ProjectStep;

constexpr const char* kProject = "bench";

struct Cost {
  double wall = 0;
  double cpu = 0;
};

Cost cost_of(const Watch& watch) {
  return {watch.wall(), watch.cpu()};
}

govern::Project draft_of(const Author& requester) {
  govern::Project draft;
  draft.name = draft.terms.project = kProject;
  draft.title = draft.summary = "The bench's own study";
  draft.terms.study_type = 3;
  draft.terms.users = {requester.user};
  draft.terms.perimeters = {govern::kRootPerimeter};
  draft.terms.tables = {
      {"person", {"gender_concept_id", "year_of_birth"}, "bench"},
      {"measurement",
       {"measurement_id", "measurement_concept_id", "measurement_date", "measurement_datetime",
        "value_as_number", "unit_concept_id", "range_low", "range_high", "visit_occurrence_id",
        "measurement_source_value", "unit_source_value"},
       "bench"}};
  draft.terms.start_us = Env::posix().now_us() - govern::kDayUs;
  draft.terms.end_us = Env::posix().now_us() + govern::kDayUs;
  return draft;
}

Result<Author> found_project(Context& context, govern::ProjectStore& store) {
  const Author owner{0, context.actor()};
  const auto person = [&](const char* name) -> Result<Author> {
    return Author{TRY(context.rights().add_user(owner, name, "")), name};
  };
  const Author requester = TRY(person("researcher"));
  TRY(store.create(requester, draft_of(requester)));
  TRY(store.take(requester, {kProject, ProjectStep::Submit, Office::Requester, "", 2}));
  const std::tuple<const char*, Office, ProjectStep> judges[] = {
      {"ethicist", Office::Committee, ProjectStep::Favourable},
      {"dpo", Office::Dpo, ProjectStep::DpoAgree},
      {"director", Office::Direction, ProjectStep::Approve}};
  for (const auto& [name, office, step] : judges) {
    const Author judge = TRY(person(name));
    TRY(store.appoint(owner, judge.user, office));
    TRY(store.take(judge, {kProject, step, office, "bench", 2}));
  }
  TRY(store.take(requester, {kProject, ProjectStep::Activate, Office::Requester, "", 2}));
  return requester;
}

Result<Cost> plain_copy(lake::Warehouse& warehouse, const Path& out) {
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  const Watch watch;
  const Author nobody;
  for (const govern::PermitColumns& table : draft_of(nobody).terms.tables) {
    std::string columns = "person_id";
    for (const std::string& column : table.columns) columns += ", " + column;
    const Path files = join(warehouse.table_directory(table.table), "*.parquet");
    TRY(connection.execute("COPY (SELECT " + columns + " FROM read_parquet(" +
                           duck::quote_text(files) + ")) TO " +
                           duck::quote_text(join(out, table.table + ".parquet")) +
                           " (FORMAT parquet, COMPRESSION zstd)"));
  }
  return cost_of(watch);
}

Status say(std::string_view what, Cost cost, std::int64_t rows) {
  return print(fmt::format("  {:<46} {:>7.2f} s wall {:>7.2f} CPU s {:>6.2f} M rows/s\n", what,
                           cost.wall, cost.cpu, static_cast<double>(rows) / cost.wall / 1e6));
}

}  // namespace

Status bench_mart(const Path& scratch, double scale) {
  Env& env = Env::posix();
  const Path directory = join(scratch, "warehouse" + std::to_string(env.random_u64()));
  Context context = TRY(synthetic_warehouse(
      directory, std::max<std::uint64_t>(100, static_cast<std::uint64_t>(100'000 * scale))));
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  const Author requester = TRY(found_project(context, doors->projects()));
  research::BuildWish wish;
  wish.principal = {requester.user, requester.name, 1, "bench", ""};
  wish.project = kProject;
  wish.progress = [](const std::string&, std::int64_t) { return true; };

  const Watch watch;
  const research::BuiltMart built = TRY(research::build_mart(doors->doors(), wish));
  const Cost first = cost_of(watch);
  const Watch again;
  TRY(research::build_mart(doors->doors(), wish));
  const Cost refresh = cost_of(again);
  const Cost peer = TRY(plain_copy(context.warehouse(), scratch));
  std::int64_t rows = 0;
  for (const research::MartTable& table : built.outcome.tables) rows += table.row_count;
  double loads[3] = {0, 0, 0};
  if (::getloadavg(loads, 3) != 3) loads[0] = -1;
  TRY(print(fmt::format("bench mart: {} patients, {} rows; target 60 s at scale 1\n",
                        built.outcome.person_count, rows)));
  TRY(say("eds project build: permit to readable store", first, rows));
  TRY(say("the same again, as a refresh", refresh, rows));
  TRY(say("peer: DuckDB COPY of the rows as they are", peer, rows));
  return print(
      fmt::format("  peak memory {:.2f} GiB, load average {:.1f}\n", peak_gib(), loads[0]));
}

}  // namespace eds::cli
