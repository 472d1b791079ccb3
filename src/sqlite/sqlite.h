// SQLite behind values and Results: the control-plane store (catalogue, identity, jobs).
//
// Invariants: every database opens in WAL mode with synchronous=FULL, so that a transaction that
// committed survives a power cut. Statements are prepared once and reused; none outlives its
// Database. An error carries SQLite's own words, never a bound value. SQLite does its own I/O: it
// is tested with kill -9 rather than through Env.
// Threads: a Database belongs to one thread at a time; processes may share the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace eds::sqlite {

/// Bytes for a BLOB column. Not copied: they must live until the statement has run.
struct Blob {
  std::string_view bytes;
};

/// A prepared statement being bound and stepped. Its text is kept by the Database (prepare) or by
/// itself (prepare_own); when destroyed it is ready for the next user, or gone.
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  ~Statement();

  /// Starts again, and binds every parameter from the first.
  template <class... Values>
  Statement& with(const Values&... values) {
    reset();
    (bind(values), ...);
    return *this;
  }
  /// Binds the next parameter.
  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view value);  ///< as TEXT, copied
  Statement& bind(Blob value);
  Statement& bind(std::optional<std::int64_t> value);
  Statement& bind_null();

  /// Moves to the next row; false at the end.
  Result<bool> step();
  /// Runs to the end and resets. Code::Conflict when a constraint refused the row.
  Status run();
  void reset();
  /// Rows the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;

  bool is_null(int column) const;
  std::int64_t int_at(int column) const;
  std::string text_at(int column) const;  ///< TEXT or BLOB, as bytes
  /// The same, valid until the next step.
  std::string_view bytes_at(int column) const;

 private:
  friend class Database;
  enum class Owner : std::uint8_t { Database, Itself };
  Statement(sqlite3_stmt* handle, Owner owner) : handle_(handle), owner_(owner) {}
  sqlite3_stmt* handle_ = nullptr;
  Owner owner_ = Owner::Database;
  int next_ = 1;
};

class Database {
 public:
  /// Opens or creates the file; its permissions are the process's umask's.
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs statements without parameters or rows.
  Status execute(const std::string& sql);
  /// A statement ready for bind() and step(); `sql` is compiled once and kept. One at a time may be
  /// in use for one text.
  Result<Statement> prepare(std::string_view sql);
  /// A statement for a caller that keeps it, and skips the search of its text.
  Result<Statement> prepare_own(std::string_view sql);
  /// The one number that `sql` yields; nothing when it yields no row, or NULL.
  Result<std::optional<std::int64_t>> number(std::string_view sql);
  std::int64_t last_insert_id() const;
  /// Writes a consistent copy to a path that must not exist, while other connections go on.
  Status copy_to(const std::string& path);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  Result<sqlite3_stmt*> compile(std::string_view sql);
  sqlite3* handle_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

/// BEGIN IMMEDIATE ... COMMIT; rolls back unless commit() was called and succeeded.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace eds::sqlite
