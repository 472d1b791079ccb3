// Database: the few calls of SQLite that govern/ needs, with errors as values.
//
// Invariants: a Statement does not outlive its Database; every error carries SQLite's own words,
// never a bound value. SQLite does its own I/O: it is tested with kill -9 rather than through Env.
// Threads: one thread at a time for a Database and all its Statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace eds::govern {

class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  /// Binds parameters in order, from the first.
  template <class... Values>
  Statement& with(const Values&... values) {
    reset();
    int at = 0;
    (bind(++at, values), ...);
    return *this;
  }
  /// True when there is a row to read.
  Result<bool> step();
  /// Steps to the end and resets. Code::Conflict when a constraint refused the row.
  Status run();
  void reset();

  std::int64_t integer(int column) const;
  bool is_null(int column) const;
  /// Valid until the next step.
  std::string_view bytes(int column) const;

 private:
  friend class Database;
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}
  void bind(int at, std::int64_t value);
  void bind(int at, std::string_view blob);
  void bind(int at, std::optional<std::int64_t> value);
  sqlite3_stmt* handle_ = nullptr;
};

class Database {
 public:
  static Result<Database> open(const Path& path);
  ~Database();
  Database(Database&& other) noexcept;
  Database& operator=(Database&&) = delete;

  Status run(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  /// The one number that `sql` yields; nothing when it yields no row.
  Result<std::optional<std::int64_t>> number(std::string_view sql);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  sqlite3* handle_;
};

}  // namespace eds::govern
