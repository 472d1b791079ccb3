// RightsStore: users, roles, perimeters, accesses, oppositions, labels, permits and sessions of a
// warehouse, in W/rights/rights.db, with the epoch that every change raises.
//
// Invariants: a change and the epoch's step are one transaction, durable when the call returns; the
// audit event of the change is on disk before it. Nothing is deleted: an access ends, an opposition
// is lifted, a user is disabled. A verb that takes a manager checks may_grant()/may_revoke() in the
// same transaction; manager 0 is the warehouse's owner.
// Threads: any, one at a time inside (a mutex). Processes may share the file.
// Bytes on disk: docs/internals/formats/rights_db.md.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/policy.h"
#include "govern/rights.h"
#include "sqlite/sqlite.h"

namespace eds::govern {

/// Who makes a change, for the audit and for the rule of managers.
struct Author {
  UserId user = 0;  ///< 0: the owner
  std::string name;
};

struct AccessWish {
  std::string user;
  std::string role;
  std::string perimeter;  ///< its code
  Ground ground = Ground::Care;
  std::int64_t start_us = 0;  ///< 0: now
  std::int64_t end_us = 0;    ///< 0: start + 365 days
  std::string source = "cli";
};

/// A care site of the lake, to be placed in the tree.
struct CareSite {
  std::int64_t id = 0;
  std::string code;
  std::string name;
};

class RightsStore {
 public:
  /// Opens W/rights (made when absent, with the first roles and the root).
  static Result<std::unique_ptr<RightsStore>> open(Env& env, Audit& audit, const Path& directory);

  /// Everything, at the current epoch; the same object until the epoch changes.
  Result<std::shared_ptr<const RightsState>> state();
  Result<std::int64_t> epoch();
  /// Remembers the latest time seen, so that a clock set back is noticed (HAB-4).
  Status saw_time(std::int64_t now_us);

  // Users, roles, the tree.
  Result<UserId> add_user(const Author& author, const std::string& name,
                          const std::string& subject);
  Status disable_user(const Author& author, const std::string& name);
  Result<RoleId> add_role(const Author& author, const std::string& name, RightSet rights);
  Result<PerimeterId> add_perimeter(const Author& author, const Perimeter& perimeter,
                                    const std::string& parent_code);
  /// Places care sites that the tree does not have: "FINESS|unit" under its hospital, others under
  /// the root. Returns how many were new.
  Result<std::int64_t> place_care_sites(const Author& author, const std::vector<CareSite>& sites);

  // Accesses.
  Result<AccessId> grant(const Author& author, const AccessWish& wish);
  Status revoke(const Author& author, AccessId access);
  /// Keeps an access for another year of review.
  Status review(const Author& author, AccessId access);
  /// Puts every access up for review by `due_us`; those not kept by then are suspended.
  Result<std::int64_t> open_review(const Author& author, std::int64_t due_us);
  /// HAB-11: the user's own hospital, at most four hours, with a reason; review is due in 7 days.
  Result<AccessId> break_glass(const Author& author, const std::string& hospital_code,
                               const std::string& reason, std::int64_t seconds);

  // Oppositions and labels, by person id. An empty project is a general opposition.
  Status oppose(const Author& author, std::int64_t person, const std::string& project,
                const std::string& channel);
  Status lift_opposition(const Author& author, std::int64_t person, const std::string& project);
  Status label(const Author& author, std::int64_t person, LabelMask labels);

  /// Stores or replaces a permit by project; refused when check_permit() refuses it.
  Result<std::int64_t> put_permit(const Author& author, const Permit& permit);
  Status set_permit_state(const Author& author, std::int64_t permit, PermitState state);

  // Sessions: what sign-in leaves behind. The ticket is a random secret shown once; its BLAKE2b
  // hash is kept.
  Result<std::string> open_session(const Author& author, const std::string& user, int acr,
                                   const std::string& source, std::int64_t seconds);
  /// Code::Refused when unknown, ended, or its user is disabled; the same words each time.
  Result<Principal> principal_of(std::string_view ticket);
  Status close_session(const Author& author, std::string_view ticket);
  /// All that the account has open.
  Status close_sessions_of(const Author& author, const std::string& user);
  /// Whether the session of that public number still lasts; "" (no ticket) lasts.
  Result<bool> session_lasts(std::string_view number);

 private:
  RightsStore(Env& env, Audit& audit, std::unique_ptr<sqlite::Database> database)
      : env_(&env), audit_(&audit), database_(std::move(database)) {}
  /// What is written of an access in force, by whoever may revoke it.
  struct AccessChange {
    std::string_view verb;      ///< for the audit
    std::string_view sql;       ///< binds a time and the access
    std::int64_t after_us = 0;  ///< the time: so long from now
    std::string reason;
  };
  Status change_access(const Author& author, AccessId access, const AccessChange& change);
  Status settle_format();
  Result<RightsState> load();
  Result<std::shared_ptr<const RightsState>> state_locked();
  Status note(const Author& author, std::string_view action, const std::string& object,
              Outcome outcome, const std::string& reason = {});
  Status finish(sqlite::Transaction& transaction);

  Env* env_;
  Audit* audit_;
  std::unique_ptr<sqlite::Database> database_;
  std::mutex mutex_;
  std::shared_ptr<const RightsState> state_;
};

}  // namespace eds::govern
