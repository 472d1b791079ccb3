// Warehouses that benches make for themselves.
#pragma once

#include <cstdint>

#include "cli/context.h"

namespace eds::cli {

/// `eds init`, and the warehouse open.
Result<Context> new_warehouse(const Path& directory);

/// The same, filled with so many synthetic patients.
Result<Context> synthetic_warehouse(const Path& directory, std::uint64_t patient_count);

}  // namespace eds::cli
