// Warehouse: one directory that holds everything EDS knows.
//
//   eds.toml  catalogue.db  lake/<table>/  landing/  identity/  keys/  audit/  quarantine/  tmp/
//
// Invariants: what commit() returned survives a crash; a crash before it leaves at most files that
// no release names. Commits of all processes come one after another, in turns: what a load reads of
// the lake under its turn is what its release follows. open() brings the Delta logs up to date with
// the catalogue, unless somebody whose turn it is will.
// Threads: one thread at a time; open one Warehouse a thread. Processes may share the directory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "duck/duck.h"
#include "lake/catalogue.h"
#include "model/table.h"

namespace eds::lake {

/// While one is held, nobody else commits.
using Turn = std::shared_ptr<FileLock>;

class Warehouse {
 public:
  /// Makes the directory and an empty catalogue. Conflict when a warehouse is there already.
  static Status create(Env& env, const Path& directory);
  static Result<std::unique_ptr<Warehouse>> open(Env& env, const Path& directory);

  Env& env() { return *env_; }
  Catalogue& catalogue() { return *catalogue_; }
  const Path& directory() const { return directory_; }
  Path lake_directory() const { return join(directory_, "lake"); }
  Path table_directory(std::string_view table) const { return join(lake_directory(), table); }
  Path temporary_directory() const { return join(directory_, "tmp"); }
  /// The file's absolute place.
  Path file_path(std::string_view table, std::string_view file) const {
    return join(table_directory(table), file);
  }
  /// A fresh name for a data file of the table, whose folder is made when needed.
  Result<std::string> new_part(std::string_view table);

  /// Waits for the turn to commit. Asked for again while it is held, it is the same turn.
  Result<Turn> take_turn();
  /// Publishes the release and writes the Delta logs of its tables, in a turn.
  /// An error means that nothing was published.
  Result<Release> commit(const NewRelease& wanted);
  /// What became of the Delta logs of the last commit; readers other than EDS lag when it failed.
  const Status& projection() const { return projection_; }

 private:
  Warehouse(Env& env, Path directory) : env_(&env), directory_(std::move(directory)) {}

  Env* env_;
  Path directory_;
  std::unique_ptr<Catalogue> catalogue_;
  Status projection_;
  std::weak_ptr<FileLock> turn_;
};

/// The Delta columns of a model table.
std::vector<delta::Field> delta_fields(const model::Table& table);

}  // namespace eds::lake
