// ColumnMask: which columns of which tables a scope shows. A hidden column reads as NULL, so that
// statements written for the whole table still run.
//
// Invariants: a table or column nobody named is hidden from a permit (deny by default); a mask is
// made from the model, so a column added to the model is hidden until it is listed here.
// Threads: immutable after they are made.
// Source: requirement ids GOV-1, CLO-2, PSE-6, PSE-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "govern/permit.h"
#include "govern/policy.h"
#include "model/table.h"

namespace eds::govern {

class ColumnMask {
 public:
  /// The columns shown at `level`; with a permit, only those it names.
  static ColumnMask of(Level level, const Permit* permit);
  /// The columns of a permit in its own data store, where nothing identifying is left to hide.
  static ColumnMask of_mart(const Permit& permit);

  bool shows(const model::Table& table, std::size_t column) const {
    return shown_[table.id][column];
  }
  /// False when no row of the table may be read at all.
  bool shows_table(const model::Table& table) const { return tables_[table.id]; }

  /// Whether every column that `other` shows is shown.
  bool covers(const ColumnMask& other) const;

 private:
  std::vector<bool> tables_;
  std::vector<std::vector<bool>> shown_;
};

}  // namespace eds::govern
