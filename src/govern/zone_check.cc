#include "govern/zone_check.h"

#include <array>
#include <string_view>

#include "sqlite/sqlite.h"

namespace eds::govern {
namespace {

constexpr std::array<std::string_view, 4> kZones = {"identity", "rights", "quarantine", "cohorts"};

/// What SQLite finds wrong in the file; a file that is no database is one finding.
Result<std::vector<std::string>> integrity(const Path& path) {
  std::vector<std::string> found;
  const std::unique_ptr<sqlite::Database> database = TRY(sqlite::Database::open(path));
  sqlite::Statement check = TRY(database->prepare_own("PRAGMA integrity_check"));
  while (TRY(check.step())) {
    std::string line = check.text_at(0);
    if (line != "ok") found.push_back(std::move(line));
  }
  return found;
}

}  // namespace

Result<ZoneCheck> check_zones(Env& env, Vault& vault, const Path& warehouse,
                              const std::function<bool(std::int64_t files)>& go_on) {
  ZoneCheck outcome;
  TRY(vault.each([&](const VaultId& id) -> Status {
    if (!go_on(outcome.landing_files)) return Error{Code::Cancelled, "the check was stopped"};
    ++outcome.landing_files;
    const Status sound = vault.verify(id);
    if (!sound.ok()) {
      outcome.findings.push_back("landing: " + id.hex() + ": " + sound.error().message);
    }
    return {};
  }));
  for (const std::string_view zone : kZones) {
    const Path directory = join(warehouse, zone);
    if (!env.exists(directory)) continue;
    for (const std::string& file : TRY(env.list(directory))) {
      if (!file.ends_with(".db")) continue;
      if (!go_on(outcome.landing_files)) return Error{Code::Cancelled, "the check was stopped"};
      ++outcome.databases;
      const std::string name = join(zone, file);
      const Result<std::vector<std::string>> found = integrity(join(directory, file));
      if (!found.ok()) {
        outcome.findings.push_back(name + ": " + found.error().message);
        continue;
      }
      for (const std::string& line : *found) outcome.findings.push_back(name + ": " + line);
    }
  }
  return outcome;
}

}  // namespace eds::govern
