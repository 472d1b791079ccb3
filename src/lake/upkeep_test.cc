#include "lake/upkeep.h"

#include "base/fault_env.h"
#include "lake/backup.h"
#include "lake/checksum.h"
#include "lake/lake_for_test.h"

namespace eds::lake {
namespace {

constexpr std::string_view kTable = "condition_occurrence";

// r1: persons 1 and 2. r2 replaces person 1's record. r3 replaces it again.
void load_three(TestLake& test) {
  must(try_load(*test.warehouse, {{kTable, 1, 10, 501}, {kTable, 2, 20, 0}}, 1));
  must(try_load(*test.warehouse, {{kTable, 1, 11, 501}}, 2));
  must(try_load(*test.warehouse, {{kTable, 1, 12, 501}}, 3));
}

Path a_part(TestLake& test, std::string_view table = kTable) {
  const Release latest = must(test.catalogue().latest());
  return test.warehouse->file_path(table, must(test.catalogue().files(table, latest.id))[0].path);
}

TEST_CASE("checksums are XXH64") {
  const auto of = [](std::string_view bytes) {
    Checksum checksum;
    checksum.add(bytes);
    return checksum_text(checksum.value());
  };
  // Values of the xxHash project's own tools (xxhsum -H64).
  CHECK(of("") == "xxh64:ef46db3751d8e999");
  CHECK(of("a") == "xxh64:d24ec4f1a98c6e5b");
  CHECK(of("abc") == "xxh64:44bc2cf5ad770999");
  std::string long_text;
  for (int at = 0; at < 1000; ++at) long_text += static_cast<char>(at % 251);
  CHECK(of(long_text) == "xxh64:f306f04aa88b54d3");
  for (std::size_t cut = 0; cut <= 1000; cut += 7) {
    Checksum checksum;
    checksum.add(std::string_view(long_text).substr(0, cut));
    checksum.add(std::string_view(long_text).substr(cut));
    CHECK(checksum_text(checksum.value()) == of(long_text));
  }
}

TEST_CASE("vacuum gives up what neither a tag nor the last releases name") {
  TestLake test;
  load_three(test);
  must(test.catalogue().tag(1, "paper"));
  CHECK(parts_on_disk(*test.warehouse, kTable) == 4);  // r1; r1 without 501, r2's; r3's.
  VacuumOptions options;
  options.keep_releases = 1;
  const VacuumOutcome outcome = must(vacuum(*test.warehouse, options));
  CHECK(outcome.expired_files == 1);
  CHECK(outcome.deleted_files == 1);
  CHECK(content(*test.warehouse, kTable) == "1:12 2:20");
  CHECK(content(*test.warehouse, kTable, "paper") == "1:10 2:20");
  CHECK(test.catalogue().release("r2").error().code == Code::NotFound);
  CHECK(test.catalogue().tag(2, "late").error().code == Code::NotFound);
  CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
  CHECK(must(vacuum(*test.warehouse, options)).deleted_files == 0);
}

TEST_CASE("a release whose files are all still there stays readable though it is not kept") {
  TestLake test;
  must(try_load(*test.warehouse, {{kTable, 1, 10}}, 1));
  must(try_load(*test.warehouse, {{kTable, 2, 20}}, 2));
  VacuumOptions options;
  options.keep_releases = 1;
  CHECK(must(vacuum(*test.warehouse, options)).deleted_files == 0);
  CHECK(content(*test.warehouse, kTable, "r1") == "1:10");
}

TEST_CASE("vacuum refuses to keep nothing") {
  TestLake test;
  VacuumOptions options;
  options.keep_releases = 0;
  CHECK(vacuum(*test.warehouse, options).error().code == Code::Usage);
}

TEST_CASE("an orphan is swept after a day of the clock, not before") {
  TestFolder root;
  FaultEnv env(root.path, 1);
  TestLake test(env);
  must(try_load(*test.warehouse, {{kTable, 1, 10}}, 1));
  const Path orphan = test.warehouse->file_path(kTable, "part-0.parquet");
  const Path spilled = join(test.warehouse->temporary_directory(), "load1.spill");
  for (const Path& path : {orphan, spilled}) must(env.write_durably(path, "left behind"));
  VacuumOptions options;
  env.jump_clock(kOrphanAgeUs / 2);
  CHECK(must(vacuum(*test.warehouse, options)).deleted_files == 0);
  env.jump_clock(kOrphanAgeUs / 2 + 1'000'000);
  CHECK(must(vacuum(*test.warehouse, options)).deleted_files == 2);
  CHECK_FALSE(env.exists(orphan));
  CHECK(content(*test.warehouse, kTable) == "1:10");
}

TEST_CASE("verify finds what happened to a part or to a log") {
  TestLake test;
  load_three(test);
  Env& env = Env::posix();
  CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
  const Path part = a_part(test);
  std::string bytes = must(env.read_all(part, 1 << 20));
  const auto findings = [&](Depth depth) {
    return must(verify(*test.warehouse, depth)).findings.size();
  };
  SUBCASE("one bit in the middle is seen by reading every byte, not by footers") {
    bytes[bytes.size() / 3] ^= 1;
    must(env.write_durably(part, bytes));
    CHECK(findings(Depth::Footers) == 0);
    CHECK(findings(Depth::Bytes) == 1);
  }
  SUBCASE("a shorter file") {
    must(env.write_durably(part, bytes.substr(0, bytes.size() - 1)));
    CHECK(findings(Depth::Footers) == 1);
  }
  SUBCASE("a footer that is no footer, in a file of the right size") {
    bytes.replace(bytes.size() - 4, 4, "XXXX");
    must(env.write_durably(part, bytes));
    CHECK(findings(Depth::Footers) == 1);
  }
  SUBCASE("a missing file") {
    must(env.remove(part));
    CHECK(findings(Depth::Footers) == 1);
  }
  SUBCASE("a Delta commit that was changed, and one that is missing") {
    const Path log = join(test.warehouse->table_directory(kTable), "_delta_log");
    must(env.write_durably(join(log, delta::commit_file_name(0)), "{}\n"));
    must(env.remove(join(log, delta::commit_file_name(1))));
    CHECK(findings(Depth::Footers) == 2);
  }
}

struct BackupPlace {
  TestFolder folder;
  Path copy = join(folder.path, "copy");
  Path again = join(folder.path, "again");
  Path keys = join(folder.path, "keys");
};

void write_zones(TestLake& test) {
  Env& env = Env::posix();
  must(env.make_directories(join(test.directory, "landing/ab")));
  must(env.write_durably(join(test.directory, "landing/ab/file"), "sealed"));
  must(env.write_durably(join(test.directory, "audit/audit.ndjson"), "{}\n"));
  must(env.write_durably(join(test.directory, "keys/master"), "secret"));
  must(must(sqlite::Database::open(join(test.directory, "identity/identity.db")))
           ->execute("CREATE TABLE t(x); INSERT INTO t VALUES(42)"));
}

TEST_CASE("a restored backup holds the same releases and zones, without keys unless told") {
  TestLake test;
  load_three(test);
  write_zones(test);
  BackupPlace place;
  Env& env = Env::posix();
  const BackupOutcome outcome = must(backup(*test.warehouse, place.copy, {}));
  CHECK(outcome.release == "r3");
  const VerifyOutcome restored = must(restore(env, place.copy, std::nullopt, place.again));
  CHECK(restored.findings.empty());
  CHECK(restored.file_count == 4);
  const std::unique_ptr<Warehouse> again = must(Warehouse::open(env, place.again));
  for (const char* release : {"r1", "r2", "r3"}) {
    CHECK(table_hash(*again, kTable, release) == table_hash(*test.warehouse, kTable, release));
  }
  CHECK(must(env.read_all(join(place.again, "landing/ab/file"), 100)) == "sealed");
  CHECK(must(env.read_all(join(place.again, "audit/audit.ndjson"), 100)) == "{}\n");
  const auto identity = must(sqlite::Database::open(join(place.again, "identity/identity.db")));
  sqlite::Statement query = must(identity->prepare("SELECT x FROM t"));
  CHECK(must(query.step()));
  CHECK(query.int_at(0) == 42);
  CHECK(must(env.list(join(place.again, "keys"))).empty());
  const std::string found = "find " + place.copy + " -type f | xargs grep -l secret > /dev/null";
  CHECK(std::system(found.c_str()) != 0);
}

TEST_CASE("keys go to a folder of their own, never into the backup") {
  TestLake test;
  write_zones(test);
  BackupPlace place;
  BackupOptions options;
  options.keys_directory = join(place.copy, "keys");
  CHECK(backup(*test.warehouse, place.copy, options).error().code == Code::Usage);
  options.keys_directory = place.keys;
  must(backup(*test.warehouse, place.copy, options));
  must(restore(Env::posix(), place.copy, place.keys, place.again));
  CHECK(must(Env::posix().read_all(join(place.again, "keys/master"), 100)) == "secret");
}

TEST_CASE("a second backup copies only what is new, and gives up what vacuum gave up") {
  TestLake test;
  load_three(test);
  write_zones(test);
  BackupPlace place;
  must(backup(*test.warehouse, place.copy, {}));
  must(try_load(*test.warehouse, {{kTable, 3, 30}}, 4));
  VacuumOptions few;
  few.keep_releases = 1;
  must(vacuum(*test.warehouse, few));
  const BackupOutcome outcome = must(backup(*test.warehouse, place.copy, {}));
  CHECK(outcome.copied_files == 2);   // One part, and the identity database, always.
  CHECK(outcome.kept_files == 4);     // Two parts, the landed file, the audit log.
  CHECK(outcome.removed_files == 2);  // r1's and r2's.
  CHECK(must(restore(Env::posix(), place.copy, std::nullopt, place.again)).findings.empty());
}

TEST_CASE("a backup by links shares the parts' bytes") {
  TestLake test;
  load_three(test);
  BackupPlace place;
  BackupOptions options;
  options.parts = Parts::Link;
  CHECK(must(backup(*test.warehouse, place.copy, options)).linked_files == 4);
  CHECK(must(restore(Env::posix(), place.copy, std::nullopt, place.again)).findings.empty());
}

TEST_CASE("restore refuses a folder that is not empty, and a backup that never ended") {
  TestLake test;
  load_three(test);
  BackupPlace place;
  Env& env = Env::posix();
  CHECK(restore(env, place.copy, std::nullopt, place.again).error().code == Code::NotFound);
  BackupOptions stopped;
  stopped.watch = [](const Progress& progress) { return progress.stage != "copy"; };
  CHECK(backup(*test.warehouse, place.copy, stopped).error().code == Code::Cancelled);
  CHECK(restore(env, place.copy, std::nullopt, place.again).error().code == Code::NotFound);
  must(backup(*test.warehouse, place.copy, {}));
  must(env.make_directories(place.again));
  must(env.write_durably(join(place.again, "mine"), "x"));
  CHECK(restore(env, place.copy, std::nullopt, place.again).error().code == Code::Conflict);
  CHECK(backup(*test.warehouse, join(test.directory, "backup"), {}).error().code == Code::Usage);
}

TEST_CASE("a backup of a rotten part stops and says which") {
  TestLake test;
  load_three(test);
  BackupPlace place;
  const Path part = a_part(test);
  std::string bytes = must(Env::posix().read_all(part, 1 << 20));
  bytes[40] ^= 1;
  must(Env::posix().write_durably(part, bytes));
  const Result<BackupOutcome> outcome = backup(*test.warehouse, place.copy, {});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == Code::Corrupt);
}

TEST_CASE("a backup onto a full disk says so, and the former one can still be restored") {
  TestFolder root;
  FaultEnv env(root.path, 1);
  TestLake test(env);
  load_three(test);
  const Path copy = join(root.path, "copy");
  must(backup(*test.warehouse, copy, {}));
  must(try_load(*test.warehouse, {{kTable, 3, 30}}, 4));
  env.fill_disk_at(env.operation_count() + 1);
  CHECK(backup(*test.warehouse, copy, {}).error().code == Code::NoSpace);
  env.heal();
  const Path again = join(root.path, "again");
  CHECK(must(restore(env, copy, std::nullopt, again)).findings.empty());
  const std::unique_ptr<Warehouse> old = must(Warehouse::open(env, again));
  CHECK(must(old->catalogue().latest()).name == "r3");
}

TEST_CASE("a catalogue of format version 1 is brought up to date when opened") {
  TestFolder folder;
  const Path path = join(folder.path, "catalogue.db");
  {
    const auto old = must(sqlite::Database::open(path));
    must(old->execute(
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
        "INSERT INTO meta VALUES('format_version', '1');"
        "CREATE TABLE release(release_id INTEGER PRIMARY KEY, created_us INTEGER NOT NULL, "
        "actor TEXT NOT NULL, note TEXT NOT NULL);"
        "INSERT INTO release VALUES(1, 5, 'a', 'n');"
        "CREATE TABLE data_file(table_name TEXT NOT NULL, path TEXT NOT NULL, added_version "
        "INTEGER NOT NULL, removed_version INTEGER, row_count INTEGER NOT NULL, byte_count "
        "INTEGER NOT NULL, person_min INTEGER NOT NULL, person_max INTEGER NOT NULL, "
        "column_count INTEGER NOT NULL, stats TEXT NOT NULL, PRIMARY KEY(table_name, path)) "
        "WITHOUT ROWID;"
        "INSERT INTO data_file VALUES('note', 'part-1.parquet', 0, NULL, 3, 9, 1, 2, 4, '{}');"));
  }
  for (int time = 0; time < 2; ++time) {
    const std::unique_ptr<Catalogue> catalogue = must(Catalogue::open(Env::posix(), path));
    CHECK(must(catalogue->latest()).name == "r1");
    const std::vector<DataFile> files = must(catalogue->kept_files("note"));
    REQUIRE(files.size() == 1);
    CHECK(files[0].row_count == 3);
    CHECK(files[0].checksum.empty());
  }
  must(must(sqlite::Database::open(path))
           ->execute("UPDATE meta SET value = '3' WHERE key = 'format_version'"));
  CHECK(Catalogue::open(Env::posix(), path).error().code == Code::Conflict);
}

}  // namespace
}  // namespace eds::lake
