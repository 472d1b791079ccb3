// Loads, compactions and erasures at the same time: one turn after another, and no record twice.
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "base/passing_env_for_test.h"
#include "lake/compaction.h"
#include "lake/lake_for_test.h"
#include "lake/upkeep.h"

namespace eds::lake {
namespace {

constexpr std::string_view kFacts = "condition_occurrence";

// Commits `rows` and runs `other` on a warehouse of its own in the midst of that commit: when parts
// are written and the catalogue does not know of them. `other` may have to wait for the end.
void load_while(TestLake& test, const std::vector<TestRow>& rows,
                const std::function<void(Warehouse&)>& other) {
  HeldUpEnv held_up;
  HeardEnv heard;
  const std::unique_ptr<Warehouse> first = must(Warehouse::open(held_up, test.directory));
  const std::unique_ptr<Warehouse> second = must(Warehouse::open(heard, test.directory));
  std::jthread thread;
  held_up.arm([&] {
    thread = std::jthread([&] {
      other(*second);
      heard.tell();
    });
    heard.await();
  });
  const Result<LoadOutcome> loaded = try_load(*first, rows, 2);
  thread = {};
  must(loaded);
}

TEST_CASE("a new record that two loads bring at once has one row: the later commit's") {
  TestLake test;
  load_while(test, {{kFacts, 1, 10, 501}, {"note", 1, 20}}, [](Warehouse& warehouse) {
    CHECK(try_load(warehouse, {{kFacts, 1, 11, 501}, {kFacts, 1, 12, 502}}, 1).ok());
  });
  CHECK(content(*test.warehouse, kFacts, "r1") == "1:10");
  CHECK(content(*test.warehouse, kFacts, "r2") == "1:11 1:12");
  CHECK(content(*test.warehouse, "note", "r2") == "1:20");
}

TEST_CASE("a row of a person whom another load merges meanwhile follows the merge") {
  TestLake test;
  must(try_load(*test.warehouse, {{kFacts, 9, 5}}, 1));
  // The merge commits second: the row that came with the first commit is rewritten too.
  load_while(test, {{kFacts, 9, 10}}, [](Warehouse& warehouse) {
    const std::unique_ptr<Loader> loader = must(Loader::open(warehouse));
    CHECK(loader->merge_person(9, 1).ok());
    CHECK(loader->commit("tester", "merge", {}).ok());
  });
  CHECK(content(*test.warehouse, kFacts) == "1:5 1:10");
}

TEST_CASE("rows that a load brings while their person is erased are erased") {
  TestLake test;
  must(try_load(*test.warehouse, {{kFacts, 1, 5}, {kFacts, 2, 6}}, 1));
  load_while(test, {{kFacts, 1, 10}},
             [](Warehouse& warehouse) { CHECK(erase_person(warehouse, 1, "dpo").ok()); });
  CHECK(content(*test.warehouse, kFacts) == "2:6");
}

TEST_CASE("a compaction during a load neither fails it nor loses a row") {
  TestLake test;
  for (std::int64_t number = 1; number <= 6; ++number) {
    must(try_load(*test.warehouse, {{kFacts, 1, number, 500 + number}}, number));
  }
  load_while(test, {{kFacts, 1, 10, 501}}, [&](Warehouse& warehouse) {
    CompactOptions options;
    options.effort = Effort::Everything;
    CHECK(compact(warehouse, options).ok());
  });
  // Overtaken or first, whichever the threads made of it: compaction_test.cc has the one that is
  // always overtaken. The rows are the same both ways.
  CHECK(content(*test.warehouse, kFacts) == "1:2 1:3 1:4 1:5 1:6 1:10");
}

TEST_CASE("a release worked out on another base than the latest is refused") {
  TestLake test;
  must(try_load(*test.warehouse, {{kFacts, 1, 5}}, 1));
  NewRelease wanted{"tester", "", {}, {Feed{"hash", 1, "csv"}}, 0};
  CHECK(test.warehouse->commit(wanted).error().code == Code::Conflict);
  wanted.base = 1;
  CHECK(test.warehouse->commit(wanted).ok());
}

TEST_CASE("a reader that opens during a commit does not wait for it") {
  TestLake test;
  const Turn turn = must(test.warehouse->take_turn());
  must(try_load(*test.warehouse, {{kFacts, 1, 5}}, 1));
  must(must(sqlite::Database::open(join(test.directory, "catalogue.db")))
           ->execute("UPDATE lake_table SET projected_version = -1"));
  const std::unique_ptr<Warehouse> reader = must(Warehouse::open(Env::posix(), test.directory));
  CHECK(content(*reader, kFacts) == "1:5");
  CHECK_FALSE(must(reader->catalogue().unprojected()).empty());
}

// What the releases must hold by the law "each replaces what came before": key -> row number.
using Model = std::map<std::int64_t, std::int64_t>;

std::string as_content(const Model& model) {
  std::map<std::int64_t, std::int64_t> rows;
  for (const auto& [key, number] : model) rows[number] = key;
  std::string text;
  for (const auto& [number, key] : rows) {
    text += (text.empty() ? "" : " ") + std::to_string(key) + ":" + std::to_string(number);
  }
  return text;
}

// Keys (also their persons) that load `number` brings.
std::vector<std::int64_t> keys_of(std::int64_t number, std::uint64_t seed) {
  std::mt19937_64 chance(seed * 1000 + static_cast<std::uint64_t>(number));
  std::vector<std::int64_t> keys;
  for (std::int64_t key = 1; key <= 4; ++key) {
    if (chance() % 2 == 0 || (key == 4 && keys.empty())) keys.push_back(key);
  }
  return keys;
}

void load_and_compact(const Path& directory, std::int64_t first, std::uint64_t seed) {
  const std::unique_ptr<Warehouse> warehouse = must(Warehouse::open(Env::posix(), directory));
  std::mt19937_64 chance(seed + static_cast<std::uint64_t>(first));
  for (std::int64_t number = first; number < first + 4; ++number) {
    std::vector<TestRow> rows;
    for (const std::int64_t key : keys_of(number, seed)) {
      rows.push_back({kFacts, key, number * 10 + key, key});
      rows.push_back({"note", key, number * 10 + key, key});
    }
    const std::unique_ptr<Loader> loader = must(Loader::open(*warehouse));
    for (const TestRow& row : rows) must(stage_row(*loader, row, number));
    must(loader->commit("tester", std::to_string(number), {}));
    if (chance() % 3 == 0) must(compact(*warehouse, CompactOptions{}));
  }
}

TEST_CASE("whatever loads of the same records do at once, releases follow one after another") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    CAPTURE(seed);
    TestLake test;
    {
      std::vector<std::jthread> threads;
      for (std::int64_t writer = 0; writer < 3; ++writer) {
        threads.emplace_back([&, writer] { load_and_compact(test.directory, writer * 4, seed); });
      }
    }
    Model model;
    std::size_t loads = 0;
    for (const Release& release : must(test.catalogue().releases())) {
      if (release.note != "compaction") {
        const std::int64_t number = std::stoll(release.note);
        for (const std::int64_t key : keys_of(number, seed)) model[key] = number * 10 + key;
        ++loads;
      }
      CHECK(content(*test.warehouse, kFacts, release.name) == as_content(model));
      CHECK(content(*test.warehouse, "note", release.name) == as_content(model));
    }
    CHECK(loads == 12);
    CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
  }
}

}  // namespace
}  // namespace eds::lake
