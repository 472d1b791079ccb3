// The store over time: expiry, review, break-glass, and clocks that jump.
#include "govern/rights_store.h"

#include <doctest/doctest.h>

#include "base/fault_env.h"
#include "govern/audit_for_test.h"
#include "govern/directory_for_test.h"
#include "govern/scope.h"

namespace eds::govern {
namespace {

struct Desk {
  DirectoryForTest folder;
  FaultEnv env{folder.path(), 1};
  std::unique_ptr<KeyRing> keys;
  std::unique_ptr<AuditForTest> audit = std::make_unique<AuditForTest>();
  std::unique_ptr<RightsStore> store;
  const Author owner{0, "owner"};
  UserId house = 0;

  Desk() {
    env.exempt("rights.db");
    REQUIRE(env.make_directories(folder.at("keys")).ok());
    keys = std::make_unique<KeyRing>(std::move(KeyRing::create(env, folder.at("keys"))).value());
    store = std::move(RightsStore::open(env, *audit, folder.at("rights"))).value();
    REQUIRE(store->place_care_sites(owner, {{103, "H1|CARD", ""}, {105, "H2|CARD", ""}}).ok());
    house = *store->add_user(owner, "house", "");
    AccessWish wish;
    wish.user = "house";
    wish.role = "clinician";
    wish.perimeter = "H1|CARD";
    REQUIRE(store->grant(owner, wish).ok());
  }

  Rule rule_now() {
    Governor governor(env, *keys, *audit, *store);
    return rule_by(governor);
  }
  Rule rule_by(Governor& governor) {
    Request request;
    request.principal = {house, "house", 2, "test", ""};
    request.action = Action::SearchByIpp;
    request.zone = DataZone::Identity;
    const Result<Decision> decision = governor.permit(request, "test");
    if (decision.ok()) return Rule::Allowed;
    return decision.error().message.find("[D02]") != std::string::npos ? Rule::ClockJump
                                                                       : Rule::NoRight;
  }
};

}  // namespace

TEST_CASE("an access gives nothing after 365 days") {
  Desk desk;
  CHECK(desk.rule_now() == Rule::Allowed);
  desk.env.jump_clock(364 * kDayUs);
  CHECK(desk.rule_now() == Rule::Allowed);
  desk.env.jump_clock(2 * kDayUs);
  CHECK(desk.rule_now() == Rule::NoRight);
}

TEST_CASE("an access not kept at its review is suspended, one kept goes on") {
  Desk desk;
  REQUIRE(desk.store->open_review(desk.owner, desk.env.now_us() + 30 * kDayUs).ok());
  desk.env.jump_clock(31 * kDayUs);
  CHECK(desk.rule_now() == Rule::NoRight);
  REQUIRE(desk.store->review(desk.owner, 1).ok());
  CHECK(desk.rule_now() == Rule::Allowed);
}

TEST_CASE("a clock that jumps under a governor, or goes back under the store, denies") {
  Desk desk;
  Governor governor(desk.env, *desk.keys, *desk.audit, *desk.store);
  CHECK(desk.rule_by(governor) == Rule::Allowed);
  desk.env.jump_clock(kDayUs);
  CHECK(desk.rule_by(governor) == Rule::ClockJump);
  CHECK(desk.rule_now() == Rule::Allowed);
  desk.env.jump_clock(-kDayUs);
  CHECK(desk.rule_now() == Rule::ClockJump);
}

TEST_CASE("the glass is broken in one's own hospital, with a reason, for four hours at most") {
  Desk desk;
  const Author house{desk.house, "house"};
  CHECK_FALSE(desk.store->break_glass(house, "H2", "cardiac arrest in the hall", 3600).ok());
  CHECK_FALSE(desk.store->break_glass(house, "H1", "", 3600).ok());
  CHECK_FALSE(desk.store->break_glass(house, "H1", "cardiac arrest in the hall", 14'401).ok());
  CHECK_FALSE(desk.store->break_glass(desk.owner, "H1", "cardiac arrest in the hall", 60).ok());
  REQUIRE(desk.store->break_glass(house, "H1", "cardiac arrest in the hall", 14'400).ok());
  const auto state = *desk.store->state();
  CHECK(effective_rights(*state, desk.house, Ground::Care, desk.env.now_us()).size() == 2);
  CHECK(effective_rights(*state, desk.house, Ground::Care, desk.env.now_us() + 14'401'000'000)
            .size() == 1);
  CHECK(state->accesses.back().review_due_us <= desk.env.now_us() + 7 * kDayUs);
}

TEST_CASE("a permit that lacks any field is not stored") {
  Desk desk;
  Permit whole;
  whole.project = "p";
  whole.study_type = 3;
  whole.opinion_reference = "CSE 24-1";
  whole.opinion_us = 1;
  whole.users = {desk.house};
  whole.perimeters = {1};
  whole.tables = {{"person", {"person_id"}, "the persons"}};
  whole.start_us = 1;
  whole.end_us = 2;
  CHECK(desk.store->put_permit(desk.owner, whole).ok());
  const auto refused = [&](auto change) {
    Permit permit = whole;
    change(permit);
    return !desk.store->put_permit(desk.owner, permit).ok();
  };
  CHECK(refused([](Permit& p) { p.project.clear(); }));
  CHECK(refused([](Permit& p) { p.purpose = UsePurpose::Care; }));
  CHECK(refused([](Permit& p) { p.study_type = 0; }));
  CHECK(refused([](Permit& p) { p.opinion_reference.clear(); }));
  CHECK(refused([](Permit& p) { p.opinion_us = 0; }));
  CHECK(refused([](Permit& p) { p.users.clear(); }));
  CHECK(refused([](Permit& p) { p.perimeters.clear(); }));
  CHECK(refused([](Permit& p) { p.tables.clear(); }));
  CHECK(refused([](Permit& p) { p.tables[0].columns.clear(); }));
  CHECK(refused([](Permit& p) { p.tables[0].justification.clear(); }));
  CHECK(refused([](Permit& p) { p.start_us = 0; }));
  CHECK(refused([](Permit& p) { p.end_us = 1; }));
  CHECK(refused([](Permit& p) { p.is_nominative = true; }));
}

}  // namespace eds::govern
