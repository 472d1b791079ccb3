// crash_driver WAREHOUSE: commits small releases over fifteen tables until it is killed.
//
// Before each load it prints "begin N", after the commit was acknowledged "done N RELEASE". Load N
// gives every table rows that anybody can work out again (see rows_of in test_crash.py):
//   row numbers N * 100 + 0 .. N * 100 + 3, person = number % 7 + 1, and record key = slot + 1 of
//   slot = N * 2 % 10 for the first row: so a key comes back after five loads and replaces the row
//   that had it, in every table.
// crash_driver --verify WAREHOUSE opens it, reads every byte and prints what is wrong.
// Every 40th load is followed by a compaction, every 60th by a vacuum that keeps 20 releases; they
// print "upkeep N" when they are through.
#include <array>
#include <cstdio>
#include <cstdlib>

#include "lake/compaction.h"
#include "lake/loader.h"
#include "lake/upkeep.h"

namespace eds {
namespace {

constexpr std::array<std::string_view, 15> kTables = {
    "person",          "observation_period",   "visit_occurrence", "visit_detail",
    "drug_era",        "condition_occurrence", "drug_exposure",    "procedure_occurrence",
    "device_exposure", "measurement",          "observation",      "note",
    "specimen",        "episode",              "condition_era"};
constexpr std::int64_t kRows = 4;

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

// The first load that the warehouse has no trace of.
Result<std::int64_t> next_load(lake::Warehouse& warehouse) {
  return warehouse.catalogue().reserve("crash_load", 1);
}

Status load(lake::Warehouse& warehouse, std::int64_t number) {
  lake::LoaderOptions options;
  options.memory_bytes_max = std::uint64_t{256} << 20;
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(warehouse, options));
  const std::int64_t key = number * 2 % 10 + 1;
  TRY(loader->record(key, number, 0));
  for (std::string_view name : kTables) {
    const model::Table& table = model::table(name);
    model::RowWriter& rows = *TRY(loader->rows(table));
    for (std::int64_t row = 0; row < kRows; ++row) {
      const std::int64_t id = number * 100 + row;
      rows.set(table.id_column, id);
      // The table person counts by its own number.
      if (table.person_column != table.id_column) rows.set(table.person_column, id % 7 + 1);
      if (table.date_column != model::kNoColumn) rows.set(table.date_column, 18'000 + row);
      rows.set(table.source_column, number).set(table.column("eds_source_position"), row);
      if (row == 0) rows.set(table.key_column, key);
      TRY(rows.end_row());
    }
  }
  const lake::LoadOutcome outcome =
      TRY(loader->commit("crash", "load " + std::to_string(number), {}));
  ENSURE(outcome.release.has_value());
  say("done " + std::to_string(number) + " " + outcome.release->name);
  return {};
}

Status run(const Path& directory) {
  Env& env = Env::posix();
  if (!env.exists(join(directory, "catalogue.db"))) TRY(lake::Warehouse::create(env, directory));
  const std::unique_ptr<lake::Warehouse> warehouse =
      TRY(lake::Warehouse::open(env, directory));
  say("open");
  while (true) {
    const std::int64_t number = TRY(next_load(*warehouse));
    say("begin " + std::to_string(number));
    TRY(load(*warehouse, number));
    if (number % 40 == 0) TRY(lake::compact(*warehouse, lake::CompactOptions{}));
    if (number % 60 == 0) {
      lake::VacuumOptions options;
      options.keep_releases = 20;
      TRY(lake::vacuum(*warehouse, options));
    }
    if (number % 40 == 0 || number % 60 == 0) say("upkeep " + std::to_string(number));
  }
}

Status check(const Path& directory) {
  const std::unique_ptr<lake::Warehouse> warehouse =
      TRY(lake::Warehouse::open(Env::posix(), directory));
  const lake::VerifyOutcome outcome = TRY(lake::verify(*warehouse, lake::Depth::Bytes));
  for (const std::string& finding : outcome.findings) say(finding);
  return outcome.findings.empty() ? Status() : Error{Code::Corrupt, "verify found damage"};
}

}  // namespace
}  // namespace eds

int main(int count, char** words) {
  const bool checking = count == 3 && std::string_view(words[1]) == "--verify";
  if (count != 2 && !checking) {
    std::fputs("usage: crash_driver WAREHOUSE | crash_driver --verify WAREHOUSE\n", stderr);
    return 2;
  }
  const eds::Status done = checking ? eds::check(words[2]) : eds::run(words[1]);
  if (!done.ok()) std::fprintf(stderr, "crash_driver: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 3;
}
