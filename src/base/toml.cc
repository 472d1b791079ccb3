#include "base/toml.h"

#include <toml++/toml.h>

#include <algorithm>

namespace eds {
namespace {

Error wrong(std::string what) {
  return Error{Code::Usage, std::move(what)};
}

bool is_bare(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '-';
}

// Bytes of a quoted string at the start of `text`, quotes included; 0 when it does not end.
std::size_t quoted_bytes(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == text[0]) return i + 1;
    if (text[0] == '"' && text[i] == '\\') ++i;
  }
  return 0;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r')) {
    text.remove_prefix(1);
  }
}

// Takes a bare or quoted word; `more` are the characters that a bare value may hold besides.
bool take_word(std::string_view& line, std::string_view more) {
  std::size_t size = 0;
  if (!line.empty() && (line[0] == '"' || line[0] == '\'')) {
    size = quoted_bytes(line);
  } else {
    while (size < line.size() &&
           (is_bare(line[size]) || more.find(line[size]) != std::string_view::npos)) {
      ++size;
    }
  }
  line.remove_prefix(size);
  skip_blanks(line);
  return size != 0;
}

// `[name]`, `key = value` or nothing, then perhaps a comment.
bool is_plain_line(std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') return false;
  }
  skip_blanks(line);
  if (!line.empty() && line[0] == '[') {
    std::size_t end = 1;
    while (end < line.size() && is_bare(line[end])) ++end;
    if (end == 1 || end == line.size() || line[end] != ']') return false;
    line.remove_prefix(end + 1);
    skip_blanks(line);
  } else if (!line.empty() && line[0] != '#') {
    if (!take_word(line, "") || line.empty() || line[0] != '=') return false;
    line.remove_prefix(1);
    skip_blanks(line);
    if (!take_word(line, "+.")) return false;
  }
  return line.empty() || line[0] == '#';
}

// Checked before toml++ sees it: version 3.3 stops the process on some of the rest of TOML when it
// is misspelt ("[,"), and is undefined for letters with accents outside quotes.
Status check_lines(std::string_view text) {
  std::size_t number = 1;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!is_plain_line(text.substr(0, end))) {
      return wrong("line " + std::to_string(number) + ": neither [table] nor key = value");
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++number;
  }
  return {};
}

Result<toml::table> parsed(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return wrong("line " + std::to_string(error.source().begin.line) + ": " +
                 std::string(error.description()));
  }
}

int line_of(const toml::key& key) {
  return static_cast<int>(key.source().begin.line);
}

Result<TomlEntry> entry_of(const toml::key& key, const toml::node& node) {
  TomlEntry entry;
  entry.key = key.str();
  entry.line = line_of(key);
  if (const auto* text = node.as_string()) {
    entry.value = text->get();
  } else if (const auto* integer = node.as_integer()) {
    entry.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    entry.value = number->get();
  } else if (const auto* flag = node.as_boolean()) {
    entry.value = flag->get();
  } else {
    return wrong("line " + std::to_string(entry.line) +
                 ": a value is a text in quotes, a number, true or false: " + entry.key);
  }
  return entry;
}

}  // namespace

Result<std::vector<TomlTable>> parse_toml(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  TRY(check_lines(text));
  const toml::table document = TRY(parsed(text));
  std::vector<TomlTable> tables;
  for (const auto& [name, node] : document) {
    TomlTable table;
    table.name = name.str();
    table.line = line_of(name);
    const toml::table* entries = node.as_table();
    if (entries == nullptr) {
      return wrong("line " + std::to_string(table.line) +
                   ": only tables stand at the top: " + table.name);
    }
    for (const auto& [key, value] : *entries) {
      table.entries.push_back(TRY(entry_of(key, value)));
    }
    // toml++ sorts by name; the file's order is the one to report in.
    std::sort(table.entries.begin(), table.entries.end(),
              [](const TomlEntry& a, const TomlEntry& b) { return a.line < b.line; });
    tables.push_back(std::move(table));
  }
  std::sort(tables.begin(), tables.end(),
            [](const TomlTable& a, const TomlTable& b) { return a.line < b.line; });
  return tables;
}

}  // namespace eds
