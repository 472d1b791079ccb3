// RPSS: the sub-sequences of hospital-at-home stays (HAD), grouped or not, public or private.
#include <string>

#include "ingest/claims.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/summary_file.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

constexpr std::int64_t kHomeVisit = 581476;

constexpr std::string_view kTold[] = {
    "version",     "finess",      "sex",           "stay_start_date",      "entry_mode",
    "provenance",  "exit_mode",   "stay_end_date", "destination",          "subsequence_start_date",
    "dcmpp_count", "dcmpa_count", "da_count",      "subsequence_end_date", "ccam_count",
    "dp"};

class RpssFile final : public SummaryFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rpss", "PMSI HAD RPSS, versions H0F H0G, grouped H1F H1G", false, false};
  }

 protected:
  std::span<const formats::Kind> kinds() const override {
    static constexpr formats::Kind kKinds[] = {formats::Kind::RpssUngrouped,
                                               formats::Kind::RpssGrouped};
    return kKinds;
  }
  Status take_record(const Context& context, const formats::Record& record) override;

 private:
  Status write(const formats::Record& record, const SummaryPlace& place);
};

// Public hospitals write the administrative number, private ones the entry number of the invoice.
govern::Identifier stay_name(std::string_view authority, const formats::Record& record) {
  if (record.layout().find("stay_number").has_value()) {
    return People::named(govern::IdentifierKind::Nda, authority,
                         formats::trim(record.identifying("stay_number").reveal(Reason::Match)));
  }
  return People::named(govern::IdentifierKind::Visit, "entry " + std::string(authority),
                       formats::trim(record.identifying("entry_number").reveal(Reason::Match)));
}

Status RpssFile::take_record(const Context& context, const formats::Record& record) {
  Load& load = context.load;
  const std::optional<std::int64_t> start = day_of(record, "subsequence_start_date");
  if (!start.has_value()) {
    return refuse(context, "subsequence_start_date", "date-missing",
                  "the sub-sequence has no first day");
  }
  const std::string_view authority = authority_of(load, text_of(record, "finess"));
  const govern::Identifier name = stay_name(authority, record);
  People people(load);
  const std::optional<govern::PersonId> person = TRY(people.person(People::named(
      govern::IdentifierKind::Ipp, authority, record.identifying("ipp").reveal(Reason::Match))));
  if (!person.has_value()) return refuse_identifier(context, "ipp");
  const std::optional<StayOf> stay = TRY(people.stay_of_person(name, *person));
  if (!stay.has_value()) return refuse_identifier(context, "stay_number");
  if (stay->disputed) load.warn(context.file, "stay_number", "stay-of-another-person");
  const std::string movement = std::string(text_of(record, "sequence_number")) + "|" +
                               std::string(text_of(record, "subsequence_number"));
  SummaryPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.visit_concept = kHomeVisit;
  place.detail = TRY(load.identities().detail_of(name, movement));
  place.care_site = TRY(load.claims().care_site(authority, "", ""));
  place.day = *start;
  place.end_day = std::max(*start, day_of(record, "subsequence_end_date").value_or(*start));
  place.from = TRY(begin_record(context, "rpss|" + std::string(authority) + "|" +
                                             name.value.reveal(Reason::Match) + "|" + movement));
  TRY(claim_stay(load, record, place));
  return write(record, place);
}

Status RpssFile::write(const formats::Record& record, const SummaryPlace& place) {
  TRY(rows().detail(place, text_of(record, "mpp"), "", ""));
  TRY(rows().condition(text_of(record, "dp"), "DP", place));
  TRY(rows().conditions(record, "dcmpp", "DCMPP", place));
  TRY(rows().conditions(record, "dcmpa", "DCMPA", place));
  TRY(rows().conditions(record, "da", "DA", place));
  TRY(rows().ccam(record, "ccam", place));
  static constexpr std::string_view kGroupingTold[] = {"ght_count"};
  const std::string qualifier = qualifier_of(record, "RPSS");
  for (const char* block : {"grouping", "ght"}) {
    for (std::size_t i = 0; i < BlockView(record, block).size(); ++i) {
      TRY(rows().block_facts(record, block, i, kGroupingTold, qualifier, place));
    }
  }
  return rows().facts(record, kTold, qualifier, place);
}

}  // namespace

std::unique_ptr<FormatReader> rpss_reader() {
  return std::make_unique<RpssFile>();
}

}  // namespace eds::ingest::pmsi
