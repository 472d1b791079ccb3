#include "duck/duck.h"

#include <duckdb.h>

#include <cstring>

#include "duck/chunk_fill.h"

namespace eds::duck {
namespace {

Error failure(const char* message, Code fallback = Code::Internal) {
  std::string text = message == nullptr ? "the query engine gave no reason" : message;
  Code code = fallback;
  if (text.find("INTERRUPT") != std::string::npos) code = Code::Cancelled;
  if (text.find("Out of Memory") != std::string::npos) code = Code::Limit;
  if (text.find("No space left") != std::string::npos) code = Code::NoSpace;
  if (text.find("IO Error") != std::string::npos && code == fallback) code = Code::Io;
  if (text.find("Permission Error") != std::string::npos) code = Code::Refused;
  const bool is_usage = text.starts_with("Parser Error") || text.starts_with("Binder Error") ||
                        text.starts_with("Catalog Error") ||
                        text.starts_with("Invalid Input Error") ||
                        text.starts_with("Conversion Error");
  if (is_usage) code = Code::Usage;
  return Error{code, std::move(text)};
}

std::optional<Kind> kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return Kind::Bool;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: return Kind::Int;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return Kind::Float;
    case DUCKDB_TYPE_DATE: return Kind::Date;
    case DUCKDB_TYPE_TIMESTAMP: return Kind::Timestamp;
    case DUCKDB_TYPE_VARCHAR: return Kind::Text;
    default: return std::nullopt;
  }
}

// Types without a Kind are cast to text, by wrapping the statement: the alternative is a printer
// for every nested type of the engine. Empty when every type is known.
std::string cast_to_known(duckdb_result& result, const std::string& sql) {
  const idx_t count = duckdb_column_count(&result);
  bool all_known = true;
  std::string outer = "SELECT ";
  std::string inner;
  for (idx_t column = 0; column < count; ++column) {
    const duckdb_type type = duckdb_column_type(&result, column);
    const std::string place = "eds_c" + std::to_string(column);
    const bool known = kind_of(type).has_value();
    const std::string target = type == DUCKDB_TYPE_HUGEINT ? "DOUBLE" : "VARCHAR";
    if (column != 0) outer += ", ";
    if (column != 0) inner += ", ";
    inner += place;
    outer += known ? place : "CAST(" + place + " AS " + target + ")";
    outer += " AS " + quote_name(duckdb_column_name(&result, column));
    all_known = all_known && known;
  }
  if (all_known) return {};
  return outer + " FROM (" + sql + "\n) AS eds_typed(" + inner + ")";
}

Status bind(duckdb_prepared_statement statement, const std::vector<Param>& params) {
  for (std::size_t index = 0; index < params.size(); ++index) {
    const Param& param = params[index];
    duckdb_state state = DuckDBError;
    if (param.kind == Kind::Int) state = duckdb_bind_int64(statement, index + 1, param.int_value);
    if (param.kind == Kind::Float) {
      state = duckdb_bind_double(statement, index + 1, param.float_value);
    }
    if (param.kind == Kind::Text) {
      state = duckdb_bind_varchar_length(statement, index + 1, param.text_value.data(),
                                         param.text_value.size());
    }
    if (state != DuckDBSuccess) return Error{Code::Usage, "statement parameter cannot be bound"};
  }
  return {};
}

struct Prepared {
  duckdb_prepared_statement handle = nullptr;
  ~Prepared() { duckdb_destroy_prepare(&handle); }
};

Status prepare(duckdb_connection connection, const std::string& sql, Prepared& into) {
  if (duckdb_prepare(connection, sql.c_str(), &into.handle) == DuckDBSuccess) return {};
  return failure(duckdb_prepare_error(into.handle), Code::Usage);
}

}  // namespace

// --- values ---------------------------------------------------------------------------------

Param Param::of(std::int64_t value) {
  return Param{Kind::Int, value, 0, {}};
}
Param Param::of(double value) {
  return Param{Kind::Float, 0, value, {}};
}
Param Param::of(std::string_view value) {
  return Param{Kind::Text, 0, 0, std::string(value)};
}

Chunk::Chunk(Chunk&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      row_count_(other.row_count_),
      columns_(std::move(other.columns_)) {}

Chunk& Chunk::operator=(Chunk&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(row_count_, other.row_count_);
  std::swap(columns_, other.columns_);
  return *this;
}

Chunk::~Chunk() {
  duckdb_data_chunk chunk = static_cast<duckdb_data_chunk>(handle_);
  if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
}

bool Chunk::is_null(std::size_t column, std::size_t row) const {
  const std::uint64_t* valid = columns_[column].valid;
  return valid != nullptr && ((valid[row / 64] >> (row % 64)) & 1U) == 0;
}

std::int64_t Chunk::int_at(std::size_t column, std::size_t row) const {
  const void* data = columns_[column].data;
  switch (columns_[column].type) {
    case DUCKDB_TYPE_BOOLEAN: return static_cast<const bool*>(data)[row] ? 1 : 0;
    case DUCKDB_TYPE_TINYINT: return static_cast<const std::int8_t*>(data)[row];
    case DUCKDB_TYPE_SMALLINT: return static_cast<const std::int16_t*>(data)[row];
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_INTEGER: return static_cast<const std::int32_t*>(data)[row];
    case DUCKDB_TYPE_UTINYINT: return static_cast<const std::uint8_t*>(data)[row];
    case DUCKDB_TYPE_USMALLINT: return static_cast<const std::uint16_t*>(data)[row];
    case DUCKDB_TYPE_UINTEGER: return static_cast<const std::uint32_t*>(data)[row];
    default: return static_cast<const std::int64_t*>(data)[row];
  }
}

double Chunk::float_at(std::size_t column, std::size_t row) const {
  const void* data = columns_[column].data;
  if (columns_[column].type == DUCKDB_TYPE_FLOAT) return static_cast<const float*>(data)[row];
  return static_cast<const double*>(data)[row];
}

std::string_view Chunk::text_at(std::size_t column, std::size_t row) const {
  const auto* strings = static_cast<const duckdb_string_t*>(columns_[column].data);
  const duckdb_string_t& text = strings[row];
  const std::uint32_t length = text.value.inlined.length;
  return {length <= 12 ? text.value.inlined.inlined : text.value.pointer.ptr, length};
}

// --- rows -----------------------------------------------------------------------------------

struct Rows::Handle {
  duckdb_result result{};
  std::vector<int> types;
  ~Handle() { duckdb_destroy_result(&result); }
};

Rows::Rows(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {
  const idx_t count = duckdb_column_count(&handle_->result);
  for (idx_t column = 0; column < count; ++column) {
    const duckdb_type type = duckdb_column_type(&handle_->result, column);
    handle_->types.push_back(type);
    columns_.push_back(ResultColumn{duckdb_column_name(&handle_->result, column),
                                    kind_of(type).value_or(Kind::Text)});
  }
}

Rows::Rows(Rows&& other) noexcept = default;
Rows::~Rows() = default;

Result<std::optional<Chunk>> Rows::next() {
  if (watch_ == nullptr) return fetch();
  TRY(watch_->allows_more());
  Result<std::optional<Chunk>> chunk = fetch();
  if (!chunk.ok()) chunk = watch_->in_words(chunk.error());
  if (!chunk.ok() || !chunk->has_value()) watch_.reset();
  return chunk;
}

Result<std::optional<Chunk>> Rows::fetch() {
  duckdb_data_chunk fetched = duckdb_fetch_chunk(handle_->result);
  if (fetched == nullptr) {
    const char* message = duckdb_result_error(&handle_->result);
    if (message != nullptr) return failure(message);
    return std::optional<Chunk>();
  }
  Chunk chunk;
  chunk.handle_ = fetched;
  chunk.row_count_ = duckdb_data_chunk_get_size(fetched);
  if (chunk.row_count_ == 0) return std::optional<Chunk>();
  for (idx_t column = 0; column < columns_.size(); ++column) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(fetched, column);
    chunk.columns_.push_back(Chunk::Column{handle_->types[column], duckdb_vector_get_data(vector),
                                           duckdb_vector_get_validity(vector)});
  }
  return std::optional<Chunk>(std::move(chunk));
}

// --- connections ----------------------------------------------------------------------------

Connection::Connection(Connection&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}

Connection::~Connection() {
  duckdb_connection connection = static_cast<duckdb_connection>(handle_);
  if (connection != nullptr) duckdb_disconnect(&connection);
}

Status Connection::execute(const std::string& sql) {
  duckdb_result result{};
  Status done;
  if (duckdb_query(static_cast<duckdb_connection>(handle_), sql.c_str(), &result) !=
      DuckDBSuccess) {
    done = failure(duckdb_result_error(&result));
  }
  duckdb_destroy_result(&result);
  return done;
}

Status Connection::start(const std::string& sql, const std::vector<Param>& params,
                         Rows::Handle& into) {
  Prepared prepared;
  TRY(prepare(static_cast<duckdb_connection>(handle_), sql, prepared));
  TRY(bind(prepared.handle, params));
  duckdb_pending_result pending = nullptr;
  if (duckdb_pending_prepared_streaming(prepared.handle, &pending) != DuckDBSuccess) {
    Error error = failure(duckdb_pending_error(pending));
    duckdb_destroy_pending(&pending);
    return error;
  }
  const duckdb_state state = duckdb_execute_pending(pending, &into.result);
  duckdb_destroy_pending(&pending);
  if (state != DuckDBSuccess) return failure(duckdb_result_error(&into.result));
  return {};
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<Param>& params) {
  std::unique_ptr<Rows::Handle> handle = std::make_unique<Rows::Handle>();
  TRY(start(sql, params, *handle));
  const std::string wrapped = cast_to_known(handle->result, sql);
  if (!wrapped.empty()) {
    // Results stream, so little work is lost by starting again.
    handle = std::make_unique<Rows::Handle>();
    TRY(start(wrapped, params, *handle));
  }
  return Rows(std::move(handle));
}

Result<std::int64_t> Connection::query_int(const std::string& sql,
                                           const std::vector<Param>& params) {
  Rows rows = TRY(query(sql, params));
  const std::optional<Chunk> chunk = TRY(rows.next());
  if (!chunk || chunk->is_null(0, 0)) return Error{Code::NotFound, "the query gave no value"};
  if (rows.columns()[0].kind == Kind::Float) {
    return static_cast<std::int64_t>(chunk->float_at(0, 0));
  }
  return chunk->int_at(0, 0);
}

Result<std::string> Connection::query_text(const std::string& sql,
                                           const std::vector<Param>& params) {
  Rows rows = TRY(query(sql, params));
  const std::optional<Chunk> chunk = TRY(rows.next());
  if (!chunk || chunk->is_null(0, 0)) return Error{Code::NotFound, "the query gave no value"};
  return std::string(chunk->text_at(0, 0));
}

void Connection::interrupt() {
  duckdb_interrupt(static_cast<duckdb_connection>(handle_));
}

double Connection::progress() const {
  return duckdb_query_progress(static_cast<duckdb_connection>(handle_)).percentage;
}

// --- databases ------------------------------------------------------------------------------

Result<std::unique_ptr<Database>> Database::open(const Options& options) {
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess) {
    return Error{Code::Internal, "the query engine cannot be configured"};
  }
  std::vector<std::pair<std::string, std::string>> settings = {
      {"threads", std::to_string(options.threads)},
      {"memory_limit", std::to_string(options.memory_bytes_max / 1'000'000) + "MB"},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"temp_directory", options.temporary_directory},
  };
  settings.insert(settings.end(), options.settings.begin(), options.settings.end());
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config, name.c_str(), value.c_str()) != DuckDBSuccess) {
      duckdb_destroy_config(&config);
      return Error{Code::Internal, "the query engine does not know the setting: " + name};
    }
  }
  duckdb_database database = nullptr;
  char* message = nullptr;
  const duckdb_state state = duckdb_open_ext(nullptr, &database, config, &message);
  duckdb_destroy_config(&config);
  if (state != DuckDBSuccess) {
    Error error = failure(message);
    duckdb_free(message);
    return error;
  }
  std::unique_ptr<Database> opened(new Database(database));
  opened->held_ = options.held_until_closed;
  return opened;
}

Database::~Database() {
  duckdb_database database = static_cast<duckdb_database>(handle_);
  duckdb_close(&database);
}

Result<Connection> Database::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(static_cast<duckdb_database>(handle_), &connection) != DuckDBSuccess) {
    return Error{Code::Internal, "the query engine refused a connection"};
  }
  return Connection(connection);
}

// --- appending ------------------------------------------------------------------------------

Result<std::unique_ptr<Appender>> Appender::open(Connection& connection, const model::Table& table,
                                                 const std::string& name) {
  duckdb_appender appender = nullptr;
  if (duckdb_appender_create(static_cast<duckdb_connection>(connection.handle_), nullptr,
                             name.c_str(), &appender) != DuckDBSuccess) {
    Error error = failure(duckdb_appender_error(appender));
    duckdb_appender_destroy(&appender);
    return error;
  }
  return std::unique_ptr<Appender>(new Appender(appender, new_chunk(table)));
}

Appender::~Appender() {
  duckdb_data_chunk chunk = static_cast<duckdb_data_chunk>(chunk_);
  duckdb_destroy_data_chunk(&chunk);
  duckdb_appender appender = static_cast<duckdb_appender>(appender_);
  duckdb_appender_destroy(&appender);
}

Status Appender::take(const model::RowChunk& rows) {
  duckdb_data_chunk chunk = static_cast<duckdb_data_chunk>(chunk_);
  duckdb_data_chunk_reset(chunk);
  fill_chunk(chunk, rows);
  duckdb_appender appender = static_cast<duckdb_appender>(appender_);
  if (duckdb_append_data_chunk(appender, chunk) == DuckDBSuccess) return {};
  return failure(duckdb_appender_error(appender));
}

Status Appender::flush() {
  duckdb_appender appender = static_cast<duckdb_appender>(appender_);
  if (duckdb_appender_flush(appender) == DuckDBSuccess) return {};
  return failure(duckdb_appender_error(appender));
}

// --- SQL text -------------------------------------------------------------------------------

std::string_view sql_type(model::Type type) {
  switch (type) {
    case model::Type::Int: return "BIGINT";
    case model::Type::Float: return "DOUBLE";
    case model::Type::Date: return "DATE";
    case model::Type::Timestamp: return "TIMESTAMP";
    case model::Type::Text: return "VARCHAR";
  }
  return "VARCHAR";
}

std::string quote_text(std::string_view text) {
  std::string quoted = "'";
  for (char letter : text) {
    if (letter == '\'') quoted += '\'';
    quoted += letter;
  }
  return quoted + "'";
}

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (char letter : name) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

std::string create_table_sql(const model::Table& table, const std::string& name) {
  std::string sql = "CREATE TABLE " + quote_name(name) + " (";
  for (const model::Column& column : table.columns) {
    if (&column != table.columns.data()) sql += ", ";
    sql += quote_name(column.name) + " " + std::string(sql_type(column.type));
  }
  return sql + ")";
}

}  // namespace eds::duck
