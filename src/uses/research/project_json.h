// A project as JSON, for the pages and for `eds project show`.
//
// Invariants: what identifies a patient is in no project. Names of accounts are shown to whom
// ProjectStore::may_see() lets in; the public register (ProjectStore::register_json) has none.
// Threads: pure functions.
#pragma once

#include <string>

#include "govern/project_store.h"
#include "govern/rights.h"

namespace eds::research {

/// {"name", "title", "state", "requester", "people", "perimeters", "tables", "population", "steps",
/// "next": [{"step", "office"}] ...}
std::string project_json(const govern::Project& project, const govern::RightsState& state);

/// The steps that may follow, and in which offices.
struct NextStep {
  govern::ProjectStep step = govern::ProjectStep::Submit;
  govern::Office office = govern::Office::Requester;
};
std::vector<NextStep> next_steps(const govern::Project& project);

/// The account's name; its number when it is not known any more.
std::string user_name(const govern::RightsState& state, govern::UserId user);
std::string perimeter_code(const govern::RightsState& state, govern::PerimeterId perimeter);

}  // namespace eds::research
