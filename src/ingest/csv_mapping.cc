#include "ingest/csv_mapping.h"

#include <toml++/toml.h>

#include <algorithm>

namespace eds::ingest {
namespace {

Error usage(const std::string& what) {
  return Error{Code::Usage, "mapping file: " + what};
}

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return "#" + std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_floating_point()) return std::to_string(number->get());
  return "";
}

Result<text::Encoding> encoding_named(std::string_view name) {
  for (const text::Encoding encoding :
       {text::Encoding::Utf8, text::Encoding::Windows1252, text::Encoding::Latin1,
        text::Encoding::Cp850, text::Encoding::Ascii}) {
    if (text::encoding_name(encoding) == name) return encoding;
  }
  if (name == "latin1" || name == "iso-8859-1" || name == "iso-8859-15") {
    return text::Encoding::Latin1;
  }
  return usage("unknown encoding: " + std::string(name));
}

Status read_file_table(CsvMapping& mapping, const std::map<std::string, std::string>& table) {
  for (const auto& [key, value] : table) {
    if (key == "separator") {
      if (value.size() != 1 && value != "auto") return usage("[file] separator is one character");
      if (value.size() == 1) mapping.separator = value[0];
    } else if (key == "quote") {
      mapping.quote = value.empty() ? '\0' : value[0];
    } else if (key == "encoding") {
      if (value != "auto") mapping.encoding = TRY(encoding_named(value));
    } else if (key == "header") {
      mapping.has_header = value == "true";
    } else if (key != "decimal") {  // both decimal marks are read everywhere
      return usage("[file] has no key " + key);
    }
  }
  return {};
}

}  // namespace

std::string date_pattern_of(std::string_view format) {
  if (format.find('%') == std::string_view::npos) return std::string(format);
  std::string pattern;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      pattern += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'd': pattern += "dd"; break;
      case 'm': pattern += "MM"; break;
      case 'Y': pattern += "yyyy"; break;
      case 'y': pattern += "yy@1930"; break;
      case 'H': pattern += "HH"; break;
      case 'M': pattern += "mm"; break;
      case 'S': pattern += "ss"; break;
      case 'F': pattern += "yyyy-MM-dd"; break;
      case 'T': pattern += "HH:mm:ss"; break;
      default: pattern += format[i]; break;
    }
  }
  return pattern;
}

namespace {

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

// A mapping is the plain part of TOML: toml++ 3.3 stops the process on some of the rest when it is
// misspelt ("[,"), and is undefined for letters with accents outside quotes.
Status check_lines(std::string_view text) {
  std::size_t number = 1;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (!is_plain_line(text.substr(0, end))) {
      return usage("line " + std::to_string(number) + ": neither [table] nor key = value");
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++number;
  }
  return {};
}

Result<toml::table> parse_toml(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return usage("line " + std::to_string(error.source().begin.line) + ": " +
                 std::string(error.description()));
  }
}

}  // namespace

Result<CsvMapping> CsvMapping::parse(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  TRY(check_lines(text));
  const toml::table document = TRY(parse_toml(text));
  CsvMapping mapping;
  for (const auto& [name, node] : document) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return usage("only tables stand at the top: " + std::string(name.str()));
    std::map<std::string, std::string> values;
    for (const auto& [key, value] : *table) values[std::string(key.str())] = text_of(value);
    if (name.str() == "file") {
      TRY(read_file_table(mapping, values));
    } else if (name.str() == "columns") {
      mapping.columns = std::move(values);
    } else if (name.str() == "time") {
      if (values.count("format") != 0) mapping.date_format = date_pattern_of(values["format"]);
    } else {
      mapping.tables[std::string(name.str())] = std::move(values);
    }
  }
  if (mapping.columns.empty()) return usage("[columns] is missing");
  TRY(mapping.date_pattern());
  return mapping;
}

Status CsvMapping::allow(const std::vector<std::string_view>& roles,
                         const std::vector<std::string_view>& table_names) const {
  for (const auto& [role, column] : columns) {
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
      return usage("[columns] has no role " + role);
    }
  }
  for (const auto& [name, table] : tables) {
    if (std::find(table_names.begin(), table_names.end(), name) == table_names.end()) {
      return usage("unknown table [" + name + "]");
    }
  }
  return {};
}

std::string CsvMapping::value(const std::string& table, const std::string& key,
                              const std::string& otherwise) const {
  const auto found = tables.find(table);
  if (found == tables.end()) return otherwise;
  const auto entry = found->second.find(key);
  return entry == found->second.end() ? otherwise : entry->second;
}

csv::Dialect CsvMapping::dialect(std::string_view sample) const {
  csv::Dialect dialect = csv::detect_dialect(sample);
  if (separator.has_value()) dialect.separator = *separator;
  if (quote.has_value()) dialect.quote = *quote;
  dialect.header = has_header ? csv::Header::Present : csv::Header::Absent;
  return dialect;
}

text::Encoding CsvMapping::encoding_of(std::string_view sample) const {
  return encoding.has_value() ? *encoding : text::detect_encoding(sample);
}

Result<std::size_t> CsvMapping::find(const csv::Reader& reader, const std::string& role) const {
  const auto entry = columns.find(role);
  if (entry == columns.end()) return kAbsent;
  const std::string& name = entry->second;
  if (name.size() > 1 && name[0] == '#') {
    const long number = std::strtol(name.c_str() + 1, nullptr, 10);
    if (number < 1) return usage("columns are numbered from 1: " + role);
    return static_cast<std::size_t>(number) - 1;
  }
  const std::optional<std::size_t> column = reader.column(name);
  if (column.has_value()) return *column;
  return usage("the file has no column named for the role " + role + ": " + name);
}

Result<std::size_t> CsvMapping::require(const csv::Reader& reader, const std::string& role) const {
  const std::size_t column = TRY(find(reader, role));
  if (column == kAbsent) return usage("[columns] must name the column of " + role);
  return column;
}

Result<text::DatePattern> CsvMapping::date_pattern() const {
  Result<text::DatePattern> pattern = text::DatePattern::compile(date_format);
  if (!pattern.ok()) return usage("[time] format: " + pattern.error().message);
  return pattern;
}

}  // namespace eds::ingest
