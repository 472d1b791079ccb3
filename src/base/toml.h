// The plain part of TOML: [table], and key = value with a text, a number, true or false. Settings
// and mappings need no more; arrays, dates and nested tables are refused with their line.
//
// Invariants: every key stands in a table; the order of the file is kept; what a line says wrong is
// Code::Usage, "line N: ...". toml++ is included by toml.cc alone: two builds of it, with and
// without exceptions, may not meet in one program. Threads: plain values.
// Source: TOML 1.0.0, toml.io.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace eds {

struct TomlEntry {
  std::string key;
  std::variant<std::string, std::int64_t, double, bool> value;
  int line = 0;
};

struct TomlTable {
  std::string name;
  int line = 0;
  std::vector<TomlEntry> entries;
};

Result<std::vector<TomlTable>> parse_toml(std::string_view text);

}  // namespace eds
