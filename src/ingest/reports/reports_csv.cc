#include "ingest/reports/reports_csv.h"

#include <algorithm>
#include <map>

#include "govern/mask.h"
#include "ingest/mapped_csv.h"
#include "ingest/people.h"

namespace eds::ingest::reports {
namespace {

// OMOP: 32831 EHR note; 32678 UTF-8; 4180190 French language.
constexpr std::int64_t kNoteType = 32831;
constexpr std::int64_t kUtf8 = 32678;
constexpr std::int64_t kFrench = 4180190;
// The longest discharge letters are some 100 kB.
constexpr std::uint64_t kReportBytesMax = 4 << 20;

struct Seen {
  govern::PersonId person = 0;
  std::int64_t first = 0, last = 0;
};

class ReportsCsv final : public MappedCsv {
 public:
  FormatInfo info() const override {
    return {"reports-csv", "medical reports, in a CSV or as text files with an index, by a mapping",
            true, false};
  }

 protected:
  Status prepare(const csv::Reader& reader) override;
  Status take(const csv::Row& row) override;
  Status finish() override;

 private:
  Result<std::optional<std::string>> body_of(const csv::Row& row);
  Status mask_for(govern::PersonId person);
  std::string masked(const std::string& raw, std::int64_t& count);
  Status write(const csv::Row& row, const std::string& body, std::int64_t time_us,
               govern::PersonId person, const std::optional<StayOf>& stay);

  std::string authority_;
  std::size_t ipp_ = kAbsent, nda_ = kAbsent, date_ = kAbsent, type_ = kAbsent, title_ = kAbsent;
  std::size_t text_ = kAbsent, file_column_ = kAbsent, record_id_ = kAbsent;
  bool creates_persons_ = true;
  govern::PersonId masked_person_ = 0;
  std::optional<govern::TextMask> mask_;
  std::map<govern::VisitId, Seen> stays_;
};

Status ReportsCsv::prepare(const csv::Reader& reader) {
  TRY(mapping_.allow({"ipp", "nda", "date", "type", "title", "text", "file", "record_id"},
                     {"identity"}));
  authority_ = TRY(authority());
  creates_persons_ = mapping_.value("identity", "unknown_ipp", "create") != "reject";
  ipp_ = TRY(mapping_.require(reader, "ipp"));
  nda_ = TRY(mapping_.find(reader, "nda"));
  date_ = TRY(mapping_.require(reader, "date"));
  type_ = TRY(mapping_.find(reader, "type"));
  title_ = TRY(mapping_.find(reader, "title"));
  file_column_ = TRY(mapping_.find(reader, "file"));
  text_ = file_column_ == kAbsent ? TRY(mapping_.require(reader, "text"))
                                  : TRY(mapping_.find(reader, "text"));
  record_id_ = TRY(mapping_.find(reader, "record_id"));
  masked_person_ = 0;
  mask_.reset();
  stays_.clear();
  return {};
}

// Whether a relative path has no empty, "." or ".." part (nor any hidden one).
static bool stays_below(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part.empty() || part.starts_with(".")) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

// The report's text as UTF-8, from the row or from the file that it names; nothing when that file
// is not there.
Result<std::optional<std::string>> ReportsCsv::body_of(const csv::Row& row) {
  if (file_column_ == kAbsent) {
    const std::string_view raw = field_at(row, text_);
    // A row is written by one hand: its own bytes say its encoding better than the file's do.
    if (text::is_utf8(raw)) return std::optional<std::string>(raw);
    return std::optional<std::string>(text::to_utf8(raw, text::detect_encoding(raw)).text);
  }
  const std::string name = text_of(row, file_column_);
  // Only files beside or below the index: another path could read anything of this machine.
  if (!stays_below(name) || load_->request().paths.empty()) {
    return std::optional<std::string>();
  }
  const Path& index = load_->request().paths.front();
  const Path beside = index.substr(0, index.size() - base_name(index).size()) + name;
  Result<std::string> bytes = load_->env().read_all(beside, kReportBytesMax);
  if (!bytes.ok()) return std::optional<std::string>();
  TRY(load_->keep(*bytes, name));
  return std::optional<std::string>(text::to_utf8(*bytes, text::detect_encoding(*bytes)).text);
}

Status ReportsCsv::mask_for(govern::PersonId person) {
  if (masked_person_ == person && mask_.has_value()) return {};
  std::vector<govern::Traits> history;
  for (govern::TraitRecord& record : TRY(load_->identities().trait_history(person, Reason::Mask))) {
    history.push_back(std::move(record.traits));
  }
  if (history.empty()) {
    load_->warn(*file_, "ipp", "no name is known of the patient: masked by shape and numbers only");
  }
  mask_.emplace(TRY(govern::TextMask::for_person(
      history, TRY(load_->identities().identifiers_of(person, Reason::Mask)))));
  masked_person_ = person;
  return {};
}

std::string ReportsCsv::masked(const std::string& raw, std::int64_t& count) {
  const govern::KnownNumber known = [this](std::string_view digits) -> std::optional<govern::Tag> {
    const auto names = [&](govern::IdentifierKind kind) {
      const Result<std::optional<govern::PersonId>> found =
          load_->identities().find(People::named(kind, authority_, digits));
      return found.ok() && found->has_value();
    };
    if (names(govern::IdentifierKind::Ipp)) return govern::Tag::Ipp;
    if (names(govern::IdentifierKind::Nda)) return govern::Tag::Nda;
    return std::nullopt;
  };
  const govern::MaskedText text = mask_->apply(raw, known);
  count += text.total();
  return text.text;
}

Status ReportsCsv::take(const csv::Row& row) {
  const std::optional<std::int64_t> time_us = pattern_->parse_us(text_of(row, date_));
  if (!time_us.has_value()) {
    return reject(row, "date", "date-malformed", "the date is not as the mapping says");
  }
  const std::optional<std::string> body = TRY(body_of(row));
  if (!body.has_value()) {
    return reject(row, "file", "file-missing", "the report's file is not beside the index");
  }
  if (body->empty()) return reject(row, "text", "text-empty", "the report has no text");
  const govern::Identifier ipp =
      People::named(govern::IdentifierKind::Ipp, authority_, text_of(row, ipp_));
  if (!creates_persons_) {
    const Result<std::optional<govern::PersonId>> known = load_->identities().find(ipp);
    if (known.ok() && !known->has_value()) {
      return reject(row, "ipp", "person-unknown", "no person has this number");
    }
  }
  People people(*load_);
  const std::optional<govern::PersonId> person = TRY(
      people.person(People::named(govern::IdentifierKind::Ipp, authority_, text_of(row, ipp_))));
  if (!person.has_value()) {
    return reject(row, "ipp", "identifier-malformed", "the IPP is missing or cannot be one");
  }
  std::optional<StayOf> stay;
  const std::string nda = text_of(row, nda_);
  govern::PersonId holder = *person;
  if (!nda.empty()) {
    stay = TRY(people.stay_of_person(People::named(govern::IdentifierKind::Nda, authority_, nda),
                                     *person));
    if (stay.has_value() && stay->disputed) {
      load_->warn(*file_, "nda", "stay-of-another-person");
    } else if (stay.has_value()) {
      holder = stay->person;
    }
  }
  TRY(mask_for(holder));
  return write(row, *body, *time_us, holder, stay);
}

Status ReportsCsv::write(const csv::Row& row, const std::string& body, std::int64_t time_us,
                         govern::PersonId person, const std::optional<StayOf>& stay) {
  std::int64_t masked_count = 0;
  const std::string text = masked(body, masked_count);
  const std::string title = masked(text_of(row, title_), masked_count);
  const std::string type = masked(text_of(row, type_), masked_count);
  const std::int64_t day = time_us / 86'400'000'000 - (time_us % 86'400'000'000 < 0 ? 1 : 0);
  std::int64_t key = 0;
  // A source that numbers nothing still sends some rows twice: then the row itself is its number.
  const std::string record = text_of(row, record_id_);
  key = load_->identities().record_key(
      (record.empty() ? "report-row|" : "report|") + load_->request().source_name + "|" +
      (record.empty() ? std::string(row.raw()) + "|" + body : record));
  const Provenance from = provenance(row, key);
  if (key != 0) TRY(load_->loader().record(key, from.source_id, from.position));
  model::RowWriter& note = *TRY(load_->rows("note"));
  const model::Table& table = note.table();
  note.set(table.id_column, TRY(load_->next_id(table)));
  note.set(table.person_column, person);
  note.set(table.date_column, day);
  note.set(table.column("note_datetime"), time_us);
  note.set(table.column("note_type_concept_id"), kNoteType);
  note.set(table.column("note_class_concept_id"), 0);
  if (!title.empty()) note.set_text(table.column("note_title"), title);
  note.set_text(table.column("note_text"), text);
  note.set(table.column("encoding_concept_id"), kUtf8);
  note.set(table.column("language_concept_id"), kFrench);
  if (stay.has_value() && !stay->disputed) {
    note.set(table.column("visit_occurrence_id"), stay->visit);
    Seen& seen = stays_.try_emplace(stay->visit, Seen{person, day, day}).first->second;
    seen.first = std::min(seen.first, day);
    seen.last = std::max(seen.last, day);
  }
  if (!type.empty()) note.set_text(table.column("note_source_value"), type);
  note.set(table.column("eds_masked_count"), masked_count);
  Load::stamp(note, from);
  ++file_->report.rows_by_table["note"];
  load_->claims().saw(person, day, day);
  return note.end_row();
}

Status ReportsCsv::finish() {
  Provenance from;
  from.source_id = file_->source_id;
  for (const auto& [visit, seen] : stays_) {
    VisitClaim claim;
    claim.visit = visit;
    claim.person = seen.person;
    claim.rank = Rank::Observed;
    claim.start_day = seen.first;
    claim.end_day = seen.last;
    TRY(load_->claims().visit(claim, from));
  }
  return {};
}

}  // namespace

std::unique_ptr<FormatReader> reports_csv_reader() {
  return std::make_unique<ReportsCsv>();
}

}  // namespace eds::ingest::reports
