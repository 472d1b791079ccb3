// Permit: what a project may read: whose decision, for which purpose, who, where, which columns,
// until when. The projects room signs it (JWS) and moves its state; here it is what decisions read.
//
// Invariants: a permit gives nothing unless Active, within its period, to a person it names, for
// its own purpose. check_permit() names the first missing field: a permit without one cannot be
// stored (GOV-1). Purposes are a closed list: what the law forbids has no number (GOV-4).
// Threads: plain values.
// Source: CNIL EDS 2021-118, 3.1, 3.2.3, 5.4; Regulation (EU) 2025/327, article 73.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::govern {

enum class UsePurpose : std::uint8_t {
  Care = 0,
  Steering = 1,
  CodingQuality = 2,  ///< quality of medical information and PMSI coding
  Feasibility = 3,
  Research = 4,
  DecisionAids = 5,  ///< making and checking diagnosis and care aids
  Teaching = 6,
};
inline constexpr int kUsePurposeCount = 7;
std::string_view purpose_name(UsePurpose purpose);
Result<UsePurpose> parse_purpose(std::string_view name);

enum class PermitState : std::uint8_t {
  Draft = 0,
  Submitted = 1,
  Opinion = 2,
  Dpo = 3,
  Approved = 4,
  Active = 5,
  Suspended = 6,
  Closed = 7,
  Purged = 8,
};
std::string_view permit_state_name(PermitState state);

struct PermitColumns {
  std::string table;
  std::vector<std::string> columns;
  std::string justification;
};

/// Who of the permitted perimeters the project is about: everybody, who a cohort definition (Circe
/// JSON) finds, or whom the column person_id of a SELECT names. One of the two at most.
struct Population {
  std::string cohort;
  std::string query;
  bool is_everybody() const { return cohort.empty() && query.empty(); }
};

struct Permit {
  std::int64_t id = 0;
  std::string project;
  UsePurpose purpose = UsePurpose::Research;
  int study_type = 0;  ///< 1 to 6 of the CME's rules
  PermitState state = PermitState::Draft;
  std::string opinion_reference;  ///< of the committee; of the head of service for type 1
  std::int64_t opinion_us = 0;
  std::vector<std::int64_t> users;
  std::vector<std::int64_t> perimeters;
  std::vector<PermitColumns> tables;
  Population population;  ///< in the signed terms alone: the rights store has none
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  bool is_nominative = false;  ///< study type 1 only
};

/// Code::Usage with the name of the first field that is missing or impossible.
Status check_permit(const Permit& permit);

}  // namespace eds::govern
