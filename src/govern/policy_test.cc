#include "govern/policy.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

#include "govern/policy_oracle_for_test.h"
#include "govern/policy_random_for_test.h"
#include "govern/scope.h"

namespace eds::govern {
namespace {

constexpr std::int64_t kNow = RandomRights::kNow;

// EDS_POLICY_CASES: how many random cases; 100,000 by default.
std::uint64_t case_count() {
  const char* text = std::getenv("EDS_POLICY_CASES");
  return text == nullptr ? 100'000 : std::strtoull(text, nullptr, 10);
}

// A hospital with two units, a clinician in the first.
//   1 * -> 2 hospital -> 3 cardiology, 4 neurology;  1 -> 5 other hospital
RightsState small_house() {
  RightsState state;
  state.perimeters = {{1, 0, "*", "", PerimeterKind::Group, 0},
                      {2, 1, "H1", "", PerimeterKind::Hospital, 0},
                      {5, 1, "H2", "", PerimeterKind::Hospital, 0},
                      {3, 2, "H1|CARD", "Cardiologie", PerimeterKind::Unit, 103},
                      {4, 2, "H1|NEUR", "Neurologie", PerimeterKind::Unit, 104}};
  state.users = {{1, "house", "", false}, {2, "wilson", "", false}, {3, "cuddy", "", false}};
  RoleId id = 0;
  for (Role role : first_roles()) {
    role.id = ++id;
    state.roles.push_back(role);
  }
  return state;
}

RoleId role_named(const RightsState& state, std::string_view name) {
  for (const Role& role : state.roles) {
    if (role.name == name) return role.id;
  }
  return 0;
}

void give(RightsState& state, UserId user, std::string_view role, PerimeterId perimeter,
          Ground ground = Ground::Care) {
  Access access;
  access.id = static_cast<AccessId>(state.accesses.size()) + 1;
  access.user = user;
  access.role = role_named(state, role);
  access.perimeter = perimeter;
  access.start_us = kNow - 1;
  access.end_us = kNow + kDayUs;
  access.review_due_us = kNow + kDayUs;
  access.ground = ground;
  state.accesses.push_back(access);
}

Request by(UserId user, std::string_view name, Action action, Ground ground = Ground::Care) {
  Request request;
  request.principal = {user, std::string(name), 2, "test", ""};
  request.action = action;
  request.ground = ground;
  request.purpose = ground == Ground::Care ? UsePurpose::Care : UsePurpose::Steering;
  request.now_us = kNow;
  return request;
}

}  // namespace

TEST_CASE("the policy and its slow oracle agree on every random case") {
  std::map<Rule, std::uint64_t> rules;
  std::uint64_t seen = 0;
  const std::uint64_t cases = case_count();
  const char* base = std::getenv("EDS_POLICY_SEED");
  const std::uint64_t first = base == nullptr ? 1 : std::strtoull(base, nullptr, 10);
  for (std::uint64_t seed = first; seed < first + cases; ++seed) {
    RandomRights random(seed);
    RightsState state = random.state();
    const Request request = random.request(state);
    const Decision decision = decide(state, request);
    const oracle::Verdict verdict = oracle::judge(state, request);
    ++rules[decision.rule];
    bool same = decision.allowed == verdict.allowed && decision.level == verdict.level;
    std::vector<PersonFacts> persons;
    std::vector<std::int64_t> ids;
    for (std::int64_t id = 1; id <= 5; ++id) {
      persons.push_back(random.person(state));
      ids.push_back(id * 1000);
      if (persons.back().labels != 0) state.labels.push_back({id * 1000, persons.back().labels});
      if (persons.back().is_opposed) state.oppositions.push_back({id * 1000, "", 1});
      for (const std::string& project : persons.back().opposed_projects) {
        state.oppositions.push_back({id * 1000, project, 1});
      }
    }
    auto index = std::make_shared<StayIndex>(ids);
    for (std::size_t at = 0; at < persons.size(); ++at) {
      for (const PerimeterId node : persons[at].stays) index->add_stays(100 + node, {&ids[at], 1});
    }
    const PersonSet set = persons_under(state, decision, index);
    for (std::size_t at = 0; at < persons.size(); ++at) {
      const bool expected = oracle::sees(state, request, persons[at]);
      same = same && expected == sees(state, decision, persons[at]);
      same = same && expected == (decision.allowed && set.contains(ids[at]));
      seen += expected ? 1 : 0;
    }
    if (!same) FAIL("seed " << seed << " rule " << rule_id(decision.rule));
  }
  // The generator reaches every answer, or the agreement would say little.
  if (cases >= 100'000) {
    for (const Rule rule :
         {Rule::Allowed, Rule::ClockJump, Rule::UnknownAttribute, Rule::UnknownUser,
          Rule::DisabledUser, Rule::WeakSignIn, Rule::ZoneAction, Rule::GroundPurpose,
          Rule::NoPermit, Rule::PermitInactive, Rule::NotNamed, Rule::UnknownPerimeter,
          Rule::NoRight, Rule::NotOnAllPerimeters}) {
      INFO(rule_id(rule));
      CHECK(rules[rule] > 20);
    }
    CHECK(seen > cases / 20);
  }
}

TEST_CASE("a right stays on its perimeter") {
  RightsState state = small_house();
  give(state, 1, "clinician", 3);
  give(state, 1, "aggregates", 4);
  // The reference spreads IPP search from cardiology to every readable unit; here it stays.
  Request request = by(1, "house", Action::SearchByIpp);
  request.zone = DataZone::Identity;
  const Decision decision = decide(state, request);
  REQUIRE(decision.allowed);
  CHECK(decision.nodes.size() == 1);
  CHECK(decision.nodes[0].perimeter == 3);
  CHECK(sees(state, decision, {{3}, 0, false, {}}));
  CHECK_FALSE(sees(state, decision, {{4}, 0, false, {}}));
}

TEST_CASE("a right on a hospital covers its units, and no other hospital") {
  RightsState state = small_house();
  give(state, 1, "clinician", 2);
  const Decision decision = decide(state, by(1, "house", Action::Read));
  CHECK(sees(state, decision, {{3}, 0, false, {}}));
  CHECK(sees(state, decision, {{4}, 0, false, {}}));
  CHECK_FALSE(sees(state, decision, {{5}, 0, false, {}}));
  CHECK_FALSE(sees(state, decision, {{}, 0, false, {}}));
}

TEST_CASE("one pseudonymised perimeter makes the whole cohort pseudonymised") {
  RightsState state = small_house();
  give(state, 1, "clinician", 3);
  CHECK(decide(state, by(1, "house", Action::Read)).level == Level::Nominative);
  give(state, 1, "researcher", 4);
  CHECK(decide(state, by(1, "house", Action::Read)).level == Level::Pseudonymised);
  CHECK(decide(state, by(1, "house", Action::ReadNominative)).rule == Rule::NotOnAllPerimeters);
  Request only_cardiology = by(1, "house", Action::Read);
  only_cardiology.perimeters = {3};
  CHECK(decide(state, only_cardiology).level == Level::Nominative);
}

TEST_CASE("adding a pseudonymised perimeter never shows a name") {
  for (std::uint64_t seed = 1; seed <= 20'000; ++seed) {
    RandomRights random(seed);
    RightsState state = random.state();
    Request request = random.request(state);
    request.action = Action::Read;
    request.zone = DataZone::Core;
    const Level before = decide(state, request).level;
    state.roles.push_back({99, "pseudo", RightSet{Right::ReadPseudonymised}});
    Access more;
    more.id = 99;
    more.user = request.principal.user;
    more.role = 99;
    more.perimeter = 1 + random.below(static_cast<std::int64_t>(state.perimeters.size()));
    more.start_us = kNow - 1;
    more.end_us = more.review_due_us = kNow + 1;
    more.ground = request.ground;
    state.accesses.push_back(more);
    const Level after = decide(state, request).level;
    if (after == Level::Nominative) CHECK(before == Level::Nominative);
  }
}

TEST_CASE("persons who objected are seen for care, and by the right to search them") {
  RightsState state = small_house();
  give(state, 1, "clinician", 3);
  give(state, 2, "dim", 3, Ground::Mandate);
  const PersonFacts opposed = {{3}, 0, true, {}};
  CHECK(sees(state, decide(state, by(1, "house", Action::Read)), opposed));
  CHECK_FALSE(sees(state, decide(state, by(2, "wilson", Action::Read, Ground::Mandate)), opposed));
  CHECK(
      sees(state, decide(state, by(2, "wilson", Action::SearchOpposed, Ground::Mandate)), opposed));
}

TEST_CASE("a label asks for its own right on the same perimeter") {
  RightsState state = small_house();
  give(state, 1, "clinician", 2);
  for (const Label label : {Label::Staff, Label::Vip, Label::Sensitive}) {
    INFO(label_name(label));
    RightsState each = state;
    const auto mask = static_cast<LabelMask>(1 << static_cast<int>(label));
    CHECK_FALSE(sees(each, decide(each, by(1, "house", Action::Read)), {{3}, mask, false, {}}));
    each.roles.push_back({50, "labelled", RightSet{right_of(label), Right::ReadNominative}});
    give(each, 1, "labelled", 4);
    CHECK_FALSE(sees(each, decide(each, by(1, "house", Action::Read)), {{3}, mask, false, {}}));
    CHECK(sees(each, decide(each, by(1, "house", Action::Read)), {{4}, mask, false, {}}));
  }
}

TEST_CASE("administrators and auditors read no data under any ground") {
  for (const std::string_view role : {"administrator", "auditor", "reidentifier", "data-manager"}) {
    for (const Ground ground : {Ground::Care, Ground::Mandate}) {
      RightsState state = small_house();
      give(state, 1, role, 1, ground);
      for (const Action action : {Action::Count, Action::Read, Action::ReadNominative,
                                  Action::SearchOpposed, Action::ExportNominative}) {
        INFO(role << " " << action_name(action));
        CHECK_FALSE(decide(state, by(1, "house", action, ground)).allowed);
      }
    }
  }
}

TEST_CASE("a decision says its rule, its accesses and its perimeters in both languages") {
  RightsState state = small_house();
  give(state, 1, "clinician", 3);
  const Request request = by(1, "house", Action::Read);
  const Decision decision = decide(state, request);
  CHECK(explain(state, request, decision, Language::English) ==
        "[A00] house, read: allowed\n"
        "  ground: care, purpose: care\n"
        "  level: nominative data\n"
        "  access 1: clinician on H1|CARD (Cardiologie) [read-aggregates, read-pseudonymised, "
        "read-nominative, search-by-ipp, break-glass]\n"
        "  perimeter: H1|CARD (Cardiologie)\n"
        "  persons who objected stay visible (care, legal duty)\n");
  const Request none = by(2, "wilson", Action::Read);
  CHECK(explain(state, none, decide(state, none), Language::French) ==
        "[D13] wilson, read: aucun accès actif ne donne ce droit ici\n");
}

}  // namespace eds::govern
