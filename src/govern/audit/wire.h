// The frames between the audit's own process and those who leave events in it.
//
// Invariants: decode() answers only for bytes that encode() makes, or refuses them; a frame's
// length is checked before memory is taken. There is no frame that reads or changes an event.
// Threads: plain functions. Bytes: docs/internals/formats/audit.md, "The socket".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "govern/audit.h"

namespace eds::audit {

/// A query's text of 16 MiB is beyond what anybody types; an event is some hundred bytes.
inline constexpr std::size_t kFrameBytesMax = std::size_t{16} << 20;

struct DigestWish {
  std::string text;
};
using Wish = std::variant<govern::AuditEvent, DigestWish>;

std::string encode_event(const govern::AuditEvent& event);
std::string encode_digest(std::string_view text);
Result<Wish> decode_wish(std::string_view frame);

/// Done with a digest (or nothing), or why not.
std::string encode_answer(const Result<std::string>& answer);
Result<std::string> decode_answer(std::string_view frame);

}  // namespace eds::audit
