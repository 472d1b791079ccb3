// eds steering: the aggregate store (EDS-Pilotage), made of protected counts.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "cli/commands.h"

namespace eds::cli {

struct SteeringOptions {
  std::string verb;  ///< build, show
  std::int64_t year = 0;
  std::string unit;
};
Result<Exit> run_steering(const Global& global, const SteeringOptions& options);

}  // namespace eds::cli
