// The GiBleed CDM of the shared data as a warehouse: what several benches stand on.
#pragma once

#include "cli/context.h"

namespace eds::cli {

inline constexpr char kOhdsiData[] = "../shared/data/ohdsi";  ///< beside the working directory

/// The warehouse at `directory`, made and fed the first time. Code::Usage without the shared data.
Result<Context> gibleed_warehouse(const Path& directory);

}  // namespace eds::cli
