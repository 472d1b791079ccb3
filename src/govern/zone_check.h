// The zones beside the lake, read through: what was sealed opens, what is a database is whole.
//
// Invariants: changes nothing and shows nothing: findings name files and addresses only. Landing
// files are authenticated byte for byte; of a database SQLite's `integrity_check` sees the broken
// structure, not a bit of a value. The audit log has its own proof (govern/audit/verify.h).
// Threads: one thread at a time; loads may go on meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/vault.h"

namespace eds::govern {

struct ZoneCheck {
  std::int64_t landing_files = 0;
  std::int64_t databases = 0;
  std::vector<std::string> findings;  ///< what is wrong, one sentence each; empty: all is well
};

/// `go_on` is asked before each file; false ends the check with Code::Cancelled.
Result<ZoneCheck> check_zones(Env& env, Vault& vault, const Path& warehouse,
                              const std::function<bool(std::int64_t files)>& go_on);

}  // namespace eds::govern
