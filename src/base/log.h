// The log: what the program did, one JSON object a line, for whoever operates it.
//
//   log::info("lake", "release committed", {{"tables", 15}, {"milliseconds", 82.1}});
//   {"time":"2026-11-23T21:42:07.123456Z","level":"info","process":4711,"component":"lake",
//    "message":"release committed","tables":15,"milliseconds":82.1}
//
// Invariants: components, messages and field names are string literals (Word cannot be made at run
// time); values are numbers, flags, Words, error codes or Labels. There is no way in for a
// std::string or an Identifying<T>: log_test.cc proves at compile time that neither becomes a
// Field. Who read what is the audit's (govern/audit.h). Logging never fails its caller: lines that
// cannot be written are counted, and the count is written when the disk is back. Several processes
// may share one log; its files are bounded (log/eds.log, .1, .2 ...).
// Threads: any. Bytes on disk: docs/internals/formats/log.md.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/env.h"
#include "base/result.h"

namespace eds::log {

enum class Level : std::uint8_t { Debug, Info, Warning, Error, Off };

Result<Level> parse_level(std::string_view name);
std::string_view level_name(Level level);

/// A string literal of plain printable characters.
class Word {
 public:
  template <std::size_t N>
  consteval Word(const char (&literal)[N]) : text_(literal, N - 1) {
    for (const char letter : text_) {
      if (letter < ' ' || letter > '~' || letter == '"' || letter == '\\') throw "not a plain word";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// A short name that our own code or the operator gave (a release, a format, an address): letters,
/// digits and . _ : / { } -. Anything else becomes '?', what is longer than 64 bytes is cut. Never
/// made from what a source sent.
class Label {
 public:
  explicit Label(std::string_view name);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using Value = std::variant<std::int64_t, double, bool, Word, Code, Label>;

struct Field {
  template <class T>
  requires std::is_arithmetic_v<T> Field(Word given_name, T given)
      : name(given_name), value(typed(given)) {}
  Field(Word given_name, Word given) : name(given_name), value(given) {}
  Field(Word given_name, Code given) : name(given_name), value(given) {}
  Field(Word given_name, Label given) : name(given_name), value(std::move(given)) {}

  Word name;
  Value value;

 private:
  template <class T>
  static Value typed(T given) {
    if constexpr (std::is_same_v<T, bool>) return given;
    if constexpr (std::is_floating_point_v<T>) return static_cast<double>(given);
    return static_cast<std::int64_t>(given);
  }
};

using Fields = std::initializer_list<Field>;

struct Options {
  Path directory;  ///< empty: no file
  Level file_level = Level::Info;
  Level stderr_level = Level::Warning;
  std::uint64_t file_bytes_max = std::uint64_t{16} << 20;
  int files_max = 5;  ///< the current one included
};

class Log {
 public:
  /// Never fails: a log that cannot be opened counts its lines as lost.
  static std::unique_ptr<Log> open(Env& env, const Options& options);
  ~Log();
  void write(Level level, Word component, Word message, Fields fields);

 private:
  struct State;
  explicit Log(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Where the verbs below write; nullptr: nowhere. The Log must outlive every thread that logs.
void install(Log* log);

void write(Level level, Word component, Word message, Fields fields = {});
inline void debug(Word component, Word message, Fields fields = {}) {
  write(Level::Debug, component, message, fields);
}
inline void info(Word component, Word message, Fields fields = {}) {
  write(Level::Info, component, message, fields);
}
inline void warning(Word component, Word message, Fields fields = {}) {
  write(Level::Warning, component, message, fields);
}
inline void error(Word component, Word message, Fields fields = {}) {
  write(Level::Error, component, message, fields);
}

}  // namespace eds::log
