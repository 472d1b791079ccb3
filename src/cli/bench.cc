// `eds bench NAME`: the figures, each with a peer or baseline on the same work.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cli/bench_list.h"
#include "cli/bench_warehouse.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/process_cost.h"
#include "cli/progress.h"
#include "synth/into_warehouse.h"
#include "uses/care/patient.h"

namespace eds::cli {
namespace {

std::string load_text() {
  double loads[3] = {0, 0, 0};
  return ::getloadavg(loads, 3) == 3 ? fmt::format("{:.1f}", loads[0]) : "?";
}

Path scratch_of(const BenchOptions& options, std::string_view name) {
  return options.directory.empty() ? join("build/bench", name) : options.directory;
}

// 19 M patients of the AP-HP at scale 1, straight into a warehouse.
Status bench_aphp(const BenchOptions& options) {
  Env& env = Env::posix();
  const Path directory = scratch_of(options, "aphp");
  Context context = TRY(new_warehouse(directory));
  synth::IntoOptions into;
  into.patient_count = static_cast<std::uint64_t>(19'000'000 * options.scale);
  into.actor = context.actor();
  into.concepts = synth::Concepts::Local;  // What `eds bench cohort` asks for.
  ProgressBar bar("aphp");
  const double cpu_before = cpu_seconds();
  const std::int64_t start = env.monotonic_us();
  const lake::Release release = TRY(
      synth::fill_warehouse(context.warehouse(), into, [&](const synth::IntoProgress& progress) {
        bar.show(
            static_cast<double>(progress.parts_done) / static_cast<double>(progress.part_count),
            fmt::format("{:.1f} M rows", static_cast<double>(progress.rows_done) / 1e6));
        return !interrupted();
      }));
  bar.finish();
  const double seconds = static_cast<double>(env.monotonic_us() - start) / 1e6;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  TRY(print(fmt::format("bench aphp: scale {}, {} patients, seed 1, 2 workers\n", options.scale,
                        into.patient_count)));
  for (const lake::TableVersion& table : TRY(context.warehouse().catalogue().tables(release.id))) {
    rows += table.row_count;
    bytes += table.byte_count;
    TRY(print(fmt::format("  {:<22} {:>13} rows {:>8.2f} GB {:>5} parts\n", table.table,
                          table.row_count, static_cast<double>(table.byte_count) / 1e9,
                          table.file_count)));
  }
  TRY(print(fmt::format("  total {} rows, {:.2f} GB\n", rows, static_cast<double>(bytes) / 1e9)));
  return print(fmt::format(
      "  {:.1f} s wall ({:.1f} min), {:.1f} CPU s, {:.2f} M rows/s, peak memory {:.2f} GiB, "
      "load average {}\n",
      seconds, seconds / 60, cpu_seconds() - cpu_before, static_cast<double>(rows) / seconds / 1e6,
      peak_gib(), load_text()));
}

struct Spread {
  double p50 = 0;
  double p95 = 0;
  double max = 0;
};

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    return values[std::min(values.size() - 1,
                           static_cast<std::size_t>(share * static_cast<double>(values.size())))];
  };
  return {at(0.5), at(0.95), values.back()};
}

Result<std::vector<std::int64_t>> sample_persons(engine::Session& session, std::size_t count) {
  engine::Select select;
  select.table = "person";
  select.items = {{engine::Expr::column("person_id"), "person_id"}};
  engine::Answer rows = TRY(session.query(select));
  std::vector<std::int64_t> all;
  std::uint64_t seen = 0;
  std::uint64_t state = 88172645463325252ULL;  // Fixed: the same persons every time.
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      ++seen;
      if (all.size() < count) {
        all.push_back(chunk->int_at(0, row));
      } else if (state % seen < count) {
        all[state % count] = chunk->int_at(0, row);
      }
    }
  }
  return all;
}

// The peer: the same eight tables as plain DuckDB views over all parts, without our catalogue.
Result<double> plain_view_ms(duck::Connection& plain, std::int64_t person) {
  constexpr const char* kTables[] = {
      "person",        "visit_occurrence",     "visit_detail",
      "measurement",   "condition_occurrence", "procedure_occurrence",
      "drug_exposure", "observation"};
  const std::int64_t start = Env::posix().monotonic_us();
  for (const char* table : kTables) {
    duck::Rows rows = TRY(plain.query(std::string("SELECT * FROM ") + table +
                                      " WHERE person_id = " + std::to_string(person)));
    while (TRY(rows.next())) {
    }
  }
  return static_cast<double>(Env::posix().monotonic_us() - start) / 1000;
}

Status bench_person(const BenchOptions& options) {
  Env& env = Env::posix();
  Global global;
  global.warehouse = scratch_of(options, "aphp");
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "bench"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  const std::vector<std::int64_t> persons = TRY(sample_persons(*session, 300));
  if (persons.empty()) return Error{Code::Usage, "no persons: run eds bench aphp first"};
  std::vector<double> first;
  std::vector<double> again;
  for (std::vector<double>* times : {&first, &again}) {
    for (std::int64_t person : persons) {
      const std::int64_t start = env.monotonic_us();
      TRY(care::read_patient(*session, person));
      times->push_back(static_cast<double>(env.monotonic_us() - start) / 1000);
    }
  }
  TRY(print(fmt::format("bench person: 360-degree view of {} random persons, release {}\n",
                        persons.size(), scan.release().name)));
  for (const auto& [name, times] : {std::pair{"first look", &first}, {"second look", &again}}) {
    const Spread spread = spread_of(*times);
    TRY(print(fmt::format("  eds, {:<12} p50 {:>7.1f} ms  p95 {:>7.1f} ms  max {:>7.1f} ms\n", name,
                          spread.p50, spread.p95, spread.max)));
  }
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection plain = TRY(database->connect());
  for (const lake::TableVersion& table :
       TRY(context.warehouse().catalogue().tables(scan.release().id))) {
    const Path files = join(context.warehouse().table_directory(table.table), "*.parquet");
    TRY(plain.execute("CREATE VIEW " + duck::quote_name(table.table) +
                      " AS SELECT * FROM read_parquet(" + duck::quote_text(files) + ")"));
  }
  std::vector<double> peer;
  for (std::size_t index = 0; index < std::min<std::size_t>(persons.size(), 20); ++index) {
    peer.push_back(TRY(plain_view_ms(plain, persons[index])));
  }
  const Spread spread = spread_of(peer);
  return print(
      fmt::format("  plain DuckDB views   p50 {:>7.1f} ms  p95 {:>7.1f} ms  max {:>7.1f} "
                  "ms ({} persons)\n  peak memory {:.2f} GiB, load average {}\n",
                  spread.p50, spread.p95, spread.max, peer.size(), peak_gib(), load_text()));
}

}  // namespace

Result<Exit> run_bench(const BenchOptions& options) {
  watch_interrupt();
  if (options.name == "aphp") {
    TRY(bench_aphp(options));
    return Exit::Done;
  }
  if (options.name == "person") {
    TRY(bench_person(options));
    return Exit::Done;
  }
  if (options.name == "labs") {
    TRY(bench_labs(scratch_of(options, "labs"), options.scale));
    return Exit::Done;
  }
  return run_listed_bench(options);
}

}  // namespace eds::cli
