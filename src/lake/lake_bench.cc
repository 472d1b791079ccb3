// Latency of multi-table release commits, fsyncs included, and what it is made of.
// Recipe: each release adds kRowsPerTable rows to each of fifteen tables; in every fourth release
// one row in four bears a record key of the release before, whose parts are then written anew in
// all tables. Due parts are compacted after every 50 releases, outside the measured time. Baselines
// insert the same rows without corrections: DuckDB's own file format in one transaction (its
// write-ahead log is synced at COMMIT), and SQLite (WAL, synchronous=FULL).
#include "lake/lake_bench.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "lake/compaction.h"
#include "lake/loader.h"
#include "lake/warehouse.h"
#include "sqlite/sqlite.h"

namespace eds::lake {
namespace {

constexpr std::array<std::string_view, 15> kTables = {
    "person",          "observation_period",   "visit_occurrence", "visit_detail",
    "death",           "condition_occurrence", "drug_exposure",    "procedure_occurrence",
    "device_exposure", "measurement",          "observation",      "note",
    "specimen",        "eds_pmsi_rum",         "eds_visit_claim"};
constexpr std::int64_t kRowsPerTable = 50;

/// The real machine, with a stopwatch on what makes bytes durable.
class TimedEnv final : public Env {
 public:
  struct Times {
    std::int64_t sync_count = 0;
    std::int64_t sync_us = 0;  ///< summed over threads
  };
  Times times() {
    const std::lock_guard lock(mutex_);
    return times_;
  }

  Result<std::unique_ptr<WritableFile>> create(const Path& path) override {
    return timed(base_.create(path));
  }
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    return timed(base_.append_to(path));
  }
  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override { return base_.open(path); }
  Result<FileInfo> info(const Path& path) override { return base_.info(path); }
  Result<std::vector<std::string>> list(const Path& path) override { return base_.list(path); }
  Status make_directories(const Path& path) override { return base_.make_directories(path); }
  Status rename(const Path& from, const Path& to) override { return base_.rename(from, to); }
  Status link_new(const Path& from, const Path& to) override { return base_.link_new(from, to); }
  Status remove(const Path& path) override { return base_.remove(path); }
  Status remove_directory(const Path& path) override { return base_.remove_directory(path); }
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override {
    return base_.lock(path, wait);
  }
  Status sync_directory(const Path& path) override {
    return timed_sync([&] { return base_.sync_directory(path); });
  }
  Status set_mode(const Path& path, std::uint32_t mode) override {
    return base_.set_mode(path, mode);
  }
  std::int64_t now_us() override { return base_.now_us(); }
  std::int64_t monotonic_us() override { return base_.monotonic_us(); }
  std::uint64_t random_u64() override { return base_.random_u64(); }

 private:
  class TimedFile final : public WritableFile {
   public:
    TimedFile(TimedEnv& env, std::unique_ptr<WritableFile> file)
        : env_(&env), file_(std::move(file)) {}
    Status append(std::string_view bytes) override { return file_->append(bytes); }
    Status sync() override {
      return env_->timed_sync([&] { return file_->sync(); });
    }
    Status close() override { return file_->close(); }

   private:
    TimedEnv* env_;
    std::unique_ptr<WritableFile> file_;
  };

  template <class Call>
  Status timed_sync(Call call) {
    const std::int64_t start = base_.monotonic_us();
    Status done = call();
    const std::lock_guard lock(mutex_);
    ++times_.sync_count;
    times_.sync_us += base_.monotonic_us() - start;
    return done;
  }
  Result<std::unique_ptr<WritableFile>> timed(Result<std::unique_ptr<WritableFile>> opened) {
    if (!opened.ok()) return opened;
    return std::unique_ptr<WritableFile>(new TimedFile(*this, std::move(*opened)));
  }

  Env& base_ = Env::posix();
  std::mutex mutex_;
  Times times_;
};

/// Row `number` of a table, the same for every store. Text columns are left out: they would only
/// add bytes that all three write alike.
std::int64_t value_of(const model::Table& table, std::size_t column, std::int64_t number) {
  if (column == table.person_column) return number % 1000 + 1;
  if (column == table.id_column || column == table.key_column) return number;
  if (column == table.date_column) return 18'000 + number % 700;
  return number % 97 + static_cast<std::int64_t>(column);
}

bool is_filled(const model::Column& column) {
  return column.type == model::Type::Int || column.type == model::Type::Date;
}

/// Milliseconds, one a commit.
class Latencies {
 public:
  void add(std::int64_t start_us) {
    values_.push_back(static_cast<double>(Env::posix().monotonic_us() - start_us) / 1000.0);
  }
  void print(std::FILE* out, const char* what) {
    if (values_.empty()) return;
    std::sort(values_.begin(), values_.end());
    std::fprintf(out, "%-44s p50 %8.1f ms   p95 %8.1f ms   max %8.1f ms\n", what, at(0.50),
                 at(0.95), values_.back());
  }

 private:
  double at(double part) const {
    return values_[static_cast<std::size_t>(part * static_cast<double>(values_.size() - 1))];
  }
  std::vector<double> values_;
};

struct LakeFigures {
  Latencies whole;
  Latencies commits;
  Latencies corrections;  ///< commits that also replace rows of an earlier release
};

Status load_once(Warehouse& warehouse, std::int64_t round, LakeFigures& figures) {
  Env& env = warehouse.env();
  const bool corrects = round % 4 == 3;
  const std::int64_t start = env.monotonic_us();
  const std::unique_ptr<Loader> loader = TRY(Loader::open(warehouse));
  for (std::string_view name : kTables) {
    const model::Table& table = model::table(name);
    model::RowWriter& rows = *TRY(loader->rows(table));
    for (std::int64_t row = 0; row < kRowsPerTable; ++row) {
      const bool again = corrects && row % 4 == 0;
      const std::int64_t number =
          again ? (round - 1) * kRowsPerTable + row + 2 : round * kRowsPerTable + row + 1;
      for (std::size_t column = 0; column < table.columns.size(); ++column) {
        if (is_filled(table.columns[column])) {
          rows.set(column, value_of(table, column, number));
        }
      }
      rows.set(table.source_column, round + 1);
      rows.set(table.column("eds_source_position"), row);
      if (table.name == "measurement") TRY(loader->record(number, round + 1, row));
      TRY(rows.end_row());
    }
  }
  const std::int64_t commit = env.monotonic_us();
  TRY(loader->commit("bench", "small release", {}));
  (corrects ? figures.corrections : figures.commits).add(commit);
  figures.whole.add(start);
  return {};
}

Status bench_lake(std::FILE* out, const Path& scratch, std::int64_t rounds) {
  TimedEnv env;
  const Path place = join(scratch, "lake");
  TRY(Warehouse::create(env, place));
  const std::unique_ptr<Warehouse> warehouse = TRY(Warehouse::open(env, place));
  LakeFigures figures;
  const TimedEnv::Times before = env.times();
  for (std::int64_t round = 0; round < rounds; ++round) {
    TRY(load_once(*warehouse, round, figures));
    if (round % 50 == 49) TRY(compact(*warehouse, CompactOptions{}));
  }
  const TimedEnv::Times after = env.times();
  figures.commits.print(out, "eds: release commit, 15 tables");
  figures.corrections.print(out, "eds: commit that corrects rows in 15 tables");
  figures.whole.print(out, "eds: open loader, stage rows, commit");
  const double count = static_cast<double>(rounds);
  std::fprintf(
      out, "eds: of a release, %.0f fsyncs of our own, %.1f ms of waiting summed over threads\n",
      static_cast<double>(after.sync_count - before.sync_count) / count,
      static_cast<double>(after.sync_us - before.sync_us) / count / 1000.0);
  return {};
}

Status bench_duckdb(std::FILE* out, const Path& scratch, std::int64_t rounds) {
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute("ATTACH " + duck::quote_text(join(scratch, "native.duckdb")) +
                         " AS native; USE native"));
  for (std::string_view name : kTables) {
    TRY(connection.execute(duck::create_table_sql(model::table(name), std::string(name))));
  }
  Latencies whole;
  Latencies commits;
  Latencies checkpoints;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t start = Env::posix().monotonic_us();
    TRY(connection.execute("BEGIN"));
    for (std::string_view name : kTables) {
      const model::Table& table = model::table(name);
      const std::unique_ptr<duck::Appender> appender =
          TRY(duck::Appender::open(connection, table, std::string(name)));
      model::RowWriter rows(table, *appender);
      for (std::int64_t row = 0; row < kRowsPerTable; ++row) {
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
          if (!is_filled(table.columns[column])) continue;
          rows.set(column, value_of(table, column, round * kRowsPerTable + row + 1));
        }
        TRY(rows.end_row());
      }
      TRY(rows.flush());
      TRY(appender->flush());
    }
    const std::int64_t commit = Env::posix().monotonic_us();
    TRY(connection.execute("COMMIT"));
    commits.add(commit);
    whole.add(start);
    if (round % 10 != 9) continue;
    const std::int64_t checkpoint = Env::posix().monotonic_us();
    TRY(connection.execute("CHECKPOINT native"));
    checkpoints.add(checkpoint);
  }
  commits.print(out, "duckdb file: COMMIT only");
  whole.print(out, "duckdb file: begin, append rows, commit");
  checkpoints.print(out, "duckdb file: CHECKPOINT after ten commits");
  return {};
}

Status bench_sqlite(std::FILE* out, const Path& scratch, std::int64_t rounds) {
  const std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(scratch, "native.sqlite")));
  std::vector<std::string> inserts;
  for (std::string_view name : kTables) {
    const model::Table& table = model::table(name);
    TRY(database->execute(duck::create_table_sql(table, std::string(name))));
    std::string marks;
    for (std::size_t column = 0; column < table.columns.size(); ++column) {
      marks += column == 0 ? "?" : ", ?";
    }
    inserts.push_back("INSERT INTO " + std::string(name) + " VALUES(" + marks + ")");
  }
  Latencies whole;
  for (std::int64_t round = 0; round < rounds; ++round) {
    const std::int64_t start = Env::posix().monotonic_us();
    sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database));
    for (std::size_t at = 0; at < kTables.size(); ++at) {
      const model::Table& table = model::table(kTables[at]);
      for (std::int64_t row = 0; row < kRowsPerTable; ++row) {
        sqlite::Statement insert = TRY(database->prepare(inserts[at]));
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
          if (is_filled(table.columns[column])) {
            insert.bind(value_of(table, column, round * kRowsPerTable + row + 1));
          } else {
            insert.bind_null();
          }
        }
        TRY(insert.run());
      }
    }
    TRY(transaction.commit());
    whole.add(start);
  }
  whole.print(out, "sqlite: begin, insert rows, commit");
  return {};
}

}  // namespace

int bench_commit(std::FILE* out, double scale, const Path& scratch) {
  const std::int64_t rounds = std::max<std::int64_t>(10, static_cast<std::int64_t>(200 * scale));
  const Path place = join(scratch, "lake_bench" + std::to_string(Env::posix().random_u64()));
  Status done = Env::posix().make_directories(place);
  std::fprintf(out, "%lld releases, 15 tables x %lld rows each, in %s\n",
               static_cast<long long>(rounds), static_cast<long long>(kRowsPerTable),
               place.c_str());
  if (done.ok()) done = bench_lake(out, place, rounds);
  if (done.ok()) done = bench_duckdb(out, place, rounds);
  if (done.ok()) done = bench_sqlite(out, place, rounds);
  if (!done.ok()) std::fprintf(out, "lake bench failed: %s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}

}  // namespace eds::lake
