#include <string>

#include "format/pmsi/check.h"
#include "ingest/people.h"
#include "ingest/pmsi/line_file.h"
#include "ingest/pmsi/pmsi_files.h"
#include "ingest/pmsi/rum_rows.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

class RssFile final : public LineFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-rss", "PMSI MCO RSS, grouped or not, versions 016-023 and 115-123", false, false};
  }

 protected:
  Status begin(Load& load, FeedFile& file) override;
  Status take(Load& load, FeedFile& file, const formats::Line& line) override;
  Status finish(Load& load, FeedFile& file) override;

 private:
  Result<std::optional<StayOf>> stay_of(Load& load, const formats::Rum& rum);
  Status claim(Load& load, const formats::Rum& rum, const StayOf& stay, std::int64_t care_site,
               const Provenance& from);

  formats::Checker checker_;
  formats::StayChecker stays_;
  std::optional<RumRows> rows_;
  // RUM of one stay mostly follow each other.
  std::string last_authority_, last_rss_, last_stay_number_;
  StayOf last_;
};

Status RssFile::begin(Load& load, FeedFile& file) {
  rows_.emplace(TRY(RumRows::open(load, file)));
  last_authority_.clear();
  return {};
}

Result<std::optional<StayOf>> RssFile::stay_of(Load& load, const formats::Rum& rum) {
  const std::string_view authority = authority_of(load, rum.finess);
  const std::string_view rss = rum.rss_number.reveal(Reason::Match);
  const std::string_view stay = rum.stay_number.reveal(Reason::Match);
  if (last_authority_ == authority && last_rss_ == rss && last_stay_number_ == stay) {
    return std::optional<StayOf>(last_);
  }
  const std::optional<StayOf> found =
      TRY(People(load).stay(People::named(govern::IdentifierKind::Rss, authority, rss),
                            People::named(govern::IdentifierKind::Nda, authority, stay)));
  if (!found.has_value()) return found;
  last_authority_ = authority;
  last_rss_ = rss;
  last_stay_number_ = stay;
  last_ = *found;
  return found;
}

Status RssFile::take(Load& load, FeedFile& file, const formats::Line& line) {
  const formats::Checker::RumChecked checked = checker_.check_rss_line(line);
  if (!checked.loadable) return reject(load, file, line, checked.findings);
  warn(load, file, checked.findings);
  const formats::Rum& rum = checked.rum;
  const std::optional<StayOf> stay = TRY(stay_of(load, rum));
  if (!stay.has_value()) {
    return reject(load, file, line, "stay_number", "identifier-malformed",
                  "the RSS or stay number cannot be a number of this establishment");
  }
  stays_.add(rum, line.number);
  const std::string_view authority = authority_of(load, rum.finess);
  const std::string_view rss = rum.rss_number.reveal(Reason::Seal);
  Provenance from;
  from.source_id = file.source_id;
  from.position = static_cast<std::int64_t>(file.original_line(line.number));
  std::string key = "rum|";
  key.append(authority).append("|").append(rss).append("|").append(rum.rum_number);
  from.record_key = load.identities().record_key(key);
  TRY(load.loader().record(from.record_key, from.source_id, from.position));
  RumPlace place;
  place.person = stay->person;
  place.visit = stay->visit;
  place.detail = TRY(load.identities().detail_of(
      People::named(govern::IdentifierKind::Rss, authority, rss), rum.rum_number));
  place.care_site = TRY(load.claims().care_site(authority, rum.unit, ""));
  TRY(claim(load, rum, *stay, place.care_site, from));
  return rows_->write(rum, place, from);
}

Status RssFile::claim(Load& load, const formats::Rum& rum, const StayOf& stay,
                      std::int64_t care_site, const Provenance& from) {
  PersonClaim person;
  person.person = stay.person;
  person.rank = Rank::Rss;
  person.gender = rum.sex == '1' ? 'M' : rum.sex == '2' ? 'F' : rum.sex == '3' ? 'U' : '\0';
  const formats::Date birth = rum.birth_date.reveal(Reason::Match);
  if (birth.present()) person.birth_day = birth.day;
  if (rum.exit_mode == '9') person.death_day = rum.exit.day;
  person.postcode = rum.residence.reveal(Reason::Match);
  TRY(load.claims().person(person, from));

  VisitClaim visit;
  visit.visit = stay.visit;
  visit.person = stay.person;
  visit.rank = Rank::Rss;
  visit.start_day = rum.entry.day;
  visit.end_day = rum.exit.day;
  const auto said = [](const char& c) {
    return c == ' ' ? std::string_view() : std::string_view(&c, 1);
  };
  visit.entry_mode = said(rum.entry_mode);
  visit.provenance = said(rum.provenance);
  visit.exit_mode = said(rum.exit_mode);
  visit.destination = said(rum.destination);
  // OMOP: 9201 inpatient visit, 262 emergency room and inpatient visit. Provenance 5: emergency.
  visit.visit_concept = rum.provenance == '5' ? 262 : 9201;
  visit.ghm = rum.ghm;
  visit.care_site = care_site;
  return load.claims().visit(visit, from);
}

Status RssFile::finish(Load& load, FeedFile& file) {
  const std::vector<formats::Finding> findings = stays_.finish();
  // The RUM are staged: what is wrong between them is shown, and kept.
  for (const formats::Finding& finding : findings) {
    load.warn(file, finding.field, formats::code_word(finding.code));
  }
  return rows_->finish();
}

}  // namespace

std::unique_ptr<FormatReader> rss_reader() {
  return std::make_unique<RssFile>();
}

std::vector<std::unique_ptr<FormatReader>> readers() {
  std::vector<std::unique_ptr<FormatReader>> all;
  all.push_back(rss_reader());
  all.push_back(vid_hosp_reader());
  all.push_back(hosp_pmsi_reader());
  all.push_back(unit_reader());
  all.push_back(fichcomp_reader());
  all.push_back(rsa_reader());
  all.push_back(ano_reader());
  all.push_back(rhs_reader());
  all.push_back(psy_reader());
  all.push_back(rpss_reader());
  all.push_back(rsf_reader());
  return all;
}

}  // namespace eds::ingest::pmsi
