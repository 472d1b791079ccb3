// Laboratory files of two laboratories that agree on nothing: A (hospitals 1-3) sends local codes
// and units, decimal commas, Windows-1252, French dates; B (hospitals 4-5) LOINC, UCUM, UTF-8, ISO
// 8601.
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <set>

#include "synth/labs.h"
#include "synth/modality.h"

namespace eds::synth {
namespace {

constexpr std::string_view kHeaderA =
    "IPP;NDA;DATE_PRELEVEMENT;CODE;LIBELLE;RESULTAT;UNITE;INF;SUP;ANORMALITE;NUM_ECHANTILLON;NUM_"
    "RESULTAT";
constexpr std::string_view kHeaderB =
    "ipp,nda,time,code,label,value,unit,low,high,flag,specimen,record_id";

constexpr std::string_view kTomlA = R"toml(# How laboratory A writes its results.
[file]
separator = ";"
encoding = "windows-1252"
header = true
decimal = ","

[columns]
ipp = "IPP"
nda = "NDA"
time = "DATE_PRELEVEMENT"
code = "CODE"
label = "LIBELLE"
value = "RESULTAT"
unit = "UNITE"
range_low = "INF"
range_high = "SUP"
flag = "ANORMALITE"
specimen = "NUM_ECHANTILLON"
record_id = "NUM_RESULTAT"

[time]
format = "%d/%m/%Y %H:%M"

[code]
vocabulary = "LOCAL_A"
map = "local_a_to_loinc.csv"

[identity]
unknown_ipp = "reject"

[unit]
)toml";
constexpr std::string_view kTomlB = R"toml(# How laboratory B writes its results.
[file]
separator = ","
encoding = "utf-8"
header = true
decimal = "."

[columns]
ipp = "ipp"
nda = "nda"
time = "time"
code = "code"
label = "label"
value = "value"
unit = "unit"
range_low = "low"
range_high = "high"
flag = "flag"
specimen = "specimen"
record_id = "record_id"

[time]
format = "%Y-%m-%dT%H:%M:%S"

[code]
vocabulary = "LOINC"

[identity]
unknown_ipp = "reject"

[unit]
)toml";

enum class Laboratory : std::uint8_t { A, B };

void append_number(std::string& out, std::int32_t mantissa, std::uint8_t decimals, char point) {
  std::array<char, 16> digits;
  std::size_t n = 0;
  auto rest = static_cast<std::uint32_t>(mantissa < 0 ? 0 : mantissa);
  do {
    if (n == decimals && decimals > 0) digits[n++] = point;
    digits[n++] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest > 0 || n <= decimals);
  if (n == decimals) digits[n++] = point;
  if (digits[n - 1] == point) digits[n++] = '0';
  while (n > 0) out += digits[--n];
}

void append_bound(std::string& out, float bound, std::uint8_t decimals, char point) {
  float scale = 1;
  for (std::uint8_t i = 0; i < decimals; ++i) scale *= 10;
  append_number(out, static_cast<std::int32_t>(bound * scale + .5F), decimals, point);
}

class LabFiles final : public Modality {
 public:
  explicit LabFiles(const Workshop& workshop) : shop_(workshop) {}
  std::string_view name() const override { return "labs"; }
  Status add(const Subject& subject) override;
  Status finish() override;

 private:
  enum Way : std::uint32_t {
    kDuplicate,
    kCorrected,
    kImpossibleDate,
    kUnknownCode,
    kUnknownUnit,
    kTextResult,
    kOrphan,
    kWrongBytes,
    kTruncated,
    kOverlong,
    kWays,
  };
  struct Fields {  ///< a result as its laboratory writes it, UTF-8
    std::string ipp, nda, time, code, label, value, unit, low, high, flag, specimen, record;
  };

  Result<OutputFile*> file(Laboratory lab, std::int32_t year) {
    const char letter = lab == Laboratory::A ? 'a' : 'b';
    return shop_.tree.file(fmt::format("labs/labs_{}_{}.csv", letter, year),
                           lab == Laboratory::A ? kHeaderA : kHeaderB,
                           lab == Laboratory::A ? "\r\n" : "\n");
  }
  void describe(const Subject& subject, const LabResult& result, Laboratory lab);
  void compose(Laboratory lab, std::uint32_t way);
  Status write(const Subject& subject, const LabResult& result);
  Status write_dirty(OutputFile* file, Laboratory lab, std::uint32_t way);

  Workshop shop_;
  LabMaker labs_;
  Fields fields_;
  std::string utf8_;
  std::string line_;
  std::int32_t time_day_ = INT32_MIN;
  Date time_date_;
};

void LabFiles::describe(const Subject& subject, const LabResult& result, Laboratory lab) {
  const Analyte& analyte = analytes()[result.analyte];
  const auto sex = static_cast<std::size_t>(subject.patient.sex);
  const bool a = lab == Laboratory::A;
  const char point = a ? ',' : '.';
  const auto day = static_cast<std::int32_t>(result.time_us / kMicrosecondsPerDay);
  if (day != time_day_) time_date_ = date_from_days(day);
  time_day_ = day;
  const std::int64_t minute = result.time_us % kMicrosecondsPerDay / 60'000'000;
  const Date& d = time_date_;
  fields_.ipp = subject.ipp_at(result.stay).reveal(Reason::Write);
  fields_.nda = stay_number(subject.patient, result.stay).reveal(Reason::Write);
  fields_.time = a ? fmt::format("{:02}/{:02}/{:04} {:02}:{:02}", d.day, d.month, d.year,
                                 minute / 60, minute % 60)
                   : fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:00", d.year, d.month, d.day,
                                 minute / 60, minute % 60);
  fields_.code = a ? analyte.local_code : analyte.loinc;
  fields_.label = analyte.label;
  fields_.value.clear();
  fields_.unit = a ? analyte.local_unit : analyte.unit;
  fields_.low.clear();
  fields_.high.clear();
  fields_.flag.clear();
  if (analyte.spread == Spread::Words) {
    fields_.value = lab_word(result.word);
  } else {
    if (result.censored) fields_.value = a ? "< " : "<";
    append_number(fields_.value, result.mantissa, analyte.decimals, point);
    if (analyte.low[sex] <= analyte.high[sex]) {
      append_bound(fields_.low, analyte.low[sex], analyte.decimals, point);
      append_bound(fields_.high, analyte.high[sex], analyte.decimals, point);
    }
    if (result.flag != ' ') fields_.flag = std::string(1, result.flag);
  }
  fields_.specimen = fmt::format("{}{:04}", subject.patient.index, result.sample);
  fields_.record = fmt::format("{}{}-{}", a ? 'A' : 'B', subject.patient.index, result.rank);
}

/// The line of `fields_`, in the laboratory's own encoding.
void LabFiles::compose(Laboratory lab, std::uint32_t way) {
  const char separator = lab == Laboratory::A ? ';' : ',';
  utf8_.clear();
  const std::string* all[] = {&fields_.ipp,   &fields_.nda,   &fields_.time,     &fields_.code,
                              &fields_.label, &fields_.value, &fields_.unit,     &fields_.low,
                              &fields_.high,  &fields_.flag,  &fields_.specimen, &fields_.record};
  const std::size_t count = way == kTruncated ? 7 : std::size(all);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) utf8_ += separator;
    const bool quoted = all[i]->find(separator) != std::string::npos;
    if (quoted) utf8_ += '"';
    utf8_ += *all[i];
    if (quoted) utf8_ += '"';
  }
  if (way == kOverlong) utf8_.append(1, separator).append("X").append(1, separator).append("X");
  line_.clear();
  // The wrong bytes: each laboratory writes as the other one.
  const bool latin = (lab == Laboratory::A) != (way == kWrongBytes);
  if (latin) {
    append_windows_1252(line_, utf8_);
  } else {
    line_ = utf8_;
  }
}

Status LabFiles::write_dirty(OutputFile* file, Laboratory lab, std::uint32_t way) {
  Planted planted{file, 0, "", "", Expected::Warning, {}};
  const auto spoil = [&](std::string_view kind, std::string_view field, Expected expected) {
    planted.kind = kind, planted.field = field, planted.expected = expected;
  };
  switch (way) {
    case kImpossibleDate:
      spoil("impossible-date", "time", Expected::Quarantine);
      fields_.time = lab == Laboratory::A ? "31/02/2024 08:00" : "2024-02-31T08:00:00";
      break;
    case kUnknownCode:
      spoil("unknown-code", "code", Expected::Warning);
      fields_.code = lab == Laboratory::A ? "ZZTOP" : "99999-9";
      break;
    case kUnknownUnit:
      spoil("unknown-unit", "unit", Expected::Warning);
      fields_.unit = "furlong";
      break;
    case kTextResult:
      spoil("text-result", "value", Expected::Warning);
      fields_.value = "Prélèvement hémolysé";
      break;
    case kOrphan:
      spoil("orphan-ipp", "ipp", Expected::Quarantine);
      fields_.ipp = "7" + fields_.ipp.substr(1);
      fields_.nda = "0000000000";
      break;
    case kWrongBytes:
      spoil("wrong-encoding", "label", Expected::Warning);
      fields_.label = "Contrôle répété";
      break;
    case kTruncated: spoil("truncated", "", Expected::Quarantine); break;
    case kOverlong: spoil("overlong", "", Expected::Quarantine); break;
    default: break;
  }
  compose(lab, way);
  const std::string_view end = lab == Laboratory::A ? "\r\n" : "\n";
  const std::uint64_t number = TRY(file->line(line_, end));
  planted.line = number;
  if (!planted.kind.empty()) {
    if (planted.expected == Expected::Warning) shop_.truth.expect("measurement");
    return shop_.truth.plant(planted);
  }
  shop_.truth.expect("measurement");
  if (way == kDuplicate) {
    const std::uint64_t again = TRY(file->line(line_, end));
    return shop_.truth.plant(
        {file, again, "duplicate", "", Expected::Replaced, fmt::format("same as line {}", number)});
  }
  // A correction keeps the number of the result; the line that comes later counts.
  fields_.value = lab == Laboratory::A ? "1,0" : "1.0";
  compose(lab, way);
  const std::uint64_t later = TRY(file->line(line_, end));
  return shop_.truth.plant({file, number, "corrected", "value", Expected::Replaced,
                            fmt::format("line {} counts", later)});
}

Status LabFiles::write(const Subject& subject, const LabResult& result) {
  const Stay& stay = subject.patient.stays[result.stay];
  const Laboratory lab = stay.hospital < 3 ? Laboratory::A : Laboratory::B;
  OutputFile* out = TRY(file(lab, date_from_days(stay.entry_day()).year));
  describe(subject, result, lab);
  std::uint32_t way = Dirt::kClean;
  if (shop_.dirt.share() > 0) {
    Random random(subject.patient.key, Stream::Dirt, 10'000 + result.rank);
    way = shop_.dirt.draw(random, kWays);
    const bool words = analytes()[result.analyte].spread == Spread::Words;
    const bool numeric_only = way == kUnknownUnit || way == kTextResult || way == kCorrected;
    if (words && numeric_only) way = Dirt::kClean;
  }
  shop_.truth.expect("lines.lab");
  if (way != Dirt::kClean) return write_dirty(out, lab, way);
  compose(lab, way);
  TRY(out->line(line_, lab == Laboratory::A ? "\r\n" : "\n"));
  shop_.truth.expect("measurement");
  return {};
}

Status LabFiles::add(const Subject& subject) {
  Status status;
  labs_.visit(subject.patient, [&](const LabResult& result) {
    status = write(subject, result);
    return status.ok();
  });
  return status;
}

Status LabFiles::finish() {
  std::string units(kTomlA);
  std::string ucum(kTomlB);
  std::string map = "source_code;target_code;source_code_description\n";
  std::set<std::string_view> seen;
  for (const Analyte& analyte : analytes()) {
    map += fmt::format("{};{};{}\n", analyte.local_code, analyte.loinc, analyte.label);
    if (analyte.unit.empty() || analyte.local_unit.empty()) continue;
    if (!seen.insert(analyte.local_unit).second) continue;
    units += fmt::format("\"{}\" = \"{}\"\n", analyte.local_unit, analyte.unit);
  }
  TRY(shop_.tree.write_whole("labs/labs_a.toml", units));
  TRY(shop_.tree.write_whole("labs/labs_b.toml", ucum));
  return shop_.tree.write_whole("labs/local_a_to_loinc.csv", map);
}

}  // namespace

std::unique_ptr<Modality> make_lab_files(const Workshop& workshop) {
  return std::make_unique<LabFiles>(workshop);
}

}  // namespace eds::synth
