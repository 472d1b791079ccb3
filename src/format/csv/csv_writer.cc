#include "format/csv/csv_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace eds::csv {
namespace {

constexpr std::size_t kFlushBytes = 256U << 10;

bool must_quote(std::string_view value, const Dialect& dialect) {
  if (value.empty()) return true;
  if (value.front() == ' ' || value.back() == ' ') return true;
  for (const char c : value) {
    if (c == dialect.separator || c == dialect.quote || c == '\n' || c == '\r') return true;
  }
  // A first field may not look like a byte order mark.
  return value.starts_with("\xEF\xBB\xBF");
}

}  // namespace

Writer::Writer(WritableFile& file, const Dialect& dialect) : file_(&file), dialect_(dialect) {}
Writer::Writer(const Dialect& dialect) : dialect_(dialect) {}

void Writer::separate() {
  if (row_begun_) buffer_.push_back(dialect_.separator);
  row_begun_ = true;
}

Writer& Writer::field(std::string_view value) {
  separate();
  if (dialect_.quote == '\0' || !must_quote(value, dialect_)) {
    // Without quotes the dialect has no way to hold a separator or a row end: they become spaces.
    for (const char c : value) {
      const bool forbidden = c == dialect_.separator || c == '\n' || c == '\r';
      buffer_.push_back(forbidden ? ' ' : c);
    }
    return *this;
  }
  buffer_.push_back(dialect_.quote);
  for (const char c : value) {
    if (c == dialect_.quote) buffer_.push_back(c);
    buffer_.push_back(c);
  }
  buffer_.push_back(dialect_.quote);
  return *this;
}

Writer& Writer::field(std::int64_t value) {
  separate();
  std::array<char, 24> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  buffer_.append(text.data(), end);
  return *this;
}

Writer& Writer::field(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  buffer_.append(text.data(), end);
  return *this;
}

Writer& Writer::null() {
  separate();
  return *this;
}

Status Writer::end_row() {
  // A row of one null would be a blank line, which readers skip.
  if (buffer_.size() == row_start_ && dialect_.quote != '\0') {
    buffer_.append(2, dialect_.quote);
  }
  row_begun_ = false;
  buffer_.push_back(dialect_.row_end == RowEnd::LineFeed ? '\n' : '\r');
  row_start_ = buffer_.size();
  if (file_ != nullptr && buffer_.size() >= kFlushBytes) return finish();
  return {};
}

Status Writer::finish() {
  if (file_ == nullptr || buffer_.empty()) return {};
  TRY(file_->append(buffer_));
  buffer_.clear();
  row_start_ = 0;
  return {};
}

std::string Writer::take() {
  row_start_ = 0;
  return std::exchange(buffer_, {});
}

}  // namespace eds::csv
