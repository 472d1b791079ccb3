// The audit's own process: whoever runs `eds audit serve` holds the log and its key; the others
// have a socket that takes events and gives back "durable", or why not. There is no way to read,
// change or remove an event through it.
//
// Invariants: an answer "durable" is sent after the fsync that covers the event (events of
// connections that wait together share one); the account at the other end, as the kernel says it,
// is added to the event's origin. A checkpoint is signed within a second of the last event.
// Threads: one for each connection, kConnectionsMax at most, and the caller's.
#pragma once

#include <atomic>
#include <functional>

#include "govern/audit/local.h"

namespace eds::audit {

/// 256 threads that wait: 256 x 8 MB of address space, 16 kB of memory each.
inline constexpr std::size_t kConnectionsMax = 256;

/// Serves until `stop` is set. `ready` is called once the socket takes connections.
Status serve(Env& env, LocalAudit& audit, const Path& socket, const std::atomic<bool>& stop,
             const std::function<void()>& ready);

/// An Audit whose events go through such a socket. It connects when the first one comes, and again
/// after the server was gone; an event whose answer did not come is refused.
std::unique_ptr<govern::Audit> connect(const Path& socket);

/// The audit of a warehouse as its settings have it: the socket's, or the log written from here.
Result<std::unique_ptr<govern::Audit>> audit_of(Env& env, const govern::KeyRing& keys,
                                                const Path& warehouse, const Config& config);
/// The audit's key alone: in its own directory, or among the warehouse's.
Result<govern::KeyRing> audit_keys(Env& env, const Path& warehouse, const Config& config);

}  // namespace eds::audit
