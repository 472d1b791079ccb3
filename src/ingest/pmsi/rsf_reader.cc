// RSF: invoice lines, of stays (ex-OQN: MCO, SMR, PSY, HAD) and of outpatient acts (ACE).
//
// The A line says who and when: claims, and the cost of the visit. Any other line is one event and,
// where it has amounts, its cost: B and C services and fees (observation), H drugs (drug_exposure),
// P prostheses (device_exposure), L biology and M CCAM acts (procedure_occurrence), I interruptions
// (observation). Amounts are in euros. An RSF says again what the RSS of the same stay says of its
// acts: count acts of one format, by eds_source.
#include <string>
#include <utility>

#include "format/pmsi/rsf.h"
#include "ingest/claims.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/row_fields.h"
#include "ingest/pmsi/summary_file.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

constexpr std::int64_t kEuro = 44818568;

// What has a column; the rest goes into observation.
constexpr std::string_view kTold[] = {"type",
                                      "finess",
                                      "unit_finess",
                                      "sex",
                                      "civility",
                                      "entry_date",
                                      "exit_date",
                                      "start_date",
                                      "end_date",
                                      "date",
                                      "service",
                                      "count",
                                      "total_cents",
                                      "amo_cents",
                                      "amc_cents",
                                      "ccam",
                                      "ucd",
                                      "lpp",
                                      "phase",
                                      "activity",
                                      "modifier_1",
                                      "modifier_2",
                                      "modifier_3",
                                      "modifier_4",
                                      "documentary_extension",
                                      "act_date_1",
                                      "act_count_1",
                                      "act_code_1",
                                      "act_date_2",
                                      "act_count_2",
                                      "act_code_2",
                                      "act_date_3",
                                      "act_count_3",
                                      "act_code_3",
                                      "act_date_4",
                                      "act_count_4",
                                      "act_code_4",
                                      "act_date_5",
                                      "act_count_5",
                                      "act_code_5",
                                      "interruption_nature",
                                      "noemie_paid_cents",
                                      "reimbursement_base_cents",
                                      "exceptional_reimbursement",
                                      "unplanned_association"};

class RsfFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rsf", "PMSI RSF and RSF-ACE, invoice lines A B C H I L M P", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::Rsf, formats::Kind::RsfEntry,
                                               formats::Kind::RsfAce};
    return kKinds;
  }
  formats::Parsed parse_line(std::string_view line) override { return lines_.parse(line); }
  Status begin(Load& load, FeedFile& file) override {
    lines_ = formats::RsfReader();
    return SummaryFile::begin(load, file);
  }
  Status take_record(const Context& context, const formats::Record& record) override;

 private:
  struct Amounts {
    std::optional<double> charge, payer, primary, paid, allowed;
  };
  Result<std::optional<StayOf>> stay_of(const Context& context, const formats::Record& record,
                                        std::string_view authority);
  Status claim(const Context& context, const formats::Record& record, const SummaryPlace& place);
  Status say_who(const Context& context, const formats::Record& record, govern::PersonId person);
  Status write(const formats::Record& record, const SummaryPlace& place, Load& load);
  Result<std::int64_t> write_drug(const formats::Record& record, const SummaryPlace& place,
                                  Load& load);
  Result<std::int64_t> write_device(const formats::Record& record, const SummaryPlace& place,
                                    Load& load);
  Result<std::int64_t> write_ccam(const formats::Record& record, const SummaryPlace& place);
  Status write_biology(const formats::Record& record, const SummaryPlace& place);
  Status write_cost(const formats::Record& record, const Amounts& amounts, const char* domain,
                    std::int64_t event, const SummaryPlace& place, Load& load);

  formats::RsfReader lines_;
};

std::string_view secret(const formats::Record& record, std::string_view field) {
  return formats::trim(record.identifying(field).reveal(Reason::Match));
}

bool names_rss(const formats::Record& record) {
  return record.layout().kind == formats::Kind::Rsf;
}

govern::Identifier stay_name(const formats::Record& record, std::string_view authority) {
  return names_rss(record)
             ? People::named(govern::IdentifierKind::Rss, authority, secret(record, "rss_number"))
             : People::named(govern::IdentifierKind::Visit, "entry " + std::string(authority),
                             secret(record, "entry_number"));
}

std::optional<double> euros(const formats::Record& record, std::string_view field) {
  const std::optional<std::int64_t> cents = number_of(text_of(record, field));
  if (!cents.has_value()) return std::nullopt;
  return static_cast<double>(*cents) / 100.0;
}

// What is blank adds nothing; two blanks are no amount.
std::optional<double> sum(std::optional<double> one, std::optional<double> other) {
  if (!one.has_value()) return other;
  return *one + other.value_or(0);
}

const char* day_field(char type) {
  switch (type) {
    case 'A': return "entry_date";
    case 'L': return "act_date_1";
    case 'C':
    case 'M': return "date";
    default: return "start_date";
  }
}

Result<std::optional<StayOf>> RsfFile::stay_of(const Context& context,
                                               const formats::Record& record,
                                               std::string_view authority) {
  People people(context.load);
  const govern::Identifier name = stay_name(record, authority);
  const std::string_view ipp = secret(record, "ipp");
  if (ipp.empty()) return people.stay(name);
  const std::optional<govern::PersonId> person =
      TRY(people.person(People::named(govern::IdentifierKind::Ipp, authority, ipp)));
  if (!person.has_value()) return std::optional<StayOf>();
  return people.stay_of_person(name, *person);
}

Status RsfFile::take_record(const Context& context, const formats::Record& record) {
  Load& load = context.load;
  const char type = record.layout().version[0];
  const char* field = day_field(type);
  // RSF-ACE writes the day of care where the others write a period.
  if (!record.layout().find(field).has_value()) field = "date";
  const std::optional<std::int64_t> day = day_of(record, field);
  if (!day.has_value()) return refuse(context, field, "date-missing", "the line has no day");
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const std::optional<StayOf> stay = TRY(stay_of(context, record, authority));
  if (!stay.has_value()) {
    return refuse_identifier(context, names_rss(record) ? "rss_number" : "entry_number");
  }
  if (stay->disputed) load.warn(context.file, "ipp", "stay-of-another-person");
  std::string key = "rsf|" + std::string(authority) + "|";
  key.append(secret(record, names_rss(record) ? "rss_number" : "entry_number"));
  key.append("|").append(secret(record, "invoice_number")).append("|").append(1, type);
  for (const char* part : {"service", "ccam", "ucd", "lpp", "phase", "activity", "act_code_1"}) {
    key.append("|").append(text_of(record, part));
  }
  if (type != 'A') key += "|" + std::to_string(*day);
  SummaryPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.visit_concept =
      record.layout().kind == formats::Kind::RsfAce ? kOutpatientVisit : kInpatientVisit;
  place.day = *day;
  place.end_day =
      std::max(*day, day_of(record, type == 'A' ? "exit_date" : "end_date").value_or(*day));
  const std::string_view site = text_of(record, "unit_finess");
  place.care_site = TRY(load.claims().care_site(site.empty() ? authority : site, "", ""));
  place.from = TRY(begin_record(context, repeated(std::move(key))));
  if (type == 'A') TRY(claim(context, record, place));
  load.claims().saw(place.person, place.day, place.end_day);
  return write(record, place, load);
}

Status RsfFile::claim(const Context& context, const formats::Record& record,
                      const SummaryPlace& place) {
  TRY(say_who(context, record, place.person));
  PersonClaim person = person_of(record, place.person);
  person.rank = Rank::Summary;
  TRY(context.load.claims().person(person, place.from));
  VisitClaim visit;
  visit.visit = place.visit;
  visit.person = place.person;
  visit.rank = Rank::Summary;
  visit.start_day = place.day;
  visit.end_day = place.end_day;
  visit.visit_concept = place.visit_concept;
  visit.care_site = place.care_site;
  return context.load.claims().visit(visit, place.from);
}

Status RsfFile::say_who(const Context& context, const formats::Record& record,
                        govern::PersonId person) {
  Load& load = context.load;
  const std::string_view ins = secret(record, "ins");
  if (!ins.empty()) {
    const Result<bool> linked =
        People(load).link(People::named(govern::IdentifierKind::Ins, "", ins), person);
    if (!linked.ok()) {
      if (!blames_record(linked.error())) return linked.error();
      load.warn(context.file, "ins", "identifier-malformed");
    } else if (!*linked) {
      load.warn(context.file, "ins", "ins-of-another-person");
    }
  }
  govern::Traits traits;
  traits.birth_date = Identifying<std::string>(std::string(secret(record, "birth_date")));
  const std::string nir =
      std::string(secret(record, "nir")) + std::string(secret(record, "nir_key"));
  if (!nir.empty()) traits.nir = Identifying<std::string>(nir);
  return load.identities().set_traits(person, traits, context.file.source_id);
}

Status RsfFile::write(const formats::Record& record, const SummaryPlace& place, Load& load) {
  const char type = record.layout().version[0];
  const std::string qualifier =
      qualifier_of(record, record.layout().kind == formats::Kind::RsfAce ? "RSF-ACE" : "RSF");
  Amounts amounts;
  amounts.charge = euros(record, "total_cents");
  amounts.primary = euros(record, "amo_cents");
  amounts.payer = sum(amounts.primary, euros(record, "amc_cents"));
  amounts.paid = euros(record, "noemie_paid_cents");
  amounts.allowed = euros(record, "reimbursement_base_cents");
  std::int64_t event = 0;
  const char* domain = "Observation";
  switch (type) {
    case 'A':
      domain = "Visit";
      amounts.allowed = euros(record, "hospital_base_cents");
      amounts.charge = sum(euros(record, "hospital_total_cents"), euros(record, "fee_total_cents"));
      amounts.primary = sum(euros(record, "hospital_amo_cents"), euros(record, "fee_amo_cents"));
      amounts.payer = sum(amounts.primary,
                          sum(euros(record, "hospital_amc_cents"), euros(record, "fee_amc_cents")));
      TRY(write_cost(record, amounts, domain, place.visit, place, load));
      break;
    case 'H':
      domain = "Drug";
      event = TRY(write_drug(record, place, load));
      break;
    case 'P':
      domain = "Device";
      event = TRY(write_device(record, place, load));
      break;
    case 'L': TRY(write_biology(record, place)); break;
    case 'M': event = TRY(write_ccam(record, place)); break;
    case 'I':
      event = TRY(rows().fact("interruption", qualifier,
                              text_of(record, "interruption_nature").empty()
                                  ? std::string_view("?")
                                  : text_of(record, "interruption_nature"),
                              std::nullopt, place));
      break;
    default: {  // B and C
      const std::string_view service = text_of(record, "service");
      const std::string_view times = text_of(record, "count");
      const std::optional<std::int64_t> count = number_of(times);
      event = TRY(
          rows().fact(service.empty() ? "service" : service, qualifier, times.empty() ? "?" : times,
                      count.has_value() ? std::optional<double>(*count) : std::nullopt, place));
    }
  }
  if (type != 'A' && amounts.charge.has_value()) {
    TRY(write_cost(record, amounts, domain, event, place, load));
  }
  return rows().facts(record, kTold, qualifier, place, event);
}

Result<std::int64_t> RsfFile::write_drug(const formats::Record& record, const SummaryPlace& place,
                                         Load& load) {
  model::RowWriter& writer = *TRY(rows().rows("drug_exposure"));
  const std::string_view ucd = text_of(record, "ucd");
  const Mapped mapped = TRY(rows().map("UCD", ucd));
  const std::int64_t id = TRY(load.next_id(writer.table()));
  RowFields row(writer);
  row.number("drug_exposure_id", id)
      .number("person_id", place.person)
      .number("drug_concept_id", mapped.standard)
      .number("drug_exposure_start_date", place.day)
      .number("drug_exposure_end_date", place.day)
      .number("drug_type_concept_id", kInpatientClaim)
      .number("visit_occurrence_id", place.visit)
      .words("drug_source_value", ucd)
      .number("drug_source_concept_id", mapped.source);
  const std::optional<std::int64_t> count = number_of(text_of(record, "count"));
  if (count.has_value()) row.real("quantity", static_cast<double>(*count));
  TRY(row.end(place.from));
  return id;
}

Result<std::int64_t> RsfFile::write_device(const formats::Record& record, const SummaryPlace& place,
                                           Load& load) {
  model::RowWriter& writer = *TRY(rows().rows("device_exposure"));
  const std::int64_t id = TRY(load.next_id(writer.table()));
  RowFields row(writer);
  row.number("device_exposure_id", id)
      .number("person_id", place.person)
      .number("device_concept_id", 0)
      .number("device_exposure_start_date", place.day)
      .number("device_type_concept_id", kInpatientClaim)
      .number("visit_occurrence_id", place.visit)
      .words("device_source_value", text_of(record, "lpp"));
  const std::optional<std::int64_t> count = number_of(text_of(record, "count"));
  if (count.has_value()) row.number("quantity", *count);
  TRY(row.end(place.from));
  return id;
}

Result<std::int64_t> RsfFile::write_ccam(const formats::Record& record, const SummaryPlace& place) {
  SummaryAct act;
  act.vocabulary = "CCAM";
  act.code = text_of(record, "ccam");
  act.phase = text_of(record, "phase");
  act.activity = text_of(record, "activity");
  act.documentary_extension = text_of(record, "documentary_extension");
  act.exceptional_reimbursement = text_of(record, "exceptional_reimbursement");
  act.unplanned_association = text_of(record, "unplanned_association");
  for (const char* field : {"modifier_1", "modifier_2", "modifier_3", "modifier_4"}) {
    act.modifiers += text_of(record, field);
  }
  return rows().act(act, place);
}

// Up to five acts a line, each with its day and its count; an act without a code is none.
Status RsfFile::write_biology(const formats::Record& record, const SummaryPlace& place) {
  for (const char number : {'1', '2', '3', '4', '5'}) {
    SummaryAct act;
    act.vocabulary = "NABM";
    act.code = text_of(record, std::string("act_code_") + number);
    if (act.code.find_first_not_of('0') == std::string_view::npos) continue;
    act.day = day_of(record, std::string("act_date_") + number);
    act.count = number_of(text_of(record, std::string("act_count_") + number));
    TRY(rows().act(act, place));
  }
  return {};
}

Status RsfFile::write_cost(const formats::Record& record, const Amounts& amounts,
                           const char* domain, std::int64_t event, const SummaryPlace& place,
                           Load& load) {
  model::RowWriter& writer = *TRY(rows().rows("cost"));
  RowFields row(writer);
  row.number("cost_id", TRY(load.next_id(writer.table())))
      .number("cost_event_id", event)
      .words("cost_domain_id", domain)
      .number("cost_type_concept_id", kInpatientClaim)
      .number("currency_concept_id", kEuro)
      .words("revenue_code_source_value", text_of(record, "service"));
  const std::string_view ghs = text_of(record, "ghs");
  if (ghs.find_first_not_of('0') != std::string_view::npos) row.words("drg_source_value", ghs);
  const std::pair<const char*, const std::optional<double>&> columns[] = {
      {"total_charge", amounts.charge},
      {"paid_by_payer", amounts.payer},
      {"paid_by_primary", amounts.primary},
      {"total_paid", amounts.paid},
      {"amount_allowed", amounts.allowed}};
  for (const auto& [column, amount] : columns) {
    if (amount.has_value()) row.real(column, *amount);
  }
  return row.end(place.from);
}

}  // namespace

std::unique_ptr<FormatReader> rsf_reader() {
  return std::make_unique<RsfFile>();
}

}  // namespace eds::ingest::pmsi
