// Verification of an audit log: every line, the tree over them, the signed checkpoints.
//
// Invariants: a log is sound when every event up to its end is as it was written, no purge is
// missing its event, and the checkpoint and its mirror are signed and agree with the tree at their
// sizes. Reading holds the lock only to learn where the log ends; writers go on meanwhile.
// Threads: plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit/log.h"

namespace eds::audit {

/// The action of the event that pins a version 1 log, whose object is the SHA-256 of its bytes.
inline constexpr std::string_view kPinAction = "audit migrate";
/// The action of the event that precedes a purge, whose object is "1-N".
inline constexpr std::string_view kPurgeAction = "audit purge";

struct Verdict {
  std::uint64_t event_count = 0;     ///< of this version; those whose lines were purged included
  std::uint64_t version1_count = 0;  ///< events of a version 1 log that stands before
  std::uint64_t purged_count = 0;
  std::uint64_t signed_count = 0;    ///< covered by the last checkpoint
  std::uint64_t mirrored_count = 0;  ///< covered by the mirror's
  std::optional<Damage> damage;
  bool sound() const { return !damage.has_value(); }
};

Result<Verdict> verify(Env& env, const govern::KeyRing& keys, const LogOptions& options);

/// A version 1 log: how many events, the SHA-256 of its file, and what is wrong with it.
struct Version1 {
  std::uint64_t line_count = 0;
  std::string sha256;
  std::string what;  ///< empty: nothing is
};
Result<Version1> check_version1(Env& env, const govern::KeyRing& keys, const Path& directory);

/// The leaf hashes of all events, for proofs: 32 bytes of memory each.
Result<std::vector<Hash>> read_all_leaves(Env& env, const Path& directory);

}  // namespace eds::audit
