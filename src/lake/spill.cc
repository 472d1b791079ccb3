#include "lake/spill.h"

#include <string>
#include <vector>

namespace eds::lake {
namespace {

constexpr std::string_view kLockSuffix = ".lock";

void remove_quietly(Env& env, const Path& folder, const Path& lock) {
  const Status gone = env.exists(folder) ? env.remove_tree(folder) : Status();
  // The lock's name outlives the folder's, so that a sweep still finds what could not be removed.
  if (gone.ok() && env.exists(lock)) static_cast<void>(env.remove(lock));
}

}  // namespace

Result<std::shared_ptr<SpillFolder>> SpillFolder::make(Warehouse& warehouse,
                                                       std::string_view purpose) {
  Env& env = warehouse.env();
  const Path path = join(warehouse.temporary_directory(),
                         std::string(purpose) + std::to_string(env.random_u64()));
  const Path lock_path = path + std::string(kLockSuffix);
  std::unique_ptr<FileLock> lock = TRY(env.lock(lock_path, Wait::Yes));
  std::shared_ptr<SpillFolder> folder(new SpillFolder(env, path, std::move(lock)));
  TRY(env.make_directories(path));
  return folder;
}

SpillFolder::~SpillFolder() {
  remove_quietly(*env_, path_, path_ + std::string(kLockSuffix));
}

Status spill_for(Warehouse& warehouse, std::string_view purpose, duck::Options& options) {
  const std::shared_ptr<SpillFolder> folder = TRY(SpillFolder::make(warehouse, purpose));
  options.temporary_directory = folder->path();
  options.held_until_closed = folder;
  return {};
}

void sweep_spills(Env& env, const Path& temporary) {
  const Result<std::vector<std::string>> names = env.list(temporary);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (!name.ends_with(kLockSuffix)) continue;
    const Path lock_path = join(temporary, name);
    const Result<std::unique_ptr<FileLock>> lock = env.lock(lock_path, Wait::No);
    if (!lock.ok()) continue;  // Its owner lives.
    remove_quietly(env, lock_path.substr(0, lock_path.size() - kLockSuffix.size()), lock_path);
  }
}

}  // namespace eds::lake
