// Output: an answer as text, in the formats of `eds query`.
//
// Invariants: rows stream, nothing is kept but the first rows of a table, from which its widths
// come. Integers beyond 2^53 are exact in every format. Dates are ISO 8601.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "duck/duck.h"

namespace eds::engine {

enum class Format : std::uint8_t { Table, Json, Ndjson, Csv, Arrow };

Result<Format> parse_format(std::string_view name);

using Write = std::function<Status(std::string_view bytes)>;

/// Writes every row; returns how many there were.
Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write);

}  // namespace eds::engine
