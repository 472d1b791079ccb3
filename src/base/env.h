// Env: every clock, file and random number of src/ comes from here, so that a test can lose
// unsynced writes, fill the disk, jump the clock and replay a seed (see base/fault_env.h).
//
// Invariants: paths are bytes, never interpreted. A File that was sync()ed and whose directory was
// sync_directory()ed survives a power cut. Libraries that do their own I/O (SQLite, DuckDB) are
// told where by our code and tested with kill -9 instead. Threads: an Env may be used from any
// thread; a File from one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds {

using Path = std::string;

/// `a` + "/" + `b`, without doubling the slash.
Path join(std::string_view a, std::string_view b);
/// What follows the last '/'.
std::string_view base_name(std::string_view path);

/// A file open for appending. Nothing is durable before sync() returned.
class WritableFile {
 public:
  virtual ~WritableFile() = default;
  virtual Status append(std::string_view bytes) = 0;
  virtual Status sync() = 0;
  /// Reports what the last writes hid (NFS, quotas). A file destroyed unclosed is closed silently.
  virtual Status close() = 0;
};

/// A file open for reading, front to back or at an offset.
class ReadableFile {
 public:
  virtual ~ReadableFile() = default;
  /// Up to `into.size()` bytes at `offset`; 0 at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> into) = 0;
  virtual std::uint64_t size() const = 0;
};

/// A lock on a file, held until destroyed; the kernel lets go of it when the process dies.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class Wait : std::uint8_t { Yes, No };

struct FileInfo {
  std::uint64_t bytes = 0;
  std::int64_t modified_us = 0;  ///< microseconds since 1970, UTC
  bool is_directory = false;
};

class Env {
 public:
  virtual ~Env() = default;

  /// The real machine.
  static Env& posix();

  virtual Result<std::unique_ptr<WritableFile>> create(const Path& path) = 0;     ///< truncates
  virtual Result<std::unique_ptr<WritableFile>> append_to(const Path& path) = 0;  ///< creates
  virtual Result<std::unique_ptr<ReadableFile>> open(const Path& path) = 0;
  virtual Result<FileInfo> info(const Path& path) = 0;
  /// Names (not paths) in a directory, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const Path& directory) = 0;
  virtual Status make_directories(const Path& path) = 0;
  virtual Status rename(const Path& from, const Path& to) = 0;
  /// link(2): fails with Code::Conflict when `to` exists. This is how a Delta version is claimed.
  virtual Status link_new(const Path& from, const Path& to) = 0;
  virtual Status remove(const Path& path) = 0;
  virtual Status remove_directory(const Path& path) = 0;  ///< an empty one
  /// Locks the file, which is made when absent, against every other holder: of another process or
  /// of this one. Code::Unavailable with Wait::No when somebody holds it.
  virtual Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) = 0;
  virtual Status sync_directory(const Path& directory) = 0;
  virtual Status set_mode(const Path& path, std::uint32_t mode) = 0;

  virtual std::int64_t now_us() = 0;        ///< wall clock, microseconds since 1970, UTC
  virtual std::int64_t monotonic_us() = 0;  ///< for durations only
  virtual std::uint64_t random_u64() = 0;   ///< unpredictable on the real machine
  /// Fills `into` from random_u64(), and leaves no copy.
  void random_bytes(std::span<std::uint8_t> into);

  bool exists(const Path& path) { return info(path).ok(); }
  /// The whole file; refuses more than `bytes_max` with Code::Limit.
  Result<std::string> read_all(const Path& path, std::uint64_t bytes_max);
  /// Writes `bytes` to a sibling, syncs it, renames it over `path`, syncs the directory.
  /// Leaves no sibling behind when it fails.
  Status write_durably(const Path& path, std::string_view bytes);
  /// Removes a directory with all it holds; what somebody else removes meanwhile is no error.
  Status remove_tree(const Path& directory);
};

}  // namespace eds
