// Durability: many fsyncs at once.
//
// Invariants: when sync_all() returned without an error, the bytes of every file and the names in
// every directory given survive a power cut.
// Threads: uses up to kSyncThreadsMax threads of its own while it runs.
#pragma once

#include <vector>

#include "base/env.h"
#include "base/result.h"

namespace eds::lake {

/// A journal commit takes the disk about 4 ms whoever waits for it, and file systems join those
/// that wait together: eight waiting threads take the time of two or three.
inline constexpr std::size_t kSyncThreadsMax = 8;

struct SyncList {
  std::vector<Path> files;
  std::vector<Path> directories;
};

/// Syncs files, then directories; the first error found is returned.
Status sync_all(Env& env, const SyncList& list);

}  // namespace eds::lake
