// Rows on their way into a table: a RowWriter fills column-major chunks and hands each full one to
// a RowSink (the lake's loader, a CSV writer, a test).
//
// Invariants: a column that end_row() finds unset is NULL in that row. A chunk holds at most
// kChunkRows rows; text lives in the chunk's arena, so nothing is allocated per row once warm.
// Threads: a RowWriter belongs to one thread; a sink says itself what it allows.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/table.h"

namespace eds::model {

/// As DuckDB's vectors, so that a chunk is copied into one without a remainder.
inline constexpr std::size_t kChunkRows = 2048;

class RowChunk {
 public:
  explicit RowChunk(const Table& table);

  const Table& table() const { return *table_; }
  std::size_t row_count() const { return row_count_; }
  /// Whether any row of the chunk has a value in this column.
  bool has_values(std::size_t column) const { return columns_[column].any; }
  bool is_valid(std::size_t column, std::size_t row) const {
    const ColumnData& data = columns_[column];
    return data.any && ((data.valid[row / 64] >> (row % 64)) & 1U) != 0;
  }
  /// Whether every row of the chunk has a value in this column.
  bool all_valid(std::size_t column) const;
  /// Values of Int, Date (days) and Timestamp (microseconds) columns.
  std::int64_t int_at(std::size_t column, std::size_t row) const {
    return std::bit_cast<std::int64_t>(columns_[column].bits[row]);
  }
  double float_at(std::size_t column, std::size_t row) const {
    return std::bit_cast<double>(columns_[column].bits[row]);
  }
  std::string_view text_at(std::size_t column, std::size_t row) const {
    const std::uint64_t place = columns_[column].bits[row];
    return std::string_view(arena_).substr(place >> 32, place & 0xFFFF'FFFFU);
  }
  /// Validity as bits, 64 rows a word, lowest bit first: DuckDB's layout. Only of a column that
  /// has values, as slots().
  const std::uint64_t* valid_words(std::size_t column) const {
    return columns_[column].valid.data();
  }
  /// The column's raw 8-byte slots (not for text).
  const std::uint64_t* slots(std::size_t column) const { return columns_[column].bits.data(); }

  /// A copy that takes the memory of its values only: no column without one, no row to come.
  RowChunk compacted() const;
  /// Memory of the values.
  std::size_t byte_count() const;

 private:
  friend class RowWriter;
  struct ColumnData {
    std::vector<std::uint64_t> bits;
    std::vector<std::uint64_t> valid;
    bool any = false;
  };
  RowChunk() = default;
  void clear();
  void put(std::size_t column, std::uint64_t bits) {
    ColumnData& data = columns_[column];
    data.bits[row_count_] = bits;
    data.valid[row_count_ / 64] |= std::uint64_t{1} << (row_count_ % 64);
    data.any = true;
  }

  const Table* table_ = nullptr;
  std::size_t row_count_ = 0;
  std::vector<ColumnData> columns_;
  std::string arena_;
};

/// Takes full chunks. The chunk is reused after take() returns.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status take(const RowChunk& chunk) = 0;
};

class RowWriter {
 public:
  RowWriter(const Table& table, RowSink& sink)
      : chunk_(table), ever_set_(table.columns.size(), false), sink_(&sink) {}

  const Table& table() const { return chunk_.table(); }
  std::uint64_t row_count() const { return flushed_ + chunk_.row_count(); }
  /// Whether any row flushed so far had a value in this column.
  bool ever_set(std::size_t column) const { return ever_set_[column]; }

  RowWriter& set(std::size_t column, std::int64_t value) {
    chunk_.put(column, std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  RowWriter& set_float(std::size_t column, double value) {
    chunk_.put(column, std::bit_cast<std::uint64_t>(value));
    return *this;
  }
  /// Copies `value`, which must be valid UTF-8.
  RowWriter& set_text(std::size_t column, std::string_view value) {
    const std::uint64_t offset = chunk_.arena_.size();
    chunk_.arena_.append(value);
    chunk_.put(column, offset << 32 | value.size());
    return *this;
  }
  /// Ends the row; a full chunk goes to the sink.
  Status end_row() {
    ++chunk_.row_count_;
    const bool full = chunk_.row_count_ == kChunkRows || chunk_.arena_.size() > kArenaBytesMax;
    return full ? flush() : Status();
  }
  /// Hands what is left to the sink. Rows not flushed are lost with the writer.
  Status flush();

 private:
  // 2048 reports of 8 kB = 16 MB; a chunk goes early when its text is larger than that.
  static constexpr std::size_t kArenaBytesMax = std::size_t{16} << 20;

  RowChunk chunk_;
  std::vector<bool> ever_set_;
  RowSink* sink_;
  std::uint64_t flushed_ = 0;
};

}  // namespace eds::model
