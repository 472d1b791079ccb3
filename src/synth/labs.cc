#include "synth/labs.h"

#include <algorithm>

#include "base/result.h"

namespace eds::synth {
namespace {

constexpr std::int64_t kDay = kMicrosecondsPerDay;
constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int32_t kSamplesMax = 60;  // Of one stay: two months of daily blood.
// How often blood is drawn at a visit, and each panel asked again: fixed so that a patient has on
// average the 72.1 results of the group that the benchmark is modelled on (population_test.cc).
constexpr std::uint32_t kVisitBloodPermille = 330;
constexpr std::uint32_t kAgainPermille = 205;

constexpr std::size_t at(Lab lab) {
  return static_cast<std::size_t>(lab);
}

constexpr std::string_view kWords[] = {"Négatif", "Positif", "Stérile", "Escherichia coli",
                                       "Staphylococcus aureus"};

/// How much of an effect is left, or there yet, `t` days after entry.
float shape(const LabEffect& effect, float t) {
  switch (effect.course) {
    case Course::Steady:
    case Course::Drift: return 1;
    case Course::Fade: return exp2_poly(-t / effect.days);
    case Course::Peak:
      return t < effect.days ? .35F + .65F * t / effect.days
                             : exp2_poly(-(t - effect.days) / effect.days);
    case Course::Surgery: return t < 1 ? 0 : exp2_poly(-(t - 1) / effect.days);
  }
  return 0;
}

/// Haemoglobin and creatinine of children, and what age does to both.
void shift_by_age(float age, LabMaker::Levels& levels) {
  if (age < 16) {
    levels[at(Lab::Creat)] += log2_poly(.28F + .72F * age / 16);
    levels[at(Lab::Alp)] += 1.3F;
    levels[at(Lab::Hb)] -= age < 12 ? 1.2F : .4F;
    levels[at(Lab::Lymph)] += age < 5 ? 1.1F : .2F;
    levels[at(Lab::Psa)] -= 5;
  }
  if (age < .1F) {
    levels[at(Lab::Hb)] += 4.5F;
    levels[at(Lab::Wbc)] += .7F;
    levels[at(Lab::BiliNewborn)] += .6F;
  }
  if (age > 50) {
    const float beyond = age - 50;
    levels[at(Lab::Creat)] += .006F * beyond;
    levels[at(Lab::Hb)] -= .018F * beyond;
    levels[at(Lab::Crp)] += .012F * beyond;
    levels[at(Lab::Bnp)] += .05F * beyond;
    levels[at(Lab::Trop)] += .02F * beyond;
    levels[at(Lab::Ddim)] += .018F * beyond;
    levels[at(Lab::Psa)] += .02F * beyond;
    levels[at(Lab::Alb)] -= .06F * beyond;
    levels[at(Lab::VitD)] -= .008F * beyond;
  }
}

}  // namespace

std::string_view lab_word(std::uint8_t word) {
  return kWords[word];
}

LabMaker::Tables::Tables() {
  const std::span<const Analyte> all = analytes();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Analyte& analyte = all[i];
    personal[i] = analyte.personal;
    const bool logarithmic =
        analyte.spread == Spread::LogNormal || analyte.spread == Spread::Derived;
    for (std::size_t sex = 0; sex < 2; ++sex) {
      Hot& to = hot[sex][i];
      to.within = analyte.within;
      to.scale = analyte.decimals == 0   ? 1.0F
                 : analyte.decimals == 1 ? 10.0F
                 : analyte.decimals == 2 ? 100.0F
                                         : 1000.0F;
      to.inverse = 1.0 / static_cast<double>(to.scale);
      const bool ranged = analyte.low[sex] <= analyte.high[sex];
      const auto mantissa = [&](float x) { return static_cast<std::int32_t>(x * to.scale + .5F); };
      to.low = ranged ? mantissa(analyte.low[sex]) : INT32_MIN;
      to.high = ranged ? mantissa(analyte.high[sex]) : INT32_MAX;
      to.least = mantissa(analyte.least);
      to.most = mantissa(analyte.most);
      to.spread = analyte.spread;
      to.parent = analyte.parent;
      const float centre = analyte.centre[sex];
      this->centre[sex][i] = logarithmic && centre > 0 ? log2_poly(centre) : centre;
    }
  }
  std::uint8_t next = 0;
  for (std::size_t p = 0; p < kPanelCount; ++p) {
    first[p] = next;
    while (next < all.size() && all[next].panel == static_cast<Panel>(p)) ++next;
  }
  first[kPanelCount] = next;
  ENSURE(next == all.size());  // Analytes stand in the order of their panels.
}

const LabMaker::Tables& LabMaker::tables() {
  static const Tables shared;
  return shared;
}

LabMaker::LabMaker() : tables_(&tables()) {}

void LabMaker::start_patient(const Patient& patient) {
  const auto sex = static_cast<std::size_t>(patient.sex);
  hot_ = tables_->hot[sex].data();
  female_ = patient.sex == Sex::Female;
  Random random(patient.key, Stream::LabPerson);
  const std::size_t count = tables_->first[kPanelCount];
  for (std::size_t i = 0; i < count; ++i) {
    person_[i] = tables_->centre[sex][i] + tables_->personal[i] * random.gauss();
  }
}

void LabMaker::start_stay(const Patient& patient, const Stay& stay) {
  stay_ = person_;
  const std::int32_t day = stay.entry_day();
  age_ = static_cast<float>(day - patient.birth_day) / 365.25F;
  shift_by_age(age_, stay_);
  for (const Chronic& chronic : patient.chronics) {
    if (chronic.onset_day > day) continue;
    const float years = static_cast<float>(day - chronic.onset_day) / 365.25F;
    for (const LabEffect& effect : chronics()[chronic.condition].effects) {
      stay_[effect.analyte] += effect.amount + effect.days * std::min(years, 12.0F);
    }
  }
  severity_log2_ = log2_poly(stay.severity);
  sample_rank_ = 0;
  last_sample_us_ = 0;
}

LabMaker::SamplePlan LabMaker::next_sample(const Patient& patient, const Stay& stay) {
  const Episode& episode = episodes()[stay.episode];
  const std::int32_t rank = sample_rank_++;
  if (rank == 0) {
    if (!has_rss(stay.kind) && !random_.permille(kVisitBloodPermille)) return {};
    const std::int64_t delay =
        std::min<std::int64_t>(random_.between(5, 90) * kMinute, stay.exit_us - stay.entry_us);
    last_sample_us_ = stay.entry_us + delay;
    return {last_sample_us_, episode.panels_entry, true};
  }
  if (stay.kind != StayKind::Full || rank >= kSamplesMax) return {};
  const std::int64_t days_in = (last_sample_us_ - stay.entry_us) / kDay;
  // Blood is drawn at six in the morning; less and less often as the stay lasts.
  const float slower = days_in > 14 ? 2.0F : 1.0F;
  bool intensive = false;
  for (std::uint16_t r = 0; r + 1 < stay.rum_count; ++r) {
    const Movement& rum = patient.rums[static_cast<std::size_t>(stay.first_rum) + r];
    const UnitType type = unit_type(rum.unit);
    intensive = intensive || ((type == kIntensive || type == kCardiacIntensive) &&
                              last_sample_us_ >= rum.entry_us && last_sample_us_ < rum.exit_us);
  }
  std::uint32_t panels = 0;
  for (std::uint32_t rest = episode.panels_follow; rest != 0; rest &= rest - 1) {
    if (random_.permille(kAgainPermille)) panels |= rest & -rest;
  }
  if (intensive) panels |= panel(kNfs) | panel(kIono) | panel(kGases) | panel(kCoag);
  if (episode.panels_follow == 0) return {};
  const std::int64_t step = intensive ? 1 : static_cast<std::int64_t>(episode.follow_days * slower);
  const std::int64_t day = last_sample_us_ / kDay + std::max<std::int64_t>(step, 1);
  const std::int64_t time = day * kDay + (360 + random_.between(0, 80)) * kMinute;
  if (time >= stay.exit_us) return {};
  last_sample_us_ = time;
  return {time, panels, true};
}

void LabMaker::start_sample(const Stay& stay, std::int64_t time_us) {
  sample_ = stay_;
  const auto t = static_cast<float>(time_us - stay.entry_us) / static_cast<float>(kDay);
  for (const LabEffect& effect : episodes()[stay.episode].effects) {
    // Twice as severe: twice the change in units, or one more factor of two.
    const bool logarithmic = hot_[effect.analyte].spread == Spread::LogNormal;
    const float toward = effect.amount < 0 ? -severity_log2_ : severity_log2_;
    const float amount = logarithmic ? effect.amount + toward : effect.amount * stay.severity;
    sample_[effect.analyte] += amount * shape(effect, t);
  }
}

float LabMaker::computed(std::uint8_t analyte, bool& exists) const {
  switch (static_cast<Lab>(analyte)) {
    case Lab::Egfr: {
      // CKD-EPI 2009, for adults: 141 min(s,1)^a max(s,1)^-1.209 0.993^age, 1.018 in women.
      exists = age_ >= 18;
      const float kappa = (female_ ? .7F : .9F) * 88.4F;
      const float log_s = log2_poly(std::max(value_[at(Lab::Creat)], 1.0F) / kappa);
      const float power = log_s < 0 ? (female_ ? -.329F : -.411F) * log_s : -1.209F * log_s;
      return (female_ ? 143.5F : 141.0F) * exp2_poly(power - .010134F * age_);
    }
    case Lab::Ldl: {
      // Friedewald, in mmol/L; laboratories do not give it above 4.5 of triglycerides.
      exists = value_[at(Lab::Tg)] < 4.5F;
      return value_[at(Lab::Chol)] - value_[at(Lab::Hdl)] - value_[at(Lab::Tg)] / 2.2F;
    }
    case Lab::Pt: {
      const float above = std::max(value_[at(Lab::Inr)] - .98F, -.1F);
      return 100.0F / (1.0F + 1.55F * above);
    }
    default: exists = false; return 0;
  }
}

std::uint8_t LabMaker::word_of(const Stay& stay, std::uint8_t analyte) {
  const auto why = static_cast<Why>(stay.episode);
  switch (static_cast<Lab>(analyte)) {
    case Lab::CovidPcr: return why == Why::Covid ? 1 : 0;
    case Lab::FluPcr: return why == Why::Influenza ? 1 : 0;
    case Lab::RsvPcr: return why == Why::Bronchiolitis ? 1 : 0;
    default: break;
  }
  const std::uint32_t draw = random_.below(1000);
  if (why == Why::StaphSepsis) return draw < 880 ? 4 : 2;
  if (why == Why::Sepsis) return draw < 620 ? 3 : 2;
  if (why == Why::Pyelonephritis) return draw < 240 ? 3 : 2;
  return 2;
}

}  // namespace eds::synth
