#include "ingest/derived_rows.h"

#include "model/rows.h"
#include "model/table.h"

namespace eds::ingest {
namespace {

// Read at once and held: the connection cannot stream an answer while an appender uses it.
// 100,000 rows of 20 columns of 8 bytes are 16 MB.
constexpr std::int64_t kRowsHeld = 100'000;

Status put_chunk(const duck::Chunk& chunk, const std::vector<duck::ResultColumn>& columns,
                 const std::vector<std::size_t>& targets, model::RowWriter& row) {
  for (std::size_t at = 0; at < chunk.row_count(); ++at) {
    for (std::size_t column = 0; column < targets.size(); ++column) {
      if (chunk.is_null(column, at)) continue;
      switch (columns[column].kind) {
        case duck::Kind::Text: row.set_text(targets[column], chunk.text_at(column, at)); break;
        case duck::Kind::Float: row.set_float(targets[column], chunk.float_at(column, at)); break;
        default: row.set(targets[column], chunk.int_at(column, at)); break;
      }
    }
    TRY(row.end_row());
  }
  return {};
}

}  // namespace

Result<std::int64_t> append_query(lake::Loader& loader, std::string_view table,
                                  const std::vector<std::string>& columns,
                                  const std::string& select) {
  const model::Table& described = model::table(table);
  model::RowWriter& row = *TRY(loader.rows(described));
  std::vector<std::size_t> targets;
  std::string typed;
  std::string names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    targets.push_back(described.column(columns[i]));
    ENSURE(targets.back() != model::kNoColumn);
    const std::string name = "c" + std::to_string(i);
    names += (i == 0 ? "" : ", ") + name;
    typed += (i == 0 ? "CAST(" : ", CAST(") + name + " AS " +
             std::string(duck::sql_type(described.columns[targets.back()].type)) + ") AS " + name;
  }
  duck::Connection& connection = loader.connection();
  TRY(connection.execute("CREATE OR REPLACE TABLE ingest_derived AS SELECT " + typed + " FROM (" +
                         select + ") AS answer(" + names + ")"));
  const std::int64_t count = TRY(connection.query_int("SELECT count(*) FROM ingest_derived"));
  for (std::int64_t first = 0; first < count; first += kRowsHeld) {
    std::vector<duck::Chunk> held;
    std::vector<duck::ResultColumn> answered;
    {
      duck::Rows rows = TRY(
          connection.query("SELECT * FROM ingest_derived WHERE rowid >= " + std::to_string(first) +
                           " AND rowid < " + std::to_string(first + kRowsHeld)));
      answered = rows.columns();
      while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
        held.push_back(std::move(*chunk));
      }
    }
    for (const duck::Chunk& chunk : held) TRY(put_chunk(chunk, answered, targets, row));
  }
  TRY(connection.execute("DROP TABLE ingest_derived"));
  return count;
}

}  // namespace eds::ingest
