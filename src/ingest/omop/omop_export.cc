#include "ingest/omop/omop_csv.h"
#include "lake/part.h"
#include "lake/spill.h"

namespace eds::ingest::omop {
namespace {

bool is_omop(const model::Table& table) {
  return table.group != model::Group::Extension && table.group != model::Group::Provenance &&
         table.group != model::Group::Staging;
}

std::string column_list(const model::Table& table, const ExportOptions& options) {
  std::string list;
  for (const model::Column& column : table.columns) {
    if (column.is_extension && !options.with_extensions && column.name.starts_with("eds_"))
      continue;
    if (!list.empty()) list += ", ";
    list += duck::quote_name(column.name);
  }
  return list;
}

}  // namespace

Result<std::vector<Exported>> export_omop_csv(lake::Warehouse& warehouse, std::int64_t release_id,
                                              const Path& directory, const ExportOptions& options) {
  TRY(warehouse.env().make_directories(directory));
  duck::Options engine;
  TRY(lake::spill_for(warehouse, "export", engine));
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(engine));
  duck::Connection connection = TRY(database->connect());
  std::vector<Exported> exported;
  for (const model::Table& table : model::tables()) {
    if (!is_omop(table)) continue;
    const std::vector<lake::DataFile> files =
        TRY(warehouse.catalogue().files(table.name, release_id));
    if (files.empty()) continue;
    Exported one;
    one.table = table.name;
    for (const lake::DataFile& file : files) one.row_count += file.row_count;
    const Path place = join(directory, one.table + (options.gzip ? ".csv.gz" : ".csv"));
    TRY(connection.execute("COPY (SELECT " + column_list(table, options) + " FROM (" +
                           lake::scan_sql(warehouse, table, files) + ")" + lake::order_sql(table) +
                           ") TO " + duck::quote_text(place) +
                           " (FORMAT csv, HEADER true, DELIMITER ',', TIMESTAMPFORMAT "
                           "'%Y-%m-%d %H:%M:%S', COMPRESSION " +
                           (options.gzip ? "gzip" : "none") + ")"));
    exported.push_back(std::move(one));
  }
  return exported;
}

}  // namespace eds::ingest::omop
