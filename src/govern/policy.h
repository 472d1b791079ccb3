// Policy: may this person do this, here, now, for this reason? The one place that answers.
//
// Invariants: decide() is a pure function of (state, request): no clock, no file, no memory between
// calls. It denies unless a rule allows; each answer carries the rule that made it. A right counts
// only on the perimeters of the access that holds it, each node of the tree being judged apart.
// What the request does not say, or says in a way no rule knows, is denied.
// Threads: pure functions.
// Source: requirement ids GOV-1, HAB-1..4, HAB-10..14, OPP-1..2 (docs/concepts/rights.md).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "govern/rights.h"

namespace eds::govern {

/// Who asks, as sign-in established it.
struct Principal {
  UserId user = 0;
  std::string name;
  int acr = 0;          ///< 0 nothing, 1 one factor, 2 two factors or a card
  std::string source;   ///< where from: "cli", an address
  std::string session;  ///< the ticket's public number, for the audit
};

enum class Action : std::uint8_t {
  Count,           ///< protected counts only
  Read,            ///< nominative where held on all perimeters asked for, else pseudonymised
  ReadNominative,  ///< nominative, or nothing
  SearchByIpp,
  SearchOpposed,  ///< Read, with opposed persons
  ExportAggregates,
  ExportNominative,
  ExportWorkspaceNominative,
  ExportWorkspacePseudonymised,
  ExportTransfer,
  BuildMart,  ///< the mart builder reads the core for a permit
  ManageUsers,
  ManageWorkspaces,
  Reidentify,
  ReadAudit,
  ReadMart,  ///< the data store of a permit's project
};
inline constexpr int kActionCount = 16;
std::string_view action_name(Action action);

/// Where the data lies (reference, 4.1). Not keys.h's Zone, which is about keys.
enum class DataZone : std::uint8_t { Core, Identity, Mart, Aggregate, Audit, Control };
inline constexpr int kDataZoneCount = 6;

struct Request {
  Principal principal;
  Action action = Action::Read;
  DataZone zone = DataZone::Core;
  Ground ground = Ground::Care;
  UsePurpose purpose = UsePurpose::Care;
  std::int64_t permit = 0;              ///< for Ground::Permit
  std::vector<PerimeterId> perimeters;  ///< empty: all that the principal may read
  std::int64_t now_us = 0;
};

/// The rule that made the answer. Names ("D07") are stable: auditors quote them.
enum class Rule : std::uint8_t {
  Allowed,
  StoreUnreadable,
  ClockJump,
  UnknownAttribute,
  UnknownUser,
  DisabledUser,
  WeakSignIn,
  ZoneAction,
  GroundPurpose,
  NoPermit,
  PermitInactive,
  NotNamed,
  UnknownPerimeter,
  NoRight,
  NotOnAllPerimeters,
  OutsidePerson,
};
std::string_view rule_id(Rule rule);

enum class Level : std::uint8_t { Nothing, Counts, Pseudonymised, Nominative };
std::string_view level_name(Level level);

enum class Transform : std::uint8_t {
  Pseudonym = 1,
  DateShift = 2,
  Generalise = 4,
  CountProtect = 8
};
enum class Obligation : std::uint8_t { AuditEach = 1, Notice = 2, Review = 4 };

/// One node of the tree where the request is allowed, with the rights held there.
struct AllowedNode {
  PerimeterId perimeter = 0;
  RightSet rights;
};

struct Decision {
  bool allowed = false;
  Rule rule = Rule::NoRight;
  Level level = Level::Nothing;
  std::uint8_t transforms = 0;     ///< of Transform
  std::uint8_t obligations = 0;    ///< of Obligation
  std::vector<AllowedNode> nodes;  ///< where persons must have a stay; by perimeter id
  bool is_whole = false;           ///< the root is among them: persons without a stay, too
  bool drops_opposed = true;       ///< persons with a general opposition are taken out
  std::string project;             ///< so are those opposed to this project; empty: none
  std::vector<AccessId> accesses;  ///< that were counted, by id
  std::int64_t permit = 0;
  Right read_right = Right::ReadPseudonymised;  ///< what a node must hold
};

Decision decide(const RightsState& state, const Request& request);

/// Rights held at each node by active accesses of the user under the ground: the sum over the
/// accesses whose perimeter is the node or above it. Nodes without rights are left out.
std::vector<AllowedNode> effective_rights(const RightsState& state, UserId user, Ground ground,
                                          std::int64_t now_us);

/// Whether a person with stays at `stays` (perimeter ids), such labels and oppositions is seen
/// under the decision.
struct PersonFacts {
  std::set<PerimeterId> stays;
  LabelMask labels = 0;
  bool is_opposed = false;  ///< generally
  std::set<std::string> opposed_projects;
};
bool sees(const RightsState& state, const Decision& decision, const PersonFacts& person);

enum class Language : std::uint8_t { French, English };
/// The decision in sentences: rule, accesses, perimeters, what is hidden. Names no patient.
std::string explain(const RightsState& state, const Request& request, const Decision& decision,
                    Language language);

/// May `manager` grant `role` on `perimeter` to `user`? Done when yes; Code::Refused with the rule.
Status may_grant(const RightsState& state, UserId manager, UserId user, const Role& role,
                 PerimeterId perimeter, std::int64_t now_us);
/// May `manager` revoke or review this access?
Status may_revoke(const RightsState& state, UserId manager, const Access& access,
                  std::int64_t now_us);

}  // namespace eds::govern
