#include "ingest/labs/result_lines.h"

#include "format/text/encoding.h"

namespace eds::ingest::labs {
namespace {

// A sample's results stand together and share their time.
struct LastTime {
  std::string_view text;
  std::optional<std::int64_t> us;
};

void read_value(ResultLine& line) {
  const std::optional<text::Measured> measured = text::parse_measured(line.value);
  if (!measured.has_value()) return;
  // "0,5 g/L" in one field is a number and its unit; "3 colonies" beside a unit is a text.
  const bool unit_inside = !measured->rest.empty();
  if (!unit_inside || line.unit.empty() || measured->rest == line.unit) {
    line.number = measured->value;
    line.comparator = measured->comparator;
  }
  if (unit_inside && line.unit.empty()) line.unit = measured->rest;
}

}  // namespace

void ResultParser::parse(ResultBatch& batch) const {
  const csv::RowBatch& rows = batch.rows;
  batch.lines.assign(rows.row_count(), ResultLine());
  const bool all_ascii = text::is_ascii(rows.text());
  LastTime last;
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    ResultLine& line = batch.lines[row];
    if (rows.bad(row) != nullptr) {
      line.verdict = Verdict::NoRow;
      continue;
    }
    const auto field = [&](Role role) {
      return text::trim(rows.field(row, static_cast<std::size_t>(role)));
    };
    line.ipp = field(Role::Ipp);
    line.nda = field(Role::Nda);
    line.verdict = Verdict::IdentifierMissing;
    if (line.ipp.empty() && line.nda.empty()) continue;
    const std::string_view time = field(Role::Time);
    if (last.text.data() == nullptr || time != last.text) last = {time, pattern_.parse_us(time)};
    line.verdict = Verdict::TimeMalformed;
    if (!last.us.has_value()) continue;
    line.time_us = *last.us;
    line.day = day_of(line.time_us);
    line.code = field(Role::Code);
    line.verdict = Verdict::CodeMissing;
    if (line.code.empty()) continue;
    line.verdict = Verdict::Good;
    line.is_utf8 = all_ascii || text::is_utf8(rows.raw(row));
    line.value = field(Role::Value);
    line.unit = field(Role::Unit);
    read_value(line);
    line.low = text::parse_decimal(rows.field(row, static_cast<std::size_t>(Role::RangeLow)));
    line.high = text::parse_decimal(rows.field(row, static_cast<std::size_t>(Role::RangeHigh)));
    line.flag = field(Role::Flag);
    line.record_id = field(Role::RecordId);
    if (!line.nda.empty()) line.stay_hash = hash_of(line.nda);
    line.person_hash = line.ipp.empty() ? line.stay_hash : hash_of(line.ipp);
    line.use_hash = hash_of(line.code) * 31 + hash_of(line.unit);
  }
}

}  // namespace eds::ingest::labs
