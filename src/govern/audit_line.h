// AuditLine: one line of the audit log, its hashes, and the walk that checks a whole log.
//
// Invariants: a line's own hash covers every byte before it, the hash of the previous line
// included. read() answers only for lines that carry a right hash, so what it returns is authentic.
// Threads: AuditChain is immutable; a ChainWalk belongs to one thread.
// Bytes on disk: docs/internals/formats/audit.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/audit.h"
#include "govern/keys.h"

namespace eds::govern {

/// What stands in the first line where others have the hash of the line before.
inline constexpr std::string_view kNoLineBefore =
    "0000000000000000000000000000000000000000000000000000000000000000";

std::string hex_of(std::span<const std::uint8_t> bytes);

struct AuditLine {
  std::uint64_t sequence = 0;
  std::uint64_t torn_bytes = 0;  ///< bytes that a crash left between the previous line and this one
  std::int64_t time_us = 0;
  std::string previous;  ///< hash of the line before, 64 hexadecimal digits
  std::string mac;       ///< its own
};

struct AuditHead {
  std::uint64_t sequence = 0;
  std::string mac;
};

/// Code::Limit or Code::Malformed when a field is too long or holds bytes that are not UTF-8 text.
Status check_fields(const AuditEvent& event);

class AuditChain {
 public:
  explicit AuditChain(Key key) : key_(std::move(key)) {}

  std::string write(const AuditEvent& event, const AuditLine& place) const;
  std::optional<AuditLine> read(std::string_view line) const;
  std::string write_head(const AuditHead& head) const;
  std::optional<AuditHead> read_head(std::string_view bytes) const;

 private:
  std::string mac_of(std::string_view bytes) const;
  Key key_;
};

/// Checks a log line by line.
class ChainWalk {
 public:
  ChainWalk(const AuditChain& chain, std::optional<AuditHead> head)
      : chain_(chain), head_(std::move(head)) {}

  void next(std::string_view line, bool ended);
  AuditVerdict finish();

 private:
  void found_bad(std::uint64_t line_number, std::string_view what);

  const AuditChain& chain_;
  std::optional<AuditHead> head_;
  AuditVerdict verdict_;
  std::uint64_t sequence_ = 0;
  std::string mac_{kNoLineBefore};
  std::uint64_t garbage_bytes_ = 0;
  std::uint64_t garbage_line_ = 0;
  bool garbage_is_line_ = false;
  bool head_seen_ = false;
};

}  // namespace eds::govern
