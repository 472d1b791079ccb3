#include "govern/audit/line.h"

#include <array>
#include <charconv>
#include <ctime>

#include "format/json/json_reader.h"
#include "govern/limits.h"
#include "govern/utf8.h"

namespace eds::audit {
namespace {

constexpr std::string_view kMacField = R"(,"mac":")";
constexpr std::string_view kSequenceField = R"({"seq":)";
constexpr std::string_view kTornField = R"(,"torn":)";
constexpr std::string_view kTornHashField = R"(,"torn_sha256":")";
constexpr std::size_t kMacPart = kMacField.size() + 2 * sizeof(Mac) + 2;

void append_json(std::string& into, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  into += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      into += '\\';
      into += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      into += "\\u00";
      into += kDigits[byte >> 4];
      into += kDigits[byte & 15];
    } else {
      into += c;
    }
  }
  into += '"';
}

void append_field(std::string& into, std::string_view name, std::string_view text) {
  into += ",\"";
  into += name;
  into += "\":";
  append_json(into, text);
}

void append_if_said(std::string& into, std::string_view name, std::string_view text) {
  if (!text.empty()) append_field(into, name, text);
}

void append_persons(std::string& into, const govern::AuditPersons& persons) {
  if (persons.count == 0) return;
  into += R"(,"persons":)" + std::to_string(persons.count);
  if (!persons.hash.empty()) append_field(into, "person_hash", persons.hash);
  if (persons.ids.empty()) return;
  into += R"(,"person_ids":[)";
  for (std::size_t at = 0; at < persons.ids.size(); ++at) {
    if (at > 0) into += ',';
    into += '"' + std::to_string(persons.ids[at]) + '"';
  }
  into += ']';
}

govern::Outcome outcome_of(std::string_view name) {
  for (const govern::Outcome outcome :
       {govern::Outcome::Done, govern::Outcome::Refused, govern::Outcome::Begun}) {
    if (govern::outcome_name(outcome) == name) return outcome;
  }
  return govern::Outcome::Failed;
}

Result<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  const bool fits = at + count <= text.size();
  const std::from_chars_result read =
      fits ? std::from_chars(text.data() + at, text.data() + at + count, value)
           : std::from_chars_result{nullptr, std::errc::invalid_argument};
  if (read.ec != std::errc() || read.ptr != text.data() + at + count || value < 0) {
    return Error{Code::Usage, "a day is YYYY-MM-DD, a time YYYY-MM-DDThh:mm:ss"};
  }
  return value;
}

}  // namespace

std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const char* const first = text.data() + prefix.size();
  std::uint64_t number = 0;
  const std::from_chars_result read = std::from_chars(first, text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr == first) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return number;
}

std::string utc_text(std::int64_t time_us) {
  std::int64_t seconds = time_us / 1'000'000;
  std::int64_t micros = time_us % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    seconds -= 1;
  }
  const auto when = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  const std::string fraction = std::to_string(1'000'000 + micros);
  return std::string(text.data(), length) + fraction.substr(1) + "Z";
}

Result<std::int64_t> parse_utc(std::string_view text) {
  std::tm parts{};
  parts.tm_year = TRY(digits(text, 0, 4)) - 1900;
  parts.tm_mon = TRY(digits(text, 5, 2)) - 1;
  parts.tm_mday = TRY(digits(text, 8, 2));
  std::int64_t micros = 0;
  if (text.size() > 10) {
    parts.tm_hour = TRY(digits(text, 11, 2));
    parts.tm_min = TRY(digits(text, 14, 2));
    parts.tm_sec = TRY(digits(text, 17, 2));
    if (text.size() >= 26) micros = TRY(digits(text, 20, 6));
  }
  if (parts.tm_mon < 0 || parts.tm_mon > 11 || parts.tm_mday < 1 || parts.tm_mday > 31) {
    return Error{Code::Usage, "a day is YYYY-MM-DD, a time YYYY-MM-DDThh:mm:ss"};
  }
  return static_cast<std::int64_t>(timegm(&parts)) * 1'000'000 + micros;
}

Status check_event(const govern::AuditEvent& event) {
  if (event.actor.empty() || event.action.empty()) {
    return Error{Code::Usage, "audit event lacks its actor or its action"};
  }
  for (const std::string* field :
       {&event.actor, &event.action, &event.object, &event.release, &event.reason,
        &event.on_behalf_of, &event.origin, &event.ground, &event.zone, &event.classes,
        &event.persons.hash, &event.request_id}) {
    if (field->size() > govern::kAuditFieldBytesMax) {
      return Error{Code::Limit, "audit field exceeds kAuditFieldBytesMax"};
    }
    if (!govern::is_utf8(*field)) return Error{Code::Malformed, "audit field is not UTF-8"};
  }
  if (event.persons.ids.size() > govern::kAuditPersonsMax) {
    return Error{Code::Limit, "audit event names more than kAuditPersonsMax persons"};
  }
  return {};
}

std::string write_line(const govern::AuditEvent& event, const LinePlace& place,
                       const Hash& previous, const govern::Key& key) {
  std::string line;
  line.reserve(512);
  line += kSequenceField;
  line += std::to_string(place.sequence);
  if (place.torn.byte_count > 0) {
    line += kTornField;
    line += std::to_string(place.torn.byte_count);
    line += kTornHashField;
    line += hex_of(place.torn.hash);
    line += '"';
  }
  append_field(line, "time", utc_text(place.time_us));
  append_field(line, "actor", event.actor);
  append_field(line, "action", event.action);
  append_field(line, "object", event.object);
  append_field(line, "release", event.release);
  append_field(line, "reason", event.reason);
  append_field(line, "outcome", govern::outcome_name(event.outcome));
  line += R"(,"rows":)" + std::to_string(event.row_count);
  append_if_said(line, "for", event.on_behalf_of);
  append_if_said(line, "from", event.origin);
  append_if_said(line, "ground", event.ground);
  append_if_said(line, "zone", event.zone);
  append_if_said(line, "classes", event.classes);
  append_persons(line, event.persons);
  append_if_said(line, "request", event.request_id);
  const Mac mac = keyed_mac(key, bytes_of(previous), line);
  line += kMacField;
  line += hex_of(mac);
  line += "\"}";
  return line;
}

std::optional<LineHead> check_line(std::string_view line, const Hash& previous,
                                   const govern::Key& key) {
  if (line.size() <= kMacPart) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - kMacPart);
  const std::string expected =
      std::string(kMacField) + hex_of(keyed_mac(key, bytes_of(previous), body)) + "\"}";
  const std::string_view tail = line.substr(body.size());
  const auto bytes = [](std::string_view text) {
    return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  };
  if (!same(bytes(tail), bytes(expected))) return std::nullopt;
  // From here on the bytes are our own.
  std::string_view rest = body;
  const std::optional<std::uint64_t> sequence = take_number(rest, kSequenceField);
  if (!sequence.has_value()) return std::nullopt;
  LineHead head;
  head.sequence = *sequence;
  head.torn_bytes = take_number(rest, kTornField).value_or(0);
  if (head.torn_bytes > 0) head.torn_hash = rest.substr(kTornHashField.size(), 2 * sizeof(Hash));
  return head;
}

Result<Entry> parse_line(std::string_view line) {
  const json::Document document = TRY(json::Document::parse(line));
  const json::Value root = document.root();
  Entry entry;
  entry.sequence = static_cast<std::uint64_t>(TRY(TRY(root.at("seq")).integer()));
  entry.time = TRY(TRY(root.at("time")).string());
  entry.time_us = TRY(parse_utc(entry.time));
  govern::AuditEvent& event = entry.event;
  event.actor = root.string_or("actor", "");
  event.action = root.string_or("action", "");
  event.object = root.string_or("object", "");
  event.release = root.string_or("release", "");
  event.reason = root.string_or("reason", "");
  event.outcome = outcome_of(root.string_or("outcome", ""));
  event.row_count = root.integer_or("rows", 0);
  event.on_behalf_of = root.string_or("for", "");
  event.origin = root.string_or("from", "");
  event.ground = root.string_or("ground", "");
  event.zone = root.string_or("zone", "");
  event.classes = root.string_or("classes", "");
  event.request_id = root.string_or("request", "");
  event.persons.count = static_cast<std::uint64_t>(root.integer_or("persons", 0));
  event.persons.hash = root.string_or("person_hash", "");
  if (const std::optional<json::Value> ids = root.find("person_ids"); ids.has_value()) {
    for (const json::Value each : ids->elements()) {
      const std::string_view text = TRY(each.string());
      std::int64_t id = 0;
      std::from_chars(text.data(), text.data() + text.size(), id);
      event.persons.ids.push_back(id);
    }
  }
  return entry;
}

}  // namespace eds::audit
