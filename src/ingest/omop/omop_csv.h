// OMOP CDM tables as CSV: a directory, a zip or single files, 5.4 or 5.3, plain or gzip; Athena's
// vocabulary files too. And back out.
//
// Invariants: person ids, and all ids, are the file's own. A row is kept as it is, even when it
// breaks the model across tables (a period of an unknown person): `eds check` says so, the loader
// does not judge. A field that cannot be read sends its row to the quarantine. Rows have no record
// key: other bytes are more rows, the same bytes change nothing. Unless who feeds it says that it
// is pseudonymised (SourceValues::Keep), the source values of persons and locations become
// pseudonyms under the identity zone's key, and addresses and coordinates stay out of the lake.
// Source: OHDSI CDM 5.4 and 5.3 field lists; Athena: tabs, no quotes, dates as YYYYMMDD.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "ingest/format_reader.h"
#include "lake/warehouse.h"
#include "model/table.h"

namespace eds::ingest::omop {

std::unique_ptr<FormatReader> omop_csv_reader();

/// Which table column each file column goes to.
struct HeaderMap {
  std::vector<std::size_t> columns;  ///< of the table; model::kNoColumn: an extra column
  std::vector<std::string> extra;    ///< names of file columns that the table lacks
  bool is_header = true;             ///< false: the row is data, columns go by position
  std::size_t by_name = 0;           ///< how many columns were found by their name
};
HeaderMap map_header(const model::Table& table, const std::vector<std::string_view>& first_row);

/// "2010-07-06", "20100706", "2010-07-06 12:30:00.5", "2010-07-06T12:30Z" as microseconds.
std::optional<std::int64_t> parse_omop_time(std::string_view text);

struct ExportOptions {
  bool gzip = false;
  bool with_extensions = false;  ///< the eds_ columns too
};

struct Exported {
  std::string table;
  std::int64_t row_count = 0;
};

/// Writes every OMOP table that has rows in that release as DIR/<table>.csv[.gz].
Result<std::vector<Exported>> export_omop_csv(lake::Warehouse& warehouse, std::int64_t release_id,
                                              const Path& directory,
                                              const ExportOptions& options = {});

}  // namespace eds::ingest::omop
