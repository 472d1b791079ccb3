#include "lake/upkeep.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "lake/checksum.h"
#include "lake/part.h"

namespace eds::lake {
namespace {

// --- vacuum ---------------------------------------------------------------------------------

bool ends_with(std::string_view name, std::string_view end) {
  return name.ends_with(end);
}

class Sweep {
 public:
  Sweep(Warehouse& warehouse, VacuumOutcome& outcome)
      : warehouse_(&warehouse), outcome_(&outcome), now_us_(warehouse.env().now_us()) {}

  Status parts(const std::string& table) {
    Catalogue& catalogue = warehouse_->catalogue();
    std::set<std::string> kept;
    for (const DataFile& file : TRY(catalogue.kept_files(table))) kept.insert(file.path);
    const std::vector<std::string> given_up = TRY(catalogue.vacuumed_paths(table));
    const std::set<std::string> vacuumed(given_up.begin(), given_up.end());
    const Path folder = warehouse_->table_directory(table);
    for (const std::string& name : TRY(listed(folder))) {
      if (!ends_with(name, ".parquet") || kept.count(name) != 0) continue;
      TRY(remove(join(folder, name), vacuumed.count(name) != 0 ? 0 : kOrphanAgeUs));
    }
    return {};
  }

  /// Files of a folder whose name contains `mark` and that nobody has touched for a day.
  Status leftovers(const Path& folder, std::string_view mark) {
    for (const std::string& name : TRY(listed(folder))) {
      if (name.find(mark) != std::string::npos) TRY(remove(join(folder, name), kOrphanAgeUs));
    }
    return {};
  }

 private:
  Result<std::vector<std::string>> listed(const Path& folder) {
    Result<std::vector<std::string>> names = warehouse_->env().list(folder);
    if (!names.ok() && names.error().code == Code::NotFound) return std::vector<std::string>();
    return names;
  }

  Status remove(const Path& path, std::int64_t age_us) {
    Env& env = warehouse_->env();
    const Result<FileInfo> info = env.info(path);
    if (!info.ok() || info->is_directory) return {};  // Another vacuum was faster.
    if (age_us > 0 && now_us_ - info->modified_us < age_us) return {};
    const Status removed = env.remove(path);
    if (!removed.ok() && removed.error().code == Code::NotFound) return {};
    TRY(removed);
    ++outcome_->deleted_files;
    outcome_->deleted_bytes += static_cast<std::int64_t>(info->bytes);
    return {};
  }

  Warehouse* warehouse_;
  VacuumOutcome* outcome_;
  std::int64_t now_us_;
};

// --- verification ---------------------------------------------------------------------------

// Footers asked for in one query.
constexpr std::size_t kFootersMax = 256;
// A Delta commit of a release that adds 10,000 parts of 30 columns: 20 MB.
constexpr std::uint64_t kCommitBytesMax = std::uint64_t{1} << 28;

class Verifier {
 public:
  Verifier(Warehouse& warehouse, duck::Connection& connection, Depth depth, VerifyOutcome& outcome)
      : warehouse_(&warehouse), connection_(&connection), depth_(depth), outcome_(&outcome) {}

  Status table(const std::string& name, const Watch& watch) {
    const std::vector<DataFile> files = TRY(warehouse_->catalogue().kept_files(name));
    std::vector<DataFile> sound;
    for (std::size_t at = 0; at < files.size(); ++at) {
      TRY(tell(watch, {depth_ == Depth::Bytes ? "bytes" : "sizes", name,
                       static_cast<std::int64_t>(at), static_cast<std::int64_t>(files.size())}));
      if (TRY(size_and_bytes(name, files[at]))) sound.push_back(files[at]);
    }
    for (std::size_t at = 0; at < sound.size(); at += kFootersMax) {
      const std::size_t end = std::min(sound.size(), at + kFootersMax);
      TRY(tell(watch, {"footers", name, static_cast<std::int64_t>(at),
                       static_cast<std::int64_t>(sound.size())}));
      TRY(footers(name, {sound.begin() + static_cast<std::ptrdiff_t>(at),
                         sound.begin() + static_cast<std::ptrdiff_t>(end)}));
    }
    return {};
  }

  /// Compares the table's Delta commits with the catalogue's; in a turn, since a log is behind the
  /// catalogue while somebody commits.
  Status log(const std::string& table) {
    Catalogue& catalogue = warehouse_->catalogue();
    const Release latest = TRY(catalogue.latest());
    const std::optional<std::int64_t> last = TRY(catalogue.version_at(table, latest.id));
    const Path folder = join(warehouse_->table_directory(table), "_delta_log");
    for (std::int64_t version = 0; last && version <= *last; ++version) {
      const Path path = join(folder, delta::commit_file_name(version));
      const Result<std::string> text = warehouse_->env().read_all(path, kCommitBytesMax);
      ++outcome_->version_count;
      if (!text.ok()) {
        say("Delta commit is missing: " + path);
      } else if (*text != TRY(catalogue.commit_text(table, version))) {
        say("Delta commit differs from the catalogue: " + path);
      }
    }
    return {};
  }

 private:
  void say(std::string text) { outcome_->findings.push_back(std::move(text)); }

  // Whether the file is worth reading further.
  Result<bool> size_and_bytes(const std::string& table, const DataFile& file) {
    Env& env = warehouse_->env();
    const Path path = warehouse_->file_path(table, file.path);
    ++outcome_->file_count;
    outcome_->byte_count += file.byte_count;
    const Result<FileInfo> info = env.info(path);
    if (!info.ok()) {
      say("part is missing or cannot be seen: " + path);
      return false;
    }
    if (static_cast<std::int64_t>(info->bytes) != file.byte_count) {
      say("part has another size than the catalogue says: " + path);
      return false;
    }
    if (file.checksum.empty()) ++outcome_->without_checksum;
    if (depth_ == Depth::Footers || file.checksum.empty()) return true;
    const Result<std::string> found = file_checksum(env, path);
    if (found.ok() && *found == file.checksum) return true;
    say((found.ok() ? "part has other bytes than were written: " : "part cannot be read: ") + path);
    return false;
  }

  Status footers(const std::string& table, const std::vector<DataFile>& files) {
    std::map<std::string, std::int64_t> expected;
    std::string list;
    for (const DataFile& file : files) {
      const Path path = warehouse_->file_path(table, file.path);
      expected[path] = file.row_count;
      list += (list.empty() ? "" : ", ") + duck::quote_text(path);
    }
    Result<duck::Rows> rows =
        connection_->query("SELECT file_name, num_rows FROM parquet_file_metadata([" + list + "])");
    while (rows.ok()) {
      Result<std::optional<duck::Chunk>> chunk = rows->next();
      if (!chunk.ok() || !chunk->has_value()) break;
      for (std::size_t row = 0; row < (*chunk)->row_count(); ++row) {
        const std::string path((*chunk)->text_at(0, row));
        const auto found = expected.find(path);
        if (found == expected.end()) continue;
        if (found->second != (*chunk)->int_at(1, row)) {
          say("part holds another number of rows than the catalogue says: " + path);
        }
        expected.erase(found);
      }
    }
    if (expected.empty()) return {};
    // One unreadable footer spoils the whole query: ask for them one by one.
    if (files.size() == 1) {
      say("part has no readable footer: " + expected.begin()->first);
      return {};
    }
    for (const DataFile& file : files) {
      if (expected.count(warehouse_->file_path(table, file.path)) == 0) continue;
      TRY(footers(table, {file}));
    }
    return {};
  }

  Warehouse* warehouse_;
  duck::Connection* connection_;
  Depth depth_;
  VerifyOutcome* outcome_;
};

}  // namespace

Result<VacuumOutcome> vacuum(Warehouse& warehouse, const VacuumOptions& options) {
  if (options.keep_releases < 1) {
    return Error{Code::Usage, "vacuum must keep at least one release"};
  }
  VacuumOutcome outcome;
  // The catalogue first: a crash after it leaves files that the next vacuum deletes, never a
  // release that looks readable and is not.
  outcome.expired_files = TRY(warehouse.catalogue().expire(options.keep_releases));
  Sweep sweep(warehouse, outcome);
  const std::vector<std::string> tables = TRY(warehouse.catalogue().table_names());
  for (std::size_t at = 0; at < tables.size(); ++at) {
    TRY(tell(options.watch, {"delete", tables[at], static_cast<std::int64_t>(at),
                             static_cast<std::int64_t>(tables.size())}));
    TRY(sweep.parts(tables[at]));
    TRY(sweep.leftovers(join(warehouse.table_directory(tables[at]), "_delta_log"), ".tmp"));
  }
  const Path temporary = warehouse.temporary_directory();
  TRY(sweep.leftovers(temporary, ""));
  for (const std::string& name : TRY(warehouse.env().list(temporary))) {
    // What a killed load had spilled.
    const Result<FileInfo> info = warehouse.env().info(join(temporary, name));
    if (info.ok() && info->is_directory) TRY(sweep.leftovers(join(temporary, name), ""));
  }
  log::info("lake", "vacuum done", {{"expired_files", outcome.expired_files}});
  return outcome;
}

Result<VerifyOutcome> verify(Warehouse& warehouse, Depth depth, const Watch& watch) {
  VerifyOutcome outcome;
  for (const std::string& finding : TRY(warehouse.catalogue().integrity_findings())) {
    outcome.findings.push_back("catalogue: " + finding);
  }
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  Verifier verifier(warehouse, connection, depth, outcome);
  for (const std::string& name : TRY(warehouse.catalogue().table_names())) {
    TRY(verifier.table(name, watch));
  }
  const Turn turn = TRY(warehouse.take_turn());
  for (const std::string& name : TRY(warehouse.catalogue().table_names())) {
    TRY(verifier.log(name));
  }
  const log::Level level = outcome.findings.empty() ? log::Level::Info : log::Level::Error;
  log::write(level, "lake", "verification done", {{"findings", outcome.findings.size()}});
  return outcome;
}

}  // namespace eds::lake
