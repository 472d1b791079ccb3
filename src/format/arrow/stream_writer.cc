#include "format/arrow/stream_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "format/arrow/metadata.h"

namespace eds::arrow {
namespace {

constexpr std::string_view kContinuation = "\xFF\xFF\xFF\xFF";
constexpr std::string_view kEndOfStream{"\xFF\xFF\xFF\xFF\0\0\0\0", 8};
// File format: "ARROW1" at both ends, padded to 8 bytes at the front.
constexpr std::string_view kMagic = "ARROW1";
constexpr std::string_view kZeros{
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    kAlignmentBytes};

constexpr std::size_t padding(std::uint64_t position, std::size_t alignment) {
  return static_cast<std::size_t>((alignment - position % alignment) % alignment);
}

std::string_view raw(const std::vector<std::int32_t>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::int32_t)};
}

std::string little_endian(std::int32_t value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

}  // namespace

void ColumnBuilder::clear() {
  trouble_ = Trouble::None;
  row_count_ = 0;
  null_count_ = 0;
  valid_.clear();
  values_.clear();
  ends_.clear();
  if (type_ == Type::Utf8) ends_.push_back(0);
}

void ColumnBuilder::append_raw(const void* bytes, std::size_t count) {
  values_.append(static_cast<const char*>(bytes), count);
}

void ColumnBuilder::append_valid(bool is_valid) {
  if (row_count_ % 8 == 0) valid_.push_back('\0');
  valid_.back() = static_cast<char>(valid_.back() | (is_valid ? 1 << (row_count_ % 8) : 0));
  null_count_ += is_valid ? 0 : 1;
  ++row_count_;
}

void ColumnBuilder::append_bits(std::uint64_t bits, bool is_valid) {
  switch (type_) {
    case Type::Int64:
    case Type::Float64:
    case Type::TimestampUs: append_raw(&bits, sizeof bits); break;
    case Type::Date32: {
      const std::int64_t days = std::bit_cast<std::int64_t>(bits);
      const std::int32_t narrow = static_cast<std::int32_t>(days);
      if (narrow != days) trouble_ = Trouble::DateRange;
      append_raw(&narrow, sizeof narrow);
      break;
    }
    case Type::Bool: {
      if (row_count_ % 8 == 0) values_.push_back('\0');
      const int bit = bits != 0 ? 1 << (row_count_ % 8) : 0;
      values_.back() = static_cast<char>(values_.back() | bit);
      break;
    }
    case Type::Utf8: ENSURE(!is_valid); break;
  }
  append_valid(is_valid);
}

void ColumnBuilder::append_null() {
  if (type_ == Type::Utf8) ends_.push_back(ends_.back());
  append_bits(0, false);
}

void ColumnBuilder::append_int(std::int64_t value) {
  ENSURE(type_ != Type::Utf8 && type_ != Type::Float64);
  append_bits(std::bit_cast<std::uint64_t>(value), true);
}

void ColumnBuilder::append_float(double value) {
  ENSURE(type_ == Type::Float64);
  append_bits(std::bit_cast<std::uint64_t>(value), true);
}

void ColumnBuilder::append_text(std::string_view value) {
  ENSURE(type_ == Type::Utf8);
  if (values_.size() + value.size() > kColumnTextBytesMax) {
    trouble_ = Trouble::TextBytes;
    value = {};
  }
  values_.append(value);
  ends_.push_back(static_cast<std::int32_t>(values_.size()));
  append_valid(true);
}

void ColumnBuilder::append_valid_words(const std::uint64_t* valid, std::size_t count) {
  const std::size_t before = valid_.size();
  valid_.append((count + 7) / 8, '\xFF');
  if (valid != nullptr) std::memcpy(valid_.data() + before, valid, (count + 7) / 8);
  // Bits past the last row stay 0, as append_valid() needs them.
  if (count % 8 != 0) valid_.back() = static_cast<char>(valid_.back() & ((1 << count % 8) - 1));
  std::size_t set = 0;
  for (std::size_t at = before; at < valid_.size(); ++at) {
    set += static_cast<std::size_t>(std::popcount(static_cast<unsigned char>(valid_[at])));
  }
  null_count_ += count - set;
  row_count_ += count;
}

void ColumnBuilder::append_slots(const std::uint64_t* slots, const std::uint64_t* valid,
                                 std::size_t count) {
  ENSURE(type_ != Type::Utf8);
  const auto value = [&](std::size_t row) {
    const std::uint64_t bit = valid == nullptr ? 1 : (valid[row / 64] >> (row % 64)) & 1U;
    return slots[row] & (0 - bit);  // A null slot becomes zero.
  };
  const bool is_wide = type_ != Type::Date32 && type_ != Type::Bool;
  if (!is_wide || row_count_ % 8 != 0) {
    for (std::size_t row = 0; row < count; ++row) {
      const bool is_valid = valid == nullptr || ((valid[row / 64] >> (row % 64)) & 1U) != 0;
      append_bits(value(row), is_valid);
    }
    return;
  }
  const std::size_t before = values_.size();
  values_.resize(before + count * sizeof(std::uint64_t));
  for (std::size_t row = 0; row < count; ++row) {
    const std::uint64_t bits = value(row);
    std::memcpy(values_.data() + before + row * sizeof bits, &bits, sizeof bits);
  }
  append_valid_words(valid, count);
}

StreamWriter::StreamWriter(std::vector<Field> fields, ByteSink& sink, Container container)
    : fields_(std::move(fields)), sink_(&sink), container_(container) {
  for (const Field& field : fields_) columns_.emplace_back(field.type);
}

Status StreamWriter::put(std::string_view bytes) {
  if (bytes.empty()) return {};
  position_ += bytes.size();
  return sink_->write(bytes);
}

Status StreamWriter::pad(std::size_t alignment) {
  return put(kZeros.substr(0, padding(position_, alignment)));
}

Status StreamWriter::write_message(std::string_view metadata) {
  // The length counts the padding; what follows (the body) begins at an aligned place.
  const std::uint64_t end = position_ + 8 + metadata.size();
  const std::size_t filler = padding(end, kAlignmentBytes);
  TRY(put(kContinuation));
  TRY(put(little_endian(static_cast<std::int32_t>(metadata.size() + filler))));
  TRY(put(metadata));
  return put(kZeros.substr(0, filler));
}

Status StreamWriter::begin() {
  ENSURE(position_ == 0);
  if (container_ == Container::File) {
    TRY(put(kMagic));
    TRY(pad(8));
  }
  return write_message(schema_message(fields_));
}

bool StreamWriter::is_full() const {
  if (columns_.empty()) return false;
  std::size_t bytes = 0;
  for (const ColumnBuilder& column : columns_) bytes += column.byte_count();
  return columns_[0].row_count() >= kBatchRows || bytes >= kBatchBytes;
}

Status StreamWriter::check_columns() const {
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    const ColumnBuilder& column = columns_[index];
    ENSURE(column.row_count_ == columns_[0].row_count_);
    if (column.trouble_ == ColumnBuilder::Trouble::TextBytes) {
      return Error{Code::Limit,
                   "a column holds more than kColumnTextBytesMax bytes of text in "
                   "one Arrow batch: " +
                       fields_[index].name};
    }
    if (column.trouble_ == ColumnBuilder::Trouble::DateRange) {
      return Error{Code::Malformed,
                   "a date does not fit Arrow's 32-bit days in column " + fields_[index].name};
    }
  }
  return {};
}

Status StreamWriter::write_batch() {
  if (columns_.empty() || columns_[0].row_count() == 0) return {};
  return write_batch_always();
}

Status StreamWriter::write_batch_always() {
  ENSURE(position_ != 0);
  TRY(check_columns());
  std::vector<FieldNode> nodes;
  std::vector<BufferPlace> buffers;
  std::int64_t body_bytes = 0;
  const auto place = [&](std::size_t byte_count) {
    buffers.push_back({body_bytes, static_cast<std::int64_t>(byte_count)});
    body_bytes += static_cast<std::int64_t>(byte_count + padding(byte_count, kAlignmentBytes));
  };
  const std::size_t rows = columns_.empty() ? 0 : columns_[0].row_count_;
  for (const ColumnBuilder& column : columns_) {
    nodes.push_back(
        {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(column.null_count_)});
    place(column.null_count_ == 0 ? 0 : column.valid_.size());
    if (column.type_ == Type::Utf8) place(raw(column.ends_).size());
    place(column.values_.size());
  }
  Block block;
  block.offset = static_cast<std::int64_t>(position_);
  TRY(write_message(
      record_batch_message(static_cast<std::int64_t>(rows), nodes, buffers, body_bytes)));
  block.metadata_bytes =
      static_cast<std::int32_t>(position_ - static_cast<std::uint64_t>(block.offset));
  block.body_bytes = body_bytes;
  blocks_.push_back(block);
  TRY(write_body());
  row_count_ += rows;
  for (ColumnBuilder& column : columns_) column.clear();
  return {};
}

Status StreamWriter::write_body() {
  for (const ColumnBuilder& column : columns_) {
    if (column.null_count_ != 0) {
      TRY(put(column.valid_));
      TRY(pad(kAlignmentBytes));
    }
    if (column.type_ == Type::Utf8) {
      TRY(put(raw(column.ends_)));
      TRY(pad(kAlignmentBytes));
    }
    TRY(put(column.values_));
    TRY(pad(kAlignmentBytes));
  }
  return {};
}

Status StreamWriter::write_footer() {
  std::vector<BlockPlace> places;
  for (const Block& block : blocks_) {
    places.push_back({block.offset, block.metadata_bytes, block.body_bytes});
  }
  const std::string footer = file_footer(fields_, places);
  TRY(put(footer));
  TRY(put(little_endian(static_cast<std::int32_t>(footer.size()))));
  return put(kMagic);
}

Status StreamWriter::end() {
  TRY(put(kEndOfStream));
  return container_ == Container::File ? write_footer() : Status();
}

}  // namespace eds::arrow
