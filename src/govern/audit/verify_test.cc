// What somebody does to the log behind our back, and the purge that we do ourselves.
#include "govern/audit/verify.h"

#include <doctest/doctest.h>

#include <random>

#include "govern/audit/log_for_test.h"
#include "govern/audit/purge.h"

namespace eds::audit {
namespace {

namespace fs = std::filesystem;
using govern::bytes_of_file;
using govern::set_bytes_of_file;

TEST_CASE("any byte of any line changed is found at its event") {
  LogForTest log;
  log.add(6);
  log.close();
  const std::string good = bytes_of_file(log.segment());
  std::uint64_t event = 1;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    set_bytes_of_file(log.segment(), bytes);
    const std::optional<std::uint64_t> found = log.bad_event();
    REQUIRE_MESSAGE(found.has_value(), "byte " << at);
    REQUIRE(*found == event);
    if (good[at] == '\n') event += 1;
  }
}

TEST_CASE("a line removed, doubled, moved or taken from elsewhere is found") {
  LogForTest log;
  log.add(8);
  log.close();
  const std::vector<std::string> good = log.lines();
  REQUIRE(good.size() == 8);
  for (std::size_t at = 0; at < 8; ++at) {
    const auto offset = static_cast<std::ptrdiff_t>(at);
    std::vector<std::string> lines = good;
    lines.erase(lines.begin() + offset);
    log.set_lines(lines);
    REQUIRE(log.bad_event() == at + 1);
    lines = good;
    lines.insert(lines.begin() + offset, good[at]);
    log.set_lines(lines);
    REQUIRE(log.bad_event() == at + 2);
    lines = good;
    lines.insert(lines.begin() + offset, R"({"seq":9})");
    log.set_lines(lines);
    REQUIRE(log.bad_event() == at + 1);
    lines = good;
    lines.insert(lines.begin() + offset, "");
    log.set_lines(lines);
    REQUIRE(log.bad_event() == at + 1);
    if (at == 7) break;
    lines = good;
    std::swap(lines[at], lines[at + 1]);
    log.set_lines(lines);
    REQUIRE(log.bad_event() == at + 1);
  }
  log.set_lines(good);
  CHECK(log.verdict().sound());
}

TEST_CASE("events cut off the end are found, and nothing is added after them") {
  LogForTest log;
  log.add(5);
  log.close();
  const std::vector<std::string> good = log.lines();
  for (std::size_t kept = 0; kept < 5; ++kept) {
    log.set_lines({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(kept)});
    CHECK(log.bad_event() == kept + 1);
    CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
  }
  fs::remove(log.segment());
  CHECK(log.bad_event() == 1);
  CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
}

TEST_CASE("a log put back whole to an older state is found by its mirror, and goes no further") {
  LogForTest log;
  log.add(3);
  log.close();
  const auto older = picture_of(log.options.directory);
  log.open();
  log.add(2);
  log.close();
  put_back(log.options.directory, older);
  CHECK(log.bad_event() == 4);
  CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
  // Without its mirror nobody could know.
  log.options.mirror.clear();
  CHECK(log.verdict().sound());
}

TEST_CASE("another history of the same log is found by its mirror") {
  LogForTest log;
  log.add(3);
  log.close();
  const auto common = picture_of(log.options.directory);
  const auto mirror = picture_of(log.options.mirror);
  log.open();
  log.add(2);
  log.close();
  const auto truth = picture_of(log.options.mirror);
  put_back(log.options.directory, common);
  put_back(log.options.mirror, mirror);
  log.open();
  REQUIRE(log.audit->append(event_of(77)).ok());
  REQUIRE(log.audit->append(event_of(78)).ok());
  log.close();
  REQUIRE(log.verdict().sound());
  put_back(log.options.mirror, truth);
  CHECK(log.bad_event() == 5);
}

TEST_CASE("a checkpoint that is lost, altered, older or another warehouse's is found") {
  LogForTest log;
  log.add(3);
  log.close();
  for (const std::string& path : {log.checkpoint(), log.mirrored()}) {
    const std::string good = bytes_of_file(path);
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ 1);
      set_bytes_of_file(path, bytes);
      REQUIRE(!log.verdict().sound());
      REQUIRE(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
    }
    LogForTest other;
    other.add(3);
    other.close();
    set_bytes_of_file(path, bytes_of_file(other.checkpoint()));
    CHECK(!log.verdict().sound());
    set_bytes_of_file(path, good);
  }
  const std::string good = bytes_of_file(log.checkpoint());
  fs::remove(log.checkpoint());
  CHECK(!log.verdict().sound());
  CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
  set_bytes_of_file(log.checkpoint(), good);
  fs::remove(log.mirrored());
  CHECK(!log.verdict().sound());
}

TEST_CASE("a mirror that begins late or anew says so in the log") {
  LogForTest log;
  log.add(2);
  log.close();
  fs::remove(log.mirrored());
  log.open();
  log.close();
  CHECK(log.lines().back().find(R"("action":"audit mirror")") != std::string::npos);
  CHECK(log.verdict().sound());
  CHECK(log.verdict().mirrored_count == 3);
}

TEST_CASE("nothing is added after a line that somebody else wrote") {
  LogForTest log;
  log.add(3);
  log.close();
  const std::string good = bytes_of_file(log.segment());
  for (const char* forged : {"{\"seq\":4,\"mac\":\"00\"}\n", R"({"seq":4})", "\n", "one\n\ntwo"}) {
    set_bytes_of_file(log.segment(), good + forged);
    CHECK(open(*log.env, log.keys, log.options).error().code == Code::Corrupt);
    CHECK(log.bad_event() == 4);
  }
}

TEST_CASE("a log under other keys is refused and found") {
  LogForTest log;
  log.add(3);
  log.close();
  const govern::KeyRing others =
      govern::KeyRing::create(Env::posix(), log.directory.at("others")).value();
  CHECK(open(*log.env, others, log.options).error().code == Code::Corrupt);
  CHECK(!verify(*log.env, others, log.options).value().sound());
}

// One disorder, at random, in one file; or the whole log as it was earlier.
void disturb(LogForTest& log, std::mt19937_64& random,
             const std::vector<std::map<std::string, std::string>>& older) {
  const auto& now = older.back();
  auto chosen = now.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(random() % now.size()));
  std::string bytes = chosen->second;
  const std::size_t at = random() % bytes.size();
  const std::size_t length = 1 + random() % 600;
  switch (random() % 7) {
    case 0: bytes[at] = static_cast<char>(bytes[at] + 1 + static_cast<char>(random() % 255)); break;
    case 1: bytes.erase(at, length); break;
    case 2: bytes.insert(at, bytes.substr(random() % bytes.size(), length)); break;
    case 3: std::swap(bytes[at], bytes[random() % bytes.size()]); break;
    case 4: bytes.resize(at); break;
    case 5: fs::remove(chosen->first); return;
    default: put_back(log.options.directory, older[random() % older.size()]); return;
  }
  set_bytes_of_file(chosen->first, bytes);
}

TEST_CASE("ten thousand random edits of a log are all found") {
  LogForTest log(3000);
  StillClock env;
  log.close();
  log.env = &env;
  std::vector<std::map<std::string, std::string>> older;
  const auto take_picture = [&] {
    auto files = picture_of(log.options.directory);
    std::erase_if(files, [](const auto& file) {
      return file.second.empty() || file.first.ends_with(".vkey");
    });
    older.push_back(std::move(files));
  };
  for (int round = 0; round < 4; ++round) {
    log.open();
    log.add(10);
    log.close();
    if (round == 2) {
      const Purged purged = purge(env, log.keys, log.options,
                                  *open(env, log.keys, log.options).value(), "dpo", env.wall_us + 1)
                                .value();
      CHECK(purged.event_count > 0);
    }
    take_picture();
  }
  const std::map<std::string, std::string> good = older.back();
  std::mt19937_64 random(20240601);
  int harmless = 0;
  const int edits = std::getenv("EDS_LONG_TESTS") != nullptr ? 10'000 : 1'500;
  for (int edit = 0; edit < edits; ++edit) {
    disturb(log, random, older);
    const bool is_same = picture_of(log.options.directory) == [&] {
      auto files = good;
      for (const auto& entry : fs::recursive_directory_iterator(log.options.directory)) {
        if (!entry.is_regular_file()) continue;
        const std::string path = entry.path().string();
        if (path.ends_with(".vkey") || path.ends_with("lock")) files[path] = bytes_of_file(path);
      }
      return files;
    }();
    if (is_same) {
      ++harmless;
    } else {
      REQUIRE_MESSAGE(!log.verdict().sound(), "edit " << edit);
    }
    put_back(log.options.directory, good);
  }
  CHECK(log.verdict().sound());
  CHECK(harmless < edits / 10);
}

TEST_CASE("a purge keeps the root and every proof, and leaves no line of what it purged") {
  StillClock env;  // outlives the log, which signs when it closes
  LogForTest log(2000);
  log.close();
  log.env = &env;
  log.open();
  log.add(20);
  log.close();
  env.wall_us += std::int64_t{90} * 86'400'000'000;
  log.open();
  log.add(20);
  const std::vector<Hash> before = read_all_leaves(env, log.options.directory).value();
  REQUIRE(before.size() == 40);
  const Purged purged = purge(env, log.keys, log.options, *log.audit, "dpo",
                              env.wall_us - std::int64_t{30} * 86'400'000'000)
                            .value();
  log.close();
  // A month's events stand in segments of their own.
  CHECK(purged.event_count == 20);
  CHECK(purged.last == 20);
  std::vector<Hash> after = read_all_leaves(env, log.options.directory).value();
  REQUIRE(after.size() == 41);  // the purge's own event
  const Hash root = root_of(after);
  for (std::size_t index = 0; index < after.size(); ++index) {
    REQUIRE(
        verify_inclusion(index, after.size(), after[index], root, inclusion_proof(after, index)));
  }
  CHECK(verify_consistency(40, 41, root_of(before), root, consistency_proof(after, 40)));
  after.pop_back();
  CHECK(after == before);
  CHECK(log.lines().size() == 21);
  CHECK(log.lines()[0].starts_with(R"({"seq":21,)"));
  const Verdict verdict = log.verdict();
  CHECK(verdict.sound());
  CHECK(verdict.purged_count == 20);
  CHECK(verdict.event_count == 41);
  // The log goes on, and a second purge finds nothing more.
  log.open();
  log.add(3);
  CHECK(purge(env, log.keys, log.options, *log.audit, "dpo",
              env.wall_us - std::int64_t{30} * 86'400'000'000)
            .value()
            .event_count == 0);
  CHECK(log.verdict().sound());
}

TEST_CASE("lines taken away without a purge are found even when their hashes stay") {
  LogForTest log(2000);
  log.add(20);
  log.close();
  const std::vector<Segment> segments = list_segments(*log.env, log.options.directory).value();
  std::vector<Hash> leaves;
  REQUIRE(
      each_segment_line(*log.env, log.options.directory, 1, [&](std::string_view line) -> Status {
        leaves.push_back(leaf_hash(line));
        return {};
      }).ok());
  set_bytes_of_file(leaves_path(log.options.directory, 1), write_leaves(1, leaves));
  CHECK(log.verdict().sound());  // both are there: a crash in a purge
  fs::remove(log.segment());
  CHECK(log.bad_event() == leaves.size());
}

TEST_CASE("a damaged log is not purged") {
  LogForTest log(2000);
  log.add(20);
  log.close();
  std::string bytes = bytes_of_file(log.segment());
  bytes[30] ^= 1;
  set_bytes_of_file(log.segment(), bytes);
  log.open();
  CHECK(purge(*log.env, log.keys, log.options, *log.audit, "dpo",
              std::numeric_limits<std::int64_t>::max())
            .error()
            .code == Code::Corrupt);
}

TEST_CASE("months are counted back on the calendar") {
  const auto back = [](const char* day, int months) {
    return utc_text(months_before(parse_utc(day).value(), months)).substr(0, 10);
  };
  CHECK(back("2026-11-23", 12) == "2025-11-23");
  CHECK(back("2026-03-31", 1) == "2026-02-28");
  CHECK(back("2024-03-31", 1) == "2024-02-29");
  CHECK(back("2026-01-15", 6) == "2025-07-15");
  CHECK(back("2026-01-15", 36) == "2023-01-15");
}

TEST_CASE("a checkpoint's signature is right for OpenSSL too, and wrong for another text") {
  LogForTest log;
  log.add(2);
  log.close();
  const std::string note = bytes_of_file(log.checkpoint());
  const std::size_t blank = note.rfind("\n\n");
  const std::string signed_line = note.substr(note.rfind(' ') + 1);
  const std::string raw = from_base64(signed_line.substr(0, signed_line.size() - 1)).value();
  REQUIRE(raw.size() == 68);
  std::string vkey = bytes_of_file(log.directory.at("audit/checkpoint.vkey"));
  vkey.pop_back();
  const std::size_t plus = vkey.find('+');
  const std::string key = from_base64(vkey.substr(vkey.find('+', plus + 1) + 1)).value();
  REQUIRE(key.size() == 33);
  CHECK(key[0] == 1);
  // The key name, hash and signature's first four bytes are C2SP signed-note's.
  CHECK(hex_of(sha256(vkey.substr(0, plus) + "\n" + key)).substr(0, 8) == vkey.substr(plus + 1, 8));
  // RFC 8410: the DER of an Ed25519 public key is these twelve bytes and the key.
  const std::string der = from_hex("302a300506032b6570032100").value() + key.substr(1);
  set_bytes_of_file(log.directory.at("key.der"), der);
  set_bytes_of_file(log.directory.at("sig"), raw.substr(4));
  const std::string verify = "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey " +
                             log.directory.at("key.der") + " -sigfile " + log.directory.at("sig") +
                             " -in " + log.directory.at("text") + " >/dev/null 2>&1";
  if (std::system("openssl version >/dev/null 2>&1") != 0) {
    MESSAGE("skipped: the openssl command is not present");
    return;
  }
  set_bytes_of_file(log.directory.at("text"), note.substr(0, blank + 1));
  CHECK(std::system(verify.c_str()) == 0);
  set_bytes_of_file(log.directory.at("text"), note.substr(0, blank) + "x\n");
  CHECK(std::system(verify.c_str()) != 0);
}

}  // namespace
}  // namespace eds::audit
