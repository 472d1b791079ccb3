// Audit: what was asked of the warehouse, by whom, why, and what came of it.
//
// Invariants: an event is durable before append() returns, and the caller answers nobody before
// that. A line is never changed. Each carries its number, the hash of the line before it and its
// own, both BLAKE2b-256 under the audit zone's key; the last number is also kept in a head file. So
// an edited, removed, added or reordered line is found, and so is a log cut short, unless log and
// head are both put back to an older state together (mirroring the head elsewhere answers that).
// Events name persons by their random id only; texts that may hold literals go in as digest().
// Threads and processes: append() may be called from any number of both (flock).
// Bytes on disk: docs/internals/formats/audit.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/keys.h"

namespace eds::govern {

enum class Outcome : std::uint8_t { Done, Refused, Failed, Begun };
std::string_view outcome_name(Outcome outcome);

struct AuditEvent {
  std::string actor;    ///< who, as the operating system or the directory names them
  std::string action;   ///< a verb: "query", "patient", "ingest", "scope"
  std::string object;   ///< what: a table, a person id, a file's vault id, the digest of a query
  std::string release;  ///< the release read or written, when there is one
  std::string reason;   ///< why: the purpose stated, or why it was refused
  Outcome outcome = Outcome::Done;
  std::int64_t row_count = 0;
};

/// What verify() found. `bad_line` counts from 1; when it is set, `what` says what is wrong there.
struct AuditVerdict {
  std::uint64_t line_count = 0;
  std::optional<std::uint64_t> bad_line;
  std::string what;
  bool sound() const { return !bad_line.has_value(); }
};

class Audit {
 public:
  /// Opens W/audit (made when absent).
  static Result<std::unique_ptr<Audit>> open(Env& env, const KeyRing& keys, const Path& directory);
  virtual ~Audit() = default;

  /// Adds one event; it is on disk when this returns. Code::Corrupt when the log was tampered with
  /// at its end: then nothing is added, and whatever was to be audited must not happen.
  virtual Status append(const AuditEvent& event) = 0;
  /// Reads the whole log.
  virtual Result<AuditVerdict> verify() = 0;
  /// Calls `visit` with each line (JSON, without its newline), oldest first.
  virtual Status each_line(const std::function<Status(std::string_view)>& visit) = 0;
  /// Sixteen hexadecimal digits that stand for a text (SQL with literals) without showing it.
  virtual std::string digest(std::string_view text) const = 0;
};

}  // namespace eds::govern
