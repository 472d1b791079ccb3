// The benches that live beside the code they measure (x_bench.cc).
#pragma once

#include "base/result.h"
#include "cli/commands.h"

namespace eds::cli {

/// Runs the named bench; without a name, lists them.
Result<Exit> run_listed_bench(const BenchOptions& options);

}  // namespace eds::cli
