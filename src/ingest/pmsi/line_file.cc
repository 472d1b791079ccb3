#include "ingest/pmsi/line_file.h"

#include <algorithm>
#include <string>

#include "format/text/encoding.h"

namespace eds::ingest::pmsi {

namespace formats = eds::pmsi;

Status LineFile::begin(Load&, FeedFile&) {
  return {};
}
Status LineFile::finish(Load&, FeedFile&) {
  return {};
}

Status LineFile::read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) {
  TRY(begin(load, file));
  std::string block;
  formats::LineScanner::Start start;
  bool at_end = false;
  while (!at_end) {
    const std::size_t kept = block.size();
    block.resize(kept + kBlockBytes);
    std::size_t filled = kept;
    while (filled < block.size()) {
      const std::size_t got = TRY(source->read(std::span(block).subspan(filled)));
      if (got == 0) {
        at_end = true;
        break;
      }
      filled += got;
    }
    block.resize(filled);
    std::size_t consumed = 0;
    TRY(take_block(load, file, block,
                   at_end ? formats::Tail::EndOfFile : formats::Tail::MoreFollows, start,
                   consumed));
    block.erase(0, consumed);
  }
  TRY(finish(load, file));
  return load.checkpoint(start.offset, 0);
}

Status LineFile::take_block(Load& load, FeedFile& file, std::string_view block, formats::Tail tail,
                            formats::LineScanner::Start& start, std::size_t& consumed) {
  formats::LineScanner scanner(block, tail, start);
  std::uint64_t records = 0;
  while (const std::optional<formats::Line> line = scanner.next()) {
    if (line->state == formats::LineState::Whole && formats::trim(line->bytes).empty()) continue;
    ++records;
    ++file.report.record_count;
    if (line->state == formats::LineState::TooLong) {
      TRY(reject(load, file, *line, "", "line-too-long", "the line is longer than any record"));
    } else if (line->state == formats::LineState::HasNul) {
      TRY(reject(load, file, *line, "", "nul-byte", "the line holds a zero byte"));
    } else {
      TRY(take(load, file, *line));
    }
  }
  consumed = scanner.consumed();
  start = scanner.next_start();
  return load.checkpoint(start.offset, records);
}

Status LineFile::reject(Load& load, FeedFile& file, const formats::Line& line,
                        std::span<const formats::Finding> findings) {
  std::string reason;
  const formats::Finding* first = nullptr;
  for (const formats::Finding& finding : findings) {
    if (finding.severity != formats::Severity::Error) continue;
    if (first == nullptr) {
      first = &finding;
      reason = formats::reason(finding.code);
    } else {
      reason +=
          "; " + std::string(finding.field) + ": " + std::string(formats::code_word(finding.code));
    }
  }
  if (first == nullptr) return reject(load, file, line, "", "unreadable", "not a record");
  return reject(load, file, line, first->field, formats::code_word(first->code), reason);
}

Status LineFile::reject(Load& load, FeedFile& file, const formats::Line& line,
                        std::string_view field, std::string_view code, std::string_view reason) {
  Reject reject;
  reject.line = line.number;
  reject.byte_offset = line.offset;
  reject.field = field;
  reject.code = code;
  reject.reason = reason;
  reject.raw = line.bytes;
  return load.reject(file, reject);
}

void LineFile::warn(Load& load, FeedFile& file, std::span<const formats::Finding> findings) {
  for (const formats::Finding& finding : findings) {
    if (finding.severity != formats::Severity::Warning) continue;
    load.warn(file, finding.field, formats::code_word(finding.code));
  }
}

void LineFile::put(model::RowWriter& row, std::size_t column, std::string_view value) {
  value = formats::trim(value);
  if (value.empty()) return;
  if (text::is_ascii(value)) {
    row.set_text(column, value);
  } else {
    row.set_text(column, text::to_utf8(value, text::detect_encoding(value)).text);
  }
}

void LineFile::put(model::RowWriter& row, std::size_t column, char value) {
  if (value != ' ') put(row, column, std::string_view(&value, 1));
}

std::string_view authority_of(const Load& load, std::string_view finess) {
  return load.request().authority.empty() ? finess : std::string_view(load.request().authority);
}

}  // namespace eds::ingest::pmsi
