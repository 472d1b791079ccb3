#include "ingest/csv_mapping.h"

#include <algorithm>

#include "base/toml.h"

namespace eds::ingest {
namespace {

Error usage(const std::string& what) {
  return Error{Code::Usage, "mapping file: " + what};
}

std::string text_of(const TomlEntry& entry) {
  if (const auto* text = std::get_if<std::string>(&entry.value)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&entry.value)) {
    return "#" + std::to_string(*number);
  }
  if (const auto* flag = std::get_if<bool>(&entry.value)) return *flag ? "true" : "false";
  return std::to_string(std::get<double>(entry.value));
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

Result<CsvMapping> CsvMapping::parse(std::string_view text) {
  Result<std::vector<TomlTable>> tables = parse_toml(text);
  if (!tables.ok()) return usage(tables.error().message);
  CsvMapping mapping;
  for (const TomlTable& table : *tables) {
    std::map<std::string, std::string> values;
    for (const TomlEntry& entry : table.entries) values[entry.key] = text_of(entry);
    if (table.name == "file") {
      TRY(read_file_table(mapping, values));
    } else if (table.name == "columns") {
      mapping.columns = std::move(values);
    } else if (table.name == "time") {
      if (values.count("format") != 0) mapping.date_format = date_pattern_of(values["format"]);
    } else {
      mapping.tables[table.name] = std::move(values);
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
