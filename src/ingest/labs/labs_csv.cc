#include "ingest/labs/labs_csv.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/csv/csv_reader.h"
#include "format/text/encoding.h"
#include "format/text/numbers.h"
#include "ingest/csv_mapping.h"
#include "ingest/labs/number_table.h"
#include "ingest/labs/result_lines.h"
#include "ingest/labs/units.h"
#include "ingest/load.h"
#include "ingest/ordered_batches.h"
#include "ingest/people.h"
#include "ingest/sample.h"

namespace eds::ingest::labs {
namespace {

constexpr std::int64_t kLabType = 32856;  // OMOP type concept "Lab"
constexpr std::uint64_t kRowsPerCheckpoint = 65'536;
// A table's slot, then its entry, are asked for so many rows ahead: a row takes about 150 ns to
// map, a read from memory about 100.
constexpr std::size_t kSlotAhead = 16;
constexpr std::size_t kEntryAhead = 8;
constexpr std::size_t kUsesKept =
    1024;  ///< a laboratory has some hundred codes in use, a unit each

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

std::int64_t operator_concept(text::Comparator comparator) {
  switch (comparator) {
    case text::Comparator::Less: return 4171756;
    case text::Comparator::LessOrEqual: return 4171754;
    case text::Comparator::Equal: return 4172703;
    case text::Comparator::GreaterOrEqual: return 4171755;
    case text::Comparator::Greater: return 4172704;
    case text::Comparator::Approximate: return 0;
  }
  return 0;
}

struct Person {
  govern::PersonId id = 0;  ///< 0: refused
  std::int64_t first = 0, last = 0;
};

struct Stay {
  govern::VisitId visit = 0;
  govern::PersonId person = 0;
  bool usable = false;
  std::int64_t first = 0, last = 0;
};

// A unit as received, with what it means for one code.
struct UnitUse {
  std::int64_t concept_id = 0;
  double factor = 1;
};

struct Analyte {
  Mapped mapped;
  std::string loinc;      ///< empty: a local code without LOINC
  std::string canonical;  ///< UCUM, or empty: keep
  std::int64_t unmapped = 0;
  ByText<UnitUse> units;
};

// What code and unit of the last such rows meant.
struct Use {
  std::uint64_t hash = 0;
  std::string code, unit;
  Analyte* analyte = nullptr;
  const UnitUse* unit_use = nullptr;
};

// Columns of the table.
struct Targets {
  explicit Targets(const model::Table& table) {
    const auto column = [&](const char* name) { return table.column(name); };
    concept_id = column("measurement_concept_id");
    datetime = column("measurement_datetime");
    type = column("measurement_type_concept_id");
    operation = column("operator_concept_id");
    number = column("value_as_number");
    unit_concept = column("unit_concept_id");
    low = column("range_low");
    high = column("range_high");
    visit = column("visit_occurrence_id");
    source_value = column("measurement_source_value");
    source_concept = column("measurement_source_concept_id");
    unit_source = column("unit_source_value");
    value_source = column("value_source_value");
    flag = column("eds_flag");
  }
  std::size_t concept_id, datetime, type, operation, number, unit_concept, low, high, visit,
      source_value, source_concept, unit_source, value_source, flag;
};

class LabsCsv final : public FormatReader {
 public:
  FormatInfo info() const override {
    return {"labs-csv", "laboratory results, CSV of any layout by a mapping file", true, false};
  }
  Status read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) override;

 private:
  Status prepare(const csv::Reader& reader);
  Status inline_code_map();
  Status read_rows(csv::Reader& reader);
  Status take(const ResultBatch& batch);
  Status take(const csv::RowBatch& rows, std::size_t row, const ResultLine& line);
  Status reject(const csv::RowBatch& rows, std::size_t row, std::string_view field,
                std::string_view code, std::string_view reason);
  Status reject(const csv::BadRow& bad);
  Result<Person*> person_of(const ResultLine& line);
  Result<Person> new_person(std::string_view ipp, std::string_view nda);
  Result<Stay*> stay_of(const ResultLine& line, govern::PersonId person);
  Result<Use*> use_of(const ResultLine& line);
  Result<Analyte*> analyte_of(std::string_view code);
  Result<const UnitUse*> unit_of(Analyte& analyte, std::string_view unit, bool is_utf8);
  Status put(std::uint64_t file_line, const ResultLine& line, Person& person, Stay* stay,
             const Use& use);
  void put_text(std::size_t column, std::string_view value, bool is_utf8);
  Status finish();

  Load* load_ = nullptr;
  FeedFile* file_ = nullptr;
  CsvMapping mapping_;
  std::vector<std::size_t> columns_;  ///< of the file, by Role
  std::optional<Targets> targets_;
  std::optional<text::DatePattern> pattern_;
  text::LineDecoder decoder_{text::Encoding::Windows1252};
  std::string authority_, vocabulary_, key_;
  bool creates_persons_ = true;
  model::RowWriter* row_ = nullptr;
  std::uint64_t rows_before_ = 0;
  NumberTable<Person> persons_;          ///< by IPP
  NumberTable<Person> persons_by_stay_;  ///< by NDA, of rows without IPP
  NumberTable<Stay> stays_;
  ByText<Analyte> analytes_;
  std::vector<Use> uses_;  ///< by use_hash modulo kUsesKept
};

Status LabsCsv::inline_code_map() {
  const std::string map = mapping_.value("code", "map", "");
  if (map.empty()) return {};
  if (mapping_.tables.count("loinc") != 0 || load_->request().mapping.empty()) return {};
  const Path& mapping_path = load_->request().mapping;
  const std::string_view name = base_name(mapping_path);
  const Path beside = mapping_path.substr(0, mapping_path.size() - name.size()) + map;
  const std::string bytes = TRY(load_->env().read_all(beside, std::uint64_t{64} << 20));
  csv::Dialect dialect = csv::detect_dialect(bytes);
  csv::Reader reader = TRY(csv::Reader::over(bytes, dialect));
  std::string table = "\n[loinc]\n";
  while (TRY(reader.next()) != csv::Step::End) {
    if (reader.row().size() < 2) continue;
    const auto quoted = [](std::string_view text) {
      std::string out = "\"";
      for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
      }
      return out + "\"";
    };
    table += quoted(reader.row()[0]) + " = " + quoted(reader.row()[1]) + "\n";
    mapping_.tables["loinc"][std::string(reader.row()[0])] = reader.row()[1];
  }
  // A retry must read the codes as this load did, wherever the mapping file is by then.
  file_->context.mapping += table;
  return {};
}

Status LabsCsv::prepare(const csv::Reader& reader) {
  TRY(mapping_.allow({"ipp", "nda", "time", "code", "label", "value", "unit", "range_low",
                      "range_high", "flag", "specimen", "record_id"},
                     {"code", "unit", "convert", "identity", "loinc"}));
  columns_.assign(kRoleCount, kAbsent);
  const auto column = [&](Role role) -> std::size_t& {
    return columns_[static_cast<std::size_t>(role)];
  };
  column(Role::Ipp) = TRY(mapping_.find(reader, "ipp"));
  column(Role::Nda) = TRY(mapping_.find(reader, "nda"));
  if (column(Role::Ipp) == kAbsent && column(Role::Nda) == kAbsent) {
    return Error{Code::Usage, "mapping file: [columns] must name ipp or nda"};
  }
  column(Role::Time) = TRY(mapping_.require(reader, "time"));
  column(Role::Code) = TRY(mapping_.require(reader, "code"));
  column(Role::Value) = TRY(mapping_.require(reader, "value"));
  column(Role::Unit) = TRY(mapping_.find(reader, "unit"));
  column(Role::RangeLow) = TRY(mapping_.find(reader, "range_low"));
  column(Role::RangeHigh) = TRY(mapping_.find(reader, "range_high"));
  column(Role::Flag) = TRY(mapping_.find(reader, "flag"));
  column(Role::RecordId) = TRY(mapping_.find(reader, "record_id"));
  pattern_.emplace(TRY(mapping_.date_pattern()));
  authority_ = load_->request().authority;
  if (authority_.empty()) authority_ = mapping_.value("identity", "authority", "");
  if (authority_.empty()) {
    return Error{Code::Usage,
                 "IPP of which establishment? give --authority FINESS, or "
                 "[identity] authority in the mapping"};
  }
  creates_persons_ = mapping_.value("identity", "unknown_ipp", "create") != "reject";
  vocabulary_ = mapping_.value("code", "vocabulary", "LOINC");
  return inline_code_map();
}

Status LabsCsv::read(Load& load, FeedFile& file, std::unique_ptr<csv::ByteSource> source) {
  load_ = &load;
  file_ = &file;
  persons_.clear();
  persons_by_stay_.clear();
  stays_.clear();
  analytes_.clear();
  uses_.assign(kUsesKept, Use());
  mapping_ = TRY(CsvMapping::parse(file.context.mapping));
  Sampled sampled = TRY(take_sample(std::move(source)));
  if (sampled.sample.empty()) return {};
  const text::Encoding encoding = mapping_.encoding_of(sampled.sample);
  file.report.encoding = text::encoding_name(encoding);
  decoder_ = text::LineDecoder(encoding);
  const csv::Dialect dialect = mapping_.dialect(sampled.sample);
  csv::Reader reader = TRY(csv::Reader::open(std::move(sampled.source), dialect));
  if (mapping_.has_header) {
    const std::string_view first =
        std::string_view(sampled.sample).substr(0, sampled.sample.find_first_of("\r\n"));
    file.context.header = first.starts_with("\xEF\xBB\xBF") ? first.substr(3) : first;
  }
  TRY(prepare(reader));
  row_ = TRY(load.rows("measurement"));
  rows_before_ = row_->row_count();
  targets_.emplace(row_->table());
  const Status done = read_rows(reader);
  TRY(finish());
  return done;
}

// Rows are cut and parsed in other threads; what they mean for persons, stays and the lake is
// decided here, row by row in the file's order.
Status LabsCsv::read_rows(csv::Reader& reader) {
  const ResultParser parser(*pattern_);
  const int threads = load_->request().threads;
  OrderedBatches<ResultBatch> batches(threads > 1 ? static_cast<std::size_t>(threads - 1) : 0,
                                      {[&] { return ResultBatch(columns_); },
                                       [&](ResultBatch& batch) { return batch.rows.fill(reader); },
                                       [&](ResultBatch& batch) { parser.parse(batch); }});
  std::uint64_t pending = 0;
  while (const ResultBatch* batch = TRY(batches.next())) {
    TRY(take(*batch));
    pending += batch->lines.size();
    if (pending < kRowsPerCheckpoint) continue;
    TRY(load_->checkpoint(batch->rows.offset(batch->lines.size() - 1), pending));
    pending = 0;
  }
  return load_->checkpoint(file_->report.bytes, pending);
}

Status LabsCsv::take(const ResultBatch& batch) {
  const std::size_t count = batch.lines.size();
  for (std::size_t row = 0; row < count; ++row) {
    if (row + kSlotAhead < count) {
      const ResultLine& ahead = batch.lines[row + kSlotAhead];
      persons_.prefetch_slot(ahead.person_hash);
      stays_.prefetch_slot(ahead.stay_hash);
    }
    if (row + kEntryAhead < count) {
      const ResultLine& ahead = batch.lines[row + kEntryAhead];
      persons_.prefetch_entry(ahead.person_hash);
      stays_.prefetch_entry(ahead.stay_hash);
    }
    ++file_->report.record_count;
    TRY(take(batch.rows, row, batch.lines[row]));
  }
  return {};
}

Status LabsCsv::reject(const csv::BadRow& bad) {
  Reject reject;
  reject.line = bad.line;
  reject.byte_offset = bad.offset;
  reject.code = csv::bad_reason_name(bad.reason);
  reject.reason = "the line is not a row of this CSV";
  reject.raw = bad.raw;
  return load_->reject(*file_, reject);
}

Status LabsCsv::reject(const csv::RowBatch& rows, std::size_t row, std::string_view field,
                       std::string_view code, std::string_view reason) {
  Reject reject;
  reject.line = rows.line(row);
  reject.byte_offset = rows.offset(row);
  reject.field = field;
  reject.code = code;
  reject.reason = reason;
  reject.raw = rows.raw(row);
  return load_->reject(*file_, reject);
}

Result<Person*> LabsCsv::person_of(const ResultLine& line) {
  const bool by_stay = line.ipp.empty();
  NumberTable<Person>& table = by_stay ? persons_by_stay_ : persons_;
  const std::string_view number = by_stay ? line.nda : line.ipp;
  Person* known = table.find(line.person_hash, number);
  if (known != nullptr) return known;
  return table.add(line.person_hash, number, TRY(new_person(line.ipp, line.nda)));
}

Result<Person> LabsCsv::new_person(std::string_view ipp, std::string_view nda) {
  Person person;
  // Extremes that any day beats.
  person.first = INT64_MAX;
  person.last = INT64_MIN;
  People people(*load_);
  if (ipp.empty()) {
    const std::optional<StayOf> stay =
        TRY(people.stay(People::named(govern::IdentifierKind::Nda, authority_, nda)));
    if (stay.has_value()) person.id = stay->person;
    return person;
  }
  const govern::Identifier identifier = People::named(govern::IdentifierKind::Ipp, authority_, ipp);
  if (creates_persons_) {
    person.id = TRY(people.person(identifier)).value_or(0);
    return person;
  }
  Result<std::optional<govern::PersonId>> found = load_->identities().find(identifier);
  if (!found.ok() && !blames_record(found.error())) return std::move(found).error();
  if (found.ok()) person.id = found->value_or(0);
  return person;
}

Result<Stay*> LabsCsv::stay_of(const ResultLine& line, govern::PersonId person) {
  Stay* known = stays_.find(line.stay_hash, line.nda);
  if (known != nullptr) {
    if (known->person == person || !known->usable) return known;
    load_->warn(*file_, "nda", "stay-of-another-person");
    return static_cast<Stay*>(nullptr);
  }
  Stay stay;
  const std::optional<StayOf> found = TRY(People(*load_).stay_of_person(
      People::named(govern::IdentifierKind::Nda, authority_, line.nda), person));
  if (found.has_value()) {
    stay.visit = found->visit;
    stay.person = person;
    stay.usable = !found->disputed;
    if (found->disputed) load_->warn(*file_, "nda", "stay-of-another-person");
  }
  stay.first = INT64_MAX;
  stay.last = INT64_MIN;
  return stays_.add(line.stay_hash, line.nda, stay);
}

Result<Use*> LabsCsv::use_of(const ResultLine& line) {
  Use& use = uses_[line.use_hash % kUsesKept];
  if (use.analyte != nullptr && use.hash == line.use_hash && use.code == line.code &&
      use.unit == line.unit) {
    return &use;
  }
  Analyte* analyte = TRY(analyte_of(line.code));
  const UnitUse* unit = TRY(unit_of(*analyte, line.unit, line.is_utf8));
  use = Use{line.use_hash, std::string(line.code), std::string(line.unit), analyte, unit};
  return &use;
}

Result<Analyte*> LabsCsv::analyte_of(std::string_view code) {
  const auto known = analytes_.find(code);
  if (known != analytes_.end()) return &known->second;
  Analyte analyte;
  analyte.loinc =
      vocabulary_ == "LOINC" ? std::string(code) : mapping_.value("loinc", std::string(code), "");
  if (vocabulary_ != "LOINC") analyte.mapped = TRY(load_->concepts().find(vocabulary_, code));
  if (!analyte.loinc.empty()) {
    const Mapped loinc = TRY(load_->concepts().find("LOINC", analyte.loinc));
    if (analyte.mapped.source == 0) analyte.mapped.source = loinc.source;
    if (analyte.mapped.standard == 0) analyte.mapped.standard = loinc.standard;
    analyte.canonical = mapping_.value("convert", analyte.loinc, "");
  }
  return &analytes_.emplace(std::string(code), std::move(analyte)).first->second;
}

Result<const UnitUse*> LabsCsv::unit_of(Analyte& analyte, std::string_view unit, bool is_utf8) {
  const auto known = analyte.units.find(unit);
  if (known != analyte.units.end()) return &known->second;
  UnitUse use;
  const std::string received(is_utf8 ? unit : decoder_.decode(unit));
  std::string ucum = mapping_.value("unit", received, received);
  if (!analyte.canonical.empty() && ucum != analyte.canonical) {
    const std::optional<double> factor = conversion_factor(ucum, analyte.canonical);
    if (factor.has_value()) {
      use.factor = *factor;
      ucum = analyte.canonical;
    } else {
      load_->warn(*file_, "unit", "cannot be converted to the canonical unit: kept as received");
    }
  }
  use.concept_id = TRY(load_->concepts().find("UCUM", ucum)).standard;
  return &analyte.units.emplace(std::string(unit), use).first->second;
}

Status LabsCsv::take(const csv::RowBatch& rows, std::size_t row, const ResultLine& line) {
  switch (line.verdict) {
    case Verdict::NoRow: return reject(*rows.bad(row));
    case Verdict::IdentifierMissing:
      return reject(rows, row, "ipp", "identifier-missing", "neither IPP nor stay number");
    case Verdict::TimeMalformed:
      return reject(rows, row, "time", "date-malformed", "the time is not as the mapping says");
    case Verdict::CodeMissing:
      return reject(rows, row, "code", "code-missing", "the analyte has no code");
    case Verdict::Good: break;
  }
  Person* person = TRY(person_of(line));
  if (person->id == 0) {
    return reject(rows, row, "ipp", creates_persons_ ? "identifier-malformed" : "person-unknown",
                  "no person has this number");
  }
  Stay* stay = line.nda.empty() ? nullptr : TRY(stay_of(line, person->id));
  // Looked up before the row begins: a failure leaves no half row.
  return put(rows.line(row), line, *person, stay, *TRY(use_of(line)));
}

Status LabsCsv::put(std::uint64_t file_line, const ResultLine& line, Person& person, Stay* stay,
                    const Use& use) {
  person.first = std::min(person.first, line.day);
  person.last = std::max(person.last, line.day);
  const model::Table& table = row_->table();
  const Targets& to = *targets_;
  Analyte& analyte = *use.analyte;
  const double factor = use.unit_use->factor;
  const std::int64_t id = TRY(load_->next_id(table));
  row_->set(table.id_column, id);
  row_->set(table.person_column, person.id);
  row_->set(to.concept_id, analyte.mapped.standard);
  row_->set(table.date_column, line.day);
  row_->set(to.datetime, line.time_us);
  row_->set(to.type, kLabType);
  if (line.number.has_value()) {
    row_->set_float(to.number, *line.number * factor);
    row_->set(to.operation, operator_concept(line.comparator));
  }
  if (!line.unit.empty()) row_->set(to.unit_concept, use.unit_use->concept_id);
  if (line.low.has_value()) row_->set_float(to.low, *line.low * factor);
  if (line.high.has_value()) row_->set_float(to.high, *line.high * factor);
  // Another person's stay keeps its person and its days.
  if (stay != nullptr && stay->usable) {
    stay->first = std::min(stay->first, line.day);
    stay->last = std::max(stay->last, line.day);
    row_->set(to.visit, stay->visit);
  }
  put_text(to.source_value, line.code, line.is_utf8);
  row_->set(to.source_concept, analyte.mapped.source);
  if (!analyte.mapped.known()) ++analyte.unmapped;
  put_text(to.unit_source, line.unit, line.is_utf8);
  put_text(to.value_source, line.value, line.is_utf8);
  put_text(to.flag, line.flag, line.is_utf8);
  Provenance from;
  from.source_id = file_->source_id;
  from.position = static_cast<std::int64_t>(file_->original_line(file_line));
  if (!line.record_id.empty()) {
    key_ = "labs|";
    key_.append(load_->request().source_name).append("|").append(line.record_id);
    from.record_key = load_->identities().record_key(key_);
    TRY(load_->loader().record(from.record_key, from.source_id, from.position));
  }
  Load::stamp(*row_, from);
  return row_->end_row();
}

void LabsCsv::put_text(std::size_t column, std::string_view value, bool is_utf8) {
  if (value.empty()) return;
  row_->set_text(column, is_utf8 ? value : decoder_.decode(value));
}

Status LabsCsv::finish() {
  file_->report.rows_by_table["measurement"] +=
      static_cast<std::int64_t>(row_->row_count() - rows_before_);
  for (const NumberTable<Person>* table : {&persons_, &persons_by_stay_}) {
    for (std::size_t at = 0; at < table->size(); ++at) {
      const Person& person = table->value_at(at);
      if (person.first <= person.last) load_->claims().saw(person.id, person.first, person.last);
    }
  }
  Provenance from;
  from.source_id = file_->source_id;
  for (std::size_t at = 0; at < stays_.size(); ++at) {
    const Stay& stay = stays_.value_at(at);
    if (!stay.usable || stay.first > stay.last) continue;
    VisitClaim claim;
    claim.visit = stay.visit;
    claim.person = stay.person;
    claim.rank = Rank::Observed;
    claim.start_day = stay.first;
    claim.end_day = stay.last;
    TRY(load_->claims().visit(claim, from));
  }
  for (const auto& [code, analyte] : analytes_) {
    if (analyte.unmapped == 0) continue;
    const text::Converted shown = text::to_utf8(code, text::detect_encoding(code));
    load_->concepts().count_unmapped(vocabulary_, shown.text, analyte.unmapped);
  }
  return {};
}

}  // namespace

std::unique_ptr<FormatReader> labs_csv_reader() {
  return std::make_unique<LabsCsv>();
}

}  // namespace eds::ingest::labs
