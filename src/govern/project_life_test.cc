// The life of a project: every state, step, office and study type against the rules written out.
#include "govern/project_life.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>

namespace eds::govern {
namespace {

// "state step office types -> state", as the governance page says it; types: 1 or 2-6 or 1-6.
// Written from docs/concepts/data-stores.md, not from the code's table.
const std::map<std::string, std::string> kAllowed = {
    {"draft submit requester 1-6", "submitted"},
    {"submitted withdraw requester 1-6", "draft"},
    {"submitted consent head-of-service 1", "approved"},
    {"submitted reject head-of-service 1", "draft"},
    {"submitted favourable committee 2-6", "opinion"},
    {"submitted unfavourable committee 2-6", "draft"},
    {"opinion dpo-agree dpo 2-6", "dpo"},
    {"opinion dpo-refuse dpo 2-6", "draft"},
    {"dpo approve direction 2-6", "approved"},
    {"dpo reject direction 2-6", "draft"},
    {"approved activate requester 1-6", "active"},
    {"approved activate operator 1-6", "active"},
    {"approved close requester 1-6", "closed"},
    {"approved close dpo 1-6", "closed"},
    {"approved close direction 1-6", "closed"},
    {"active suspend head-of-service 1-6", "suspended"},
    {"active suspend committee 1-6", "suspended"},
    {"active suspend dpo 1-6", "suspended"},
    {"active suspend direction 1-6", "suspended"},
    {"suspended resume head-of-service 1", "active"},
    {"suspended resume direction 2-6", "active"},
    {"active close requester 1-6", "closed"},
    {"active close dpo 1-6", "closed"},
    {"active close direction 1-6", "closed"},
    {"active close head-of-service 1", "closed"},
    {"suspended close requester 1-6", "closed"},
    {"suspended close dpo 1-6", "closed"},
    {"suspended close direction 1-6", "closed"},
    {"suspended close head-of-service 1", "closed"},
    {"closed purge operator 1-6", "purged"},
};

std::string expected(PermitState state, ProjectStep step, Office office, int type) {
  for (const char* types : {"1-6", type == 1 ? "1" : "2-6"}) {
    const std::string key = std::string(permit_state_name(state)) + " " +
                            std::string(step_name(step)) + " " + std::string(office_name(office)) +
                            " " + types;
    const auto found = kAllowed.find(key);
    if (found != kAllowed.end()) return found->second;
  }
  return "refused";
}

Result<PermitState> take(PermitState state, ProjectStep step, Office office, UserId user,
                         const std::vector<TakenStep>& history = {}, int type = 3) {
  return after_step(state, type, {step, office, user}, history);
}

}  // namespace

TEST_CASE("every state, step, office and study type leads where the rules say, or nowhere") {
  int allowed = 0;
  for (int state = 0; state <= static_cast<int>(PermitState::Purged); ++state)
    for (int step = 0; step < kProjectStepCount; ++step)
      for (int office = 0; office < kOfficeCount; ++office)
        for (int type = 1; type <= 6; ++type) {
          const auto from = static_cast<PermitState>(state);
          const auto what = static_cast<ProjectStep>(step);
          const auto whose = static_cast<Office>(office);
          const Result<PermitState> to = after_step(from, type, {what, whose, 7}, {});
          const std::string found =
              to.ok() ? std::string(permit_state_name(*to)) : std::string("refused");
          INFO(permit_state_name(from), " ", step_name(what), " ", office_name(whose), " ", type);
          CHECK(found == expected(from, what, whose, type));
          allowed += to.ok() ? 1 : 0;
        }
  // 20 lines for all six types, 5 for type 1 alone, 7 for the other five: counted by hand.
  int lines = 0;
  for (const auto& [key, state] : kAllowed)
    lines += key.ends_with("1-6") ? 6 : key.ends_with("2-6") ? 5 : 1;
  CHECK(allowed == lines);
}

TEST_CASE("requester, committee, DPO and direction are four persons") {
  std::vector<TakenStep> history = {{ProjectStep::Submit, Office::Requester, 1}};
  CHECK(take(PermitState::Submitted, ProjectStep::Favourable, Office::Committee, 1, history)
            .error()
            .code == Code::Refused);
  history.push_back({ProjectStep::Favourable, Office::Committee, 2});
  for (const UserId user : {1, 2})
    CHECK_FALSE(take(PermitState::Opinion, ProjectStep::DpoAgree, Office::Dpo, user, history).ok());
  history.push_back({ProjectStep::DpoAgree, Office::Dpo, 3});
  for (const UserId user : {1, 2, 3})
    CHECK_FALSE(
        take(PermitState::Dpo, ProjectStep::Approve, Office::Direction, user, history).ok());
  CHECK(take(PermitState::Dpo, ProjectStep::Approve, Office::Direction, 4, history).ok());
}

TEST_CASE("a head of service does not consent to a study of their own") {
  const std::vector<TakenStep> history = {{ProjectStep::Submit, Office::Requester, 1}};
  CHECK_FALSE(
      take(PermitState::Submitted, ProjectStep::Consent, Office::HeadOfService, 1, history, 1)
          .ok());
  CHECK(take(PermitState::Submitted, ProjectStep::Consent, Office::HeadOfService, 2, history, 1)
            .ok());
}

TEST_CASE("a new round forgets who judged the last one") {
  const std::vector<TakenStep> history = {
      {ProjectStep::Submit, Office::Requester, 1},
      {ProjectStep::Favourable, Office::Committee, 2},
      {ProjectStep::DpoRefuse, Office::Dpo, 3},
      {ProjectStep::Submit, Office::Requester, 1},
  };
  CHECK(take(PermitState::Submitted, ProjectStep::Favourable, Office::Committee, 2, history).ok());
  CHECK_FALSE(
      take(PermitState::Submitted, ProjectStep::Favourable, Office::Committee, 1, history).ok());
}

TEST_CASE("steps and offices have the names they are parsed by") {
  std::set<std::string_view> names;
  for (int step = 0; step < kProjectStepCount; ++step) {
    const auto one = static_cast<ProjectStep>(step);
    CHECK(parse_step(step_name(one)).value() == one);
    names.insert(step_name(one));
  }
  CHECK(names.size() == kProjectStepCount);
  CHECK(parse_step("approved").error().code == Code::Usage);
  CHECK(parse_office("dpo").value() == Office::Dpo);
  CHECK(parse_office("king").error().code == Code::Usage);
}

}  // namespace eds::govern
