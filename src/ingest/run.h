// feed_with, retry_with: one load, from the files of a request to a release. See ingest/feed.h for
// the door that knows every format.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "ingest/format_reader.h"
#include "ingest/quarantine.h"
#include "ingest/request.h"
#include "lake/warehouse.h"

namespace eds::ingest {

Result<LoadReport> feed_with(lake::Warehouse& warehouse, FormatReader& reader,
                             const Request& request, Progress* progress);

/// Of `request`, the actor, authority, note and limits are used.
Result<LoadReport> retry_with(lake::Warehouse& warehouse,
                              const std::vector<std::unique_ptr<FormatReader>>& readers,
                              const RejectFilter& filter, const Request& request,
                              Progress* progress);

}  // namespace eds::ingest
