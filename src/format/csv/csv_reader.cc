#include "format/csv/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <fmt/format.h>

namespace eds::csv {
namespace {

constexpr std::size_t kBlock = 64;

/// One bit for each of 64 bytes: set for the separator and for every byte up to 0x0D, which covers
/// LF, CR and NUL with one comparison; the few other control characters are sorted out by hand.
std::uint64_t structural_mask(const char* bytes, char separator) {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  const __m128i separators = _mm_set1_epi8(separator);
  const __m128i highest = _mm_set1_epi8(0x0D);
  for (int i = 0; i < 4; ++i) {
    const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16 * i));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(chunk, highest), chunk);
    const __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(chunk, separators), low);
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hits)))
            << (16 * i);
  }
#else
  for (std::size_t i = 0; i < kBlock; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const bool hit = c <= 0x0D || bytes[i] == separator;
    mask |= static_cast<std::uint64_t>(hit) << i;
  }
#endif
  return mask;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

char end_char(RowEnd row_end) {
  return row_end == RowEnd::LineFeed ? '\n' : '\r';
}

}  // namespace

std::string_view bad_reason_name(BadReason reason) {
  switch (reason) {
    case BadReason::ColumnCount: return "column-count";
    case BadReason::TooManyColumns: return "too-many-columns";
    case BadReason::RowTooLong: return "row-too-long";
    case BadReason::FieldTooLong: return "field-too-long";
    case BadReason::QuoteNotClosed: return "quote-not-closed";
    case BadReason::TextAfterQuote: return "text-after-quote";
    case BadReason::NulByte: return "nul-byte";
  }
  return "unknown";
}

Result<Reader> Reader::open(std::unique_ptr<ByteSource> source, const Dialect& dialect,
                            const RowLimits& limits) {
  Reader reader;
  reader.source_ = std::move(source);
  reader.buffer_.resize(kReadBlockBytes);
  reader.data_ = reader.buffer_.data();
  TRY(reader.start(dialect, {}, limits));
  return reader;
}

Result<Reader> Reader::over(std::string_view bytes, const Dialect& dialect, const SliceStart& start,
                            const RowLimits& limits) {
  Reader reader;
  reader.data_ = bytes.data();
  reader.end_ = bytes.size();
  reader.at_end_ = true;
  TRY(reader.start(dialect, start, limits));
  return reader;
}

Status Reader::start(const Dialect& dialect, const SliceStart& slice, const RowLimits& limits) {
  dialect_ = dialect;
  limits_ = limits;
  row_end_char_ = end_char(dialect.row_end);
  if (dialect.separator == '\n' || dialect.separator == '\r' ||
      (dialect.quote != '\0' && dialect.separator == dialect.quote)) {
    return Error{Code::Usage, "CSV separator must differ from the row end and the quote"};
  }
  line_ = slice.line;
  offset_ = slice.offset;
  column_count_ = slice.column_count;
  if (slice.offset == 0) TRY(skip_byte_order_mark());
  if (dialect.header == Header::Present) TRY(read_header());
  return {};
}

Status Reader::skip_byte_order_mark() {
  while (end_ - begin_ < 3 && !at_end_) TRY(fill());
  const std::string_view front(data_ + begin_, std::min<std::size_t>(3, end_ - begin_));
  if (front.starts_with("\xFF\xFE") || front.starts_with("\xFE\xFF")) {
    return Error{Code::Malformed, "the file is UTF-16: convert it to UTF-8 first"};
  }
  if (front == "\xEF\xBB\xBF") {
    begin_ += 3;
    offset_ += 3;
  }
  return {};
}

Status Reader::read_header() {
  while (true) {
    if (begin_ == end_ && at_end_) return Error{Code::Malformed, "CSV header is missing"};
    const Parse parse = TRY(parse_filled());
    if (parse == Parse::Blank) continue;
    if (parse == Parse::Bad) {
      return Error{Code::Malformed, fmt::format("CSV header cannot be read: {}, line {}",
                                                bad_reason_name(bad_.reason), bad_.line)};
    }
    for (const std::string_view name : row_.fields_) header_.emplace_back(name);
    return {};
  }
}

std::optional<std::size_t> Reader::column(std::string_view name) const {
  for (std::size_t i = 0; i < header_.size(); ++i) {
    if (equals_ignoring_case(header_[i], name)) return i;
  }
  return std::nullopt;
}

Result<Step> Reader::next() {
  while (true) {
    if (begin_ == end_ && at_end_) return Step::End;
    switch (TRY(parse_filled())) {
      case Parse::Row: ++row_count_; return Step::Row;
      case Parse::Bad: ++bad_count_; return Step::Bad;
      case Parse::Blank:
      case Parse::NeedMore: break;
    }
  }
}

/// parse_row(), with more bytes read as long as the row's end is not in the buffer.
Result<Reader::Parse> Reader::parse_filled() {
  while (true) {
    if (begin_ == end_ && at_end_) return Parse::Blank;
    const Parse parse = parse_row();
    if (parse != Parse::NeedMore) return parse;
    // 3: what parse_quoted() must see behind a closing quote.
    if (end_ - begin_ > limits_.row_bytes_max + 3ULL) return skip_long_row();
    TRY(fill());
  }
}

/// Reads one block behind the bytes not yet given out, which move to the buffer's front. The buffer
/// doubles when a row does not fit: at most to twice row_bytes_max, as longer rows are skipped.
Status Reader::fill() {
  ENSURE(source_ != nullptr);
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ * 2 > buffer_.size()) buffer_.resize(buffer_.size() * 2);
  data_ = buffer_.data();
  block_at_ = kNoBlock;
  const std::size_t count = TRY(source_->read({buffer_.data() + end_, buffer_.size() - end_}));
  end_ += count;
  at_end_ = count == 0;
  return {};
}

/// The row in the buffer is longer than row_bytes_max and its end is not in sight: drops bytes up
/// to the row end.
Result<Reader::Parse> Reader::skip_long_row() {
  bad_ = BadRow{line_, offset_, BadReason::RowTooLong, 0, 0, {}};
  while (true) {
    const std::string_view held(data_ + begin_, end_ - begin_);
    const std::size_t found = held.find(row_end_char_);
    const std::string_view row = held.substr(0, found);
    bad_.raw.append(row.substr(0, limits_.raw_bytes_kept - bad_.raw.size()));
    bad_.row_bytes += row.size();
    const std::size_t dropped = row.size() + (found == std::string_view::npos ? 0 : 1);
    offset_ += dropped;
    begin_ += dropped;
    if (found != std::string_view::npos || at_end_) break;
    TRY(fill());
  }
  ++line_;
  if (row_end_char_ == '\n' && bad_.raw.size() == bad_.row_bytes && bad_.raw.ends_with('\r')) {
    bad_.raw.pop_back();
    --bad_.row_bytes;
  }
  return Parse::Bad;
}

/// The first separator or control character at or behind `at`; end_ when there is none. The mask
/// of the current 64 bytes is kept, so that a block is looked at once however many fields it has.
inline std::size_t Reader::next_structural(std::size_t at) {
  if (at - block_at_ < kBlock) {
    const std::uint64_t left = block_mask_ >> (at - block_at_);
    if (left != 0) return at + static_cast<std::size_t>(__builtin_ctzll(left));
    at = block_at_ + kBlock;
  }
  while (at < end_) {
    block_at_ = at;
    if (end_ - at >= kBlock) {
      block_mask_ = structural_mask(data_ + at, dialect_.separator);
    } else {
      char last[kBlock];
      std::memset(last, 'x', sizeof last);
      std::memcpy(last, data_ + at, end_ - at);
      block_mask_ = structural_mask(last, dialect_.separator) & ((1ULL << (end_ - at)) - 1);
    }
    if (block_mask_ != 0) return at + static_cast<std::size_t>(__builtin_ctzll(block_mask_));
    at += kBlock;
  }
  return end_;
}

Reader::Parse Reader::parse_row() {
  row_.fields_.clear();
  patches_.clear();
  unquoted_.clear();
  row_lines_ = 1;
  saw_nul_ = false;
  const char separator = dialect_.separator;
  std::size_t at = begin_;
  while (true) {
    if (at < end_ && data_[at] == dialect_.quote && dialect_.quote != '\0' &&
        at - begin_ <= limits_.row_bytes_max) {
      const Parse parse = parse_quoted(at);
      if (parse != Parse::Row) return parse;
      if (at == end_ || data_[at] != separator) return end_row(at);
      ++at;
      continue;
    }
    // Here, not only at the row's end, so that a streamed row fails for the same reason.
    if (at - begin_ > limits_.row_bytes_max) return refuse_first_line(BadReason::RowTooLong);
    std::size_t hit = next_structural(at);
    while (hit < end_ && data_[hit] != separator && data_[hit] != row_end_char_) {
      saw_nul_ |= data_[hit] == '\0';
      hit = next_structural(hit + 1);
    }
    if (hit == end_ && !at_end_) return Parse::NeedMore;
    row_.fields_.emplace_back(data_ + at, hit - at);
    if (hit == end_ || data_[hit] != separator) return end_row(hit);
    at = hit + 1;
  }
}

/// A field whose opening quote is at `at`; leaves `at` behind the closing one. Parse::Row: go on.
Reader::Parse Reader::parse_quoted(std::size_t& at) {
  const std::size_t first = at + 1;
  const std::size_t window = std::min<std::size_t>(end_, begin_ + limits_.row_bytes_max + 1);
  std::size_t from = first;
  std::size_t close = 0;
  bool doubled = false;
  while (true) {
    const void* found =
        from < window ? std::memchr(data_ + from, dialect_.quote, window - from) : nullptr;
    if (found == nullptr) return refuse_open_quote();
    close = static_cast<std::size_t>(static_cast<const char*>(found) - data_);
    // What follows the quote decides: a second quote, a separator, CR and LF.
    if (end_ - close < 3 && !at_end_) return Parse::NeedMore;
    if (close + 1 == end_ || data_[close + 1] != dialect_.quote) break;
    doubled = true;
    from = close + 2;
  }
  at = close + 1;
  const bool carriage_return =
      at < end_ && data_[at] == '\r' && (at + 1 == end_ || data_[at + 1] == '\n');
  if (at < end_ && data_[at] != dialect_.separator && data_[at] != row_end_char_ &&
      !carriage_return) {
    return refuse_first_line(BadReason::TextAfterQuote);
  }
  if (carriage_return && row_end_char_ == '\n') ++at;
  const std::string_view content(data_ + first, close - first);
  saw_nul_ |= content.find('\0') != std::string_view::npos;
  row_lines_ += count_lines(content, dialect_.row_end);
  row_.fields_.push_back(content);
  if (!doubled) return Parse::Row;
  const std::size_t offset = unquoted_.size();
  for (std::size_t i = 0; i < content.size(); ++i) {
    unquoted_.push_back(content[i]);
    if (content[i] == dialect_.quote) ++i;
  }
  patches_.push_back({row_.fields_.size() - 1, offset, unquoted_.size() - offset});
  return Parse::Row;
}

/// The row's bytes up to `row_end`, without the CR of a CRLF.
std::string_view Reader::trimmed_row(std::size_t row_end) const {
  std::string_view row(data_ + begin_, row_end - begin_);
  if (row_end_char_ == '\n' && row.ends_with('\r')) row.remove_suffix(1);
  return row;
}

std::size_t Reader::after_row_end(std::size_t row_end) const {
  return row_end == end_ ? end_ : row_end + 1;
}

/// `row_end`: the row end character, or the end of the input.
Reader::Parse Reader::end_row(std::size_t row_end) {
  const std::string_view raw = trimmed_row(row_end);
  auto& fields = row_.fields_;
  // An unquoted last field still holds the CR of a CRLF.
  std::string_view& last = fields.back();
  if (row_end_char_ == '\n' && !last.empty() && last.data() + last.size() == data_ + row_end &&
      last.back() == '\r') {
    last.remove_suffix(1);
  }
  for (const Patch& patch : patches_) {
    fields[patch.field] = std::string_view(unquoted_).substr(patch.offset, patch.size);
  }
  if (raw.size() > limits_.row_bytes_max) return refuse_first_line(BadReason::RowTooLong);
  const std::size_t next = after_row_end(row_end);
  if (raw.empty() && dialect_.blank_lines == BlankLines::Skip) {
    offset_ += next - begin_;
    begin_ = next;
    ++line_;
    return Parse::Blank;
  }
  if (saw_nul_) return refuse(BadReason::NulByte, row_end);
  if (fields.size() > limits_.column_count_max) return refuse(BadReason::TooManyColumns, row_end);
  if (raw.size() > limits_.field_bytes_max) {
    for (const std::string_view field : fields) {
      if (field.size() > limits_.field_bytes_max) return refuse(BadReason::FieldTooLong, row_end);
    }
  }
  if (column_count_ == 0) column_count_ = fields.size();
  if (fields.size() != column_count_ && dialect_.ragged != Ragged::Any) {
    if (dialect_.ragged == Ragged::Refuse || fields.size() > column_count_) {
      return refuse(BadReason::ColumnCount, row_end);
    }
    fields.resize(column_count_);
  }
  row_.line_ = line_;
  row_.offset_ = offset_;
  row_.raw_ = raw;
  offset_ += next - begin_;
  line_ += row_lines_;
  begin_ = next;
  return Parse::Row;
}

Reader::Parse Reader::refuse(BadReason reason, std::size_t row_end) {
  const std::string_view raw = trimmed_row(row_end);
  bad_ = BadRow{line_,      offset_,
                reason,     row_.fields_.size(),
                raw.size(), std::string(raw.substr(0, limits_.raw_bytes_kept))};
  const std::size_t next = after_row_end(row_end);
  offset_ += next - begin_;
  line_ += row_lines_;
  begin_ = next;
  return Parse::Bad;
}

/// Quotes cannot be trusted: the row ends with its first line, so that one stray quote costs one
/// row and not the rest of the file.
Reader::Parse Reader::refuse_first_line(BadReason reason) {
  const void* found = std::memchr(data_ + begin_, row_end_char_, end_ - begin_);
  if (found == nullptr && !at_end_) return Parse::NeedMore;
  row_lines_ = 1;
  row_.fields_.clear();
  const std::size_t row_end =
      found == nullptr ? end_ : static_cast<std::size_t>(static_cast<const char*>(found) - data_);
  const bool too_long = trimmed_row(row_end).size() > limits_.row_bytes_max;
  return refuse(too_long ? BadReason::RowTooLong : reason, row_end);
}

Reader::Parse Reader::refuse_open_quote() {
  if (!at_end_ && end_ - begin_ <= limits_.row_bytes_max) return Parse::NeedMore;
  return refuse_first_line(BadReason::QuoteNotClosed);
}

std::size_t row_boundary(std::string_view bytes, std::size_t offset, RowEnd row_end) {
  if (offset == 0) return 0;
  if (offset >= bytes.size()) return bytes.size();
  const std::size_t found = bytes.find(end_char(row_end), offset - 1);
  return found == std::string_view::npos ? bytes.size() : found + 1;
}

std::uint64_t count_lines(std::string_view bytes, RowEnd row_end) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), end_char(row_end)));
}

}  // namespace eds::csv
