#include "engine/session.h"

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "engine/sql_check.h"
#include "lake/part.h"
#include "model/table.h"

namespace eds::engine {
namespace {

// Ends a statement that runs longer than its budget.
class Watchdog {
 public:
  Watchdog(duck::Connection& connection, double seconds) : connection_(&connection) {
    if (seconds <= 0) return;
    thread_ = std::thread([this, seconds] {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto limit = std::chrono::duration<double>(seconds);
      if (!wake_.wait_for(lock, limit, [this] { return done_; })) connection_->interrupt();
    });
  }
  ~Watchdog() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      done_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  duck::Connection* connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
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
    const std::set<std::string> tables = TRY(check_user_sql(*connection_, sql));
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
    // The budget covers the time to the first rows; what follows streams at the reader's pace.
    const Watchdog watchdog(*connection_, budget_.seconds_max);
    return connection_->query(sql, params);
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
