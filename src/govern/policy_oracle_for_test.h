// The policy a second time, slow and obvious: one person, one request, plain loops, written from
// docs/concepts/rights.md and from nothing of policy.cc. Included by tests only.
#pragma once

#include <algorithm>

#include "govern/policy.h"

namespace eds::govern::oracle {

inline bool is_under(const RightsState& state, PerimeterId node, PerimeterId top) {
  while (node != 0) {
    if (node == top) return true;
    PerimeterId up = 0;
    for (const Perimeter& each : state.perimeters) {
      if (each.id == node) up = each.parent;
    }
    node = up;
  }
  return false;
}

inline bool exists(const RightsState& state, PerimeterId node) {
  for (const Perimeter& each : state.perimeters) {
    if (each.id == node) return true;
  }
  return false;
}

/// Does the user hold this one right at this one node?
inline bool holds(const RightsState& state, const Request& request, PerimeterId node, Right right) {
  const std::int64_t now = request.now_us;
  if (request.ground == Ground::Permit) {
    for (const Permit& permit : state.permits) {
      if (permit.id != request.permit) continue;
      const bool given = right == Right::ReadAggregates || right == Right::ReadPseudonymised ||
                         right == Right::ExportAggregates;
      // The data store has no perimeters left: it is all there, under the root.
      if (request.action == Action::ReadMart) return given && node == kRootPerimeter;
      for (const PerimeterId top : permit.perimeters) {
        if (given && is_under(state, node, top)) return true;
      }
    }
    return false;
  }
  for (const Access& access : state.accesses) {
    if (access.user != request.principal.user) continue;
    if (access.ground != request.ground) continue;
    if (now < access.start_us || now >= access.end_us) continue;
    if (access.revoked_us != 0 && access.revoked_us <= now) continue;
    if (now >= access.review_due_us) continue;
    if (!is_under(state, node, access.perimeter)) continue;
    for (const Role& role : state.roles) {
      if (role.id == access.role && role.rights.has(right)) return true;
    }
  }
  return false;
}

inline bool is_asked(const RightsState& state, const Request& request, PerimeterId node) {
  if (request.perimeters.empty()) return true;
  for (const PerimeterId top : request.perimeters) {
    if (is_under(state, node, top)) return true;
  }
  return false;
}

/// May anything at all be done: who, when, where, why.
inline bool is_admissible(const RightsState& state, const Request& request) {
  if (request.now_us <= 0 || request.now_us < state.clock_us - 300'000'000) return false;
  if (request.principal.acr < 1 || request.principal.acr > 2) return false;
  bool known = false;
  for (const User& user : state.users) {
    if (user.id == request.principal.user && user.name == request.principal.name) {
      known = !user.is_disabled;
    }
  }
  if (!known) return false;
  for (const PerimeterId each : request.perimeters) {
    if (!exists(state, each)) return false;
  }
  const auto purpose = request.purpose;
  if (request.ground == Ground::Care) {
    if (purpose != UsePurpose::Care || request.permit != 0) return false;
  } else if (request.ground == Ground::Mandate) {
    if (request.permit != 0) return false;
    if (purpose != UsePurpose::Steering && purpose != UsePurpose::CodingQuality &&
        purpose != UsePurpose::Feasibility) {
      return false;
    }
  } else if (request.ground == Ground::Permit) {
    for (const Permit& permit : state.permits) {
      if (permit.id != request.permit) continue;
      bool named = false;
      for (const std::int64_t user : permit.users) named = named || user == request.principal.user;
      return named && permit.state == PermitState::Active && permit.purpose == purpose &&
             permit.start_us <= request.now_us && request.now_us < permit.end_us &&
             purpose != UsePurpose::Care && purpose != UsePurpose::Steering;
    }
    return false;
  } else {
    return false;
  }
  return true;
}

struct Need {
  std::vector<Right> rights;  ///< all of them at the node
  bool any_read = false;      ///< and one of the two reads
  bool any_count = false;     ///< or, for counts, aggregates or a read
  DataZone zone = DataZone::Core;
  std::vector<Ground> grounds;
  int acr = 1;
  Level level = Level::Nothing;
};

inline Need need_of(Action action) {
  const std::vector<Ground> in_house = {Ground::Care, Ground::Mandate};
  const std::vector<Ground> mandate = {Ground::Mandate};
  switch (action) {
    case Action::Count:
      return {{}, false, true, DataZone::Core, {Ground::Mandate, Ground::Permit}, 1, Level::Counts};
    case Action::Read: return {{}, true, false, DataZone::Core, in_house, 1, Level::Pseudonymised};
    case Action::ReadNominative:
      return {{Right::ReadNominative}, false, false, DataZone::Core, in_house, 2,
              Level::Nominative};
    case Action::SearchByIpp:
      return {{Right::ReadNominative, Right::SearchByIpp},
              false,
              false,
              DataZone::Identity,
              in_house,
              2,
              Level::Nominative};
    case Action::SearchOpposed:
      return {{Right::SearchOpposed}, true, false, DataZone::Core, mandate, 2,
              Level::Pseudonymised};
    case Action::ExportAggregates:
      return {{Right::ExportAggregates},         false, false,        DataZone::Aggregate,
              {Ground::Mandate, Ground::Permit}, 1,     Level::Counts};
    case Action::ExportNominative:
      return {{Right::ReadNominative, Right::ExportNominative},
              false,
              false,
              DataZone::Core,
              {Ground::Care},
              2,
              Level::Nominative};
    case Action::ExportWorkspaceNominative:
      return {{Right::ReadNominative, Right::ExportWorkspaceNominative},
              false,
              false,
              DataZone::Core,
              {Ground::Care},
              2,
              Level::Nominative};
    case Action::ExportWorkspacePseudonymised:
      return {{Right::ReadPseudonymised, Right::ExportWorkspacePseudonymised},
              false,
              false,
              DataZone::Core,
              mandate,
              2,
              Level::Pseudonymised};
    case Action::ExportTransfer:
      return {{Right::ReadPseudonymised, Right::ExportTransfer},
              false,
              false,
              DataZone::Core,
              mandate,
              2,
              Level::Pseudonymised};
    case Action::ReadMart:
      return {{}, false, false, DataZone::Mart, {Ground::Permit}, 1, Level::Pseudonymised};
    case Action::BuildMart:
      return {{}, false, false, DataZone::Core, {Ground::Permit}, 1, Level::Pseudonymised};
    case Action::ManageUsers:
      return {{Right::ManageUsers}, false, false, DataZone::Control, mandate, 2, Level::Nothing};
    case Action::ManageWorkspaces:
      return {
          {Right::ManageWorkspaces}, false, false, DataZone::Control, mandate, 2, Level::Nothing};
    case Action::Reidentify:
      return {{Right::Reidentify}, false, false, DataZone::Identity, mandate, 2, Level::Nothing};
    case Action::ReadAudit:
      return {{Right::ReadAudit}, false, false, DataZone::Audit, mandate, 2, Level::Nothing};
  }
  return {};
}

struct Verdict {
  bool allowed = false;
  Level level = Level::Nothing;
  std::vector<PerimeterId> nodes;
};

inline Verdict judge(const RightsState& state, const Request& request) {
  Verdict verdict;
  if (static_cast<int>(request.action) >= kActionCount) return verdict;
  if (static_cast<int>(request.purpose) >= kUsePurposeCount) return verdict;
  if (!is_admissible(state, request)) return verdict;
  const Need need = need_of(request.action);
  if (request.zone != need.zone || request.principal.acr < need.acr) return verdict;
  if (std::count(need.grounds.begin(), need.grounds.end(), request.ground) == 0) return verdict;
  std::size_t readable = 0;
  bool all_nominative = true;
  for (const Perimeter& each : state.perimeters) {
    const PerimeterId node = each.id;
    if (!is_asked(state, request, node)) continue;
    const auto has = [&](Right right) { return holds(state, request, node, right); };
    const bool reads = has(Right::ReadPseudonymised) || has(Right::ReadNominative);
    if (reads) ++readable;
    bool fits = std::all_of(need.rights.begin(), need.rights.end(), has);
    if (need.any_read) fits = fits && reads;
    if (need.any_count) fits = reads || has(Right::ReadAggregates);
    if (request.action == Action::BuildMart || request.action == Action::ReadMart) {
      fits = has(Right::ReadPseudonymised);
    }
    if (!fits) continue;
    verdict.nodes.push_back(node);
    all_nominative = all_nominative && has(Right::ReadNominative);
  }
  if (verdict.nodes.empty()) return verdict;
  for (const PerimeterId named : request.perimeters) {
    if (std::count(verdict.nodes.begin(), verdict.nodes.end(), named) == 0) return verdict;
  }
  const bool must_be_all = need.level == Level::Nominative && request.perimeters.empty();
  if (must_be_all && verdict.nodes.size() != readable) return verdict;
  verdict.allowed = true;
  verdict.level = need.level;
  if (request.action == Action::Read && all_nominative && request.principal.acr == 2) {
    verdict.level = Level::Nominative;
  }
  return verdict;
}

/// Does the request show this person?
inline bool sees(const RightsState& state, const Request& request, const PersonFacts& person) {
  const Verdict verdict = judge(state, request);
  if (!verdict.allowed) return false;
  if (request.ground != Ground::Care && request.action != Action::SearchOpposed &&
      person.is_opposed) {
    return false;
  }
  for (const Permit& permit : state.permits) {
    if (request.ground == Ground::Permit && permit.id == request.permit &&
        person.opposed_projects.count(permit.project) != 0) {
      return false;
    }
  }
  for (const PerimeterId node : verdict.nodes) {
    if (node != kRootPerimeter && person.stays.count(node) == 0) continue;
    bool opens = true;
    if ((person.labels & 1) != 0) opens = opens && holds(state, request, node, Right::ReadStaff);
    if ((person.labels & 2) != 0) opens = opens && holds(state, request, node, Right::ReadVip);
    if ((person.labels & 4) != 0) {
      opens = opens && holds(state, request, node, Right::ReadSensitive);
    }
    if (opens) return true;
  }
  return false;
}

}  // namespace eds::govern::oracle
