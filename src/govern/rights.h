// Rights: the boolean rights a role holds, who holds which role where and when, and the whole of
// that as one value to decide from (RightsState).
//
// Invariants: a right is held by an Access alone and therefore always bound to one perimeter, one
// period and one ground; nothing in this room joins the rights of two perimeters into one (the
// reference's "leak"). The numbers of Right, Ground and Label are part of the format.
// Threads: plain values.
// Source: CNIL EDS 2021-118, SEC-HAB-1..6; requirement ids HAB-1..14 (docs/concepts/rights.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "govern/permit.h"

namespace eds::govern {

enum class Right : std::uint8_t {
  ReadAggregates = 0,
  ReadPseudonymised = 1,
  ReadNominative = 2,
  SearchByIpp = 3,
  SearchOpposed = 4,
  ExportAggregates = 5,
  ExportNominative = 6,
  ExportWorkspaceNominative = 7,
  ExportWorkspacePseudonymised = 8,
  ExportTransfer = 9,
  ReadStaff = 10,      ///< persons labelled as members of the staff
  ReadVip = 11,        ///< persons labelled as exposed to curiosity
  ReadSensitive = 12,  ///< persons on the sensitive lists (HIV, psychiatry)
  BreakGlass = 13,
  ManageDataSame = 14,    ///< grants data rights on the perimeter itself
  ManageDataBelow = 15,   ///< grants data rights strictly below the perimeter
  ManageAdminSame = 16,   ///< grants the two rights above, on the perimeter itself
  ManageAdminBelow = 17,  ///< grants them strictly below
  ManageUsers = 18,
  ManageWorkspaces = 19,
  Reidentify = 20,
  ReadAudit = 21,
};
inline constexpr int kRightCount = 22;

/// A set of rights.
class RightSet {
 public:
  constexpr RightSet() = default;
  constexpr explicit RightSet(std::uint32_t bits) : bits_(bits) {}
  constexpr RightSet(std::initializer_list<Right> rights) {
    for (const Right right : rights) bits_ |= std::uint32_t{1} << static_cast<int>(right);
  }
  constexpr bool has(Right right) const {
    return (bits_ >> static_cast<int>(right) & std::uint32_t{1}) != 0;
  }
  constexpr bool has_all(RightSet other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr bool has_any(RightSet other) const { return (other.bits_ & bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint32_t bits() const { return bits_; }
  constexpr RightSet operator|(RightSet other) const { return RightSet(bits_ | other.bits_); }
  constexpr RightSet operator&(RightSet other) const { return RightSet(bits_ & other.bits_); }
  friend constexpr bool operator==(RightSet, RightSet) = default;

 private:
  std::uint32_t bits_ = 0;
};

/// Data rights, managers of data rights, administrators of the platform. An administrator holds no
/// data right (HAB-10) and each tier is granted by the one above it alone (HAB-8).
inline constexpr RightSet kDataRights{std::uint32_t{0x3FFF}};
inline constexpr RightSet kDataManagerRights{Right::ManageDataSame, Right::ManageDataBelow};
inline constexpr RightSet kAdministratorRights{Right::ManageAdminSame, Right::ManageAdminBelow,
                                               Right::ManageUsers,     Right::ManageWorkspaces,
                                               Right::Reidentify,      Right::ReadAudit};

/// "read-nominative"; how the command line and the formats spell it.
std::string_view right_name(Right right);
Result<Right> parse_right(std::string_view name);
/// "read-pseudonymised, search-by-ipp"
std::string right_names(RightSet rights);

/// Why data may be read at all (GOV-1).
enum class Ground : std::uint8_t {
  Care = 0,     ///< the person has, or had, a stay in a unit the reader works in
  Mandate = 1,  ///< steering, or the medical information department
  Permit = 2,   ///< a project's permit
};
std::string_view ground_name(Ground ground);
Result<Ground> parse_ground(std::string_view name);

/// What protects a person on top of the perimeter. Bits of LabelMask, in this order.
enum class Label : std::uint8_t { Staff = 0, Vip = 1, Sensitive = 2 };
using LabelMask = std::uint8_t;
inline constexpr int kLabelCount = 3;
std::string_view label_name(Label label);
Result<Label> parse_label(std::string_view name);
/// The right that opens persons so labelled.
constexpr Right right_of(Label label) {
  return static_cast<Right>(static_cast<int>(Right::ReadStaff) + static_cast<int>(label));
}

using UserId = std::int64_t;
using RoleId = std::int64_t;
using PerimeterId = std::int64_t;
using AccessId = std::int64_t;

struct User {
  UserId id = 0;
  std::string name;     ///< the account, unique: "dr.house"
  std::string subject;  ///< the sign-in provider's "iss|sub", or empty
  bool is_disabled = false;
};

struct Role {
  RoleId id = 0;
  std::string name;
  RightSet rights;
};

/// A node of the tree of care sites. The root (id 1, code "*") is the whole institution.
inline constexpr PerimeterId kRootPerimeter = 1;
enum class PerimeterKind : std::uint8_t { Group = 0, Hospital = 1, Department = 2, Unit = 3 };
struct Perimeter {
  PerimeterId id = 0;
  PerimeterId parent = 0;  ///< 0 for the root
  std::string code;        ///< care_site_source_value, or the institution's own code
  std::string name;
  PerimeterKind kind = PerimeterKind::Unit;
  std::int64_t care_site_id = 0;  ///< the OMOP care site it stands for; 0: none
};

struct Access {
  AccessId id = 0;
  UserId user = 0;
  RoleId role = 0;
  PerimeterId perimeter = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;         ///< exclusive
  std::int64_t revoked_us = 0;     ///< 0: not revoked
  std::int64_t review_due_us = 0;  ///< not reviewed by then: suspended
  Ground ground = Ground::Care;    ///< Care or Mandate; a permit grants by itself
  bool is_break_glass = false;
  std::string source;     ///< where it comes from: "cli", "directory", "break-glass"
  std::string reason;     ///< of break-glass
  UserId granted_by = 0;  ///< 0: the warehouse's owner
};

struct Opposition {
  std::int64_t person_id = 0;
  std::string project;  ///< empty: general
  std::int64_t since_us = 0;
};

struct PersonLabel {
  std::int64_t person_id = 0;
  LabelMask labels = 0;
};

/// All that a decision depends on, at one epoch.
struct RightsState {
  std::int64_t epoch = 0;
  std::int64_t clock_us = 0;  ///< the latest time the store has seen
  std::vector<User> users;
  std::vector<Role> roles;
  std::vector<Perimeter> perimeters;  ///< parents before children
  std::vector<Access> accesses;
  std::vector<Opposition> oppositions;  ///< those in force, by person
  std::vector<PersonLabel> labels;      ///< by person
  std::vector<Permit> permits;
};

inline constexpr std::int64_t kDayUs = 86'400'000'000;
inline constexpr std::int64_t kAccessDays = 365;
inline constexpr std::int64_t kReviewDays = 365;
inline constexpr std::int64_t kBreakGlassUsMax = 4LL * 3'600'000'000;
/// A clock that goes back by more than this, or away from the monotonic one, is not believed.
inline constexpr std::int64_t kClockToleranceUs = 300'000'000;

/// The access counts now: begun, not ended, not revoked, not overdue for review.
bool is_active(const Access& access, std::int64_t now_us);

/// Roles every new store has.
std::vector<Role> first_roles();

}  // namespace eds::govern
