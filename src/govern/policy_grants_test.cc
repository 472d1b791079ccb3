// No sequence of grants gives anybody more than his manager could give (HAB-8).
#include <doctest/doctest.h>

#include <set>

#include "govern/policy.h"

namespace eds::govern {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

//   1 * -> 2 -> 3;  1 -> 4
RightsState bare() {
  RightsState state;
  state.perimeters = {{1, 0, "*", "", PerimeterKind::Group, 0},
                      {2, 1, "A", "", PerimeterKind::Hospital, 0},
                      {4, 1, "B", "", PerimeterKind::Hospital, 0},
                      {3, 2, "A|1", "", PerimeterKind::Unit, 0}};
  state.users = {{1, "u1", "", false}, {2, "u2", "", false}, {3, "u3", "", false}};
  state.roles = {{1, "reader", RightSet{Right::ReadNominative}},
                 {2, "manager", kDataManagerRights},
                 {3, "namer", RightSet{Right::ManageAdminSame, Right::ManageAdminBelow}},
                 {4, "below", RightSet{Right::ManageDataBelow}},
                 {5, "auditor", RightSet{Right::ReadAudit}}};
  return state;
}

Access access(UserId user, RoleId role, PerimeterId perimeter) {
  Access made;
  made.user = user;
  made.role = role;
  made.perimeter = perimeter;
  made.start_us = kNow - 1;
  made.end_us = made.review_due_us = kNow + 1'000'000;
  return made;
}

using Held = std::set<std::tuple<UserId, RoleId, PerimeterId>>;

RightsState state_of(const Held& held) {
  RightsState state = bare();
  for (const auto& [user, role, perimeter] : held) {
    state.accesses.push_back(access(user, role, perimeter));
    state.accesses.back().id = static_cast<AccessId>(state.accesses.size());
  }
  return state;
}

bool is_under(PerimeterId node, PerimeterId top) {
  return node == top || top == 1 || (node == 3 && top == 2);
}

// What the starting accesses could ever justify, said without the code under test: a reader's right
// needs a manager above it, a manager's needs a namer above it, an auditor's or namer's nobody
// gives.
bool is_justified(const Held& start, UserId user, RoleId role, PerimeterId perimeter) {
  if (start.count({user, role, perimeter}) != 0) return true;
  for (const auto& [holder, held, top] : start) {
    if (!is_under(perimeter, top)) continue;
    if (role == 1 && held == 2 && holder != user) return true;
    if (role == 1 && held == 4 && perimeter != top && holder != user) return true;
    // A namer makes a manager of somebody, who makes a reader of a third: not of the namer.
    if (role == 1 && held == 3 && holder != user) return true;
    if ((role == 2 || role == 4) && held == 3 && holder != user) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("no escalation in six steps from any one or two accesses") {
  std::size_t reached = 0;
  std::size_t models = 0;
  std::vector<std::tuple<UserId, RoleId, PerimeterId>> all;
  for (UserId user = 1; user <= 3; ++user) {
    for (RoleId role = 1; role <= 5; ++role) {
      for (const PerimeterId perimeter : {1, 2, 3, 4}) all.push_back({user, role, perimeter});
    }
  }
  for (std::size_t one = 0; one < all.size(); ++one) {
    for (std::size_t other = one; other < all.size(); ++other) {
      const Held start = {all[one], all[other]};
      ++models;
      // Grants only add, and none takes away another's permission but G07, so doing every allowed
      // grant in each step reaches whatever any sequence of as many steps does.
      Held held = start;
      for (int step = 0; step < 6; ++step) {
        const RightsState state = state_of(held);
        Held next = held;
        for (UserId manager = 1; manager <= 3; ++manager) {
          for (const auto& [user, role, perimeter] : all) {
            if (may_grant(state, manager, user, state.roles[static_cast<std::size_t>(role - 1)],
                          perimeter, kNow)
                    .ok()) {
              next.insert({user, role, perimeter});
            }
          }
        }
        if (next == held) break;
        held = next;
      }
      for (const auto& [user, role, perimeter] : held) {
        ++reached;
        INFO("user " << user << " role " << role << " on " << perimeter);
        CHECK(is_justified(start, user, role, perimeter));
        if (role == 5 || role == 3) CHECK(start.count({user, role, perimeter}) != 0);
      }
    }
  }
  CHECK(models == 1830);
  CHECK(reached > 2000);
}

TEST_CASE("nobody grants to himself, above himself or beside himself") {
  const RightsState state = state_of({{1, 2, 2}});
  const auto grants = [&](UserId to, RoleId role, PerimeterId on) {
    return may_grant(state, 1, to, state.roles[static_cast<std::size_t>(role - 1)], on, kNow).ok();
  };
  CHECK(grants(2, 1, 2));
  CHECK(grants(2, 1, 3));
  CHECK_FALSE(grants(2, 1, 1));
  CHECK_FALSE(grants(2, 1, 4));
  CHECK_FALSE(grants(1, 1, 2));
  CHECK_FALSE(grants(2, 2, 3));
  CHECK_FALSE(grants(2, 5, 3));
}

TEST_CASE("a manager of what is below grants below alone") {
  const RightsState state = state_of({{1, 4, 2}});
  CHECK(may_grant(state, 1, 2, state.roles[0], 3, kNow).ok());
  CHECK_FALSE(may_grant(state, 1, 2, state.roles[0], 2, kNow).ok());
}

TEST_CASE("administrators get no data right, and readers no administration, even from the owner") {
  const RightsState auditor = state_of({{2, 5, 1}});
  CHECK_FALSE(may_grant(auditor, 0, 2, auditor.roles[0], 3, kNow).ok());
  const RightsState reader = state_of({{2, 1, 3}});
  CHECK_FALSE(may_grant(reader, 0, 2, reader.roles[4], 1, kNow).ok());
  CHECK(may_grant(reader, 0, 1, reader.roles[4], 1, kNow).ok());
}

TEST_CASE("an access is taken or kept by its managers, never by its holder") {
  const RightsState state = state_of({{1, 2, 2}, {2, 1, 3}});
  CHECK(may_revoke(state, 1, access(2, 1, 3), kNow).ok());
  CHECK_FALSE(may_revoke(state, 2, access(2, 1, 3), kNow).ok());
  CHECK_FALSE(may_revoke(state, 1, access(2, 1, 4), kNow).ok());
  CHECK(may_revoke(state, 0, access(2, 1, 4), kNow).ok());
}

}  // namespace eds::govern
