// What this process has cost so far: for the benches, which print it beside every figure.
#pragma once

namespace eds::cli {

/// User and system time of all threads.
double cpu_seconds();
/// The largest resident memory so far.
double peak_gib();

}  // namespace eds::cli
