#include "lake/spill.h"

#include "lake/lake_for_test.h"

namespace eds::lake {
namespace {

std::vector<std::string> temporaries(TestLake& test) {
  return must(test.env->list(test.warehouse->temporary_directory()));
}

TEST_CASE("opening takes away what dead processes spilled, and nothing of the living") {
  TestLake test;
  const Path temporary = test.warehouse->temporary_directory();
  // As a killed process leaves it: a folder with files, and a lock that nobody holds.
  must(test.env->make_directories(join(temporary, "load1/deeper")));
  must(test.env->write_durably(join(temporary, "load1/deeper/block"), "spilled"));
  must(test.env->write_durably(join(temporary, "load1.lock"), ""));
  must(test.env->write_durably(join(temporary, "query2.lock"), ""));
  std::shared_ptr<SpillFolder> living = must(SpillFolder::make(*test.warehouse, "load"));
  must(test.env->write_durably(join(living->path(), "block"), "spilled"));
  const std::string name(base_name(living->path()));
  CHECK(temporaries(test).size() == 5);
  must(Warehouse::open(*test.env, test.directory));
  CHECK(temporaries(test) == std::vector<std::string>{name, name + ".lock"});
  CHECK(test.env->exists(join(living->path(), "block")));
  living.reset();
  CHECK(temporaries(test).empty());
}

TEST_CASE("a folder goes with the database that spills there, not before") {
  TestLake test;
  duck::Options options;
  options.memory_bytes_max = 20'000'000;
  must(spill_for(*test.warehouse, "query", options));
  const Path folder = options.temporary_directory;
  std::unique_ptr<duck::Database> database = must(duck::Database::open(options));
  options = {};
  {
    duck::Connection connection = must(database->connect());
    must(
        connection.execute("CREATE TABLE large AS SELECT hash(i) AS h, hash(-i) AS g "
                           "FROM range(4000000) AS r(i)"));
    CHECK_FALSE(must(test.env->list(folder)).empty());
    must(Warehouse::open(*test.env, test.directory));
    CHECK(must(connection.query_int("SELECT count(*) FROM large")) == 4'000'000);
  }
  database.reset();
  CHECK(temporaries(test).empty());
}

}  // namespace
}  // namespace eds::lake
