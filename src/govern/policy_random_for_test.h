// Random rights: small trees, roles, accesses, permits, persons and requests from one seed.
// Included by tests only.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "govern/policy.h"

namespace eds::govern {

class RandomRights {
 public:
  explicit RandomRights(std::uint64_t seed) : random_(seed) {}

  static constexpr std::int64_t kNow = 1'700'000'000'000'000;
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(bound));
  }
  bool one_in(std::int64_t count) { return below(count) == 0; }

  RightsState state() {
    RightsState made;
    made.epoch = 1;
    made.clock_us = one_in(40) ? kNow + 400'000'000 : kNow - below(1'000'000);
    const std::int64_t nodes = 1 + below(8);
    for (std::int64_t id = 1; id <= nodes; ++id) {
      made.perimeters.push_back({id, id == 1 ? 0 : 1 + below(id - 1), "p" + std::to_string(id), "",
                                 PerimeterKind::Unit, 100 + id});
    }
    for (UserId id = 1; id <= 3; ++id) {
      made.users.push_back({id, "u" + std::to_string(id), "", one_in(20)});
    }
    for (RoleId id = 1; id <= 4; ++id) {
      std::uint32_t bits = 0;
      for (int at = 0; at < kRightCount; ++at) {
        if (one_in(at < 3 ? 2 : 3)) bits |= std::uint32_t{1} << at;
      }
      made.roles.push_back({id, "r" + std::to_string(id), RightSet(bits)});
    }
    const std::int64_t accesses = below(7);
    for (AccessId id = 1; id <= accesses; ++id) made.accesses.push_back(access(id, nodes));
    for (std::int64_t id = 1; id <= 2; ++id) made.permits.push_back(permit(id, nodes));
    return made;
  }

  Request request(const RightsState& state) {
    Request made;
    made.principal.user = 1 + below(one_in(30) ? 6 : 3);
    made.principal.name = "u" + std::to_string(one_in(40) ? 9 : made.principal.user);
    made.principal.acr = static_cast<int>(one_in(20) ? below(5) - 1 : 1 + below(2));
    made.action = static_cast<Action>(one_in(3) ? below(kActionCount + 1) : below(5));
    made.ground = static_cast<Ground>(below(3));
    const UsePurpose usual[] = {UsePurpose::Care, UsePurpose::Steering, UsePurpose::Research};
    made.purpose = one_in(6) ? static_cast<UsePurpose>(below(kUsePurposeCount + 1))
                             : usual[static_cast<std::size_t>(made.ground)];
    if ((made.ground == Ground::Permit) != one_in(30)) made.permit = 1 + below(one_in(20) ? 5 : 2);
    made.zone = zone(made.action);
    const auto nodes = static_cast<std::int64_t>(state.perimeters.size());
    while (one_in(3)) made.perimeters.push_back(1 + below(one_in(20) ? nodes + 2 : nodes));
    made.now_us = kNow;
    return made;
  }

  PersonFacts person(const RightsState& state) {
    PersonFacts made;
    const auto nodes = static_cast<std::int64_t>(state.perimeters.size());
    while (!one_in(3)) made.stays.insert(1 + below(nodes));
    made.stays.erase(kRootPerimeter);  // Nobody stays in the whole institution.
    if (one_in(3)) made.labels = static_cast<LabelMask>(below(8));
    made.is_opposed = one_in(4);
    if (one_in(4)) made.opposed_projects.insert("project" + std::to_string(1 + below(2)));
    return made;
  }

 private:
  Access access(AccessId id, std::int64_t nodes) {
    Access made;
    made.id = id;
    made.user = 1 + below(3);
    made.role = 1 + below(4);
    made.perimeter = 1 + below(nodes);
    // Edges on purpose: begins now, ends now, is due now.
    made.start_us = kNow + (one_in(5) ? below(3) - 1 : -1000);
    made.end_us = kNow + (one_in(5) ? below(3) - 1 : 1000);
    made.revoked_us = one_in(6) ? kNow + below(3) - 1 : 0;
    made.review_due_us = kNow + (one_in(6) ? below(3) - 1 : 1000);
    made.ground = one_in(2) ? Ground::Care : Ground::Mandate;
    made.is_break_glass = one_in(8);
    return made;
  }

  Permit permit(std::int64_t id, std::int64_t nodes) {
    Permit made;
    made.id = id;
    made.project = "project" + std::to_string(id);
    made.purpose =
        one_in(5) ? static_cast<UsePurpose>(below(kUsePurposeCount)) : UsePurpose::Research;
    made.state = one_in(5) ? static_cast<PermitState>(below(9)) : PermitState::Active;
    made.users = {1 + below(3)};
    if (one_in(2)) made.users.push_back(1 + below(3));
    made.perimeters = {1 + below(nodes)};
    made.start_us = kNow + (one_in(8) ? below(3) - 1 : -1000);
    made.end_us = kNow + (one_in(8) ? below(3) - 1 : 1000);
    return made;
  }

  DataZone zone(Action action) {
    if (one_in(20)) return static_cast<DataZone>(below(kDataZoneCount + 1));
    switch (action) {
      case Action::SearchByIpp:
      case Action::Reidentify: return DataZone::Identity;
      case Action::ExportAggregates: return DataZone::Aggregate;
      case Action::ManageUsers:
      case Action::ManageWorkspaces: return DataZone::Control;
      case Action::ReadAudit: return DataZone::Audit;
      case Action::ReadMart: return DataZone::Mart;
      default: return DataZone::Core;
    }
  }

  std::mt19937_64 random_;
};

}  // namespace eds::govern
