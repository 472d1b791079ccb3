// DuckDB behind values and Results: the only room that includes duckdb.h.
//
// Invariants: no durable data lives in a DuckDB file; a Database is in memory and spills into its
// temporary directory. Errors of the library come back as eds::Error, its memory is owned by RAII.
// Threads: a Database is shared freely; a Connection belongs to one thread, but for interrupt().
// Source: DuckDB 1.5 C API (duckdb.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/rows.h"
#include "model/table.h"

namespace eds::duck {

struct Options {
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
  std::string temporary_directory;  ///< where queries spill; empty: they fail instead
  /// Let go of once the database is closed: what owns the temporary directory.
  std::shared_ptr<const void> held_until_closed = nullptr;
  /// Other DuckDB settings, as name and value.
  std::vector<std::pair<std::string, std::string>> settings;
};

/// What a column of a result can hold, after the widest sensible C++ type.
enum class Kind : std::uint8_t { Bool, Int, Float, Date, Timestamp, Text };

struct ResultColumn {
  std::string name;
  Kind kind = Kind::Text;
};

/// Up to 2048 rows of a result, column by column. Views into it live as long as it does.
class Chunk {
 public:
  Chunk() = default;
  Chunk(Chunk&& other) noexcept;
  Chunk& operator=(Chunk&& other) noexcept;
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk();

  std::size_t row_count() const { return row_count_; }
  bool is_null(std::size_t column, std::size_t row) const;
  /// Bool, Int (of any width), Date (days) and Timestamp (microseconds) columns.
  std::int64_t int_at(std::size_t column, std::size_t row) const;
  double float_at(std::size_t column, std::size_t row) const;
  std::string_view text_at(std::size_t column, std::size_t row) const;

 private:
  friend class Rows;
  struct Column {
    int type = 0;  ///< a duckdb_type
    const void* data = nullptr;
    const std::uint64_t* valid = nullptr;
  };
  void* handle_ = nullptr;
  std::size_t row_count_ = 0;
  std::vector<Column> columns_;
};

/// Watches over a running statement, from its start until its last row is read or its Rows end.
class Watch {
 public:
  virtual ~Watch() = default;
  /// Why no more rows may be read.
  virtual Status allows_more() = 0;
  /// What the library says of the statement's end, in the caller's words.
  virtual Error in_words(Error error) = 0;
};

/// A query's answer, streamed.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  const std::vector<ResultColumn>& columns() const { return columns_; }
  /// The next chunk, or nothing at the end.
  Result<std::optional<Chunk>> next();
  /// `watch` is asked before each chunk and when one fails; it is let go at the end.
  void hold(std::unique_ptr<Watch> watch) { watch_ = std::move(watch); }

 private:
  friend class Connection;
  struct Handle;
  explicit Rows(std::unique_ptr<Handle> handle);
  Result<std::optional<Chunk>> fetch();
  std::unique_ptr<Handle> handle_;
  std::vector<ResultColumn> columns_;
  std::unique_ptr<Watch> watch_;  // Ends before the result that it watches.
};

/// A value bound to a statement's $1, $2, ...
struct Param {
  static Param of(std::int64_t value);
  static Param of(double value);
  static Param of(std::string_view value);
  Kind kind = Kind::Int;
  std::int64_t int_value = 0;
  double float_value = 0;
  std::string text_value;
};

/// Something that produces rows of `table` when DuckDB pulls: fill() pushes at least one chunk into
/// the sink and returns true, or returns false when there is nothing left.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual const model::Table& table() const = 0;
  virtual Result<bool> fill(model::RowSink& sink) = 0;
};

/// Which rows are kept, told by their ids, in the order of the rows.
class RowFilter {
 public:
  virtual ~RowFilter() = default;
  /// Called from several threads at once; both spans have one length.
  virtual void keep(std::span<const std::int64_t> ids, std::span<bool> kept) const = 0;
};

class Database;

class Connection {
 public:
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Runs statements whose rows nobody wants.
  Status execute(const std::string& sql);
  /// Runs one statement and streams its rows. Types that Kind has no word for come as text; to find
  /// that out the statement may start twice, so do not read a RowSource through them.
  Result<Rows> query(const std::string& sql, const std::vector<Param>& params = {});
  /// The first column of the first row, as an integer; NotFound when there is none or it is NULL.
  Result<std::int64_t> query_int(const std::string& sql, const std::vector<Param>& params = {});
  /// The single text value of a query; NotFound when there is none.
  Result<std::string> query_text(const std::string& sql, const std::vector<Param>& params = {});
  /// Makes `SELECT * FROM name()` pull rows from `source`, which must outlive the connection's use.
  Status register_source(const std::string& name, RowSource& source);
  /// Makes `name(id)` a condition that holds where `filter` keeps the id; never for NULL. It is
  /// known to the whole database, as long as that lives.
  Status register_filter(const std::string& name, std::shared_ptr<const RowFilter> filter);
  /// Ends the running statement with Code::Cancelled. May be called from any thread.
  void interrupt();
  /// The statement's progress in percent, or a negative number when unknown. From any thread.
  double progress() const;

 private:
  friend class Database;
  friend class Appender;
  friend class MemoryTables;
  explicit Connection(void* handle) : handle_(handle) {}
  Status start(const std::string& sql, const std::vector<Param>& params, Rows::Handle& into);
  void* handle_ = nullptr;
};

class Database {
 public:
  static Result<std::unique_ptr<Database>> open(const Options& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Result<Connection> connect();

 private:
  explicit Database(void* handle) : handle_(handle) {}
  void* handle_ = nullptr;
  std::shared_ptr<const void> held_;
};

/// Appends model chunks to an existing DuckDB table of the same columns.
class Appender final : public model::RowSink {
 public:
  static Result<std::unique_ptr<Appender>> open(Connection& connection, const model::Table& table,
                                                const std::string& name);
  ~Appender() override;
  Status take(const model::RowChunk& chunk) override;
  /// Makes what was taken visible to queries.
  Status flush();

 private:
  Appender(void* appender, void* chunk) : appender_(appender), chunk_(chunk) {}
  void* appender_ = nullptr;
  void* chunk_ = nullptr;
};

/// "CREATE TABLE name (...)" with the columns of `table`.
std::string create_table_sql(const model::Table& table, const std::string& name);
/// The SQL type of a model type ("BIGINT", ...).
std::string_view sql_type(model::Type type);
/// 'text' with quotes doubled.
std::string quote_text(std::string_view text);
/// "name" with double quotes doubled.
std::string quote_name(std::string_view name);

}  // namespace eds::duck
