#include "govern/audit/search.h"

#include <algorithm>
#include <array>

#include "govern/audit/note.h"
#include "govern/audit/segments.h"

namespace eds::audit {
namespace {

// Acts whose object is the id of a person.
constexpr std::array<std::string_view, 9> kAboutPerson = {
    "patient", "identity", "opposition add", "opposition remove", "label", "erase",
    "view",    "reveal",   "person"};

bool begins_as(std::string_view text, std::string_view wanted) {
  return wanted.empty() || text == wanted ||
         (text.starts_with(wanted) && text[wanted.size()] == ' ');
}

}  // namespace

bool names_person(const govern::AuditEvent& event, std::int64_t person) {
  const std::vector<std::int64_t>& ids = event.persons.ids;
  if (std::find(ids.begin(), ids.end(), person) != ids.end()) return true;
  const bool about =
      std::find(kAboutPerson.begin(), kAboutPerson.end(), event.action) != kAboutPerson.end();
  return about && event.object == std::to_string(person);
}

bool is_look(const govern::AuditEvent& event) {
  return event.action == "patient" || event.action == "identity";
}

bool answers(const Question& question, const Entry& entry, std::string_view line) {
  const govern::AuditEvent& event = entry.event;
  if (entry.time_us < question.from_us || entry.time_us >= question.to_us) return false;
  if (question.person != 0 && !names_person(event, question.person)) return false;
  const bool by = question.actor.empty() || event.actor == question.actor ||
                  event.on_behalf_of == question.actor;
  return by && begins_as(event.action, question.action) &&
         begins_as(event.ground, question.ground) &&
         (question.zone.empty() || event.zone == question.zone) &&
         (question.request.empty() || event.request_id == question.request) &&
         (question.outcome.empty() || govern::outcome_name(event.outcome) == question.outcome) &&
         (question.text.empty() || line.find(question.text) != std::string_view::npos);
}

Result<std::int64_t> each_entry(Env& env, const Path& directory, const EntryVisit& visit) {
  // A log that this account may not read is no empty log.
  const Result<std::string> checkpoint =
      env.read_all(join(directory, kCheckpointName), kNoteBytesMax);
  if (!checkpoint.ok()) return checkpoint.error().within("the audit log cannot be read here");
  std::int64_t unread = 0;
  TRY(each_line(env, directory, [&](std::string_view line) -> Status {
    if (line.empty()) return {};
    const Result<Entry> entry = parse_line(line);
    if (!entry.ok()) {
      ++unread;
      return {};
    }
    return visit(*entry, line);
  }));
  return unread;
}

Result<std::int64_t> search(Env& env, const Path& directory, const Question& question,
                            const EntryVisit& visit) {
  return each_entry(env, directory, [&](const Entry& entry, std::string_view line) -> Status {
    return answers(question, entry, line) ? visit(entry, line) : Status();
  });
}

}  // namespace eds::audit
