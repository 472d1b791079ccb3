// Why: for one person, the events that made them enter a cohort, pass each of its rules, and leave.
//
// Invariants: what is said follows from the same evaluation that makes the cohort. A person who is
// not a member gets the same lines, up to the rule that failed. Threads: as an Evaluator.
// Source: docs/reference/cohort.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cohort/evaluate.h"

namespace eds::cohort {

struct WhyLine {
  std::string step;           ///< "entry", "qualified", "rule 2: its name", "exit", "period"
  std::int64_t ordinal = 0;   ///< of the entry event that the line is about; 0: of none
  std::optional<bool> holds;  ///< whether the step holds for that entry event
  // The event, where the line names one.
  std::optional<Domain> domain;
  std::int64_t event_id = kMissing;
  std::int64_t concept_id = kMissing;
  Day start = kNoDay;
  Day end = kNoDay;
  std::string reason;  ///< of a period: what ended it
};

Result<std::vector<WhyLine>> why(const EventBase& base, const Plan& plan, const ResolvedSets& sets,
                                 Person person);

}  // namespace eds::cohort
