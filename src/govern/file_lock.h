// FileLock: keeps other threads and processes out while it lives (flock on a file of its own).
//
// Invariants: held from take() to destruction; released by the system when the process dies. The
// file is empty and stays.
// Threads: each take() opens the file anew, so two threads of one process exclude each other too.
// This is the one place of govern/ that asks the system itself and not Env, which has no locks.
#pragma once

#include <utility>

#include "base/env.h"
#include "base/result.h"

namespace eds::govern {

class FileLock {
 public:
  /// Waits until the lock is free.
  static Result<FileLock> take(const Path& path);
  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace eds::govern
