// RowBatch: some thousand rows of a Reader, copied, so that they may be parsed in another thread
// while the Reader goes on.
//
// Invariants: rows, good and bad, stand in the file's order with their own line, offset and raw
// bytes. Only the chosen columns of a good row are kept apart. A batch ends at kBatchRows rows, or
// with the row that makes it reach kBatchBytes: its memory is bounded by that and one row.
// Threads: one at a time; a filled batch may be read from many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/csv_reader.h"
#include "format/csv/limits.h"

namespace eds::csv {

class RowBatch {
 public:
  /// Column indexes whose fields are kept; one that rows do not have gives empty fields.
  explicit RowBatch(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}

  /// Replaces the batch by the reader's next rows. False: the file ended with them. When the source
  /// fails, the rows before it are in the batch.
  Result<bool> fill(Reader& reader);

  std::size_t row_count() const { return rows_.size(); }
  /// The row that is none, or nullptr.
  const BadRow* bad(std::size_t row) const {
    const std::uint32_t place = rows_[row].bad;
    return place == 0 ? nullptr : &bad_[place - 1];
  }
  std::uint64_t line(std::size_t row) const { return rows_[row].line; }
  std::uint64_t offset(std::size_t row) const { return rows_[row].offset; }
  std::string_view raw(std::size_t row) const { return view(rows_[row].raw); }
  /// The field of the `place`-th chosen column.
  std::string_view field(std::size_t row, std::size_t place) const {
    return view(fields_[row * columns_.size() + place]);
  }
  /// The bytes of all good rows.
  std::string_view text() const { return text_; }

 private:
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
  };
  struct Place {
    std::uint64_t line = 0;
    std::uint64_t offset = 0;
    Span raw;
    std::uint32_t bad = 0;  ///< 1 + index in bad_, or 0
  };
  std::string_view view(Span span) const {
    return std::string_view(text_).substr(span.begin, span.size);
  }
  void add(const Row& row);
  void add(const BadRow& bad);

  std::vector<std::size_t> columns_;
  std::vector<Place> rows_;
  std::vector<Span> fields_;
  std::vector<BadRow> bad_;
  std::string text_;
  std::size_t bad_bytes_ = 0;
};

}  // namespace eds::csv
