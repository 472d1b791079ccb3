#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/csv/csv_reader.h"

// The first bytes choose the dialect and the bounds; a whole and a streamed read must agree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace eds::csv;
  if (size < 2) return 0;
  Dialect dialect;
  dialect.separator = ",;\t|"[data[0] & 3];
  dialect.quote = (data[0] & 4) != 0 ? '\0' : '"';
  dialect.header = (data[0] & 8) != 0 ? Header::Present : Header::Absent;
  dialect.row_end = (data[0] & 16) != 0 ? RowEnd::CarriageReturn : RowEnd::LineFeed;
  dialect.ragged = (data[0] & 32) != 0 ? Ragged::Pad : Ragged::Refuse;
  dialect.blank_lines = (data[0] & 64) != 0 ? BlankLines::Keep : BlankLines::Skip;
  RowLimits limits;
  limits.row_bytes_max = 1U + data[1];
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  (void)detect_dialect(text);
  auto whole = Reader::over(text, dialect, {}, limits);
  auto streamed = Reader::open(memory_source(text), dialect, limits);
  if (whole.ok() != streamed.ok()) std::abort();
  if (!whole.ok()) return 0;
  while (true) {
    const auto a = whole->next();
    const auto b = streamed->next();
    if (!a.ok() || !b.ok() || *a != *b) std::abort();
    if (*a == Step::End) return 0;
    if (*a == Step::Row && whole->row().fields() != streamed->row().fields()) std::abort();
    if (*a == Step::Bad && whole->bad().raw != streamed->bad().raw) std::abort();
  }
}
