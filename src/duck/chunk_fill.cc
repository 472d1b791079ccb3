#include "duck/chunk_fill.h"

#include <cstring>
#include <vector>

namespace eds::duck {
namespace {

constexpr std::size_t kInlineBytesMax = 12;  // duckdb_string_t holds so many bytes itself.

// Both forms are part of the public header; writing them here spares a call for each value.
duckdb_string_t string_of(std::string_view text) {
  duckdb_string_t string;
  std::memset(&string, 0, sizeof string);
  string.value.inlined.length = static_cast<std::uint32_t>(text.size());
  if (text.size() <= kInlineBytesMax) {
    std::memcpy(string.value.inlined.inlined, text.data(), text.size());
  } else {
    std::memcpy(string.value.pointer.prefix, text.data(), sizeof string.value.pointer.prefix);
    string.value.pointer.ptr = const_cast<char*>(text.data());
  }
  return string;
}

void fill_text(duckdb_vector vector, const model::RowChunk& rows, std::size_t column, Texts texts) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
  for (std::size_t row = 0; row < rows.row_count(); ++row) {
    if (!rows.is_valid(column, row)) continue;
    const std::string_view text = rows.text_at(column, row);
    if (texts == Texts::Copied && text.size() > kInlineBytesMax) {
      duckdb_vector_assign_string_element_len(vector, row, text.data(), text.size());
    } else {
      strings[row] = string_of(text);
    }
  }
}

void fill_validity(duckdb_vector vector, const model::RowChunk& rows, std::size_t column) {
  if (rows.all_valid(column)) return;  // A vector without mask, which its readers prefer.
  duckdb_vector_ensure_validity_writable(vector);
  std::uint64_t* valid = duckdb_vector_get_validity(vector);
  const std::size_t bytes = (rows.row_count() + 63) / 64 * sizeof(std::uint64_t);
  if (rows.has_values(column)) {
    std::memcpy(valid, rows.valid_words(column), bytes);
  } else {
    std::memset(valid, 0, bytes);
  }
}

}  // namespace

duckdb_logical_type new_logical_type(model::Type type) {
  switch (type) {
    case model::Type::Int: return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    case model::Type::Float: return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
    case model::Type::Date: return duckdb_create_logical_type(DUCKDB_TYPE_DATE);
    case model::Type::Timestamp: return duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP);
    case model::Type::Text: return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  }
  return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
}

duckdb_data_chunk new_chunk(const model::Table& table) {
  std::vector<duckdb_logical_type> types;
  for (const model::Column& column : table.columns) types.push_back(new_logical_type(column.type));
  duckdb_data_chunk chunk = duckdb_create_data_chunk(types.data(), types.size());
  for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
  return chunk;
}

void fill_column(duckdb_vector vector, const model::RowChunk& rows, std::size_t column,
                 Texts texts) {
  fill_validity(vector, rows, column);
  if (!rows.has_values(column)) return;
  const model::Type type = rows.table().columns[column].type;
  if (type == model::Type::Text) return fill_text(vector, rows, column, texts);
  void* data = duckdb_vector_get_data(vector);
  if (type == model::Type::Date) {
    auto* days = static_cast<std::int32_t*>(data);
    const std::uint64_t* slots = rows.slots(column);
    for (std::size_t row = 0; row < rows.row_count(); ++row) {
      days[row] = static_cast<std::int32_t>(slots[row]);
    }
    return;
  }
  std::memcpy(data, rows.slots(column), rows.row_count() * sizeof(std::uint64_t));
}

void fill_chunk(duckdb_data_chunk chunk, const model::RowChunk& rows) {
  for (std::size_t column = 0; column < rows.table().columns.size(); ++column) {
    fill_column(duckdb_data_chunk_get_vector(chunk, column), rows, column, Texts::Copied);
  }
  duckdb_data_chunk_set_size(chunk, rows.row_count());
}

}  // namespace eds::duck
