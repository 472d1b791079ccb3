// The standard concepts that rows of PMSI sources carry, by their OMOP ids.
// Source: OMOP vocabularies "Visit", "Type Concept" and "Condition Status".
#pragma once

#include <cstdint>

namespace eds::ingest::pmsi {

inline constexpr std::int64_t kInpatientVisit = 9201;
inline constexpr std::int64_t kOutpatientVisit = 9202;
inline constexpr std::int64_t kInpatientClaim = 32855;  ///< "Inpatient claim header"
inline constexpr std::int64_t kPrimaryDiagnosis = 32902;
inline constexpr std::int64_t kSecondaryDiagnosis = 32908;

}  // namespace eds::ingest::pmsi
