#include "ingest/terms/mapping.h"

#include <vector>

#include "base/calendar.h"
#include "duck/duck.h"
#include "format/csv/csv_reader.h"
#include "format/text/dates.h"
#include "format/text/numbers.h"
#include "ingest/derived_rows.h"
#include "terms/records.h"

namespace eds::ingest::terms {
namespace {

constexpr std::string_view kMap = "source_to_concept_map";
// OMOP's own bounds of a mapping that always holds.
constexpr std::int32_t kSince = days_from_date({1970, 1, 1});
constexpr std::int32_t kUntil = days_from_date({2099, 12, 31});

// A table whose rows carry a source's code: its columns are <stem>_concept_id and so on.
struct Coded {
  std::string_view table;
  std::string_view stem;
  /// The vocabulary of a code that no terminology holds.
  std::string_view vocabulary;
};
constexpr Coded kCoded[] = {
    {"condition_occurrence", "condition", "CIM10"},
    {"procedure_occurrence", "procedure", "CCAM"},
    {"drug_exposure", "drug", "UCD"},
    {"device_exposure", "device", "local"},
    {"measurement", "measurement", "local"},
    {"observation", "observation", "local"},
};

std::string stem_column(const Coded& coded, std::string_view ending) {
  return "f." + std::string(coded.stem) + std::string(ending);
}

// As ingest/concepts.h looks codes up: without dots and spaces, in capitals.
std::string normal(const std::string& column) {
  return "upper(replace(replace(" + column + ", '.', ''), ' ', ''))";
}

struct Entry {
  std::string code;
  std::string vocabulary;
  std::string description;
  std::int64_t source = 0;
  std::int64_t target = 0;
  std::string target_vocabulary;
  std::int32_t start = kSince;
  std::int32_t end = kUntil;
  std::string invalid_reason;
};

Status write_entry(lake::Loader& loader, const Entry& entry) {
  model::RowWriter& row = *TRY(loader.rows(model::table(kMap)));
  row.set_text(0, entry.code);
  row.set(1, entry.source);
  row.set_text(2, entry.vocabulary);
  if (!entry.description.empty()) row.set_text(3, entry.description);
  row.set(4, entry.target);
  row.set_text(5, entry.target_vocabulary);
  row.set(6, entry.start).set(7, entry.end);
  if (!entry.invalid_reason.empty()) row.set_text(8, entry.invalid_reason);
  return row.end_row();
}

Status check_targets(lake::Loader& loader) {
  TRY(loader.settle());
  const std::string staged = TRY(loader.staged(model::table(kMap)));
  const std::string concepts = TRY(loader.lake_sql(model::table("concept")));
  const std::string unknown = " FROM " + staged +
                              " WHERE target_concept_id <> 0 AND target_concept_id NOT IN "
                              "(SELECT concept_id FROM (" +
                              concepts + "))";
  duck::Connection& connection = loader.connection();
  if (TRY(connection.query_int("SELECT count(*)" + unknown)) == 0) return {};
  const std::int64_t first = TRY(connection.query_int("SELECT min(target_concept_id)" + unknown));
  return Error{Code::Usage,
               "the vocabulary tables do not hold the target (load its terminology first, or map "
               "to 0): concept " +
                   std::to_string(first)};
}

Result<lake::LoadOutcome> publish(lake::Loader& loader, const std::string& actor) {
  TRY(loader.begin_commit());
  TRY(check_targets(loader));
  loader.remove_where(model::table(kMap),
                      "EXISTS (SELECT 1 FROM staged_source_to_concept_map AS s WHERE "
                      "s.source_code = facts.source_code AND s.source_vocabulary_id = "
                      "facts.source_vocabulary_id)");
  return loader.commit(actor, "terms map", {});
}

std::optional<Entry> entry_of(const eds::terms::Records& records) {
  Entry entry;
  entry.code = records["source_code"];
  entry.vocabulary = records["source_vocabulary_id"];
  entry.description = records["source_code_description"];
  entry.source = text::parse_integer(records["source_concept_id"]).value_or(0);
  entry.target_vocabulary = records["target_vocabulary_id"];
  entry.invalid_reason = records["invalid_reason"];
  const auto target = text::parse_integer(records["target_concept_id"]);
  const std::string_view start = records["valid_start_date"];
  const std::string_view end = records["valid_end_date"];
  const auto from = start.empty() ? std::optional(kSince) : text::parse_vocabulary_date(start);
  const auto until = end.empty() ? std::optional(kUntil) : text::parse_vocabulary_date(end);
  if (entry.code.empty() || entry.vocabulary.empty() || !target || !from || !until) {
    return std::nullopt;
  }
  entry.target = *target;
  entry.start = *from;
  entry.end = *until;
  return entry;
}

// The rows of one table whose concept is not what the map says: (row_id, target).
std::string changed_sql(const Coded& coded, const model::Table& table, const std::string& facts) {
  const std::string id = "f." + std::string(table.columns[table.id_column].name);
  const std::string source = stem_column(coded, "_source_concept_id");
  return "SELECT " + id + " AS row_id, m.target FROM (" + facts +
         ") AS f LEFT JOIN terms_known AS k ON k.concept_id = " + source +
         " JOIN terms_map AS m ON m.code = " + normal(stem_column(coded, "_source_value")) +
         " AND m.vocabulary = coalesce(k.vocabulary_id, " + duck::quote_text(coded.vocabulary) +
         ") WHERE NOT coalesce(k.leads, false) AND coalesce(" + stem_column(coded, "_concept_id") +
         ", 0) <> m.target";
}

Status prepare_map(lake::Loader& loader) {
  duck::Connection& connection = loader.connection();
  const std::string map = TRY(loader.lake_sql(model::table(kMap)));
  const std::string concepts = TRY(loader.lake_sql(model::table("concept")));
  const std::string links = TRY(loader.lake_sql(model::table("concept_relationship")));
  TRY(connection.execute("CREATE TABLE terms_map AS SELECT " + normal("source_code") +
                         " AS code, source_vocabulary_id AS vocabulary, min(target_concept_id) AS "
                         "target FROM (" +
                         map + ") WHERE invalid_reason IS NULL GROUP BY 1, 2"));
  return connection.execute(
      "CREATE TABLE terms_known AS SELECT concept_id, vocabulary_id, coalesce(standard_concept = "
      "'S', false) OR concept_id IN (SELECT concept_id_1 FROM (" +
      links + ") WHERE relationship_id = 'Maps to' AND invalid_reason IS NULL) AS leads FROM (" +
      concepts + ")");
}

Status apply_to(lake::Loader& loader, const Coded& coded) {
  const model::Table& table = model::table(coded.table);
  const std::string facts = TRY(loader.lake_sql(table));
  const std::string changed = "changed_" + std::string(coded.table);
  duck::Connection& connection = loader.connection();
  TRY(connection.execute("CREATE TABLE " + changed + " AS " + changed_sql(coded, table, facts)));
  if (TRY(connection.query_int("SELECT count(*) FROM " + changed)) == 0) return {};
  const std::string id(table.columns[table.id_column].name);
  const std::string target = std::string(coded.stem) + "_concept_id";
  std::vector<std::string> names;
  std::string list;
  for (const model::Column& column : table.columns) {
    names.emplace_back(column.name);
    list += list.empty() ? "" : ", ";
    list += column.name == target ? "c.target" : "f." + duck::quote_name(column.name);
  }
  TRY(append_query(loader, coded.table, names,
                   "SELECT " + list + " FROM (" + facts + ") AS f JOIN " + changed +
                       " AS c ON c.row_id = f." + id));
  loader.remove_where(table, "facts." + id + " IN (SELECT row_id FROM " + changed + ")");
  return {};
}

}  // namespace

Result<MappingOutcome> map_code(lake::Warehouse& warehouse, const MappingEdit& edit,
                                const std::string& actor) {
  if (edit.source_code.empty() || edit.vocabulary_id.empty()) {
    return Error{Code::Usage, "a mapping needs --from CODE, --vocabulary NAME and --to CONCEPT_ID"};
  }
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(warehouse));
  const std::string concepts = TRY(loader->lake_sql(model::table("concept")));
  Entry entry;
  entry.code = edit.source_code;
  entry.vocabulary = edit.vocabulary_id;
  entry.target = edit.target_concept_id;
  const Result<std::string> vocabulary = loader->connection().query_text(
      "SELECT vocabulary_id FROM (" + concepts +
      ") WHERE concept_id = " + std::to_string(edit.target_concept_id));
  entry.target_vocabulary = vocabulary.ok() ? *vocabulary : "None";
  const Result<std::int64_t> own = loader->connection().query_int(
      "SELECT min(concept_id) FROM (" + concepts +
          ") WHERE vocabulary_id = $1 AND concept_code = $2",
      {duck::Param::of(edit.vocabulary_id), duck::Param::of(edit.source_code)});
  if (own.ok()) entry.source = *own;
  TRY(write_entry(*loader, entry));
  MappingOutcome outcome;
  outcome.record_count = 1;
  outcome.load = TRY(publish(*loader, actor));
  return outcome;
}

Result<MappingOutcome> map_file(lake::Warehouse& warehouse, const Path& path,
                                const std::string& actor) {
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(warehouse));
  eds::terms::Records records = TRY(eds::terms::Records::open(warehouse.env(), path));
  TRY(loader->staged(model::table(kMap)));
  MappingOutcome outcome;
  std::uint64_t understood = 0;
  while (TRY(records.next())) {
    const std::optional<Entry> entry = entry_of(records);
    if (!entry.has_value()) {
      ++outcome.bad_count;
      continue;
    }
    TRY(write_entry(*loader, *entry));
    TRY(loader->relieve());
    ++understood;
  }
  outcome.bad_count += records.bad_count();
  outcome.record_count = understood + outcome.bad_count;
  if (understood == 0) {
    return Error{Code::Usage,
                 "no line is a mapping: the file needs the columns source_code, "
                 "source_vocabulary_id and target_concept_id"};
  }
  outcome.load = TRY(publish(*loader, actor));
  return outcome;
}

Result<lake::LoadOutcome> apply_map(lake::Warehouse& warehouse, const std::string& actor) {
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(warehouse));
  TRY(loader->begin_commit());
  TRY(prepare_map(*loader));
  for (const Coded& coded : kCoded) TRY(apply_to(*loader, coded));
  return loader->commit(actor, "terms apply", {});
}

std::string unmapped_sql(std::string_view vocabulary_id, std::int64_t limit) {
  std::string sql =
      "SELECT vocabulary, code, any_value(label) AS label, table_name AS \"table\", "
      "count(*) AS rows FROM (";
  for (const Coded& coded : kCoded) {
    if (&coded != kCoded) sql += " UNION ALL ";
    sql += "SELECT coalesce(k.vocabulary_id, " + duck::quote_text(coded.vocabulary) +
           ") AS vocabulary, " + stem_column(coded, "_source_value") +
           " AS code, k.concept_name AS label, " + duck::quote_text(coded.table) +
           " AS table_name FROM " + std::string(coded.table) +
           " AS f LEFT JOIN concept AS k ON k.concept_id = " +
           stem_column(coded, "_source_concept_id") + " AND k.concept_id <> 0 WHERE coalesce(" +
           stem_column(coded, "_concept_id") + ", 0) = 0 AND " +
           stem_column(coded, "_source_value") + " <> ''";
  }
  sql += ") AS codes";
  if (!vocabulary_id.empty()) sql += " WHERE vocabulary = " + duck::quote_text(vocabulary_id);
  return sql +
         " GROUP BY vocabulary, code, table_name ORDER BY rows DESC, vocabulary, code LIMIT " +
         std::to_string(limit);
}

}  // namespace eds::ingest::terms
