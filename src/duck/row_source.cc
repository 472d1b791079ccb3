// The table function that lets DuckDB pull rows from a RowSource.
#include <duckdb.h>

#include <deque>

#include "duck/chunk_fill.h"
#include "duck/duck.h"

namespace eds::duck {
namespace {

// Holds chunks that fill() pushed and DuckDB has not pulled yet; spent ones are reused.
class Queue final : public model::RowSink {
 public:
  explicit Queue(RowSource& source) : source_(&source) {}

  Status take(const model::RowChunk& chunk) override {
    waiting_.push_back(chunk);
    return {};
  }

  /// The next chunk, or nullptr at the end.
  Result<const model::RowChunk*> next() {
    if (has_current_) waiting_.pop_front();
    has_current_ = false;
    while (waiting_.empty()) {
      if (done_) return static_cast<const model::RowChunk*>(nullptr);
      done_ = !TRY(source_->fill(*this));
    }
    has_current_ = true;
    return static_cast<const model::RowChunk*>(&waiting_.front());
  }

 private:
  RowSource* source_;
  std::deque<model::RowChunk> waiting_;
  bool has_current_ = false;
  bool done_ = false;
};

void bind_source(duckdb_bind_info info) {
  auto* source = static_cast<RowSource*>(duckdb_bind_get_extra_info(info));
  for (const model::Column& column : source->table().columns) {
    duckdb_logical_type type = new_logical_type(column.type);
    duckdb_bind_add_result_column(info, std::string(column.name).c_str(), type);
    duckdb_destroy_logical_type(&type);
  }
}

void start_source(duckdb_init_info info) {
  auto* source = static_cast<RowSource*>(duckdb_init_get_extra_info(info));
  duckdb_init_set_init_data(info, new Queue(*source),
                            [](void* queue) { delete static_cast<Queue*>(queue); });
  duckdb_init_set_max_threads(info, 1);
}

void pull_source(duckdb_function_info info, duckdb_data_chunk output) {
  auto* queue = static_cast<Queue*>(duckdb_function_get_init_data(info));
  const Result<const model::RowChunk*> next = queue->next();
  if (!next.ok()) {
    duckdb_function_set_error(info, next.error().message.c_str());
    return;
  }
  if (*next == nullptr) {
    duckdb_data_chunk_set_size(output, 0);
    return;
  }
  fill_chunk(output, **next);
}

}  // namespace

Status Connection::register_source(const std::string& name, RowSource& source) {
  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, name.c_str());
  duckdb_table_function_set_extra_info(function, &source, nullptr);
  duckdb_table_function_set_bind(function, bind_source);
  duckdb_table_function_set_init(function, start_source);
  duckdb_table_function_set_function(function, pull_source);
  const duckdb_state state =
      duckdb_register_table_function(static_cast<duckdb_connection>(handle_), function);
  duckdb_destroy_table_function(&function);
  if (state != DuckDBSuccess) return Error{Code::Internal, "row source refused: " + name};
  return {};
}

}  // namespace eds::duck
