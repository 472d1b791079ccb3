#include "ingest/omop/omop_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <deque>

#include "base/ascii.h"
#include "format/csv/csv_reader.h"
#include "format/text/dates.h"
#include "format/text/encoding.h"
#include "format/text/numbers.h"
#include "ingest/load.h"
#include "ingest/sample.h"

namespace eds::ingest::omop {
namespace {

// How often progress is told: every 16 k rows is some ten milliseconds.
constexpr std::int64_t kRowsPerCheckpoint = 16'384;

std::string table_of(std::string_view file_name) {
  std::string name = lower_ascii(base_name(file_name));
  for (const std::string_view end : {".gz", ".csv", ".tsv", ".txt"}) {
    if (name.size() > end.size() && name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

// What archivers leave beside the files.
bool is_litter(std::string_view member) {
  return member.starts_with("__MACOSX/") || base_name(member).starts_with(".");
}

bool is_csv_name(std::string_view name) {
  const std::string folded = lower_ascii(name);
  return folded.ends_with(".csv") || folded.ends_with(".tsv") || folded.ends_with(".txt") ||
         folded.ends_with(".csv.gz") || folded.ends_with(".tsv.gz") || folded.ends_with(".txt.gz");
}

bool is_null(std::string_view field, model::Type type) {
  if (field.empty()) return true;
  if (type == model::Type::Text) return false;
  return field == "NA" || field == "NULL" || field == "\\N" || field == "null";
}

class OmopCsv final : public FormatReader {
 public:
  FormatInfo info() const override {
    return {"omop-csv", "OMOP CDM and Athena tables as CSV, in a directory, a zip or files", false,
            true};
  }
  Result<std::vector<Piece>> pieces(Env& env, const Path& path) override;
  Status read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) override;

 private:
  struct Target {
    Load* load = nullptr;
    FeedFile* file = nullptr;
    const model::Table* table = nullptr;
    model::RowWriter* row = nullptr;
    HeaderMap map;
    text::LineDecoder decoder{text::Encoding::Windows1252};
    std::int64_t id_max = 0;
    bool may_name_persons = false;  ///< some column may, and nobody said that it does not
  };
  struct Cell {
    std::size_t column = model::kNoColumn;
    bool is_null = true;
    std::int64_t bits = 0;
    double number = 0;
    std::string_view text;
  };
  Status read_rows(Target& target, csv::Reader& reader);
  Status put_row(Target& target, const csv::Row& row);
  const char* parse_cell(std::string_view field, model::Type type, Cell& cell);
  static Status reject_bad(Target& target, const csv::BadRow& bad);

  std::string_view pseudonym_of(Load& load, std::string_view column, std::string_view value);

  std::vector<Cell> cells_;
  std::deque<std::string> pseudonyms_;  ///< of the row at hand: cells point into it
};

Result<std::vector<Piece>> OmopCsv::pieces(Env& env, const Path& path) {
  std::vector<Piece> pieces;
  if (TRY(env.info(path)).is_directory) {
    for (const std::string& name : TRY(env.list(path))) {
      if (is_litter(name) || !is_csv_name(name)) continue;
      pieces.push_back(Piece{join(path, name), "", table_of(name)});
    }
  } else if (lower_ascii(path).ends_with(".zip")) {
    for (const csv::ZipMember& member : TRY(csv::list_zip(env, path))) {
      if (is_litter(member.name) || !is_csv_name(member.name)) continue;
      pieces.push_back(Piece{path, member.name, table_of(member.name)});
    }
  } else {
    pieces.push_back(Piece{path, "", table_of(path)});
  }
  if (pieces.empty()) return Error{Code::Usage, "no CSV file in: " + path};
  return pieces;
}

csv::Dialect dialect_of(std::string_view sample) {
  csv::Dialect dialect = csv::detect_dialect(sample);
  // Athena writes tabs and quotes nothing, and its names hold single quotes.
  if (dialect.separator == '\t') dialect.quote = '\0';
  dialect.header = csv::Header::Absent;
  return dialect;
}

// The first row decides how the others are read, and stands before each retried one. Without it
// nobody knows which column is which, so a file that opens with a bad row is refused as a whole.
Result<std::vector<std::string>> first_row(std::string_view sample, const csv::Dialect& dialect,
                                           std::string* raw) {
  csv::Dialect any = dialect;
  any.ragged = csv::Ragged::Any;
  csv::Reader reader = TRY(csv::Reader::over(sample, any));
  std::vector<std::string> cells;
  const csv::Step step = TRY(reader.next());
  if (step == csv::Step::End) return cells;
  const bool is_cut = step == csv::Step::Row && reader.row().raw().size() == kSampleBytes;
  if (is_cut || step == csv::Step::Bad) {
    const csv::BadReason reason = is_cut ? csv::BadReason::RowTooLong : reader.bad().reason;
    return Error{Code::Malformed,
                 fmt::format("the first line is not a row of this CSV ({}): mend the file and "
                             "feed it again",
                             csv::bad_reason_name(reason))};
  }
  for (const std::string_view field : reader.row().fields()) cells.emplace_back(field);
  *raw = reader.row().raw();
  return cells;
}

Status OmopCsv::read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) {
  Target target;
  target.load = &load;
  target.file = &file;
  target.table = model::find_table(file.context.member);
  if (target.table == nullptr || target.table->group == model::Group::Provenance ||
      target.table->group == model::Group::Extension ||
      target.table->group == model::Group::Staging) {
    load.warn(file, "", "no OMOP table of this name: the file was left out");
    file.feed_key.clear();  // an eds that knows the table may read it
    return {};
  }
  target.may_name_persons = load.request().source_values == SourceValues::Drop &&
                            (target.table->name == "person" || target.table->name == "location");
  Sampled sampled = TRY(take_sample(std::move(source)));
  const text::Encoding encoding = text::detect_encoding(sampled.sample);
  file.report.encoding = text::encoding_name(encoding);
  target.decoder = text::LineDecoder(encoding);
  csv::Dialect dialect = dialect_of(sampled.sample);
  std::string raw;
  const std::vector<std::string> cells = TRY(first_row(sampled.sample, dialect, &raw));
  if (cells.empty()) return {};
  target.map = map_header(*target.table, std::vector<std::string_view>(cells.begin(), cells.end()));
  for (const std::string& name : target.map.extra) {
    load.warn(file, name.substr(0, 60), "this column is not of the table: left out");
  }
  if (target.map.is_header) {
    dialect.header = csv::Header::Present;
    file.context.header = raw;
  }
  target.row = TRY(load.rows(target.table->name));
  csv::Reader reader = TRY(csv::Reader::open(std::move(sampled.source), dialect));
  const std::uint64_t before = target.row->row_count();
  const Status done = read_rows(target, reader);
  file.report.rows_by_table[std::string(target.table->name)] +=
      static_cast<std::int64_t>(target.row->row_count() - before);
  if (target.id_max > 0) TRY(load.keep_ids_above(*target.table, target.id_max));
  return done;
}

Status OmopCsv::read_rows(Target& target, csv::Reader& reader) {
  FileReport& report = target.file->report;
  std::uint64_t told = 0;
  for (;;) {
    const csv::Step step = TRY(reader.next());
    if (step == csv::Step::End) break;
    ++report.record_count;
    if (step == csv::Step::Bad) {
      TRY(reject_bad(target, reader.bad()));
    } else {
      TRY(put_row(target, reader.row()));
    }
    if (report.record_count % kRowsPerCheckpoint == 0) {
      TRY(target.load->checkpoint(reader.row().offset(), kRowsPerCheckpoint));
      told += kRowsPerCheckpoint;
    }
  }
  return target.load->checkpoint(report.bytes,
                                 static_cast<std::uint64_t>(report.record_count) - told);
}

Status OmopCsv::reject_bad(Target& target, const csv::BadRow& bad) {
  Reject reject;
  reject.line = bad.line;
  reject.byte_offset = bad.offset;
  reject.code = csv::bad_reason_name(bad.reason);
  reject.reason = "the line is not a row of this CSV";
  reject.raw = bad.raw;
  return target.load->reject(*target.file, reject);
}

// Fixed words for what is wrong, or nullptr.
const char* OmopCsv::parse_cell(std::string_view field, model::Type type, Cell& cell) {
  cell.is_null = is_null(field, type);
  if (cell.is_null) return nullptr;
  switch (type) {
    case model::Type::Text: cell.text = field; return nullptr;
    case model::Type::Int: {
      const std::optional<std::int64_t> number = text::parse_integer(field);
      if (number.has_value()) {
        cell.bits = *number;
        return nullptr;
      }
      const std::optional<double> decimal = text::parse_decimal(field);
      // R and pandas write whole columns as 12.0 when one value is missing.
      if (!decimal.has_value() || std::abs(*decimal) > 9e15 || *decimal != std::floor(*decimal)) {
        return "not an integer";
      }
      cell.bits = static_cast<std::int64_t>(*decimal);
      return nullptr;
    }
    case model::Type::Float: {
      const std::optional<double> number = text::parse_decimal(field);
      if (!number.has_value()) return "not a number";
      cell.number = *number;
      return nullptr;
    }
    case model::Type::Date:
    case model::Type::Timestamp: {
      if (type == model::Type::Date) {
        const std::optional<std::int32_t> days = text::parse_iso_date(field);
        if (days.has_value()) {
          cell.bits = *days;
          return nullptr;
        }
      }
      const std::optional<std::int64_t> time = parse_omop_time(field);
      if (!time.has_value()) return "not a date";
      cell.bits = *time;
      if (type == model::Type::Timestamp) return nullptr;
      cell.bits = day_of(*time);
      return nullptr;
    }
  }
  return nullptr;
}

/// Columns of the CDM in which a source may have left a patient's number: a pseudonym does as well.
bool numbers_a_person(const model::Table& table, const model::Column& column) {
  return (table.name == "person" && column.name == "person_source_value") ||
         (table.name == "location" && column.name == "location_source_value");
}

/// Columns in which it may have left the home: nothing can stand for these.
bool places_a_person(const model::Table& table, const model::Column& column) {
  static constexpr std::array<std::string_view, 4> kHome = {"address_1", "address_2", "latitude",
                                                            "longitude"};
  return table.name == "location" &&
         std::find(kHome.begin(), kHome.end(), column.name) != kHome.end();
}

/// 16 hexadecimal digits under the identity zone's key: the same value, the same digits, in this
/// warehouse only. Valid until the next call.
std::string_view OmopCsv::pseudonym_of(Load& load, std::string_view column,
                                       std::string_view value) {
  const std::int64_t key = load.identities().record_key(fmt::format("omop|{}|{}", column, value));
  pseudonyms_.push_back(fmt::format("{:016x}", static_cast<std::uint64_t>(key)));
  return pseudonyms_.back();
}

Status OmopCsv::put_row(Target& target, const csv::Row& row) {
  const model::Table& table = *target.table;
  cells_.clear();
  pseudonyms_.clear();
  const bool is_utf8 = text::is_utf8(row.raw());
  for (std::size_t field = 0; field < target.map.columns.size(); ++field) {
    const std::size_t column = target.map.columns[field];
    if (column == model::kNoColumn || field >= row.size()) continue;
    Cell cell;
    cell.column = column;
    const model::Column& described = table.columns[column];
    const char* wrong = parse_cell(row[field], described.type, cell);
    const bool is_key = column == table.id_column || column == table.person_column;
    if (wrong == nullptr && cell.is_null && is_key) wrong = "empty";
    if (wrong != nullptr) {
      Reject reject;
      reject.line = row.line();
      reject.byte_offset = row.offset();
      reject.field = described.name;
      reject.code = "unreadable";
      reject.reason = wrong;
      reject.raw = row.raw();
      return target.load->reject(*target.file, reject);
    }
    if (cell.is_null) {
      if (described.need == model::Need::Required) {
        target.load->warn(*target.file, described.name, "required, and empty");
      }
      continue;
    }
    if (target.may_name_persons) {
      if (places_a_person(table, described)) {
        target.load->warn(*target.file, described.name,
                          "may tell where a person lives: kept sealed in the landing zone, not in "
                          "the lake (--keep-source-values, when it does not)");
        continue;
      }
      if (numbers_a_person(table, described)) {
        target.load->warn(*target.file, described.name,
                          "may name a person: a pseudonym stands for it in the lake "
                          "(--keep-source-values, when it is one already)");
        cell.text = pseudonym_of(*target.load, described.name, cell.text);
      }
    }
    cells_.push_back(cell);
  }
  for (const Cell& cell : cells_) {
    switch (table.columns[cell.column].type) {
      case model::Type::Text:
        target.row->set_text(cell.column, is_utf8 ? cell.text : target.decoder.decode(cell.text));
        break;
      case model::Type::Float: target.row->set_float(cell.column, cell.number); break;
      default: target.row->set(cell.column, cell.bits); break;
    }
    if (cell.column == table.id_column) target.id_max = std::max(target.id_max, cell.bits);
  }
  Provenance from;
  from.source_id = target.file->source_id;
  from.position = static_cast<std::int64_t>(target.file->original_line(row.line()));
  Load::stamp(*target.row, from);
  return target.row->end_row();
}

}  // namespace

std::optional<std::int64_t> parse_omop_time(std::string_view field) {
  static const text::DatePattern iso = std::move(text::DatePattern::compile("iso")).value();
  static const text::DatePattern compact =
      std::move(text::DatePattern::compile("yyyyMMdd[ HH:mm:ss]")).value();
  const std::optional<std::int64_t> time = iso.parse_us(field);
  return time.has_value() ? time : compact.parse_us(field);
}

std::unique_ptr<FormatReader> omop_csv_reader() {
  return std::make_unique<OmopCsv>();
}

}  // namespace eds::ingest::omop
