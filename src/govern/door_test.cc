#include "govern/door.h"

#include <doctest/doctest.h>

#include <vector>

namespace eds::govern {
namespace {

/// Keeps events in memory; refuses them when its disk is full.
class MemoryAudit final : public Audit {
 public:
  std::vector<AuditEvent> events;
  bool is_full = false;
  Status append(const AuditEvent& event) override {
    if (is_full) return Error{Code::NoSpace, "disk is full"};
    events.push_back(event);
    return {};
  }
  std::string digest(std::string_view) const override { return "0011"; }
};

AuditEvent query_by(const char* actor) {
  AuditEvent event;
  event.actor = actor;
  event.action = "query";
  event.zone = "core";
  event.ground = "owner";
  event.origin = "cli";
  return event;
}

}  // namespace

TEST_CASE("the first byte asks for one event, and the end says what came of it") {
  const auto audit = std::make_shared<MemoryAudit>();
  {
    Door door(Env::posix(), audit, query_by("anne"));
    REQUIRE(door.pass().ok());
    REQUIRE(door.pass().ok());
    door.add_rows(3);
    REQUIRE(door.close(Outcome::Done, "").ok());
  }
  REQUIRE(audit->events.size() == 2);
  CHECK(audit->events[0].outcome == Outcome::Begun);
  CHECK(audit->events[1].outcome == Outcome::Done);
  CHECK(audit->events[1].row_count == 3);
  CHECK(audit->events[0].request_id == audit->events[1].request_id);
  CHECK(audit->events[0].request_id.size() == 16);
}

TEST_CASE("no byte passes a door whose audit is full") {
  const auto audit = std::make_shared<MemoryAudit>();
  Door door(Env::posix(), audit, query_by("anne"));
  audit->is_full = true;
  CHECK(door.pass().error().code == Code::NoSpace);
  audit->is_full = false;
  REQUIRE(door.pass().ok());
  CHECK(audit->events.size() == 1);
}

TEST_CASE("a door that nobody closes says failed") {
  const auto audit = std::make_shared<MemoryAudit>();
  { Door door(Env::posix(), audit, query_by("anne")); }
  REQUIRE(audit->events.size() == 1);
  CHECK(audit->events[0].outcome == Outcome::Failed);
}

TEST_CASE("an act that its own code closed is not closed twice") {
  const auto audit = std::make_shared<MemoryAudit>();
  {
    Door door(Env::posix(), audit, query_by("anne"));
    AuditEvent own = query_by("anne");
    own.outcome = Outcome::Done;
    own.row_count = 7;
    REQUIRE(door.append(own).ok());
    REQUIRE(door.pass().ok());
    REQUIRE(door.close(Outcome::Done, "").ok());
  }
  REQUIRE(audit->events.size() == 1);
  CHECK(audit->events[0].row_count == 7);
}

TEST_CASE("what was done and then failed is said to have failed") {
  const auto audit = std::make_shared<MemoryAudit>();
  Door door(Env::posix(), audit, query_by("anne"));
  AuditEvent own = query_by("anne");
  REQUIRE(door.append(own).ok());
  REQUIRE(door.close(Outcome::Failed, "io").ok());
  REQUIRE(audit->events.size() == 2);
  CHECK(audit->events[1].outcome == Outcome::Failed);
  CHECK(audit->events[1].reason == "io");
}

TEST_CASE("events of the rooms below bear the act's request, origin and ground") {
  const auto audit = std::make_shared<MemoryAudit>();
  Door door(Env::posix(), audit, query_by("anne"));
  door.is_by("paul", "mandate");
  AuditEvent below;
  below.action = "scope";
  below.outcome = Outcome::Done;
  REQUIRE(door.append(below).ok());
  CHECK(audit->events[0].actor == "paul");
  CHECK(audit->events[0].ground == "mandate");
  CHECK(audit->events[0].request_id == door.request_id());
  CHECK(audit->events[0].origin == "cli");
  // The scope's own event is no event of the query: the first byte still asks for one.
  REQUIRE(door.pass().ok());
  CHECK(audit->events.back().action == "query");
  REQUIRE(door.close(Outcome::Refused, "no right").ok());
  CHECK(audit->events.back().outcome == Outcome::Refused);
}

TEST_CASE("the closing event keeps the object and the persons that were told before") {
  const auto audit = std::make_shared<MemoryAudit>();
  Door door(Env::posix(), audit, query_by("anne"));
  door.is_about("17", AuditPersons::of({17}));
  REQUIRE(door.pass().ok());
  REQUIRE(door.close(Outcome::Done, "").ok());
  CHECK(audit->events[0].persons.ids == std::vector<std::int64_t>{17});
  CHECK(audit->events[1].object == "17");
}

}  // namespace eds::govern
