// The lake bench: how long a release over fifteen tables takes, beside two databases that are given
// the same rows.
//
// Threads: one thread. The rows are arithmetic, the same for the same scale.
#pragma once

#include <cstdio>

#include "base/env.h"

namespace eds::lake {

/// Commits 200 x `scale` small releases in a fresh folder under `scratch`, and prints what it
/// measured to `out`. Returns 0, or 1 when anything failed.
int bench_commit(std::FILE* out, double scale, const Path& scratch);

}  // namespace eds::lake
