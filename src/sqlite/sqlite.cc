#include "sqlite/sqlite.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace eds::sqlite {
namespace {

// Writers of other processes are waited for this long: a release commit takes well under a second.
constexpr int kBusyMillisecondsMax = 30'000;

Error failure(sqlite3* database, std::string_view what) {
  Code code = Code::Internal;
  if (database == nullptr) return Error{code, std::string(what) + ": no memory"};
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
  std::string text = std::string(what) + ": " + sqlite3_errmsg(database);
  // "disk I/O error" and "unable to open" do not say why; the system does.
  const int number = code == Code::Io ? sqlite3_system_errno(database) : 0;
  if (number == ENOSPC || number == EDQUOT) code = Code::NoSpace;
  if (number != 0) text += std::string(": ") + std::strerror(number);
  return Error{code, std::move(text)};
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), owner_(other.owner_), next_(other.next_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(owner_, other.owner_);
  std::swap(next_, other.next_);
  return *this;
}

Statement::~Statement() {
  if (owner_ == Owner::Itself) {
    sqlite3_finalize(handle_);
  } else if (handle_ != nullptr) {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }
}

// A binding fails only for a parameter that the text does not have: our own mistake.
Statement& Statement::bind(std::int64_t value) {
  ENSURE(sqlite3_bind_int64(handle_, next_++, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::string_view value) {
  // A null pointer would bind NULL, and an empty text is not a missing one.
  const char* data = value.data() == nullptr ? "" : value.data();
  ENSURE(sqlite3_bind_text64(handle_, next_++, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) ==
         SQLITE_OK);
  return *this;
}

Statement& Statement::bind(Blob value) {
  const char* data = value.bytes.data() == nullptr ? "" : value.bytes.data();
  ENSURE(sqlite3_bind_blob64(handle_, next_++, data, value.bytes.size(), SQLITE_STATIC) ==
         SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null() {
  ENSURE(sqlite3_bind_null(handle_, next_++) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(std::optional<std::int64_t> value) {
  return value ? bind(*value) : bind_null();
}

Result<bool> Statement::step() {
  const int state = sqlite3_step(handle_);
  if (state == SQLITE_ROW) return true;
  if (state == SQLITE_DONE) return false;
  Error error = failure(sqlite3_db_handle(handle_), "control-plane store failed");
  sqlite3_reset(handle_);
  return error;
}

Status Statement::run() {
  while (TRY(step())) {
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
  next_ = 1;
}

std::int64_t Statement::changes() const {
  return sqlite3_changes64(sqlite3_db_handle(handle_));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::int64_t Statement::int_at(int column) const {
  return sqlite3_column_int64(handle_, column);
}

std::string Statement::text_at(int column) const {
  return std::string(bytes_at(column));
}

std::string_view Statement::bytes_at(int column) const {
  const void* const data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
  const int state = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle));
  if (state != SQLITE_OK) return failure(handle, "cannot open " + path);
  sqlite3_busy_timeout(handle, kBusyMillisecondsMax);
  const Status settled = database->execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;");
  if (settled.ok()) return database;
  // SQLite's "unable to open" does not say that its log beside the file could not be made.
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0) return settled.error();
  return Error{Code::Io,
               std::string("the folder cannot be written: ") + std::strerror(errno) + ": " + path};
}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

Status Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return failure(handle_, "control-plane store failed");
}

Result<sqlite3_stmt*> Database::compile(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return failure(handle_, "control-plane statement refused");
  }
  return statement;
}

Result<Statement> Database::prepare(std::string_view sql) {
  const auto found = statements_.find(std::string(sql));
  if (found != statements_.end() && sqlite3_stmt_busy(found->second) == 0) {
    return Statement(found->second, Statement::Owner::Database);
  }
  if (found != statements_.end()) {
    return Error{Code::Internal, "statement is already running: " + std::string(sql)};
  }
  sqlite3_stmt* statement = TRY(compile(sql));
  statements_.emplace(std::string(sql), statement);
  return Statement(statement, Statement::Owner::Database);
}

Result<Statement> Database::prepare_own(std::string_view sql) {
  return Statement(TRY(compile(sql)), Statement::Owner::Itself);
}

Result<std::optional<std::int64_t>> Database::number(std::string_view sql) {
  Statement statement = TRY(prepare_own(sql));
  if (!TRY(statement.step()) || statement.is_null(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(statement.int_at(0));
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
