#include "lake/warehouse.h"

#include <array>
#include <cstdio>

#include "lake/delta_log.h"

namespace eds::lake {
namespace {

constexpr std::array<std::string_view, 7> kFolders = {"lake",  "landing",    "identity", "keys",
                                                      "audit", "quarantine", "tmp"};

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
  return env.sync_directory(directory);
}

Result<std::unique_ptr<Warehouse>> Warehouse::open(Env& env, const Path& directory) {
  const Path catalogue = join(directory, "catalogue.db");
  if (!env.exists(catalogue)) {
    return Error{Code::NotFound, "no warehouse here (make one with eds init): " + directory};
  }
  std::unique_ptr<Warehouse> warehouse(new Warehouse(env, directory));
  warehouse->catalogue_ = TRY(Catalogue::open(env, catalogue));
  TRY(project_delta_logs(*warehouse));
  return warehouse;
}

Result<std::string> Warehouse::new_part(std::string_view table) {
  TRY(env_->make_directories(table_directory(table)));
  char name[64];
  std::snprintf(name, sizeof name, "part-%016llx%016llx.parquet",
                static_cast<unsigned long long>(env_->random_u64()),
                static_cast<unsigned long long>(env_->random_u64()));
  return std::string(name);
}

Result<Release> Warehouse::commit(const NewRelease& wanted) {
  for (const TableChange& change : wanted.changes) {
    // The files' names must be as durable as their bytes before the catalogue speaks of them.
    if (!change.added.empty()) TRY(env_->sync_directory(table_directory(change.table)));
  }
  Release release = TRY(catalogue_->commit(wanted));
  TRY(project_delta_logs(*this));
  return release;
}

}  // namespace eds::lake
