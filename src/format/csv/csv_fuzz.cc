#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/csv/csv_reader.h"
#include "format/csv/row_batch.h"

namespace {

using namespace eds::csv;

// Batches hold what the reader gives, row by row, in the chosen columns.
void check_batches(Reader& plain, Reader& batched) {
  const std::vector<std::size_t> columns = {2, 0, 7};
  RowBatch batch(columns);
  bool has_more = true;
  while (has_more) {
    const auto more = batch.fill(batched);
    if (!more.ok()) std::abort();
    has_more = *more;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      const auto step = plain.next();
      if (!step.ok() || *step == Step::End) std::abort();
      if ((*step == Step::Bad) != (batch.bad(row) != nullptr)) std::abort();
      if (*step == Step::Bad) {
        if (batch.bad(row)->raw != plain.bad().raw) std::abort();
        continue;
      }
      const Row& expected = plain.row();
      if (batch.line(row) != expected.line() || batch.offset(row) != expected.offset())
        std::abort();
      if (batch.raw(row) != expected.raw()) std::abort();
      for (std::size_t place = 0; place < columns.size(); ++place) {
        const std::size_t column = columns[place];
        const std::string_view field =
            column < expected.size() ? expected[column] : std::string_view();
        if (batch.field(row, place) != field) std::abort();
      }
    }
  }
  const auto last = plain.next();
  if (!last.ok() || *last != Step::End) std::abort();
}

}  // namespace

// The first bytes choose the dialect and the bounds; a whole read, a streamed one and one in
// batches must agree.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
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
    if (*a == Step::End) break;
    if (*a == Step::Row && whole->row().fields() != streamed->row().fields()) std::abort();
    if (*a == Step::Bad && whole->bad().raw != streamed->bad().raw) std::abort();
  }
  auto plain = Reader::over(text, dialect, {}, limits);
  auto batched = Reader::open(memory_source(text), dialect, limits);
  check_batches(*plain, *batched);
  return 0;
}
