// Identities: who the patients are, as the hospital's identity server exports them; and the code
// lists.
#include <fmt/format.h>

#include <iterator>

#include "synth/modality.h"

namespace eds::synth {
namespace {

constexpr std::string_view kHeader =
    "IPP;NOM_NAISSANCE;NOM_USAGE;PRENOMS;DATE_NAISSANCE;SEXE;ADRESSE;CODE_POSTAL;VILLE;TELEPHONE;"
    "NIR;CLE_NIR;INS_OID;DATE_DECES;IPP_PRECEDENT";

std::string date_words(std::int32_t day) {
  if (day == kNever) return {};
  const Date date = date_from_days(day);
  return fmt::format("{:02}/{:02}/{:04}", date.day, date.month, date.year);
}

class IdentityFiles final : public Modality {
 public:
  explicit IdentityFiles(const Workshop& workshop) : shop_(workshop) {}
  std::string_view name() const override { return "identities"; }

  Status add(const Subject& subject) override {
    OutputFile* out = TRY(shop_.tree.file("identities/patients.csv", kHeader));
    const Identity& who = subject.identity;
    const bool merged = subject.stays_under_former_ipp > 0;
    if (merged) {
      compose(subject, who.former_ipp.reveal(Reason::Write), "");
      TRY(out->line(line_, "\n"));
    }
    compose(subject, who.ipp.reveal(Reason::Write),
            merged ? who.former_ipp.reveal(Reason::Write) : "");
    const std::uint64_t number = TRY(out->line(line_, "\n"));
    shop_.truth.expect("person");
    if (subject.patient.dead()) shop_.truth.expect("death");
    if (!merged) return {};
    return shop_.truth.plant({out, number, "merge", "IPP_PRECEDENT", Expected::Merged,
                              fmt::format("line {} is the same person", number - 1)});
  }
  Status finish() override { return {}; }

 private:
  void compose(const Subject& subject, std::string_view ipp, std::string_view former) {
    const Identity& who = subject.identity;
    line_.clear();
    fmt::format_to(std::back_inserter(line_), "{};{};{};{};{};{};{};{};{};{};{};{};{};{};{}", ipp,
                   who.birth_name.reveal(Reason::Write), who.used_name.reveal(Reason::Write),
                   who.first_names.reveal(Reason::Write), date_words(subject.patient.birth_day),
                   subject.patient.sex == Sex::Male ? 'M' : 'F', who.address.reveal(Reason::Write),
                   who.postal_code, who.city, who.phone.reveal(Reason::Write),
                   who.nir.reveal(Reason::Write), who.nir_key.reveal(Reason::Write), kTestInsOid,
                   date_words(subject.patient.death_day), former);
  }

  Workshop shop_;
  std::string line_;
};

/// Labels of every code that the other files use, so that a demonstration has words to show.
class TermFiles final : public Modality {
 public:
  explicit TermFiles(const Workshop& workshop) : shop_(workshop) {}
  std::string_view name() const override { return "terms"; }
  Status add(const Subject&) override { return {}; }

  Status finish() override {
    std::string cim = "code;label\n", ccam = "code;label\n", atc = "code;label\n";
    std::string loinc = "code;label;unit\n", ucd = "code;label;atc\n",
                um = "code;label;finess;authorisation\n";
    for (const Diagnosis& one : diagnoses()) cim += fmt::format("{};{}\n", one.code, one.label);
    for (const Act& one : acts()) ccam += fmt::format("{};{}\n", one.code, one.label);
    for (const Analyte& one : analytes())
      loinc += fmt::format("{};{};{}\n", one.loinc, one.label, one.unit);
    for (const Drug& one : drugs()) {
      atc += fmt::format("{};{}\n", one.atc, one.label);
      if (!one.ucd.empty()) ucd += fmt::format("{};{};{}\n", one.ucd, one.label, one.atc);
    }
    for (std::uint16_t unit = 0; unit < kUnits; ++unit) {
      const UnitKind& kind = unit_kinds()[unit_type(unit)];
      um += fmt::format("{};{};{};{}\n", unit_code(unit), kind.name,
                        hospitals()[unit_hospital(unit)].finess, kind.authorisation);
    }
    TRY(shop_.tree.write_whole("terms/cim10.csv", cim));
    TRY(shop_.tree.write_whole("terms/ccam.csv", ccam));
    TRY(shop_.tree.write_whole("terms/loinc.csv", loinc));
    TRY(shop_.tree.write_whole("terms/atc.csv", atc));
    TRY(shop_.tree.write_whole("terms/ucd.csv", ucd));
    return shop_.tree.write_whole("terms/um.csv", um);
  }

 private:
  Workshop shop_;
};

}  // namespace

std::unique_ptr<Modality> make_identity_files(const Workshop& workshop) {
  return std::make_unique<IdentityFiles>(workshop);
}
std::unique_ptr<Modality> make_term_files(const Workshop& workshop) {
  return std::make_unique<TermFiles>(workshop);
}

}  // namespace eds::synth
