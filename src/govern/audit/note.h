// Checkpoint: the signed statement of how far the log goes, as a C2SP signed note.
//
// Invariants: parse() answers only for bytes that carry a right signature of this log's key and
// whose edge hashes to their root; sign() and parse() are inverses. The first three lines are what
// any transparency-log tool reads; the lines after them are extensions of ours.
// Threads: plain values.
// Sources: C2SP signed-note and tlog-checkpoint. Bytes: docs/internals/formats/audit.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/audit/merkle.h"

namespace eds::audit {

inline constexpr std::size_t kNoteBytesMax = 8192;

struct Checkpoint {
  Frontier tree;
  Hash last_leaf{};                 ///< of the last event; zeros when there is none
  std::uint64_t segment_first = 1;  ///< the first event of the segment that is being written
  std::uint64_t segment_bytes = 0;  ///< how long that segment is
  std::int64_t time_us = 0;
};

/// The log's name: "eds.audit/" and the first sixteen digits of the SHA-256 of its public key.
std::string log_name(const PublicKey& key);
/// The key as C2SP writes a verifier key: NAME+HASH+BASE64.
std::string verifier_key(const PublicKey& key);

std::string sign_checkpoint(const Checkpoint& checkpoint, const Signer& signer);
/// Code::Corrupt when these are not bytes that the owner of `key` signed.
Result<Checkpoint> parse_checkpoint(std::string_view note, const PublicKey& key);

}  // namespace eds::audit
