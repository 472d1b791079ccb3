#include "tests/readers/lake_book.h"

#include <cstdio>

#include "duck/duck.h"
#include "lake/part.h"

namespace eds::readers {
namespace {

std::string header(const model::Table& table, std::size_t column_count) {
  std::string line;
  for (std::size_t column = 0; column < column_count; ++column) {
    line += (column == 0 ? "" : ",") + std::string(table.columns[column].name);
  }
  return line + "\n";
}

std::int64_t int_of(const Row& row, const std::string& column) {
  const auto found = row.find(column);
  if (found == row.end() || !std::holds_alternative<std::int64_t>(found->second)) return -1;
  return std::get<std::int64_t>(found->second);
}

Cell cell_of(const duck::Chunk& chunk, model::Type type, std::size_t column, std::size_t row) {
  if (chunk.is_null(column, row)) return Cell();
  if (type == model::Type::Float) return chunk.float_at(column, row);
  if (type == model::Type::Text) return std::string(chunk.text_at(column, row));
  return chunk.int_at(column, row);
}

}  // namespace

std::string csv_field(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return "\\N";
  if (const std::int64_t* number = std::get_if<std::int64_t>(&cell)) {
    return std::to_string(*number);
  }
  if (const double* number = std::get_if<double>(&cell)) {
    char text[64];
    std::snprintf(text, sizeof text, "%a", *number);
    return text;
  }
  std::string quoted = "\"";
  for (const char letter : std::get<std::string>(cell)) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

void Book::drop_record(std::int64_t key) {
  for (auto& [table, rows] : rows_) {
    std::erase_if(rows, [&](const Row& row) { return int_of(row, "eds_record_key") == key; });
  }
}

void Book::merge_person(std::int64_t absorbed, std::int64_t survivor) {
  for (auto& [table, rows] : rows_) {
    for (Row& row : rows) {
      if (int_of(row, "person_id") == absorbed) row["person_id"] = survivor;
    }
  }
}

std::size_t Book::row_count(const std::string& table) const {
  const auto found = rows_.find(table);
  return found == rows_.end() ? 0 : found->second.size();
}

std::vector<std::int64_t> Book::records_of_person(std::int64_t person) const {
  std::vector<std::int64_t> keys;
  for (const auto& [table, rows] : rows_) {
    for (const Row& row : rows) {
      if (int_of(row, "person_id") == person) keys.push_back(int_of(row, "eds_record_key"));
    }
  }
  return keys;
}

std::size_t Book::column_count(const model::Table& table) const {
  const auto found = widths_.find(std::string(table.name));
  return found == widths_.end() ? table.columns.size() : found->second;
}

std::string Book::csv(const model::Table& table) const {
  const std::size_t width = column_count(table);
  std::string text = header(table, width);
  const auto found = rows_.find(std::string(table.name));
  if (found == rows_.end()) return text;
  for (const Row& row : found->second) {
    for (std::size_t column = 0; column < width; ++column) {
      const auto cell = row.find(std::string(table.columns[column].name));
      text += (column == 0 ? "" : ",") + csv_field(cell == row.end() ? Cell() : cell->second);
    }
    text += "\n";
  }
  return text;
}

Result<std::string> our_csv(lake::Warehouse& warehouse, const model::Table& table,
                            std::size_t column_count, std::int64_t version) {
  const std::vector<lake::DataFile> files =
      TRY(warehouse.catalogue().files_at_version(table.name, version));
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  duck::Rows rows = TRY(connection.query(lake::scan_sql(warehouse, table, files)));
  std::string text = header(table, column_count);
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      for (std::size_t column = 0; column < column_count; ++column) {
        text += (column == 0 ? "" : ",") +
                csv_field(cell_of(*chunk, table.columns[column].type, column, row));
      }
      text += "\n";
    }
  }
  return text;
}

}  // namespace eds::readers
