#include "duck/memory_rows.h"

#include <duckdb.h>

#include <atomic>
#include <map>
#include <mutex>

#include "duck/chunk_fill.h"

namespace eds::duck {

void MemoryRows::add(const model::RowChunk& chunk) {
  if (chunk.row_count() == 0) return;
  chunks_.push_back(chunk.compacted());
  row_count_ += chunk.row_count();
  byte_count_ += chunks_.back().byte_count();
}

struct MemoryTables::Shown {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const MemoryRows>> by_name;
  std::uint64_t given = 0;
};

// The table function eds_memory('name'): bind finds the rows, start chooses columns, pull gives
// whole chunks to as many threads as DuckDB sends.
struct MemoryScan {
  using Rows = std::shared_ptr<const MemoryRows>;
  struct Progress {
    std::vector<std::size_t> columns;
    std::atomic<std::size_t> next_chunk = 0;
  };

  static void bind(duckdb_bind_info info) {
    auto& shown =
        **static_cast<std::shared_ptr<MemoryTables::Shown>*>(duckdb_bind_get_extra_info(info));
    duckdb_value parameter = duckdb_bind_get_parameter(info, 0);
    char* text = duckdb_get_varchar(parameter);
    const std::string name = text == nullptr ? "" : text;
    duckdb_free(text);
    duckdb_destroy_value(&parameter);
    Rows rows;
    {
      const std::lock_guard<std::mutex> lock(shown.mutex);
      const auto found = shown.by_name.find(name);
      if (found != shown.by_name.end()) rows = found->second;
    }
    if (rows == nullptr) return duckdb_bind_set_error(info, "no rows are held under this name");
    for (const model::Column& column : rows->table().columns) {
      duckdb_logical_type type = new_logical_type(column.type);
      duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type);
      duckdb_destroy_logical_type(&type);
    }
    duckdb_bind_set_cardinality(info, rows->row_count(), true);
    duckdb_bind_set_bind_data(info, new Rows(std::move(rows)),
                              [](void* held) { delete static_cast<Rows*>(held); });
  }

  static void start(duckdb_init_info info) {
    const Rows& rows = *static_cast<Rows*>(duckdb_init_get_bind_data(info));
    auto* progress = new Progress;
    for (idx_t at = 0; at < duckdb_init_get_column_count(info); ++at) {
      progress->columns.push_back(duckdb_init_get_column_index(info, at));
    }
    duckdb_init_set_init_data(info, progress,
                              [](void* held) { delete static_cast<Progress*>(held); });
    duckdb_init_set_max_threads(info, rows->chunks().size() + 1);
  }

  static void pull(duckdb_function_info info, duckdb_data_chunk output) {
    const Rows& rows = *static_cast<Rows*>(duckdb_function_get_bind_data(info));
    auto& progress = *static_cast<Progress*>(duckdb_function_get_init_data(info));
    const std::size_t at = progress.next_chunk++;
    if (at >= rows->chunks().size()) return duckdb_data_chunk_set_size(output, 0);
    const model::RowChunk& chunk = rows->chunks()[at];
    for (std::size_t place = 0; place < progress.columns.size(); ++place) {
      const std::size_t column = progress.columns[place];
      // A count asks for no column: DuckDB then names one that is not there.
      if (column >= rows->table().columns.size()) continue;
      fill_column(duckdb_data_chunk_get_vector(output, place), chunk, column, Texts::Referenced);
    }
    duckdb_data_chunk_set_size(output, chunk.row_count());
  }
};

Result<std::unique_ptr<MemoryTables>> MemoryTables::open(Connection& connection) {
  std::shared_ptr<Shown> shown = std::make_shared<Shown>();
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "eds_memory");
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_table_function_add_parameter(function, text);
  duckdb_destroy_logical_type(&text);
  duckdb_table_function_set_extra_info(function, new std::shared_ptr<Shown>(shown), [](void* held) {
    delete static_cast<std::shared_ptr<Shown>*>(held);
  });
  duckdb_table_function_supports_projection_pushdown(function, true);
  duckdb_table_function_set_bind(function, MemoryScan::bind);
  duckdb_table_function_set_init(function, MemoryScan::start);
  duckdb_table_function_set_function(function, MemoryScan::pull);
  const duckdb_state state =
      duckdb_register_table_function(static_cast<duckdb_connection>(connection.handle_), function);
  duckdb_destroy_table_function(&function);
  if (state != DuckDBSuccess) return Error{Code::Internal, "the memory table function is refused"};
  return std::unique_ptr<MemoryTables>(new MemoryTables(std::move(shown)));
}

std::string MemoryTables::show(std::shared_ptr<const MemoryRows> rows) {
  const std::lock_guard<std::mutex> lock(shown_->mutex);
  std::string name = std::string(rows->table().name) + std::to_string(++shown_->given);
  shown_->by_name[name] = std::move(rows);
  return name;
}

std::string MemoryTables::relation(const std::string& name) {
  return "eds_memory(" + quote_text(name) + ")";
}

void MemoryTables::hide(const std::string& name) {
  const std::lock_guard<std::mutex> lock(shown_->mutex);
  shown_->by_name.erase(name);
}

}  // namespace eds::duck
