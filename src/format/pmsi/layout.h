// Layout: where each field of a PMSI record stands, for every kind and version of record.
//
// A PMSI file holds one record a line, at fixed positions counted from 1, and its layout changes
// nearly every year. A record carries its own version; the layout is chosen by that, never by a
// year, because both the old and the new version circulate in the same file. A record is a fixed
// part followed by blocks (diagnoses, acts, ...) repeated as often as a field of the fixed part
// says.
//
// Source: ATIH, "formats MCO 2026", "formats anonymes MCO 2023", "formats SMR, PSY, HAD 2024".
// Invariants: fields of a layout are contiguous, in order, and cover the fixed part exactly; so do
// the fields of a block. Field names are stable, in snake_case; fillers are named filler_1,
// filler_2.
// Threads: tables are built once, on first use, and never change; any thread may read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eds::pmsi {

enum class Kind : std::uint8_t {
  RssUngrouped,   ///< RUM as the hospital codes it, before grouping (MCO); versions 016-023
  RssGrouped,     ///< the same RUM behind the grouper's answer; versions 115-123
  Rsa,            ///< anonymous summary of a stay, output; versions 218-229
  VidHosp,        ///< patient and invoice of a stay; versions V011-V016
  AnoHosp,        ///< VID-HOSP once hashed, inside the hospital; versions 012-016
  Ano,            ///< chaining output; versions 013-016
  HospPmsi,       ///< RSS number <-> stay number; no version
  UmInfo,         ///< medical units, input; no version
  Ium,            ///< medical units, output; version 90
  Fichcomp,       ///< complements; the version is the type: 02 03 04 06 07 09 14 15
  TraOld,         ///< RSA index <-> RSS number, fixed positions; no version
  RhsUngrouped,   ///< weekly summary (SMR); versions M09-M0D
  RhsGrouped,     ///< the same behind the grouper's answer; versions M19-M1D
  Rps,            ///< summary of a sequence (PSY); version P12
  Raa,            ///< ambulatory act (PSY); version P14
  RpssUngrouped,  ///< summary of a sub-sequence (HAD); versions H0F (public), H0G
  RpssGrouped,    ///< the same before the grouper's answer; versions H1F (public), H1G
  R3a,            ///< anonymous ambulatory act (PSY), output; the version is its RAA's: P14
  Rsf,            ///< invoice line that names an RSS (MCO ex-OQN); the version is its type: A-P
  RsfEntry,       ///< the same, names an entry number (SMR, PSY and HAD ex-OQN)
  RsfAce,         ///< invoice line of outpatient acts (ex-DG); the version is its type
};
inline constexpr std::size_t kKindCount = 21;

/// "rss-ungrouped", "rsa", "vid-hosp", ...
std::string_view kind_name(Kind kind);

enum class FieldType : std::uint8_t {
  Code,      ///< A: letters and digits, no space inside
  Text,      ///< A*: spaces allowed
  TextCode,  ///< A**: spaces and signs such as '-'
  Number,    ///< N: digits; decimals are implied by the field
  Date,      ///< JJMMAAAA
};
enum class Required : std::uint8_t { Always, Optional, Conditional };
enum class Align : std::uint8_t { Whole, LeftSpace, RightZero };

/// Whether a field names a person or helps to: such a field is only handed out as Identifying<T>.
enum class Privacy : std::uint8_t { Plain, Identifying };

struct Field {
  std::string_view name;    ///< stable, snake_case: "dp", "entry_date"
  std::string_view label;   ///< what the ATIH calls it, in French
  std::uint16_t start = 0;  ///< 1-based; in its block for a block's field
  std::uint16_t length = 0;
  FieldType type = FieldType::Text;
  Required required = Required::Optional;
  Align align = Align::LeftSpace;
  Privacy privacy = Privacy::Plain;
};

/// Where the count of a block stands: the fixed part, nowhere (the block is there once), or an
/// earlier block, by its index.
inline constexpr std::uint8_t kCountFixed = 255;
inline constexpr std::uint8_t kCountOnce = 254;

struct BlockLayout {
  std::string_view name;  ///< "da", "dad", "act", "rum", "dmt", ...
  std::uint16_t bytes = 0;
  std::uint16_t count_field = 0;  ///< index of the field that counts, where count_in says
  std::uint8_t count_in = kCountFixed;
  std::span<const Field> fields;

  /// Index of the field so named, or nothing.
  std::optional<std::size_t> find(std::string_view field_name) const;
};

/// Kinds of block of one record: an RSA has five, a grouped RPSS six.
inline constexpr std::size_t kBlockKindsMax = 6;

struct Layout {
  Kind kind{};
  std::string_view version;  ///< as written in the record; "" for kinds without version
  std::uint16_t fixed_bytes = 0;
  std::span<const Field> fields;
  std::span<const BlockLayout> blocks;

  std::optional<std::size_t> find(std::string_view field_name) const;
  std::optional<std::size_t> find_block(std::string_view block_name) const;
};

/// The layout of that version, or null when this program does not know it.
const Layout* layout(Kind kind, std::string_view version);

/// Every layout of `kind`, oldest first.
std::span<const Layout> layouts(Kind kind);

/// The 2026 trap: the ungrouped sheet of version 023 gives position 180 twice, hence a fixed part
/// of 189 and not 190. Records written after that sheet are read with this layout, and reported.
const Layout& rss_023_as_printed();

}  // namespace eds::pmsi
