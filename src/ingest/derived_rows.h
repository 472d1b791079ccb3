// append_query: the rows of a query into a table of the load, through its writer.
//
// The loader counts rows by what its writers took, and leaves out a table whose writer took none:
// so rows made by SQL go through the writer too, never by INSERT into a staged table. Threads: one
// thread at a time, that of the Load.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/loader.h"

namespace eds::ingest {

/// Appends what `select` gives; its columns go by position to the table's `columns`. Rows not yet
/// settled are not seen by `select`. Returns how many rows were appended.
Result<std::int64_t> append_query(lake::Loader& loader, std::string_view table,
                                  const std::vector<std::string>& columns,
                                  const std::string& select);

}  // namespace eds::ingest
