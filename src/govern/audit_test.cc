#include "govern/audit.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "govern/directory_for_test.h"
#include "govern/limits.h"
#include "govern/scope.h"

namespace eds::govern {
namespace {

AuditEvent event_of(int number) {
  AuditEvent event;
  event.actor = "dr.house";
  event.action = "query";
  event.object = "person " + std::to_string(number);
  event.release = "2024-06";
  event.reason = "care";
  event.row_count = number;
  return event;
}

struct Log {
  DirectoryForTest directory;
  KeyRing keys = KeyRing::create(Env::posix(), directory.at("keys")).value();
  std::unique_ptr<Audit> audit = Audit::open(Env::posix(), keys, directory.at("audit")).value();
  std::string path = directory.at("audit/audit.ndjson");

  void add(int count) {
    for (int number = 1; number <= count; ++number) REQUIRE(audit->append(event_of(number)).ok());
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    REQUIRE(audit
                ->each_line([&](std::string_view line) -> Status {
                  all.emplace_back(line);
                  return {};
                })
                .ok());
    return all;
  }
  void set_lines(const std::vector<std::string>& lines) {
    std::string bytes;
    for (const std::string& line : lines) bytes += line + "\n";
    set_bytes_of_file(path, bytes);
  }
  std::optional<std::uint64_t> bad_line() { return audit->verify().value().bad_line; }
};

TEST_CASE("an audit that nobody touched is sound, and says what happened") {
  Log log;
  CHECK(log.audit->verify().value().sound());
  log.add(20);
  const AuditVerdict verdict = log.audit->verify().value();
  CHECK(verdict.sound());
  CHECK(verdict.line_count == 20);
  const std::string line = log.lines()[4];
  CHECK(line.find(R"({"seq":5,"time":"20)") == 0);
  CHECK(line.find(R"(,"actor":"dr.house","action":"query","object":"person 5","release":"2024-06",)"
                  R"("reason":"care","outcome":"done","rows":5,"prev":")") != std::string::npos);
}

TEST_CASE("an audit goes on where an earlier process left it") {
  Log log;
  log.add(3);
  const std::unique_ptr<Audit> again =
      Audit::open(Env::posix(), log.keys, log.directory.at("audit")).value();
  REQUIRE(again->append(event_of(4)).ok());
  log.add(1);
  CHECK(log.audit->verify().value().line_count == 5);
  CHECK(log.audit->verify().value().sound());
}

TEST_CASE("any byte of any line changed is found at its line") {
  Log log;
  log.add(6);
  const std::string good = bytes_of_file(log.path);
  std::uint64_t line_number = 1;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    set_bytes_of_file(log.path, bytes);
    const std::optional<std::uint64_t> found = log.bad_line();
    REQUIRE_MESSAGE(found.has_value(), "byte " << at);
    REQUIRE(*found == line_number);
    if (good[at] == '\n') line_number += 1;
  }
}

TEST_CASE("a line removed, doubled, moved or taken from elsewhere is found") {
  Log log;
  log.add(8);
  const std::vector<std::string> good = log.lines();
  REQUIRE(good.size() == 8);
  for (std::size_t at = 0; at < 8; ++at) {
    std::vector<std::string> lines = good;
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
    log.set_lines(lines);
    REQUIRE(log.bad_line() == at + 1);

    lines = good;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), good[at]);
    log.set_lines(lines);
    REQUIRE(log.bad_line() == at + 2);

    lines = good;
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), R"({"seq":9})");
    log.set_lines(lines);
    REQUIRE(log.bad_line() == at + 1);
    if (at == 7) break;
    lines = good;
    std::swap(lines[at], lines[at + 1]);
    log.set_lines(lines);
    REQUIRE(log.bad_line() == at + 1);
  }
  log.set_lines(good);
  CHECK(log.audit->verify().value().sound());
}

TEST_CASE("lines cut off the end are found, and nothing is added after them") {
  Log log;
  log.add(5);
  const std::vector<std::string> good = log.lines();
  for (std::size_t kept = 0; kept < 5; ++kept) {
    log.set_lines(
        std::vector<std::string>(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(kept)));
    CHECK(log.bad_line() == kept + 1);
    const Status added = log.audit->append(event_of(9));
    REQUIRE(!added.ok());
    CHECK(added.error().code == Code::Corrupt);
  }
  std::filesystem::remove(log.path);
  CHECK(log.bad_line() == 1);
  CHECK(!log.audit->append(event_of(9)).ok());
}

TEST_CASE("a head that is lost, altered or older is found") {
  Log log;
  log.add(3);
  const std::string head = log.directory.at("audit/head.json");
  const std::string older = bytes_of_file(head);
  log.add(3);
  const std::string good = bytes_of_file(head);
  set_bytes_of_file(head, older);
  CHECK(!log.audit->verify().value().sound());
  CHECK(!log.audit->append(event_of(9)).ok());
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    set_bytes_of_file(head, bytes);
    REQUIRE(!log.audit->verify().value().sound());
  }
  std::filesystem::remove(head);
  CHECK(!log.audit->verify().value().sound());
  CHECK(!log.audit->append(event_of(9)).ok());
  set_bytes_of_file(head, good);
  CHECK(log.audit->verify().value().sound());
}

TEST_CASE("a line that a crash tore is passed over, and its length vouched for") {
  Log log;
  log.add(3);
  const std::string whole = bytes_of_file(log.path);
  const std::string head = bytes_of_file(log.directory.at("audit/head.json"));
  REQUIRE(log.audit->append(event_of(4)).ok());
  const std::string longer = bytes_of_file(log.path);
  // Power went while the fourth line was written: its event was never answered.
  for (std::size_t length = whole.size() + 1; length < longer.size() - 2; length += 7) {
    set_bytes_of_file(log.path, longer.substr(0, length));
    set_bytes_of_file(log.directory.at("audit/head.json"), head);
    REQUIRE(log.audit->verify().value().sound());
    REQUIRE(log.audit->append(event_of(5)).ok());
    REQUIRE(log.audit->append(event_of(6)).ok());
    REQUIRE(log.audit->verify().value().sound());
  }
  // The fragment itself can no longer be altered.
  std::string bytes = bytes_of_file(log.path);
  bytes.insert(whole.size() + 1, "x");
  set_bytes_of_file(log.path, bytes);
  CHECK(log.bad_line() == 4);
}

TEST_CASE("power lost between a line and its head does no harm") {
  Log log;
  log.add(3);
  const std::string head = bytes_of_file(log.directory.at("audit/head.json"));
  log.add(1);
  set_bytes_of_file(log.directory.at("audit/head.json"), head);
  CHECK(log.audit->verify().value().sound());
  log.add(1);
  CHECK(log.audit->verify().value().sound());
  // The same with the line break lost.
  const std::string before = bytes_of_file(log.directory.at("audit/head.json"));
  log.add(1);
  const std::string bytes = bytes_of_file(log.path);
  set_bytes_of_file(log.path, bytes.substr(0, bytes.size() - 1));
  set_bytes_of_file(log.directory.at("audit/head.json"), before);
  CHECK(log.audit->verify().value().sound());
  log.add(2);
  CHECK(log.audit->verify().value().sound());
  CHECK(log.audit->verify().value().line_count == 8);
}

TEST_CASE("nothing is added after a line that somebody else wrote") {
  Log log;
  log.add(3);
  const std::string good = bytes_of_file(log.path);
  for (const char* forged : {R"({"seq":4,"mac":"00"}
)",
                             R"({"seq":4})", "one\ntwo\n"}) {
    set_bytes_of_file(log.path, good + forged);
    CHECK(log.audit->append(event_of(4)).error().code == Code::Corrupt);
    CHECK(log.bad_line() == 4);
  }
}

TEST_CASE("a line of another history of the same log is found") {
  Log log;
  log.add(3);
  const std::string head_path = log.directory.at("audit/head.json");
  const std::string log_bytes = bytes_of_file(log.path);
  const std::string head = bytes_of_file(head_path);
  log.add(2);
  const std::vector<std::string> one = log.lines();
  set_bytes_of_file(log.path, log_bytes);
  set_bytes_of_file(head_path, head);
  REQUIRE(log.audit->append(event_of(77)).ok());
  REQUIRE(log.audit->append(event_of(78)).ok());
  std::vector<std::string> mixed = log.lines();
  REQUIRE(log.audit->verify().value().sound());
  mixed[3] = one[3];
  log.set_lines(mixed);
  CHECK(log.bad_line() == 5);
}

TEST_CASE("a log rewritten under other keys is found") {
  Log log;
  log.add(3);
  Log forged;
  forged.add(3);
  set_bytes_of_file(log.path, bytes_of_file(forged.path));
  set_bytes_of_file(log.directory.at("audit/head.json"),
                    bytes_of_file(forged.directory.at("audit/head.json")));
  CHECK(log.bad_line() == 1);
}

TEST_CASE("threads and processes append to one sound chain") {
  Log log;
  std::vector<pid_t> children;
  for (int child = 0; child < 3; ++child) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      bool good = true;
      for (int number = 0; number < 20; ++number) good &= log.audit->append(event_of(number)).ok();
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      for (int number = 0; number < 20; ++number) CHECK(log.audit->append(event_of(number)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const pid_t pid : children) {
    int status = 1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  const AuditVerdict verdict = log.audit->verify().value();
  CHECK(verdict.sound());
  CHECK(verdict.line_count == 120);
}

TEST_CASE("ten thousand random edits of a log are all found") {
  Log log;
  log.add(40);
  const std::string good = bytes_of_file(log.path);
  std::mt19937_64 random(20240601);
  for (int edit = 0; edit < 10'000; ++edit) {
    std::string bytes = good;
    const std::size_t at = random() % bytes.size();
    const std::size_t length = 1 + random() % 600;
    switch (random() % 4) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] + 1 + static_cast<char>(random() % 255));
        break;
      case 1: bytes.erase(at, length); break;
      case 2: bytes.insert(at, bytes.substr(random() % bytes.size(), length)); break;
      default: bytes.resize(at); break;
    }
    if (bytes == good) continue;
    set_bytes_of_file(log.path, bytes);
    REQUIRE_MESSAGE(!log.audit->verify().value().sound(), "edit " << edit);
  }
}

TEST_CASE("an event that says too much, too little or no text is refused") {
  Log log;
  AuditEvent event = event_of(1);
  event.object = std::string(kAuditFieldBytesMax + 1, 'x');
  CHECK(log.audit->append(event).error().code == Code::Limit);
  event = event_of(1);
  event.actor.clear();
  CHECK(log.audit->append(event).error().code == Code::Usage);
  event = event_of(1);
  event.reason = "caf\xE9";
  CHECK(log.audit->append(event).error().code == Code::Malformed);
  CHECK(log.lines().empty());
  event = event_of(1);
  event.reason = "un \"mot\"\n\\ {\"mac\":\"";
  REQUIRE(log.audit->append(event).ok());
  CHECK(log.lines().size() == 1);
  CHECK(log.lines()[0].find(R"("reason":"un \"mot\"\u000a\\ {\"mac\":\"")") != std::string::npos);
  CHECK(log.audit->verify().value().sound());
}

TEST_CASE("a digest stands for a text, under this warehouse's key only") {
  Log log;
  const Log other;
  CHECK(log.audit->digest("SELECT 1").size() == 16);
  CHECK(log.audit->digest("SELECT 1") == log.audit->digest("SELECT 1"));
  CHECK(log.audit->digest("SELECT 1") != log.audit->digest("SELECT 2"));
  CHECK(log.audit->digest("SELECT 1") != other.audit->digest("SELECT 1"));
}

TEST_CASE("a scope leaves its event before it exists, and none is given without a purpose") {
  Log log;
  Governor governor(log.keys, *log.audit);
  const Result<Scope> scope = governor.owner_scope("dr.house", "care", "2024-06");
  REQUIRE(scope.ok());
  CHECK(scope->actor() == "dr.house");
  CHECK(scope->purpose() == "care");
  CHECK(scope->allows_release("2024-06"));
  CHECK(!scope->allows_release("2024-07"));
  CHECK(governor.owner_scope("dr.house", "care").value().allows_release("any"));
  CHECK(governor.owner_scope("", "care").error().code == Code::Refused);
  CHECK(governor.owner_scope("dr.house", "").error().code == Code::Refused);
  const std::vector<std::string> lines = log.lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].find(R"("action":"scope")") != std::string::npos);
  CHECK(lines[2].find(R"("outcome":"refused")") != std::string::npos);
}

TEST_CASE("no scope is given when the audit cannot be written") {
  Log log;
  log.add(2);
  std::filesystem::remove(log.path);
  Governor governor(log.keys, *log.audit);
  CHECK(!governor.owner_scope("dr.house", "care").ok());
}

}  // namespace
}  // namespace eds::govern
