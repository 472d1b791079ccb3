#include "sqlite/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace eds::sqlite {
namespace {

// Writers of other processes are waited for this long: a release commit takes well under a second.
constexpr int kBusyMillisecondsMax = 30'000;

Error failure(sqlite3* database, std::string_view what) {
  Code code = Code::Internal;
  switch (sqlite3_errcode(database)) {
    case SQLITE_FULL: code = Code::NoSpace; break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY: code = Code::Io; break;
    case SQLITE_CONSTRAINT: code = Code::Conflict; break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: code = Code::Unavailable; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: code = Code::Corrupt; break;
    default: break;
  }
  // sqlite3_errmsg names tables and columns, never bound values.
  return Error{code, std::string(what) + ": " + sqlite3_errmsg(database)};
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  sqlite3_bind_text(statement_, next_++, value.data(), static_cast<int>(value.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_blob(std::string_view value) {
  sqlite3_bind_blob(statement_, next_++, value.data(), static_cast<int>(value.size()),
                    SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_null() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
  return value ? bind(*value) : bind_null();
}

Result<bool> Statement::step() {
  const int state = sqlite3_step(statement_);
  if (state == SQLITE_ROW) return true;
  if (state == SQLITE_DONE) return false;
  return failure(database_, "control-plane store failed");
}

Status Statement::run() {
  while (TRY(step())) {
  }
  return {};
}

std::int64_t Statement::changes() const {
  return sqlite3_changes64(database_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::int_at(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Statement::text_at(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? std::string()
             : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int state = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (state != SQLITE_OK) return failure(handle, "cannot open " + path);
  sqlite3_busy_timeout(handle, kBusyMillisecondsMax);
  TRY(
      database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                        "PRAGMA foreign_keys=ON;"));
  return database;
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(handle_, "control-plane store failed");
}

Result<Statement> Database::prepare(std::string_view sql) {
  const auto found = statements_.find(std::string(sql));
  if (found != statements_.end() && sqlite3_stmt_busy(found->second) == 0) {
    return Statement(handle_, found->second);
  }
  if (found != statements_.end()) {
    return Error{Code::Internal, "statement is already running: " + std::string(sql)};
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return failure(handle_, "control-plane statement refused");
  }
  statements_.emplace(std::string(sql), statement);
  return Statement(handle_, statement);
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(handle_);
}

Status Database::copy_to(const std::string& path) {
  sqlite3* copy = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  Status done;
  if (sqlite3_open_v2(path.c_str(), &copy, flags, nullptr) != SQLITE_OK) {
    done = failure(copy, "cannot open " + path);
  }
  sqlite3_backup* backup = nullptr;
  if (done.ok()) backup = sqlite3_backup_init(copy, "main", handle_, "main");
  if (done.ok() && backup == nullptr) done = failure(copy, "control-plane store copy failed");
  if (backup != nullptr) {
    // One step over all pages: a reader's lock, which in WAL mode holds up nobody.
    sqlite3_backup_step(backup, -1);
    if (sqlite3_backup_finish(backup) != SQLITE_OK) {
      done = failure(copy, "control-plane store copy failed");
    }
  }
  sqlite3_close(copy);
  return done;
}

Result<Transaction> Transaction::begin(Database& database) {
  TRY(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Status Transaction::commit() {
  TRY(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace eds::sqlite
