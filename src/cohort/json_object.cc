#include "cohort/json_object.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/calendar.h"
#include "cohort/limits.h"
#include "format/json/json_writer.h"

namespace eds::cohort {
namespace {

void copy_value(json::Value value, json::Writer& out) {
  switch (value.type()) {
    case json::Type::Null: out.null(); return;
    case json::Type::Boolean: out.boolean(*value.boolean()); return;
    case json::Type::Integer: out.integer(*value.integer()); return;
    case json::Type::Unsigned:
    case json::Type::Number: out.number(*value.number()); return;
    case json::Type::String: out.string(*value.string()); return;
    case json::Type::Array:
      out.begin_array();
      for (json::Value element : value.elements()) copy_value(element, out);
      out.end_array();
      return;
    case json::Type::Object:
      out.begin_object();
      for (const auto& [name, member] : value.members()) {
        out.key(name);
        copy_value(member, out);
      }
      out.end_object();
  }
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<double> number_of(json::Value value) {
  if (value.type() == json::Type::String) return parse_number(*value.string());
  const Result<double> number = value.number();
  return number.ok() ? std::optional<double>(*number) : std::nullopt;
}

// "2015-1-31": the reference splits at the hyphens and reads three integers.
std::optional<Day> parse_day(std::string_view text) {
  int parts[3] = {0, 0, 0};
  const char* at = text.data();
  const char* end = at + text.size();
  for (int part = 0; part < 3; ++part) {
    if (at == end || *at < '0' || *at > '9') return std::nullopt;
    const auto parsed = std::from_chars(at, end, parts[part]);
    if (parsed.ec != std::errc()) return std::nullopt;
    at = parsed.ptr;
    if (part < 2 && (at == end || *at++ != '-')) return std::nullopt;
  }
  if (at != end || parts[0] < 1 || parts[0] > 9999) return std::nullopt;
  return checked_days({parts[0], parts[1], parts[2]});
}

}  // namespace

std::string Place::text() const {
  if (parent == nullptr) return "$";
  std::string path = parent->text();
  if (name.empty()) return path + "[" + std::to_string(index) + "]";
  return path + "." + std::string(name);
}

Error refusal(const Place& place, std::string_view what) {
  return Error{Code::Malformed, "cohort definition: " + std::string(what) + ", at " + place.text()};
}

std::string json_text(json::Value value) {
  json::Writer out;
  copy_value(value, out);
  return out.take();
}

Result<JsonObject> JsonObject::of(json::Value value, const Place& place, Reading reading) {
  if (value.type() != json::Type::Object) return refusal(place, "an object is expected");
  JsonObject object;
  object.object_ = value;
  object.place_ = &place;
  object.reading_ = reading;
  return object;
}

std::optional<json::Value> JsonObject::take(std::string_view name) {
  const std::optional<json::Value> found = object_.find(name);
  if (!found || found->is_null()) return std::nullopt;
  if (std::find(taken_.begin(), taken_.end(), name) == taken_.end()) taken_.push_back(name);
  return found;
}

Result<std::optional<std::int64_t>> JsonObject::integer(std::string_view name) {
  const std::optional<double> value = TRY(number(name));
  if (!value) return std::optional<std::int64_t>();
  // Jackson cuts the fraction off; so does everybody who relies on it.
  if (std::abs(*value) > 9e15) return refusal(place().member(name), "a number out of range");
  return std::optional<std::int64_t>(static_cast<std::int64_t>(*value));
}

Result<std::optional<double>> JsonObject::number(std::string_view name) {
  const std::optional<json::Value> value = take(name);
  if (!value) return std::optional<double>();
  const std::optional<double> number = number_of(*value);
  if (!number) return refusal(place().member(name), "a number is expected");
  return number;
}

Result<std::optional<bool>> JsonObject::boolean(std::string_view name) {
  const std::optional<json::Value> value = take(name);
  if (!value) return std::optional<bool>();
  if (value->type() == json::Type::String) {
    const std::string_view word = *value->string();
    if (word == "true" || word == "false") return std::optional<bool>(word == "true");
  }
  const Result<bool> boolean = value->boolean();
  if (!boolean.ok()) return refusal(place().member(name), "true or false is expected");
  return std::optional<bool>(*boolean);
}

Result<std::optional<std::string>> JsonObject::text(std::string_view name) {
  const std::optional<json::Value> value = take(name);
  if (!value) return std::optional<std::string>();
  const Result<std::string_view> text = value->string();
  if (!text.ok()) return refusal(place().member(name), "a text is expected");
  return std::optional<std::string>(std::string(*text));
}

Result<std::optional<DateText>> JsonObject::date(std::string_view name) {
  std::optional<std::string> written = TRY(text(name));
  if (!written) return std::optional<DateText>();
  const std::optional<Day> day = parse_day(*written);
  if (!day) return refusal(place().member(name), "a date YYYY-MM-DD is expected");
  return std::optional<DateText>(DateText{std::move(*written), *day});
}

Result<std::int64_t> JsonObject::required_integer(std::string_view name) {
  const std::optional<std::int64_t> value = TRY(integer(name));
  if (!value) return refusal(place().member(name), "a number is missing");
  return *value;
}

Result<std::string> JsonObject::required_text(std::string_view name) {
  std::optional<std::string> value = TRY(text(name));
  if (!value) return refusal(place().member(name), "a text is missing");
  return std::move(*value);
}

Result<Extras> JsonObject::finish() {
  if (reading_ == Reading::Strict) {
    std::size_t seen_count = 0;
    for (const auto& [name, value] : object_.members()) {
      const bool taken = std::find(taken_.begin(), taken_.end(), name) != taken_.end();
      seen_count += taken ? 1 : 0;
      if (!taken && !value.is_null()) return refusal(place().member(name), "an unknown member");
    }
    if (seen_count != taken_.size()) return refusal(place(), "a member is given twice");
  }
  return keep_rest();
}

Extras JsonObject::keep_rest() {
  Extras extras;
  for (const auto& [name, value] : object_.members()) {
    if (std::find(taken_.begin(), taken_.end(), name) != taken_.end()) continue;
    extras.push_back({std::string(name), json_text(value)});
  }
  return extras;
}

}  // namespace eds::cohort
