#include "govern/permit.h"

#include <array>

namespace eds::govern {
namespace {

constexpr std::array<std::string_view, kUsePurposeCount> kPurposeNames = {
    "care", "steering", "coding-quality", "feasibility", "research", "decision-aids", "teaching"};
constexpr std::array<std::string_view, 9> kStateNames = {
    "draft", "submitted", "opinion", "dpo", "approved", "active", "suspended", "closed", "purged"};

Status missing(std::string_view field) {
  return Error{Code::Usage, "the permit lacks its " + std::string(field)};
}

}  // namespace

std::string_view purpose_name(UsePurpose purpose) {
  return kPurposeNames[static_cast<std::size_t>(purpose)];
}

Result<UsePurpose> parse_purpose(std::string_view name) {
  for (std::size_t at = 0; at < kPurposeNames.size(); ++at) {
    if (kPurposeNames[at] == name) return static_cast<UsePurpose>(at);
  }
  return Error{Code::Usage,
               "no such purpose (care, steering, coding-quality, feasibility, "
               "research, decision-aids, teaching): " +
                   std::string(name)};
}

std::string_view permit_state_name(PermitState state) {
  return kStateNames[static_cast<std::size_t>(state)];
}

Status check_permit(const Permit& permit) {
  if (permit.project.empty()) return missing("project");
  if (permit.purpose == UsePurpose::Care || permit.purpose == UsePurpose::Steering) {
    return Error{Code::Usage, "care and steering need no permit: purpose of the project"};
  }
  if (static_cast<int>(permit.purpose) >= kUsePurposeCount) return missing("purpose");
  if (permit.study_type < 1 || permit.study_type > 6) return missing("study type (1 to 6)");
  if (permit.opinion_reference.empty()) return missing("opinion's reference");
  if (permit.opinion_us <= 0) return missing("opinion's date");
  if (permit.users.empty()) return missing("named persons");
  if (permit.perimeters.empty()) return missing("perimeters");
  if (permit.tables.empty()) return missing("tables");
  for (const PermitColumns& table : permit.tables) {
    if (table.table.empty()) return missing("table's name");
    if (table.columns.empty()) return missing("columns of table " + table.table);
    if (table.justification.empty()) return missing("justification of table " + table.table);
  }
  if (!permit.population.cohort.empty() && !permit.population.query.empty()) {
    return Error{Code::Usage, "a population is a cohort or a query, not both"};
  }
  if (permit.start_us <= 0) return missing("start");
  if (permit.end_us <= permit.start_us) return missing("end, after its start");
  if (permit.is_nominative && permit.study_type != 1) {
    return Error{Code::Usage, "only a study of type 1 (one's own patients) may be nominative"};
  }
  return {};
}

}  // namespace eds::govern
