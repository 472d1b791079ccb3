// The reference's control files as sites keep them, read by column name.
#include <fmt/format.h>

#include <charconv>

#include "base/env.h"
#include "format/csv/csv_reader.h"
#include "uses/quality/omop_checks.h"

namespace eds::quality {
namespace {

// A control file is 162 kB in the release; 64 MB is no control file.
constexpr std::uint64_t kFileBytesMax = 64U << 20;

class ControlFile {
 public:
  static Result<ControlFile> read(const std::string& folder, std::string_view level) {
    ControlFile file;
    const Path path = join(folder, fmt::format("OMOP_CDMv5.4_{}_Level.csv", level));
    std::unique_ptr<ReadableFile> source = TRY(Env::posix().open(path));
    if (source->size() > kFileBytesMax) {
      return Error{Code::Limit, "control file larger than 64 MB: " + path};
    }
    file.bytes_.resize(source->size());
    std::size_t at = 0;
    while (at < file.bytes_.size()) {
      const std::size_t got = TRY(source->read_at(at, std::span(file.bytes_).subspan(at)));
      if (got == 0) break;
      at += got;
    }
    csv::Dialect dialect;
    csv::Reader reader =
        TRY(csv::Reader::over(std::string_view(file.bytes_).substr(0, at), dialect));
    file.names_ = reader.header();
    for (;;) {
      const csv::Step step = TRY(reader.next());
      if (step == csv::Step::End) break;
      if (step == csv::Step::Bad) {
        return Error{Code::Malformed, fmt::format("control file with a bad row: {} line {}", path,
                                                  reader.bad().line)};
      }
      file.rows_.emplace_back(reader.row().fields().begin(), reader.row().fields().end());
    }
    return file;
  }

  std::size_t row_count() const { return rows_.size(); }
  /// Empty when there is no such column: older files lack the newer checks.
  std::string_view at(std::size_t row, std::string_view name) const {
    for (std::size_t column = 0; column < names_.size(); ++column) {
      if (names_[column] == name) return rows_[row][column];
    }
    return "";
  }
  std::optional<double> threshold(std::size_t row, std::string_view check) const {
    const std::string_view text = at(row, std::string(check) + "Threshold");
    double value = 0;
    const auto done = std::from_chars(text.data(), text.data() + text.size(), value);
    if (done.ec != std::errc()) return std::nullopt;
    return value;
  }

 private:
  std::string bytes_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> rows_;
};

// The reference leaves the vocabulary out unless asked.
bool is_left_out(std::string_view table) {
  for (std::string_view name : {"CONCEPT", "VOCABULARY", "CONCEPT_ANCESTOR", "CONCEPT_RELATIONSHIP",
                                "CONCEPT_CLASS", "CONCEPT_SYNONYM", "RELATIONSHIP", "DOMAIN"}) {
    if (table == name) return true;
  }
  return false;
}

std::string plain_bound(std::string_view text) {
  if (text == "DATEADD(dd,1,GETDATE())") return "today+1";
  if (text == "YEAR(GETDATE())+1") return "year+1";
  if (text.size() > 2 && text.front() == '\'') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

std::string joined(const ControlFile& file, std::size_t row,
                   std::initializer_list<std::string_view> names) {
  std::string text;
  for (std::string_view name : names) {
    if (!text.empty()) text.push_back('.');
    text += file.at(row, name);
  }
  return text;
}

// Whether a check of a field runs there, and its bound.
std::optional<std::string> field_bound(const ControlFile& file, std::size_t row, CheckKind kind) {
  const KindFacts& what = facts(kind);
  const std::string_view value = file.at(row, what.name);
  const bool is_key = file.at(row, "isForeignKey") == "Yes";
  switch (kind) {
    case CheckKind::CdmField: return "";
    case CheckKind::Datatype:
      return value == "integer" ? std::optional<std::string>("") : std::nullopt;
    case CheckKind::Domain:
    case CheckKind::Class:
      if (!is_key || value.empty()) return std::nullopt;
      return std::string(value);
    case CheckKind::Low:
    case CheckKind::High:
      if (value.empty()) return std::nullopt;
      return plain_bound(value);
    default: break;
  }
  if (value != "Yes") return std::nullopt;
  if (kind == CheckKind::ForeignKey) return joined(file, row, {"fkTableName", "fkFieldName"});
  if (kind == CheckKind::SourceValuesMapped) return joined(file, row, {"standardConceptFieldName"});
  if (kind == CheckKind::TemporalAfter) {
    return joined(file, row,
                  {"plausibleTemporalAfterTableName", "plausibleTemporalAfterFieldName"});
  }
  if (kind == CheckKind::StartBeforeEnd) {
    return joined(file, row, {"plausibleStartBeforeEndFieldName"});
  }
  return "";
}

std::optional<std::string> concept_bound(const ControlFile& file, std::size_t row, CheckKind kind) {
  const std::string value(file.at(row, facts(kind).name));
  if (kind == CheckKind::Units) {
    if (!file.threshold(row, facts(kind).name)) return std::nullopt;
    std::string ids;
    for (char letter : value) {
      if (letter != ' ') ids.push_back(letter);
    }
    return ids;
  }
  return value.empty() ? std::nullopt : std::optional<std::string>(value);
}

std::optional<std::string> bound_of(const ControlFile& file, std::size_t row, CheckKind kind) {
  const std::string_view level = facts(kind).level;
  if (level == "FIELD") return field_bound(file, row, kind);
  if (level == "CONCEPT") return concept_bound(file, row, kind);
  if (kind == CheckKind::CdmTable || file.at(row, facts(kind).name) == "Yes") return "";
  return std::nullopt;
}

}  // namespace

Result<std::vector<OmopCheck>> read_omop_checks(const std::string& folder) {
  const ControlFile tables = TRY(ControlFile::read(folder, "Table"));
  const ControlFile fields = TRY(ControlFile::read(folder, "Field"));
  const ControlFile concepts = TRY(ControlFile::read(folder, "Concept"));
  std::vector<OmopCheck> checks;
  for (std::size_t index = 0; index < kCheckKindCount; ++index) {
    const auto kind = static_cast<CheckKind>(index);
    const std::string_view level = facts(kind).level;
    const ControlFile& file = level == "TABLE" ? tables : level == "FIELD" ? fields : concepts;
    for (std::size_t row = 0; row < file.row_count(); ++row) {
      if (is_left_out(file.at(row, "cdmTableName"))) continue;
      std::optional<std::string> bound = bound_of(file, row, kind);
      if (!bound) continue;
      const bool has_threshold = kind != CheckKind::CdmTable && kind != CheckKind::CdmField;
      checks.push_back({kind, std::string(file.at(row, "cdmTableName")),
                        std::string(file.at(row, "cdmFieldName")),
                        std::string(file.at(row, "conceptId")), std::move(*bound),
                        has_threshold ? file.threshold(row, facts(kind).name) : std::nullopt});
    }
  }
  return checks;
}

}  // namespace eds::quality
