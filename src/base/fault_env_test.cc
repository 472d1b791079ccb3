#include "base/fault_env.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

namespace eds {
namespace {

struct Folder {
  Path path;
  Folder() {
    char pattern[] = "/tmp/eds_fault_XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~Folder() { std::filesystem::remove_all(path); }
};

Status write(Env& env, const Path& path, std::string_view bytes) {
  const std::unique_ptr<WritableFile> file = TRY(env.create(path));
  return file->append(bytes);
}

std::string content(Env& env, const Path& path) {
  const Result<std::string> bytes = env.read_all(path, 1000);
  return bytes.ok() ? *bytes : "(" + std::string(code_name(bytes.error().code)) + ")";
}

TEST_CASE("a power cut loses a file whose name was not synced, and the bytes that were not") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  const Path named = join(folder.path, "named");
  const Path unnamed = join(folder.path, "unnamed");
  const Path half = join(folder.path, "half");
  REQUIRE(write(env, named, "abc").ok());
  REQUIRE(env.append_to(named).value()->sync().ok());
  REQUIRE(write(env, half, "abc").ok());
  REQUIRE(env.append_to(half).value()->sync().ok());
  REQUIRE(env.sync_directory(folder.path).ok());
  REQUIRE(env.append_to(half).value()->append("def").ok());
  REQUIRE(write(env, unnamed, "abc").ok());
  REQUIRE(env.append_to(unnamed).value()->sync().ok());
  CHECK(content(env, half) == "abcdef");
  REQUIRE(env.restart().ok());
  CHECK(content(env, named) == "abc");
  CHECK(content(env, half) == "abc");
  CHECK(content(env, unnamed) == "(not-found)");
}

TEST_CASE("a name that was synced before its bytes is an empty file after a power cut") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  REQUIRE(write(env, join(folder.path, "torn"), "abc").ok());
  REQUIRE(env.sync_directory(folder.path).ok());
  REQUIRE(env.restart().ok());
  CHECK(content(env, join(folder.path, "torn")) == "");
}

TEST_CASE("a file in a directory whose own name was not synced is lost") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  const Path inner = join(folder.path, "inner");
  REQUIRE(env.make_directories(inner).ok());
  REQUIRE(env.write_durably(join(inner, "file"), "abc").ok());
  SUBCASE("lost") {
    REQUIRE(env.restart().ok());
    CHECK_FALSE(env.exists(inner));
  }
  SUBCASE("kept when the parent is synced") {
    REQUIRE(env.sync_directory(folder.path).ok());
    REQUIRE(env.restart().ok());
    CHECK(content(env, join(inner, "file")) == "abc");
  }
}

TEST_CASE("a rename and a removal that were not synced come undone") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  REQUIRE(env.write_durably(join(folder.path, "a"), "1").ok());
  REQUIRE(env.write_durably(join(folder.path, "b"), "2").ok());
  REQUIRE(env.remove(join(folder.path, "b")).ok());
  REQUIRE(env.rename(join(folder.path, "a"), join(folder.path, "c")).ok());
  REQUIRE(write(env, join(folder.path, "d"), "4").ok());
  REQUIRE(env.restart().ok());
  CHECK(content(env, join(folder.path, "a")) == "1");
  CHECK(content(env, join(folder.path, "b")) == "2");
  CHECK_FALSE(env.exists(join(folder.path, "c")));
  CHECK_FALSE(env.exists(join(folder.path, "d")));
}

TEST_CASE("write_durably leaves the old bytes or the new ones, wherever the power is cut") {
  for (std::uint64_t at = 1; at < 20; ++at) {
    Folder folder;
    FaultEnv env(folder.path, at);
    const Path path = join(folder.path, "file");
    REQUIRE(env.write_durably(path, "old").ok());
    const std::uint64_t before = env.operation_count();
    env.cut_at(before + at);
    const Status written = env.write_durably(path, "newer");
    REQUIRE(env.restart().ok());
    CAPTURE(at);
    if (written.ok()) CHECK(content(env, path) == "newer");
    if (!written.ok()) CHECK(content(env, path) == "old");
    // create, append, sync, rename, sync of the directory: five places to fail at.
    CHECK(written.ok() == (at > 5));
  }
}

TEST_CASE("write_durably on a full disk says so, and leaves the old bytes until the rename") {
  for (std::uint64_t at = 1; at <= 5; ++at) {
    Folder folder;
    FaultEnv env(folder.path, 7);
    const Path path = join(folder.path, "file");
    REQUIRE(env.write_durably(path, "old").ok());
    env.fail_at(env.operation_count() + at, Code::NoSpace);
    const Status written = env.write_durably(path, "newer");
    CAPTURE(at);
    REQUIRE_FALSE(written.ok());
    CHECK(written.error().code == Code::NoSpace);
    CHECK((content(env, path) == (at < 5 ? "old" : "newer")));
  }
}

TEST_CASE("an append that fails has written half") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  const std::unique_ptr<WritableFile> file =
      std::move(env.create(join(folder.path, "short"))).value();
  env.fail_at(env.operation_count() + 1, Code::Io);
  CHECK(file->append("abcdef").error().code == Code::Io);
  CHECK(content(env, join(folder.path, "short")) == "abc");
  CHECK(file->append("xyz").ok());
}

TEST_CASE("a full disk refuses what needs space until it is healed, and lets files be removed") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  REQUIRE(write(env, join(folder.path, "a"), "1").ok());
  env.fill_disk_at(env.operation_count() + 1);
  CHECK(env.write_durably(join(folder.path, "b"), "2").error().code == Code::NoSpace);
  CHECK(env.remove(join(folder.path, "a")).ok());
  env.heal();
  CHECK(env.write_durably(join(folder.path, "b"), "2").ok());
}

TEST_CASE("files of exempt libraries are left as they are") {
  Folder folder;
  FaultEnv env(folder.path, 1);
  env.exempt("catalogue.db");
  REQUIRE(write(env, join(folder.path, "catalogue.db-wal"), "abc").ok());
  REQUIRE(env.restart().ok());
  CHECK(content(env, join(folder.path, "catalogue.db-wal")) == "abc");
}

TEST_CASE("a seed gives the same numbers again, and the clock jumps when told") {
  Folder folder;
  FaultEnv one(folder.path, 42);
  FaultEnv two(folder.path, 42);
  FaultEnv three(folder.path, 43);
  const std::uint64_t first = one.random_u64();
  CHECK(first == two.random_u64());
  CHECK(first != three.random_u64());
  // SplitMix64's published first output for seed 0 is 0xE220A8397B1DCDAF.
  CHECK(FaultEnv(folder.path, 0).random_u64() == 0xE220A8397B1DCDAF);
  const std::int64_t before = one.now_us();
  one.jump_clock(86'400'000'000);
  CHECK(one.now_us() - before >= 86'400'000'000);
}

}  // namespace
}  // namespace eds
