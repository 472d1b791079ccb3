#include "cli/process_cost.h"

#include <sys/resource.h>

namespace eds::cli {
namespace {

rusage usage_now() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

}  // namespace

double cpu_seconds() {
  const rusage usage = usage_now();
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

double peak_gib() {
  return static_cast<double>(usage_now().ru_maxrss) / (1024.0 * 1024.0);
}

}  // namespace eds::cli
