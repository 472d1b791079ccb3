#include "lake/backup.h"

#include <algorithm>
#include <array>
#include <set>

#include "lake/checksum.h"
#include "lake/durability.h"

namespace eds::lake {
namespace {

constexpr std::array<std::string_view, 6> kFolders = {"identity", "rights",     "audit",
                                                      "landing",  "quarantine", "cohorts"};
constexpr std::string_view kManifest = "backup.json";
constexpr std::string_view kSqliteHeader = "SQLite format 3";
constexpr std::size_t kCopyBytes = std::size_t{1} << 20;
// A folder that changes under the copy is copied again, so often at most.
constexpr int kTriesMax = 5;
// A warehouse's folders are at most this deep: landing/ab/cd/file.
constexpr int kDepthMax = 16;

Path parent_of(const Path& path) {
  const std::size_t slash = path.rfind('/');
  return slash == Path::npos ? Path(".") : path.substr(0, slash);
}

bool is_part_of_sqlite(std::string_view name) {
  return name.ends_with("-wal") || name.ends_with("-shm") || name.ends_with("-journal");
}

class Copier {
 public:
  Copier(Env& env, BackupOutcome& outcome, const Watch& watch)
      : env_(&env), outcome_(&outcome), watch_(&watch) {}

  /// Copies the bytes under a temporary name, then renames; returns their checksum.
  Result<std::string> bytes(const Path& from, const Path& to) {
    const Path temporary = to + ".tmp";
    Result<std::string> checksum = stream(from, temporary);
    if (!checksum.ok()) {
      if (env_->exists(temporary)) static_cast<void>(env_->remove(temporary));
      return checksum.error().within("copying " + from);
    }
    TRY(env_->rename(temporary, to));
    touched_.insert(parent_of(to));
    ++outcome_->copied_files;
    return checksum;
  }

  /// A part: immutable, so a file of its name and size is it.
  Status part(const Path& from, const Path& to, const DataFile& file, Parts parts) {
    const Result<FileInfo> there = env_->info(to);
    if (there.ok() && static_cast<std::int64_t>(there->bytes) == file.byte_count) {
      ++outcome_->kept_files;
      return {};
    }
    if (there.ok()) TRY(env_->remove(to));
    if (parts == Parts::Link && env_->link_new(from, to).ok()) {
      touched_.insert(parent_of(to));
      ++outcome_->linked_files;
      return {};
    }
    const std::string checksum = TRY(bytes(from, to));
    if (file.checksum.empty() || checksum == file.checksum) return {};
    TRY(env_->remove(to));
    return Error{Code::Corrupt, "a part has other bytes than were written (eds verify): " + from};
  }

  /// Copies what a folder holds, with its folders, until nothing changed while it was copied.
  Status folder(const Path& from, const Path& to, std::string_view name) {
    for (int tries = 0; tries < kTriesMax; ++tries) {
      const std::string before = TRY(look(from, 0));
      TRY(folder_once(from, to, name, 0));
      if (TRY(look(from, 0)) == before) return {};
    }
    return Error{Code::Unavailable, "files keep changing under the backup: " + from};
  }

  Status sync() {
    TRY(sync_all(*env_, SyncList{{}, {touched_.begin(), touched_.end()}}));
    touched_.clear();
    return {};
  }

  Status make(const Path& folder) {
    if (env_->exists(folder)) return {};
    TRY(env_->make_directories(folder));
    touched_.insert(parent_of(folder));
    return {};
  }

 private:
  Result<std::string> stream(const Path& from, const Path& to) {
    const std::unique_ptr<ReadableFile> source = TRY(env_->open(from));
    const std::unique_ptr<WritableFile> copy = TRY(env_->create(to));
    TRY(env_->set_mode(to, 0600));
    std::vector<char> buffer(kCopyBytes);
    Checksum checksum;
    std::uint64_t offset = 0;
    while (const std::size_t count = TRY(source->read_at(offset, buffer))) {
      checksum.add({buffer.data(), count});
      TRY(copy->append({buffer.data(), count}));
      offset += count;
      outcome_->copied_bytes += static_cast<std::int64_t>(count);
      TRY(tell(*watch_, {"copy", base_name(from), static_cast<std::int64_t>(offset),
                         static_cast<std::int64_t>(source->size())}));
    }
    TRY(copy->sync());
    TRY(copy->close());
    return checksum_text(checksum.value());
  }

  // Names, sizes and times below a folder, as one text.
  Result<std::string> look(const Path& folder, int depth) {
    std::string seen;
    if (depth > kDepthMax || !env_->exists(folder)) return seen;
    for (const std::string& name : TRY(env_->list(folder))) {
      const Result<FileInfo> info = env_->info(join(folder, name));
      if (!info.ok()) continue;
      seen += name + " ";
      if (info->is_directory) {
        seen += TRY(look(join(folder, name), depth + 1));
      } else if (!is_part_of_sqlite(name)) {
        seen += std::to_string(info->bytes) + " " + std::to_string(info->modified_us) + "\n";
      }
    }
    return seen;
  }

  Status folder_once(const Path& from, const Path& to, std::string_view label, int depth) {
    if (depth > kDepthMax || !env_->exists(from)) return {};
    TRY(make(to));
    TRY(env_->set_mode(to, 0700));
    for (const std::string& name : TRY(env_->list(from))) {
      TRY(tell(*watch_, {"folder", label, 0, 0}));
      const Path source = join(from, name);
      const Path copy = join(to, name);
      const FileInfo info = TRY(env_->info(source));
      if (info.is_directory) {
        TRY(folder_once(source, copy, label, depth + 1));
      } else if (!is_part_of_sqlite(name)) {
        TRY(file(source, copy, info));
      }
    }
    return {};
  }

  Status file(const Path& source, const Path& copy, const FileInfo& info) {
    if (TRY(is_sqlite(source))) {
      const Path temporary = copy + ".tmp";
      if (env_->exists(temporary)) TRY(env_->remove(temporary));
      TRY(TRY(sqlite::Database::open(source))->copy_to(temporary));
      TRY(env_->set_mode(temporary, 0600));
      TRY(sync_all(*env_, SyncList{{temporary}, {}}));
      TRY(env_->rename(temporary, copy));
      touched_.insert(parent_of(copy));
      ++outcome_->copied_files;
      return {};
    }
    const Result<FileInfo> there = env_->info(copy);
    if (there.ok() && there->bytes == info.bytes && there->modified_us > info.modified_us) {
      ++outcome_->kept_files;
      return {};
    }
    TRY(bytes(source, copy));
    return {};
  }

  Result<bool> is_sqlite(const Path& path) {
    const std::unique_ptr<ReadableFile> file = TRY(env_->open(path));
    std::array<char, 16> head{};
    const std::size_t count = TRY(file->read_at(0, head));
    return std::string_view(head.data(), count).starts_with(kSqliteHeader);
  }

  Env* env_;
  BackupOutcome* outcome_;
  const Watch* watch_;
  std::set<Path> touched_;
};

Status copy_parts(Env& env, Catalogue& catalogue, const Path& from, const Path& to, Copier& copier,
                  const BackupOptions& options) {
  TRY(copier.make(join(to, "lake")));
  for (const std::string& table : TRY(catalogue.table_names())) {
    const Path source = join(join(from, "lake"), table);
    const Path copy = join(join(to, "lake"), table);
    TRY(copier.make(copy));
    const std::vector<DataFile> files = TRY(catalogue.kept_files(table));
    for (std::size_t at = 0; at < files.size(); ++at) {
      TRY(tell(options.watch, {"parts", table, static_cast<std::int64_t>(at),
                               static_cast<std::int64_t>(files.size())}));
      const Path part = join(source, files[at].path);
      if (!env.exists(part)) {
        return Error{
            Code::Unavailable,
            "a part is gone: a vacuum ran meanwhile (back up again), or eds verify: " + part};
      }
      TRY(copier.part(part, join(copy, files[at].path), files[at], options.parts));
    }
  }
  return {};
}

// What the warehouse gave up, the backup gives up too: an erased person must vanish from both.
Status prune(Env& env, Catalogue& catalogue, const Path& destination, BackupOutcome& outcome) {
  for (const std::string& table : TRY(catalogue.table_names())) {
    std::set<std::string> kept;
    for (const DataFile& file : TRY(catalogue.kept_files(table))) kept.insert(file.path);
    const Path folder = join(join(destination, "lake"), table);
    for (const std::string& name : TRY(env.list(folder))) {
      if (kept.count(name) != 0 || !name.starts_with("part-")) continue;
      TRY(env.remove(join(folder, name)));
      ++outcome.removed_files;
    }
  }
  return {};
}

std::string manifest(Env& env, const BackupOutcome& outcome, bool with_keys) {
  return "{\"format_version\":1,\"made_at_us\":" + std::to_string(env.now_us()) +
         ",\"release\":\"" + outcome.release + "\",\"keys\":\"" +
         (with_keys ? "apart" : "left out") + "\"}\n";
}

bool is_within(const Path& path, const Path& folder) {
  return path == folder || path.starts_with(folder.back() == '/' ? folder : folder + "/");
}

Status check_places(Warehouse& warehouse, const Path& destination, const BackupOptions& options) {
  if (is_within(destination, warehouse.directory())) {
    return Error{Code::Usage, "a backup cannot lie inside its warehouse: " + destination};
  }
  if (options.keys_directory && is_within(*options.keys_directory, destination)) {
    return Error{Code::Usage,
                 "keys do not go into the backup that they open: choose a folder "
                 "elsewhere"};
  }
  return {};
}

}  // namespace

Result<BackupOutcome> backup(Warehouse& warehouse, const Path& destination,
                             const BackupOptions& options) {
  TRY(check_places(warehouse, destination, options));
  Env& env = warehouse.env();
  BackupOutcome outcome;
  Copier copier(env, outcome, options.watch);
  TRY(copier.make(destination));
  TRY(env.set_mode(destination, 0700));
  // The catalogue is copied first, so that the files which it names exist already...
  const Path fresh = join(destination, "catalogue.db.new");
  for (const char* suffix : {"", "-wal", "-shm"}) {
    if (env.exists(fresh + suffix)) TRY(env.remove(fresh + suffix));
  }
  TRY(warehouse.catalogue().copy_to(fresh));
  {
    const std::unique_ptr<Catalogue> copy = TRY(Catalogue::open(env, fresh));
    const Result<Release> latest = copy->latest();
    if (latest.ok()) outcome.release = latest->name;
    TRY(copy_parts(env, *copy, warehouse.directory(), destination, copier, options));
  }
  for (std::string_view folder : kFolders) {
    TRY(copier.folder(join(warehouse.directory(), folder), join(destination, folder), folder));
  }
  if (env.exists(join(warehouse.directory(), "eds.toml"))) {
    TRY(copier.bytes(join(warehouse.directory(), "eds.toml"), join(destination, "eds.toml")));
  }
  if (options.keys_directory) {
    TRY(copier.folder(join(warehouse.directory(), "keys"), *options.keys_directory, "keys"));
  }
  TRY(copier.sync());
  // ... and takes its place last, so that it never names a file that is not there.
  TRY(sync_all(env, SyncList{{fresh}, {}}));
  TRY(env.rename(fresh, join(destination, "catalogue.db")));
  TRY(env.write_durably(join(destination, kManifest),
                        manifest(env, outcome, options.keys_directory.has_value())));
  const std::unique_ptr<Catalogue> copy =
      TRY(Catalogue::open(env, join(destination, "catalogue.db")));
  TRY(prune(env, *copy, destination, outcome));
  return outcome;
}

Result<VerifyOutcome> restore(Env& env, const Path& source, const std::optional<Path>& keys,
                              const Path& target, const Watch& watch) {
  if (!env.exists(join(source, kManifest)) || !env.exists(join(source, "catalogue.db"))) {
    return Error{Code::NotFound, "no complete backup here: " + source};
  }
  if (env.exists(target) && !TRY(env.list(target)).empty()) {
    return Error{Code::Conflict, "restore needs an empty folder: " + target};
  }
  BackupOutcome outcome;
  BackupOptions options;
  options.watch = watch;
  Copier copier(env, outcome, watch);
  TRY(copier.make(target));
  for (std::string_view folder : kFolders) {
    TRY(copier.make(join(target, folder)));
    TRY(copier.folder(join(source, folder), join(target, folder), folder));
  }
  TRY(copier.make(join(target, "tmp")));
  TRY(copier.make(join(target, "keys")));
  TRY(env.set_mode(join(target, "keys"), 0700));
  if (keys) TRY(copier.folder(*keys, join(target, "keys"), "keys"));
  if (env.exists(join(source, "eds.toml"))) {
    TRY(copier.bytes(join(source, "eds.toml"), join(target, "eds.toml")));
  }
  const Path fresh = join(target, "catalogue.db.new");
  TRY(TRY(sqlite::Database::open(join(source, "catalogue.db")))->copy_to(fresh));
  {
    const std::unique_ptr<Catalogue> copy = TRY(Catalogue::open(env, fresh));
    TRY(copy_parts(env, *copy, source, target, copier, options));
    TRY(copy->forget_projections());
  }
  TRY(copier.sync());
  TRY(sync_all(env, SyncList{{fresh}, {}}));
  TRY(env.rename(fresh, join(target, "catalogue.db")));
  TRY(env.sync_directory(target));
  const std::unique_ptr<Warehouse> warehouse = TRY(Warehouse::open(env, target));
  return verify(*warehouse, Depth::Bytes, watch);
}

}  // namespace eds::lake
