// CsvMapping: what a TOML file says of a CSV of any layout: separators, encoding, columns by name
// or number, date formats. Labs, identities and reports share it.
//
//   [file] separator=";" encoding="auto" header=true quote="\""
//   [columns] ipp="IPP" code=4 ...
//   [time] format="%d/%m/%Y %H:%M"
// Invariants: a mapping that names an unknown column, or is no TOML, is Code::Usage with the place;
// what a reader does not know under its own tables is refused, so that a misspelling is seen.
// Threads: immutable once read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/csv_reader.h"
#include "format/text/dates.h"
#include "format/text/encoding.h"

namespace eds::ingest {

inline constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

struct CsvMapping {
  std::optional<char> separator;  ///< nothing: seen in the file
  std::optional<char> quote;
  std::optional<text::Encoding> encoding;  ///< nothing: seen in the file
  bool has_header = true;
  std::map<std::string, std::string> columns;  ///< role -> name, or "#4"
  std::string date_format = "iso";             ///< as DatePattern wants it
  /// Every other table of the file: "unit" -> { "g/l": "g/L" }.
  std::map<std::string, std::map<std::string, std::string>> tables;

  static Result<CsvMapping> parse(std::string_view toml);
  /// Code::Usage when the mapping has a role or a table beyond these.
  Status allow(const std::vector<std::string_view>& roles,
               const std::vector<std::string_view>& table_names) const;
  /// The value of a key of a table, or `otherwise`.
  std::string value(const std::string& table, const std::string& key,
                    const std::string& otherwise) const;

  /// The dialect of a file that begins with `sample`.
  csv::Dialect dialect(std::string_view sample) const;
  text::Encoding encoding_of(std::string_view sample) const;
  /// Index of the role's column, kAbsent when the mapping has none; Code::Usage when the file lacks
  /// the column that the mapping names.
  Result<std::size_t> find(const csv::Reader& reader, const std::string& role) const;
  /// The same for a role that cannot be missing.
  Result<std::size_t> require(const csv::Reader& reader, const std::string& role) const;
  Result<text::DatePattern> date_pattern() const;
};

/// A field of the row, or "" when the mapping has no such column.
inline std::string_view field_at(const csv::Row& row, std::size_t column) {
  return column < row.size() ? row[column] : std::string_view();
}

/// "%d/%m/%Y %H:%M" as DatePattern writes it; patterns without '%' pass.
std::string date_pattern_of(std::string_view format);

}  // namespace eds::ingest
