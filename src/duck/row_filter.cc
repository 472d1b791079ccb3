// The scalar function through which a RowFilter sees the ids of rows.
#include <duckdb.h>

#include "duck/duck.h"

namespace eds::duck {
namespace {

using Shared = std::shared_ptr<const RowFilter>;

void keep_rows(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* filter = static_cast<const Shared*>(duckdb_scalar_function_get_extra_info(info));
  const idx_t count = duckdb_data_chunk_get_size(input);
  duckdb_vector ids = duckdb_data_chunk_get_vector(input, 0);
  const auto* values = static_cast<const std::int64_t*>(duckdb_vector_get_data(ids));
  auto* kept = static_cast<bool*>(duckdb_vector_get_data(output));
  (*filter)->keep({values, count}, {kept, count});
  // A row without an id is nobody's, so nobody sees it.
  const std::uint64_t* valid = duckdb_vector_get_validity(ids);
  if (valid == nullptr) return;
  for (idx_t row = 0; row < count; ++row) {
    if ((valid[row / 64] >> (row % 64) & 1) == 0) kept[row] = false;
  }
}

}  // namespace

Status Connection::register_filter(const std::string& name,
                                   std::shared_ptr<const RowFilter> filter) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type id_type = duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
  duckdb_logical_type answer_type = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
  duckdb_scalar_function_set_name(function, name.c_str());
  duckdb_scalar_function_add_parameter(function, id_type);
  duckdb_scalar_function_set_return_type(function, answer_type);
  duckdb_scalar_function_set_special_handling(function);  // It judges NULL itself.
  duckdb_scalar_function_set_extra_info(function, new Shared(std::move(filter)),
                                        [](void* held) { delete static_cast<Shared*>(held); });
  duckdb_scalar_function_set_function(function, keep_rows);
  const duckdb_state state =
      duckdb_register_scalar_function(static_cast<duckdb_connection>(handle_), function);
  duckdb_destroy_logical_type(&id_type);
  duckdb_destroy_logical_type(&answer_type);
  duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess) return Error{Code::Internal, "row filter refused: " + name};
  return {};
}

}  // namespace eds::duck
