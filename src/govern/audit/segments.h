// The files of an audit log: which segments there are, and their bytes in order.
//
// Invariants: a segment is named by the number of its first event; it is there as its lines
// (.ndjson) or, after a purge, as their leaf hashes (.leaves). Where a crash left both, the lines
// count.
// Threads: plain functions. Bytes on disk: docs/internals/formats/audit.md.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit/merkle.h"

namespace eds::audit {

inline constexpr std::string_view kLogFolder = "log";
inline constexpr std::string_view kCheckpointName = "checkpoint";
inline constexpr std::string_view kKeyName = "checkpoint.vkey";
inline constexpr std::string_view kVersion1Name = "audit.ndjson";
inline constexpr std::string_view kVersion1HeadName = "head.json";
inline constexpr std::string_view kLockName = "lock";

struct Segment {
  std::uint64_t first = 1;  ///< number of its first event
  bool has_lines = false;
  bool has_leaves = false;
};

Path segment_path(const Path& directory, std::uint64_t first);
Path leaves_path(const Path& directory, std::uint64_t first);
/// Oldest first; none when there is no log yet. Corrupt when a file there has no name of ours.
Result<std::vector<Segment>> list_segments(Env& env, const Path& directory);

/// Calls `visit` with the bytes [from, to) of a file, in pieces.
Status each_piece(Env& env, const Path& path, std::uint64_t from, std::uint64_t to,
                  const std::function<Status(std::string_view)>& visit);

/// Bytes of a .leaves file, and back.
std::string write_leaves(std::uint64_t first, const std::vector<Hash>& leaves);
Result<std::vector<Hash>> read_leaves(Env& env, const Path& directory, std::uint64_t first);

/// Calls `visit` with every line of one segment.
Status each_segment_line(Env& env, const Path& directory, std::uint64_t first,
                         const std::function<Status(std::string_view)>& visit);
/// Calls `visit` with every line of the log that is still there, oldest first, those of a version 1
/// log before the others. Lines are not checked: verify() does that.
Status each_line(Env& env, const Path& directory,
                 const std::function<Status(std::string_view)>& visit);

}  // namespace eds::audit
