// FaultEnv: an Env over a real directory that can fail, cut the power and lie about time.
//
// What survives a power cut is modelled as badly as POSIX allows: a file's bytes as of its last
// sync(), under the names its directory had at its last sync_directory(), in directories whose own
// names were synced. A synced file whose name was not is lost; a synced name whose file was not is
// empty. Files that other libraries write (DuckDB's parts) are real and become durable when
// somebody syncs them through this Env; those whose name starts with an exempt prefix (SQLite's)
// stay as they are.
//
// Invariants: what lies in `root` when the FaultEnv is made is durable. Operations outside `root`
// are the real machine's. Operations that change something are counted, from 1, in the order they
// come; reading is not.
// Threads: any thread; one lock.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/env.h"

namespace eds {

class FaultEnv final : public Env {
 public:
  FaultEnv(Path root, std::uint64_t seed);
  ~FaultEnv() override;
  FaultEnv(const FaultEnv&) = delete;
  FaultEnv& operator=(const FaultEnv&) = delete;

  /// Files whose base name starts with `prefix` are not ours to lose.
  void exempt(std::string prefix);
  /// The operation number `at` (counted from 1) fails with `code`; an append writes half first.
  void fail_at(std::uint64_t at, Code code);
  /// The operation number `at` and all after it fail with Code::Io, until restart().
  void cut_at(std::uint64_t at);
  /// Every operation from number `at` on that needs space fails with Code::NoSpace, until
  /// restart().
  void fill_disk_at(std::uint64_t at);
  /// Everything that was not made durable is gone from the real directory; operations work again.
  Status restart();
  /// Forgets faults, loses nothing.
  void heal();
  std::uint64_t operation_count() const;
  bool was_cut() const;

  void jump_clock(std::int64_t microseconds);

  Result<std::unique_ptr<WritableFile>> create(const Path& path) override;
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override;
  Result<std::unique_ptr<ReadableFile>> open(const Path& path) override;
  Result<FileInfo> info(const Path& path) override;
  Result<std::vector<std::string>> list(const Path& directory) override;
  Status make_directories(const Path& path) override;
  Status rename(const Path& from, const Path& to) override;
  Status link_new(const Path& from, const Path& to) override;
  Status remove(const Path& path) override;
  Status remove_directory(const Path& path) override;
  /// Making a lock file needs space; a held lock outlives every fault, as the process does.
  Result<std::unique_ptr<FileLock>> lock(const Path& path, Wait wait) override;
  Status sync_directory(const Path& directory) override;
  Status set_mode(const Path& path, std::uint32_t mode) override;
  std::int64_t now_us() override;
  std::int64_t monotonic_us() override;
  std::uint64_t random_u64() override;

 private:
  class File;
  /// What the disk holds of one file or directory (inode numbers name them). Entries only of
  /// directories.
  struct Node {
    bool is_directory = false;
    std::string bytes;
    std::map<std::string, std::uint64_t> entries;
  };
  enum class Need : std::uint8_t { Space, Nothing };

  bool was_cut_locked() const;
  bool is_ours(const Path& path) const;
  bool is_exempt(std::string_view name) const;
  /// Counts an operation; the Error that it must fail with, if any.
  Status count(Need need);
  std::uint64_t identity(const Path& path);
  void hold(const Path& path);
  void remember(const Path& directory);
  Status restore(const Path& path, std::uint64_t node);
  Status clear(const Path& directory);

  mutable std::mutex mutex_;
  Env* base_;
  Path root_;
  std::set<std::string> exempt_;
  std::map<std::uint64_t, Node> disk_;  ///< by inode: two names of one file are one node
  std::vector<int> held_;  ///< open files, so that the inode of a removed one is not used again
  std::uint64_t operations_ = 0;
  std::uint64_t fail_at_ = 0;
  Code fail_code_ = Code::Io;
  std::uint64_t cut_at_ = 0;
  std::uint64_t full_at_ = 0;
  std::int64_t clock_us_ = 0;
  std::uint64_t random_ = 0;
};

}  // namespace eds
