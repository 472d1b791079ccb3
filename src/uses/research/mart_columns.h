// What becomes of each column of the core in a project's data store.
//
// Invariants: a column that no rule knows is dropped, so a column added to the model stays out
// until somebody decides. Nothing that names a place in a source (file, position, record key) goes
// through: it would join two projects. Threads: pure functions.
// Source: requirements PSE-2, PSE-5, PSE-6, PSE-8, ESP-2 (docs/concepts/data-stores.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/table.h"

namespace eds::research {

enum class Treatment : std::uint8_t {
  Drop,        ///< NULL in the data store
  Keep,        ///< as it is
  Person,      ///< the person's pseudonym
  PersonText,  ///< the same, as 32 hexadecimal digits
  Key,         ///< the id of a row, re-drawn under the project's key
  Shift,       ///< a date or timestamp, moved by the person's days
  BirthYear,   ///< of the moved birth date, people of 90 and more together
};

struct MartColumn {
  std::size_t column = 0;
  Treatment treatment = Treatment::Drop;
  std::uint32_t kind = 0;  ///< for Key: which rows the id names
};

/// Whether the table may be part of a data store at all.
bool may_leave(const model::Table& table);
/// What is done to one column.
MartColumn treatment_of(const model::Table& table, std::size_t column);

}  // namespace eds::research
