// The story of one lake: every kind of commit that EDS makes, one after the other.
//
// Invariants: each act is one release; the Book is told first what must come of it.
// Threads: one thread.
#pragma once

#include <string>

#include "base/result.h"

namespace eds::readers {

/// Makes DIR/warehouse, DIR/expected, DIR/ours and DIR/steps.tsv.
Status tell_story(const std::string& directory);

}  // namespace eds::readers
