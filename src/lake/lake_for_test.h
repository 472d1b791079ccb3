// A small lake for tests of this room: arithmetic rows, and the content of a release as one text.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "lake/erasure.h"
#include "lake/loader.h"
#include "lake/warehouse.h"

namespace eds::lake {

/// A fresh folder, removed at the end.
struct TestFolder {
  Path path;
  TestFolder() {
    char pattern[] = "/tmp/eds_lake_XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~TestFolder() { std::filesystem::remove_all(path); }
};

template <class T>
T must(Result<T> result) {
  REQUIRE_MESSAGE(result.ok(), (result.ok() ? std::string() : result.error().message));
  return std::move(result).value();
}
inline void must(const Status& status) {
  REQUIRE_MESSAGE(status.ok(), (status.ok() ? std::string() : status.error().message));
}

struct TestLake {
  TestFolder folder;
  Path directory;
  Env* env;
  std::unique_ptr<Warehouse> warehouse;

  explicit TestLake(Env& of = Env::posix()) : directory(join(folder.path, "w")), env(&of) {
    must(Warehouse::create(*env, directory));
    warehouse = must(Warehouse::open(*env, directory));
  }
  Catalogue& catalogue() { return warehouse->catalogue(); }
};

/// One row per (person, number) of a table; `key` 0: none.
struct TestRow {
  std::string_view table;
  std::int64_t person = 0;  ///< 0: NULL
  std::int64_t number = 0;
  std::int64_t key = 0;
};

inline Status stage_row(Loader& loader, const TestRow& row, std::int64_t source) {
  const model::Table& table = model::table(row.table);
  model::RowWriter& rows = *TRY(loader.rows(table));
  if (table.id_column != model::kNoColumn) rows.set(table.id_column, row.number);
  if (table.person_column != model::kNoColumn && row.person != 0) {
    rows.set(table.person_column, row.person);
  }
  if (table.date_column != model::kNoColumn) rows.set(table.date_column, 18'000 + row.number);
  if (table.name == "note_nlp") rows.set(table.column("note_id"), row.key);
  if (table.source_column != model::kNoColumn) rows.set(table.source_column, source);
  if (row.key != 0 && table.name != "note_nlp") {
    rows.set(table.key_column, row.key);
    TRY(loader.record(row.key, source, row.number));
    rows.set(table.column("eds_source_position"), row.number);
  }
  return rows.end_row();
}

inline Result<LoadOutcome> try_load(Warehouse& warehouse, const std::vector<TestRow>& rows,
                                    std::int64_t source = 1) {
  const std::unique_ptr<Loader> loader = TRY(Loader::open(warehouse));
  for (const TestRow& row : rows) TRY(stage_row(*loader, row, source));
  return loader->commit("tester", "load", {});
}

/// Count and order-free hash of every row of a table in a release, all columns.
inline std::string table_hash(Warehouse& warehouse, std::string_view name,
                              const std::string& release = "latest") {
  const model::Table& table = model::table(name);
  const Release of = must(warehouse.catalogue().release(release));
  const std::vector<DataFile> files = must(warehouse.catalogue().files(name, of.id));
  const std::unique_ptr<duck::Database> database = must(duck::Database::open({}));
  duck::Connection connection = must(database->connect());
  return must(connection.query_text(
      "SELECT count(*) || ' ' || coalesce(sum(hash(facts)::HUGEINT), 0) FROM (" +
      scan_sql(warehouse, table, files) + ") AS facts"));
}

/// "person:number" of every row, in order.
inline std::string content(Warehouse& warehouse, std::string_view name,
                           const std::string& release = "latest") {
  const model::Table& table = model::table(name);
  const Release of = must(warehouse.catalogue().release(release));
  const std::vector<DataFile> files = must(warehouse.catalogue().files(name, of.id));
  const std::unique_ptr<duck::Database> database = must(duck::Database::open({}));
  duck::Connection connection = must(database->connect());
  const std::string id(table.columns[table.id_column].name);
  const std::string person =
      table.person_column == model::kNoColumn ? "'-'" : "coalesce(person_id, 0)";
  return must(connection.query_text("SELECT coalesce(string_agg(" + person + " || ':' || " + id +
                                    ", ' ' ORDER BY " + id + "), '') FROM (" +
                                    scan_sql(warehouse, table, files) + ")"));
}

inline std::size_t parts_on_disk(Warehouse& warehouse, std::string_view table) {
  std::size_t count = 0;
  for (const std::string& name : must(warehouse.env().list(warehouse.table_directory(table)))) {
    count += name.ends_with(".parquet") ? 1 : 0;
  }
  return count;
}

}  // namespace eds::lake
