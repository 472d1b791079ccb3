// Who may give rights to whom (HAB-8, HAB-10).
#include <algorithm>

#include "govern/policy.h"

namespace eds::govern {
namespace {

const Role* role_of(const RightsState& state, RoleId id) {
  const auto found = std::find_if(state.roles.begin(), state.roles.end(),
                                  [&](const Role& each) { return each.id == id; });
  return found == state.roles.end() ? nullptr : &*found;
}

bool is_at_or_below(const RightsState& state, PerimeterId node, PerimeterId top) {
  // The tree is no deeper than it has nodes: a loop in a damaged store ends here.
  for (std::size_t step = 0; step <= state.perimeters.size(); ++step) {
    if (node == top) return true;
    const auto found = std::find_if(state.perimeters.begin(), state.perimeters.end(),
                                    [&](const Perimeter& each) { return each.id == node; });
    if (found == state.perimeters.end() || found->parent == 0) return false;
    node = found->parent;
  }
  return false;
}

// Whether one active access of the manager holds `same` at or above the perimeter, or `below`
// strictly above it.
bool manages(const RightsState& state, UserId manager, Right same, Right below,
             PerimeterId perimeter, std::int64_t now_us) {
  return std::any_of(state.accesses.begin(), state.accesses.end(), [&](const Access& access) {
    if (access.user != manager || !is_active(access, now_us)) return false;
    const Role* role = role_of(state, access.role);
    if (role == nullptr || !is_at_or_below(state, perimeter, access.perimeter)) return false;
    return role->rights.has(same) || (role->rights.has(below) && perimeter != access.perimeter);
  });
}

// What the user holds, or will hold: a grant for tomorrow conflicts today.
RightSet held_or_promised(const RightsState& state, UserId user, std::int64_t now_us) {
  RightSet held;
  for (const Access& access : state.accesses) {
    const bool is_over = access.end_us <= now_us || access.revoked_us != 0;
    if (access.user != user || is_over) continue;
    const Role* role = role_of(state, access.role);
    if (role != nullptr) held = held | role->rights;
  }
  return held;
}

Status is_user(const RightsState& state, UserId id, std::string_view who) {
  const auto found = std::find_if(state.users.begin(), state.users.end(),
                                  [&](const User& each) { return each.id == id; });
  if (found != state.users.end() && !found->is_disabled) return {};
  return Error{Code::Refused, "[G01] unknown or disabled: " + std::string(who)};
}

Status may_manage(const RightsState& state, UserId manager, RightSet rights, PerimeterId perimeter,
                  std::int64_t now_us) {
  if (rights.has_any(kAdministratorRights)) {
    return Error{Code::Refused, "[G04] only the warehouse's owner gives or takes this role"};
  }
  if (rights.has_any(kDataRights) &&
      !manages(state, manager, Right::ManageDataSame, Right::ManageDataBelow, perimeter, now_us)) {
    return Error{Code::Refused, "[G05] data rights here are not the manager's to give or take"};
  }
  if (rights.has_any(kDataManagerRights) && !manages(state, manager, Right::ManageAdminSame,
                                                     Right::ManageAdminBelow, perimeter, now_us)) {
    return Error{Code::Refused, "[G06] managers here are not this person's to name or dismiss"};
  }
  return {};
}

}  // namespace

Status may_grant(const RightsState& state, UserId manager, UserId user, const Role& role,
                 PerimeterId perimeter, std::int64_t now_us) {
  TRY(is_user(state, user, "the person who would get the role"));
  if (role.rights.empty()) return Error{Code::Refused, "[G02] a role without rights gives nothing"};
  const RightSet held = held_or_promised(state, user, now_us);
  const bool mixes =
      (role.rights.has_any(kAdministratorRights) && (held | role.rights).has_any(kDataRights)) ||
      (role.rights.has_any(kDataRights) && held.has_any(kAdministratorRights));
  if (mixes) {
    return Error{Code::Refused, "[G07] an administrator of the platform holds no data right"};
  }
  if (manager == 0) return {};
  TRY(is_user(state, manager, "the manager"));
  if (manager == user) return Error{Code::Refused, "[G03] nobody gives rights to himself"};
  return may_manage(state, manager, role.rights, perimeter, now_us);
}

Status may_revoke(const RightsState& state, UserId manager, const Access& access,
                  std::int64_t now_us) {
  if (manager == 0) return {};
  TRY(is_user(state, manager, "the manager"));
  if (manager == access.user) {
    return Error{Code::Refused, "[G03] nobody reviews or takes his own rights"};
  }
  const Role* role = role_of(state, access.role);
  if (role == nullptr) return Error{Code::Refused, "[G02] the access has no known role"};
  return may_manage(state, manager, role->rights, access.perimeter, now_us);
}

}  // namespace eds::govern
