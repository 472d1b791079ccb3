// The _delta_log folders: a projection of the catalogue for every reader that is not EDS.
//
// Invariants: version N's file holds the text that the catalogue stored when it committed N; it is
// claimed with link(2), so two processes projecting at once write the same bytes once. Every
// kCheckpointVersions versions a V1 Parquet checkpoint is added. A crash between the catalogue's
// commit and the projection is mended by the next open().
#pragma once

#include "base/result.h"

namespace eds::lake {

class Warehouse;

inline constexpr std::int64_t kCheckpointVersions = 100;

/// Writes what is missing in any table's log.
Status project_delta_logs(Warehouse& warehouse);

}  // namespace eds::lake
