// Letters, as two of the hospitals' systems give them: most as rows of a CSV (Windows-1252, quoted,
// with line feeds inside), those of hospital 5 as text files (UTF-8) with an index.
#include <fmt/format.h>

#include <iterator>

#include "synth/modality.h"
#include "synth/reports.h"

namespace eds::synth {
namespace {

constexpr std::string_view kHeader = "ipp;nda;date;type;title;text";
constexpr std::string_view kIndexHeader = "file;ipp;nda;date;type;title";
constexpr std::string_view kMentionNames[] = {"present", "history", "absent", "family"};
constexpr std::uint8_t kHospitalOfTexts = 4;

std::string date_time(std::int64_t time_us) {
  const auto day = static_cast<std::int32_t>(time_us / kMicrosecondsPerDay);
  const Date d = date_from_days(day);
  const std::int64_t minute = time_us % kMicrosecondsPerDay / 60'000'000;
  return fmt::format("{:02}/{:02}/{:04} {:02}:{:02}", d.day, d.month, d.year, minute / 60,
                     minute % 60);
}

class ReportFiles final : public Modality {
 public:
  explicit ReportFiles(const Workshop& workshop) : shop_(workshop) {}
  std::string_view name() const override { return "reports"; }

  Status add(const Subject& subject) override {
    for (std::size_t s = 0; s < subject.patient.stays.size(); ++s) {
      if (!has_report(subject.patient, s)) continue;
      const Report& report = reports_.write(subject.patient, s, subject.identity);
      shop_.truth.expect("lines.report");
      if (subject.patient.stays[s].hospital == kHospitalOfTexts) {
        TRY(add_text(subject, s, report));
      } else {
        TRY(add_row(subject, s, report));
      }
    }
    return {};
  }
  Status finish() override { return {}; }

 private:
  enum Way : std::uint32_t { kDuplicate, kImpossibleDate, kOrphan, kWays };

  Status add_text(const Subject& subject, std::size_t stay, const Report& report);
  Status add_row(const Subject& subject, std::size_t stay, const Report& report);
  Status write_mentions(const Report& report, const std::string& file, std::uint64_t line);
  std::uint32_t draw_way(const Subject& subject, std::size_t stay) const {
    Random random(subject.patient.key, Stream::Dirt, 100'000 + stay);
    return shop_.dirt.draw(random, kWays);
  }

  Workshop shop_;
  ReportWriter reports_;
  std::string utf8_;
  std::string line_;
};

/// What the letter says of which disease, for those who measure how well texts are read.
Status ReportFiles::write_mentions(const Report& report, const std::string& file,
                                   std::uint64_t line) {
  OutputFile* out = TRY(shop_.tree.file("truth_reports.jsonl"));
  utf8_.clear();
  fmt::format_to(std::back_inserter(utf8_), R"({{"file":"{}","line":{},"mentions":[)", file, line);
  for (std::size_t i = 0; i < report.mentions->size(); ++i) {
    const Mention& one = (*report.mentions)[i];
    fmt::format_to(std::back_inserter(utf8_),
                   R"({}{{"begin":{},"end":{},"code":"{}","said":"{}"}})", i == 0 ? "" : ",",
                   one.begin, one.end, diagnoses()[one.diagnosis].code,
                   kMentionNames[static_cast<std::size_t>(one.said)]);
  }
  utf8_ += "]}";
  TRY(out->line(utf8_, "\n"));
  return {};
}

Status ReportFiles::add_text(const Subject& subject, std::size_t stay, const Report& report) {
  const std::string nda = stay_number(subject.patient, stay).reveal(Reason::Write);
  // A thousand folders at most: a directory of a million files is nobody's friend.
  const std::string name = fmt::format("{}/{}.txt", nda.substr(7), nda);
  TRY(shop_.tree.write_whole("reports/texts/" + name, report.text));
  OutputFile* index = TRY(shop_.tree.file("reports/texts/index.csv", kIndexHeader));
  line_ = fmt::format("{};{};{};{};{};{}", name, subject.ipp_at(stay).reveal(Reason::Write), nda,
                      date_time(report.time_us), report.type, report.title);
  TRY(index->line(line_, "\n"));
  shop_.truth.expect("note");
  return write_mentions(report, "reports/texts/" + name, 1);
}

Status ReportFiles::add_row(const Subject& subject, std::size_t stay, const Report& report) {
  const auto year = date_from_days(subject.patient.stays[stay].exit_day()).year;
  OutputFile* out = TRY(shop_.tree.file(fmt::format("reports/reports_{}.csv", year), kHeader));
  const std::uint32_t way = draw_way(subject, stay);
  std::string ipp = subject.ipp_at(stay).reveal(Reason::Write);
  std::string nda = stay_number(subject.patient, stay).reveal(Reason::Write);
  if (way == kOrphan) {
    ipp[0] = '7';
    nda = "0000000000";
  }
  const std::string date = way == kImpossibleDate ? "31/02/2024 10:00" : date_time(report.time_us);
  utf8_.clear();
  fmt::format_to(std::back_inserter(utf8_), "{};{};{};{};{};\"", ipp, nda, date, report.type,
                 report.title);
  for (const char c : report.text) {
    if (c == '"') utf8_ += '"';
    utf8_ += c;
  }
  utf8_ += '"';
  line_.clear();
  append_windows_1252(line_, utf8_);
  const std::uint64_t number = TRY(out->line(line_, "\n"));
  if (way == kImpossibleDate || way == kOrphan) {
    return shop_.truth.plant({out,
                              number,
                              way == kOrphan ? "orphan-ipp" : "impossible-date",
                              way == kOrphan ? "ipp" : "date",
                              Expected::Quarantine,
                              {}});
  }
  shop_.truth.expect("note");
  TRY(write_mentions(report, out->path(), number));
  if (way != kDuplicate) return {};
  const std::uint64_t again = TRY(out->line(line_, "\n"));
  return shop_.truth.plant(
      {out, again, "duplicate", "", Expected::Replaced, fmt::format("same as line {}", number)});
}

}  // namespace

std::unique_ptr<Modality> make_report_files(const Workshop& workshop) {
  return std::make_unique<ReportFiles>(workshop);
}

}  // namespace eds::synth
