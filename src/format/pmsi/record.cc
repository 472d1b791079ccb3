#include "format/pmsi/record.h"

#include <algorithm>

#include "format/pmsi/lines.h"

namespace eds::pmsi {
namespace {

/// Where records of a kind write their version, from 0; no bytes when they write none.
struct VersionPlace {
  std::uint8_t start = 0;
  std::uint8_t bytes = 0;
};

constexpr VersionPlace version_place(Kind kind) {
  switch (kind) {
    case Kind::RssUngrouped:
    case Kind::RssGrouped:
    case Kind::Rsa:
    case Kind::RhsUngrouped: return {9, 3};
    case Kind::RhsGrouped: return {10, 3};
    case Kind::VidHosp: return {48, 4};
    case Kind::AnoHosp: return {16, 3};
    case Kind::Ano: return {44, 3};
    case Kind::Ium:
    case Kind::Fichcomp: return {9, 2};
    case Kind::Rps:
    case Kind::Raa: return {18, 3};
    case Kind::RpssUngrouped:
    case Kind::RpssGrouped: return {0, 3};
    case Kind::R3a: return {44, 3};
    case Kind::Rsf:
    case Kind::RsfEntry:
    case Kind::RsfAce: return {0, 1};
    case Kind::HospPmsi:
    case Kind::UmInfo:
    case Kind::TraOld: return {};
  }
  return {};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(' ') == std::string_view::npos;
}

struct Count {
  enum class State : std::uint8_t { Digits, Blank, Bad } state = State::Digits;
  std::uint32_t value = 0;
};

Count parse_count(std::string_view digits) {
  Count count;
  for (const char c : digits) {
    if (c < '0' || c > '9') {
      count.state = is_blank(digits) ? Count::State::Blank : Count::State::Bad;
      count.value = 0;
      return count;
    }
    count.value = count.value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return count;
}

}  // namespace

// Fills the private parts of a Record; the only place that does.
struct RecordParser {
  const Layout& layout;
  std::string_view line;
  Parsed parsed{};

  Parsed fail(FindingCode code, std::string_view field = {}) {
    parsed.whole = false;
    parsed.finding = code;
    parsed.field = field;
    return parsed;
  }

  // The field that counts block `i`, or nothing when the line ends before it.
  std::optional<std::string_view> count_text(std::size_t i) const {
    const BlockLayout& block = layout.blocks[i];
    if (block.count_in == kCountFixed) {
      const Field& field = layout.fields[block.count_field];
      return line.substr(field.start - 1U, field.length);
    }
    const std::size_t holder = block.count_in;
    const Field& field = layout.blocks[holder].fields[block.count_field];
    const std::size_t start = parsed.record.offsets_[holder] + field.start - 1U;
    if (start + field.length > line.size()) return std::nullopt;
    return line.substr(start, field.length);
  }

  std::string_view count_name(std::size_t i) const {
    const BlockLayout& block = layout.blocks[i];
    return block.count_in == kCountFixed ? layout.fields[block.count_field].name
                                         : layout.blocks[block.count_in].fields[0].name;
  }

  Parsed run() {
    if (line.size() < layout.fixed_bytes) return fail(FindingCode::TooShort);
    parsed.record.layout_ = &layout;
    std::size_t end = layout.fixed_bytes;
    for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
      parsed.record.offsets_[i] = static_cast<std::uint32_t>(end);
      std::uint32_t repetitions = 1;
      if (layout.blocks[i].count_in != kCountOnce) {
        const std::optional<std::string_view> text = count_text(i);
        if (!text) return fail(FindingCode::TooShort);
        const Count count = parse_count(*text);
        if (count.state == Count::State::Bad) {
          return fail(FindingCode::CountNotNumeric, count_name(i));
        }
        if (count.state == Count::State::Blank) {
          parsed.finding = FindingCode::CountBlank;
          parsed.field = count_name(i);
        }
        repetitions = count.value;
      }
      parsed.record.counts_[i] = repetitions;
      end += std::size_t{repetitions} * layout.blocks[i].bytes;
      if (end > line.size()) return fail(FindingCode::TooShort);
    }
    if (line.size() > end) {
      if (!is_blank(line.substr(end))) return fail(FindingCode::TooLong);
      if (!parsed.finding) parsed.finding = FindingCode::TrailingSpaces;
    }
    parsed.record.bytes_ = line.substr(0, end);
    parsed.whole = true;
    return parsed;
  }
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

std::string_view Record::field(std::size_t field_index) const {
  const Field& field = layout_->fields[field_index];
  ENSURE(field.privacy == Privacy::Plain);
  return bytes_.substr(field.start - 1U, field.length);
}

std::optional<std::string_view> Record::field(std::string_view name) const {
  const std::optional<std::size_t> index = layout_->find(name);
  if (!index) return std::nullopt;
  return field(*index);
}

Identifying<std::string_view> Record::identifying(std::size_t field_index) const {
  const Field& field = layout_->fields[field_index];
  return Identifying<std::string_view>(bytes_.substr(field.start - 1U, field.length));
}

Identifying<std::string_view> Record::identifying(std::string_view name) const {
  const std::optional<std::size_t> index = layout_->find(name);
  return index ? identifying(*index) : Identifying<std::string_view>();
}

std::string_view Record::block(std::size_t block, std::size_t index) const {
  ENSURE(index < counts_[block]);
  const std::size_t bytes = layout_->blocks[block].bytes;
  return bytes_.substr(offsets_[block] + index * bytes, bytes);
}

std::string_view Record::block_field(std::size_t block, std::size_t index,
                                     std::size_t field_index) const {
  const Field& field = layout_->blocks[block].fields[field_index];
  return this->block(block, index).substr(field.start - 1U, field.length);
}

std::string_view version_of(Kind kind, std::string_view line) {
  const VersionPlace place = version_place(kind);
  if (line.size() < std::size_t{place.start} + place.bytes) return {};
  return line.substr(place.start, place.bytes);
}

Parsed parse_as(const Layout& layout, std::string_view line) {
  return RecordParser{layout, line}.run();
}

Parsed parse(Kind kind, std::string_view line) {
  Parsed unknown;
  if (line.empty()) {
    unknown.finding = FindingCode::EmptyLine;
    return unknown;
  }
  const Layout* chosen = layout(kind, version_of(kind, line));
  if (chosen == nullptr) {
    unknown.finding = FindingCode::UnknownVersion;
    return unknown;
  }
  const Parsed parsed = parse_as(*chosen, line);
  if (parsed.whole) return parsed;
  // Invoices of PSY have a type whose length differs from that of SMR: two layouts, one letter.
  for (const Layout& other : layouts(kind)) {
    if (&other == chosen || other.version != chosen->version) continue;
    const Parsed second = parse_as(other, line);
    if (second.whole) return second;
  }
  if (kind != Kind::RssUngrouped || chosen->version != "023") return parsed;
  // The printed 2026 sheet is one byte shorter; a line that it explains to the byte was written by
  // it.
  Parsed as_printed = parse_as(rss_023_as_printed(), line);
  if (!as_printed.whole || as_printed.finding) return parsed;
  as_printed.finding = FindingCode::LayoutAsPrinted2026;
  return as_printed;
}

std::optional<Kind> rss_kind(std::string_view line) {
  if (line.size() < 12) return std::nullopt;
  if (line[9] == '0') return Kind::RssUngrouped;
  if (line[9] == '1') return Kind::RssGrouped;
  return std::nullopt;
}

Parsed parse_rss(std::string_view line) {
  const std::optional<Kind> kind = rss_kind(line);
  if (kind) return parse(*kind, line);
  Parsed unknown;
  unknown.finding = line.empty() ? FindingCode::EmptyLine : FindingCode::UnknownVersion;
  return unknown;
}

Result<Detected> detect(std::string_view buffer) {
  std::array<std::uint32_t, kKindCount> matched{};
  std::array<std::string_view, kKindCount> versions{};
  Detected best;
  LineScanner scanner(buffer);
  while (best.lines_read < kDetectLinesMax) {
    const std::optional<Line> line = scanner.next();
    if (!line) break;
    if (line->bytes.empty() || line->state != LineState::Whole) continue;
    ++best.lines_read;
    for (std::size_t k = 0; k < kKindCount; ++k) {
      const Parsed parsed = parse(static_cast<Kind>(k), line->bytes);
      if (!parsed.whole) continue;
      if (matched[k]++ == 0) versions[k] = parsed.record.layout().version;
    }
  }
  // Kinds without a version match by their length alone; any other match is better evidence.
  for (const bool versioned : {true, false}) {
    for (std::size_t k = 0; k < kKindCount; ++k) {
      const Kind kind = static_cast<Kind>(k);
      const bool has_version = version_place(kind).bytes != 0;
      if (has_version != versioned || matched[k] <= best.lines_matched) continue;
      best.kind = kind;
      best.version = versions[k];
      best.lines_matched = matched[k];
    }
    if (best.lines_matched > 0) return best;
  }
  return Error{Code::Malformed, "no kind of PMSI record explains the first lines of the file"};
}

}  // namespace eds::pmsi
