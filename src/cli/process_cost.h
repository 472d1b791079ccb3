// What this process has cost so far: for the benches, which print it beside every figure.
#pragma once

#include <cstdint>

#include "base/env.h"

namespace eds::cli {

/// User and system time of all threads.
double cpu_seconds();
/// The largest resident memory so far.
double peak_gib();

/// Seconds on the wall and of CPU since it was made.
struct Watch {
  std::int64_t start_us = Env::posix().monotonic_us();
  double start_cpu = cpu_seconds();
  double wall() const { return static_cast<double>(Env::posix().monotonic_us() - start_us) / 1e6; }
  double cpu() const { return cpu_seconds() - start_cpu; }
};

}  // namespace eds::cli
