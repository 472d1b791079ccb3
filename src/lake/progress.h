// Progress: how long work on the lake says where it stands, and how it is told to stop.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"

namespace eds::lake {

struct Progress {
  std::string_view stage;   ///< a fixed word: "rewrite", "copy", "footers", ...
  std::string_view object;  ///< the table or folder at hand
  std::int64_t done = 0;
  std::int64_t total = 0;
};

/// Called between steps, from the calling thread; false asks the work to stop.
using Watch = std::function<bool(const Progress&)>;

/// Tells the watch, if there is one; Cancelled when it said stop.
inline Status tell(const Watch& watch, const Progress& progress) {
  if (!watch || watch(progress)) return {};
  return Error{Code::Cancelled, "stopped while at " + std::string(progress.stage)};
}

}  // namespace eds::lake
