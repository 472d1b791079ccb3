// Tables: the fields of each family of records, one row a field, with the versions that have it.
//
// The rows of a family are the union of all its versions, in the order of the line: a version's
// layout is the rows that it has, laid end to end. So a new version is a few rows, and a position
// is never typed: tests compare the positions that come out with the published ones.
//
// Invariants: for one version, names are unique, and rows are contiguous. Fillers are rows too.
// Threads: constants.
#pragma once

#include <cstdint>
#include <span>

#include "format/pmsi/layout.h"

namespace eds::pmsi::tables {

inline constexpr FieldType A = FieldType::Code;
inline constexpr FieldType T = FieldType::Text;
inline constexpr FieldType X = FieldType::TextCode;
inline constexpr FieldType N = FieldType::Number;
inline constexpr FieldType D = FieldType::Date;

inline constexpr Required O = Required::Always;
inline constexpr Required F = Required::Optional;
inline constexpr Required C = Required::Conditional;

inline constexpr Privacy kPersonal = Privacy::Identifying;

/// Versions as numbers that grow with time; both ends belong.
struct Versions {
  std::uint16_t first = 0;
  std::uint16_t last = 999;
};
inline constexpr Versions kAll{};
constexpr Versions since(std::uint16_t first) {
  return {first, 999};
}
constexpr Versions until(std::uint16_t last) {
  return {0, last};
}
constexpr Versions only(std::uint16_t first, std::uint16_t last) {
  return {first, last};
}

struct FieldRow {
  const char* name;
  std::uint16_t length;
  FieldType type;
  Required required;
  const char* label;
  Versions versions = kAll;
  Privacy privacy = Privacy::Plain;
};

struct BlockRow {
  const char* name;
  const char* count_field;  ///< "" when the block is there exactly once
  std::span<const FieldRow> fields;
  Versions versions = kAll;
  const char* count_block = "";  ///< the earlier block with count_field; "" is the fixed part
};

struct VersionRow {
  const char* written;   ///< as the record writes it
  std::uint16_t number;  ///< as the rows count it
};

struct Family {
  Kind kind;
  std::span<const VersionRow> versions;
  std::span<const FieldRow> head;  ///< what stands before the body: the grouper's answer
  std::span<const FieldRow> body;
  std::span<const BlockRow> blocks;
};

// One function a file of tables.
std::span<const Family> rss_families();
const Family& rss_023_as_printed_family();
std::span<const Family> rsa_families();
std::span<const Family> vid_hosp_families();
std::span<const Family> ano_hosp_families();
std::span<const Family> ano_families();
std::span<const Family> small_families();
std::span<const Family> rhs_families();
std::span<const Family> psy_had_families();
std::span<const Family> rsf_families();
std::span<const Family> rsf_ace_families();

}  // namespace eds::pmsi::tables
