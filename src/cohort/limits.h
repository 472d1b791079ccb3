// The bounds of the cohort engine. What exceeds one is refused with its name.
#pragma once

#include <cstddef>

namespace eds::cohort {

/// The largest definition of the OHDSI Phenotype Library is 4.1 MB (id 1434).
inline constexpr std::size_t kDefinitionBytesMax = std::size_t{64} << 20;
/// A group inside a group costs two levels of JSON, of which the reader allows 512.
inline constexpr std::size_t kGroupDepthMax = 220;
/// The largest known definition has 1,613 items in one set and 94 criteria.
inline constexpr std::size_t kConceptItemsMax = 1'000'000;
inline constexpr std::size_t kCriteriaMax = 10'000;
/// Rule masks are 64-bit integers in the reference's result tables, the sign left out.
inline constexpr std::size_t kInclusionRulesMax = 63;
/// Events one after the other; and definitions in a set of definitions, at any depth.
inline constexpr std::size_t kSequenceStepsMax = 16;
inline constexpr std::size_t kCohortsMax = 64;
inline constexpr std::size_t kCohortDepthMax = 16;
/// Days in an offset or a window. Definitions say 99,999 for "ever"; sums stay far from overflow.
inline constexpr long kOffsetDaysMax = 10'000'000;

/// Steps of a definition's SQL. The engine plans a step inside the one before it, and a list of 900
/// selects is deeper than its expressions may be; 200 nested groups are 402 steps.
inline constexpr std::size_t kSqlStepsMax = 800;

}  // namespace eds::cohort
