// VID-HOSP, HOSP-PMSI and the medical units: who a stay belongs to, and where it took place.
#include <string>

#include "format/pmsi/check.h"
#include "format/pmsi/vid_hosp.h"
#include "ingest/people.h"
#include "ingest/pmsi/line_file.h"
#include "ingest/pmsi/pmsi_files.h"

namespace eds::ingest::pmsi {
namespace {

namespace formats = eds::pmsi;

class VidHospFile final : public LineFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-vidhosp", "PMSI VID-HOSP V011-V016: IPP, INS and dates of each stay", false,
            false};
  }

 protected:
  Status take(Load& load, FeedFile& file, const formats::Line& line) override;

 private:
  Status say_who(Load& load, FeedFile& file, const formats::VidHosp& vid, const StayOf& stay,
                 const Provenance& from);
  Status say_stay(Load& load, const formats::VidHosp& vid, const StayOf& stay,
                  const Provenance& from);
  formats::Checker checker_;
};

Status VidHospFile::take(Load& load, FeedFile& file, const formats::Line& line) {
  const formats::Checker::VidHospChecked checked = checker_.check_vid_hosp_line(line);
  if (!checked.loadable) return reject(load, file, line, checked.findings);
  warn(load, file, checked.findings);
  const formats::VidHosp& vid = checked.vid_hosp;
  const std::string_view authority = authority_of(load, vid.finess);
  const govern::Identifier nda =
      People::named(govern::IdentifierKind::Nda, authority, vid.stay_number.reveal(Reason::Match));
  People people(load);
  std::optional<StayOf> stay;
  if (vid.ipp.empty()) {
    stay = TRY(people.stay(nda));
  } else {
    const std::optional<govern::PersonId> person = TRY(people.person(
        People::named(govern::IdentifierKind::Ipp, authority, vid.ipp.reveal(Reason::Match))));
    if (!person.has_value()) {
      return reject(load, file, line, "ipp", "identifier-malformed", "the IPP cannot be one");
    }
    stay = TRY(people.stay_of_person(nda, *person));
  }
  if (!stay.has_value()) {
    return reject(load, file, line, "stay_number", "identifier-malformed",
                  "the stay number cannot be one");
  }
  if (stay->disputed) load.warn(file, "stay_number", "stay-of-another-person");
  Provenance from;
  from.source_id = file.source_id;
  from.position = static_cast<std::int64_t>(file.original_line(line.number));
  std::string key = "vidhosp|";
  key.append(authority).append("|").append(vid.stay_number.reveal(Reason::Seal));
  from.record_key = load.identities().record_key(key);
  TRY(load.loader().record(from.record_key, from.source_id, from.position));
  TRY(say_who(load, file, vid, *stay, from));
  return say_stay(load, vid, *stay, from);
}

Status VidHospFile::say_who(Load& load, FeedFile& file, const formats::VidHosp& vid,
                            const StayOf& stay, const Provenance& from) {
  if (!vid.ins.empty()) {
    const govern::Identifier ins =
        People::named(govern::IdentifierKind::Ins, "", vid.ins.reveal(Reason::Match));
    Result<bool> linked = People(load).link(ins, stay.person);
    if (!linked.ok()) {
      if (!blames_record(linked.error())) return std::move(linked).error();
      load.warn(file, "ins", "identifier-malformed");
    } else if (!*linked) {
      load.warn(file, "ins", "ins-of-another-person");
    }
  }
  govern::Traits traits;
  const std::optional<std::size_t> birth_field = vid.record.layout().find("birth_date");
  if (birth_field.has_value()) {
    traits.birth_date = Identifying<std::string>(
        std::string(vid.record.identifying(*birth_field).reveal(Reason::Seal)));
  }
  if (!vid.nir.empty()) {
    traits.nir = Identifying<std::string>(std::string(vid.nir.reveal(Reason::Seal)) +
                                          std::string(vid.nir_key.reveal(Reason::Seal)));
  }
  TRY(load.identities().set_traits(stay.person, traits, file.source_id));
  PersonClaim claim;
  claim.person = stay.person;
  claim.rank = Rank::VidHosp;
  claim.gender = vid.sex == '1' ? 'M' : vid.sex == '2' ? 'F' : vid.sex == '3' ? 'U' : '\0';
  const formats::Date birth = vid.birth_date.reveal(Reason::Match);
  if (birth.present()) claim.birth_day = birth.day;
  ++file.report.rows_by_table["eds_person_claim"];
  return load.claims().person(claim, from);
}

Status VidHospFile::say_stay(Load& load, const formats::VidHosp& vid, const StayOf& stay,
                             const Provenance& from) {
  VisitClaim claim;
  claim.visit = stay.visit;
  claim.person = stay.person;
  claim.rank = Rank::VidHosp;
  if (vid.entry.present()) claim.start_day = vid.entry.day;
  if (vid.exit.present()) claim.end_day = vid.exit.day;
  return load.claims().visit(claim, from);
}

class HospPmsiFile final : public LineFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-hosp", "HOSP-PMSI: RSS number to stay number (needs --authority)", false, false};
  }

 protected:
  Status begin(Load& load, FeedFile&) override {
    if (!load.request().authority.empty()) return {};
    return Error{Code::Usage, "HOSP-PMSI names no establishment: give its FINESS (--authority)"};
  }
  Status take(Load& load, FeedFile& file, const formats::Line& line) override {
    const formats::Parsed parsed = formats::parse(formats::Kind::HospPmsi, line.bytes);
    if (!parsed.whole) {
      return reject(load, file, line, parsed.field, "not-whole", "the line is not 40 characters");
    }
    const std::span<const formats::Finding> findings =
        checker_.check_record(parsed.record, line.number);
    for (const formats::Finding& finding : findings) {
      if (finding.severity == formats::Severity::Error) {
        return reject(load, file, line, findings);
      }
    }
    const formats::HospPmsi pair = formats::read_hosp_pmsi(parsed.record);
    const std::string& authority = load.request().authority;
    const std::optional<StayOf> stay =
        TRY(People(load).stay(People::named(govern::IdentifierKind::Rss, authority,
                                            pair.rss_number.reveal(Reason::Match)),
                              People::named(govern::IdentifierKind::Nda, authority,
                                            pair.stay_number.reveal(Reason::Match))));
    if (stay.has_value()) return {};
    return reject(load, file, line, "rss_number", "identifier-malformed",
                  "one of the two numbers cannot be one");
  }

 private:
  formats::Checker checker_;
};

class UnitFile final : public LineFile {
 public:
  FormatInfo info() const override {
    return {"pmsi-um", "PMSI medical units, input file", false, false};
  }

 protected:
  Status take(Load& load, FeedFile& file, const formats::Line& line) override {
    const formats::Parsed parsed = formats::parse(formats::Kind::UmInfo, line.bytes);
    if (!parsed.whole) {
      return reject(load, file, line, parsed.field, "not-whole",
                    "the line is not a medical unit's 28 characters");
    }
    const std::span<const formats::Finding> findings =
        checker_.check_record(parsed.record, line.number);
    for (const formats::Finding& finding : findings) {
      if (finding.severity == formats::Severity::Error) {
        return reject(load, file, line, findings);
      }
    }
    const auto field = [&](std::string_view name) {
      return std::string(formats::trim(parsed.record.field(name).value_or("")));
    };
    const std::string authority(authority_of(load, field("unit_finess")));
    const std::string name = "UM " + field("unit") + " (" + field("authorisation") + ", " +
                             field("hospitalisation_mode") + ")";
    TRY(load.claims().care_site(authority, field("unit"), name));
    ++file.report.rows_by_table["care_site"];
    return {};
  }

 private:
  formats::Checker checker_;
};

}  // namespace

std::unique_ptr<FormatReader> vid_hosp_reader() {
  return std::make_unique<VidHospFile>();
}
std::unique_ptr<FormatReader> hosp_pmsi_reader() {
  return std::make_unique<HospPmsiFile>();
}
std::unique_ptr<FormatReader> unit_reader() {
  return std::make_unique<UnitFile>();
}

}  // namespace eds::ingest::pmsi
