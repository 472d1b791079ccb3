#include "ingest/pmsi/summary_file.h"

#include "ingest/claims.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

// A version is a few letters and digits; what stands there in a line that has slipped may be a part
// of a number of somebody, so anything longer or stranger is not repeated.
bool is_like_a_version(std::string_view text) {
  if (text.empty() || text.size() > 4) return false;
  for (const char c : text) {
    if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z')) return false;
  }
  return true;
}

}  // namespace

Provenance SummaryFile::Context::provenance() const {
  Provenance from;
  from.source_id = file.source_id;
  from.position = static_cast<std::int64_t>(file.original_line(line.number));
  return from;
}

std::string qualifier_of(const formats::Record& record, std::string_view word) {
  return std::string(word) + " " + std::string(record.layout().version);
}

Status SummaryFile::begin(Load& load, FeedFile& file) {
  rows_.emplace(TRY(SummaryRows::open(load, file)));
  times_.clear();
  return {};
}

Status SummaryFile::finish(Load&, FeedFile&) {
  return rows_->finish();
}

formats::Parsed SummaryFile::parse_line(std::string_view line) {
  for (const formats::Kind kind : kinds()) {
    if (formats::layout(kind, formats::version_of(kind, line)) != nullptr) {
      return formats::parse(kind, line);
    }
  }
  formats::Parsed unknown;
  unknown.finding = formats::FindingCode::UnknownVersion;
  return unknown;
}

std::string SummaryFile::why_not(const formats::Parsed& parsed, std::string_view line) const {
  if (!parsed.finding.has_value()) return "not a record of this format";
  if (*parsed.finding == formats::FindingCode::CodeUnknown) {  // see RsfReader
    return "two layouts explain the line: feed it behind the first line of its invoice";
  }
  if (*parsed.finding != formats::FindingCode::UnknownVersion) {
    return std::string(formats::reason(*parsed.finding));
  }
  std::string known;
  std::string written;
  for (const formats::Kind kind : kinds()) {
    const std::string_view version = formats::version_of(kind, line);
    for (const formats::Layout& layout : formats::layouts(kind)) {
      if (known.find(" " + std::string(layout.version)) == std::string::npos) {
        known += " " + std::string(layout.version);
      }
      // Where two kinds write their version at two places, the likeness of one letter decides.
      const bool alike = is_like_a_version(version) && version[0] == layout.version[0];
      if (alike && written.empty()) written = version;
    }
  }
  const std::string_view first = formats::version_of(kinds().front(), line);
  if (written.empty() && is_like_a_version(first)) written = first;
  return (written.empty() ? std::string("the line carries no version")
                          : "version " + written + " is not known") +
         "; known:" + known;
}

Status SummaryFile::take(Load& load, FeedFile& file, const formats::Line& line) {
  const formats::Parsed parsed = parse_line(line.bytes);
  if (!parsed.whole) {
    const std::string_view code =
        parsed.finding.has_value() ? formats::code_word(*parsed.finding) : "not-whole";
    return reject(load, file, line, parsed.field, code, why_not(parsed, line.bytes));
  }
  const std::span<const formats::Finding> findings =
      checker_.check_record(parsed.record, line.number);
  for (const formats::Finding& finding : findings) {
    if (finding.severity == formats::Severity::Error) return reject(load, file, line, findings);
  }
  warn(load, file, findings);
  if (parsed.finding.has_value()) {
    load.warn(file, parsed.field, formats::code_word(*parsed.finding));
  }
  return take_record(Context{load, file, line}, parsed.record);
}

Result<Provenance> SummaryFile::begin_record(const Context& context,
                                             const std::string& natural_key) {
  Provenance from = context.provenance();
  from.record_key = context.load.identities().record_key(natural_key);
  TRY(context.load.loader().record(from.record_key, from.source_id, from.position));
  return from;
}

std::string SummaryFile::repeated(std::string key) {
  const int time = ++times_[key];
  return key + "|" + std::to_string(time);
}

Status SummaryFile::refuse(const Context& context, std::string_view field, std::string_view code,
                           std::string_view reason) {
  return reject(context.load, context.file, context.line, field, code, reason);
}

Status SummaryFile::refuse_identifier(const Context& context, std::string_view field) {
  return refuse(context, field, "identifier-malformed", "the number cannot be one");
}

PersonClaim SummaryFile::person_of(const formats::Record& record, govern::PersonId person) {
  PersonClaim claim;
  claim.person = person;
  claim.rank = Rank::Rss;
  const std::string_view sex = text_of(record, "sex");
  claim.gender = sex == "1" ? 'M' : sex == "2" ? 'F' : sex == "3" ? 'U' : '\0';
  const formats::Date birth =
      formats::parse_date(record.identifying("birth_date").reveal(Reason::Match));
  if (birth.present()) claim.birth_day = birth.day;
  claim.postcode = formats::trim(record.identifying("residence").reveal(Reason::Match));
  return claim;
}

Status SummaryFile::claim_stay(Load& load, const formats::Record& record,
                               const SummaryPlace& place) {
  PersonClaim person = person_of(record, place.person);
  if (text_of(record, "exit_mode") == "9") person.death_day = day_of(record, "stay_end_date");
  TRY(load.claims().person(person, place.from));
  VisitClaim visit;
  visit.visit = place.visit;
  visit.person = place.person;
  visit.rank = Rank::Rss;
  visit.start_day = day_of(record, "stay_start_date").value_or(place.day);
  visit.end_day = day_of(record, "stay_end_date").value_or(place.end_day);
  visit.entry_mode = text_of(record, "entry_mode");
  visit.provenance = text_of(record, "provenance");
  visit.exit_mode = text_of(record, "exit_mode");
  visit.destination = text_of(record, "destination");
  visit.visit_concept = place.visit_concept;
  visit.care_site = place.care_site;
  return load.claims().visit(visit, place.from);
}

}  // namespace eds::ingest::pmsi
