#include "govern/rights.h"

#include <array>

namespace eds::govern {
namespace {

constexpr std::array<std::string_view, kRightCount> kRightNames = {
    "read-aggregates",
    "read-pseudonymised",
    "read-nominative",
    "search-by-ipp",
    "search-opposed",
    "export-aggregates",
    "export-nominative",
    "export-workspace-nominative",
    "export-workspace-pseudonymised",
    "export-transfer",
    "read-staff",
    "read-vip",
    "read-sensitive",
    "break-glass",
    "manage-data-same",
    "manage-data-below",
    "manage-admin-same",
    "manage-admin-below",
    "manage-users",
    "manage-workspaces",
    "reidentify",
    "read-audit",
};
constexpr std::array<std::string_view, 3> kGroundNames = {"care", "mandate", "permit"};
constexpr std::array<std::string_view, kLabelCount> kLabelNames = {"staff", "vip", "sensitive"};

template <class Enum, std::size_t kCount>
Result<Enum> parse_name(const std::array<std::string_view, kCount>& names, std::string_view name,
                        std::string_view what) {
  for (std::size_t at = 0; at < kCount; ++at) {
    if (names[at] == name) return static_cast<Enum>(at);
  }
  return Error{Code::Usage, "no such " + std::string(what) + ": " + std::string(name)};
}

}  // namespace

std::string_view right_name(Right right) {
  return kRightNames[static_cast<std::size_t>(right)];
}
Result<Right> parse_right(std::string_view name) {
  return parse_name<Right>(kRightNames, name, "right");
}

std::string right_names(RightSet rights) {
  std::string names;
  for (int at = 0; at < kRightCount; ++at) {
    if (!rights.has(static_cast<Right>(at))) continue;
    if (!names.empty()) names += ", ";
    names += right_name(static_cast<Right>(at));
  }
  return names;
}

std::string_view ground_name(Ground ground) {
  return kGroundNames[static_cast<std::size_t>(ground)];
}
Result<Ground> parse_ground(std::string_view name) {
  return parse_name<Ground>(kGroundNames, name, "ground (care, mandate, permit)");
}

std::string_view label_name(Label label) {
  return kLabelNames[static_cast<std::size_t>(label)];
}
Result<Label> parse_label(std::string_view name) {
  return parse_name<Label>(kLabelNames, name, "label (staff, vip, sensitive)");
}

bool is_active(const Access& access, std::int64_t now_us) {
  return access.start_us <= now_us && now_us < access.end_us &&
         (access.revoked_us == 0 || access.revoked_us > now_us) && now_us < access.review_due_us;
}

std::vector<Role> first_roles() {
  using enum Right;
  return {
      {0, "aggregates", RightSet{ReadAggregates}},
      {0, "researcher", RightSet{ReadAggregates, ReadPseudonymised, ExportAggregates}},
      {0, "clinician",
       RightSet{ReadAggregates, ReadPseudonymised, ReadNominative, SearchByIpp, BreakGlass}},
      {0, "head-of-service",
       RightSet{ReadAggregates, ReadPseudonymised, ReadNominative, SearchByIpp, BreakGlass,
                ExportNominative, ManageDataSame, ManageDataBelow}},
      {0, "dim",
       RightSet{ReadAggregates, ReadPseudonymised, ReadNominative, SearchByIpp, SearchOpposed,
                ExportAggregates, ReadStaff, ReadVip, ReadSensitive}},
      {0, "data-manager", kDataManagerRights},
      {0, "administrator",
       RightSet{ManageAdminSame, ManageAdminBelow, ManageUsers, ManageWorkspaces}},
      {0, "auditor", RightSet{ReadAudit}},
      {0, "reidentifier", RightSet{Reidentify}},
      {0, "break-glass",
       RightSet{ReadPseudonymised, ReadNominative, SearchByIpp, ReadStaff, ReadVip, ReadSensitive}},
  };
}

}  // namespace eds::govern
