// Parts: the Parquet files of a table, written by DuckDB and described for the catalogue.
//
// Invariants: a part of a table with persons is sorted by (person_id, date, id);
// Warehouse::commit() syncs its bytes before the catalogue speaks of it. Row groups are small
// enough for one person's rows to be cheap to reach.
#pragma once

#include <string>

#include "base/result.h"
#include "duck/duck.h"
#include "lake/catalogue.h"
#include "model/table.h"

namespace eds::lake {

class Warehouse;

/// "ORDER BY ..." of the table's physical order.
std::string order_sql(const model::Table& table);

/// Writes the rows of `select` (which must have the table's columns, in order, and be in its
/// physical order) as a new part. A part without rows is deleted again and has row_count 0.
Result<DataFile> write_part(Warehouse& warehouse, duck::Connection& connection,
                            const model::Table& table, const std::string& select);

/// "SELECT columns FROM read_parquet([...])" over parts of the table: columns that older parts lack
/// are NULL. With `with_file`, a column eds_file holds the part's path.
std::string scan_sql(const Warehouse& warehouse, const model::Table& table,
                     const std::vector<DataFile>& files, bool with_file = false);

}  // namespace eds::lake
