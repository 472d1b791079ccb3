// The commit path under power cuts and full disks, at every operation. SQLite syncs by itself, so
// its files are exempt here; tests/crash kills the whole process instead.
#include "base/fault_env.h"
#include "lake/lake_for_test.h"
#include "lake/upkeep.h"

namespace eds::lake {
namespace {

const std::vector<TestRow> kFirst = {
    {"condition_occurrence", 1, 10, 501}, {"person", 1, 1}, {"condition_occurrence", 2, 20}};
const std::vector<TestRow> kSecond = {{"condition_occurrence", 1, 11, 501}, {"note", 2, 30}};

enum class Fault : std::uint8_t { PowerCut, DiskFull, IoError };

// Loads twice with a fault at operation `at` of the second; false when it came too late to matter.
bool load_with(Fault fault, std::uint64_t at) {
  TestFolder root;
  const Path directory = join(root.path, "w");
  FaultEnv env(root.path, at);
  env.exempt("catalogue.db");
  must(Warehouse::create(env, directory));
  bool acknowledged = false;
  bool reached = false;
  {
    const std::unique_ptr<Warehouse> warehouse = must(Warehouse::open(env, directory));
    must(try_load(*warehouse, kFirst, 1));
    const std::uint64_t before = env.operation_count();
    if (fault == Fault::PowerCut) env.cut_at(before + at);
    if (fault == Fault::DiskFull) env.fill_disk_at(before + at);
    if (fault == Fault::IoError) env.fail_at(before + at, Code::Io);
    const Result<LoadOutcome> loaded = try_load(*warehouse, kSecond, 2);
    acknowledged = loaded.ok();
    reached = env.operation_count() >= before + at;
    if (!loaded.ok() && fault == Fault::DiskFull) CHECK(loaded.error().code == Code::NoSpace);
  }
  if (fault == Fault::PowerCut) {
    must(env.restart());
  } else {
    env.heal();
  }
  CAPTURE(at);
  const std::unique_ptr<Warehouse> warehouse = must(Warehouse::open(env, directory));
  const std::string name = must(warehouse->catalogue().latest()).name;
  CHECK((name == "r1" || name == "r2"));
  if (acknowledged) CHECK(name == "r2");
  const bool second = name == "r2";
  CHECK(content(*warehouse, "condition_occurrence") == (second ? "1:11 2:20" : "1:10 2:20"));
  CHECK(content(*warehouse, "person") == "1:1");
  CHECK(content(*warehouse, "note") == (second ? "2:30" : ""));
  const VerifyOutcome verified = must(verify(*warehouse, Depth::Bytes));
  for (const std::string& finding : verified.findings) CHECK(finding == "");
  // And life goes on.
  must(try_load(*warehouse, kSecond, 3));
  CHECK(content(*warehouse, "condition_occurrence") == "1:11 2:20");
  return reached;
}

TEST_CASE("a power cut at any operation of a commit leaves all of it or none") {
  std::uint64_t at = 1;
  while (load_with(Fault::PowerCut, at) && at < 200) ++at;
  CHECK(at > 15);
  CHECK(at < 200);
}

TEST_CASE("a disk that fills up at any operation refuses the load or keeps it whole") {
  std::uint64_t at = 1;
  while (load_with(Fault::DiskFull, at) && at < 200) at += 2;
  CHECK(at > 15);
}

TEST_CASE("an I/O error at any operation refuses the load or keeps it whole") {
  std::uint64_t at = 1;
  while (load_with(Fault::IoError, at) && at < 200) at += 2;
  CHECK(at > 15);
}

}  // namespace
}  // namespace eds::lake
