// A disk that fills up or fails at any write of a load, from the landing to the Delta logs. SQLite
// and DuckDB do their own I/O: tests/cli/test_full_disk.py fills a real one.
#include "base/fault_env.h"
#include "govern/audit.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/warehouse_for_test.h"
#include "lake/upkeep.h"

namespace eds::ingest::pmsi {
namespace {

// An ungrouped RUM 022 of one diagnosis: 177 characters, then the diagnosis. Person and stay by
// `number`.
std::string rum(int number) {
  const std::string digit = std::to_string(number);
  const auto left = [](std::string text, std::size_t size) {
    text.resize(size, ' ');
    return text;
  };
  std::string line = "990000001022" + left("RSS" + digit, 20) + left("90000000" + digit, 20) +
                     left("1", 10) + "140719481" + "1001" + "  " + "0301202685" + "070120268 " +
                     "75012" + "    " + "  " + "        " + "00" + "01" + "00" + "0" + "00" +
                     left("I210", 8) + left("", 8) + "   ";
  return left(line, 177) + left("I10", 8) + "\r\n";
}

Request request(const Path& path) {
  Request wanted;
  wanted.paths = {path};
  wanted.format = "pmsi-rss";
  wanted.source_name = "test";
  wanted.actor = "tester";
  return wanted;
}

// Names below the folder that only an unfinished write can have left, and parts of no release.
std::vector<std::string> leftovers(lake::Warehouse& warehouse) {
  std::vector<std::string> found;
  const std::filesystem::path root(warehouse.directory());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    const std::string folder = entry.path().parent_path().filename().string();
    const bool is_temporary = name.find(".tmp") != std::string::npos || name.starts_with("tmp_");
    if (is_temporary || folder == "tmp" || folder == "incoming") found.push_back(name);
    if (!name.ends_with(".parquet") || name.find("checkpoint") != std::string::npos) continue;
    if (!warehouse.catalogue().knows(folder, name).value()) found.push_back(folder + "/" + name);
  }
  return found;
}

enum class Fault : std::uint8_t { DiskFull, IoError };

// Feeds a second file with a fault at operation `at`; false when the load was through before.
bool feed_with_fault(Fault fault, std::uint64_t at) {
  CAPTURE(at);
  WarehouseForTest test;
  const Path first = test.file("first.txt", rum(1));
  const Path second = test.file("second.txt", rum(2));
  FaultEnv env(test.directory(), at);
  for (const char* sqlite : {"catalogue.db", "identity.db", "quarantine.db"}) env.exempt(sqlite);
  bool reached = false;
  bool loaded = false;
  {
    const auto warehouse = std::move(lake::Warehouse::open(env, test.directory())).value();
    REQUIRE(feed_with(*warehouse, *rss_reader(), request(first), nullptr).ok());
    const std::uint64_t before = env.operation_count();
    if (fault == Fault::DiskFull) env.fill_disk_at(before + at);
    if (fault == Fault::IoError) env.fail_at(before + at, Code::Io);
    const Result<LoadReport> report =
        feed_with(*warehouse, *rss_reader(), request(second), nullptr);
    loaded = report.ok();
    reached = env.operation_count() >= before + at;
    if (!loaded) {
      const Code expected = fault == Fault::DiskFull ? Code::NoSpace : Code::Io;
      CHECK_MESSAGE(report.error().code == expected, report.error().message);
    }
  }
  env.heal();
  const auto warehouse = std::move(lake::Warehouse::open(env, test.directory())).value();
  const lake::VerifyOutcome verified =
      std::move(lake::verify(*warehouse, lake::Depth::Bytes)).value();
  for (const std::string& finding : verified.findings) CHECK(finding == "");
  if (fault == Fault::DiskFull) CHECK(leftovers(*warehouse) == std::vector<std::string>());
  const std::int64_t stays = test.count("SELECT count(*) FROM visit_occurrence");
  CHECK((stays == 2 || (stays == 1 && !loaded)));
  // The retry loads what is missing, once.
  REQUIRE(feed_with(*warehouse, *rss_reader(), request(second), nullptr).ok());
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  CHECK(test.count("SELECT count(*) FROM person") == 2);
  CHECK(test.count("SELECT count(*) FROM condition_occurrence") == 4);
  return reached;
}

std::uint64_t sweep(Fault fault) {
  // Every write takes two minutes: all of them with EDS_EVERY_WRITE=1, each seventh otherwise.
  const std::uint64_t step = std::getenv("EDS_EVERY_WRITE") != nullptr ? 1 : 7;
  std::uint64_t at = 1;
  while (at < 400 && feed_with_fault(fault, at)) at += step;
  return at;
}

}  // namespace

TEST_CASE(
    "a disk that fills up at any write of a load refuses it or keeps it, and leaves nothing") {
  const std::uint64_t writes = sweep(Fault::DiskFull);
  MESSAGE("writes: " << writes - 1);
  CHECK(writes > 40);
  CHECK(writes < 400);
}

TEST_CASE("a write that fails once at any point of a load refuses it or keeps it") {
  const std::uint64_t writes = sweep(Fault::IoError);
  CHECK(writes > 40);
  CHECK(writes < 400);
}

}  // namespace eds::ingest::pmsi
