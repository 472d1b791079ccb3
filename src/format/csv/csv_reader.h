// Reader: rows of a CSV or TSV, streamed, fields without copies.
//
// Invariants: a bad row is data, never an error: it comes out as a BadRow with its position and raw
// bytes, and reading goes on with the next line. Every input byte belongs to exactly one row, bad
// row, blank line, header or byte order mark. Memory is bounded by RowLimits. Fields are bytes: the
// encoding is the caller's business (see format/text/encoding.h).
// Threads: a Reader belongs to one thread. Two threads may read two slices of one buffer, cut at
// row_boundary(), when no quoted field holds a newline.
// Sources: RFC 4180, widened: any one-byte separator, LF, CRLF or CR row ends, quotes optional.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/input.h"
#include "format/csv/limits.h"

namespace eds::csv {

enum class Header : std::uint8_t { Present, Absent };
enum class RowEnd : std::uint8_t { LineFeed, CarriageReturn };  ///< LineFeed: LF or CRLF
/// Refuse: a row must have the header's (or first row's) column count. Pad: missing fields are
/// empty, more fields refuse. Any: every count passes.
enum class Ragged : std::uint8_t { Refuse, Pad, Any };
enum class BlankLines : std::uint8_t { Skip, Keep };

struct Dialect {
  char separator = ',';
  char quote = '"';  ///< '\0': no quoting, a quote is a character like another (Athena files)
  Header header = Header::Present;
  RowEnd row_end = RowEnd::LineFeed;
  Ragged ragged = Ragged::Refuse;
  BlankLines blank_lines = BlankLines::Skip;  ///< Keep: a blank line is a row of one empty field
};

/// The dialect of the first bytes of a file: separator among , ; tab |, row end, and whether the
/// first row looks like a header (no empty name, no number, no name twice).
Dialect detect_dialect(std::string_view sample);

/// Where a slice begins in its file, for positions and column counts that are those of the file.
struct SliceStart {
  std::uint64_t line = 1;
  std::uint64_t offset = 0;
  std::size_t column_count = 0;  ///< 0: taken from the header or first row
};

/// A good row. Its fields live until the Reader's next next(); unquoted ones point at the input.
class Row {
 public:
  std::size_t size() const { return fields_.size(); }
  std::string_view operator[](std::size_t index) const { return fields_[index]; }
  const std::vector<std::string_view>& fields() const { return fields_; }
  std::uint64_t line() const { return line_; }      ///< 1-based, of its first line
  std::uint64_t offset() const { return offset_; }  ///< of its first byte, after decompression
  std::string_view raw() const { return raw_; }     ///< as it stands in the file, without row end

 private:
  friend class Reader;
  std::vector<std::string_view> fields_;
  std::uint64_t line_ = 0;
  std::uint64_t offset_ = 0;
  std::string_view raw_;
};

enum class BadReason : std::uint8_t {
  ColumnCount,     ///< not as many fields as the header
  TooManyColumns,  ///< RowLimits::column_count_max
  RowTooLong,      ///< RowLimits::row_bytes_max
  FieldTooLong,    ///< RowLimits::field_bytes_max
  QuoteNotClosed,  ///< a field opens with a quote that never closes; its first line is the row
  TextAfterQuote,  ///< "abc"def
  NulByte,         ///< a zero byte: UTF-16 without mark, or a damaged disk
};
/// Fixed words for `reason`: "column-count", "row-too-long", ...
std::string_view bad_reason_name(BadReason reason);

struct BadRow {
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  BadReason reason = BadReason::ColumnCount;
  std::size_t column_count = 0;  ///< found, when the row could be cut
  std::uint64_t row_bytes = 0;   ///< whole length; raw may be shorter
  std::string raw;               ///< at most RowLimits::raw_bytes_kept bytes
};

/// What next() met. Row and Bad are then in row() and bad().
enum class Step : std::uint8_t { Row, Bad, End };

class Reader {
 public:
  /// Reads the byte order mark and the header at once. Fails with the source, or with
  /// Code::Malformed when a header is due and its row is bad or missing.
  static Result<Reader> open(std::unique_ptr<ByteSource> source, const Dialect& dialect,
                             const RowLimits& limits = {});
  /// Over bytes that outlive the Reader (a memory-mapped file, or a slice of one): nothing is
  /// copied but fields with doubled quotes.
  static Result<Reader> over(std::string_view bytes, const Dialect& dialect,
                             const SliceStart& start = {}, const RowLimits& limits = {});

  /// The next row. Only the source can make it fail (disk, damaged gzip, bounds of the input).
  Result<Step> next();
  const Row& row() const { return row_; }
  const BadRow& bad() const { return bad_; }

  /// Column names; empty without header.
  const std::vector<std::string>& header() const { return header_; }
  /// Index of a column by name, ASCII case ignored.
  std::optional<std::size_t> column(std::string_view name) const;
  std::uint64_t row_count() const { return row_count_; }
  std::uint64_t bad_count() const { return bad_count_; }

 private:
  enum class Parse : std::uint8_t { Row, Bad, Blank, NeedMore };
  /// A field whose doubled quotes were undone into unquoted_.
  struct Patch {
    std::size_t field;
    std::size_t offset;
    std::size_t size;
  };
  static constexpr std::size_t kNoBlock = ~std::size_t{0} / 2;  ///< 2^63 away from any offset

  Reader() = default;
  Status start(const Dialect& dialect, const SliceStart& slice, const RowLimits& limits);
  Status skip_byte_order_mark();
  Status read_header();
  Result<Parse> parse_filled();
  Status fill();
  Result<Parse> skip_long_row();
  std::size_t next_structural(std::size_t at);
  Parse parse_row();
  Parse parse_quoted(std::size_t& at);
  Parse end_row(std::size_t row_end);
  Parse refuse(BadReason reason, std::size_t row_end);
  Parse refuse_first_line(BadReason reason);
  Parse refuse_open_quote();
  std::size_t after_row_end(std::size_t row_end) const;
  std::string_view trimmed_row(std::size_t row_end) const;

  std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  const char* data_ = nullptr;  ///< the buffer's bytes, or the caller's
  std::size_t begin_ = 0;       ///< first byte not yet given out
  std::size_t end_ = 0;
  bool at_end_ = false;  ///< nothing follows end_
  char row_end_char_ = '\n';
  Dialect dialect_;
  RowLimits limits_;
  std::size_t block_at_ = kNoBlock;  ///< the 64 bytes that block_mask_ describes
  std::uint64_t block_mask_ = 0;
  std::uint64_t line_ = 1;       ///< of begin_
  std::uint64_t offset_ = 0;     ///< of begin_, in the file
  std::uint64_t row_lines_ = 1;  ///< lines of the row being read
  bool saw_nul_ = false;
  std::size_t column_count_ = 0;
  Row row_;
  BadRow bad_;
  std::vector<std::string> header_;
  std::vector<Patch> patches_;
  std::string unquoted_;
  std::uint64_t row_count_ = 0;
  std::uint64_t bad_count_ = 0;
};

/// The first offset >= `offset` where a row begins, seen from the newlines alone: only for files
/// whose quoted fields hold none. Slices cut there and read one after the other give the rows of
/// the whole; the later ones need Header::Absent and SliceStart::column_count.
std::size_t row_boundary(std::string_view bytes, std::size_t offset,
                         RowEnd row_end = RowEnd::LineFeed);

/// Newlines in `bytes`, to know a slice's first line.
std::uint64_t count_lines(std::string_view bytes, RowEnd row_end = RowEnd::LineFeed);

}  // namespace eds::csv
