#include "lake/part.h"

#include <map>

#include "lake/checksum.h"
#include "lake/warehouse.h"

namespace eds::lake {
namespace {

// 61,440 rows = 30 vectors of 2,048: one person's rows touch one or two groups, and a group of the
// measurement table is about 1 MB.
constexpr int kRowGroupRows = 61'440;

struct Footer {
  std::int64_t row_count = 0;
  std::vector<delta::ColumnStats> columns;
};

// What the footer says of the file and of each column, over all row groups, in one query.
Result<Footer> read_footer(duck::Connection& connection, const model::Table& table,
                           const Path& path) {
  Footer footer;
  duck::Rows rows = TRY(connection.query(
      "SELECT path_in_schema, min(TRY_CAST(stats_min_value AS BIGINT)), "
      "max(TRY_CAST(stats_max_value AS BIGINT)), min(stats_min_value), max(stats_max_value), "
      "CAST(sum(stats_null_count) AS BIGINT), "
      "bool_and(stats_min_value IS NOT NULL OR stats_null_count = num_values), "
      "CAST(sum(row_group_num_rows) AS BIGINT) "
      "FROM parquet_metadata(" +
      duck::quote_text(path) + ") GROUP BY 1"));
  std::map<std::string, delta::ColumnStats> by_name;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      delta::ColumnStats stats;
      footer.row_count = chunk->int_at(7, row);
      stats.name = std::string(chunk->text_at(0, row));
      if (!chunk->is_null(5, row)) stats.null_count = chunk->int_at(5, row);
      const std::size_t column = table.column(stats.name);
      const bool complete = chunk->int_at(6, row) != 0;
      if (column != model::kNoColumn && complete) {
        const model::Type type = table.columns[column].type;
        if (type == model::Type::Int && !chunk->is_null(1, row)) {
          stats.min_json = std::to_string(chunk->int_at(1, row));
          stats.max_json = std::to_string(chunk->int_at(2, row));
        }
        if (type == model::Type::Date && !chunk->is_null(3, row)) {
          stats.min_json = "\"" + std::string(chunk->text_at(3, row)) + "\"";
          stats.max_json = "\"" + std::string(chunk->text_at(4, row)) + "\"";
        }
      }
      by_name[stats.name] = stats;
    }
  }
  // Delta readers look at the first 32 columns; ours are listed in the table's own order.
  for (const model::Column& column : table.columns) {
    const auto found = by_name.find(std::string(column.name));
    if (found != by_name.end()) footer.columns.push_back(found->second);
  }
  return footer;
}

std::string column_list(const model::Table& table, std::size_t present) {
  std::string list;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (column != 0) list += ", ";
    const std::string name = duck::quote_name(table.columns[column].name);
    list += column < present
                ? name
                : "CAST(NULL AS " + std::string(duck::sql_type(table.columns[column].type)) +
                      ") AS " + name;
  }
  return list;
}

}  // namespace

std::string order_sql(const model::Table& table) {
  std::string columns;
  const auto append = [&](std::size_t column) {
    if (column == model::kNoColumn) return;
    columns += columns.empty() ? " ORDER BY " : ", ";
    columns += duck::quote_name(table.columns[column].name);
  };
  append(table.person_column);
  append(table.date_column);
  append(table.id_column);
  if (columns.empty()) append(0);
  return columns;
}

namespace {

// Writes the rows under the file's name and says what the catalogue must know of it.
Status fill_part(Warehouse& warehouse, duck::Connection& connection, const model::Table& table,
                 const std::string& select, DataFile& file) {
  Env& env = warehouse.env();
  const Path place = warehouse.file_path(table.name, file.path);
  TRY(connection.execute("COPY (" + select + ") TO " + duck::quote_text(place) +
                         " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " +
                         std::to_string(kRowGroupRows) + ")"));
  const Footer footer = TRY(read_footer(connection, table, place));
  file.row_count = footer.row_count;
  if (file.row_count == 0) return {};
  file.byte_count = static_cast<std::int64_t>(TRY(env.info(place)).bytes);
  file.checksum = TRY(file_checksum(env, place));
  file.column_count = static_cast<std::int64_t>(table.columns.size());
  file.stats_json = delta::stats_json(file.row_count, footer.columns);
  if (table.person_column == model::kNoColumn) return {};
  for (const delta::ColumnStats& column : footer.columns) {
    if (column.name != table.columns[table.person_column].name || column.min_json.empty()) continue;
    file.person_min = std::stoll(column.min_json);
    file.person_max = std::stoll(column.max_json);
  }
  return {};
}

}  // namespace

Result<DataFile> write_part(Warehouse& warehouse, duck::Connection& connection,
                            const model::Table& table, const std::string& select) {
  Env& env = warehouse.env();
  DataFile file;
  file.path = TRY(warehouse.new_part(table.name));
  const Path place = warehouse.file_path(table.name, file.path);
  const Status written = fill_part(warehouse, connection, table, select, file);
  if (!written.ok()) {
    // The first error is the one to tell, whether or not its remains can be removed.
    if (env.exists(place)) static_cast<void>(env.remove(place));
    return written.error().within("writing a part of table " + std::string(table.name));
  }
  if (file.row_count == 0) TRY(env.remove(place));
  return file;
}

std::string scan_sql(const Warehouse& warehouse, const model::Table& table,
                     const std::vector<DataFile>& files, bool with_file) {
  std::map<std::int64_t, std::string> lists;
  for (const DataFile& file : files) {
    std::string& list = lists[file.column_count];
    if (!list.empty()) list += ", ";
    list += duck::quote_text(warehouse.file_path(table.name, file.path));
  }
  std::string sql;
  for (const auto& [column_count, list] : lists) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql += "SELECT " + column_list(table, static_cast<std::size_t>(column_count));
    if (with_file) sql += ", filename AS eds_file";
    sql += " FROM read_parquet([" + list + "]" + (with_file ? ", filename=true)" : ")");
  }
  if (!sql.empty()) return sql;
  return "SELECT " + column_list(table, 0) +
         (with_file ? ", CAST(NULL AS VARCHAR) AS eds_file" : "") + " WHERE false";
}

}  // namespace eds::lake
