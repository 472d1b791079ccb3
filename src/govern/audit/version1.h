// The audit log of version 1, a chain of BLAKE2b hashes in one file: read and checked, so that its
// events stay provable; nothing writes it any more.
//
// Invariants: a line's own hash covers every byte before it, the hash of the previous line
// included. read() answers only for lines that carry a right hash, so what it returns is authentic.
// Threads: Chain is immutable; a ChainWalk belongs to one thread.
// Bytes on disk: docs/internals/formats/audit.md, "Version 1".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "govern/keys.h"

namespace eds::audit::version1 {

/// What stands in the first line where others have the hash of the line before.
inline constexpr std::string_view kNoLineBefore =
    "0000000000000000000000000000000000000000000000000000000000000000";

struct Line {
  std::uint64_t sequence = 0;
  std::uint64_t torn_bytes = 0;  ///< bytes that a crash left between the previous line and this one
  std::int64_t time_us = 0;
  std::string previous;  ///< hash of the line before, 64 hexadecimal digits
  std::string mac;       ///< its own
};

struct Head {
  std::uint64_t sequence = 0;
  std::string mac;
};

/// What ChainWalk found. `bad_line` counts from 1.
struct Verdict {
  std::uint64_t line_count = 0;
  std::optional<std::uint64_t> bad_line;
  std::string what;
  bool sound() const { return !bad_line.has_value(); }
};

class Chain {
 public:
  explicit Chain(govern::Key key) : key_(std::move(key)) {}

  std::optional<Line> read(std::string_view line) const;
  std::optional<Head> read_head(std::string_view bytes) const;

 private:
  std::string write_head(const Head& head) const;
  std::string mac_of(std::string_view bytes) const;
  govern::Key key_;
};

/// Checks a log line by line.
class ChainWalk {
 public:
  ChainWalk(const Chain& chain, std::optional<Head> head) : chain_(chain), head_(std::move(head)) {}

  void next(std::string_view line, bool ended);
  Verdict finish();

 private:
  void found_bad(std::uint64_t line_number, std::string_view what);

  const Chain& chain_;
  std::optional<Head> head_;
  Verdict verdict_;
  std::uint64_t sequence_ = 0;
  std::string mac_{kNoLineBefore};
  std::uint64_t garbage_bytes_ = 0;
  std::uint64_t garbage_line_ = 0;
  bool garbage_is_line_ = false;
  bool head_seen_ = false;
};

}  // namespace eds::audit::version1
