#include "engine/session.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/log.h"
#include "engine/session_scope.h"
#include "engine/session_sql.h"
#include "engine/session_watch.h"
#include "engine/sql_check.h"
#include "lake/part.h"
#include "lake/spill.h"
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
  // On a full disk reading goes on: queries that do not fit in memory then fail, others do not.
  static_cast<void>(lake::spill_for(warehouse, "query", options));
  std::unique_ptr<duck::Database> database = TRY(duck::Database::open(options));
  // Footers of immutable parts are worth keeping: a 360-degree view opens the same ones again.
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute("SET GLOBAL parquet_metadata_cache = true"));
  return database;
}

// Sessions of the owner share the engine's database for our own statements. User SQL gets one of
// its own, since confining it locks the whole database; so does a principal, whose filter is known
// to the whole database, too.
class EmbeddedSession final : public Session {
 public:
  EmbeddedSession(lake::Warehouse& warehouse, const Scan& scan, const Budget& budget)
      : warehouse_(&warehouse), scan_(scan), budget_(budget) {}

  Status start(duck::Database& shared) {
    if (scan_.scope().is_owner()) {
      connection_.emplace(TRY(shared.connect()));
      return {};
    }
    TRY(use_own_database());
    scope_watch_.emplace([this] { return scan_.still_holds(); }, [this] { cancel(); });
    return {};
  }

  Result<Answer> query(const Select& select, const std::vector<duck::Param>& params) override {
    if (confined_) return Error{Code::Usage, "this session is confined to user SQL"};
    if (!scan_.is_for_counts()) TRY(may_show_rows());
    for (const std::string& table : tables_of(select)) TRY(declare(table));
    return run(print(select, Dialect::DuckDb), params);
  }

  Result<Answer> query_person(const Select& select, std::int64_t person_id) override {
    if (confined_) return Error{Code::Usage, "this session is confined to user SQL"};
    TRY(may_show_rows());
    const model::Table& table = model::table(select.table);
    ENSURE(table.person_column != model::kNoColumn);
    const bool reached = scan_.scope().is_owner() || scan_.scope().persons().contains(person_id);
    const std::vector<lake::DataFile> files = reached
                                                  ? TRY(warehouse_->catalogue().files_of_person(
                                                        table.name, scan_.release().id, person_id))
                                                  : std::vector<lake::DataFile>();
    Select narrowed = select;
    Expr is_person =
        Expr::column(table.columns[table.person_column].name) == Expr::literal(person_id);
    narrowed.where =
        select.where ? Expr::all_of({std::move(is_person), *select.where}) : std::move(is_person);
    std::string rows = lake::scan_sql(*warehouse_, table, files);
    if (!scan_.scope().is_owner()) rows = masked_sql(table, scan_.scope(), rows, Barrier::No);
    const Sources sources = {{select.table, std::move(rows)}};
    return run(print(narrowed, Dialect::DuckDb, sources), {});
  }

  Result<Answer> query_user_sql(const std::string& sql) override {
    TRY(may_show_rows());
    return run_user_sql(sql, sql);
  }

  Result<std::vector<std::int64_t>> persons_of_user_sql(const std::string& sql) override {
    const bool counts_only = scan_.scope().level() < govern::Level::Pseudonymised;
    if (counts_only) TRY(cannot_fail(sql));
    // What is no number names nobody: it must not be heard of, either.
    Result<Answer> answer = run_user_sql(
        sql, "SELECT DISTINCT TRY_CAST(person_id AS BIGINT) AS person_id FROM (" + sql +
                 "\n) WHERE TRY_CAST(person_id AS BIGINT) IS NOT NULL "
                 "ORDER BY 1");
    if (!answer.ok()) return std::move(answer).error();
    Answer& rows = *answer;
    std::vector<std::int64_t> persons;
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      for (std::size_t row = 0; row < chunk->row_count(); ++row) {
        const std::int64_t person = chunk->int_at(0, row);
        const bool seen = scan_.scope().is_owner() || scan_.scope().persons().contains(person);
        // A number that a statement made up counts nobody.
        if (seen) persons.push_back(person);
      }
    }
    return persons;
  }

  void cancel() override {
    const std::lock_guard<std::mutex> lock(connection_mutex_);
    connection_->interrupt();
  }

 private:
  Status may_show_rows() const {
    if (scan_.scope().level() >= govern::Level::Pseudonymised) return {};
    return Error{Code::Refused, "this scope allows protected counts only"};
  }

  Status cannot_fail(const std::string& sql) {
    if (!confined_) TRY(use_own_database());
    TRY(check_user_sql(*connection_, sql));
    if (TRY(barrier_for(*connection_, sql)) == Barrier::No) return {};
    return Error{Code::Refused,
                 "a statement of protected counts may only compare, group and aggregate columns"};
  }

  Status use_own_database() {
    std::unique_ptr<duck::Database> database = TRY(open_database(*warehouse_, budget_));
    duck::Connection connection = TRY(database->connect());
    if (!scan_.scope().is_owner()) {
      TRY(connection.register_filter(kSeesFunction, filter_of(scan_.scope())));
    }
    const std::lock_guard<std::mutex> lock(connection_mutex_);
    connection_.emplace(std::move(connection));
    own_database_ = std::move(database);
    declared_.clear();
    return {};
  }

  // `checked` is what the asker wrote; `sql` what runs, made of it.
  Result<Answer> run_user_sql(const std::string& checked, const std::string& sql) {
    if (!confined_) TRY(use_own_database());
    Result<std::set<std::string>> named = check_user_sql(*connection_, checked);
    if (!named.ok()) {
      log::info("engine", "query refused", {{"code", named.error().code}});
      return std::move(named).error();
    }
    const std::set<std::string>& tables = *named;
    Barrier barrier = Barrier::No;
    if (!scan_.scope().is_owner()) barrier = TRY(barrier_for(*connection_, sql));
    if (confined_) {
      for (const std::string& table : tables) {
        if (declared_.count(table) == 0 || (barrier == Barrier::Yes && barrier_ == Barrier::No)) {
          return Error{Code::Usage, "this session was confined to other tables: open a new one"};
        }
      }
    } else {
      barrier_ = barrier;
      for (const std::string& table : tables) TRY(declare(table));
      TRY(confine());
    }
    return run(sql, {});
  }

  Result<std::string> raw_rows(const model::Table& table) {
    const std::vector<lake::DataFile> files =
        TRY(warehouse_->catalogue().files(table.name, scan_.release().id));
    for (const lake::DataFile& file : files) {
      paths_.push_back(warehouse_->file_path(table.name, file.path));
    }
    return lake::scan_sql(*warehouse_, table, files);
  }

  Status declare(const std::string& name) {
    if (!declared_.insert(name).second) return {};
    const model::Table& table = model::table(name);
    const RawRows raw = [this](const model::Table& each) { return raw_rows(each); };
    const std::string rows = scan_.scope().is_owner()
                                 ? TRY(raw_rows(table))
                                 : TRY(scoped_sql(table, scan_.scope(), raw, barrier_));
    return connection_->execute("CREATE TEMP VIEW " + duck::quote_name(name) + " AS " + rows);
  }

  Status confine() {
    std::string list;
    for (const Path& path : paths_) {
      if (!list.empty()) list += ", ";
      list += duck::quote_text(path);
    }
    confined_ = true;
    // Behind the barrier rows may come in any order, as SQL has it, so that it costs nothing; and
    // the planner may not reason from the smallest and largest values of files, hidden rows'
    // included.
    const std::string_view behind_barrier =
        "SET preserve_insertion_order = false; SET disabled_optimizers = "
        "'statistics_propagation'; ";
    return connection_->execute((barrier_ == Barrier::Yes ? std::string(behind_barrier) : "") +
                                "SET allowed_paths = [" + list +
                                "]; SET enable_external_access = false; "
                                "SET lock_configuration = true");
  }

  Result<Answer> run(const std::string& sql, const std::vector<duck::Param>& params) {
    if (scope_watch_) TRY(scope_watch_->check());
    std::unique_ptr<duck::Watch> watch = std::make_unique<Watchdog>(*connection_, budget_);
    if (scope_watch_) watch = scope_watch_->besides(std::move(watch));
    Result<Answer> answer = connection_->query(sql, params);
    if (answer.ok()) {
      answer->hold(std::move(watch));
      return answer;
    }
    const Error error = watch->in_words(answer.error());
    log::info("engine", "query failed", {{"code", error.code}});
    return error;
  }

  lake::Warehouse* warehouse_;
  Scan scan_;
  Budget budget_;
  std::unique_ptr<duck::Database> own_database_;  // Before connection_: it must outlive it.
  std::mutex connection_mutex_;                   // Held while connection_ is replaced.
  std::optional<duck::Connection> connection_;
  std::set<std::string> declared_;
  std::vector<Path> paths_;
  Barrier barrier_ = Barrier::No;
  bool confined_ = false;
  std::optional<ScopeWatch> scope_watch_;  // Last: it stops before what it interrupts is gone.
};

class EmbeddedEngine final : public Engine {
 public:
  explicit EmbeddedEngine(const Budget& budget) : budget_(budget) {}

  Result<std::unique_ptr<Session>> open(lake::Warehouse& warehouse, const Scan& scan,
                                        const Budget& budget) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (database_ == nullptr) database_ = TRY(open_database(warehouse, budget_));
    std::unique_ptr<EmbeddedSession> session =
        std::make_unique<EmbeddedSession>(warehouse, scan, budget);
    TRY(session->start(*database_));
    return std::unique_ptr<Session>(std::move(session));
  }

 private:
  Budget budget_;
  std::mutex mutex_;
  std::unique_ptr<duck::Database> database_;
};

}  // namespace

Result<Scan> Scan::of(const lake::Release& release, const govern::Scope& scope,
                      std::function<bool(const govern::Scope&)> still_holds) {
  if (!scope.allows_release(release.name)) {
    return Error{Code::Refused, "the scope does not reach release " + release.name};
  }
  if (!scope.is_owner() && !still_holds) {
    return Error{Code::Refused, "a principal's scope must be watched while it is used"};
  }
  return Scan(release, scope, std::move(still_holds));
}

std::unique_ptr<Engine> embedded_engine(const Budget& budget) {
  return std::make_unique<EmbeddedEngine>(budget);
}

}  // namespace eds::engine
