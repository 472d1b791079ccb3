// Output: the answer of a query, in every format of --format: text by engine/printer.h, Arrow IPC
// streams for programs.
//
// Invariants: rows stream, as the printer's do. Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "duck/duck.h"
#include "engine/printer.h"

namespace eds::engine {

/// Writes every row; returns how many there were.
Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write);
/// Shows each chunk to `seen` before its rows are written.
using Seen = std::function<void(const duck::Chunk&)>;
Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write,
                                  const Seen& seen);

}  // namespace eds::engine
