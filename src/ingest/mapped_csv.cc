#include "ingest/mapped_csv.h"

#include "format/text/numbers.h"
#include "ingest/sample.h"

namespace eds::ingest {
namespace {

constexpr std::uint64_t kRowsPerCheckpoint = 4096;

}  // namespace

Status MappedCsv::read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) {
  load_ = &load;
  file_ = &file;
  mapping_ = TRY(CsvMapping::parse(file.context.mapping));
  Sampled sampled = TRY(take_sample(std::move(source)));
  if (sampled.sample.empty()) return {};
  const text::Encoding encoding = mapping_.encoding_of(sampled.sample);
  file.report.encoding = text::encoding_name(encoding);
  decoder_.emplace(encoding);
  pattern_.emplace(TRY(mapping_.date_pattern()));
  csv::Reader reader =
      TRY(csv::Reader::open(std::move(sampled.source), mapping_.dialect(sampled.sample)));
  if (mapping_.has_header) {
    const std::string_view first =
        std::string_view(sampled.sample).substr(0, sampled.sample.find_first_of("\r\n"));
    file.context.header = first.starts_with("\xEF\xBB\xBF") ? first.substr(3) : first;
  }
  TRY(prepare(reader));
  std::uint64_t pending = 0;
  for (;;) {
    const csv::Step step = TRY(reader.next());
    if (step == csv::Step::End) break;
    ++file.report.record_count;
    if (step == csv::Step::Row) {
      TRY(take(reader.row()));
    } else {
      const csv::BadRow& bad = reader.bad();
      Reject reject;
      reject.line = bad.line;
      reject.byte_offset = bad.offset;
      reject.code = csv::bad_reason_name(bad.reason);
      reject.reason = "the line is not a row of this CSV";
      reject.raw = bad.raw;
      TRY(load.reject(file, reject));
    }
    if (++pending == kRowsPerCheckpoint) {
      TRY(load.checkpoint(reader.row().offset(), pending));
      pending = 0;
    }
  }
  TRY(finish());
  return load.checkpoint(file.report.bytes, pending);
}

Status MappedCsv::reject(const csv::Row& row, std::string_view field, std::string_view code,
                         std::string_view reason) {
  Reject reject;
  reject.line = row.line();
  reject.byte_offset = row.offset();
  reject.field = field;
  reject.code = code;
  reject.reason = reason;
  reject.raw = row.raw();
  return load_->reject(*file_, reject);
}

std::string MappedCsv::text_of(const csv::Row& row, std::size_t column) {
  const std::string_view field = text::trim(field_at(row, column));
  if (text::is_ascii(field)) return std::string(field);
  return std::string(decoder_->decode(field));
}

Result<std::string> MappedCsv::authority() const {
  if (!load_->request().authority.empty()) return load_->request().authority;
  std::string authority = mapping_.value("identity", "authority", "");
  if (!authority.empty()) return authority;
  return Error{Code::Usage,
               "IPP of which establishment? give --authority FINESS, or [identity] "
               "authority in the mapping"};
}

Provenance MappedCsv::provenance(const csv::Row& row, std::int64_t record_key) const {
  Provenance from;
  from.source_id = file_->source_id;
  from.position = static_cast<std::int64_t>(file_->original_line(row.line()));
  from.record_key = record_key;
  return from;
}

}  // namespace eds::ingest
