// The PMSI bench: an RSS file in memory, read and checked on one core, beside a plain reader.
//
// Threads: one thread. The data is invented, the same for the same scale.
#pragma once

#include <cstdio>

namespace eds::pmsi {

/// Generates `scale` million RUM, reads and checks them, and prints what it measured to `out`.
/// Returns 0, or 1 when the two readers do not agree.
int bench(std::FILE* out, double scale);

}  // namespace eds::pmsi
