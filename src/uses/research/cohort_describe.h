// What a cohort looks like: ages and sexes, conditions, drugs, laboratory values, stays, survival.
//
// What is counted lies within a person's periods, first and last day included. The age is that at
// the first entry, in years between the year of birth and the entry's. Survival runs from the first
// entry to death; a person is censored at the end of the observation period that holds the entry,
// and a death after that end is not counted: who left is not known to live either.
//
// Invariants: rows come through one session, so from one release under one scope; counts are true
// counts. Tables are read once each, streaming; held in memory are the cohort's periods and up to
// kValuesKept values of each of the kTopCount laboratory tests shown.
// Threads: one thread, one Session. Reference: docs/reference/cohort.md, "Describe".
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "uses/research/cohort_book.h"

namespace eds::research {

inline constexpr std::size_t kTopCount = 20;
/// Beyond it every second value is dropped, again and again; the answer says so.
inline constexpr std::size_t kValuesKept = std::size_t{1} << 20;  // 8 MB a test

/// JSON, one object. `rows` are sorted.
Result<std::string> describe_cohort(engine::Session& session, const CohortVersion& version,
                                    const std::vector<CohortPeriod>& rows);

}  // namespace eds::research
