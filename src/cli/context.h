// Context: the warehouse a command works on, its settings, its log, its keys, its audit, and who is
// asking.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/env.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/commands.h"
#include "engine/session.h"
#include "govern/audit.h"
#include "govern/keys.h"
#include "govern/scope.h"
#include "lake/warehouse.h"

namespace eds::cli {

class Context {
 public:
  /// Finds and opens the warehouse that `global` means.
  static Result<Context> open(const Global& global);

  const Config& config() const { return config_; }
  lake::Warehouse& warehouse() { return *warehouse_; }
  const govern::KeyRing& keys() const { return *keys_; }
  govern::Audit& audit() { return *audit_; }
  const std::string& actor() const { return actor_; }

  /// Leaves one line in the audit.
  Status note(std::string_view action, std::string_view object, govern::Outcome outcome,
              std::int64_t row_count = 0, std::string_view release = {});
  /// The owner's scan of the release that `global` names, audited with its purpose.
  Result<engine::Scan> scan(const Global& global, std::string_view purpose);

 private:
  Context() = default;
  Config config_;
  std::unique_ptr<log::Log> log_;  // First: what closes after it may still log.
  std::unique_ptr<lake::Warehouse> warehouse_;
  std::unique_ptr<govern::KeyRing> keys_;
  std::unique_ptr<govern::Audit> audit_;
  std::string actor_;
};

/// The directory that --warehouse, EDS_WAREHOUSE or an eds.toml upward of here means.
Result<Path> find_warehouse(const Global& global);
/// The operating system's name of whoever runs this process.
std::string actor_name();
/// Writes all of `text` to standard output.
Status print(std::string_view text);

}  // namespace eds::cli
