// Delta: the text of a Delta Lake commit, as every Delta reader expects it.
//
// Invariants: a commit is JSON lines, one action a line, commitInfo first. Tables are
// unpartitioned, readable with protocol 3 / 7 and the one feature timestampNtz, because OMOP
// datetimes have no zone. No deletion vectors: every reader sees the same rows. Threads: values.
// Source: Delta Transaction Log Protocol (delta-io/delta, PROTOCOL.md), sections "Actions",
// "Checkpoints" (V1 spec), "Per-file statistics", "Schema serialization format".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eds::delta {

enum class FieldType : std::uint8_t { Long, Double, Date, TimestampNtz, String };

struct Field {
  std::string name;
  FieldType type = FieldType::String;
  bool nullable = true;
};

struct Metadata {
  std::string id;  ///< a UUID, the same for the table's whole life
  std::string name;
  std::vector<Field> fields;
  std::int64_t created_ms = 0;
};

struct Add {
  std::string path;  ///< relative to the table's folder, without characters that need escaping
  std::int64_t byte_count = 0;
  std::int64_t modified_ms = 0;
  std::string stats_json;   ///< "" when unknown
  bool data_change = true;  ///< false when rows only moved (compaction)
};

struct Remove {
  std::string path;
  std::int64_t deleted_ms = 0;
  std::int64_t byte_count = 0;
  bool data_change = true;
};

struct Commit {
  std::int64_t timestamp_ms = 0;
  std::string operation;  ///< "WRITE", "DELETE", "OPTIMIZE", "CREATE TABLE", "ADD COLUMNS"
  std::string release;    ///< the release that this commit belongs to
  std::optional<Metadata> metadata;  ///< on the first commit and when columns are added
  bool with_protocol = false;        ///< on the first commit
  std::vector<Add> adds;
  std::vector<Remove> removes;
};

/// Minimum and maximum of one column of one file, already in Delta's JSON spelling.
struct ColumnStats {
  std::string name;
  std::string min_json;  ///< "" when unknown or all null
  std::string max_json;
  std::optional<std::int64_t> null_count;
};

/// The `stats` text of an add action.
std::string stats_json(std::int64_t row_count, const std::vector<ColumnStats>& columns);

/// The whole commit file.
std::string commit_text(const Commit& commit);
/// "00000000000000000012.json"
std::string commit_file_name(std::int64_t version);
/// "00000000000000000012.checkpoint.parquet"
std::string checkpoint_file_name(std::int64_t version);
/// The content of _last_checkpoint.
std::string last_checkpoint_text(std::int64_t version, std::int64_t action_count);
/// The rows of a V1 checkpoint as JSON lines with the keys protocol, metaData and add, for whoever
/// writes them as Parquet with checkpoint_columns().
std::string checkpoint_lines(const Metadata& metadata, const std::vector<Add>& adds);
/// The checkpoint's columns as (name, DuckDB type).
std::vector<std::pair<std::string, std::string>> checkpoint_columns();
/// Spark's JSON for a schema.
std::string schema_json(const std::vector<Field>& fields);

}  // namespace eds::delta
