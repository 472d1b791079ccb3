// Backup: a copy of a warehouse that can be made again and again at the cost of what is new.
//
// Invariants: the copy's catalogue is replaced last, in one rename: a backup that stops halfway
// leaves the former one whole. It holds every readable release. Delta logs are not copied: restore
// makes them from the catalogue. Key files only go to a folder of their own, outside the backup:
// whoever finds one of the two reads nothing.
// Threads: one thread at a time; loads may go on meanwhile.
// Bytes on disk: docs/operating/backup.md.
#pragma once

#include <optional>
#include <string>

#include "lake/progress.h"
#include "lake/upkeep.h"
#include "lake/warehouse.h"

namespace eds::lake {

/// Copy: bytes of its own. Link: hard links where the file system can, which protect against a
/// wrong command but not against a broken disk.
enum class Parts : std::uint8_t { Copy, Link };

struct BackupOptions {
  Parts parts = Parts::Copy;
  std::optional<Path> keys_directory;  ///< where the keys go; they stay home when nothing is said
  Watch watch;
};

struct BackupOutcome {
  std::string release;  ///< the latest one in the copy; "" for an empty warehouse
  std::int64_t copied_files = 0;
  std::int64_t linked_files = 0;
  std::int64_t kept_files = 0;     ///< already there
  std::int64_t removed_files = 0;  ///< parts that the warehouse gave up since the last backup
  std::int64_t copied_bytes = 0;
};

Result<BackupOutcome> backup(Warehouse& warehouse, const Path& destination,
                             const BackupOptions& options);

/// Makes a warehouse of a backup, and reads every byte of it against the checksums. Conflict when
/// `target` is not empty. The outcome's findings say what is wrong; the files stay to be looked at.
Result<VerifyOutcome> restore(Env& env, const Path& source, const std::optional<Path>& keys,
                              const Path& target, const Watch& watch = {});

}  // namespace eds::lake
