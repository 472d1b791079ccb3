// Checks a researcher's own SQL before an engine sees it.
//
// Invariants: one SELECT (or WITH ... SELECT) that reads tables of the release and its own CTEs,
// calls table functions of a short allow-list, and no function that reaches outside the query. The
// engine's own settings are the second wall (engine/session.h), the process's rights the third.
// Source: DuckDB json_serialize_sql(); reference "Securing DuckDB".
#pragma once

#include <set>
#include <string>

#include "base/result.h"
#include "duck/duck.h"

namespace eds::engine {

/// Names of the tables that the statement reads. Code::Usage when it does not parse; Code::Refused,
/// with the name of what is refused, when it reaches for anything else.
Result<std::set<std::string>> check_user_sql(duck::Connection& parser, const std::string& sql);

}  // namespace eds::engine
