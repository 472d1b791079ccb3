// PersonRows: one person's rows of one table, column by name, in the order of time. Private to
// care.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "uses/care/patient.h"

namespace eds::care {

/// A row under the cursor of PersonRows. Absent values read as 0 or "".
class PersonRow {
 public:
  PersonRow(const duck::Chunk& chunk, std::size_t row) : chunk_(&chunk), row_(row) {}
  bool has(std::size_t column) const { return !chunk_->is_null(column, row_); }
  std::int64_t number(std::size_t column) const {
    return has(column) ? chunk_->int_at(column, row_) : 0;
  }
  std::optional<double> real(std::size_t column) const {
    return has(column) ? std::optional<double>(chunk_->float_at(column, row_)) : std::nullopt;
  }
  Days day(std::size_t column) const { return static_cast<Days>(number(column)); }
  std::optional<Days> day_or_none(std::size_t column) const {
    return has(column) ? std::optional<Days>(day(column)) : std::nullopt;
  }
  std::string text(std::size_t column) const {
    return has(column) ? std::string(chunk_->text_at(column, row_)) : std::string();
  }
  /// From two neighbouring columns: eds_source_id, eds_source_position.
  Origin origin(std::size_t column) const { return Origin{number(column), number(column + 1)}; }

 private:
  const duck::Chunk* chunk_;
  std::size_t row_;
};

/// Calls `visit(PersonRow)` for each of the person's rows, with the named columns in their order.
template <class Visit>
Status each_row(engine::Session& session, std::string_view table,
                const std::vector<std::string_view>& columns, std::string_view order_column,
                std::int64_t person_id, Visit visit) {
  engine::Select select;
  select.table = table;
  for (std::string_view column : columns) {
    select.items.push_back({engine::Expr::column(column), std::string(column)});
  }
  select.order_by.push_back({engine::Expr::column(order_column)});
  engine::Answer rows = TRY(session.query_person(select, person_id));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) visit(PersonRow(*chunk, row));
  }
  return {};
}

}  // namespace eds::care
