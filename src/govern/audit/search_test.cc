#include "govern/audit/search.h"

#include <doctest/doctest.h>

#include "format/json/json_reader.h"
#include "govern/audit/fhir.h"
#include "govern/audit/log_for_test.h"
#include "govern/audit/report.h"
#include "govern/audit/watch.h"

namespace eds::audit {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kNoon = 20'000 * kDay + 12 * kHour;

Entry look(std::uint64_t number, const char* actor, std::int64_t person, std::int64_t time_us) {
  Entry entry;
  entry.sequence = number;
  entry.time_us = time_us;
  entry.time = utc_text(time_us);
  entry.event.actor = actor;
  entry.event.action = "patient";
  entry.event.object = std::to_string(person);
  entry.event.persons = govern::AuditPersons::of({person});
  entry.event.ground = "care";
  entry.event.request_id = "r" + std::to_string(number);
  return entry;
}

WatchFacts no_facts() {
  return {[](std::int64_t) { return std::string(); },
          [](const std::string&, std::int64_t) { return false; }};
}

std::vector<std::string> rules_of(Watch& watch, std::int64_t now_us) {
  std::vector<std::string> rules;
  for (const Finding& each : watch.finish(now_us)) rules.push_back(each.rule);
  return rules;
}

}  // namespace

TEST_CASE("a question holds all that it says") {
  const Entry entry = look(1, "anne", 17, kNoon);
  const auto asks = [&](const Question& question) { return answers(question, entry, "the line"); };
  CHECK(asks({}));
  CHECK(asks({.person = 17, .actor = "anne", .action = "patient", .ground = "care"}));
  CHECK_FALSE(asks({.person = 1}));
  CHECK_FALSE(asks({.actor = "ann"}));
  CHECK_FALSE(asks({.action = "pat"}));
  CHECK_FALSE(asks({.ground = "mandate"}));
  CHECK_FALSE(asks({.zone = "core"}));
  CHECK_FALSE(asks({.outcome = "refused"}));
  CHECK(asks({.text = "line"}));
  CHECK_FALSE(asks({.text = "person"}));
  CHECK(asks({.from_us = kNoon, .to_us = kNoon + 1}));
  CHECK_FALSE(asks({.from_us = kNoon + 1}));
  CHECK_FALSE(asks({.to_us = kNoon}));
}

TEST_CASE("the first word of a verb finds all of its group") {
  Entry entry = look(1, "anne", 17, kNoon);
  entry.event.action = "quarantine show";
  CHECK(answers({.action = "quarantine"}, entry, ""));
  CHECK(answers({.action = "quarantine show"}, entry, ""));
  CHECK_FALSE(answers({.action = "quarantine list"}, entry, ""));
}

TEST_CASE("a person is named by the list of the event or as its one object") {
  govern::AuditEvent event;
  event.action = "identity";
  event.object = "17";
  CHECK(names_person(event, 17));
  CHECK_FALSE(names_person(event, 1));
  event.action = "access revoke";  // Its object is the number of an access.
  CHECK_FALSE(names_person(event, 17));
}

TEST_CASE("the report tells every act that named the person, once, with what came of it") {
  LogForTest log;
  const auto say = [&](const char* action, govern::Outcome outcome, std::vector<std::int64_t> ids,
                       const char* request) {
    govern::AuditEvent event;
    event.actor = "anne";
    event.action = action;
    event.outcome = outcome;
    event.persons = govern::AuditPersons::of(std::move(ids));
    event.ground = "care";
    event.request_id = request;
    REQUIRE(log.audit->append(event).ok());
  };
  std::vector<std::int64_t> many;
  for (std::int64_t id = 1; id <= 500; ++id) many.push_back(id);
  say("patient", govern::Outcome::Begun, {17}, "a");
  say("patient", govern::Outcome::Done, {17}, "a");
  say("patient", govern::Outcome::Done, {18}, "b");
  say("query", govern::Outcome::Begun, {}, "c");
  say("query", govern::Outcome::Done, {17, 18, 19}, "c");
  say("cohort run", govern::Outcome::Done, many, "d");
  say("patient", govern::Outcome::Refused, {17}, "e");
  const Result<SeenReport> report =
      who_saw(Env::posix(), log.options.directory, {17}, Env::posix().now_us());
  REQUIRE(report.ok());
  std::vector<std::string> requests;
  for (const Seen& seen : report->seen) requests.push_back(seen.request);
  CHECK(requests == std::vector<std::string>{"a", "c", "d", "e"});
  CHECK(report->seen[0].outcome == govern::Outcome::Done);
  CHECK(report->seen[1].person_count == 3);
  CHECK(report->seen[2].certainty == Certainty::Perhaps);
  CHECK(report->seen[3].outcome == govern::Outcome::Refused);
  const std::string french = report_text(*report, Tongue::French);
  CHECK(french.find("anne a ouvert le dossier ; motif : soins\n") != std::string::npos);
  CHECK(french.find("avec 2 autres personnes") != std::string::npos);
  CHECK(french.find("REFUSÉ") != std::string::npos);
  const std::string english = report_text(*report, Tongue::English);
  CHECK(english.find("anne opened the record; why: care\n") != std::string::npos);
  CHECK(json::Document::parse(report_json(*report)).ok());
}

TEST_CASE("what a crash left is passed over, and what is no event is counted") {
  LogForTest log;
  REQUIRE(log.audit->append(event_of(1)).ok());
  const std::string path = segment_path(log.options.directory, 1);
  govern::set_bytes_of_file(path, govern::bytes_of_file(path) + "{\"seq\":2,\"ti\n{\"seq\":x}\n");
  std::int64_t count = 0;
  const Result<std::int64_t> unread = each_entry(Env::posix(), log.options.directory,
                                                 [&](const Entry&, std::string_view) -> Status {
                                                   ++count;
                                                   return {};
                                                 });
  REQUIRE(unread.ok());
  CHECK(*unread == 1);
  CHECK(count == 1);
}

TEST_CASE("S1: the hundred-and-first record of 24 hours is told, the hundredth is not") {
  for (const int looks : {100, 101}) {
    Watch watch({}, no_facts());
    for (int n = 0; n < looks; ++n) {
      watch.add(look(static_cast<std::uint64_t>(n + 1), "anne", n + 1, kNoon + n * 1'000'000));
    }
    const std::vector<std::string> expected =
        looks == 100 ? std::vector<std::string>{} : std::vector<std::string>{"S1"};
    CHECK(rules_of(watch, kNoon) == expected);
  }
}

TEST_CASE("S1: the same records again and again, or over two days, are no mass") {
  Watch watch({}, no_facts());
  for (int n = 0; n < 300; ++n) {
    watch.add(look(static_cast<std::uint64_t>(n + 1), "anne", n % 50 + 1, kNoon + n));
  }
  for (int n = 0; n < 99; ++n) {
    watch.add(look(static_cast<std::uint64_t>(n + 500), "anne", n + 1, kNoon + 2 * kDay + n));
  }
  CHECK(rules_of(watch, kNoon).empty());
}

TEST_CASE("S2 and S3: labelled persons and persons of the same name, once a day") {
  WatchFacts facts;
  facts.labels_of = [](std::int64_t person) { return std::string(person == 7 ? "vip" : ""); };
  facts.shares_name = [](const std::string& actor, std::int64_t person) {
    return actor == "anne" && person == 8;
  };
  Watch watch({}, facts);
  watch.add(look(1, "anne", 7, kNoon));
  watch.add(look(2, "anne", 7, kNoon + 1));
  watch.add(look(3, "anne", 8, kNoon + 2));
  watch.add(look(4, "paul", 8, kNoon + 3));
  watch.add(look(5, "anne", 7, kNoon + kDay));
  CHECK(rules_of(watch, kNoon) == std::vector<std::string>{"S2", "S3", "S2"});
}

TEST_CASE("S4: a first night is told when five days came before it, and only the first") {
  for (const int days : {4, 5}) {
    Watch watch({}, no_facts());
    std::uint64_t number = 0;
    for (int day = 0; day < days; ++day) watch.add(look(++number, "anne", 1, kNoon + day * kDay));
    const std::int64_t night = kNoon + days * kDay + 11 * kHour;
    watch.add(look(++number, "anne", 1, night));
    watch.add(look(++number, "anne", 1, night + kDay));
    CHECK(rules_of(watch, night).size() == (days == 5 ? 1 : 0));
  }
}

TEST_CASE("S5, S6, S7, S8: break-glass, bursts of refusals, bulk under care, acts left open") {
  Watch watch({}, no_facts());
  Entry glass = look(1, "anne", 1, kNoon);
  glass.event.action = "break-glass";
  watch.add(glass);
  for (int n = 0; n < 5; ++n) {
    Entry refused = look(static_cast<std::uint64_t>(10 + n), "paul", 1, kNoon + n * 60'000'000);
    refused.event.outcome = govern::Outcome::Refused;
    refused.event.action = "query";
    watch.add(refused);
  }
  Entry bulk = look(20, "anne", 1, kNoon);
  bulk.event.action = "query";
  bulk.event.persons.count = 1001;
  watch.add(bulk);
  Entry open = look(21, "jean", 1, kNoon);
  open.event.action = "export";
  open.event.outcome = govern::Outcome::Begun;
  watch.add(open);
  CHECK(rules_of(watch, kNoon + 2 * kHour) == std::vector<std::string>{"S5", "S6", "S7", "S8"});
}

TEST_CASE("four refusals in ten minutes, or five in an hour, are no burst") {
  Watch watch({}, no_facts());
  for (int n = 0; n < 8; ++n) {
    Entry refused = look(static_cast<std::uint64_t>(n + 1), "paul", 1, kNoon + n * 200'000'000);
    refused.event.outcome = govern::Outcome::Refused;
    refused.event.action = "query";
    watch.add(refused);
  }
  CHECK(rules_of(watch, kNoon).empty());
}

TEST_CASE("names meet by whole words of three letters, without accents or case") {
  CHECK(names_meet("helene.lefevre", "LEFÈVRE"));
  CHECK(names_meet("Jean-Luc Maïga", "maiga"));
  CHECK(names_meet("c.martin2", "Martin Dupont"));
  CHECK_FALSE(names_meet("martine.d", "Martin"));
  CHECK_FALSE(names_meet("li", "Li"));
  CHECK_FALSE(names_meet("anne", ""));
}

TEST_CASE("a FHIR event has what R4 requires and no empty array") {
  const std::string text =
      fhir_audit_event(look(5, "anne", 17, kNoon), "eds.audit/0011223344556677");
  const Result<json::Document> document = json::Document::parse(text);
  REQUIRE(document.ok());
  const json::Value root = document->root();
  CHECK(root.string_or("id", "") == "0011223344556677-5");
  CHECK(root.string_or("action", "") == "R");
  CHECK(root.string_or("outcome", "") == "0");
  for (const char* required : {"type", "recorded", "agent", "source"}) {
    CHECK(root.find(required).has_value());
  }
  CHECK(text.find("Patient/17") != std::string::npos);
  Entry bare;
  bare.time = utc_text(kNoon);
  bare.event.actor = "eds";
  bare.event.action = "audit mirror";
  CHECK(fhir_audit_event(bare, "x").find("[]") == std::string::npos);
}

}  // namespace eds::audit
