// Search: the events of the log that answer a question, oldest first.
//
// Invariants: each member of a Question that says something must hold; an empty one asks nothing.
// Lines are read as they stand: verify() says whether they are as they were written. What a crash
// left is passed over; lines that are no event are counted.
// Threads: plain functions. Memory: one line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit/line.h"

namespace eds::audit {

struct Question {
  std::int64_t person = 0;  ///< named by the event; 0: any
  std::string actor = {};   ///< who did it, or for whom
  std::string action = {};  ///< the verb, or its first word: "quarantine"
  std::string ground = {};  ///< "care", "owner", "permit" finds "permit 12"
  std::string zone = {};
  std::string request = {};
  std::string outcome = {};  ///< done, refused, failed, begun
  std::string text = {};     ///< stands somewhere in the line
  std::int64_t from_us = INT64_MIN;
  std::int64_t to_us = INT64_MAX;  ///< exclusive
};

/// True when the event names the person: in its list, or as the one object it is about.
bool names_person(const govern::AuditEvent& event, std::int64_t person);
bool answers(const Question& question, const Entry& entry, std::string_view line);

/// Calls `visit` with each event and its line. Returns how many lines could not be read.
using EntryVisit = std::function<Status(const Entry&, std::string_view line)>;
Result<std::int64_t> each_entry(Env& env, const Path& directory, const EntryVisit& visit);
/// The same, of those that answer.
Result<std::int64_t> search(Env& env, const Path& directory, const Question& question,
                            const EntryVisit& visit);

/// True for acts in which one person's record is opened: a look, not a list.
bool is_look(const govern::AuditEvent& event);

}  // namespace eds::audit
