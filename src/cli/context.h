// Context: the warehouse a command works on, its settings, its log, its keys, its audit, and who is
// asking.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/env.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/commands.h"
#include "engine/session.h"
#include "govern/door.h"
#include "govern/keys.h"
#include "govern/rights_store.h"
#include "govern/scope.h"
#include "lake/warehouse.h"

namespace eds::cli {

/// A dump of this process would hold names and results in clear; keys are left out by libsodium
/// alone.
void forbid_core_dumps();

class Context {
 public:
  /// Finds and opens the warehouse that `global` means.
  static Result<Context> open(const Global& global);

  const Config& config() const { return config_; }
  lake::Warehouse& warehouse() { return *warehouse_; }
  const govern::KeyRing& keys() const { return *keys_; }
  /// The audit, as the running act's door: every event bears its request id.
  govern::Door& audit() { return *audit_; }
  const std::string& actor() const { return actor_; }

  /// Leaves one line in the audit.
  Status note(std::string_view action, std::string_view object, govern::Outcome outcome,
              std::int64_t row_count = 0, std::string_view release = {});
  /// A scan of the release that `global` names, audited with its purpose: the owner's, or, with
  /// --session, of what that person may see.
  Result<engine::Scan> scan(const Global& global, std::string_view purpose);
  /// The same for one action of the policy.
  Result<engine::Scan> scan(const Global& global, std::string_view purpose, govern::Action action);

  govern::RightsStore& rights() { return *rights_; }
  govern::Governor& governor() { return *governor_; }
  /// What --session, --ground, --purpose and --permit ask for.
  Result<govern::Request> request(const Global& global);
  /// Who acts: the owner, or the session's user.
  govern::Author author() const;
  /// Code::Refused unless the session's user holds the right to manage users.
  Status may_manage_users();
  /// The same of the right to read the audit, on the whole institution.
  Status may_read_audit();

 private:
  Context() = default;
  /// What the principal asks as the one who steers the warehouse.
  govern::Request steering_request(govern::Action action, govern::DataZone zone) const;
  Config config_;
  std::unique_ptr<log::Log> log_;  // First: what closes after it may still log.
  std::unique_ptr<lake::Warehouse> warehouse_;
  std::unique_ptr<govern::KeyRing> keys_;
  std::shared_ptr<govern::Door> audit_;
  std::unique_ptr<govern::RightsStore> rights_;
  std::unique_ptr<govern::Governor> governor_;
  std::optional<govern::Principal> principal_;  ///< with --session
  std::string actor_;
};

/// The directory that --warehouse, EDS_WAREHOUSE or an eds.toml upward of here means.
Result<Path> find_warehouse(const Global& global);
/// The operating system's name of whoever runs this process.
std::string actor_name();
/// Writes all of `text` to standard output.
Status print(std::string_view text);

}  // namespace eds::cli
