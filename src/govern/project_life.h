// The life of a project, from draft to purge: which step leads where, whose step it is, and who may
// no longer take it because of what they did before.
//
// Invariants: a step that the table does not list does not exist. Whoever submitted a project takes
// no part in judging it; the committee, the DPO and the direction are three different persons. An
// unfavourable step leads back to the draft, and the round of judgements begins again.
// Threads: pure functions.
// Source: requirements GOV-2 and GOV-3; access rules of the AP-HP's CME (2016), study types 1 to 6;
// CNIL EDS 2021-118, 3.2.3.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "govern/permit.h"
#include "govern/rights.h"

namespace eds::govern {

enum class ProjectStep : std::uint8_t {
  Submit = 0,
  Withdraw = 1,    ///< back to the draft, by the requester
  Consent = 2,     ///< of the head of service, study type 1 only
  Favourable = 3,  ///< opinion of the scientific and ethics committee, types 2 to 6
  Unfavourable = 4,
  DpoAgree = 5,
  DpoRefuse = 6,
  Approve = 7,  ///< by the direction: the permit is signed
  Reject = 8,
  Activate = 9,
  Suspend = 10,
  Resume = 11,
  Close = 12,
  Purge = 13,  ///< the data store and its key are destroyed
};
inline constexpr int kProjectStepCount = 14;
std::string_view step_name(ProjectStep step);
Result<ProjectStep> parse_step(std::string_view name);

/// In whose name a step is taken.
enum class Office : std::uint8_t {
  Requester = 0,
  HeadOfService = 1,
  Committee = 2,
  Dpo = 3,
  Direction = 4,
  Operator = 5,  ///< the warehouse's owner: executes, judges nothing
};
inline constexpr int kOfficeCount = 6;
std::string_view office_name(Office office);
Result<Office> parse_office(std::string_view name);

struct TakenStep {
  ProjectStep step = ProjectStep::Submit;
  Office office = Office::Requester;
  UserId user = 0;  ///< 0: the owner
};

/// The state after the step. Code::Conflict when the state does not allow it, Code::Refused when
/// the office may not, or the person has already acted in this round. `history`: oldest first.
Result<PermitState> after_step(PermitState state, int study_type, const TakenStep& step,
                               const std::vector<TakenStep>& history);

}  // namespace eds::govern
