// What a stay becomes once coded: its movements, diagnoses, acts and drugs.
#include <algorithm>
#include <array>

#include "synth/timeline.h"

namespace eds::synth {
namespace {

constexpr std::int64_t kDay = kMicrosecondsPerDay;
constexpr std::int64_t kHour = 3'600'000'000;

constexpr std::uint8_t dx(Dx code) {
  return static_cast<std::uint8_t>(code);
}

bool is_medical(std::uint8_t type) {
  return type <= kOncology;
}

std::uint16_t main_unit(const Patient& patient, const Stay& stay, Random& random) {
  const Episode& episode = episodes()[stay.episode];
  std::uint8_t type = episode.unit_type;
  const std::int32_t age = patient.age_on(stay.entry_day());
  if (age < 16 && (is_medical(type) || type == kVisceral || type == kOrthopaedics)) {
    type = kPaediatrics;
  } else if (age >= 82 && (type == kMedicine || type == kPneumology || type == kGastro) &&
             random.permille(450)) {
    type = kGeriatrics;
  }
  return static_cast<std::uint16_t>(stay.hospital * kUnitTypeCount + type);
}

/// The units a stay goes through, and how long; at most three: emergencies' ward, intensive, main.
struct Path {
  std::array<std::uint16_t, 3> unit{};
  std::array<std::int64_t, 3> share_us{};
  std::size_t count = 0;
  void add(std::uint16_t to, std::int64_t us) {
    unit[count] = to;
    share_us[count++] = us;
  }
};

Path path_of(const Patient& patient, const Stay& stay, Random& random) {
  const Episode& episode = episodes()[stay.episode];
  const auto base = static_cast<std::uint16_t>(stay.hospital * kUnitTypeCount);
  const std::uint16_t main = main_unit(patient, stay, random);
  const std::int64_t whole = stay.exit_us - stay.entry_us;
  Path path;
  const bool adult = patient.age_on(stay.entry_day()) >= 16;
  if (stay.kind == StayKind::Full && whole > 3 * kDay && stay.through_emergency && adult &&
      random.permille(160)) {
    path.add(base + kEmergency, random.between(10, 30) * kHour);
  }
  const float intensive = static_cast<float>(episode.intensive_permille) * stay.severity;
  const auto type = static_cast<std::uint8_t>(main % kUnitTypeCount);
  if (whole > 2 * kDay && adult && random.unit() * 1000 < static_cast<double>(intensive)) {
    const std::uint8_t to = type == kCardiology ? kCardiacIntensive : kIntensive;
    const std::int64_t days =
        random.between(1, static_cast<std::int32_t>(std::min<std::int64_t>(whole / kDay - 1, 14)));
    path.add(base + to, days * kDay + 3 * kHour);
  }
  std::int64_t used = 0;
  for (std::size_t i = 0; i < path.count; ++i) used += path.share_us[i];
  if (used >= whole) path.count = 0;
  path.add(main, 0);
  return path;
}

/// Where the patient goes next: old people with a fracture or a stroke often to rehabilitation.
void draw_exit(const Patient& patient, Stay& stay, Random& random) {
  if (stay.died) {
    stay.exit_mode = '9';
    return;
  }
  const std::int32_t age = patient.age_on(stay.entry_day());
  const auto why = static_cast<Why>(stay.episode);
  const bool rehabilitates =
      why == Why::HipFracture || why == Why::TrochanterFracture || why == Why::StrokeAcute;
  const std::uint32_t permille = rehabilitates && age >= 65 ? 520 : age >= 80 ? 130 : 15;
  if (stay.kind == StayKind::Full && random.permille(permille)) {
    stay.exit_mode = '7';
    stay.destination = rehabilitates || random.permille(700) ? '2' : '1';
  } else if (stay.kind == StayKind::Full && age >= 85 && random.permille(220)) {
    stay.destination = '7';  // back to the nursing home
  }
}

void add_movement(const Stay& stay, std::uint16_t stay_index, std::uint16_t unit,
                  std::int64_t entry_us, std::int64_t exit_us, Random& random, Patient& patient) {
  Movement rum;
  rum.entry_us = entry_us;
  rum.exit_us = exit_us;
  rum.unit = unit;
  rum.stay = stay_index;
  rum.session_count = stay.kind == StayKind::Session ? 1 : 0;
  if (unit_type(unit) == kIntensive) {
    rum.igs2 = static_cast<std::uint16_t>(
        std::clamp(38.0F + 16.0F * random.gauss() * stay.severity, 6.0F, 110.0F));
  }
  patient.rums.push_back(rum);
}

void link_modes(const Stay& stay, std::span<Movement> rums) {
  for (std::size_t i = 0; i < rums.size(); ++i) {
    Movement& rum = rums[i];
    const bool first = i == 0;
    const bool last = i + 1 == rums.size();
    rum.entry_mode = first ? stay.entry_mode : '6';
    rum.provenance = first ? stay.provenance : '1';
    rum.exit_mode = last ? stay.exit_mode : '6';
    rum.destination = last ? stay.destination : '1';
    const auto intensive = [](const Movement& movement) {
      return unit_type(movement.unit) == kIntensive;
    };
    if (!first && intensive(rums[i - 1])) rum.provenance = 'R';
  }
}

class DiagnosisList {
 public:
  DiagnosisList(Patient& patient, std::uint16_t rum) : patient_(&patient), rum_(rum) {}

  void add(std::uint16_t code, DiagnosisKind kind) {
    if (patient_->diagnoses.size() >= kDiagnosesMax) return;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (patient_->diagnoses[patient_->diagnoses.size() - 1 - i].diagnosis == code) return;
    }
    patient_->diagnoses.push_back({code, rum_, kind});
    ++count_;
  }
  std::uint16_t count() const { return static_cast<std::uint16_t>(count_); }

 private:
  Patient* patient_;
  std::uint16_t rum_;
  std::uint32_t count_ = 0;
};

/// What the principal diagnosis already says, so that it is not coded twice.
bool said_by(std::uint8_t principal, std::uint8_t chronic) {
  const auto p = static_cast<Dx>(principal);
  const auto c = static_cast<Dx>(chronic);
  return (p == Dx::J441 && c == Dx::J449) || (p == Dx::I480 && c == Dx::I482) ||
         (p == Dx::E1118 && c == Dx::E1198) || (p == Dx::E101 && c == Dx::E109) ||
         (p == Dx::J46 && c == Dx::J459) || (p == Dx::E6606 && c == Dx::E6604);
}

void code_chronics(const Patient& patient, const Stay& stay, std::uint8_t principal, Random& random,
                   DiagnosisList& list) {
  const bool dialysed = patient.has(static_cast<std::uint8_t>(Had::Dialysis));
  const std::uint32_t share = stay.kind == StayKind::Full  ? 1000
                              : stay.kind == StayKind::Day ? 450
                                                           : 200;
  for (const Chronic& chronic : patient.chronics) {
    const Condition& condition = chronics()[chronic.condition];
    if (chronic.onset_day > stay.exit_day() || said_by(principal, condition.diagnosis)) continue;
    if (dialysed && condition.diagnosis == dx(Dx::N183)) continue;
    if (random.permille(condition.coded_permille * share / 1000)) {
      list.add(condition.diagnosis, DiagnosisKind::Associated);
    }
  }
}

/// The act rules of which one excludes the next: a fracture is fixed or replaced, not both.
bool same_choice(std::uint8_t a, std::uint8_t b) {
  const auto both = [&](Ccam x, Ccam y) {
    const auto i = static_cast<std::uint8_t>(x);
    const auto j = static_cast<std::uint8_t>(y);
    return (a == i && b == j) || (a == j && b == i);
  };
  return both(Ccam::NEKA018, Ccam::NBCA005) || both(Ccam::JQGD010, Ccam::JQGD012) ||
         both(Ccam::HHQE005, Ccam::HHFE002) || both(Ccam::DDAF008, Ccam::DDAF007);
}

bool per_day(std::uint8_t act) {
  const auto code = static_cast<Ccam>(act);
  return code == Ccam::GLLD015 || code == Ccam::GLLD008 || code == Ccam::GLLD012 ||
         code == Ccam::DEQP004 || code == Ccam::JVJF005;
}

void add_act(std::uint8_t act, char activity, std::int64_t time_us, std::uint8_t count,
             std::uint16_t stay_index, Patient& patient) {
  if (patient.acts.size() >= kActsMax) return;
  CodedAct coded;
  coded.time_us = time_us;
  coded.act = act;
  coded.stay = stay_index;
  coded.activity = activity;
  coded.count = count;
  patient.acts.push_back(coded);
}

std::int64_t act_time(const Stay& stay, std::int32_t day, Random& random) {
  const std::int64_t from = day == 0 ? stay.entry_us : (stay.entry_day() + day) * kDay + 8 * kHour;
  const std::int64_t room = stay.exit_us - from;
  if (room <= 0) return stay.exit_us;
  const std::int64_t hours = std::min<std::int64_t>(room, 10 * kHour);
  return from + static_cast<std::int64_t>(random.unit() * static_cast<double>(hours));
}

/// Acts that any stay may bring, beyond those of its reason.
void add_common_acts(const Stay& stay, std::uint16_t index, Random& random, Patient& patient) {
  const std::int32_t age = patient.age_on(stay.entry_day());
  const auto add = [&](Ccam act, std::int32_t day) {
    add_act(static_cast<std::uint8_t>(act), '1', act_time(stay, day, random), 1, index, patient);
  };
  if (stay.kind == StayKind::Outpatient) {
    if (random.permille(60)) add(Ccam::ZBQK002, 0);
    return;
  }
  if (stay.kind != StayKind::Full || age < 16) return;
  if (random.permille(age >= 50 ? 480 : 150)) add(Ccam::DEQP003, 0);
  if (random.permille(age >= 65 ? 300 : 120)) add(Ccam::ZBQK002, 0);
  const auto nights = static_cast<std::int32_t>(stay.exit_day() - stay.entry_day());
  if (nights > 7 && random.permille(350)) add(Ccam::DEQP003, 5);
  if (nights > 9 && random.permille(250)) add(Ccam::ZCQH001, 6);
}

void sort_by_time(std::span<CodedAct> acts) {
  for (std::size_t i = 1; i < acts.size(); ++i) {
    for (std::size_t j = i; j > 0 && acts[j].time_us < acts[j - 1].time_us; --j) {
      std::swap(acts[j], acts[j - 1]);
    }
  }
}

}  // namespace

void build_movements(Patient& patient) {
  for (std::size_t i = 0; i < patient.stays.size(); ++i) {
    Stay& stay = patient.stays[i];
    Random random(patient.key, Stream::Movements, i);
    stay.first_rum = static_cast<std::uint16_t>(patient.rums.size());
    stay.rum_count = 0;
    draw_exit(patient, stay, random);
    if (stay.entry_day() == patient.birth_day && patient.is_newborn) stay.entry_mode = 'N';
    if (!has_rss(stay.kind)) continue;
    const Path path = path_of(patient, stay, random);
    std::int64_t at = stay.entry_us;
    for (std::size_t step = 0; step < path.count; ++step) {
      const std::int64_t until = step + 1 == path.count ? stay.exit_us : at + path.share_us[step];
      add_movement(stay, static_cast<std::uint16_t>(i), path.unit[step], at, until, random,
                   patient);
      at = until;
    }
    stay.rum_count = static_cast<std::uint16_t>(path.count);
    link_modes(stay, std::span(patient.rums).subspan(stay.first_rum, stay.rum_count));
  }
}

void build_diagnoses(Patient& patient) {
  for (std::size_t r = 0; r < patient.rums.size(); ++r) {
    Movement& rum = patient.rums[r];
    const Stay& stay = patient.stays[rum.stay];
    const Episode& episode = episodes()[stay.episode];
    Random random(patient.key, Stream::Diagnoses, r);
    rum.first_diagnosis = static_cast<std::uint16_t>(patient.diagnoses.size());
    DiagnosisList list(patient, static_cast<std::uint16_t>(r));
    list.add(episode.principal, DiagnosisKind::Principal);
    if (episode.related != kNoDiagnosis) list.add(episode.related, DiagnosisKind::Related);
    const bool main = r + 1 == static_cast<std::size_t>(stay.first_rum) + stay.rum_count;
    for (const DiagnosisRule& rule : episode.associated) {
      // Births are coded in every unit; the rest mostly where the patient stayed longest.
      const std::uint32_t permille =
          main || rule.permille == 1000 ? rule.permille : rule.permille / 2U;
      if (random.permille(permille)) list.add(rule.diagnosis, DiagnosisKind::Associated);
    }
    code_chronics(patient, stay, episode.principal, random, list);
    if (stay.kind == StayKind::Full && random.permille(30)) {
      list.add(dx(random.permille(500) ? Dx::Z6028 : Dx::Z742), DiagnosisKind::Documentary);
    }
    rum.diagnosis_count = list.count();
  }
}

void build_acts(Patient& patient) {
  for (std::size_t i = 0; i < patient.stays.size(); ++i) {
    const Stay& stay = patient.stays[i];
    const Episode& episode = episodes()[stay.episode];
    Random random(patient.key, Stream::Acts, i);
    const std::size_t first = patient.acts.size();
    std::uint32_t draw = 0;
    for (std::size_t k = 0; k < episode.acts.size(); ++k) {
      const ActRule& rule = episode.acts[k];
      const bool continues = k > 0 && same_choice(episode.acts[k - 1].act, rule.act);
      // A choice between two acts is one draw: the second takes over where the first ends.
      draw = continues ? draw - episode.acts[k - 1].permille : random.below(1000);
      if (draw >= rule.permille) continue;
      const std::int64_t time = act_time(stay, rule.day, random);
      const std::int64_t days = (stay.exit_us - time) / kDay;
      const auto count = static_cast<std::uint8_t>(
          per_day(rule.act) ? std::clamp<std::int64_t>(days / 3, 1, 20) : 1);
      const auto index = static_cast<std::uint16_t>(i);
      add_act(rule.act, '1', time, count, index, patient);
      if (rule.with_anaesthesia) add_act(rule.act, '4', time, count, index, patient);
    }
    add_common_acts(stay, static_cast<std::uint16_t>(i), random, patient);
    const std::span<CodedAct> done = std::span(patient.acts).subspan(first);
    sort_by_time(done);
    std::uint16_t r = stay.first_rum;
    for (CodedAct& act : done) {
      if (stay.rum_count == 0) continue;
      while (r + 1 < stay.first_rum + stay.rum_count && act.time_us >= patient.rums[r].exit_us) ++r;
      act.rum = r;
    }
  }
  for (std::size_t a = 0; a < patient.acts.size(); ++a) {
    if (patient.acts[a].rum == CodedAct::kNoRum) continue;
    Movement& rum = patient.rums[patient.acts[a].rum];
    if (rum.act_count++ == 0) rum.first_act = static_cast<std::uint16_t>(a);
  }
}

void build_drugs(Patient& patient) {
  for (std::size_t i = 0; i < patient.stays.size(); ++i) {
    const Stay& stay = patient.stays[i];
    if (!has_rss(stay.kind)) continue;
    Random random(patient.key, Stream::Drugs, i);
    const std::size_t first = patient.drugs.size();
    const auto give = [&](const DrugRule& rule) {
      if (!random.permille(rule.permille) || patient.drugs.size() >= kDrugsMax) return;
      for (std::size_t k = first; k < patient.drugs.size(); ++k) {
        if (patient.drugs[k].drug == rule.drug) return;
      }
      patient.drugs.push_back(
          {stay.entry_us, stay.exit_us, rule.drug, static_cast<std::uint16_t>(i)});
    };
    for (const DrugRule& rule : episodes()[stay.episode].drugs) give(rule);
    if (stay.kind != StayKind::Full) continue;
    for (const Chronic& chronic : patient.chronics) {
      if (chronic.onset_day > stay.entry_day()) continue;
      for (const DrugRule& rule : chronics()[chronic.condition].drugs) give(rule);
    }
  }
}

}  // namespace eds::synth
