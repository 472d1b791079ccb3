// Psychiatry: RPS (a sequence of a stay), RAA (an ambulatory act) and R3A (the same, anonymous).
//
// A sequence is a visit_detail of its stay. Ambulatory acts belong to no stay: those of a person
// and a day are one outpatient visit, each act a visit_detail and a procedure (its nature, EDGAR).
#include <string>

#include "base/calendar.h"
#include "ingest/claims.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/summary_file.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

constexpr std::string_view kSequenceTold[] = {
    "finess",     "version",    "sex",       "stay_start_date", "stay_end_date",
    "entry_mode", "provenance", "exit_mode", "destination",     "sequence_start_date",
    "unit",       "dp",         "da_count",  "ccam_count",      "sequence_end_date"};
constexpr std::string_view kActTold[] = {
    "finess",   "version",     "sex",         "act_date",        "unit",       "act_nature", "dp",
    "da_count", "r3a_version", "raa_version", "geographic_code", "postal_code"};

class PsyFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rps", "PMSI PSY: RPS P12, RAA P14, and R3A made of RAA P14", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::Rps, formats::Kind::Raa,
                                               formats::Kind::R3a};
    return kKinds;
  }
  Status take_record(const Context& context, const formats::Record& record) override {
    return record.layout().kind == formats::Kind::Rps ? take_sequence(context, record)
                                                      : take_act(context, record);
  }

 private:
  Status take_sequence(const Context& context, const formats::Record& record);
  Status take_act(const Context& context, const formats::Record& record);
  Status claim_act(Load& load, const formats::Record& record, const SummaryPlace& place);
  Status write_act(const formats::Record& record, const SummaryPlace& place);
};

Status PsyFile::take_sequence(const Context& context, const formats::Record& record) {
  Load& load = context.load;
  const std::optional<std::int64_t> start = day_of(record, "sequence_start_date");
  if (!start.has_value()) {
    return refuse(context, "sequence_start_date", "date-missing", "the sequence has no first day");
  }
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const govern::Identifier nda =
      People::named(govern::IdentifierKind::Nda, authority,
                    formats::trim(record.identifying("stay_number").reveal(Reason::Match)));
  People people(load);
  const std::optional<govern::PersonId> person = TRY(people.person(People::named(
      govern::IdentifierKind::Ipp, authority, record.identifying("ipp").reveal(Reason::Match))));
  if (!person.has_value()) return refuse_identifier(context, "ipp");
  const std::optional<StayOf> stay = TRY(people.stay_of_person(nda, *person));
  if (!stay.has_value()) return refuse_identifier(context, "stay_number");
  if (stay->disputed) load.warn(context.file, "stay_number", "stay-of-another-person");
  const std::string_view unit = text_of(record, "unit");
  const std::string movement = std::string(text_of(record, "sequence_start_date")) + "|" +
                               std::string(unit) + "|" +
                               std::string(text_of(record, "activity_form"));
  SummaryPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.visit_concept = kInpatientVisit;
  place.detail = TRY(load.identities().detail_of(nda, movement));
  place.care_site = TRY(load.claims().care_site(authority, unit, ""));
  place.day = *start;
  place.end_day = std::max(*start, day_of(record, "sequence_end_date").value_or(*start));
  place.from = TRY(begin_record(context, "rps|" + std::string(authority) + "|" +
                                             nda.value.reveal(Reason::Match) + "|" + movement));
  TRY(claim_stay(load, record, place));
  TRY(rows().detail(place, unit, "", ""));
  TRY(rows().condition(text_of(record, "dp"), "DP", place));
  TRY(rows().conditions(record, "da", "DA", place));
  TRY(rows().ccam(record, "ccam", place));
  return rows().facts(record, kSequenceTold, qualifier_of(record, "RPS"), place);
}

Status PsyFile::take_act(const Context& context, const formats::Record& record) {
  Load& load = context.load;
  const std::optional<std::int64_t> day = day_of(record, "act_date");
  if (!day.has_value()) return refuse(context, "act_date", "date-missing", "the act has no day");
  const bool anonymous = record.layout().kind == formats::Kind::R3a;
  const char* const field = anonymous ? "link_index" : "ipp";
  const std::string number(formats::trim(record.identifying(field).reveal(Reason::Match)));
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const govern::Identifier who =
      anonymous ? People::named(govern::IdentifierKind::External, "ano", number)
                : People::named(govern::IdentifierKind::Ipp, authority, number);
  People people(load);
  const std::optional<govern::PersonId> person = TRY(people.person(who));
  if (!person.has_value()) return refuse_identifier(context, field);
  const govern::Identifier visit = People::named(
      govern::IdentifierKind::Visit, (anonymous ? "r3a " : "raa ") + std::string(authority),
      number + "/" + std::string(text_of(record, "act_date")));
  const std::optional<StayOf> stay = TRY(people.stay_of_person(visit, *person));
  if (!stay.has_value()) return refuse_identifier(context, field);
  std::string key =
      std::string(anonymous ? "r3a|" : "raa|") + std::string(authority) + "|" + number;
  for (const char* part : {"act_date", "unit", "unit_sequence", "activity_form", "act_nature",
                           "act_place", "act_modality", "caregiver_category"}) {
    key += "|" + std::string(text_of(record, part));
  }
  key = repeated(std::move(key));
  SummaryPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.visit_concept = kOutpatientVisit;
  place.day = place.end_day = *day;
  place.from = TRY(begin_record(context, key));
  // A movement is told by the record's key: short, and saying nothing.
  place.detail = TRY(load.identities().detail_of(visit, std::to_string(place.from.record_key)));
  place.care_site = TRY(load.claims().care_site(authority, text_of(record, "unit"), ""));
  TRY(claim_act(load, record, place));
  return write_act(record, place);
}

Status PsyFile::claim_act(Load& load, const formats::Record& record, const SummaryPlace& place) {
  PersonClaim person = person_of(record, place.person);
  if (record.layout().kind == formats::Kind::R3a) {
    person.rank = Rank::Summary;
    const std::string_view postal = text_of(record, "postal_code");
    person.postcode = postal.empty() ? text_of(record, "geographic_code") : postal;
    const std::optional<std::int64_t> age = number_of(text_of(record, "age_years"));
    if (age.has_value()) {
      person.birth_year = eds::date_from_days(static_cast<std::int32_t>(place.day)).year - *age;
    }
  }
  TRY(load.claims().person(person, place.from));
  VisitClaim visit;
  visit.visit = place.visit;
  visit.person = place.person;
  visit.rank = Rank::Rss;
  visit.start_day = visit.end_day = place.day;
  visit.visit_concept = kOutpatientVisit;
  visit.care_site = place.care_site;
  return load.claims().visit(visit, place.from);
}

Status PsyFile::write_act(const formats::Record& record, const SummaryPlace& place) {
  const std::string_view unit = text_of(record, "unit");
  TRY(rows().detail(place, unit.empty() ? text_of(record, "unit_sequence") : unit, "", ""));
  TRY(rows().condition(text_of(record, "dp"), "DP", place));
  TRY(rows().conditions(record, "da", "DA", place));
  SummaryAct act;
  act.vocabulary = "EDGAR";
  act.code = text_of(record, "act_nature");
  TRY(rows().act(act, place));
  const bool anonymous = record.layout().kind == formats::Kind::R3a;
  return rows().facts(record, kActTold, qualifier_of(record, anonymous ? "R3A" : "RAA"), place);
}

}  // namespace

std::unique_ptr<FormatReader> psy_reader() {
  return std::make_unique<PsyFile>();
}

}  // namespace eds::ingest::pmsi
