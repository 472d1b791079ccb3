#include "uses/steering/store.h"

#include <fmt/format.h>

#include <algorithm>

#include "duck/duck.h"
#include "format/delta/delta.h"

namespace eds::steering {
namespace {

constexpr const char* kColumns =
    "year BIGINT, month BIGINT, unit_code VARCHAR, unit_name VARCHAR, is_hidden BIGINT, "
    "stays BIGINT, persons BIGINT, mean_days DOUBLE";

std::vector<delta::Field> fields() {
  using Type = delta::FieldType;
  return {{"year", Type::Long},        {"month", Type::Long},      {"unit_code", Type::String},
          {"unit_name", Type::String}, {"is_hidden", Type::Long},  {"stays", Type::Long},
          {"persons", Type::Long},     {"mean_days", Type::Double}};
}

std::string part_name(std::int64_t version) {
  return fmt::format("part-{:020}.parquet", version);
}

/// The last version, or -1.
Result<std::int64_t> last_version(Env& env, const Path& directory) {
  std::int64_t version = -1;
  const Path log = join(directory, "_delta_log");
  while (env.exists(join(log, delta::commit_file_name(version + 1)))) ++version;
  return version;
}

std::string row_sql(const ActivityLine& line) {
  const std::string month = line.month ? std::to_string(*line.month) : "NULL";
  const std::string unit = line.unit_code.empty() ? "NULL" : duck::quote_text(line.unit_code);
  const std::string numbers =
      line.is_hidden ? "1, NULL, NULL, NULL"
                     : fmt::format("0, {}, {}, {}", line.stays, line.persons, line.mean_days);
  return fmt::format("({}, {}, {}, {}, {})", line.year, month, unit,
                     duck::quote_text(line.unit_name), numbers);
}

Status write_part(const Path& path, const std::vector<ActivityLine>& lines) {
  constexpr std::size_t kRowsPerStatement = 500;
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  TRY(connection.execute(std::string("CREATE TABLE activity(") + kColumns + ")"));
  for (std::size_t at = 0; at < lines.size(); at += kRowsPerStatement) {
    std::string values;
    for (std::size_t row = at; row < std::min(lines.size(), at + kRowsPerStatement); ++row)
      values += (values.empty() ? "" : ", ") + row_sql(lines[row]);
    TRY(connection.execute("INSERT INTO activity VALUES " + values));
  }
  return connection.execute("COPY activity TO " + duck::quote_text(path) +
                            " (FORMAT parquet, COMPRESSION zstd)");
}

std::string uuid(Env& env) {
  const std::uint64_t high = env.random_u64();
  const std::uint64_t low = env.random_u64();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32U, high >> 16U & 0xFFFFU,
                     high & 0xFFFU, (low >> 48U & 0x3FFFU) | 0x8000U, low & 0xFFFFFFFFFFFFU);
}

delta::Commit commit_of(Env& env, const std::string& release, std::int64_t version,
                        std::int64_t part_bytes, std::int64_t row_count) {
  delta::Commit commit;
  commit.timestamp_ms = env.now_us() / 1000;
  commit.operation = "WRITE";
  commit.release = release;
  commit.adds.push_back({part_name(version), part_bytes, commit.timestamp_ms,
                         delta::stats_json(row_count, {}), true});
  if (version > 0) {
    commit.removes.push_back({part_name(version - 1), commit.timestamp_ms, 0, true});
    return commit;
  }
  commit.with_protocol = true;
  commit.metadata = delta::Metadata{uuid(env), "unit_activity", fields(), commit.timestamp_ms};
  return commit;
}

}  // namespace

Path activity_directory(const Path& warehouse) {
  return join(join(warehouse, "aggregates"), "unit_activity");
}

Result<std::int64_t> write_activity(Env& env, const Path& warehouse, const std::string& release,
                                    const std::vector<ActivityLine>& lines) {
  const Path directory = activity_directory(warehouse);
  const Path log = join(directory, "_delta_log");
  TRY(env.make_directories(log));
  const std::int64_t version = TRY(last_version(env, directory)) + 1;
  // Under a name of this build until the version is its own.
  const Path draft = join(directory, fmt::format("draft-{:016x}", env.random_u64()));
  TRY(write_part(draft, lines));
  const auto bytes = static_cast<std::int64_t>(TRY(env.info(draft)).bytes);
  const Path claim = join(log, fmt::format("draft-{:016x}", env.random_u64()));
  TRY(env.write_durably(claim,
                        delta::commit_text(commit_of(env, release, version, bytes,
                                                     static_cast<std::int64_t>(lines.size())))));
  // The part first: a version never names a file that is not there.
  const Status placed = env.link_new(draft, join(directory, part_name(version)));
  const Status claimed =
      placed.ok() ? env.link_new(claim, join(log, delta::commit_file_name(version))) : placed;
  TRY(env.remove(draft));
  TRY(env.remove(claim));
  if (!claimed.ok() && claimed.error().code == Code::Conflict)
    return Error{Code::Conflict, "somebody else is building the aggregate store: try again"};
  TRY(claimed);
  TRY(env.sync_directory(log));
  TRY(env.sync_directory(directory));
  if (version > 0) TRY(env.remove(join(directory, part_name(version - 1))));
  return version;
}

Result<std::vector<ActivityLine>> stored_activity(Env& env, const Path& warehouse) {
  const Path directory = activity_directory(warehouse);
  const std::int64_t version = TRY(last_version(env, directory));
  if (version < 0)
    return Error{Code::NotFound, "there is no aggregate store yet (eds steering build)"};
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  duck::Rows rows = TRY(connection.query(
      "SELECT year, month, coalesce(unit_code, ''), unit_name, is_hidden, stays, persons, "
      "mean_days "
      "FROM read_parquet(" +
      duck::quote_text(join(directory, part_name(version))) + ") ORDER BY 1, 3, 2 NULLS LAST"));
  std::vector<ActivityLine> lines;
  while (const std::optional<duck::Chunk> chunk = TRY(rows.next()))
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      ActivityLine line;
      line.year = chunk->int_at(0, row);
      if (!chunk->is_null(1, row)) line.month = chunk->int_at(1, row);
      line.unit_code = std::string(chunk->text_at(2, row));
      line.unit_name = std::string(chunk->text_at(3, row));
      line.is_hidden = chunk->int_at(4, row) != 0;
      if (!line.is_hidden) {
        line.stays = chunk->int_at(5, row);
        line.persons = chunk->int_at(6, row);
        line.mean_days = chunk->float_at(7, row);
      }
      lines.push_back(std::move(line));
    }
  return lines;
}

}  // namespace eds::steering
