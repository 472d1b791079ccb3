// What a principal's own SQL may not hold besides sql_check.h, and whether it can fail on a value.
//
// Invariants: the answer depends on the statement's text alone.
// Threads: a pure function but for the parser's connection.
// Source: requirement ids HAB-9, CLO-8; decision 0005.
#pragma once

#include <string>

#include "base/result.h"
#include "duck/duck.h"
#include "engine/session_scope.h"

namespace eds::engine {

/// Barrier::No when the statement only compares, groups and aggregates columns and constants: then
/// no row can make it fail, and conditions may go down to the files. Code::Refused for samples and
/// for functions that tell of rows nobody asked for (column statistics, the scope's own function).
Result<Barrier> barrier_for(duck::Connection& parser, const std::string& sql);

}  // namespace eds::engine
