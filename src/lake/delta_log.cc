#include "lake/delta_log.h"

#include <algorithm>
#include <set>

#include "lake/durability.h"
#include "lake/warehouse.h"

namespace eds::lake {
namespace {

// Versions projected together: 256 files of some kB wait for one round of syncs.
constexpr std::size_t kBatchVersionsMax = 256;

using Version = std::pair<std::string, std::int64_t>;

struct Claim {
  Path temporary;
  Path place;
  std::string text;
};

// Gives a synced temporary its name, which must not exist; the same name with the same text is
// fine.
Status claim(Env& env, const Claim& wanted) {
  const Status linked = env.link_new(wanted.temporary, wanted.place);
  if (linked.ok() || linked.error().code != Code::Conflict) return linked;
  const Result<std::string> present = env.read_all(wanted.place, std::uint64_t{1} << 30);
  if (present.ok() && *present == wanted.text) return {};
  // Only our own interrupted or restored files can differ: the catalogue is the record.
  return env.write_durably(wanted.place, wanted.text);
}

Status write_checkpoint(Warehouse& warehouse, const std::string& table, std::int64_t version) {
  Catalogue& catalogue = warehouse.catalogue();
  Env& env = warehouse.env();
  std::vector<delta::Add> adds;
  for (const DataFile& file : TRY(catalogue.files_at_version(table, version))) {
    adds.push_back(delta::Add{file.path, file.byte_count, 0, file.stats_json, false});
  }
  const Path lines = join(warehouse.temporary_directory(),
                          "checkpoint" + std::to_string(env.random_u64()) + ".json");
  const delta::Metadata metadata = TRY(catalogue.metadata(table, version));
  TRY(env.write_durably(lines, delta::checkpoint_lines(metadata, adds)));

  const Path log = join(warehouse.table_directory(table), "_delta_log");
  const Path place = join(log, delta::checkpoint_file_name(version));
  std::string columns;
  for (const auto& [name, type] : delta::checkpoint_columns()) {
    if (!columns.empty()) columns += ", ";
    columns += duck::quote_name(name) + ": " + duck::quote_text(type);
  }
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute("COPY (SELECT * FROM read_json(" + duck::quote_text(lines) +
                         ", format='newline_delimited', columns={" + columns + "})) TO " +
                         duck::quote_text(place + ".tmp") + " (FORMAT parquet)"));
  TRY(env.remove(lines));
  TRY(TRY(env.append_to(place + ".tmp"))->sync());
  TRY(env.rename(place + ".tmp", place));
  return env.write_durably(
      join(log, "_last_checkpoint"),
      delta::last_checkpoint_text(version, static_cast<std::int64_t>(adds.size()) + 2));
}

Status write_claims(Warehouse& warehouse, const std::vector<Version>& versions,
                    std::vector<Claim>& claims) {
  Catalogue& catalogue = warehouse.catalogue();
  Env& env = warehouse.env();
  std::set<Path> directories;
  SyncList before;
  for (const auto& [table, version] : versions) {
    const Path log = join(warehouse.table_directory(table), "_delta_log");
    if (directories.insert(log).second && !env.exists(log)) {
      TRY(env.make_directories(log));
      before.directories.push_back(warehouse.table_directory(table));
      before.directories.push_back(warehouse.lake_directory());
    }
    const Path place = join(log, delta::commit_file_name(version));
    claims.push_back(Claim{place + ".tmp" + std::to_string(env.random_u64()), place,
                           TRY(catalogue.commit_text(table, version))});
    const std::unique_ptr<WritableFile> file = TRY(env.create(claims.back().temporary));
    TRY(file->append(claims.back().text));
    TRY(file->close());
    before.files.push_back(claims.back().temporary);
  }
  TRY(sync_all(env, before));
  for (const Claim& wanted : claims) TRY(claim(env, wanted));
  return {};
}

Status project(Warehouse& warehouse, const std::vector<Version>& versions) {
  Env& env = warehouse.env();
  std::vector<Claim> claims;
  const Status written = write_claims(warehouse, versions, claims);
  for (const Claim& each : claims) {
    // A temporary that stays is swept by vacuum: no reason to fail.
    if (env.exists(each.temporary)) static_cast<void>(env.remove(each.temporary));
  }
  TRY(written);
  std::set<Path> directories;
  for (const auto& [table, version] : versions) {
    if (version > 0 && version % kCheckpointVersions == 0) {
      TRY(write_checkpoint(warehouse, table, version));
    }
    directories.insert(join(warehouse.table_directory(table), "_delta_log"));
  }
  TRY(sync_all(env, SyncList{{}, {directories.begin(), directories.end()}}));
  return warehouse.catalogue().mark_projected(versions);
}

}  // namespace

Status project_delta_logs(Warehouse& warehouse) {
  const std::vector<Version> missing = TRY(warehouse.catalogue().unprojected());
  for (std::size_t at = 0; at < missing.size(); at += kBatchVersionsMax) {
    const std::size_t end = std::min(missing.size(), at + kBatchVersionsMax);
    TRY(project(warehouse, {missing.begin() + static_cast<std::ptrdiff_t>(at),
                            missing.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  return {};
}

}  // namespace eds::lake
