// One line of the audit log: how an event is written, authenticated, and read back.
//
// Invariants: a line's code covers every byte before it and the leaf hash of the line before, so
// nobody without the key adds, changes or moves a line unseen. write() gives one spelling only.
// Threads: plain functions. Bytes on disk: docs/internals/formats/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/audit.h"
#include "govern/audit/crypto.h"

namespace eds::audit {

/// Bytes of a line that a crash left unfinished: the next line vouches for them.
struct Torn {
  std::uint64_t byte_count = 0;
  Hash hash{};
};

struct LinePlace {
  std::uint64_t sequence = 0;
  std::int64_t time_us = 0;
  Torn torn;
};

/// Usage, Limit or Malformed when a field is missing, too long, or not UTF-8.
Status check_event(const govern::AuditEvent& event);

/// The line, without its line break. `previous` is the leaf hash of the line before.
std::string write_line(const govern::AuditEvent& event, const LinePlace& place,
                       const Hash& previous, const govern::Key& key);

/// What stands at a line's front, when its code is right.
struct LineHead {
  std::uint64_t sequence = 0;
  std::uint64_t torn_bytes = 0;
  std::string_view torn_hash;  ///< hexadecimal
};
std::optional<LineHead> check_line(std::string_view line, const Hash& previous,
                                   const govern::Key& key);

/// A line read back for people, of this version or of version 1.
struct Entry {
  std::uint64_t sequence = 0;
  std::string time;  ///< 2024-06-01T08:30:00.000000Z
  std::int64_t time_us = 0;
  govern::AuditEvent event;
};
Result<Entry> parse_line(std::string_view line);

/// Takes `prefix` and the number after it off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view prefix);

std::string utc_text(std::int64_t time_us);
/// YYYY-MM-DD, or a whole time as utc_text() writes it, as microseconds.
Result<std::int64_t> parse_utc(std::string_view text);

}  // namespace eds::audit
