#include "lake/delta_log.h"

#include "lake/warehouse.h"

namespace eds::lake {
namespace {

// Writes `text` under a name that must not exist yet; the same name with the same text is fine.
Status claim(Env& env, const Path& path, std::string_view text) {
  const Path temporary = path + ".tmp" + std::to_string(env.random_u64());
  {
    const std::unique_ptr<WritableFile> file = TRY(env.create(temporary));
    TRY(file->append(text));
    TRY(file->sync());
    TRY(file->close());
  }
  const Status linked = env.link_new(temporary, path);
  TRY(env.remove(temporary));
  if (linked.ok() || linked.error().code != Code::Conflict) return linked;
  const std::string present = TRY(env.read_all(path, std::uint64_t{1} << 30));
  if (present == text) return {};
  // Only our own interrupted or restored files can differ: the catalogue is the record.
  return env.write_durably(path, text);
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
  TRY(env.write_durably(lines, delta::checkpoint_lines(TRY(catalogue.metadata(table, version)), adds)));

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
  return env.write_durably(join(log, "_last_checkpoint"),
                           delta::last_checkpoint_text(
                               version, static_cast<std::int64_t>(adds.size()) + 2));
}

}  // namespace

Status project_delta_logs(Warehouse& warehouse) {
  Catalogue& catalogue = warehouse.catalogue();
  Env& env = warehouse.env();
  for (const auto& [table, version] : TRY(catalogue.unprojected())) {
    const Path log = join(warehouse.table_directory(table), "_delta_log");
    TRY(env.make_directories(log));
    const std::string text = TRY(catalogue.commit_text(table, version));
    TRY(claim(env, join(log, delta::commit_file_name(version)), text));
    if (version > 0 && version % kCheckpointVersions == 0) {
      TRY(write_checkpoint(warehouse, table, version));
    }
    TRY(env.sync_directory(log));
    TRY(catalogue.mark_projected(table, version));
  }
  return {};
}

}  // namespace eds::lake
