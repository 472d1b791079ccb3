#include "engine/session.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "engine/sql_check.h"
#include "lake/part.h"
#include "model/table.h"

namespace eds::engine {
namespace {

// How often a caller's wish to stop is looked at.
constexpr std::chrono::milliseconds kCancelLook{50};

// Ends a statement that runs longer than its budget, or that nobody wants any more. It lives as
// long as the rows do: a cross join that streams is stopped like one that counts.
class Watchdog final : public duck::Watch {
 public:
  Watchdog(duck::Connection& connection, const Budget& budget)
      : connection_(&connection), budget_(budget) {
    if (budget.seconds_max <= 0 && budget.cancelled == nullptr) return;
    thread_ = std::thread([this] { stand_by(); });
  }
  ~Watchdog() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Status allows_more() override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (reason_ == Reason::Time) {
      return Error{
          Code::Cancelled,
          "the query ran out of its time budget; allow more (--timeout) or ask for less: " +
              fmt::format("{} s", budget_.seconds_max)};
    }
    if (reason_ == Reason::Caller) return Error{Code::Cancelled, "the query was cancelled"};
    return {};
  }

  Error in_words(Error error) override {
    const Status allowed = allows_more();
    if (!allowed.ok()) return allowed.error();
    if (error.code != Code::Limit) return error;
    return Error{Code::Limit,
                 "the query needs more than its memory budget; allow more (--memory) or ask for "
                 "less: " +
                     fmt::format("{} MB", budget_.memory_bytes_max / 1'000'000)};
  }

 private:
  enum class Reason : std::uint8_t { None, Time, Caller };

  void stand_by() {
    const auto start = std::chrono::steady_clock::now();
    const std::chrono::duration<double> limit(budget_.seconds_max);
    std::unique_lock<std::mutex> lock(mutex_);
    while (reason_ == Reason::None) {
      std::chrono::duration<double> wait = limit - (std::chrono::steady_clock::now() - start);
      if (budget_.seconds_max <= 0 || (budget_.cancelled != nullptr && wait > kCancelLook)) {
        wait = kCancelLook;
      }
      if (wake_.wait_for(lock, wait, [this] { return done_; })) return;
      const auto spent = std::chrono::steady_clock::now() - start;
      if (budget_.seconds_max > 0 && spent >= limit) reason_ = Reason::Time;
      if (budget_.cancelled != nullptr && *budget_.cancelled) reason_ = Reason::Caller;
    }
    log::warning("engine", "query stopped",
                 {{"code", Code::Cancelled}, {"by_time", reason_ == Reason::Time}});
    connection_->interrupt();
    // An interrupt between two pieces of work is forgotten: say it again until the rows are gone.
    while (!wake_.wait_for(lock, kCancelLook, [this] { return done_; })) connection_->interrupt();
  }

  duck::Connection* connection_;
  Budget budget_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Reason reason_ = Reason::None;
  bool done_ = false;
  std::thread thread_;
};

Result<std::unique_ptr<duck::Database>> open_database(lake::Warehouse& warehouse,
                                                      const Budget& budget) {
  duck::Options options;
  options.memory_bytes_max = budget.memory_bytes_max;
  options.threads = budget.threads;
  options.temporary_directory =
      join(warehouse.temporary_directory(), "query" + std::to_string(warehouse.env().random_u64()));
  std::unique_ptr<duck::Database> database = TRY(duck::Database::open(options));
  // Footers of immutable parts are worth keeping: a 360-degree view opens the same ones again.
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute("SET GLOBAL parquet_metadata_cache = true"));
  return database;
}

// Sessions share the engine's database for our own statements; user SQL gets one of its own, since
// confining it locks the whole database.
class EmbeddedSession final : public Session {
 public:
  EmbeddedSession(lake::Warehouse& warehouse, const Scan& scan, const Budget& budget,
                  duck::Connection connection)
      : warehouse_(&warehouse), scan_(scan), budget_(budget) {
    connection_.emplace(std::move(connection));
  }

  Result<Answer> query(const Select& select, const std::vector<duck::Param>& params) override {
    if (confined_) return Error{Code::Usage, "this session is confined to user SQL"};
    TRY(declare(select.table));
    for (const Join& join : select.joins) TRY(declare(join.table));
    return run(print(select, Dialect::DuckDb), params);
  }

  Result<Answer> query_person(const Select& select, std::int64_t person_id) override {
    if (confined_) return Error{Code::Usage, "this session is confined to user SQL"};
    const model::Table& table = model::table(select.table);
    ENSURE(table.person_column != model::kNoColumn);
    const std::vector<lake::DataFile> files =
        TRY(warehouse_->catalogue().files_of_person(table.name, scan_.release().id, person_id));
    Select narrowed = select;
    Expr is_person =
        Expr::column(table.columns[table.person_column].name) == Expr::literal(person_id);
    narrowed.where =
        select.where ? Expr::all_of({std::move(is_person), *select.where}) : std::move(is_person);
    const Sources sources = {{select.table, lake::scan_sql(*warehouse_, table, files)}};
    return run(print(narrowed, Dialect::DuckDb, sources), {});
  }

  Result<Answer> query_user_sql(const std::string& sql) override {
    if (own_database_ == nullptr) {
      own_database_ = TRY(open_database(*warehouse_, budget_));
      connection_.emplace(TRY(own_database_->connect()));
      declared_.clear();
    }
    Result<std::set<std::string>> checked = check_user_sql(*connection_, sql);
    if (!checked.ok()) {
      log::info("engine", "query refused", {{"code", checked.error().code}});
      return std::move(checked).error();
    }
    const std::set<std::string>& tables = *checked;
    if (confined_) {
      for (const std::string& table : tables) {
        if (declared_.count(table) == 0) {
          return Error{Code::Usage, "this session was confined to other tables: open a new one"};
        }
      }
    } else {
      for (const std::string& table : tables) TRY(declare(table));
      TRY(confine());
    }
    return run(sql, {});
  }

  void cancel() override { connection_->interrupt(); }

 private:
  Status declare(const std::string& name) {
    if (!declared_.insert(name).second) return {};
    const model::Table& table = model::table(name);
    const std::vector<lake::DataFile> files =
        TRY(warehouse_->catalogue().files(name, scan_.release().id));
    for (const lake::DataFile& file : files) {
      paths_.push_back(warehouse_->file_path(name, file.path));
    }
    return connection_->execute("CREATE TEMP VIEW " + duck::quote_name(name) + " AS " +
                                lake::scan_sql(*warehouse_, table, files));
  }

  Status confine() {
    std::string list;
    for (const Path& path : paths_) {
      if (!list.empty()) list += ", ";
      list += duck::quote_text(path);
    }
    confined_ = true;
    return connection_->execute("SET allowed_paths = [" + list +
                                "]; SET enable_external_access = false; "
                                "SET lock_configuration = true");
  }

  Result<Answer> run(const std::string& sql, const std::vector<duck::Param>& params) {
    auto watchdog = std::make_unique<Watchdog>(*connection_, budget_);
    Result<Answer> answer = connection_->query(sql, params);
    if (answer.ok()) {
      answer->hold(std::move(watchdog));
      return answer;
    }
    const Error error = watchdog->in_words(answer.error());
    log::info("engine", "query failed", {{"code", error.code}});
    return error;
  }

  lake::Warehouse* warehouse_;
  Scan scan_;
  Budget budget_;
  std::unique_ptr<duck::Database> own_database_;  // Before connection_: it must outlive it.
  std::optional<duck::Connection> connection_;
  std::set<std::string> declared_;
  std::vector<Path> paths_;
  bool confined_ = false;
};

class EmbeddedEngine final : public Engine {
 public:
  explicit EmbeddedEngine(const Budget& budget) : budget_(budget) {}

  Result<std::unique_ptr<Session>> open(lake::Warehouse& warehouse, const Scan& scan,
                                        const Budget& budget) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (database_ == nullptr) database_ = TRY(open_database(warehouse, budget_));
    duck::Connection connection = TRY(database_->connect());
    return std::unique_ptr<Session>(
        new EmbeddedSession(warehouse, scan, budget, std::move(connection)));
  }

 private:
  Budget budget_;
  std::mutex mutex_;
  std::unique_ptr<duck::Database> database_;
};

}  // namespace

Result<Scan> Scan::of(const lake::Release& release, const govern::Scope& scope) {
  if (!scope.allows_release(release.name)) {
    return Error{Code::Refused, "the scope does not reach release " + release.name};
  }
  return Scan(release, scope);
}

std::unique_ptr<Engine> embedded_engine(const Budget& budget) {
  return std::make_unique<EmbeddedEngine>(budget);
}

}  // namespace eds::engine
