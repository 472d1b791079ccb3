#include "cli/act.h"

#include <array>
#include <utility>

namespace eds::cli {
namespace {

struct Running {
  std::string verb;
  std::shared_ptr<govern::Door> door;
};

Running& running() {
  static Running now;
  return now;
}

// The zone that a verb's first word reads or changes (reference, section 4.1).
std::string_view zone_of(std::string_view verb) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kZones = {{
      {"ingest", "landing"},
      {"quarantine", "landing"},
      {"opposition", "identity"},
      {"user", "control"},
      {"access", "control"},
      {"project", "control"},
      {"keys", "control"},
      {"audit", "audit"},
  }};
  const std::string_view first = verb.substr(0, verb.find(' '));
  for (const auto& [word, zone] : kZones) {
    if (word == first) return zone;
  }
  return "core";
}

}  // namespace

std::string name_act(std::string verb) {
  return std::exchange(running().verb, std::move(verb));
}

std::shared_ptr<govern::Door> open_act(Env& env, std::shared_ptr<govern::Audit> audit,
                                       const Global& global, const std::string& actor) {
  govern::AuditEvent event;
  event.actor = actor;
  event.action = running().verb.empty() ? "command" : running().verb;
  event.reason = global.purpose;
  event.ground = "owner";
  event.zone = zone_of(event.action);
  event.origin = "cli";
  if (running().door != nullptr) {
    static_cast<void>(running().door->close(govern::Outcome::Done, ""));
  }
  running().door = std::make_shared<govern::Door>(env, std::move(audit), std::move(event));
  return running().door;
}

Status pass_act() {
  return running().door == nullptr ? Status() : running().door->pass();
}

void count_rows(std::int64_t count) {
  if (running().door != nullptr) running().door->add_rows(count);
}

Result<Exit> end_act(Result<Exit> done) {
  const std::shared_ptr<govern::Door> door = std::exchange(running().door, nullptr);
  if (door == nullptr) return done;
  if (done.ok()) {
    TRY(door->close(govern::Outcome::Done, ""));
    return done;
  }
  const bool refused = done.error().code == Code::Refused;
  const Status closed = door->close(refused ? govern::Outcome::Refused : govern::Outcome::Failed,
                                    code_name(done.error().code));
  if (!closed.ok()) return done.error().within(closed.error().message);
  return done;
}

}  // namespace eds::cli
