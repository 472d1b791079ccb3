#include "ingest/reports/identities_csv.h"

#include <array>
#include <tuple>

#include "ingest/mapped_csv.h"
#include "ingest/people.h"

namespace eds::ingest::reports {
namespace {

struct TraitColumn {
  const char* role;
  Identifying<std::string> govern::Traits::*field;
};
constexpr std::array<TraitColumn, 11> kTraits = {{
    {"birth_name", &govern::Traits::birth_name},
    {"used_name", &govern::Traits::used_name},
    {"first_names", &govern::Traits::first_names},
    {"birth_date", &govern::Traits::birth_date},
    {"birth_place", &govern::Traits::birth_place},
    {"address", &govern::Traits::address_line},
    {"postcode", &govern::Traits::postcode},
    {"city", &govern::Traits::city},
    {"phone", &govern::Traits::phone},
    {"email", &govern::Traits::email},
    {"nir", &govern::Traits::nir},
}};

class IdentitiesCsv final : public MappedCsv {
 public:
  FormatInfo info() const override {
    return {"identities-csv", "patients: names, birth date, IPP and merges, by a mapping file",
            true, false};
  }

 protected:
  Status prepare(const csv::Reader& reader) override;
  Status take(const csv::Row& row) override;

 private:
  Result<bool> join_previous(const std::string& previous, govern::PersonId& person);
  Status link_ins(const std::string& ins, govern::PersonId person);
  char sex_of(const std::string& written) const;

  std::string authority_;
  std::array<std::size_t, kTraits.size()> traits_{};
  std::size_t ipp_ = kAbsent, previous_ = kAbsent, sex_ = kAbsent, birth_ = kAbsent;
  std::size_t death_ = kAbsent, postcode_ = kAbsent, ins_ = kAbsent;
};

Status IdentitiesCsv::prepare(const csv::Reader& reader) {
  TRY(mapping_.allow(
      {"ipp", "previous_ipp", "birth_name", "used_name", "first_names", "birth_date", "birth_place",
       "sex", "address", "postcode", "city", "phone", "email", "nir", "ins", "death_date"},
      {"identity", "sex"}));
  authority_ = TRY(authority());
  ipp_ = TRY(mapping_.require(reader, "ipp"));
  previous_ = TRY(mapping_.find(reader, "previous_ipp"));
  sex_ = TRY(mapping_.find(reader, "sex"));
  birth_ = TRY(mapping_.find(reader, "birth_date"));
  death_ = TRY(mapping_.find(reader, "death_date"));
  postcode_ = TRY(mapping_.find(reader, "postcode"));
  ins_ = TRY(mapping_.find(reader, "ins"));
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    traits_[i] = TRY(mapping_.find(reader, kTraits[i].role));
  }
  return {};
}

char IdentitiesCsv::sex_of(const std::string& written) const {
  if (written.empty()) return 0;
  const std::string said = mapping_.value("sex", written, written);
  if (said == "M" || said == "H" || said == "1" || said == "m") return 'M';
  if (said == "F" || said == "2" || said == "f") return 'F';
  return 'U';
}

// False when the previous number cannot be one.
Result<bool> IdentitiesCsv::join_previous(const std::string& previous, govern::PersonId& person) {
  const govern::Identifier former =
      People::named(govern::IdentifierKind::Ipp, authority_, previous);
  Result<std::optional<govern::PersonId>> known = load_->identities().find(former);
  if (!known.ok()) {
    if (blames_record(known.error())) return false;
    return std::move(known).error();
  }
  if (!known->has_value()) {
    TRY(load_->identities().link(former, person));
  } else if (**known != person) {
    TRY(load_->identities().merge(**known, person));
  }
  person = TRY(load_->identities().resolve(person));
  return true;
}

Status IdentitiesCsv::link_ins(const std::string& ins, govern::PersonId person) {
  const Result<bool> linked =
      People(*load_).link(People::named(govern::IdentifierKind::Ins, "", ins), person);
  if (linked.ok() && *linked) return {};
  if (!linked.ok() && !blames_record(linked.error())) return linked.error();
  load_->warn(*file_, "ins", linked.ok() ? "ins-of-another-person" : "identifier-malformed");
  return {};
}

Status IdentitiesCsv::take(const csv::Row& row) {
  const std::string ipp = text_of(row, ipp_);
  PersonClaim claim;
  claim.rank = Rank::Identities;
  for (const auto& [column, day, name] : {std::tuple{birth_, &claim.birth_day, "birth_date"},
                                          std::tuple{death_, &claim.death_day, "death_date"}}) {
    const std::string written = text_of(row, column);
    if (written.empty()) continue;
    const std::optional<std::int32_t> parsed = pattern_->parse_days(written);
    if (!parsed.has_value()) {
      return reject(row, name, "date-malformed", "the date is not as the mapping says");
    }
    *day = *parsed;
  }
  const std::optional<govern::PersonId> person =
      TRY(People(*load_).person(People::named(govern::IdentifierKind::Ipp, authority_, ipp)));
  if (!person.has_value()) {
    return reject(row, "ipp", "identifier-malformed", "the IPP is missing or cannot be one");
  }
  claim.person = *person;
  const std::string previous = text_of(row, previous_);
  if (!previous.empty() && !TRY(join_previous(previous, claim.person))) {
    return reject(row, "previous_ipp", "identifier-malformed", "the previous IPP cannot be one");
  }
  govern::Traits traits;
  for (std::size_t i = 0; i < kTraits.size(); ++i) {
    traits.*(kTraits[i].field) = Identifying<std::string>(text_of(row, traits_[i]));
  }
  const Status said = load_->identities().set_traits(claim.person, traits, file_->source_id);
  if (!said.ok()) {
    if (!blames_record(said.error())) return said;
    return reject(row, "", "trait-too-long", "a name or an address is longer than any");
  }
  const std::string ins = text_of(row, ins_);
  if (!ins.empty()) TRY(link_ins(ins, claim.person));
  claim.gender = sex_of(text_of(row, sex_));
  const std::string postcode = text_of(row, postcode_);
  claim.postcode = postcode;
  const Provenance from =
      provenance(row, load_->identities().record_key("identity|" + authority_ + "|" + ipp));
  TRY(load_->loader().record(from.record_key, from.source_id, from.position));
  ++file_->report.rows_by_table["eds_person_claim"];
  return load_->claims().person(claim, from);
}

}  // namespace

std::unique_ptr<FormatReader> identities_csv_reader() {
  return std::make_unique<IdentitiesCsv>();
}

}  // namespace eds::ingest::reports
