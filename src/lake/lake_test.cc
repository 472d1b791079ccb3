#include <doctest/doctest.h>

#include <cstdlib>

#include "lake/loader.h"
#include "lake/warehouse.h"

namespace eds::lake {
namespace {

// A warehouse in a fresh folder under the build tree's temporary place; removed at the end.
struct TestWarehouse {
  Path directory;
  std::unique_ptr<Warehouse> warehouse;

  TestWarehouse() {
    char pattern[] = "/tmp/eds_lake_XXXXXX";
    directory = join(::mkdtemp(pattern), "w");
    REQUIRE(Warehouse::create(Env::posix(), directory).ok());
    reopen();
  }
  ~TestWarehouse() {
    warehouse.reset();
    const std::string parent = directory.substr(0, directory.rfind('/'));
    CHECK(std::system(("rm -rf " + parent).c_str()) == 0);
  }
  void reopen() { warehouse = std::move(Warehouse::open(Env::posix(), directory)).value(); }
};

struct Fact {
  std::int64_t person;
  std::int64_t concept_id;
  std::int64_t date;
  std::int64_t source;
  std::int64_t position;
  std::int64_t key;  // 0: none
};

Status stage(Loader& loader, const std::vector<Fact>& facts) {
  const model::Table& table = model::table("condition_occurrence");
  model::RowWriter& rows = *TRY(loader.rows(table));
  for (const Fact& fact : facts) {
    rows.set(table.column("condition_occurrence_id"), fact.position);
    rows.set(table.person_column, fact.person);
    rows.set(table.column("condition_concept_id"), fact.concept_id);
    rows.set(table.date_column, fact.date);
    rows.set(table.source_column, fact.source);
    rows.set(table.column("eds_source_position"), fact.position);
    if (fact.key != 0) rows.set(table.key_column, fact.key);
    TRY(rows.end_row());
    if (fact.key != 0) TRY(loader.record(fact.key, fact.source, fact.position));
  }
  return {};
}

LoadOutcome load(TestWarehouse& test, const std::vector<Fact>& facts,
                 std::int64_t staged_rows_max = 1'000'000) {
  LoaderOptions options;
  options.staged_rows_max = staged_rows_max;
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse, options)).value();
  for (const Fact& fact : facts) {
    REQUIRE(stage(*loader, {fact}).ok());
    REQUIRE(loader->relieve().ok());
  }
  Result<LoadOutcome> outcome = loader->commit("tester", "test", {});
  REQUIRE_MESSAGE(outcome.ok(), (outcome.ok() ? "" : outcome.error().message));
  return std::move(outcome).value();
}

// "person:concept" of every row of a release, in the parts' order.
std::string content(TestWarehouse& test, const std::string& release_name = "latest") {
  const model::Table& table = model::table("condition_occurrence");
  Catalogue& catalogue = test.warehouse->catalogue();
  const Release release = catalogue.release(release_name).value();
  const std::vector<DataFile> files = catalogue.files(table.name, release.id).value();
  std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection connection = std::move(database->connect()).value();
  return connection
      .query_text(
          "SELECT coalesce(string_agg(person_id || ':' || condition_concept_id, ' ' "
          "ORDER BY person_id, condition_start_date), '') FROM (" +
          scan_sql(*test.warehouse, table, files) + ")")
      .value();
}

TEST_CASE("a load is one release, and earlier releases keep their rows") {
  TestWarehouse test;
  CHECK(test.warehouse->catalogue().latest().error().code == Code::NotFound);
  const LoadOutcome first = load(test, {{7, 10, 100, 1, 1, 0}, {3, 11, 100, 1, 2, 0}});
  REQUIRE(first.release.has_value());
  CHECK(first.release->name == "r1");
  load(test, {{5, 12, 100, 2, 1, 0}});
  CHECK(content(test) == "3:11 5:12 7:10");
  CHECK(content(test, "r1") == "3:11 7:10");
  test.reopen();
  CHECK(content(test) == "3:11 5:12 7:10");
}

TEST_CASE("a record fed again replaces its rows, in the lake and within the load") {
  TestWarehouse test;
  load(test, {{1, 10, 100, 1, 1, 501}, {1, 11, 101, 1, 2, 502}, {2, 12, 100, 1, 3, 0}});
  const LoadOutcome second =
      load(test, {{1, 20, 100, 2, 1, 501}, {1, 30, 100, 2, 5, 501}, {2, 13, 101, 2, 6, 0}});
  CHECK(content(test) == "1:30 1:11 2:12 2:13");
  CHECK(content(test, "r1") == "1:10 1:11 2:12");
  REQUIRE(second.tables.size() == 1);
  CHECK(second.tables[0].superseded_rows == 2);  // One of the lake, one of the load itself.
  CHECK(second.tables[0].added_rows == 2);
}

TEST_CASE("a cancelled record loses its rows and gets none") {
  TestWarehouse test;
  load(test, {{1, 10, 100, 1, 1, 501}, {1, 11, 101, 1, 2, 502}});
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse)).value();
  REQUIRE(loader->record(502, 2, 1).ok());
  REQUIRE(loader->commit("tester", "cancel", {}).ok());
  CHECK(content(test) == "1:10");
}

TEST_CASE("merged persons have one id, in old rows and in new ones") {
  TestWarehouse test;
  load(test, {{1, 10, 100, 1, 1, 0}, {9, 11, 101, 1, 2, 0}});
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse)).value();
  REQUIRE(stage(*loader, {{9, 12, 102, 2, 1, 0}}).ok());
  REQUIRE(loader->merge_person(9, 1).ok());
  REQUIRE(loader->commit("tester", "merge", {}).ok());
  CHECK(content(test) == "1:10 1:11 1:12");
}

TEST_CASE("rows beyond the memory of a load wait in SQL, and none is lost or doubled") {
  TestWarehouse test;
  constexpr std::int64_t kCount = 400'000;
  LoaderOptions options;
  options.memory_bytes_max = std::uint64_t{64} << 20;  // 16 MiB of waiting rows of 49 bytes
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse, options)).value();
  for (std::int64_t row = 0; row < kCount; ++row) {
    REQUIRE(stage(*loader, {{row * 7919 % kCount + 1, row, 100, 1, row + 1, 0}}).ok());
  }
  REQUIRE(loader->settle().ok());
  const std::int64_t in_sql =
      loader->connection().query_int("SELECT count(*) FROM staged_condition_occurrence").value();
  CHECK(in_sql > 0);
  CHECK(in_sql < kCount);
  REQUIRE(loader->commit("tester", "test", {}).ok());
  const model::Table& table = model::table("condition_occurrence");
  Catalogue& catalogue = test.warehouse->catalogue();
  const std::vector<DataFile> files =
      catalogue.files(table.name, catalogue.latest().value().id).value();
  REQUIRE(files.size() == 1);
  CHECK(files[0].row_count == kCount);
  std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection connection = std::move(database->connect()).value();
  // 7919 is prime to 400,000: every person has one row, which the concept finds again.
  CHECK(connection
            .query_int("SELECT count(DISTINCT person_id) FROM (" +
                       scan_sql(*test.warehouse, table, files) +
                       ") WHERE condition_concept_id * 7919 % 400000 + 1 = person_id")
            .value() == kCount);
}

TEST_CASE("SQL that asks for a staged table sees the rows written before and after") {
  TestWarehouse test;
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse)).value();
  REQUIRE(stage(*loader, {{1, 10, 100, 1, 1, 0}, {2, 11, 100, 1, 2, 0}}).ok());
  REQUIRE(loader->settle().ok());
  const model::Table& table = model::table("condition_occurrence");
  const std::string staged = loader->staged(table).value();
  const std::string count = "SELECT count(*) FROM " + staged;
  CHECK(loader->connection().query_int(count).value() == 2);
  REQUIRE(stage(*loader, {{3, 12, 100, 1, 3, 0}}).ok());
  REQUIRE(loader->settle().ok());
  CHECK(loader->connection().query_int(count).value() == 3);
  REQUIRE(loader->commit("tester", "test", {}).ok());
  CHECK(content(test) == "1:10 2:11 3:12");
}

TEST_CASE("a load larger than its staging bound is written in several parts, with the same rows") {
  TestWarehouse test;
  const LoadOutcome outcome = load(test,
                                   {{1, 10, 100, 1, 1, 501},
                                    {2, 11, 100, 1, 2, 502},
                                    {1, 12, 101, 1, 3, 501},
                                    {3, 13, 100, 1, 4, 0}},
                                   2);
  CHECK(content(test) == "1:12 2:11 3:13");
  CHECK(outcome.tables[0].added_rows == 3);
}

TEST_CASE("a load of nothing makes no release") {
  TestWarehouse test;
  std::unique_ptr<Loader> loader = std::move(Loader::open(*test.warehouse)).value();
  CHECK_FALSE(loader->commit("tester", "", {}).value().release.has_value());
}

TEST_CASE("the same bytes cannot be fed by two releases") {
  TestWarehouse test;
  const NewRelease wanted{"tester", "", {}, {Feed{"hash", 1, "csv"}}};
  CHECK(test.warehouse->commit(wanted).ok());
  const Result<Release> again = test.warehouse->commit(wanted);
  REQUIRE_FALSE(again.ok());
  CHECK(again.error().code == Code::Conflict);
  CHECK(test.warehouse->catalogue().releases().value().size() == 1);
}

TEST_CASE("a delta log that a crash left behind is completed on open") {
  TestWarehouse test;
  load(test, {{1, 10, 100, 1, 1, 0}});
  load(test, {{2, 10, 100, 1, 1, 0}});
  const Path log = join(test.warehouse->table_directory("condition_occurrence"), "_delta_log");
  Env& env = Env::posix();
  const std::string text = env.read_all(join(log, "00000000000000000001.json"), 1 << 20).value();
  CHECK(text.find("\"add\"") != std::string::npos);
  // As if the process had died between the catalogue's commit and the projection.
  REQUIRE(env.remove(join(log, "00000000000000000001.json")).ok());
  test.warehouse.reset();
  {
    std::unique_ptr<sqlite::Database> database =
        std::move(sqlite::Database::open(join(test.directory, "catalogue.db"))).value();
    REQUIRE(database->execute("UPDATE lake_table SET projected_version = 0").ok());
  }
  test.reopen();
  CHECK(env.read_all(join(log, "00000000000000000001.json"), 1 << 20).value() == text);
}

TEST_CASE("numbers of a sequence are given once") {
  TestWarehouse test;
  Catalogue& catalogue = test.warehouse->catalogue();
  CHECK(catalogue.reserve("measurement", 10).value() == 1);
  CHECK(catalogue.reserve("measurement", 5).value() == 11);
  CHECK(catalogue.reserve("note", 1).value() == 1);
  test.reopen();
  CHECK(test.warehouse->catalogue().reserve("measurement", 1).value() == 16);
}

}  // namespace
}  // namespace eds::lake
