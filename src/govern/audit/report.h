// Report: who saw my record, and why: what a person asks the hospital (GDPR article 15; European
// Health Data Space, right to be told of accesses).
//
// Invariants: one Seen for each act (the events of one request are one act); an act that names the
// person is `Named`; one that read many persons, named only by a hash of their ids, is `Perhaps`,
// and its count is told; what a refusal kept hidden is told as refused. Nothing here names the
// person: the letter that carries the report does.
// Threads: plain values and functions. Memory: the acts of one person.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit/line.h"

namespace eds::audit {

enum class Certainty : std::uint8_t { Named, Perhaps };

struct Seen {
  std::int64_t time_us = 0;
  std::string actor;
  std::string action;
  std::string ground;
  std::string reason;
  std::string origin;
  std::string request;
  govern::Outcome outcome = govern::Outcome::Done;
  Certainty certainty = Certainty::Named;
  std::uint64_t person_count = 1;  ///< how many persons the act was about
};

struct SeenReport {
  std::int64_t person = 0;
  std::int64_t made_us = 0;
  std::int64_t from_us = 0;  ///< of the first event that is still readable
  std::int64_t unread_count = 0;
  std::vector<Seen> seen;  ///< oldest first
};

enum class Tongue : std::uint8_t { French, English };

/// `persons` are the ids under which the person was ever known; the first is told.
Result<SeenReport> who_saw(Env& env, const Path& directory,
                           const std::vector<std::int64_t>& persons, std::int64_t made_us);
std::string report_text(const SeenReport& report, Tongue tongue);
std::string report_json(const SeenReport& report);

}  // namespace eds::audit
