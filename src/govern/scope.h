// Scope: what may be read, by whom and why. A scan takes one, and only a Governor can make one:
// code that reads without having asked does not compile.
//
// Invariants: no public constructor, no default, no aggregate; whoever holds a Scope has left an
// audit event that is already on disk. Copies say the same as the original.
// A scope is the owner's (every row: whoever can read the warehouse's keys) or a principal's: then
// it holds the decision, the persons it reaches and the columns it hides, and lives as long as the
// rights behind it: still_holds() says so.
// Threads: a plain value. A Governor may be used from any thread.
// Source: DESIGN 4; requirement ids GOV-1, HAB-2..4, HAB-7, OPP-1.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/result.h"
#include "govern/audit.h"
#include "govern/keys.h"
#include "govern/policy.h"
#include "govern/rights_store.h"
#include "govern/scope_columns.h"
#include "govern/scope_persons.h"

namespace eds::govern {

class Scope {
 public:
  const std::string& actor() const { return actor_; }
  const std::string& purpose() const { return purpose_; }
  /// The one release that may be read; empty means any release of the warehouse.
  const std::string& release() const { return release_; }
  bool allows_release(std::string_view release) const {
    return release_.empty() || release_ == release;
  }

  bool is_owner() const { return persons_ == nullptr; }
  /// Of a principal's scope only.
  const Decision& decision() const { return *decision_; }
  const Request& request() const { return *request_; }
  const PersonSet& persons() const { return *persons_; }
  std::shared_ptr<const PersonSet> shared_persons() const { return persons_; }
  const ColumnMask& columns() const { return *columns_; }
  Level level() const { return is_owner() ? Level::Nominative : decision_->level; }

 private:
  friend class Governor;
  Scope(std::string actor, std::string purpose, std::string release);

  std::string actor_;
  std::string purpose_;
  std::string release_;
  std::shared_ptr<const Request> request_;
  std::shared_ptr<const Decision> decision_;
  std::shared_ptr<const PersonSet> persons_;
  std::shared_ptr<const ColumnMask> columns_;
  std::int64_t epoch_ = 0;
  std::int64_t sure_until_us_ = 0;
};

/// The persons an allowed decision reaches: those with a stay at one of its nodes (or all, when the
/// root is one), less those whose labels or oppositions take them out.
PersonSet persons_under(const RightsState& state, const Decision& decision,
                        const std::shared_ptr<const StayIndex>& index);

/// Where the Governor learns who has stays where; the engine implements it on a release.
class StaySource {
 public:
  virtual ~StaySource() = default;
  virtual Result<std::shared_ptr<const StayIndex>> stays() = 0;
};

class Governor {
 public:
  /// Whoever shows the warehouse's keys is its owner.
  Governor(const KeyRing& keys, Audit& audit);
  /// One that can also make scopes of principals.
  Governor(Env& env, const KeyRing& keys, Audit& audit, RightsStore& rights);

  /// All rows of every release. Refused (and audited as such) without an actor or a purpose.
  Result<Scope> owner_scope(std::string_view actor, std::string_view purpose);
  /// All rows of one release.
  Result<Scope> owner_scope(std::string_view actor, std::string_view purpose,
                            std::string_view release);

  /// What the principal may read of one release. Decides at this instant (request.now_us is set
  /// here), audits the answer, allow or deny, and compiles it. Code::Refused says only that it is
  /// refused and by which rule; anything that fails on the way is a refusal, too.
  Result<Scope> scope(Request request, std::string_view release, StaySource& stays);

  /// Decides and audits an action that reads no rows (managing, re-identifying, reading the audit).
  Result<Decision> permit(Request request, std::string_view object);

  /// Whether the rights behind a scope still give all it gave. Two reads of SQLite while the epoch
  /// is the same and nothing expired; otherwise it decides again and compares. Running queries call
  /// it every second. A scope whose store cannot be read does not hold.
  bool still_holds(const Scope& scope);

 private:
  struct Judged {
    std::shared_ptr<const RightsState> state;
    Decision decision;
  };
  Judged judge(Request& request);
  bool clock_is_sound(std::int64_t now_us);
  static std::int64_t sure_until(const RightsState& state, const Decision& decision,
                                 std::int64_t now_us);
  Status note(const Request& request, const Decision& decision, std::string_view object,
              std::string_view release);

  Env* env_ = nullptr;
  Audit* audit_;
  RightsStore* rights_ = nullptr;
  std::int64_t wall_us_ = 0;  ///< when it was made, by both clocks: they must walk together
  std::int64_t monotonic_us_ = 0;
};

}  // namespace eds::govern
