// PMSI files: RSS, VID-HOSP, HOSP-PMSI, FICHCOMP and units, a hospital and a year each.
#include <fmt/format.h>

#include <array>
#include <optional>
#include <set>

#include "format/pmsi/write.h"
#include "synth/modality.h"

namespace eds::synth {
namespace {

constexpr std::string_view kCrLf = "\r\n";

std::int32_t day_of(std::int64_t time_us) {
  return static_cast<std::int32_t>(time_us / kMicrosecondsPerDay);
}

/// The RUM's version by date of exit: a new one holds from 1 March, but 023, from 1 January 2026.
std::string_view rss_version(std::int32_t exit_day) {
  const Date date = date_from_days(exit_day);
  if (date.year >= 2026) return "023";
  constexpr std::string_view kFrom2017[] = {"017", "017", "018", "019", "020",
                                            "021", "022", "022", "022"};
  const std::int32_t year = date.month < 3 ? date.year - 1 : date.year;
  return year < 2017 ? "017" : kFrom2017[year - 2017];
}

std::string_view vid_hosp_version(std::int32_t year) {
  return year >= 2026 ? "V016" : year == 2025 ? "V015" : "V014";
}

class PmsiFiles final : public Modality {
 public:
  explicit PmsiFiles(const Workshop& workshop) : shop_(workshop) {}

  std::string_view name() const override { return "pmsi"; }
  Status add(const Subject& subject) override;
  Status finish() override;

 private:
  /// The ways for a RUM to be wrong, in the order of dirt draws.
  enum Way : std::uint32_t {
    kDuplicate,
    kCorrected,
    kImpossibleDate,
    kExitBeforeEntry,
    kUnknownCode,
    kWrongCount,
    kTruncated,
    kOverlong,
    kBirthConflict,
    kUnknownUnit,
    kWays,
  };
  struct Placed {
    std::uint8_t hospital;
    std::int32_t year;
  };

  Result<OutputFile*> file(Placed placed, std::string_view what) {
    return shop_.tree.file(
        fmt::format("pmsi/{}/{}_{}.txt", hospitals()[placed.hospital].finess, what, placed.year));
  }
  Status add_stay(const Subject& subject, std::size_t index);
  Result<bool> add_rum(const Subject& subject, std::size_t rum_index, Placed placed);
  Result<bool> write_rum(const pmsi::RumDraft& draft, std::string_view version, Placed placed,
                         std::uint32_t way);
  Status write_corrected(const pmsi::RumDraft& draft, std::string_view version, Placed placed,
                         const OutputFile* file, std::uint64_t line);
  Status add_vid_hosp(const Subject& subject, std::size_t index, Placed placed);
  Status add_drugs(const Subject& subject, std::size_t index, Placed placed);
  void count_rum(const pmsi::RumDraft& draft);

  Workshop shop_;
  std::set<std::pair<std::uint8_t, std::int32_t>> placed_;
  std::string line_;
  /// Of the patient before, who may be the mother of this one.
  std::uint64_t mother_index_ = ~std::uint64_t{0};
  std::string mother_nir_;
  std::string mother_key_;
  std::string mother_stay_;
};

pmsi::RumDraft draft_of(const Subject& subject, std::size_t rum_index) {
  const Patient& patient = subject.patient;
  const Movement& rum = patient.rums[rum_index];
  const Stay& stay = patient.stays[rum.stay];
  pmsi::RumDraft draft;
  draft.finess = hospitals()[stay.hospital].finess;
  draft.rss_number = rss_number(patient, rum.stay).reveal(Reason::Write);
  draft.stay_number = stay_number(patient, rum.stay).reveal(Reason::Write);
  draft.rum_number = fmt::format("{:03}", rum_index - stay.first_rum + 1);
  draft.birth_date = patient.birth_day;
  draft.sex = patient.sex == Sex::Male ? '1' : '2';
  draft.unit = unit_code(rum.unit);
  draft.entry = day_of(rum.entry_us);
  draft.entry_mode = rum.entry_mode;
  draft.provenance = rum.provenance;
  draft.exit = day_of(rum.exit_us);
  draft.exit_mode = rum.exit_mode;
  draft.destination = rum.destination;
  draft.residence = subject.identity.postal_code;
  const std::int32_t age_days = stay.entry_day() - patient.birth_day;
  if (age_days < 29) {
    draft.weight_g = patient.is_newborn
                         ? patient.birth_weight_g + 25U * static_cast<std::uint32_t>(age_days)
                         : 3400U;
    if (patient.is_newborn && age_days == 0) draft.gestational_age_weeks = patient.gestation_weeks;
  }
  const auto why = static_cast<Why>(stay.episode);
  const bool delivery =
      stay.entry_day() == patient.delivery_day &&
      (why == Why::VaginalDelivery || why == Why::Caesarean || why == Why::PretermDelivery);
  if (delivery) {
    draft.gestational_age_weeks = patient.gestation_weeks;
    draft.last_menses = patient.delivery_day - 7 * patient.gestation_weeks - 3;
  }
  draft.session_count = rum.session_count;
  if (rum.igs2 > 0) draft.igs2 = rum.igs2;
  for (std::uint16_t d = 0; d < rum.diagnosis_count; ++d) {
    const CodedDiagnosis& one =
        patient.diagnoses[static_cast<std::size_t>(rum.first_diagnosis) + d];
    const std::string code(diagnoses()[one.diagnosis].code);
    switch (one.kind) {
      case DiagnosisKind::Principal: draft.dp = code; break;
      case DiagnosisKind::Related: draft.dr = code; break;
      case DiagnosisKind::Associated: draft.das.push_back(code); break;
      case DiagnosisKind::Documentary: draft.dads.push_back(code); break;
    }
  }
  for (std::uint16_t a = 0; a < rum.act_count; ++a) {
    const CodedAct& one = patient.acts[static_cast<std::size_t>(rum.first_act) + a];
    pmsi::ActDraft act;
    act.date = day_of(one.time_us);
    act.code = acts()[one.act].code;
    act.phase = one.phase;
    act.activity = one.activity;
    act.count = one.count;
    draft.acts.push_back(std::move(act));
  }
  return draft;
}

/// Overwrites a field of the fixed part, as a damaged export would.
void overwrite(std::string& line, std::string_view version, std::string_view field,
               std::string_view with) {
  const pmsi::Layout* layout = pmsi::layout(pmsi::Kind::RssUngrouped, version);
  ENSURE(layout != nullptr);
  const std::optional<std::size_t> index = layout->find(field);
  ENSURE(index.has_value());
  const pmsi::Field& place = layout->fields[*index];
  for (std::size_t i = 0; i < place.length; ++i) {
    line[place.start - 1U + i] = i < with.size() ? with[i] : ' ';
  }
}

std::string date_text(std::int32_t day) {
  const auto text = pmsi::format_date(day);
  return std::string(text.begin(), text.end());
}

void PmsiFiles::count_rum(const pmsi::RumDraft& draft) {
  Truth& truth = shop_.truth;
  truth.expect("visit_detail");
  truth.expect("condition_occurrence",
               1 + (draft.dr.empty() ? 0 : 1) + draft.das.size() + draft.dads.size());
  truth.expect("condition_occurrence.DP");
  truth.expect("condition_occurrence.DR", draft.dr.empty() ? 0 : 1);
  truth.expect("condition_occurrence.DA", draft.das.size());
  truth.expect("condition_occurrence.DAD", draft.dads.size());
  truth.expect("procedure_occurrence", draft.acts.size());
}

/// Writes the line in the way that the dirt asks for; gives whether it can be loaded.
Result<bool> PmsiFiles::write_rum(const pmsi::RumDraft& draft, std::string_view version,
                                  Placed placed, std::uint32_t way) {
  line_.clear();
  TRY(pmsi::append_rum(line_, draft, version, ""));
  OutputFile* file = TRY(this->file(placed, "rss"));
  Planted planted{file, 0, "", "", Expected::Quarantine, {}};
  const auto spoil = [&](std::string_view kind, std::string_view field, Expected expected,
                         std::string_view with) {
    planted.kind = kind, planted.field = field, planted.expected = expected;
    if (!with.empty()) overwrite(line_, version, field, with);
  };
  switch (way) {
    case kImpossibleDate:
      spoil("impossible-date", "entry_date", Expected::Quarantine, "31022024");
      break;
    case kExitBeforeEntry:
      spoil("exit-before-entry", "exit_date", Expected::Quarantine, date_text(*draft.entry - 3));
      break;
    case kUnknownCode: spoil("unknown-code", "dp", Expected::Warning, "S9999"); break;
    case kWrongCount:
      spoil("wrong-count", "da_count", Expected::Quarantine,
            fmt::format("{:02}", draft.das.size() + 1));
      break;
    case kTruncated:
      spoil("truncated", "", Expected::Quarantine, "");
      line_.resize(line_.size() - 11);
      break;
    case kOverlong:
      spoil("overlong", "", Expected::Quarantine, "");
      line_ += "00000";
      break;
    case kBirthConflict:
      spoil("birth-date-conflict", "birth_date", Expected::Warning,
            date_text(*draft.birth_date - 366));
      break;
    case kUnknownUnit: spoil("unknown-unit", "unit", Expected::Warning, "Z999"); break;
    default: break;
  }
  const std::uint64_t number = TRY(file->line(line_, kCrLf));
  planted.line = number;
  if (!planted.kind.empty()) TRY(shop_.truth.plant(planted));
  if (way == kDuplicate) {
    const std::uint64_t again = TRY(file->line(line_, kCrLf));
    TRY(shop_.truth.plant({file, again, "duplicate", "", Expected::Replaced,
                           fmt::format("same as line {}", number)}));
  }
  if (way == kCorrected) TRY(write_corrected(draft, version, placed, file, number));
  return planted.kind.empty() || planted.expected != Expected::Quarantine;
}

/// The hospital sends the stay again, in a later file, with another principal diagnosis.
Status PmsiFiles::write_corrected(const pmsi::RumDraft& draft, std::string_view version,
                                  Placed placed, const OutputFile* file, std::uint64_t line) {
  pmsi::RumDraft corrected = draft;
  corrected.dp = draft.dp == "R55" ? "R074" : "R55";
  line_.clear();
  TRY(pmsi::append_rum(line_, corrected, version, ""));
  OutputFile* later = TRY(this->file({placed.hospital, placed.year}, "rss_resend"));
  const std::uint64_t number = TRY(later->line(line_, kCrLf));
  return shop_.truth.plant(
      {file, line, "corrected", "dp", Expected::Replaced,
       fmt::format("{} becomes {} at {} line {}", draft.dp, corrected.dp, later->path(), number)});
}

Result<bool> PmsiFiles::add_rum(const Subject& subject, std::size_t rum_index, Placed placed) {
  const Patient& patient = subject.patient;
  const Stay& stay = patient.stays[patient.rums[rum_index].stay];
  const pmsi::RumDraft draft = draft_of(subject, rum_index);
  Random random(patient.key, Stream::Dirt, 1000 + rum_index);
  std::uint32_t way = shop_.dirt.draw(random, kWays);
  // One RUM of several is spared what would make the others wrong too: a truth names one line.
  if (way != Dirt::kClean && way > kCorrected && stay.rum_count > 1) way = Dirt::kClean;
  const bool loadable = TRY(write_rum(draft, rss_version(stay.exit_day()), placed, way));
  if (loadable) count_rum(draft);
  shop_.truth.expect("lines.rum");
  return loadable;
}

Status PmsiFiles::add_vid_hosp(const Subject& subject, std::size_t index, Placed placed) {
  const Patient& patient = subject.patient;
  const Stay& stay = patient.stays[index];
  const Identity& who = subject.identity;
  const bool child = patient.is_newborn && mother_index_ + 1 == patient.index;
  pmsi::VidHospDraft draft;
  draft.nir = who.nir.reveal(Reason::Write);
  draft.nir_key = who.nir_key.reveal(Reason::Write);
  draft.insured_nir = child ? mother_nir_ : draft.nir;
  draft.insured_nir_key = child ? mother_key_ : draft.nir_key;
  draft.ins = draft.nir + draft.nir_key;
  draft.ipp = subject.ipp_at(index).reveal(Reason::Write);
  draft.stay_number = stay_number(patient, index).reveal(Reason::Write);
  draft.finess = hospitals()[stay.hospital].finess;
  draft.birth_date = patient.birth_day;
  draft.sex = patient.sex == Sex::Male ? '1' : '2';
  if (child && stay.entry_mode == 'N') {
    draft.mother_stay_number = mother_stay_;
    draft.birth_rank = 1;
  }
  draft.entry = stay.entry_day();
  draft.exit = stay.exit_day();
  line_.clear();
  TRY(pmsi::append_vid_hosp(line_, draft, vid_hosp_version(placed.year), ""));
  TRY((TRY(file(placed, "vidhosp")))->line(line_, kCrLf));
  line_.clear();
  TRY(pmsi::append_hosp_pmsi(line_, rss_number(patient, index).reveal(Reason::Write),
                             draft.stay_number, ""));
  TRY((TRY(file(placed, "hosp_pmsi")))->line(line_, kCrLf));
  return {};
}

Status PmsiFiles::add_drugs(const Subject& subject, std::size_t index, Placed placed) {
  for (const GivenDrug& given : subject.patient.drugs) {
    if (given.stay != index || drugs()[given.drug].ucd.empty()) continue;
    const Drug& drug = drugs()[given.drug];
    pmsi::Draft draft(*pmsi::layout(pmsi::Kind::Fichcomp, "06"));
    TRY(draft.set("finess", hospitals()[placed.hospital].finess));
    TRY(draft.set("type", "06"));
    TRY(draft.set("stay_number", stay_number(subject.patient, index).reveal(Reason::Write)));
    TRY(draft.set_date("date", day_of(given.start_us)));
    TRY(draft.set("ucd", drug.ucd));
    const auto thousandths = static_cast<std::uint64_t>(drug.dose * 1000.0F);
    TRY(draft.set_number("quantity_thousandths", thousandths));
    TRY(draft.set_number("price_thousandths", thousandths * drug.price_euros));
    TRY(draft.set("indication", "I000000"));
    TRY((TRY(file(placed, "fichcomp_les")))->line(TRY(draft.line()), kCrLf));
    shop_.truth.expect("drug_exposure");
  }
  return {};
}

Status PmsiFiles::add_stay(const Subject& subject, std::size_t index) {
  const Stay& stay = subject.patient.stays[index];
  const Placed placed{stay.hospital, date_from_days(stay.exit_day()).year};
  placed_.insert({placed.hospital, placed.year});
  bool any = false;
  for (std::uint16_t r = 0; r < stay.rum_count; ++r) {
    const bool loadable =
        TRY(add_rum(subject, static_cast<std::size_t>(stay.first_rum) + r, placed));
    any = any || loadable;
  }
  if (any) shop_.truth.expect("visit_occurrence.pmsi");
  TRY(add_vid_hosp(subject, index, placed));
  return add_drugs(subject, index, placed);
}

Status PmsiFiles::add(const Subject& subject) {
  const Patient& patient = subject.patient;
  for (std::size_t s = 0; s < patient.stays.size(); ++s) {
    if (has_rss(patient.stays[s].kind)) TRY(add_stay(subject, s));
  }
  mother_index_ = patient.index;
  mother_nir_ = subject.identity.nir.reveal(Reason::Write);
  mother_key_ = subject.identity.nir_key.reveal(Reason::Write);
  mother_stay_.clear();
  for (std::size_t s = 0; s < patient.stays.size(); ++s) {
    const bool mothers =
        patient.stays[s].entry_day() == patient.delivery_day && has_rss(patient.stays[s].kind);
    if (mothers) mother_stay_ = stay_number(patient, s).reveal(Reason::Write);
  }
  return {};
}

Status PmsiFiles::finish() {
  for (const auto& [hospital, year] : placed_) {
    OutputFile* out = TRY(file({hospital, year}, "um"));
    for (std::uint16_t type = 0; type < kUnitTypeCount; ++type) {
      const UnitKind& kind = unit_kinds()[type];
      pmsi::Draft draft(pmsi::layouts(pmsi::Kind::UmInfo)[0]);
      TRY(draft.set("unit",
                    unit_code(static_cast<std::uint16_t>(hospital * kUnitTypeCount + type))));
      TRY(draft.set("unit_finess", hospitals()[hospital].finess));
      TRY(draft.set("authorisation", kind.authorisation));
      TRY(draft.set_date("effective_date", days_from_date({2016, 1, 1})));
      TRY(draft.set_number("bed_count", kind.beds));
      TRY(draft.set("hospitalisation_mode", std::string_view(&kind.mode, 1)));
      TRY(out->line(TRY(draft.line()), kCrLf));
    }
  }
  return {};
}

}  // namespace

std::unique_ptr<Modality> make_pmsi_files(const Workshop& workshop) {
  return std::make_unique<PmsiFiles>(workshop);
}

}  // namespace eds::synth
