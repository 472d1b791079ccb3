#include "format/pmsi/layout.h"

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "base/result.h"
#include "format/pmsi/tables.h"

namespace eds::pmsi {
namespace {

using tables::BlockRow;
using tables::Family;
using tables::FieldRow;

bool has(tables::Versions versions, std::uint16_t number) {
  return versions.first <= number && number <= versions.last;
}

Align align_of(const FieldRow& row) {
  if (row.type == FieldType::Number) return Align::RightZero;
  if (row.required != Required::Always) return Align::LeftSpace;
  if (row.type == FieldType::Date || row.type == FieldType::Code) return Align::Whole;
  return Align::LeftSpace;
}

// Owns every layout. A deque never moves its elements, so that spans into it stay good.
struct Tables {
  std::deque<std::vector<Field>> field_sets;
  std::deque<std::vector<BlockLayout>> block_sets;
  std::array<std::vector<Layout>, kKindCount> by_kind;
  Layout as_printed_2026;

  Tables();
  Layout build(const Family& family, const tables::VersionRow& version);
  std::span<const Field> expand(std::span<const FieldRow> head, std::span<const FieldRow> body,
                                std::uint16_t number);
  void add(std::span<const Family> families);
};

std::uint16_t bytes_of(std::span<const Field> fields) {
  return fields.empty() ? 0 : fields.back().start + fields.back().length - 1;
}

std::optional<std::size_t> find_in(std::span<const Field> fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name == name) return i;
  }
  return std::nullopt;
}

std::span<const Field> Tables::expand(std::span<const FieldRow> head,
                                      std::span<const FieldRow> body, std::uint16_t number) {
  std::vector<Field>& fields = field_sets.emplace_back();
  std::uint16_t start = 1;
  for (std::span<const FieldRow> rows : {head, body}) {
    for (const FieldRow& row : rows) {
      if (!has(row.versions, number)) continue;
      ENSURE(!find_in(fields, row.name));
      fields.push_back({row.name, row.label, start, row.length, row.type, row.required,
                        align_of(row), row.privacy});
      start = static_cast<std::uint16_t>(start + row.length);
    }
  }
  return fields;
}

Layout Tables::build(const Family& family, const tables::VersionRow& version) {
  Layout layout;
  layout.kind = family.kind;
  layout.version = version.written;
  layout.fields = expand(family.head, family.body, version.number);
  layout.fixed_bytes = bytes_of(layout.fields);
  std::vector<BlockLayout>& blocks = block_sets.emplace_back();
  for (const BlockRow& row : family.blocks) {
    if (!has(row.versions, version.number)) continue;
    BlockLayout block;
    block.name = row.name;
    block.fields = expand({}, row.fields, version.number);
    block.bytes = bytes_of(block.fields);
    std::span<const Field> counted_in = layout.fields;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (blocks[i].name != row.count_block) continue;
      block.count_in = static_cast<std::uint8_t>(i);
      counted_in = blocks[i].fields;
    }
    if (row.count_field[0] == '\0') {
      block.count_in = kCountOnce;
    } else {
      const std::optional<std::size_t> count = find_in(counted_in, row.count_field);
      ENSURE(count.has_value());
      block.count_field = static_cast<std::uint16_t>(*count);
    }
    blocks.push_back(block);
  }
  ENSURE(blocks.size() <= kBlockKindsMax);
  layout.blocks = blocks;
  return layout;
}

void Tables::add(std::span<const Family> families) {
  for (const Family& family : families) {
    for (const tables::VersionRow& version : family.versions) {
      by_kind[static_cast<std::size_t>(family.kind)].push_back(build(family, version));
    }
  }
}

Tables::Tables() {
  add(tables::rss_families());
  add(tables::rsa_families());
  add(tables::vid_hosp_families());
  add(tables::ano_hosp_families());
  add(tables::ano_families());
  add(tables::small_families());
  add(tables::rhs_families());
  add(tables::psy_had_families());
  add(tables::rsf_families());
  add(tables::rsf_ace_families());
  const Family& printed = tables::rss_023_as_printed_family();
  as_printed_2026 = build(printed, printed.versions[0]);
}

const Tables& all_tables() {
  static const Tables tables;
  return tables;
}

}  // namespace

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::RssUngrouped: return "rss-ungrouped";
    case Kind::RssGrouped: return "rss-grouped";
    case Kind::Rsa: return "rsa";
    case Kind::VidHosp: return "vid-hosp";
    case Kind::AnoHosp: return "ano-hosp";
    case Kind::Ano: return "ano";
    case Kind::HospPmsi: return "hosp-pmsi";
    case Kind::UmInfo: return "um-info";
    case Kind::Ium: return "ium";
    case Kind::Fichcomp: return "fichcomp";
    case Kind::TraOld: return "tra-old";
    case Kind::RhsUngrouped: return "rhs-ungrouped";
    case Kind::RhsGrouped: return "rhs-grouped";
    case Kind::Rps: return "rps";
    case Kind::Raa: return "raa";
    case Kind::RpssUngrouped: return "rpss-ungrouped";
    case Kind::RpssGrouped: return "rpss-grouped";
    case Kind::R3a: return "r3a";
    case Kind::Rsf: return "rsf";
    case Kind::RsfEntry: return "rsf-entry";
    case Kind::RsfAce: return "rsf-ace";
  }
  return "unknown";
}

std::optional<std::size_t> BlockLayout::find(std::string_view field_name) const {
  return find_in(fields, field_name);
}

std::optional<std::size_t> Layout::find(std::string_view field_name) const {
  return find_in(fields, field_name);
}

std::optional<std::size_t> Layout::find_block(std::string_view block_name) const {
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].name == block_name) return i;
  }
  return std::nullopt;
}

const Layout* layout(Kind kind, std::string_view version) {
  for (const Layout& candidate : layouts(kind)) {
    if (candidate.version == version) return &candidate;
  }
  return nullptr;
}

std::span<const Layout> layouts(Kind kind) {
  return all_tables().by_kind[static_cast<std::size_t>(kind)];
}

const Layout& rss_023_as_printed() {
  return all_tables().as_printed_2026;
}

}  // namespace eds::pmsi
