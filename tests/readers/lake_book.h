// Book: what a lake must hold, kept by construction, and the CSV files that say so.
//
// Invariants: the book is told every row that is fed, replaced, merged or erased in the same words
// as the Loader is, but decides by itself, with a plain loop over rows in memory.
// Threads: one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "lake/loader.h"
#include "lake/warehouse.h"
#include "model/table.h"

namespace eds::readers {

/// A cell: NULL, an integer (or days, or microseconds), a number or a text.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A row by column name; what is not named is NULL.
using Row = std::map<std::string, Cell>;

class Book {
 public:
  /// Adds a row to a table's content.
  void add(const std::string& table, const Row& row) { rows_[table].push_back(row); }
  /// Forgets every row, of every table, with that record key.
  void drop_record(std::int64_t key);
  void merge_person(std::int64_t absorbed, std::int64_t survivor);
  /// Limits a table to its first columns, until called again.
  void set_column_count(const std::string& table, std::size_t count) { widths_[table] = count; }

  std::size_t row_count(const std::string& table) const;
  std::vector<std::int64_t> records_of_person(std::int64_t person) const;

  /// The table's content as CSV.
  std::string csv(const model::Table& table) const;
  std::size_t column_count(const model::Table& table) const;

 private:
  std::map<std::string, std::vector<Row>> rows_;
  std::map<std::string, std::size_t> widths_;
};

/// One field of the CSV files.
std::string csv_field(const Cell& cell);

/// The content of a table's version, by our own scan of the catalogue's files.
Result<std::string> our_csv(lake::Warehouse& warehouse, const model::Table& table,
                            std::size_t column_count, std::int64_t version);

}  // namespace eds::readers
