#include "govern/project_life.h"

#include <algorithm>
#include <array>
#include <string>

namespace eds::govern {
namespace {

constexpr std::array<std::string_view, kProjectStepCount> kStepNames = {
    "submit",  "withdraw", "consent",  "favourable", "unfavourable", "dpo-agree", "dpo-refuse",
    "approve", "reject",   "activate", "suspend",    "resume",       "close",     "purge"};
constexpr std::array<std::string_view, kOfficeCount> kOfficeNames = {
    "requester", "head-of-service", "committee", "dpo", "direction", "operator"};

constexpr std::uint8_t offices(std::initializer_list<Office> list) {
  std::uint8_t bits = 0;
  for (const Office office : list)
    bits |= static_cast<std::uint8_t>(1U << static_cast<int>(office));
  return bits;
}

/// Study types a rule is for: type 1 (one's own patients) goes another way than the rest.
enum class Types : std::uint8_t { All, First, Others };

struct Rule {
  PermitState from;
  ProjectStep step;
  std::uint8_t offices;
  Types types;
  PermitState to;
};

constexpr std::array<Rule, 20> kRules = {{
    {PermitState::Draft, ProjectStep::Submit, offices({Office::Requester}), Types::All,
     PermitState::Submitted},
    {PermitState::Submitted, ProjectStep::Withdraw, offices({Office::Requester}), Types::All,
     PermitState::Draft},
    {PermitState::Submitted, ProjectStep::Consent, offices({Office::HeadOfService}), Types::First,
     PermitState::Approved},
    {PermitState::Submitted, ProjectStep::Reject, offices({Office::HeadOfService}), Types::First,
     PermitState::Draft},
    {PermitState::Submitted, ProjectStep::Favourable, offices({Office::Committee}), Types::Others,
     PermitState::Opinion},
    {PermitState::Submitted, ProjectStep::Unfavourable, offices({Office::Committee}), Types::Others,
     PermitState::Draft},
    {PermitState::Opinion, ProjectStep::DpoAgree, offices({Office::Dpo}), Types::Others,
     PermitState::Dpo},
    {PermitState::Opinion, ProjectStep::DpoRefuse, offices({Office::Dpo}), Types::Others,
     PermitState::Draft},
    {PermitState::Dpo, ProjectStep::Approve, offices({Office::Direction}), Types::Others,
     PermitState::Approved},
    {PermitState::Dpo, ProjectStep::Reject, offices({Office::Direction}), Types::Others,
     PermitState::Draft},
    {PermitState::Approved, ProjectStep::Activate, offices({Office::Requester, Office::Operator}),
     Types::All, PermitState::Active},
    {PermitState::Approved, ProjectStep::Close,
     offices({Office::Requester, Office::Dpo, Office::Direction}), Types::All, PermitState::Closed},
    {PermitState::Active, ProjectStep::Suspend,
     offices({Office::HeadOfService, Office::Committee, Office::Dpo, Office::Direction}),
     Types::All, PermitState::Suspended},
    {PermitState::Suspended, ProjectStep::Resume, offices({Office::HeadOfService}), Types::First,
     PermitState::Active},
    {PermitState::Suspended, ProjectStep::Resume, offices({Office::Direction}), Types::Others,
     PermitState::Active},
    {PermitState::Active, ProjectStep::Close,
     offices({Office::Requester, Office::Dpo, Office::Direction}), Types::All, PermitState::Closed},
    {PermitState::Suspended, ProjectStep::Close,
     offices({Office::Requester, Office::Dpo, Office::Direction}), Types::All, PermitState::Closed},
    {PermitState::Active, ProjectStep::Close, offices({Office::HeadOfService}), Types::First,
     PermitState::Closed},
    {PermitState::Suspended, ProjectStep::Close, offices({Office::HeadOfService}), Types::First,
     PermitState::Closed},
    {PermitState::Closed, ProjectStep::Purge, offices({Office::Operator}), Types::All,
     PermitState::Purged},
}};

bool is_for(Types types, int study_type) {
  if (types == Types::All) return true;
  return (types == Types::First) == (study_type == 1);
}

bool judges(ProjectStep step) {
  switch (step) {
    case ProjectStep::Submit:
    case ProjectStep::Consent:
    case ProjectStep::Favourable:
    case ProjectStep::DpoAgree:
    case ProjectStep::Approve: return true;
    default: return false;
  }
}

/// Whether this person has taken a judging step of the present round (since the last submission).
bool acted_before(UserId user, const std::vector<TakenStep>& history) {
  for (auto step = history.rbegin(); step != history.rend(); ++step) {
    if (judges(step->step) && step->user == user) return true;
    if (step->step == ProjectStep::Submit) return false;
  }
  return false;
}

}  // namespace

std::string_view step_name(ProjectStep step) {
  return kStepNames[static_cast<std::size_t>(step)];
}

Result<ProjectStep> parse_step(std::string_view name) {
  for (std::size_t i = 0; i < kStepNames.size(); ++i)
    if (kStepNames[i] == name) return static_cast<ProjectStep>(i);
  return Error{Code::Usage, "no such step of a project: " + std::string(name)};
}

std::string_view office_name(Office office) {
  return kOfficeNames[static_cast<std::size_t>(office)];
}

Result<Office> parse_office(std::string_view name) {
  for (std::size_t i = 0; i < kOfficeNames.size(); ++i)
    if (kOfficeNames[i] == name) return static_cast<Office>(i);
  return Error{Code::Usage, "no such office: " + std::string(name)};
}

Result<PermitState> after_step(PermitState state, int study_type, const TakenStep& step,
                               const std::vector<TakenStep>& history) {
  bool any = false;
  for (const Rule& rule : kRules) {
    if (rule.from != state || rule.step != step.step || !is_for(rule.types, study_type)) continue;
    any = true;
    if ((rule.offices >> static_cast<int>(step.office) & 1) == 0) continue;
    if (step.step != ProjectStep::Submit && judges(step.step) && acted_before(step.user, history))
      return Error{Code::Refused, "this person has already taken part in judging the project"};
    return rule.to;
  }
  if (any)
    return Error{Code::Refused,
                 "this step is not for the office: " + std::string(office_name(step.office))};
  return Error{Code::Conflict, "a project that is " + std::string(permit_state_name(state)) +
                                   " has no step: " + std::string(step_name(step.step))};
}

}  // namespace eds::govern
