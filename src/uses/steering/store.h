// The aggregate store (EDS-Pilotage): W/aggregates/unit_activity, one Delta table that any Delta
// reader opens, with what read_activity() lets be seen.
//
// Invariants: a build replaces every row in one Delta version and deletes the bytes of the version
// before: two states of the store cannot be compared from its files. A build that fails leaves the
// last version. Two builds at once: one of them is refused.
// Threads: one at a time; processes may share the folder.
// Bytes on disk: docs/internals/formats/aggregates.md.
#pragma once

#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "uses/steering/activity.h"

namespace eds::steering {

/// Writes the next version; its number.
Result<std::int64_t> write_activity(Env& env, const Path& warehouse, const std::string& release,
                                    const std::vector<ActivityLine>& lines);

/// The last version's lines, by year, unit and month. Code::NotFound when there is none.
Result<std::vector<ActivityLine>> stored_activity(Env& env, const Path& warehouse);

Path activity_directory(const Path& warehouse);

}  // namespace eds::steering
