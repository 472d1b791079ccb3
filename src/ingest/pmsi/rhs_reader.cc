// RHS: the weekly summaries of rehabilitation stays (SMR).
#include <algorithm>
#include <span>
#include <string>

#include "base/calendar.h"
#include "ingest/claims.h"
#include "ingest/pmsi/concepts.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/summary_file.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

constexpr std::string_view kTold[] = {"finess",
                                      "rhs_version",
                                      "grouped_version",
                                      "stay_start_date",
                                      "stay_end_date",
                                      "sex",
                                      "entry_date",
                                      "entry_mode",
                                      "provenance",
                                      "exit_date",
                                      "exit_mode",
                                      "destination",
                                      "unit",
                                      "fpp",
                                      "mmp",
                                      "ae",
                                      "da_count",
                                      "csarr_count",
                                      "csar_count",
                                      "ccam_count",
                                      "gme_cm",
                                      "gme_code",
                                      "gme_subdivision",
                                      "gme_nr",
                                      "gme_nl",
                                      "gme_severity"};

// The Monday of an ISO 8601 week written WWYYYY. Week 1 is that of 4 January.
std::optional<std::int64_t> monday_of(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  const std::int64_t week = number_of(text.substr(0, 2)).value_or(0);
  const std::int64_t year = number_of(text.substr(2)).value_or(0);
  if (week < 1 || week > 53 || year < 1990 || year > 2100) return std::nullopt;
  const std::int64_t fourth = eds::days_from_date({static_cast<std::int32_t>(year), 1, 4});
  // 1970-01-01 was a Thursday: days since a Monday are (day + 3) mod 7.
  return fourth - (fourth + 3) % 7 + (week - 1) * 7;
}

/// A block of acts of rehabilitation: what its rows are called, and which fields have a column.
struct ActBlock {
  std::string_view name;
  std::string_view vocabulary;
  std::span<const std::string_view> modulators;  ///< in the order of the record
  std::span<const std::string_view> told;
};

constexpr std::string_view kCsarrModulators[] = {"place_modulator", "patient_modulator",
                                                 "technique_modulator"};
constexpr std::string_view kCsarrTold[] = {
    "code",  "equipment_code", "place_modulator",      "patient_modulator", "technique_modulator",
    "count", "date",           "documentary_extension"};
constexpr ActBlock kCsarr{"csarr", "CSARR", kCsarrModulators, kCsarrTold};

constexpr std::string_view kCsarModulators[] = {"place_modulator", "time_modulator",
                                                "technique_modulator"};
constexpr std::string_view kCsarTold[] = {
    "code", "place_modulator",      "time_modulator", "technique_modulator", "count",
    "date", "documentary_extension"};
constexpr ActBlock kCsar{"csar", "CSAR", kCsarModulators, kCsarTold};

class RhsFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rhs", "PMSI SMR RHS, grouped or not, versions M09-M0D and M19-M1D", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::RhsUngrouped,
                                               formats::Kind::RhsGrouped};
    return kKinds;
  }
  Status take_record(const Context& context, const formats::Record& record) override;

 private:
  struct Names {
    govern::Identifier smr, nda;
    std::string key;
  };
  static Names names_of(std::string_view authority, const formats::Record& record);
  Status claim(Load& load, const formats::Record& record, const SummaryPlace& place,
               std::int64_t stay_start);
  Status write(const formats::Record& record, const SummaryPlace& place);
  Status write_acts(const formats::Record& record, const ActBlock& block,
                    const SummaryPlace& place);
};

// The SMR number and the administrative one name the same stay; the latter is that of VID-HOSP.
RhsFile::Names RhsFile::names_of(std::string_view authority, const formats::Record& record) {
  const std::string_view smr =
      formats::trim(record.identifying("smr_stay_number").reveal(Reason::Match));
  const std::string_view nda =
      formats::trim(record.identifying("stay_number").reveal(Reason::Match));
  Names names;
  names.nda = People::named(govern::IdentifierKind::Nda, authority, nda);
  names.smr = smr.empty() ? names.nda
                          : People::named(govern::IdentifierKind::Visit,
                                          "smr " + std::string(authority), smr);
  names.key = "rhs|" + std::string(authority) + "|" + std::string(smr) + "|" +
              (smr.empty() ? std::string(nda) : std::string());
  return names;
}

Status RhsFile::take_record(const Context& context, const formats::Record& record) {
  Load& load = context.load;
  const std::string_view week = text_of(record, "week");
  const std::optional<std::int64_t> monday = monday_of(week);
  if (!monday.has_value()) {
    return refuse(context, "week", "date-impossible", "the week is not one of ISO 8601 (WWYYYY)");
  }
  const std::optional<std::int64_t> entry = day_of(record, "entry_date");
  if (!entry.has_value()) {
    return refuse(context, "entry_date", "date-missing", "no day of entry in the unit");
  }
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const Names names = names_of(authority, record);
  const std::optional<StayOf> stay = TRY(People(load).stay(names.smr, names.nda));
  if (!stay.has_value()) return refuse_identifier(context, "stay_number");
  const std::string_view unit = text_of(record, "unit");
  const std::string movement = std::string(week) + "|" + std::string(unit) + "|" +
                               std::string(text_of(record, "entry_date"));
  SummaryPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.visit_concept = kInpatientVisit;
  place.detail = TRY(load.identities().detail_of(names.smr, movement));
  place.care_site = TRY(load.claims().care_site(authority, unit, ""));
  // A week of the stay in the unit: from Monday to Sunday, cut by entry and exit.
  place.day = std::max(*entry, *monday);
  place.end_day =
      std::max(place.day, std::min(day_of(record, "exit_date").value_or(*monday + 6), *monday + 6));
  place.from = TRY(begin_record(context, names.key + "|" + movement));
  TRY(claim(load, record, place, day_of(record, "stay_start_date").value_or(*entry)));
  return write(record, place);
}

Status RhsFile::claim(Load& load, const formats::Record& record, const SummaryPlace& place,
                      std::int64_t stay_start) {
  PersonClaim person = person_of(record, place.person);
  const std::optional<std::int64_t> exit = day_of(record, "exit_date");
  if (text_of(record, "exit_mode") == "9") person.death_day = exit;
  TRY(load.claims().person(person, place.from));
  VisitClaim visit;
  visit.visit = place.visit;
  visit.person = place.person;
  visit.rank = Rank::Rss;
  visit.start_day = stay_start;
  const std::optional<std::int64_t> stay_end = day_of(record, "stay_end_date");
  visit.end_day = stay_end.value_or(place.end_day);
  // Modes are the unit's: those of the stay stand in its first and its last unit.
  if (day_of(record, "entry_date") == stay_start) {
    visit.entry_mode = text_of(record, "entry_mode");
    visit.provenance = text_of(record, "provenance");
  }
  if (stay_end.has_value() && exit == stay_end) {
    visit.exit_mode = text_of(record, "exit_mode");
    visit.destination = text_of(record, "destination");
  }
  visit.visit_concept = kInpatientVisit;
  visit.care_site = place.care_site;
  return load.claims().visit(visit, place.from);
}

Status RhsFile::write(const formats::Record& record, const SummaryPlace& place) {
  const std::string admitted =
      std::string(text_of(record, "entry_mode")) + std::string(text_of(record, "provenance"));
  const std::string discharged =
      std::string(text_of(record, "exit_mode")) + std::string(text_of(record, "destination"));
  TRY(rows().detail(place, text_of(record, "unit"), admitted, discharged));
  TRY(rows().condition(text_of(record, "mmp"), "MMP", place));
  TRY(rows().condition(text_of(record, "fpp"), "FPP", place));
  TRY(rows().condition(text_of(record, "ae"), "AE", place));
  TRY(rows().conditions(record, "da", "DA", place));
  TRY(write_acts(record, kCsarr, place));
  TRY(write_acts(record, kCsar, place));
  TRY(rows().ccam(record, "ccam", place));
  std::string gme;
  for (const char* part :
       {"gme_cm", "gme_code", "gme_subdivision", "gme_nr", "gme_nl", "gme_severity"}) {
    gme += text_of(record, part);
  }
  const std::string qualifier = qualifier_of(record, "RHS");
  TRY(rows().fact("gme", qualifier, gme, std::nullopt, place));
  return rows().facts(record, kTold, qualifier, place);
}

// The modulators of an act, in the order of the record; blanks fall out.
std::string modulators(const BlockView& acts, std::size_t index,
                       std::span<const std::string_view> fields) {
  std::string all;
  for (const std::string_view field : fields) {
    const std::string_view value = acts.text(index, field);
    if (!value.empty()) all += (all.empty() ? "" : " ") + std::string(value);
  }
  return all;
}

Status RhsFile::write_acts(const formats::Record& record, const ActBlock& block,
                           const SummaryPlace& place) {
  const BlockView acts(record, block.name);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    SummaryAct act;
    act.vocabulary = block.vocabulary;
    act.code = acts.text(i, "code");
    act.day = acts.day(i, "date");
    act.count = number_of(acts.text(i, "count"));
    act.extension = acts.text(i, "equipment_code");
    act.documentary_extension = acts.text(i, "documentary_extension");
    act.modifiers = modulators(acts, i, block.modulators);
    const std::int64_t id = TRY(rows().act(act, place));
    TRY(rows().block_facts(record, block.name, i, block.told, qualifier_of(record, "RHS"), place,
                           id));
  }
  return {};
}

}  // namespace

std::unique_ptr<FormatReader> rhs_reader() {
  return std::make_unique<RhsFile>();
}

}  // namespace eds::ingest::pmsi
