// How a principal's scope confines a session: every table becomes the rows and columns it may show.
//
// Invariants: a table of persons keeps the rows whose person the scope reaches; a table that
// reaches persons through another table keeps the rows that lead to kept rows; a table of neither
// kind is shown only when it says nothing of persons. What is not listed here has no rows. Hidden
// columns are NULL. The order is fixed: rows first, then columns, then, behind a barrier, what is
// asked.
//
// The barrier. DuckDB moves conditions of the asker below ours whenever it believes that they
// cannot fail; it is sometimes wrong (a pattern taken from a column, casts to DECIMAL), and the
// error's text then shows a value of a row outside the scope. Nothing moves through LIMIT.
// Statements that only compare columns with constants cannot fail, and go without it (sql_check.h,
// is_plain). Threads: pure functions, but for the filter, which is immutable. Source: requirement
// ids HAB-9, CLO-8; decision 0005.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "duck/duck.h"
#include "govern/scope.h"
#include "model/table.h"

namespace eds::engine {

/// The function by which views ask whether a person is in the scope.
inline constexpr const char* kSeesFunction = "eds_sees";

enum class Barrier : std::uint8_t { Yes, No };

std::shared_ptr<const duck::RowFilter> filter_of(const govern::Scope& scope);

/// Gives "SELECT ... FROM read_parquet(...)" of all rows of a table, or of none when `name` has no
/// files; the session notes which files it opens.
using RawRows = std::function<Result<std::string>(const model::Table& table)>;

/// A SELECT of the rows and columns of `table` that the scope shows.
Result<std::string> scoped_sql(const model::Table& table, const govern::Scope& scope,
                               const RawRows& raw, Barrier barrier);
/// The same of one person's rows, who is known to be in the scope: `raw_rows` are that person's.
std::string masked_sql(const model::Table& table, const govern::Scope& scope,
                       const std::string& raw_rows, Barrier barrier);

}  // namespace eds::engine
