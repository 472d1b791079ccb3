// Printer: rows of any origin as text, in the formats of --format.
//
//   Printer printer(Format::Csv, columns, write);
//   for each row: TRY(printer.add(cells));
//   TRY(printer.end());
//
// Invariants: rows stream, nothing is kept but the first rows of a table, from which its widths
// come. Integers beyond 2^53 are exact in every format. Dates are ISO 8601. An empty text is not a
// missing value: in CSV it is "", in JSON it is not null. Threads: one thread at a time.
// Sources: RFC 4180 (with LF), RFC 8259, ndjson.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace eds::engine {

enum class Format : std::uint8_t { Table, Json, Ndjson, Csv, Arrow };

Result<Format> parse_format(std::string_view name);

using Write = std::function<Status(std::string_view bytes)>;

struct Day {
  std::int32_t days = 0;  ///< since 1970-01-01
};
struct Moment {
  std::int64_t us = 0;  ///< since 1970-01-01
};
/// Nothing, or a value. Text lives as long as the call it is given to.
using Cell =
    std::variant<std::monostate, bool, std::int64_t, double, Day, Moment, std::string_view>;

enum class Align : std::uint8_t { Left, Right };

struct PrintedColumn {
  std::string name;
  Align align = Align::Left;  ///< in a table: numbers stand right
};

/// How much of the answer a table shows.
enum class TableStyle : std::uint8_t {
  Whole,    ///< every cell entire, nothing else: a list of our own
  Summary,  ///< long cells cut, and the count of rows below: whatever a query yields
};

class Printer {
 public:
  /// `format` is not Arrow, which is no text (engine/output.h writes it).
  Printer(Format format, std::vector<PrintedColumn> columns, Write write,
          TableStyle style = TableStyle::Whole);

  Status add(std::span<const Cell> cells);
  Status end();
  std::int64_t row_count() const { return row_count_; }

 private:
  Status begin();
  Status add_to_table(std::span<const Cell> cells);
  Status start_table();
  void table_line(const std::vector<std::string>& cells);
  void json_row(std::span<const Cell> cells);
  void csv_row(std::span<const Cell> cells);
  Status settle();
  Status flush();

  Format format_;
  std::vector<PrintedColumn> columns_;
  Write write_;
  TableStyle style_;
  std::string text_;
  std::vector<std::size_t> widths_;                ///< of a table's columns
  std::vector<std::vector<std::string>> waiting_;  ///< a table's rows before its widths are known
  std::int64_t row_count_ = 0;
  bool begun_ = false;
  bool table_started_ = false;
};

}  // namespace eds::engine
