#include "govern/policy.h"

#include <algorithm>
#include <array>

namespace eds::govern {
namespace {

// What an action needs at every node, where it may happen, and under which grounds.
struct ActionRule {
  RightSet rights;  ///< all of them, at each node
  DataZone zone;
  bool care, mandate, permit;
  bool strong;  ///< two factors (IAM-2)
  Level level;
};

constexpr RightSet kAnyRead{Right::ReadPseudonymised, Right::ReadNominative};

// By Action's number. Read and SearchOpposed settle their level later: see read_decision().
constexpr std::array<ActionRule, kActionCount> kActions = {{
    {{}, DataZone::Core, false, true, true, false, Level::Counts},
    {{}, DataZone::Core, true, true, false, false, Level::Pseudonymised},
    {{Right::ReadNominative}, DataZone::Core, true, true, false, true, Level::Nominative},
    {{Right::ReadNominative, Right::SearchByIpp},
     DataZone::Identity,
     true,
     true,
     false,
     true,
     Level::Nominative},
    {{Right::SearchOpposed}, DataZone::Core, false, true, false, true, Level::Pseudonymised},
    {{Right::ExportAggregates}, DataZone::Aggregate, false, true, true, false, Level::Counts},
    {{Right::ReadNominative, Right::ExportNominative},
     DataZone::Core,
     true,
     false,
     false,
     true,
     Level::Nominative},
    {{Right::ReadNominative, Right::ExportWorkspaceNominative},
     DataZone::Core,
     true,
     false,
     false,
     true,
     Level::Nominative},
    {{Right::ReadPseudonymised, Right::ExportWorkspacePseudonymised},
     DataZone::Core,
     false,
     true,
     false,
     true,
     Level::Pseudonymised},
    {{Right::ReadPseudonymised, Right::ExportTransfer},
     DataZone::Core,
     false,
     true,
     false,
     true,
     Level::Pseudonymised},
    {{}, DataZone::Core, false, false, true, false, Level::Pseudonymised},
    {{Right::ManageUsers}, DataZone::Control, false, true, false, true, Level::Nothing},
    {{Right::ManageWorkspaces}, DataZone::Control, false, true, false, true, Level::Nothing},
    {{Right::Reidentify}, DataZone::Identity, false, true, false, true, Level::Nothing},
    {{Right::ReadAudit}, DataZone::Audit, false, true, false, true, Level::Nothing},
    {{}, DataZone::Mart, false, false, true, false, Level::Pseudonymised},
}};

bool ground_allows_purpose(Ground ground, UsePurpose purpose) {
  switch (ground) {
    case Ground::Care: return purpose == UsePurpose::Care;
    case Ground::Mandate:
      return purpose == UsePurpose::Steering || purpose == UsePurpose::CodingQuality ||
             purpose == UsePurpose::Feasibility;
    case Ground::Permit: return purpose != UsePurpose::Care && purpose != UsePurpose::Steering;
  }
  return false;
}

Decision deny(Rule rule) {
  Decision decision;
  decision.rule = rule;
  return decision;
}

const Perimeter* find_perimeter(const RightsState& state, PerimeterId id) {
  for (const Perimeter& perimeter : state.perimeters) {
    if (perimeter.id == id) return &perimeter;
  }
  return nullptr;
}

const Role* find_role(const RightsState& state, RoleId id) {
  for (const Role& role : state.roles) {
    if (role.id == id) return &role;
  }
  return nullptr;
}

const User* find_user(const RightsState& state, UserId id) {
  for (const User& user : state.users) {
    if (user.id == id) return &user;
  }
  return nullptr;
}

// The perimeter and all below it. Parents stand before children in the state.
std::set<PerimeterId> subtree(const RightsState& state, PerimeterId root) {
  std::set<PerimeterId> below = {root};
  for (const Perimeter& perimeter : state.perimeters) {
    if (below.count(perimeter.parent) != 0) below.insert(perimeter.id);
  }
  return below;
}

// The nodes asked for, with all below them; every node when none was named.
std::set<PerimeterId> asked_nodes(const RightsState& state, const Request& request) {
  std::set<PerimeterId> asked;
  for (const PerimeterId id : request.perimeters) asked.merge(subtree(state, id));
  if (request.perimeters.empty()) {
    for (const Perimeter& perimeter : state.perimeters) asked.insert(perimeter.id);
  }
  return asked;
}

// Each node the request names must hold the rights by itself; without names, one that does is
// enough and the others are left out.
bool covers_all_named(const Request& request, const std::vector<AllowedNode>& nodes) {
  return std::all_of(request.perimeters.begin(), request.perimeters.end(), [&](PerimeterId id) {
    return std::any_of(nodes.begin(), nodes.end(),
                       [&](const AllowedNode& node) { return node.perimeter == id; });
  });
}

std::vector<AllowedNode> with_rights(const std::vector<AllowedNode>& nodes, RightSet rights) {
  std::vector<AllowedNode> kept;
  for (const AllowedNode& node : nodes) {
    if (node.rights.has_all(rights)) kept.push_back(node);
  }
  return kept;
}

std::vector<AllowedNode> readable(const std::vector<AllowedNode>& nodes, RightSet besides) {
  std::vector<AllowedNode> kept;
  for (const AllowedNode& node : nodes) {
    if (node.rights.has_any(kAnyRead) && node.rights.has_all(besides)) kept.push_back(node);
  }
  return kept;
}

// HAB-3: nominative only where every readable node asked for is nominative.
Decision read_decision(const Request& request, const std::vector<AllowedNode>& nodes,
                       RightSet besides) {
  Decision decision;
  decision.nodes = readable(nodes, besides);
  if (decision.nodes.empty()) return deny(Rule::NoRight);
  if (!covers_all_named(request, decision.nodes)) return deny(Rule::NotOnAllPerimeters);
  const bool strong = request.principal.acr >= 2;
  const bool nominative =
      strong && request.action == Action::Read &&
      with_rights(decision.nodes, {Right::ReadNominative}).size() == decision.nodes.size();
  decision.level = nominative ? Level::Nominative : Level::Pseudonymised;
  decision.read_right = nominative ? Right::ReadNominative : Right::ReadPseudonymised;
  return decision;
}

Decision mandate_or_care(const RightsState& state, const Request& request,
                         const ActionRule& action) {
  const std::set<PerimeterId> asked = asked_nodes(state, request);
  std::vector<AllowedNode> nodes;
  for (AllowedNode& node :
       effective_rights(state, request.principal.user, request.ground, request.now_us)) {
    if (asked.count(node.perimeter) != 0) nodes.push_back(std::move(node));
  }
  if (request.action == Action::Read || request.action == Action::SearchOpposed) {
    return read_decision(request, nodes, action.rights);
  }
  Decision decision;
  decision.level = action.level;
  if (request.action == Action::Count) {
    for (const AllowedNode& node : nodes) {
      if (node.rights.has(Right::ReadAggregates) || node.rights.has_any(kAnyRead)) {
        decision.nodes.push_back(node);
      }
    }
    decision.read_right = Right::ReadAggregates;
  } else {
    decision.nodes = with_rights(nodes, action.rights);
    decision.read_right =
        action.level == Level::Nominative ? Right::ReadNominative : Right::ReadPseudonymised;
  }
  if (decision.nodes.empty()) return deny(Rule::NoRight);
  if (!covers_all_named(request, decision.nodes)) return deny(Rule::NotOnAllPerimeters);
  // EXP-4: what leaves with names, or is shown by name alone, needs the right on every node that
  // the reader sees at all, unless the request says which nodes it means.
  if (action.level == Level::Nominative && request.perimeters.empty() &&
      decision.nodes.size() != readable(nodes, {}).size()) {
    return deny(Rule::NotOnAllPerimeters);
  }
  return decision;
}

Decision under_permit(const RightsState& state, const Request& request, const ActionRule& action) {
  const auto found = std::find_if(state.permits.begin(), state.permits.end(),
                                  [&](const Permit& each) { return each.id == request.permit; });
  if (found == state.permits.end()) return deny(Rule::NoPermit);
  if (found->state != PermitState::Active || request.now_us < found->start_us ||
      request.now_us >= found->end_us) {
    return deny(Rule::PermitInactive);
  }
  if (std::count(found->users.begin(), found->users.end(), request.principal.user) == 0) {
    return deny(Rule::NotNamed);
  }
  if (found->purpose != request.purpose) return deny(Rule::GroundPurpose);
  const std::set<PerimeterId> asked = asked_nodes(state, request);
  std::set<PerimeterId> permitted;
  // A data store was cut to the perimeters when it was built, and is read as a whole.
  if (request.action == Action::ReadMart) permitted.insert(kRootPerimeter);
  for (const PerimeterId id : found->perimeters) {
    if (request.action != Action::ReadMart) permitted.merge(subtree(state, id));
  }
  Decision decision;
  decision.level = action.level;
  decision.read_right =
      action.level == Level::Counts ? Right::ReadAggregates : Right::ReadPseudonymised;
  for (const PerimeterId id : permitted) {
    if (asked.count(id) == 0) continue;
    decision.nodes.push_back(
        {id, RightSet{Right::ReadAggregates, Right::ReadPseudonymised, Right::ExportAggregates}});
  }
  if (decision.nodes.empty()) return deny(Rule::NoRight);
  if (!covers_all_named(request, decision.nodes)) return deny(Rule::NotOnAllPerimeters);
  decision.permit = found->id;
  decision.project = found->project;
  return decision;
}

// Accesses that gave a right at one of the nodes.
std::vector<AccessId> counted_accesses(const RightsState& state, const Request& request,
                                       const Decision& decision) {
  std::vector<AccessId> counted;
  if (decision.permit != 0) return counted;
  std::set<PerimeterId> nodes;
  for (const AllowedNode& node : decision.nodes) nodes.insert(node.perimeter);
  for (const Access& access : state.accesses) {
    if (access.user != request.principal.user || access.ground != request.ground ||
        !is_active(access, request.now_us)) {
      continue;
    }
    const std::set<PerimeterId> below = subtree(state, access.perimeter);
    const bool meets = std::any_of(below.begin(), below.end(),
                                   [&](PerimeterId id) { return nodes.count(id) != 0; });
    if (meets) counted.push_back(access.id);
  }
  std::sort(counted.begin(), counted.end());
  return counted;
}

void settle(const RightsState& state, const Request& request, Decision& decision) {
  decision.allowed = true;
  decision.rule = Rule::Allowed;
  decision.accesses = counted_accesses(state, request, decision);
  decision.is_whole =
      std::any_of(decision.nodes.begin(), decision.nodes.end(),
                  [](const AllowedNode& node) { return node.perimeter == kRootPerimeter; });
  decision.drops_opposed =
      request.ground != Ground::Care && request.action != Action::SearchOpposed;
  unsigned transforms = 0;
  if (decision.level == Level::Counts) transforms |= static_cast<unsigned>(Transform::CountProtect);
  if (decision.level == Level::Pseudonymised) {
    transforms |= static_cast<unsigned>(Transform::Generalise);
  }
  if (request.action == Action::BuildMart) {
    transforms |=
        static_cast<unsigned>(Transform::Pseudonym) | static_cast<unsigned>(Transform::DateShift);
  }
  decision.transforms = static_cast<std::uint8_t>(transforms);
  unsigned obligations = 0;
  if (decision.level == Level::Nominative) {
    obligations |= static_cast<unsigned>(Obligation::AuditEach);
  }
  for (const Access& access : state.accesses) {
    const bool counted =
        std::binary_search(decision.accesses.begin(), decision.accesses.end(), access.id);
    if (counted && access.is_break_glass) {
      obligations |=
          static_cast<unsigned>(Obligation::Notice) | static_cast<unsigned>(Obligation::Review);
    }
  }
  decision.obligations = static_cast<std::uint8_t>(obligations);
}

bool is_known(const Request& request) {
  return static_cast<int>(request.action) < kActionCount &&
         static_cast<int>(request.zone) < kDataZoneCount &&
         static_cast<int>(request.ground) <= static_cast<int>(Ground::Permit) &&
         static_cast<int>(request.purpose) < kUsePurposeCount && request.now_us > 0 &&
         request.principal.acr >= 0 && request.principal.acr <= 2 &&
         (request.permit == 0) == (request.ground != Ground::Permit);
}

}  // namespace

std::string_view rule_id(Rule rule) {
  constexpr std::array<std::string_view, 16> kIds = {"A00", "D01", "D02", "D03", "D04", "D05",
                                                     "D06", "D07", "D08", "D09", "D10", "D11",
                                                     "D12", "D13", "D14", "D15"};
  return kIds[static_cast<std::size_t>(rule)];
}

std::vector<AllowedNode> effective_rights(const RightsState& state, UserId user, Ground ground,
                                          std::int64_t now_us) {
  std::map<PerimeterId, RightSet> held;
  for (const Access& access : state.accesses) {
    if (access.user != user || access.ground != ground || !is_active(access, now_us)) continue;
    const Role* role = find_role(state, access.role);
    if (role == nullptr || role->rights.empty()) continue;
    for (const PerimeterId id : subtree(state, access.perimeter)) {
      held[id] = held[id] | role->rights;
    }
  }
  std::vector<AllowedNode> nodes;
  for (const auto& [id, rights] : held) {
    if (find_perimeter(state, id) != nullptr) nodes.push_back({id, rights});
  }
  return nodes;
}

Decision decide(const RightsState& state, const Request& request) {
  if (request.now_us + kClockToleranceUs < state.clock_us) return deny(Rule::ClockJump);
  if (!is_known(request)) return deny(Rule::UnknownAttribute);
  const User* user = find_user(state, request.principal.user);
  if (user == nullptr || user->name != request.principal.name) return deny(Rule::UnknownUser);
  if (user->is_disabled) return deny(Rule::DisabledUser);
  const ActionRule& action = kActions[static_cast<std::size_t>(request.action)];
  if (action.zone != request.zone) return deny(Rule::ZoneAction);
  const bool ground_fits = (request.ground == Ground::Care && action.care) ||
                           (request.ground == Ground::Mandate && action.mandate) ||
                           (request.ground == Ground::Permit && action.permit);
  if (!ground_fits || !ground_allows_purpose(request.ground, request.purpose)) {
    return deny(Rule::GroundPurpose);
  }
  if (request.principal.acr < (action.strong ? 2 : 1)) return deny(Rule::WeakSignIn);
  for (const PerimeterId id : request.perimeters) {
    if (find_perimeter(state, id) == nullptr) return deny(Rule::UnknownPerimeter);
  }
  Decision decision = request.ground == Ground::Permit ? under_permit(state, request, action)
                                                       : mandate_or_care(state, request, action);
  if (decision.nodes.empty()) return decision;
  settle(state, request, decision);
  return decision;
}

bool sees(const RightsState&, const Decision& decision, const PersonFacts& person) {
  if (!decision.allowed) return false;
  if (decision.drops_opposed && person.is_opposed) return false;
  if (!decision.project.empty() && person.opposed_projects.count(decision.project) != 0) {
    return false;
  }
  RightSet needed;
  for (int at = 0; at < kLabelCount; ++at) {
    if ((person.labels >> at & 1) != 0)
      needed = needed | RightSet{right_of(static_cast<Label>(at))};
  }
  return std::any_of(decision.nodes.begin(), decision.nodes.end(), [&](const AllowedNode& node) {
    const bool here = node.perimeter == kRootPerimeter || person.stays.count(node.perimeter) != 0;
    return here && node.rights.has_all(needed);
  });
}

}  // namespace eds::govern
