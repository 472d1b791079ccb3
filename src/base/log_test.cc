#include "base/log.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <limits>
#include <thread>

#include "base/fault_env.h"
#include "base/identifying.h"

namespace eds::log {
namespace {

// What cannot be logged does not compile.
template <class T>
concept Loggable = requires(T value) {
  Field{"name", value};
};
static_assert(Loggable<int> && Loggable<std::int64_t> && Loggable<std::uint64_t>);
static_assert(Loggable<double> && Loggable<bool> && Loggable<Code> && Loggable<Label>);
static_assert(!Loggable<Identifying<std::string>> && !Loggable<Identifying<std::int64_t>>);
static_assert(!Loggable<Identifying<std::string_view>> && !Loggable<Identifying<double>>);
static_assert(!Loggable<std::string> && !Loggable<std::string_view> && !Loggable<const char*>);
static_assert(!Loggable<Error>);
static_assert(!std::is_constructible_v<Word, std::string>);
static_assert(!std::is_constructible_v<Word, const char*>);
static_assert(!std::is_constructible_v<Label, Identifying<std::string>>);

struct Folder {
  Path path;
  Folder() {
    char pattern[] = "/tmp/eds_log_XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const std::string& name) const {
    return Env::posix().read_all(join(path, name), 1U << 20).value();
  }
};

Options quiet(const Path& directory) {
  Options options;
  options.directory = directory;
  options.stderr_level = Level::Off;
  return options;
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST_CASE("a line is one JSON object with typed fields") {
  const Folder folder;
  const auto log = Log::open(Env::posix(), quiet(folder.path));
  log->write(Level::Info, "lake", "release committed",
             {{"tables", 15},
              {"milliseconds", 82.5},
              {"whole", true},
              {"how", Word("direct")},
              {"code", Code::NotFound},
              {"release", Label("r12")},
              {"missing", std::numeric_limits<double>::quiet_NaN()}});
  const std::string line = folder.file("eds.log");
  CHECK(line.starts_with("{\"time\":\"20"));
  CHECK(line.substr(35, 2) == "Z\"");
  CHECK(line.ends_with(
      ",\"component\":\"lake\",\"message\":\"release committed\",\"tables\":15,"
      "\"milliseconds\":82.5,\"whole\":true,\"how\":\"direct\",\"code\":\"not-found\","
      "\"release\":\"r12\",\"missing\":null}\n"));
}

TEST_CASE("a label keeps plain characters only, sixty-four of them") {
  CHECK(Label("/api/v1/patients/{id}").text() == "/api/v1/patients/{id}");
  CHECK(Label("a\"b\\c\nd \xC3\xA9").text() == "a?b?c?d???");
  CHECK(Label("azAZ09").text() == "azAZ09");
  CHECK(Label(std::string(200, 'x')).text() == std::string(64, 'x'));
}

TEST_CASE("lines below the level are not kept, and without a log nothing happens") {
  const Folder folder;
  log::info("test", "nobody listens");
  {
    const auto log = Log::open(Env::posix(), quiet(folder.path));
    install(log.get());
    log::debug("test", "too small");
    log::warning("test", "kept");
  }
  log::warning("test", "the log is gone");
  CHECK(count(folder.file("eds.log"), "\n") == 1);
  CHECK(count(folder.file("eds.log"), "\"message\":\"kept\"") == 1);
}

TEST_CASE("the log's files are bounded in size and number") {
  const Folder folder;
  Options options = quiet(folder.path);
  options.file_bytes_max = 1000;
  options.files_max = 3;
  const auto log = Log::open(Env::posix(), options);
  for (int line = 0; line < 200; ++line) {
    log->write(Level::Info, "test", "turning", {{"line", line}});
  }
  const std::vector<std::string> names = Env::posix().list(folder.path).value();
  CHECK(names == std::vector<std::string>{"eds.log", "eds.log.1", "eds.log.2"});
  for (const std::string& name : names) CHECK(folder.file(name).size() <= 1000);
  // Nothing between the oldest line kept and the last is missing.
  const std::string all =
      folder.file("eds.log.2") + folder.file("eds.log.1") + folder.file("eds.log");
  const std::size_t kept = count(all, "\n");
  CHECK(kept > 10);
  for (std::size_t line = 200 - kept; line < 200; ++line) {
    CHECK(count(all, "\"line\":" + std::to_string(line) + "}") == 1);
  }
}

TEST_CASE("threads and processes share a log line by line") {
  const Folder folder;
  Options options = quiet(folder.path);
  options.file_bytes_max = 10'000'000;
  const auto one = Log::open(Env::posix(), options);
  const auto other = Log::open(Env::posix(), options);
  std::vector<std::thread> threads;
  for (Log* log : {one.get(), one.get(), other.get()}) {
    threads.emplace_back([log] {
      for (int line = 0; line < 500; ++line) log->write(Level::Info, "test", "shared", {});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string text = folder.file("eds.log");
  CHECK(count(text, "\n") == 1500);
  CHECK(count(text, "\"message\":\"shared\"}\n") == 1500);
}

TEST_CASE("another process's turn of the files is followed within a second") {
  const Folder folder;
  FaultEnv env(folder.path, 1);
  const auto log = Log::open(env, quiet(folder.path));
  log->write(Level::Info, "test", "before", {});
  REQUIRE(env.rename(join(folder.path, "eds.log"), join(folder.path, "eds.log.1")).ok());
  env.jump_clock(2'000'000);
  log->write(Level::Info, "test", "after", {});
  CHECK(count(folder.file("eds.log"), "\"message\":\"after\"") == 1);
}

TEST_CASE("a full disk loses lines, never the caller, and the loss is told") {
  const Folder folder;
  FaultEnv env(folder.path, 1);
  const auto log = Log::open(env, quiet(folder.path));
  log->write(Level::Info, "test", "before", {});
  env.fill_disk_at(env.operation_count() + 1);
  for (int line = 0; line < 3; ++line) log->write(Level::Info, "test", "during", {});
  env.heal();
  log->write(Level::Info, "test", "after", {});
  const std::string text = folder.file("eds.log");
  CHECK(count(text, "\"message\":\"during\"") == 0);
  CHECK(count(text, "\"message\":\"lines were lost\",\"lines\":3}") == 1);
  CHECK(count(text, "\"message\":\"after\"") == 1);
}

}  // namespace
}  // namespace eds::log
