#include "govern/audit/watch.h"

#include <algorithm>
#include <unordered_set>

#include "govern/audit/search.h"

namespace eds::audit {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kDayUs = 24 * kHourUs;
constexpr std::int64_t kRefusalsUs = 600'000'000;

std::int64_t person_of(const govern::AuditEvent& event) {
  if (event.persons.ids.size() == 1) return event.persons.ids.front();
  const bool digits = !event.object.empty() && event.object.size() < 17 &&
                      event.object.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::stoll(event.object) : 0;
}

// The base letter of "é" and its like, as far as French names need: U+00C0 to U+017F.
char base_letter(unsigned char lead, unsigned char next) {
  static constexpr std::string_view kLatin1 =
      "aaaaaaaceeeeiiiidnooooo*ouuuuytsaaaaaaaceeeeiiiidnooooo*ouuuuyty";
  if (lead == 0xC3 && next >= 0x80) return kLatin1[next - 0x80];
  return lead == 0xC5 && (next == 0x92 || next == 0x93) ? 'o' : ' ';
}

// Lower-case words of letters without accents.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    char letter = ' ';
    if (byte >= 'a' && byte <= 'z') letter = text[at];
    if (byte >= 'A' && byte <= 'Z') letter = static_cast<char>(byte - 'A' + 'a');
    if (byte >= 0xC3 && at + 1 < text.size()) {
      letter = base_letter(byte, static_cast<unsigned char>(text[at + 1]));
      ++at;
    }
    if (letter == ' ' || letter == '*') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back().push_back(letter);
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

std::string act_of(const govern::AuditEvent& event) {
  return event.request_id + " " + event.action;
}

}  // namespace

bool names_meet(std::string_view account, std::string_view names) {
  const std::vector<std::string> theirs = words_of(names);
  for (const std::string& mine : words_of(account)) {
    if (mine.size() < 3) continue;
    if (std::find(theirs.begin(), theirs.end(), mine) != theirs.end()) return true;
  }
  return false;
}

std::int64_t Watch::day_of(std::int64_t time_us) const {
  return (time_us + limits_.utc_offset_us) / kDayUs;
}

bool Watch::is_night(std::int64_t time_us) const {
  const std::int64_t hour = (time_us + limits_.utc_offset_us) % kDayUs / kHourUs;
  return hour >= limits_.night_from_hour || hour < limits_.night_to_hour;
}

void Watch::tell(const char* rule, const char* what, const Entry& entry, std::int64_t person,
                 std::int64_t count) {
  if (entry.time_us < from_us_) return;
  const std::string key = std::string(rule) + " " + entry.event.actor + " " +
                          std::to_string(day_of(entry.time_us)) + " " + std::to_string(person);
  if (!told_.insert(key).second) return;
  findings_.push_back(
      {rule, what, entry.event.actor, entry.time_us, entry.sequence, person, count});
}

void Watch::look(const Entry& entry, Habits& habits, std::int64_t person) {
  habits.looks.emplace_back(entry.time_us, person);
  while (habits.looks.front().first <= entry.time_us - kDayUs) habits.looks.pop_front();
  std::unordered_set<std::int64_t> distinct;
  if (static_cast<std::int64_t>(habits.looks.size()) > limits_.looks_a_day_max) {
    for (const auto& [time, seen] : habits.looks) distinct.insert(seen);
  }
  const auto count = static_cast<std::int64_t>(distinct.size());
  if (count > limits_.looks_a_day_max) tell("S1", "many", entry, 0, count);
  if (!facts_.labels_of(person).empty()) tell("S2", "label", entry, person, 1);
  if (facts_.shares_name(entry.event.actor, person)) tell("S3", "name", entry, person, 1);
  if (is_night(entry.time_us)) {
    const auto known = static_cast<std::int64_t>(habits.days.size());
    if (!habits.has_night && known >= limits_.known_days_min) tell("S4", "night", entry, 0, known);
    habits.has_night = true;
  }
  habits.days.insert(day_of(entry.time_us));
}

void Watch::add(const Entry& entry) {
  const govern::AuditEvent& event = entry.event;
  Habits& habits = actors_[event.actor];
  const bool shown = event.outcome == govern::Outcome::Done;
  const std::int64_t person = is_look(event) ? person_of(event) : 0;
  // A look counts when it begins: what came of it does not make it unseen. One act is one look.
  const bool begins =
      event.outcome == govern::Outcome::Begun || (shown && !open_.count(act_of(event)));
  if (person != 0 && begins) look(entry, habits, person);
  if (event.action.find("break-glass") != std::string::npos && shown) {
    tell("S5", "glass", entry, 0, 1);
  }
  if (event.outcome == govern::Outcome::Refused) {
    habits.refusals.push_back(entry.time_us);
    while (habits.refusals.front() <= entry.time_us - kRefusalsUs) habits.refusals.pop_front();
    const auto count = static_cast<std::int64_t>(habits.refusals.size());
    if (count >= limits_.refusals_max) tell("S6", "refusals", entry, 0, count);
  }
  if (event.persons.count > limits_.bulk_persons_max && event.ground == "care") {
    tell("S7", "bulk", entry, 0, static_cast<std::int64_t>(event.persons.count));
  }
  if (event.request_id.empty()) return;
  if (event.outcome == govern::Outcome::Begun) {
    open_.emplace(act_of(event), entry);
  } else {
    open_.erase(act_of(event));
  }
}

std::vector<Finding> Watch::finish(std::int64_t now_us) {
  for (const auto& [act, entry] : open_) {
    const bool runs_long = entry.event.action == "serve";  // A server's act lasts as long as it.
    if (!runs_long && entry.time_us < now_us - kHourUs) tell("S8", "open", entry, 0, 1);
  }
  std::sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return a.sequence != b.sequence ? a.sequence < b.sequence : a.rule < b.rule;
  });
  return std::move(findings_);
}

}  // namespace eds::audit
