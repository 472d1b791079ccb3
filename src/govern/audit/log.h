// Log: the audit log on disk, as its one writer at a time sees it.
//
// Invariants: append() returns after one fsync that covers all its events; what it could not write
// whole was answered to nobody, and the next line vouches for what is left of it. A checkpoint is
// signed in the first append of a Log, then at the latest after kCheckpointEvents events or
// kCheckpointUs, and when the Log closes; it is mirrored to a second directory when there is one.
// Nothing is added to a log whose checkpoint, mirror or unsigned end is not as its key wrote it,
// nor after a failed fsync: what the disk then holds is unknown until the log is opened anew.
// Threads: one at a time. Processes: any number (flock).
// Bytes on disk: docs/internals/formats/audit.md.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/config.h"
#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/audit/note.h"
#include "govern/audit/walk.h"
#include "govern/keys.h"

namespace eds::audit {

inline constexpr std::uint64_t kCheckpointEvents = 1000;
inline constexpr std::int64_t kCheckpointUs = 1'000'000;

struct LogOptions {
  Path directory;
  Path mirror = {};  ///< where checkpoints are copied to; empty: nowhere
  std::uint64_t segment_bytes_max = std::uint64_t{16} << 20;
};

/// Where the log of the warehouse in `directory` is, as its settings have it.
LogOptions options_of(const Path& directory, const Config& config);

/// Code::NotFound when the ring lacks the audit's key, which its own process may hold alone.
Status needs_key(const govern::KeyRing& keys);

class Log {
 public:
  /// Opens the log, or begins one where there is none. A version 1 log is checked and pinned by its
  /// hash as the first event of the new one.
  static Result<std::unique_ptr<Log>> open(Env& env, const govern::KeyRing& keys,
                                           const LogOptions& options);
  ~Log();

  /// Adds events that check_event() passed.
  Status append(std::span<const govern::AuditEvent* const> events);
  /// Signs what is unsigned.
  Status checkpoint();
  /// When the next checkpoint is due, on the monotonic clock; nothing when all is signed.
  std::optional<std::int64_t> checkpoint_due_us() const;
  /// The last failure to copy a checkpoint to the mirror, or done.
  const Status& mirror_status() const { return mirror_status_; }
  const PublicKey& public_key() const { return signer_.public_key(); }

 private:
  Log(Env& env, const govern::KeyRing& keys, const LogOptions& options);
  Status begin_or_resume(const govern::KeyRing& keys);
  Status begin();
  Status resume(std::string_view note);
  Status meet_mirror();
  Status pin_version1(const govern::KeyRing& keys);
  Status catch_up();
  Status rotate_if_due(std::int64_t now_us);
  Status write_locked(std::span<const govern::AuditEvent* const> events);
  Status sign_locked();
  Path mirror_path() const;

  Env& env_;
  LogOptions options_;
  govern::Key key_;
  Signer signer_;
  Walk walk_;
  std::uint64_t segment_first_ = 1;
  std::uint64_t segment_bytes_ = 0;
  std::int64_t segment_month_ = -1;  ///< of its first event: months since year 0
  std::unique_ptr<WritableFile> file_;
  std::uint64_t file_first_ = 0;   ///< the segment that file_ writes
  std::uint64_t signed_size_ = 0;  ///< what the last checkpoint known here covers
  std::int64_t signed_at_us_ = 0;  ///< monotonic; 0: never by this Log
  Status mirror_status_;
  Status broken_;  ///< why nothing may be added any more
};

/// The path of a log's checkpoint in the mirror, which may serve several warehouses.
Path mirror_checkpoint(const Path& mirror, const PublicKey& key);

}  // namespace eds::audit
