#include "format/delta/delta.h"

#include <cstdio>

#include "format/json/json_writer.h"

namespace eds::delta {
namespace {

constexpr std::string_view kEngine = "eds/0.1.0";

std::string_view type_word(FieldType type) {
  switch (type) {
    case FieldType::Long: return "long";
    case FieldType::Double: return "double";
    case FieldType::Date: return "date";
    case FieldType::TimestampNtz: return "timestamp_ntz";
    case FieldType::String: return "string";
  }
  return "string";
}

std::string numbered(std::int64_t version, std::string_view suffix) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%020lld", static_cast<long long>(version));
  return digits + std::string(suffix);
}

void write_protocol(json::Writer& out) {
  out.begin_object().key("protocol").begin_object();
  out.member("minReaderVersion", 3).member("minWriterVersion", 7);
  out.key("readerFeatures").begin_array().string("timestampNtz").end_array();
  out.key("writerFeatures").begin_array().string("timestampNtz").end_array();
  out.end_object().end_object().newline();
}

void write_metadata(json::Writer& out, const Metadata& metadata) {
  out.begin_object().key("metaData").begin_object();
  out.member("id", metadata.id).member("name", metadata.name);
  out.key("format").begin_object().member("provider", "parquet");
  out.key("options").begin_object().end_object().end_object();
  out.member("schemaString", schema_json(metadata.fields));
  out.key("partitionColumns").begin_array().end_array();
  out.key("configuration").begin_object().end_object();
  out.member("createdTime", metadata.created_ms);
  out.end_object().end_object().newline();
}

void write_add(json::Writer& out, const Add& add) {
  out.begin_object().key("add").begin_object();
  out.member("path", add.path);
  out.key("partitionValues").begin_object().end_object();
  out.member("size", add.byte_count).member("modificationTime", add.modified_ms);
  out.member("dataChange", add.data_change);
  if (!add.stats_json.empty()) out.member("stats", add.stats_json);
  out.end_object().end_object().newline();
}

void write_remove(json::Writer& out, const Remove& remove) {
  out.begin_object().key("remove").begin_object();
  out.member("path", remove.path).member("deletionTimestamp", remove.deleted_ms);
  out.member("dataChange", remove.data_change).member("extendedFileMetadata", true);
  out.key("partitionValues").begin_object().end_object();
  out.member("size", remove.byte_count);
  out.end_object().end_object().newline();
}

}  // namespace

std::string schema_json(const std::vector<Field>& fields) {
  json::Writer out;
  out.begin_object().member("type", "struct").key("fields").begin_array();
  for (const Field& field : fields) {
    out.begin_object().member("name", field.name).member("type", type_word(field.type));
    out.member("nullable", field.nullable);
    out.key("metadata").begin_object().end_object().end_object();
  }
  out.end_array().end_object();
  return out.take();
}

std::string stats_json(std::int64_t row_count, const std::vector<ColumnStats>& columns) {
  json::Writer out;
  out.begin_object().member("numRecords", row_count);
  out.key("minValues").begin_object();
  for (const ColumnStats& column : columns) {
    if (!column.min_json.empty()) out.key(column.name).raw(column.min_json);
  }
  out.end_object().key("maxValues").begin_object();
  for (const ColumnStats& column : columns) {
    if (!column.max_json.empty()) out.key(column.name).raw(column.max_json);
  }
  out.end_object().key("nullCount").begin_object();
  for (const ColumnStats& column : columns) {
    if (column.null_count) out.member(column.name, *column.null_count);
  }
  out.end_object().end_object();
  return out.take();
}

std::string commit_text(const Commit& commit) {
  json::Writer out;
  out.begin_object().key("commitInfo").begin_object();
  out.member("timestamp", commit.timestamp_ms).member("operation", commit.operation);
  out.key("operationParameters").begin_object().member("release", commit.release).end_object();
  out.member("engineInfo", kEngine);
  out.end_object().end_object().newline();
  if (commit.with_protocol) write_protocol(out);
  if (commit.metadata) write_metadata(out, *commit.metadata);
  for (const Remove& remove : commit.removes) write_remove(out, remove);
  for (const Add& add : commit.adds) write_add(out, add);
  return out.take();
}

std::string commit_file_name(std::int64_t version) {
  return numbered(version, ".json");
}

std::string checkpoint_file_name(std::int64_t version) {
  return numbered(version, ".checkpoint.parquet");
}

std::string last_checkpoint_text(std::int64_t version, std::int64_t action_count) {
  json::Writer out;
  out.begin_object().member("version", version).member("size", action_count).end_object();
  return out.take();
}

std::string checkpoint_lines(const Metadata& metadata, const std::vector<Add>& adds) {
  json::Writer out;
  write_protocol(out);
  write_metadata(out, metadata);
  for (const Add& add : adds) {
    Add settled = add;
    settled.data_change = false;
    write_add(out, settled);
  }
  return out.take();
}

std::vector<std::pair<std::string, std::string>> checkpoint_columns() {
  return {
      {"txn", "STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)"},
      {"add",
       "STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, "
       "modificationTime BIGINT, dataChange BOOLEAN, stats VARCHAR)"},
      {"remove", "STRUCT(path VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN)"},
      {"metaData",
       "STRUCT(id VARCHAR, name VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, "
       "VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, "
       "VARCHAR), createdTime BIGINT)"},
      {"protocol",
       "STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], "
       "writerFeatures VARCHAR[])"},
  };
}

}  // namespace eds::delta
