#include "lake/warehouse.h"

#include <array>
#include <cstdio>

#include "base/log.h"
#include "lake/delta_log.h"
#include "lake/durability.h"
#include "lake/spill.h"

namespace eds::lake {
namespace {

constexpr std::array<std::string_view, 7> kFolders = {"lake",  "landing",    "identity", "keys",
                                                      "audit", "quarantine", "tmp"};

constexpr std::string_view kTurnFile = "commit.lock";

delta::FieldType field_type(model::Type type) {
  switch (type) {
    case model::Type::Int: return delta::FieldType::Long;
    case model::Type::Float: return delta::FieldType::Double;
    case model::Type::Date: return delta::FieldType::Date;
    case model::Type::Timestamp: return delta::FieldType::TimestampNtz;
    case model::Type::Text: return delta::FieldType::String;
  }
  return delta::FieldType::String;
}

}  // namespace

std::vector<delta::Field> delta_fields(const model::Table& table) {
  std::vector<delta::Field> fields;
  for (const model::Column& column : table.columns) {
    fields.push_back(delta::Field{std::string(column.name), field_type(column.type), true});
  }
  return fields;
}

Status Warehouse::create(Env& env, const Path& directory) {
  if (env.exists(join(directory, "catalogue.db"))) {
    return Error{Code::Conflict, "a warehouse is there already: " + directory};
  }
  for (std::string_view folder : kFolders) TRY(env.make_directories(join(directory, folder)));
  for (std::string_view secret : {"landing", "identity", "keys", "quarantine"}) {
    TRY(env.set_mode(join(directory, secret), 0700));
  }
  TRY(Catalogue::open(env, join(directory, "catalogue.db")));
  TRY(env.sync_directory(directory));
  const std::size_t slash = directory.rfind('/');
  if (slash == Path::npos || slash == 0) return {};
  return env.sync_directory(directory.substr(0, slash));
}

Result<std::unique_ptr<Warehouse>> Warehouse::open(Env& env, const Path& directory) {
  const Path catalogue = join(directory, "catalogue.db");
  if (!env.exists(catalogue)) {
    return Error{Code::NotFound, "no warehouse here (make one with eds init): " + directory};
  }
  std::unique_ptr<Warehouse> warehouse(new Warehouse(env, directory));
  warehouse->catalogue_ = TRY(Catalogue::open(env, catalogue));
  sweep_spills(env, warehouse->temporary_directory());
  const std::size_t behind = TRY(warehouse->catalogue_->unprojected()).size();
  if (behind == 0) return warehouse;
  Result<std::unique_ptr<FileLock>> turn = env.lock(join(directory, kTurnFile), Wait::No);
  // Who holds the turn ends it with the logs of every release: a reader need not wait for that.
  if (!turn.ok() && turn.error().code == Code::Unavailable) return warehouse;
  TRY(std::move(turn));
  TRY(project_delta_logs(*warehouse));
  log::info("lake", "delta logs brought up to the catalogue", {{"tables", behind}});
  return warehouse;
}

Result<Turn> Warehouse::take_turn() {
  if (Turn held = turn_.lock()) return held;
  Turn turn = TRY(env_->lock(join(directory_, kTurnFile), Wait::Yes));
  turn_ = turn;
  return turn;
}

Result<std::string> Warehouse::new_part(std::string_view table) {
  // The log's folder too: its name then becomes durable with the part's.
  TRY(env_->make_directories(join(table_directory(table), "_delta_log")));
  char name[64];
  std::snprintf(name, sizeof name, "part-%016llx%016llx.parquet",
                static_cast<unsigned long long>(env_->random_u64()),
                static_cast<unsigned long long>(env_->random_u64()));
  return std::string(name);
}

Result<Release> Warehouse::commit(const NewRelease& wanted) {
  const Turn turn = TRY(take_turn());
  // The files' names must be as durable as their bytes before the catalogue speaks of them.
  SyncList parts{{}, {lake_directory()}};
  for (const TableChange& change : wanted.changes) {
    if (!change.added.empty()) parts.directories.push_back(table_directory(change.table));
    for (const DataFile& file : change.added) {
      parts.files.push_back(file_path(change.table, file.path));
    }
  }
  const std::int64_t start = env_->monotonic_us();
  TRY(sync_all(*env_, parts));
  const Result<Release> committed = catalogue_->commit(wanted);
  if (!committed.ok()) {
    log::warning("lake", "commit refused", {{"code", committed.error().code}});
    return committed.error();
  }
  const Release& release = *committed;
  // The release stands, whatever happens to the logs: the next commit or open() makes them good.
  projection_ = project_delta_logs(*this);
  if (!projection_.ok()) {
    log::warning("lake", "delta logs are behind the catalogue",
                 {{"code", projection_.error().code}});
  }
  log::info("lake", "release committed",
            {{"release", release.id},
             {"tables", wanted.changes.size()},
             {"files", parts.files.size()},
             {"milliseconds", static_cast<double>(env_->monotonic_us() - start) / 1000}});
  return release;
}

}  // namespace eds::lake
