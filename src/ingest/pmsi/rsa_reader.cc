// RSA: the anonymous output of the stays of a year, and ANO, which chains them by person.
//
// An RSA has ages, months and delays where the RSS has dates. OMOP asks for days: a stay ends on
// the last day of its month of exit (OMOP's own rule for a death known by its month) and begins its
// length before; acts stand at their delay, RUM one after the other by their lengths. ANO gives the
// true days where it has them. A year of birth comes from the age on entry and may be one too high.
#include <map>
#include <string>

#include "base/calendar.h"
#include "format/pmsi/rsa.h"
#include "ingest/claims.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/summary_file.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

constexpr std::int64_t kEmergencyThenInpatient = 262;

struct Month {
  int year = 0;
  unsigned month = 0;

  bool holds() const { return year >= 1990 && year <= 2100 && month >= 1 && month <= 12; }
  std::int64_t last_day() const {
    const auto in_year = static_cast<std::int32_t>(month);
    return eds::days_from_date({year, in_year, eds::days_in_month(year, in_year)});
  }
};

// An RSA's number is unique among the stays of an establishment and a year.
govern::Identifier stay_name(std::string_view authority, int year, std::string_view index) {
  return People::named(govern::IdentifierKind::Visit,
                       "rsa " + std::string(authority) + " " + std::to_string(year), index);
}

// The national anonymous number: the same in every establishment, so it has no authority.
govern::Identifier anonymous_name(const formats::Record& record) {
  return People::named(govern::IdentifierKind::External, "ano",
                       record.identifying("link_index").reveal(Reason::Match));
}

int year_of(std::int64_t day) {
  return eds::date_from_days(static_cast<std::int32_t>(day)).year;
}

// Fields of the fixed part that have a column, or are told by a fact of another name.
constexpr std::string_view kRsaTold[] = {
    "finess",          "rsa_version", "rsa_index",  "rum_count", "sex",
    "entry_mode",      "provenance",  "exit_month", "exit_year", "exit_mode",
    "destination",     "dp",          "dr",         "da_count",  "act_count",
    "geographic_code", "postal_code", "read_cmd",   "read_type", "read_number",
    "read_severity",   "cmd",         "type",       "number",    "severity",
    "aut_count",       "rdth_count"};
constexpr std::string_view kRumTold[] = {"rum_sequence", "unit_finess", "dp",         "dr",
                                         "da_count",     "act_count",   "length_days"};

class RsaFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rsa", "PMSI MCO RSA, versions 218-229: anonymous stays", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::Rsa};
    return kKinds;
  }
  Status take_record(const Context& context, const formats::Record& record) override;

 private:
  Status claim(Load& load, const formats::Rsa& rsa, const SummaryPlace& stay);
  Status write_rum(const formats::Rsa& rsa, std::size_t index, const SummaryPlace& stay,
                   const SummaryPlace& part);
  Status write_stay(const formats::Rsa& rsa, const SummaryPlace& stay);
  Status write_act(const formats::Rsa& rsa, std::size_t index, const SummaryPlace& stay,
                   const SummaryPlace& part);
};

Status RsaFile::take_record(const Context& context, const formats::Record& record) {
  const formats::Rsa rsa = formats::read_rsa(record);
  const Month exit{static_cast<int>(rsa.exit_year.value), rsa.exit_month.value};
  if (!exit.holds()) {
    return refuse(context, "exit_month", "date-impossible", "no month of exit");
  }
  Load& load = context.load;
  const std::string_view authority = authority_of(load, rsa.finess);
  const govern::Identifier name = stay_name(authority, exit.year, rsa.index);
  const std::optional<StayOf> known = TRY(People(load).stay(name));
  if (!known.has_value()) return refuse_identifier(context, "rsa_index");
  SummaryPlace stay;
  stay.person = known->person;
  stay.visit = known->visit;
  stay.end_day = exit.last_day();
  stay.day = stay.end_day - rsa.length_days.value;
  stay.visit_concept = rsa.provenance == '5' ? kEmergencyThenInpatient : kInpatientVisit;
  stay.care_site = TRY(load.claims().care_site(authority, "", ""));
  stay.from =
      TRY(begin_record(context, "rsa|" + std::string(authority) + "|" + std::to_string(exit.year) +
                                    "|" + std::string(rsa.index)));
  TRY(claim(load, rsa, stay));
  TRY(write_stay(rsa, stay));
  std::int64_t day = stay.day;
  for (std::uint32_t i = 0; i < rsa.rum_count; ++i) {
    SummaryPlace part = stay;
    part.visit_concept = kInpatientVisit;
    part.detail = TRY(load.identities().detail_of(name, std::to_string(i + 1)));
    part.day = day;
    day = std::min(day + rsa.rum(i).length_days.value, stay.end_day);
    part.end_day = day;
    const std::string_view site = rsa.rum(i).unit_finess;
    if (!site.empty()) part.care_site = TRY(load.claims().care_site(site, "", ""));
    TRY(write_rum(rsa, i, stay, part));
  }
  return {};
}

Status RsaFile::claim(Load& load, const formats::Rsa& rsa, const SummaryPlace& stay) {
  PersonClaim person;
  person.person = stay.person;
  person.rank = Rank::Summary;
  person.gender = rsa.sex == '1' ? 'M' : rsa.sex == '2' ? 'F' : rsa.sex == '3' ? 'U' : '\0';
  if (rsa.age_years.present()) {
    person.birth_year = year_of(stay.day) - static_cast<int>(rsa.age_years.value);
  } else if (rsa.age_days.present()) {
    person.birth_year = year_of(stay.day - rsa.age_days.value);
  }
  if (rsa.exit_mode == '9') person.death_day = stay.end_day;
  const std::string_view postal = text_of(rsa.record, "postal_code");
  person.postcode = postal.empty() ? rsa.geographic_code : postal;
  TRY(load.claims().person(person, stay.from));
  VisitClaim visit;
  visit.visit = stay.visit;
  visit.person = stay.person;
  visit.rank = Rank::Summary;
  visit.start_day = stay.day;
  visit.end_day = stay.end_day;
  visit.entry_mode = text_of(rsa.record, "entry_mode");
  visit.provenance = text_of(rsa.record, "provenance");
  visit.exit_mode = text_of(rsa.record, "exit_mode");
  visit.destination = text_of(rsa.record, "destination");
  visit.visit_concept = stay.visit_concept;
  visit.ghm = rsa.ghm;
  visit.care_site = stay.care_site;
  return load.claims().visit(visit, stay.from);
}

Status RsaFile::write_stay(const formats::Rsa& rsa, const SummaryPlace& stay) {
  const std::string qualifier = qualifier_of(rsa.record, "RSA");
  TRY(rows().fact("ghm", qualifier, rsa.ghm, std::nullopt, stay));
  TRY(rows().fact("ghm_read", qualifier, rsa.ghm_read, std::nullopt, stay));
  const std::string_view year = text_of(rsa.record, "exit_year");
  const std::string month =
      std::string(year) + "-" + std::string(text_of(rsa.record, "exit_month"));
  TRY(rows().fact("exit_month", qualifier, month, std::nullopt, stay));
  TRY(rows().fact("dp", qualifier, rsa.dp, std::nullopt, stay));
  TRY(rows().fact("dr", qualifier, rsa.dr, std::nullopt, stay));
  TRY(rows().facts(rsa.record, kRsaTold, qualifier, stay));
  for (const char* block : {"aut", "rdth"}) {
    for (std::size_t i = 0; i < BlockView(rsa.record, block).size(); ++i) {
      TRY(rows().block_facts(rsa.record, block, i, {}, qualifier, stay));
    }
  }
  // What no RUM block calls its own is the stay's: a stay without RUM, or counts that disagree.
  std::uint32_t das = 0, acts = 0;
  if (rsa.rum_count > 0) {
    const formats::RsaRum last = rsa.rum(rsa.rum_count - 1);
    das = last.first_da + last.da_count;
    acts = last.first_act + last.act_count;
  } else {
    TRY(rows().condition(rsa.dp, "DP", stay));
    TRY(rows().condition(rsa.dr, "DR", stay));
  }
  for (std::size_t i = das; i < rsa.das.size(); ++i) TRY(rows().condition(rsa.das[i], "DA", stay));
  for (std::size_t i = acts; i < rsa.act_count; ++i) TRY(write_act(rsa, i, stay, stay));
  return {};
}

Status RsaFile::write_rum(const formats::Rsa& rsa, std::size_t index, const SummaryPlace& stay,
                          const SummaryPlace& part) {
  const formats::RsaRum rum = rsa.rum(index);
  // Only the stay's own ends are known: between its RUM the patient passed by mutation.
  const bool first = index == 0;
  const bool last = index + 1 == rsa.rum_count;
  const std::string admitted{rsa.entry_mode, rsa.provenance};
  const std::string discharged{rsa.exit_mode, rsa.destination};
  TRY(rows().detail(part, rum.authorisation, first ? admitted : "6", last ? discharged : "6"));
  TRY(rows().condition(rum.dp, "DP", part));
  TRY(rows().condition(rum.dr, "DR", part));
  for (std::uint32_t i = 0; i < rum.da_count; ++i) {
    TRY(rows().condition(rsa.das[rum.first_da + i], "DA", part));
  }
  for (std::uint32_t i = 0; i < rum.act_count; ++i) {
    TRY(write_act(rsa, rum.first_act + i, stay, part));
  }
  return rows().block_facts(rsa.record, "rum", index, kRumTold, qualifier_of(rsa.record, "RSA"),
                            part);
}

Status RsaFile::write_act(const formats::Rsa& rsa, std::size_t index, const SummaryPlace& stay,
                          const SummaryPlace& part) {
  const BlockView acts(rsa.record, "act");
  const formats::RsaAct read = rsa.act(index);
  SummaryAct act;
  act.vocabulary = "CCAM";
  act.code = read.code;
  if (read.delay_days.present()) act.day = stay.day + read.delay_days.value;
  if (read.count.present()) act.count = read.count.value;
  act.phase = acts.text(index, "phase");
  act.activity = acts.text(index, "activity");
  act.extension = read.extension;
  act.documentary_extension = acts.text(index, "documentary_extension");
  act.modifiers = read.modifiers;
  act.exceptional_reimbursement = acts.text(index, "exceptional_reimbursement");
  act.unplanned_association = acts.text(index, "unplanned_association");
  TRY(rows().act(act, part));
  return {};
}

constexpr std::string_view kAnoTold[] = {"finess",    "ano_version",     "vid_hosp_version",
                                         "rsa_index", "stay_start_date", "stay_end_date"};

class AnoFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-ano", "PMSI ANO: chains RSA to anonymous persons", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::Ano};
    return kKinds;
  }
  Status take_record(const Context& context, const formats::Record& record) override;

 private:
  static Result<bool> is_chained(Load& load, govern::PersonId person);
};

// Month and year of exit, where the sheet has a filler and the files have them (48-53), or the day.
Month exit_of(const formats::Record& record) {
  const std::string_view text = text_of(record, "filler_1");
  Month month;
  if (text.size() == 6) {
    month.month = static_cast<unsigned>(number_of(text.substr(0, 2)).value_or(0));
    month.year = static_cast<int>(number_of(text.substr(2)).value_or(0));
    if (month.holds()) return month;
  }
  const std::optional<std::int64_t> day = day_of(record, "stay_end_date");
  if (!day.has_value()) return {};
  const eds::Date date = eds::date_from_days(static_cast<std::int32_t>(*day));
  return {date.year, static_cast<unsigned>(date.month)};
}

Result<bool> AnoFile::is_chained(Load& load, govern::PersonId person) {
  for (const govern::Identifier& each :
       TRY(load.identities().identifiers_of(person, Reason::Match))) {
    if (each.kind == govern::IdentifierKind::External) return true;
  }
  return false;
}

Status AnoFile::take_record(const Context& context, const formats::Record& record) {
  const Month exit = exit_of(record);
  if (!exit.holds()) {
    return refuse(context, "filler_1", "date-missing",
                  "neither a month of exit (48-53) nor a day: the RSA's year is not known");
  }
  Load& load = context.load;
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const std::string_view index = text_of(record, "rsa_index");
  const govern::Identifier name = stay_name(authority, exit.year, index);
  People people(load);
  const std::optional<govern::PersonId> person = TRY(people.person(anonymous_name(record)));
  if (!person.has_value()) return refuse_identifier(context, "link_index");
  Result<std::optional<govern::PersonId>> before = load.identities().find(name);
  if (!before.ok()) {
    if (blames_record(before.error())) return refuse_identifier(context, "rsa_index");
    return std::move(before).error();
  }
  // RSA are numbered anew with each transmission: two persons must never become one by that.
  if (before->has_value() && **before != *person && TRY(is_chained(load, **before))) {
    return refuse(context, "rsa_index", "chained-otherwise",
                  "this RSA is chained to another person: its year was numbered anew");
  }
  const std::optional<StayOf> known = TRY(people.stay_of_person(name, *person));
  if (!known.has_value()) return refuse_identifier(context, "rsa_index");
  SummaryPlace stay;
  stay.person = known->person;
  stay.visit = known->visit;
  stay.end_day = day_of(record, "stay_end_date").value_or(exit.last_day());
  stay.day = day_of(record, "stay_start_date").value_or(stay.end_day);
  stay.from = TRY(begin_record(context, "ano|" + std::string(authority) + "|" +
                                            std::to_string(exit.year) + "|" + std::string(index)));
  PersonClaim claim;
  claim.person = stay.person;
  claim.rank = Rank::Summary;
  const formats::Date birth =
      formats::parse_date(record.identifying("birth_date").reveal(Reason::Match));
  if (birth.present()) claim.birth_day = birth.day;
  TRY(load.claims().person(claim, stay.from));
  VisitClaim visit;
  visit.visit = stay.visit;
  visit.person = stay.person;
  visit.rank = Rank::VidHosp;
  visit.start_day = day_of(record, "stay_start_date");
  visit.end_day = day_of(record, "stay_end_date");
  if (visit.start_day.has_value() || visit.end_day.has_value()) {
    TRY(load.claims().visit(visit, stay.from));
  }
  load.claims().saw(stay.person, stay.day, stay.end_day);
  return rows().facts(record, kAnoTold, qualifier_of(record, "ANO"), stay);
}

}  // namespace

std::unique_ptr<FormatReader> rsa_reader() {
  return std::make_unique<RsaFile>();
}
std::unique_ptr<FormatReader> ano_reader() {
  return std::make_unique<AnoFile>();
}

}  // namespace eds::ingest::pmsi
