// SpillFolder: a folder under W/tmp where the query engine of one process puts what memory cannot
// hold.
//
// Invariants: its owner holds a lock beside it (tmp/<name>.lock) for as long as it lives, so nobody
// deletes a living process's folder; the kernel lets go of the lock when the process dies, and the
// next sweep_spills() takes folder and lock away. Threads: make() and sweep from any thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/env.h"
#include "duck/duck.h"
#include "lake/warehouse.h"

namespace eds::lake {

class SpillFolder {
 public:
  /// `purpose` begins the folder's name: "load", "query", "compact".
  static Result<std::shared_ptr<SpillFolder>> make(Warehouse& warehouse, std::string_view purpose);
  ~SpillFolder();
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;

  const Path& path() const { return path_; }

 private:
  SpillFolder(Env& env, Path path, std::unique_ptr<FileLock> lock)
      : env_(&env), path_(std::move(path)), lock_(std::move(lock)) {}
  Env* env_;
  Path path_;
  std::unique_ptr<FileLock> lock_;
};

/// Lets the engine spill into a folder of its own, which goes when the database is closed.
Status spill_for(Warehouse& warehouse, std::string_view purpose, duck::Options& options);

/// Takes away what dead processes left in `temporary`. What cannot be removed now stays for later.
void sweep_spills(Env& env, const Path& temporary);

}  // namespace eds::lake
