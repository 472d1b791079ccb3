// Copies a model chunk into a DuckDB data chunk. Private to this room.
#pragma once

#include <duckdb.h>

#include "model/rows.h"

namespace eds::duck {

duckdb_logical_type new_logical_type(model::Type type);
/// An empty data chunk with the table's columns; the caller destroys it.
duckdb_data_chunk new_chunk(const model::Table& table);
void fill_chunk(duckdb_data_chunk chunk, const model::RowChunk& rows);

/// Referenced: long texts stay in the chunk, which must then outlive every use of the vector.
enum class Texts : std::uint8_t { Copied, Referenced };
void fill_column(duckdb_vector vector, const model::RowChunk& rows, std::size_t column,
                 Texts texts);

}  // namespace eds::duck
