#include "govern/database.h"

#include <utility>

#include <sqlite3.h>

namespace eds::govern {
namespace {

constexpr int kBusyWaitMs = 10'000;

Error said(sqlite3* handle, int code) {
  Code kind = Code::Io;
  switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: kind = Code::Unavailable; break;
    case SQLITE_CONSTRAINT: kind = Code::Conflict; break;
    case SQLITE_FULL: kind = Code::NoSpace; break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: kind = Code::Corrupt; break;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_NOMEM: kind = Code::Internal; break;
    default: break;
  }
  return Error{kind, std::string("database: ") + sqlite3_errmsg(handle)};
}

}  // namespace

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

Statement::Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  Error error = said(sqlite3_db_handle(handle_), code);
  sqlite3_reset(handle_);
  return error;
}

Status Statement::run() {
  while (TRY(step())) continue;
  sqlite3_reset(handle_);
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_, column);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(handle_, column) == SQLITE_NULL;
}

std::string_view Statement::bytes(int column) const {
  const void* const data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  if (data == nullptr) return {};
  return std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

// SQLITE_STATIC: every caller keeps its bytes until the statement has run.
void Statement::bind(int at, std::int64_t value) {
  ENSURE(sqlite3_bind_int64(handle_, at, value) == SQLITE_OK);
}

void Statement::bind(int at, std::string_view blob) {
  ENSURE(sqlite3_bind_blob64(handle_, at, blob.data() == nullptr ? "" : blob.data(), blob.size(),
                             SQLITE_STATIC) == SQLITE_OK);
}

void Statement::bind(int at, std::optional<std::int64_t> value) {
  if (value.has_value()) return bind(at, *value);
  ENSURE(sqlite3_bind_null(handle_, at) == SQLITE_OK);
}

Result<Database> Database::open(const Path& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (handle == nullptr) return Error{Code::Internal, "database: no memory"};
  Database database(handle);
  if (code != SQLITE_OK) return said(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyWaitMs);
  return database;
}

Database::~Database() {
  sqlite3_close_v2(handle_);
}

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Status Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return said(handle_, code);
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) return said(handle_, code);
  return Statement(handle);
}

Result<std::optional<std::int64_t>> Database::number(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step()) || statement.is_null(0)) return std::optional<std::int64_t>();
  return std::optional<std::int64_t>(statement.integer(0));
}

}  // namespace eds::govern
