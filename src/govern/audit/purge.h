// Purge: the end of an event's retention. The lines of whole old segments go, their leaf hashes
// stay, so the root is the same and every proof still holds.
//
// Invariants: a damaged log is not purged; the purge's own event is durable before the first line
// goes; a crash in between leaves lines or leaf hashes, never neither, and the next purge ends the
// work. The segment being written is never purged.
// Threads and processes: one purge at a time; writers may go on.
#pragma once

#include "govern/audit/verify.h"

namespace eds::audit {

struct Purged {
  std::uint64_t event_count = 0;  ///< whose lines went this time
  std::uint64_t last = 0;         ///< number of the last event without line
};

/// Takes away the lines of segments whose last event is before `before_us`.
Result<Purged> purge(Env& env, const govern::KeyRing& keys, const LogOptions& options,
                     govern::Audit& audit, std::string_view actor, std::int64_t before_us);

/// The same day of the month so many months earlier (the month's last day where there is none).
std::int64_t months_before(std::int64_t time_us, int months);

}  // namespace eds::audit
