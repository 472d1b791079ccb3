#include "format/pmsi/check.h"

#include <algorithm>

#include "format/pmsi/codes.h"
#include "format/pmsi/identifiers.h"

namespace eds::pmsi {
namespace {

constexpr Day kNewbornDaysMax = 29;     // "poids obligatoire si age < 29 jours"
constexpr Day kAgeDaysMax = 130 * 366;  // nobody has lived longer

// MCO 2026, "Modalites": entry 6 mutation, 7 and 0 transfers, 8 home, N birth, O organ donor.
constexpr std::string_view kSexes = "123";
constexpr std::string_view kEntryModes = "6708NO";
constexpr std::string_view kExitModes = "67089";
// Mutation and transfers ask where from and where to.
constexpr std::string_view kModesWithPlace = "670";
// "5" is the emergency unit of the years before 2022, whose passage has since a field of its own.
constexpr std::string_view kProvenances = "1234567RUV ";
constexpr std::string_view kDestinations = "1234567 ";

bool contains(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

bool is_alphanumeric(std::string_view text) {
  for (const char c : text) {
    const bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!good) return false;
  }
  return true;
}

// Five digits; 99 and the country's code for who lives abroad; 2A and 2B are accepted for Corsica.
bool looks_like_residence(std::string_view code) {
  return code.size() == 5 && code[0] >= '0' && code[0] <= '9' && is_alphanumeric(code);
}

}  // namespace

void Checker::add(FindingCode code, Severity severity, std::string_view field, std::size_t index) {
  // What can make an Error is checked before what repeats (diagnoses, acts), so none is cut off.
  if (findings_.size() >= kFindingsPerRecordMax) return;
  findings_.push_back({line_, field, code, severity, static_cast<std::uint16_t>(index)});
}

void Checker::add(FindingCode code, std::string_view field, std::size_t index) {
  add(code, severity_of(code), field, index);
}

bool Checker::loadable() const {
  return std::none_of(findings_.begin(), findings_.end(),
                      [](const Finding& finding) { return finding.severity == Severity::Error; });
}

// Starts a new record; false when its line cannot even be looked at.
bool Checker::begin(const Line& line) {
  findings_.clear();
  line_ = line.number;
  if (line.state == LineState::TooLong) add(FindingCode::LineTooLong, "");
  if (line.state == LineState::HasNul) add(FindingCode::NulByte, "");
  return line.state == LineState::Whole;
}

Checker::RumChecked Checker::check_rss_line(const Line& line) {
  RumChecked checked;
  if (begin(line)) {
    const Parsed parsed = parse_rss(line.bytes);
    if (parsed.finding) add(*parsed.finding, parsed.field);
    checked.whole = parsed.whole;
    if (parsed.whole) {
      checked.rum = read_rum(parsed.record);
      run(checked.rum);
      checked.loadable = loadable();
    }
  }
  checked.findings = findings_;
  return checked;
}

std::span<const Finding> Checker::check(const Rum& rum, std::uint64_t line) {
  findings_.clear();
  line_ = line;
  run(rum);
  return findings_;
}

void Checker::run(const Rum& rum) {
  if (rum.grouped) check_grouping(rum);
  check_identity(rum);
  check_dates(rum);
  check_modes(rum);
  check_numbers(rum);
  check_diagnoses(rum);
  for (std::size_t i = 0; i < rum.acts.size(); ++i) check_act(rum.acts[i], rum, i);
}

void Checker::check_grouping(const Rum& rum) {
  if (!looks_like_ghm(rum.ghm)) add(FindingCode::GhmMalformed, "ghm");
  if (rum.grouper_return != "000") add(FindingCode::GrouperReturnedError, "grouper_return");
  const std::string_view rss_version = rum.record.layout().version;
  const bool agree = rum.rum_version.size() == 3 && rum.rum_version[0] == '0' &&
                     rum.rum_version.substr(1) == rss_version.substr(1);
  if (!agree) add(FindingCode::VersionsDisagree, "rum_version");
}

void Checker::check_filled(bool filled, std::string_view field, Severity severity) {
  if (!filled) add(FindingCode::RequiredMissing, severity, field, 0);
}

void Checker::check_finess(std::string_view finess) {
  if (finess.empty()) {
    add(FindingCode::RequiredMissing, "finess");
  } else if (!finess_ok(finess)) {
    add(FindingCode::FinessKeyWrong, "finess");
  }
}

void Checker::check_identity(const Rum& rum) {
  check_finess(rum.finess);
  // Without its number a RUM belongs to no stay; without the others it can still be placed.
  check_filled(!rum.rss_number.empty(), "rss_number", Severity::Error);
  check_filled(!rum.stay_number.empty(), "stay_number", Severity::Warning);
  check_filled(!rum.rum_number.empty(), "rum_number", Severity::Warning);
  check_filled(!rum.unit.empty(), "unit", Severity::Warning);
  check_code(rum.sex, kSexes, "sex");
  if (rum.residence.empty()) {
    add(FindingCode::RequiredMissing, "residence");
  } else if (!looks_like_residence(rum.residence.reveal(Reason::Check))) {
    add(FindingCode::ResidenceMalformed, "residence");
  }
}

void Checker::check_code(char code, std::string_view allowed, std::string_view field) {
  if (!contains(allowed, code)) add(FindingCode::CodeUnknown, field);
}

void Checker::check_date(const Date& date, Need need, std::string_view field, std::size_t index) {
  const Severity severity = need == Need::Essential ? Severity::Error : Severity::Warning;
  switch (date.state) {
    case DateState::Present: return;
    case DateState::Blank:
      if (need == Need::Essential) add(FindingCode::DateMissing, severity, field, index);
      return;
    case DateState::Malformed: add(FindingCode::DateMalformed, severity, field, index); return;
    case DateState::Impossible: add(FindingCode::DateImpossible, severity, field, index); return;
  }
}

void Checker::check_dates(const Rum& rum) {
  const Date birth = rum.birth_date.reveal(Reason::Check);
  check_date(birth, Need::Essential, "birth_date");
  check_date(rum.entry, Need::Essential, "entry_date");
  check_date(rum.exit, Need::Essential, "exit_date");
  check_date(rum.last_menses, Need::Useful, "last_menses_date");
  if (rum.entry.present() && rum.exit.present() && rum.exit.day < rum.entry.day) {
    add(FindingCode::ExitBeforeEntry, "exit_date");
  }
  if (!birth.present() || !rum.entry.present()) return;
  const Day age_days = rum.entry.day - birth.day;
  if (age_days < 0) {
    add(FindingCode::BirthAfterEntry, "birth_date");
    return;
  }
  if (age_days > kAgeDaysMax) add(FindingCode::AgeImplausible, "birth_date");
  // The weight is asked of the first RUM of the stay: one that no mutation led to.
  const bool weighed = rum.weight_g.present() && rum.weight_g.value > 0;
  if (age_days < kNewbornDaysMax && rum.entry_mode != '6' && !weighed) {
    add(FindingCode::WeightMissing, "weight_g");
  }
}

void Checker::check_modes(const Rum& rum) {
  check_code(rum.entry_mode, kEntryModes, "entry_mode");
  check_code(rum.provenance, kProvenances, "provenance");
  check_code(rum.exit_mode, kExitModes, "exit_mode");
  check_code(rum.destination, kDestinations, "destination");
  if (contains(kModesWithPlace, rum.entry_mode) && rum.provenance == ' ') {
    add(FindingCode::ProvenanceMissing, "provenance");
  }
  if (contains(kModesWithPlace, rum.exit_mode) && rum.destination == ' ') {
    add(FindingCode::DestinationMissing, "destination");
  }
}

void Checker::check_numbers(const Rum& rum) {
  const auto check = [this](const Number& number, std::string_view field) {
    if (number.state == Number::State::Malformed) add(FindingCode::NotNumeric, field);
  };
  check(rum.weight_g, "weight_g");
  check(rum.gestational_age_weeks, "gestational_age_weeks");
  check(rum.session_count, "session_count");
  check(rum.igs2, "igs2");
}

void Checker::check_diagnoses(const Rum& rum) {
  if (rum.dp.empty()) {
    add(FindingCode::DiagnosisMissing, "dp");
  } else if (!looks_like_cim10(rum.dp)) {
    add(FindingCode::DiagnosisMalformed, Severity::Error, "dp", 0);
  }
  if (!rum.dr.empty() && !looks_like_cim10(rum.dr)) add(FindingCode::DiagnosisMalformed, "dr");
  for (std::size_t i = 0; i < rum.das.size(); ++i) {
    if (!looks_like_cim10(rum.das[i])) add(FindingCode::DiagnosisMalformed, "da", i);
  }
  for (std::size_t i = 0; i < rum.dads.size(); ++i) {
    if (!looks_like_cim10(rum.dads[i])) add(FindingCode::DiagnosisMalformed, "dad", i);
  }
}

void Checker::check_act(const Act& act, const Rum& rum, std::size_t index) {
  if (act.date.state == DateState::Blank) add(FindingCode::ActDateMissing, "act.date", index);
  check_date(act.date, Need::Useful, "act.date", index);
  if (act.date.present() && rum.entry.present() && rum.exit.present() &&
      (act.date.day < rum.entry.day || act.date.day > rum.exit.day)) {
    add(FindingCode::ActOutsideRum, "act.date", index);
  }
  if (!looks_like_ccam(act.code)) add(FindingCode::ActCodeMalformed, "act.code", index);
  if (act.phase < '0' || act.phase > '9') {
    add(FindingCode::ActPhaseMalformed, "act.phase", index);
  }
  if (act.activity < '1' || act.activity > '5') {
    add(FindingCode::ActActivityMalformed, "act.activity", index);
  }
  if (act.count.state == Number::State::Malformed) {
    add(FindingCode::NotNumeric, "act.count", index);
  } else if (act.count.value == 0) {
    add(FindingCode::ActCountZero, "act.count", index);
  }
}

Checker::VidHospChecked Checker::check_vid_hosp_line(const Line& line) {
  VidHospChecked checked;
  if (begin(line)) {
    const Parsed parsed = parse(Kind::VidHosp, line.bytes);
    if (parsed.finding) add(*parsed.finding, parsed.field);
    checked.whole = parsed.whole;
    if (parsed.whole) {
      checked.vid_hosp = read_vid_hosp(parsed.record);
      run(checked.vid_hosp);
      checked.loadable = loadable();
    }
  }
  checked.findings = findings_;
  return checked;
}

void Checker::run(const VidHosp& v) {
  const auto check_key = [this](const Identifying<std::string_view>& nir,
                                const Identifying<std::string_view>& key, std::string_view field) {
    if (nir.empty()) return;
    const NirState state = check_nir(nir.reveal(Reason::Check), key.reveal(Reason::Check));
    if (state == NirState::Malformed || state == NirState::WrongKey) {
      add(FindingCode::NirKeyWrong, field);
    }
  };
  check_key(v.insured_nir, v.insured_nir_key, "insured_nir");
  const Date birth = v.birth_date.reveal(Reason::Check);
  check_date(birth, Need::Essential, "birth_date");
  check_code(v.sex, kSexes, "sex");
  check_filled(!v.stay_number.empty(), "stay_number", Severity::Error);
  check_finess(v.finess);
  check_key(v.nir, v.nir_key, "nir");
  check_date(v.hospitalisation, Need::Useful, "hospitalisation_date");
  check_date(v.entry, Need::Useful, "entry_date");
  check_date(v.exit, Need::Useful, "exit_date");
  if (v.entry.present() && v.exit.present() && v.exit.day < v.entry.day) {
    add(FindingCode::ExitBeforeEntry, "exit_date");
  }
  if (birth.present() && v.exit.present() && v.exit.day < birth.day) {
    add(FindingCode::BirthAfterEntry, "birth_date");
  }
  if (v.record.layout().find("ipp")) check_filled(!v.ipp.empty(), "ipp", Severity::Warning);
  if (!v.ins.empty()) {
    const NirState state = check_ins(v.ins.reveal(Reason::Check));
    if (state == NirState::Malformed || state == NirState::WrongKey) {
      add(FindingCode::NirKeyWrong, "ins");
    }
  }
}

// What the type of a field says by itself. Nothing here can stop a record from being loaded.
void Checker::check_field(const Field& field, std::string_view text, std::size_t index) {
  const std::string_view value = trim(text);
  if (value.empty()) {
    if (field.required == Required::Always) {
      add(FindingCode::RequiredMissing, Severity::Warning, field.name, index);
    }
    return;
  }
  switch (field.type) {
    case FieldType::Date: check_date(parse_date(text), Need::Useful, field.name, index); return;
    case FieldType::Number:
      if (parse_number(text).state == Number::State::Malformed) {
        add(FindingCode::NotNumeric, Severity::Warning, field.name, index);
      }
      return;
    case FieldType::Code:
      if (!is_alphanumeric(value)) {
        add(FindingCode::NotAlphanumeric, Severity::Warning, field.name, index);
      }
      return;
    case FieldType::Text:
    case FieldType::TextCode: return;
  }
}

// Each RUM block of an RSA says how many diagnoses and acts are its own: they must add up.
void Checker::check_rsa_counts(const Record& record) {
  const Layout& layout = record.layout();
  const std::size_t rum = *layout.find_block("rum");
  const BlockLayout& block = layout.blocks[rum];
  for (const std::string_view name : {"da", "act"}) {
    const std::string_view count_name = name == "da" ? "da_count" : "act_count";
    const std::size_t count_field = *block.find(count_name);
    std::size_t sum = 0;
    for (std::size_t i = 0; i < record.block_count(rum); ++i) {
      sum += parse_number(record.block_field(rum, i, count_field)).value;
    }
    if (sum != record.block_count(*layout.find_block(name))) {
      add(FindingCode::CountsDisagree, count_name);
    }
  }
}

std::span<const Finding> Checker::check_record(const Record& record, std::uint64_t line) {
  findings_.clear();
  line_ = line;
  const Layout& layout = record.layout();
  const std::string_view bytes = record.bytes(Reason::Check);
  for (const Field& field : layout.fields) {
    check_field(field, bytes.substr(field.start - 1U, field.length), 0);
  }
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    for (std::size_t j = 0; j < record.block_count(i); ++j) {
      if (findings_.size() >= kFindingsPerRecordMax) break;
      for (std::size_t k = 0; k < layout.blocks[i].fields.size(); ++k) {
        check_field(layout.blocks[i].fields[k], record.block_field(i, j, k), j);
      }
    }
  }
  if (layout.kind == Kind::Rsa) check_rsa_counts(record);
  return findings_;
}

}  // namespace eds::pmsi
