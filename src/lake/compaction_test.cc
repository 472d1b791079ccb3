#include "lake/compaction.h"

#include "lake/lake_for_test.h"
#include "lake/upkeep.h"

namespace eds::lake {
namespace {

constexpr std::string_view kTable = "condition_occurrence";

// Ten loads over all hundred persons, a row each, and one row without a person.
void load_overlapping(TestLake& test, int loads = 10) {
  for (int load = 0; load < loads; ++load) {
    std::vector<TestRow> rows;
    for (int person = 1; person <= 100; ++person) {
      rows.push_back({kTable, person, load * 1000 + person});
    }
    if (load == 3) rows.push_back({kTable, 0, 99'999});
    rows.push_back({"provider", 0, load + 1});
    must(try_load(*test.warehouse, rows, load + 1));
  }
}

CompactOptions small_parts() {
  CompactOptions options;
  options.part_rows = 250;
  return options;
}

std::vector<DataFile> latest_files(TestLake& test, std::string_view table) {
  return must(test.catalogue().files(table, must(test.catalogue().latest()).id));
}

TEST_CASE("compaction leaves the same rows in few parts that do not overlap") {
  TestLake test;
  load_overlapping(test);
  const std::string before = table_hash(*test.warehouse, kTable);
  const std::string providers = table_hash(*test.warehouse, "provider");
  CHECK(before.substr(0, 5) == "1001 ");
  const CompactOutcome outcome = must(compact(*test.warehouse, small_parts()));
  CHECK(outcome.row_count == 1011);
  CHECK(outcome.table_count == 2);
  CHECK(table_hash(*test.warehouse, kTable) == before);
  CHECK(table_hash(*test.warehouse, "provider") == providers);

  const std::vector<DataFile> files = latest_files(test, kTable);
  REQUIRE(files.size() == 5);  // 1000 rows in parts of 250, and the row without a person.
  std::int64_t last = 0;
  for (const DataFile& file : files) {
    if (file.person_max < file.person_min) continue;
    CHECK(file.person_min > last);
    CHECK(file.row_count >= 200);
    CHECK(file.row_count <= 300);
    last = file.person_max;
  }
  CHECK(last == 100);
  CHECK(latest_files(test, "provider").size() == 1);
}

TEST_CASE("earlier releases read as before, and a second compaction finds nothing to do") {
  TestLake test;
  load_overlapping(test);
  const std::string fourth = table_hash(*test.warehouse, kTable, "r4");
  must(compact(*test.warehouse, small_parts()));
  CHECK(table_hash(*test.warehouse, kTable, "r4") == fourth);
  CHECK_FALSE(must(compact(*test.warehouse, small_parts())).release.has_value());
  CompactOptions everything = small_parts();
  everything.effort = Effort::Everything;
  CHECK_FALSE(must(compact(*test.warehouse, everything)).release.has_value());
}

TEST_CASE("the Delta commit of a compaction says OPTIMIZE and that no data changed") {
  TestLake test;
  load_overlapping(test);
  must(compact(*test.warehouse, small_parts()));
  const std::string text = must(test.catalogue().commit_text(kTable, 10));
  CHECK(text.find("\"operation\":\"OPTIMIZE\"") != std::string::npos);
  CHECK(text.find("\"dataChange\":true") == std::string::npos);
}

TEST_CASE("a few small parts are left alone until there are enough, unless everything is asked") {
  TestLake test;
  load_overlapping(test, 7);
  CHECK_FALSE(must(compact(*test.warehouse, small_parts())).release.has_value());
  CompactOptions everything = small_parts();
  everything.effort = Effort::Everything;
  CHECK(must(compact(*test.warehouse, everything)).release.has_value());
}

TEST_CASE("a table that another commit changes meanwhile is left as that commit made it") {
  TestLake test;
  load_overlapping(test);
  const std::unique_ptr<Warehouse> other = must(Warehouse::open(Env::posix(), test.directory));
  CompactOptions options = small_parts();
  bool erased = false;
  options.watch = [&](const Progress& progress) {
    if (!erased && progress.object == kTable) must(erase_person(*other, 50, "other"));
    erased = true;
    return true;
  };
  const CompactOutcome outcome = must(compact(*test.warehouse, options));
  REQUIRE(outcome.overtaken.size() == 1);
  CHECK(outcome.overtaken[0] == kTable);
  CHECK(outcome.table_count == 1);
  CHECK(table_hash(*test.warehouse, kTable).substr(0, 4) == "991 ");
  CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
}

TEST_CASE("a stopped compaction changes nothing and leaves no part behind") {
  TestLake test;
  load_overlapping(test);
  const std::size_t before = parts_on_disk(*test.warehouse, kTable);
  CompactOptions options = small_parts();
  int calls = 0;
  options.watch = [&](const Progress&) { return ++calls < 3; };
  CHECK(compact(*test.warehouse, options).error().code == Code::Cancelled);
  CHECK(parts_on_disk(*test.warehouse, kTable) == before);
  CHECK(must(test.catalogue().latest()).name == "r10");
}

TEST_CASE("ranges are cut where rows are, by hand") {
  // A hundred rows, evenly: four shares of 25.
  CHECK(cut_persons({{1, 100, 100}}, 25) == std::vector<std::int64_t>{25, 50, 75});
  // Three quarters of the rows are of persons 1 to 10, 7.5 a person: shares of 25 end in the 4th,
  // 7th and 10th.
  CHECK(cut_persons({{1, 10, 75}, {11, 100, 25}}, 25).size() == 3);
  CHECK(cut_persons({{1, 10, 75}, {11, 100, 25}}, 25).back() <= 11);
  // One person cannot be cut.
  CHECK(cut_persons({{5, 5, 1000}, {6, 6, 10}}, 100) == std::vector<std::int64_t>{5});
  CHECK(cut_persons({}, 100).empty());
  CHECK(cut_persons({{1, 100, 10}}, 100).empty());
}

}  // namespace
}  // namespace eds::lake
