// ProjectStore: the projects of a warehouse, what they ask for, every step of their lives and who
// took it, in W/rights/projects.db.
//
// Invariants: a step is audited before it happens and kept for ever; after_step() decides it, here
// and nowhere else. Who judges signed in with two factors (IAM-2). The terms of a project change
// only while it is a draft. Approval signs the
// permit (permit_token.h); activation checks that signature, and what becomes active is the permit
// that was signed. The register names no person.
// Threads: one at a time. Processes may share the file.
// Bytes on disk: docs/internals/formats/projects_db.md. Source: GOV-1 to GOV-6.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/permit.h"
#include "govern/project_keys.h"
#include "govern/project_life.h"
#include "govern/rights_store.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

struct ProjectStepRecord {
  TakenStep taken;
  std::string actor;
  std::int64_t time_us = 0;
  std::string note;  ///< the opinion's reference, the reason of a refusal
};

struct Project {
  std::string name;     ///< is_project_name()
  std::string title;    ///< public
  std::string summary;  ///< public: what it looks for, in words a patient understands
  UserId requester = 0;
  Permit terms;                          ///< terms.state is the project's
  std::string token;                     ///< the signed permit; empty before approval
  std::vector<ProjectStepRecord> steps;  ///< oldest first
};

struct StepWish {
  std::string project;
  ProjectStep step = ProjectStep::Submit;
  Office office = Office::Requester;
  std::string note;
  int acr = 0;  ///< how strongly the author signed in; judging needs 2
};

/// Who holds an office.
struct Appointment {
  UserId user = 0;
  Office office = Office::Committee;
};

class ProjectStore {
 public:
  /// `rights` must be of the same warehouse.
  static Result<std::unique_ptr<ProjectStore>> open(Env& env, Audit& audit, RightsStore& rights,
                                                    ProjectKeys& keys, const Path& directory);

  /// A new draft of the author's. Code::Conflict when the name is taken; Code::Refused for the
  /// owner: a project has a person who answers for it.
  Status create(const Author& author, const Project& draft);
  /// Other terms for a draft, by its requester.
  Status edit(const Author& author, const Project& draft);
  /// Gives a user an office (HeadOfService, Committee, Dpo, Direction); by the owner alone.
  Status appoint(const Author& author, UserId user, Office office);
  Status dismiss(const Author& author, UserId user, Office office);
  Result<std::vector<Appointment>> appointments();
  /// Whether the author may read the project before it is public: its requester, whom it names,
  /// whoever holds an office, the owner.
  Result<bool> may_see(const Author& author, const Project& project);

  /// Takes a step in an office the author holds.
  Result<PermitState> take(const Author& author, const StepWish& wish);

  Result<Project> find(std::string_view name);
  Result<std::vector<Project>> list();
  /// The permit of an active project, from its signed token: what a reader of data may rely on.
  Result<Permit> active_permit(std::string_view name);
  /// The public register as JSON: every project that was ever approved.
  Result<std::string> register_json();

 private:
  ProjectStore(Env& env, Audit& audit, RightsStore& rights, ProjectKeys& keys,
               std::unique_ptr<sqlite::Database> database)
      : env_(&env),
        audit_(&audit),
        rights_(&rights),
        keys_(&keys),
        database_(std::move(database)) {}
  Status settle_format();
  Status note(const Author& author, std::string_view what, std::string_view project,
              Outcome outcome);
  Status check_office(const Author& author, const Project& project, Office office);
  Status change_office(const Author& author, const Appointment& appointment, std::string_view verb,
                       std::string_view sql);
  Status settle_permit(const Author& author, Project& project, const StepWish& wish,
                       PermitState to);
  Status tell_rights(const Author& author, std::string_view project, PermitState state);
  Result<jose::KeySet> permit_keys();

  Env* env_;
  Audit* audit_;
  RightsStore* rights_;
  ProjectKeys* keys_;
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace eds::govern
