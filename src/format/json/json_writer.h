// Writer: JSON text, written in one pass.
//
// Invariants: what comes out is valid JSON and valid UTF-8 whatever the strings hold (bad bytes
// become U+FFFD); a misuse of the writer (value without key, unbalanced end) is our own mistake and
// stops the process. Numbers: int64 exact, doubles as the shortest text that reads back the same,
// NaN and infinities as null.
// Threads: one thread at a time. Source: RFC 8259.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eds::json {

class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view name);

  Writer& string(std::string_view utf8);
  Writer& integer(std::int64_t value);
  Writer& unsigned_integer(std::uint64_t value);
  Writer& number(double value);
  Writer& boolean(bool value);
  Writer& null();
  /// One JSON value that is text already. The caller vouches for it.
  Writer& raw(std::string_view json);

  /// key() and the value.
  Writer& member(std::string_view name, std::string_view utf8) { return key(name).string(utf8); }
  Writer& member(std::string_view name, const char* utf8) { return key(name).string(utf8); }
  Writer& member(std::string_view name, double value) { return key(name).number(value); }
  template <std::same_as<bool> B>
  Writer& member(std::string_view name, B value) {
    return key(name).boolean(value);
  }
  template <std::signed_integral I>
  Writer& member(std::string_view name, I value) {
    return key(name).integer(value);
  }
  template <std::unsigned_integral U>
  requires(!std::same_as<U, bool>) Writer& member(std::string_view name, U value) {
    return key(name).unsigned_integer(value);
  }

  /// A line end between the values of an NDJSON stream; only outside objects and arrays.
  Writer& newline();

  /// What was written since the last take(); the writer's place in the structure is kept, so that a
  /// long answer can be sent in pieces.
  std::string take();
  std::string_view view() const { return text_; }
  /// True when every object and array is closed and a value was written.
  bool complete() const { return levels_.empty() && any_value_; }

 private:
  enum class Level : std::uint8_t { ObjectKey, ObjectValue, ArrayFirst, ArrayNext, ObjectFirst };
  void before_value();
  void after_value();

  std::string text_;
  std::vector<Level> levels_;
  bool any_value_ = false;
};

/// `utf8` as a JSON string, quotes included.
std::string quoted(std::string_view utf8);

}  // namespace eds::json
