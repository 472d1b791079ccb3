#include "govern/audit/wire.h"

#include <doctest/doctest.h>

namespace eds::audit {
namespace {

govern::AuditEvent full_event() {
  govern::AuditEvent event;
  event.actor = "anne";
  event.action = "patient";
  event.object = "17";
  event.release = "r1";
  event.reason = "care";
  event.outcome = govern::Outcome::Refused;
  event.row_count = -3;
  event.on_behalf_of = "paul";
  event.origin = "cli";
  event.ground = "permit 9";
  event.zone = "core";
  event.classes = "person";
  event.persons = govern::AuditPersons::of({17, 18});
  event.request_id = "00ff";
  return event;
}

}  // namespace

TEST_CASE("an event comes out of its frame as it went in") {
  const govern::AuditEvent event = full_event();
  const Result<Wish> wish = decode_wish(encode_event(event));
  REQUIRE(wish.ok());
  const auto& back = std::get<govern::AuditEvent>(*wish);
  CHECK(back.actor == "anne");
  CHECK(back.on_behalf_of == "paul");
  CHECK(back.ground == "permit 9");
  CHECK(back.request_id == "00ff");
  CHECK(back.outcome == govern::Outcome::Refused);
  CHECK(back.row_count == -3);
  CHECK(back.persons.ids == std::vector<std::int64_t>{17, 18});
  CHECK(encode_event(back) == encode_event(event));
}

TEST_CASE("a frame cut anywhere, or with a byte more, is refused") {
  const std::string frame = encode_event(full_event());
  for (std::size_t size = 0; size < frame.size(); ++size) {
    CHECK_FALSE(decode_wish(frame.substr(0, size)).ok());
  }
  CHECK_FALSE(decode_wish(frame + "x").ok());
}

TEST_CASE("answers say durable, a digest, or why not") {
  CHECK(decode_answer(encode_answer(std::string())).value().empty());
  CHECK(decode_answer(encode_answer(std::string("00ff"))).value() == "00ff");
  const Result<std::string> full =
      decode_answer(encode_answer(Error{Code::NoSpace, "disk is full"}));
  REQUIRE_FALSE(full.ok());
  CHECK(full.error().code == Code::NoSpace);
  CHECK(full.error().message == "disk is full");
  CHECK_FALSE(decode_answer("").ok());
  CHECK_FALSE(decode_answer("\x7f").ok());
}

}  // namespace eds::audit
