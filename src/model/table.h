// The clinical model as data: every table of OMOP CDM 5.4 and every table EDS adds.
//
// Invariants: tables() never changes while the process runs; a TableId is an index into it, stable
// within a process only (files name tables by name). Column order is the specification's order,
// then the extensions. Integers of every width are 64 bits; dates are days and timestamps
// microseconds since 1970-01-01, UTC, without zone. Threads: immutable. Source: OHDSI
// CommonDataModel v5.4, OMOP_CDMv5.4_Field_Level.csv (39 tables, 432 columns).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace eds::model {

enum class Type : std::uint8_t { Int, Float, Date, Timestamp, Text };
enum class Need : std::uint8_t { Required, Optional };

enum class Group : std::uint8_t {
  Clinical,
  HealthSystem,
  Economic,
  Derived,
  Metadata,
  Vocabulary,
  Results,
  Extension,   ///< clinical facts that OMOP has no place for
  Provenance,  ///< where rows come from
  Staging,     ///< lives only while a load is staged
};

struct Column {
  std::string_view name;
  Type type = Type::Text;
  Need need = Need::Optional;
  bool is_extension = false;  ///< ours, not the CDM's
};

inline constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);
using TableId = std::size_t;

struct Table {
  TableId id = 0;
  std::string_view name;
  Group group = Group::Clinical;
  std::span<const Column> columns;
  std::size_t id_column = kNoColumn;      ///< the table's own key ("measurement_id")
  std::size_t person_column = kNoColumn;  ///< "person_id" (or "subject_id")
  std::size_t date_column = kNoColumn;    ///< the date rows of one person are ordered by
  std::size_t source_column = kNoColumn;  ///< eds_source_id
  std::size_t key_column = kNoColumn;     ///< eds_record_key

  /// The column's index, or kNoColumn.
  std::size_t column(std::string_view column_name) const;
};

std::span<const Table> tables();
/// The table of that name (lower case), or nullptr.
const Table* find_table(std::string_view name);
/// The table of that name; stops the process when there is none: for names written in our code.
const Table& table(std::string_view name);

std::string_view type_name(Type type);

}  // namespace eds::model
