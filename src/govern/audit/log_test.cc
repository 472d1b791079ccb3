#include "govern/audit/log.h"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <random>
#include <set>
#include <thread>

#include "base/fault_env.h"
#include "govern/audit/log_for_test.h"
#include "govern/limits.h"
#include "govern/scope.h"

namespace eds::audit {
namespace {

using govern::AuditEvent;
using govern::bytes_of_file;
using govern::set_bytes_of_file;

TEST_CASE("an audit that nobody touched is sound, and says what happened") {
  LogForTest log;
  CHECK(log.verdict().sound());
  log.add(20);
  const Verdict verdict = log.verdict();
  CHECK(verdict.sound());
  CHECK(verdict.event_count == 20);
  const std::string line = log.lines()[4];
  CHECK(line.find(R"({"seq":5,"time":"20)") == 0);
  CHECK(line.find(R"(,"actor":"dr.house","action":"query","object":"person 5","release":"2024-06",)"
                  R"("reason":"care","outcome":"done","rows":5,"mac":")") != std::string::npos);
}

TEST_CASE("all that an event says comes back as it was said") {
  LogForTest log;
  AuditEvent event = event_of(3);
  event.on_behalf_of = "pr.wilson";
  event.origin = "192.0.2.7";
  event.ground = "permit P-12";
  event.zone = "core";
  event.classes = "person,measurement";
  event.persons = govern::AuditPersons::of({31, 17, 17, -4});
  event.request_id = "00ff";
  event.outcome = govern::Outcome::Refused;
  event.reason = "un \"mot\"\n\\ {\"mac\":\"";
  REQUIRE(log.audit->append(event).ok());
  const Entry entry = parse_line(log.lines().at(0)).value();
  CHECK(entry.event.on_behalf_of == "pr.wilson");
  CHECK(entry.event.origin == "192.0.2.7");
  CHECK(entry.event.ground == "permit P-12");
  CHECK(entry.event.zone == "core");
  CHECK(entry.event.classes == "person,measurement");
  CHECK(entry.event.persons.ids == std::vector<std::int64_t>{-4, 17, 31});
  CHECK(entry.event.persons.count == 3);
  CHECK(entry.event.request_id == "00ff");
  CHECK(entry.event.outcome == govern::Outcome::Refused);
  CHECK(entry.event.reason == event.reason);
  CHECK(log.verdict().sound());
}

TEST_CASE("many persons are told by their number and the hash of their sorted ids") {
  std::vector<std::int64_t> ids;
  for (std::int64_t id = 1000; id > 0; --id) ids.push_back(id);
  const govern::AuditPersons set = govern::AuditPersons::of(ids);
  CHECK(set.ids.empty());
  CHECK(set.count == 1000);
  // seq 1 1000 | sha256sum
  CHECK(set.hash == "67d4ff71d43921d5739f387da09746f405e425b07d727e4c69d029461d1f051f");
}

TEST_CASE("an audit goes on where an earlier process left it, signed or not") {
  LogForTest log;
  log.add(3);
  const std::unique_ptr<govern::Audit> again = open(Env::posix(), log.keys, log.options).value();
  REQUIRE(again->append(event_of(4)).ok());
  log.add(1);
  CHECK(log.verdict().event_count == 5);
  CHECK(log.verdict().sound());
}

TEST_CASE("segments follow each other, and the tree does not care where they part") {
  LogForTest log(2000);
  log.add(60);
  log.close();
  const std::vector<Segment> segments = list_segments(*log.env, log.options.directory).value();
  CHECK(segments.size() > 5);
  CHECK(log.verdict().sound());
  CHECK(log.verdict().signed_count == 60);
  CHECK(log.verdict().mirrored_count == 60);
  std::vector<Hash> leaves;
  for (const std::string& line : log.lines()) leaves.push_back(leaf_hash(line));
  REQUIRE(leaves.size() == 60);
  const Signer signer(log.keys.derive(govern::Purpose::AuditCheckpoint));
  const Checkpoint note =
      parse_checkpoint(bytes_of_file(log.checkpoint()), signer.public_key()).value();
  CHECK(note.tree.root() == root_of(leaves));
  CHECK(read_all_leaves(*log.env, log.options.directory).value() == leaves);
}

TEST_CASE("a checkpoint is signed after a thousand events, after a second, and at the end") {
  LogForTest log;
  log.close();
  StillClock env;
  log.env = &env;
  log.open();
  log.add(1);
  CHECK(log.verdict().signed_count == 1);  // the first of a process
  log.add(999);
  CHECK(log.verdict().signed_count == 1);
  log.add(1);
  CHECK(log.verdict().signed_count == 1001);
  log.add(2);
  CHECK(log.verdict().signed_count == 1001);
  env.steady_us += kCheckpointUs;
  env.wall_us -= 3'600'000'000;  // A wall clock that jumps back changes nothing.
  log.add(1);
  CHECK(log.verdict().signed_count == 1004);
  log.add(1);
  CHECK(log.verdict().signed_count == 1004);
  log.close();
  CHECK(log.verdict().signed_count == 1005);
  CHECK(log.verdict().mirrored_count == 1005);
}

TEST_CASE("a line that a crash tore is passed over, and its bytes vouched for") {
  LogForTest log;
  log.add(3);
  log.close();
  const auto before = picture_of(log.directory.path());
  const std::string whole = bytes_of_file(log.segment());
  log.open();
  log.add(1);
  log.close();
  const std::string longer = bytes_of_file(log.segment());
  // Power went while the fourth line was written: its event was never answered.
  for (std::size_t length = whole.size() + 1; length < longer.size() - 2; length += 7) {
    put_back(log.directory.path(), before);
    set_bytes_of_file(log.segment(), longer.substr(0, length));
    REQUIRE(log.verdict().sound());
    log.open();
    log.add(2);
    log.close();
    REQUIRE(log.verdict().sound());
    REQUIRE(log.verdict().event_count == 5);
  }
  // The fragment itself can no longer be altered.
  std::string bytes = bytes_of_file(log.segment());
  bytes[whole.size() + 1] ^= 1;
  set_bytes_of_file(log.segment(), bytes);
  CHECK(log.bad_event() == 4);
}

TEST_CASE("a last line that lost only its line break counts") {
  LogForTest log;
  log.add(2);
  log.close();
  const auto before = picture_of(log.directory.path());
  log.open();
  log.add(1);
  log.close();
  const std::string bytes = bytes_of_file(log.segment());
  put_back(log.directory.path(), before);
  set_bytes_of_file(log.segment(), bytes.substr(0, bytes.size() - 1));
  CHECK(log.verdict().event_count == 3);
  log.open();
  log.add(2);
  log.close();
  CHECK(log.verdict().sound());
  CHECK(log.verdict().event_count == 5);
}

TEST_CASE("a version 1 log is read, pinned by its hash, and found when altered") {
  const std::string golden = std::string(EDS_SOURCE_DIR) + "/tests/data/audit/version1";
  govern::DirectoryForTest directory;
  std::filesystem::copy(golden, directory.at("w"), std::filesystem::copy_options::recursive);
  for (const char* zone : {"identity", "landing"}) {
    // Their content does not matter here: any keys of those zones will do.
    govern::KeyRing::create(Env::posix(), directory.at("other")).ok();
    std::filesystem::copy(directory.at("other/" + std::string(zone) + ".key"),
                          directory.at("w/keys/" + std::string(zone) + ".key"));
  }
  const govern::KeyRing keys = govern::KeyRing::open(Env::posix(), directory.at("w/keys")).value();
  const LogOptions options{.directory = directory.at("w/audit"), .mirror = ""};
  REQUIRE(open(Env::posix(), keys, options).value()->append(event_of(1)).ok());
  Verdict verdict = verify(Env::posix(), keys, options).value();
  CHECK(verdict.sound());
  CHECK(verdict.version1_count == 3);
  CHECK(verdict.event_count == 2);
  std::vector<std::string> actions;
  REQUIRE(each_line(Env::posix(), options.directory, [&](std::string_view line) -> Status {
            actions.push_back(TRY(parse_line(line)).event.action);
            return {};
          }).ok());
  CHECK(actions ==
        std::vector<std::string>{"init", "release list", "release list", "audit migrate", "query"});
  const std::string path = directory.at("w/audit/audit.ndjson");
  const std::string good = bytes_of_file(path);
  for (std::size_t at = 0; at < good.size(); at += 5) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    set_bytes_of_file(path, bytes);
    REQUIRE(!verify(Env::posix(), keys, options).value().sound());
  }
  std::filesystem::remove(path);
  CHECK(!verify(Env::posix(), keys, options).value().sound());
}

TEST_CASE("nothing is built on an altered version 1 log") {
  const std::string golden = std::string(EDS_SOURCE_DIR) + "/tests/data/audit/version1";
  LogForTest log;  // other keys: to them every line of that log is altered
  log.close();
  std::filesystem::remove_all(log.options.directory);
  std::filesystem::remove_all(log.options.mirror);
  std::filesystem::copy(golden + "/audit", log.options.directory);
  CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
}

TEST_CASE("threads and processes append to one sound log") {
  LogForTest log(20'000);
  std::vector<pid_t> children;
  for (int child = 0; child < 3; ++child) {
    const pid_t pid = ::fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
      bool good = true;
      for (int number = 0; number < 60; ++number) good &= log.audit->append(event_of(number)).ok();
      ::_exit(good ? 0 : 1);
    }
    children.push_back(pid);
  }
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      for (int number = 0; number < 60; ++number) {
        if (!log.audit->append(event_of(number)).ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == 0);
  for (const pid_t pid : children) {
    int status = 1;
    ::waitpid(pid, &status, 0);
    CHECK(status == 0);
  }
  log.close();
  const Verdict verdict = log.verdict();
  CHECK(verdict.sound());
  CHECK(verdict.event_count == 360);
  CHECK(verdict.signed_count == 360);
}

TEST_CASE("an event that says too much, too little or no text is refused") {
  LogForTest log;
  AuditEvent event = event_of(1);
  event.object = std::string(govern::kAuditFieldBytesMax + 1, 'x');
  CHECK(log.audit->append(event).error().code == Code::Limit);
  event = event_of(1);
  event.actor.clear();
  CHECK(log.audit->append(event).error().code == Code::Usage);
  event = event_of(1);
  event.origin = "caf\xE9";
  CHECK(log.audit->append(event).error().code == Code::Malformed);
  event = event_of(1);
  event.persons.ids.assign(govern::kAuditPersonsMax + 1, 7);
  CHECK(log.audit->append(event).error().code == Code::Limit);
  CHECK(log.lines().empty());
  // The longest that is allowed fits.
  event = event_of(1);
  const std::string most(govern::kAuditFieldBytesMax, '\x01');
  for (std::string* field : {&event.actor, &event.action, &event.object, &event.release,
                             &event.reason, &event.on_behalf_of, &event.origin, &event.ground,
                             &event.zone, &event.classes, &event.request_id, &event.persons.hash}) {
    *field = most;
  }
  event.persons.count = govern::kAuditPersonsMax;
  event.persons.ids.assign(govern::kAuditPersonsMax, std::numeric_limits<std::int64_t>::min());
  REQUIRE(log.audit->append(event).ok());
  CHECK(log.verdict().sound());
}

TEST_CASE("a digest stands for a text, under this warehouse's key only") {
  LogForTest log;
  const LogForTest other;
  CHECK(log.audit->digest("SELECT 1").size() == 16);
  CHECK(log.audit->digest("SELECT 1") == log.audit->digest("SELECT 1"));
  CHECK(log.audit->digest("SELECT 1") != log.audit->digest("SELECT 2"));
  CHECK(log.audit->digest("SELECT 1") != other.audit->digest("SELECT 1"));
}

TEST_CASE("a scope leaves its event before it exists, and none is given without a purpose") {
  LogForTest log;
  govern::Governor governor(log.keys, *log.audit);
  const Result<govern::Scope> scope = governor.owner_scope("dr.house", "care", "2024-06");
  REQUIRE(scope.ok());
  CHECK(scope->actor() == "dr.house");
  CHECK(scope->allows_release("2024-06"));
  CHECK(!scope->allows_release("2024-07"));
  CHECK(governor.owner_scope("", "care").error().code == Code::Refused);
  CHECK(governor.owner_scope("dr.house", "").error().code == Code::Refused);
  const std::vector<std::string> lines = log.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find(R"("action":"scope")") != std::string::npos);
  CHECK(lines[1].find(R"("outcome":"refused")") != std::string::npos);
}

TEST_CASE("no scope is given when the audit cannot be written") {
  LogForTest log;
  log.add(2);
  std::filesystem::remove(log.segment());
  govern::Governor governor(log.keys, *log.audit);
  CHECK(!governor.owner_scope("dr.house", "care").ok());
}

TEST_CASE("events that were answered survive kill -9, and the log stays sound") {
  LogForTest log(30'000);
  log.close();
  std::mt19937_64 random(10);
  std::uint64_t durable = 0;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto audit = open(Env::posix(), log.keys, log.options).value();
      std::vector<std::thread> threads;
      for (int thread = 0; thread < 3; ++thread) {
        threads.emplace_back([&] {
          for (int number = 0;; ++number) {
            if (!audit->append(event_of(number)).ok()) ::_exit(3);
            if (::write(ends[1], "x", 1) != 1) ::_exit(2);
          }
        });
      }
      for (std::thread& thread : threads) thread.join();
    }
    ::close(ends[1]);
    const std::uint64_t wanted = 1 + random() % 90;
    std::uint64_t said = 0;
    char byte = 0;
    while (said < wanted && ::read(ends[0], &byte, 1) == 1) ++said;
    ::kill(child, SIGKILL);
    while (::read(ends[0], &byte, 1) == 1) ++said;
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    durable += said;
    const Verdict verdict = log.verdict();
    REQUIRE_MESSAGE(verdict.sound(), verdict.damage->what);
    CHECK(verdict.event_count >= durable);
    durable = verdict.event_count;
  }
}

TEST_CASE("a power cut at any operation loses no answered event and leaves a sound log") {
  for (std::uint64_t at = 1; at < 200; at += 1 + at / 16) {
    govern::DirectoryForTest directory;
    const auto keys = govern::KeyRing::create(Env::posix(), directory.at("keys")).value();
    FaultEnv env(directory.path(), at);
    env.exempt("lock");
    const LogOptions options{.directory = directory.at("audit"),
                             .mirror = directory.at("mirror"),
                             .segment_bytes_max = 1500};
    env.cut_at(at);
    std::uint64_t answered = 0;
    {
      const auto audit = open(env, keys, options);
      for (int number = 0; audit.ok() && number < 20; ++number) {
        if ((*audit)->append(event_of(number)).ok()) ++answered;
      }
    }
    const bool was_cut = env.was_cut();
    REQUIRE(env.restart().ok());
    const auto again = open(env, keys, options);
    REQUIRE_MESSAGE(again.ok(), "cut at " << at << ": " << again.error().message);
    REQUIRE((*again)->append(event_of(99)).ok());
    const Verdict verdict = verify(env, keys, options).value();
    REQUIRE_MESSAGE(verdict.sound(), "cut at " << at << ": " << verdict.damage->what);
    CHECK(verdict.event_count >= answered + 1);
    if (!was_cut) break;
  }
}

TEST_CASE("a full disk refuses events until there is room, and spoils nothing") {
  for (std::uint64_t at = 1; at < 40; at += 3) {
    LogForTest log(1500);
    log.add(3);
    log.close();
    FaultEnv env(log.directory.path(), at);
    env.exempt("lock");
    const auto audit = open(env, log.keys, log.options).value();
    env.fill_disk_at(env.operation_count() + at);
    std::uint64_t answered = 0;
    bool was_refused = false;
    for (int number = 0; number < 12; ++number) {
      const Status added = audit->append(event_of(number));
      answered += added.ok() ? 1 : 0;
      was_refused |= !added.ok();
      CHECK((added.ok() || added.error().code == Code::NoSpace || added.error().code == Code::Io));
    }
    env.heal();
    log.open();
    REQUIRE(log.audit->append(event_of(13)).ok());
    log.close();
    const Verdict verdict = log.verdict();
    REQUIRE_MESSAGE(verdict.sound(), "full at " << at << ": " << verdict.damage->what);
    CHECK(verdict.event_count >= 3 + answered + 1);
    if (at == 1) CHECK(was_refused);
  }
}

}  // namespace
}  // namespace eds::audit
