// StreamWriter: record batches as Arrow IPC, in the streaming or in the file container.
//
//   StreamWriter writer(fields, sink, Container::Stream);
//   TRY(writer.begin());
//   for each row or chunk:  writer.column(i).append_...;  if (writer.is_full()) TRY(write_batch());
//   TRY(writer.write_batch());  TRY(writer.end());
//
// Invariants: the schema is written once, first; all columns of a batch have the same length when
// write_batch() is called. A slot that is null is written as zero, so nothing of an earlier row can
// leak through it. Text must be valid UTF-8. Buffers are aligned to 64 bytes, little endian, and
// uncompressed; a column without nulls has no validity buffer.
// Threads: one thread at a time.
// Source: Arrow columnar format 1.x, "Serialization and Interprocess Communication"; Message.fbs,
// Schema.fbs, File.fbs; metadata version V5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/arrow/limits.h"

namespace eds::arrow {

enum class Type : std::uint8_t {
  Bool,
  Int64,
  Float64,
  Date32,       ///< days since 1970-01-01
  TimestampUs,  ///< microseconds since 1970-01-01, without zone
  Utf8,
};

struct Field {
  std::string name;
  Type type = Type::Utf8;
};

enum class Container : std::uint8_t {
  Stream,  ///< application/vnd.apache.arrow.stream
  File,    ///< application/vnd.apache.arrow.file: a stream with an index at its end (".arrow")
};

/// Takes the bytes, in order. What it answers stops the writer and comes out of its verbs.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Status write(std::string_view bytes) = 0;
};

/// The values of one column of the batch being built.
class ColumnBuilder {
 public:
  explicit ColumnBuilder(Type type) : type_(type) { clear(); }

  std::size_t row_count() const { return row_count_; }
  std::size_t byte_count() const { return values_.size() + row_count_ * 4; }

  void append_null();
  /// Bool (not 0), Int64, Date32 (days) and TimestampUs columns.
  void append_int(std::int64_t value);
  void append_float(double value);
  void append_text(std::string_view value);
  /// `count` rows from 8-byte slots and validity bits (64 a word, lowest first), as model::RowChunk
  /// and DuckDB hold them. Not for text. `valid` may be null: then every row has a value.
  void append_slots(const std::uint64_t* slots, const std::uint64_t* valid, std::size_t count);

 private:
  friend class StreamWriter;
  enum class Trouble : std::uint8_t { None, DateRange, TextBytes };

  void clear();
  void append_valid(bool is_valid);
  void append_valid_words(const std::uint64_t* valid, std::size_t count);
  void append_bits(std::uint64_t bits, bool is_valid);
  void append_raw(const void* bytes, std::size_t count);

  Type type_;
  Trouble trouble_ = Trouble::None;
  std::size_t row_count_ = 0;
  std::size_t null_count_ = 0;
  std::string valid_;               // one bit a row
  std::vector<std::int32_t> ends_;  // Utf8: 0, then the end of each row's text
  std::string values_;
};

class StreamWriter {
 public:
  /// `sink` must outlive the writer.
  StreamWriter(std::vector<Field> fields, ByteSink& sink, Container container = Container::Stream);

  const std::vector<Field>& fields() const { return fields_; }
  /// Writes the schema.
  Status begin();
  ColumnBuilder& column(std::size_t index) { return columns_[index]; }
  /// Whether the batch should be written before more rows are appended.
  bool is_full() const;
  /// Writes the rows appended since the last batch; does nothing when there are none.
  Status write_batch();
  /// The same, but writes a batch without rows too: some readers want to see one.
  Status write_batch_always();
  /// Ends the stream; rows not written by write_batch() are lost. Nothing may follow.
  Status end();

  std::uint64_t row_count() const { return row_count_; }
  std::uint64_t byte_count() const { return position_; }

 private:
  struct Block {
    std::int64_t offset = 0;
    std::int32_t metadata_bytes = 0;
    std::int64_t body_bytes = 0;
  };
  // A message: the continuation marker, the metadata's padded length, the metadata.
  Status write_message(std::string_view metadata);
  Status write_body();
  Status write_footer();
  Status put(std::string_view bytes);
  Status pad(std::size_t alignment);
  Status check_columns() const;

  std::vector<Field> fields_;
  ByteSink* sink_;
  Container container_;
  std::vector<ColumnBuilder> columns_;
  std::vector<Block> blocks_;
  std::uint64_t position_ = 0;
  std::uint64_t row_count_ = 0;
};

}  // namespace eds::arrow
