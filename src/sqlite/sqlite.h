// SQLite behind values and Results: the control-plane store (catalogue, identity, jobs).
//
// Invariants: every database opens in WAL mode with synchronous=FULL, so that a transaction that
// committed survives a power cut. Statements are prepared once and reused.
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

/// A prepared statement being bound and stepped. Resets itself when destroyed.
class Statement {
 public:
  explicit Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  Statement& bind(std::int64_t value);
  Statement& bind(std::string_view value);  ///< as TEXT
  Statement& bind_blob(std::string_view value);
  Statement& bind_null();
  Statement& bind(std::optional<std::int64_t> value);

  /// Moves to the next row; false at the end.
  Result<bool> step();
  /// Runs to the end.
  Status run();
  /// Rows the last INSERT, UPDATE or DELETE changed.
  std::int64_t changes() const;

  bool is_null(int column) const;
  std::int64_t int_at(int column) const;
  std::string text_at(int column) const;  ///< TEXT or BLOB, as bytes

 private:
  sqlite3* database_;
  sqlite3_stmt* statement_;
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
  /// A statement ready for bind() and step(); `sql` is compiled once and kept.
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_insert_id() const;
  /// Writes a consistent copy to a path that must not exist, while other connections go on.
  Status copy_to(const std::string& path);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
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
