#include "format/json/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/result.h"

namespace eds::json {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// Bytes of the well-formed UTF-8 character at `at` (RFC 3629, section 4), or 0.
std::size_t character_size(std::string_view text, std::size_t at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + size > text.size()) return 0;
  const unsigned char second = byte_at(text, at + 1);
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

void append_escaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // first byte not yet copied
  std::size_t at = 0;
  while (at < text.size()) {
    const unsigned char c = byte_at(text, at);
    if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    const std::size_t size = character_size(text, at);
    if (size > 1) {
      at += size;
      continue;
    }
    out.append(text.substr(plain, at - plain));
    if (size == 0) {
      out += kReplacement;
    } else {
      append_escaped(out, c);
    }
    plain = ++at;
  }
  out.append(text.substr(plain));
  out += '"';
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> text;
  out.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

}  // namespace

void Writer::before_value() {
  if (levels_.empty()) return;
  Level& level = levels_.back();
  ENSURE(level != Level::ObjectFirst && level != Level::ObjectKey);  // a key is due
  if (level == Level::ArrayNext) text_ += ',';
  level = level == Level::ObjectValue ? Level::ObjectKey : Level::ArrayNext;
}

void Writer::after_value() {
  any_value_ = true;
}

Writer& Writer::begin_object() {
  before_value();
  text_ += '{';
  levels_.push_back(Level::ObjectFirst);
  return *this;
}

Writer& Writer::end_object() {
  ENSURE(!levels_.empty());
  ENSURE(levels_.back() == Level::ObjectFirst || levels_.back() == Level::ObjectKey);
  levels_.pop_back();
  text_ += '}';
  after_value();
  return *this;
}

Writer& Writer::begin_array() {
  before_value();
  text_ += '[';
  levels_.push_back(Level::ArrayFirst);
  return *this;
}

Writer& Writer::end_array() {
  ENSURE(!levels_.empty());
  ENSURE(levels_.back() == Level::ArrayFirst || levels_.back() == Level::ArrayNext);
  levels_.pop_back();
  text_ += ']';
  after_value();
  return *this;
}

Writer& Writer::key(std::string_view name) {
  ENSURE(!levels_.empty());
  Level& level = levels_.back();
  ENSURE(level == Level::ObjectFirst || level == Level::ObjectKey);
  if (level == Level::ObjectKey) text_ += ',';
  append_quoted(text_, name);
  text_ += ':';
  level = Level::ObjectValue;
  return *this;
}

Writer& Writer::string(std::string_view utf8) {
  before_value();
  append_quoted(text_, utf8);
  after_value();
  return *this;
}

Writer& Writer::integer(std::int64_t value) {
  before_value();
  append_number(text_, value);
  after_value();
  return *this;
}

Writer& Writer::unsigned_integer(std::uint64_t value) {
  before_value();
  append_number(text_, value);
  after_value();
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  before_value();
  if (std::fabs(value) < 1e15) {
    append_number(text_, value);
  } else {
    // Shortest may mean 263822175920192552960, which readers take for an integer that overflows.
    std::array<char, 32> text;
    const auto written =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    text_.append(text.data(), written.ptr);
  }
  after_value();
  return *this;
}

Writer& Writer::boolean(bool value) {
  before_value();
  text_ += value ? "true" : "false";
  after_value();
  return *this;
}

Writer& Writer::null() {
  before_value();
  text_ += "null";
  after_value();
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  before_value();
  text_ += json;
  after_value();
  return *this;
}

Writer& Writer::newline() {
  ENSURE(levels_.empty());
  text_ += '\n';
  return *this;
}

std::string Writer::take() {
  return std::exchange(text_, {});
}

std::string quoted(std::string_view utf8) {
  std::string text;
  append_quoted(text, utf8);
  return text;
}

}  // namespace eds::json
