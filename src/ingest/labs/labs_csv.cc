#include "ingest/labs/labs_csv.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "format/csv/csv_reader.h"
#include "format/text/encoding.h"
#include "format/text/numbers.h"
#include "ingest/csv_mapping.h"
#include "ingest/labs/units.h"
#include "ingest/load.h"
#include "ingest/people.h"
#include "ingest/sample.h"

namespace eds::ingest::labs {
namespace {

constexpr std::int64_t kLabType = 32856;  // OMOP type concept "Lab"
constexpr std::uint64_t kRowsPerCheckpoint = 65'536;

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

// Columns of the file.
struct Layout {
  std::size_t ipp, nda, time, code, value, unit, range_low, range_high, flag, record_id;
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
  Status take(const csv::Row& row);
  Status reject(const csv::Row& row, std::string_view field, std::string_view code,
                std::string_view reason);
  Status reject(const csv::BadRow& bad);
  Result<Person*> person_of(std::string_view ipp, std::string_view nda);
  Result<Stay*> stay_of(std::string_view nda, govern::PersonId person);
  Result<Analyte*> analyte_of(std::string_view code);
  Result<const UnitUse*> unit_of(Analyte& analyte, std::string_view unit);
  Status put(const csv::Row& row, std::int64_t time_us, Person& person, Stay* stay,
             Analyte& analyte);
  Status put_value(std::string_view value, std::string_view unit, const csv::Row& row,
                   Analyte& analyte);
  void put_text(std::size_t column, std::string_view value);
  Status finish();

  Load* load_ = nullptr;
  FeedFile* file_ = nullptr;
  CsvMapping mapping_;
  Layout layout_{};
  std::optional<Targets> targets_;
  std::optional<text::DatePattern> pattern_;
  text::LineDecoder decoder_{text::Encoding::Windows1252};
  std::string authority_, vocabulary_, key_;
  bool creates_persons_ = true;
  bool row_is_utf8_ = true;
  model::RowWriter* row_ = nullptr;
  std::uint64_t rows_before_ = 0;
  ByText<Person> persons_;
  ByText<Stay> stays_;
  ByText<Analyte> analytes_;
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
  layout_.ipp = TRY(mapping_.find(reader, "ipp"));
  layout_.nda = TRY(mapping_.find(reader, "nda"));
  if (layout_.ipp == kAbsent && layout_.nda == kAbsent) {
    return Error{Code::Usage, "mapping file: [columns] must name ipp or nda"};
  }
  layout_.time = TRY(mapping_.require(reader, "time"));
  layout_.code = TRY(mapping_.require(reader, "code"));
  layout_.value = TRY(mapping_.require(reader, "value"));
  layout_.unit = TRY(mapping_.find(reader, "unit"));
  layout_.range_low = TRY(mapping_.find(reader, "range_low"));
  layout_.range_high = TRY(mapping_.find(reader, "range_high"));
  layout_.flag = TRY(mapping_.find(reader, "flag"));
  layout_.record_id = TRY(mapping_.find(reader, "record_id"));
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
  stays_.clear();
  analytes_.clear();
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

Status LabsCsv::read_rows(csv::Reader& reader) {
  std::uint64_t pending = 0;
  for (;;) {
    const csv::Step step = TRY(reader.next());
    if (step == csv::Step::End) return load_->checkpoint(file_->report.bytes, pending);
    ++file_->report.record_count;
    if (step == csv::Step::Bad) {
      TRY(reject(reader.bad()));
    } else {
      TRY(take(reader.row()));
    }
    if (++pending == kRowsPerCheckpoint) {
      TRY(load_->checkpoint(reader.row().offset(), pending));
      pending = 0;
    }
  }
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

Status LabsCsv::reject(const csv::Row& row, std::string_view field, std::string_view code,
                       std::string_view reason) {
  Reject reject;
  reject.line = row.line();
  reject.byte_offset = row.offset();
  reject.field = field;
  reject.code = code;
  reject.reason = reason;
  reject.raw = row.raw();
  return load_->reject(*file_, reject);
}

Result<Person*> LabsCsv::person_of(std::string_view ipp, std::string_view nda) {
  const bool by_stay = ipp.empty();
  if (by_stay) {
    key_ = "\x01";
    key_ += nda;
  }
  const std::string_view name = by_stay ? std::string_view(key_) : ipp;
  const auto known = persons_.find(name);
  if (known != persons_.end()) return &known->second;
  Person person;
  People people(*load_);
  if (by_stay) {
    const std::optional<StayOf> stay =
        TRY(people.stay(People::named(govern::IdentifierKind::Nda, authority_, nda)));
    if (stay.has_value()) person.id = stay->person;
  } else {
    const govern::Identifier identifier =
        People::named(govern::IdentifierKind::Ipp, authority_, ipp);
    if (creates_persons_) {
      person.id = TRY(people.person(identifier)).value_or(0);
    } else {
      Result<std::optional<govern::PersonId>> found = load_->identities().find(identifier);
      if (!found.ok() && !blames_record(found.error())) return std::move(found).error();
      if (found.ok()) person.id = found->value_or(0);
    }
  }
  // Extremes that any day beats.
  person.first = INT64_MAX;
  person.last = INT64_MIN;
  return &persons_.emplace(std::string(name), person).first->second;
}

Result<Stay*> LabsCsv::stay_of(std::string_view nda, govern::PersonId person) {
  const auto known = stays_.find(nda);
  if (known != stays_.end()) {
    if (known->second.person == person || !known->second.usable) return &known->second;
    load_->warn(*file_, "nda", "stay-of-another-person");
    return nullptr;
  }
  Stay stay;
  const std::optional<StayOf> found = TRY(People(*load_).stay_of_person(
      People::named(govern::IdentifierKind::Nda, authority_, nda), person));
  if (found.has_value()) {
    stay.visit = found->visit;
    stay.person = person;
    stay.usable = !found->disputed;
    if (found->disputed) load_->warn(*file_, "nda", "stay-of-another-person");
  }
  stay.first = INT64_MAX;
  stay.last = INT64_MIN;
  return &stays_.emplace(std::string(nda), stay).first->second;
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

Result<const UnitUse*> LabsCsv::unit_of(Analyte& analyte, std::string_view unit) {
  const auto known = analyte.units.find(unit);
  if (known != analyte.units.end()) return &known->second;
  UnitUse use;
  const std::string received(row_is_utf8_ ? unit : decoder_.decode(unit));
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

Status LabsCsv::take(const csv::Row& row) {
  const std::string_view ipp = text::trim(field_at(row, layout_.ipp));
  const std::string_view nda = text::trim(field_at(row, layout_.nda));
  if (ipp.empty() && nda.empty()) {
    return reject(row, "ipp", "identifier-missing", "neither IPP nor stay number");
  }
  const std::optional<std::int64_t> time_us =
      pattern_->parse_us(text::trim(field_at(row, layout_.time)));
  if (!time_us.has_value()) {
    return reject(row, "time", "date-malformed", "the time is not as the mapping says");
  }
  const std::string_view code = text::trim(field_at(row, layout_.code));
  if (code.empty()) return reject(row, "code", "code-missing", "the analyte has no code");
  row_is_utf8_ = text::is_utf8(row.raw());
  Person* person = TRY(person_of(ipp, nda));
  if (person->id == 0) {
    return reject(row, "ipp", creates_persons_ ? "identifier-malformed" : "person-unknown",
                  "no person has this number");
  }
  Stay* stay = nda.empty() ? nullptr : TRY(stay_of(nda, person->id));
  Analyte* analyte = TRY(analyte_of(code));
  return put(row, *time_us, *person, stay, *analyte);
}

Status LabsCsv::put(const csv::Row& row, std::int64_t time_us, Person& person, Stay* stay,
                    Analyte& analyte) {
  const std::int64_t day = day_of(time_us);
  person.first = std::min(person.first, day);
  person.last = std::max(person.last, day);
  const model::Table& table = row_->table();
  const Targets& to = *targets_;
  const std::int64_t id = TRY(load_->next_id(table));
  // Units and stays are looked up before the row begins: a failure leaves no half row.
  const std::string_view value = text::trim(field_at(row, layout_.value));
  const std::string_view unit = text::trim(field_at(row, layout_.unit));
  TRY(put_value(value, unit, row, analyte));
  row_->set(table.id_column, id);
  row_->set(table.person_column, person.id);
  row_->set(to.concept_id, analyte.mapped.standard);
  row_->set(table.date_column, day);
  row_->set(to.datetime, time_us);
  row_->set(to.type, kLabType);
  if (stay != nullptr && stay->visit != 0) {
    stay->first = std::min(stay->first, day);
    stay->last = std::max(stay->last, day);
    if (stay->usable) row_->set(to.visit, stay->visit);
  }
  put_text(to.source_value, text::trim(field_at(row, layout_.code)));
  row_->set(to.source_concept, analyte.mapped.source);
  if (!analyte.mapped.known()) ++analyte.unmapped;
  put_text(to.flag, text::trim(field_at(row, layout_.flag)));
  Provenance from;
  from.source_id = file_->source_id;
  from.position = static_cast<std::int64_t>(file_->original_line(row.line()));
  const std::string_view record = text::trim(field_at(row, layout_.record_id));
  if (!record.empty()) {
    key_ = "labs|";
    key_.append(load_->request().source_name).append("|").append(record);
    from.record_key = load_->identities().record_key(key_);
    TRY(load_->loader().record(from.record_key, from.source_id, from.position));
  }
  Load::stamp(*row_, from);
  return row_->end_row();
}

Status LabsCsv::put_value(std::string_view value, std::string_view unit, const csv::Row& row,
                          Analyte& analyte) {
  const Targets& to = *targets_;
  const std::optional<text::Measured> measured = text::parse_measured(value);
  // "0,5 g/L" in one field is a number and its unit; "3 colonies" beside a unit is a text.
  const bool unit_inside = measured.has_value() && !measured->rest.empty();
  const bool is_number =
      measured.has_value() && (!unit_inside || unit.empty() || measured->rest == unit);
  if (unit_inside && unit.empty()) unit = measured->rest;
  const UnitUse* use = TRY(unit_of(analyte, unit));
  if (is_number) {
    row_->set_float(to.number, measured->value * use->factor);
    row_->set(to.operation, operator_concept(measured->comparator));
  }
  if (!unit.empty()) row_->set(to.unit_concept, use->concept_id);
  const std::optional<double> low = text::parse_decimal(field_at(row, layout_.range_low));
  const std::optional<double> high = text::parse_decimal(field_at(row, layout_.range_high));
  if (low.has_value()) row_->set_float(to.low, *low * use->factor);
  if (high.has_value()) row_->set_float(to.high, *high * use->factor);
  put_text(to.unit_source, unit);
  put_text(to.value_source, value);
  return {};
}

void LabsCsv::put_text(std::size_t column, std::string_view value) {
  if (value.empty()) return;
  row_->set_text(column, row_is_utf8_ ? value : decoder_.decode(value));
}

Status LabsCsv::finish() {
  file_->report.rows_by_table["measurement"] +=
      static_cast<std::int64_t>(row_->row_count() - rows_before_);
  for (const auto& [name, person] : persons_) {
    if (person.first <= person.last) load_->claims().saw(person.id, person.first, person.last);
  }
  Provenance from;
  from.source_id = file_->source_id;
  for (const auto& [name, stay] : stays_) {
    if (stay.visit == 0 || stay.first > stay.last) continue;
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
