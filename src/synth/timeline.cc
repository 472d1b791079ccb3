#include "synth/timeline.h"

#include <algorithm>
#include <array>

namespace eds::synth {
namespace {

constexpr std::int64_t kDay = kMicrosecondsPerDay;
constexpr std::int64_t kMinute = 60'000'000;
constexpr std::int64_t kHour = 60 * kMinute;

// How much more than the rates of the tables this clientele comes, with and without a bed: fixed so
// that a patient has on average the 4.37 diagnoses and 4.89 acts of the large group that the
// project's benchmark is modelled on (population_test.cc).
constexpr float kBedScale = 1.785F;
constexpr float kVisitScale = .68F;

float scaled_rate(std::size_t episode, float per_thousand) {
  return per_thousand / 1000.0F *
         (episodes()[episode].setting <= Setting::Session ? kBedScale : kVisitScale);
}

/// Episodes that come as a course: how many times, and every how many days.
struct Course {
  std::uint8_t times = 1;
  std::uint8_t days = 0;
};
Course course_of(std::size_t episode) {
  switch (static_cast<Why>(episode)) {
    case Why::ChemoBreast: return {6, 21};
    case Why::ChemoColon: return {6, 14};
    case Why::ChemoLung: return {5, 21};
    case Why::DialysisSession: return {9, 2};
    case Why::InfusionDay: return {3, 56};
    default: return {};
  }
}

/// What the rates come to, once: for each sex and age band, the running sum over episodes.
struct RateTables {
  static constexpr std::size_t kMost = 128;
  std::size_t count = 0;
  std::array<std::uint8_t, kMost> episode{};
  std::array<std::array<std::array<float, kMost>, kAgeBands>, 2> running{};
  std::array<std::array<float, kAgeBands>, 2> total{};  ///< per year

  RateTables() {
    const std::span<const Episode> all = episodes();
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool any = false;
      for (const auto& by_age : all[i].rate) {
        for (const float rate : by_age) any = any || rate > 0;
      }
      if (!any) continue;
      episode[count] = static_cast<std::uint8_t>(i);
      for (std::size_t sex = 0; sex < 2; ++sex) {
        for (std::size_t band = 0; band < kAgeBands; ++band) {
          total[sex][band] += scaled_rate(i, all[i].rate[sex][band]);
          running[sex][band][count] = total[sex][band];
        }
      }
      ++count;
    }
  }
  static const RateTables& get() {
    static const RateTables tables;
    return tables;
  }
  std::uint8_t pick(std::size_t sex, std::size_t band, float at) const {
    const auto& sums = running[sex][band];
    const auto found =
        std::upper_bound(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(count), at);
    return episode[std::min<std::size_t>(static_cast<std::size_t>(found - sums.begin()),
                                         count - 1)];
  }
};

struct Candidate {
  std::int32_t day = 0;
  std::int16_t nights = 0;
  std::uint8_t episode = 0;
  bool mandatory = false;
};

constexpr std::size_t kCandidatesMax = 96;
struct Candidates {
  std::array<Candidate, kCandidatesMax> list;
  std::size_t count = 0;

  void add(Candidate candidate) {
    if (count == kCandidatesMax) return;
    // Kept in order as they come: a patient has five of them, rarely fifty.
    std::size_t at = count++;
    for (; at > 0 && list[at - 1].day > candidate.day; --at) list[at] = list[at - 1];
    list[at] = candidate;
  }
};

std::int16_t draw_nights(const Episode& episode, Random& random) {
  if (episode.setting != Setting::Full) return 0;
  const float nights = episode.nights * exp2_poly(.75F * random.gauss());
  return static_cast<std::int16_t>(std::clamp(nights + .5F, 1.0F, 120.0F));
}

void add_course(std::uint8_t episode, std::int32_t day, Random& random, Candidates& into) {
  const Course course = course_of(episode);
  const std::int16_t nights = draw_nights(episodes()[episode], random);
  for (std::int32_t i = 0; i < course.times; ++i)
    into.add({day + i * course.days, nights, episode});
}

/// Events of one condition a year, and one of them drawn.
float chronic_rate(const Patient& patient, std::int32_t day) {
  float rate = 0;
  for (const Chronic& chronic : patient.chronics) {
    if (chronic.onset_day > day) continue;
    for (const ChronicEpisode& care : chronics()[chronic.condition].episodes) {
      rate += scaled_rate(care.episode, care.rate) / course_of(care.episode).times;
    }
  }
  return rate;
}
std::uint8_t pick_chronic(const Patient& patient, std::int32_t day, float at) {
  std::uint8_t last = 0;
  for (const Chronic& chronic : patient.chronics) {
    if (chronic.onset_day > day) continue;
    for (const ChronicEpisode& care : chronics()[chronic.condition].episodes) {
      last = care.episode;
      at -= scaled_rate(care.episode, care.rate) / course_of(care.episode).times;
      if (at < 0) return last;
    }
  }
  return last;
}

bool in_season(std::uint8_t episode, std::int32_t day, Random& random) {
  const Season season = episodes()[episode].season;
  if (season == Season::Flat) return true;
  const Date date = date_from_days(day);
  return random.unit() < static_cast<double>(season_weight(season, date.year, date.month));
}

/// What happens in one year of the period, for reasons of age, season and conditions.
void draw_year(const Patient& patient, std::int32_t first, std::int32_t last, float frailty,
               Random& random, Candidates& into) {
  const RateTables& tables = RateTables::get();
  const auto sex = static_cast<std::size_t>(patient.sex);
  const std::int32_t middle = (first + last) / 2;
  const std::int32_t age = std::max(0, (middle - patient.birth_day) / 365);
  const std::size_t middle_band = age_band(age);
  float general = tables.total[sex][middle_band];
  // Rates fall tenfold in the first years of life: draw at the highest, then thin by the exact age.
  if (age < 6) general = tables.total[sex][0];
  const float chronic = chronic_rate(patient, middle);
  const float share = static_cast<float>(last - first) / 365.0F;
  const std::uint32_t count =
      random.poisson(static_cast<double>((general + chronic) * share * frailty), 40);
  for (std::uint32_t i = 0; i < count; ++i) {
    const float at = static_cast<float>(random.unit()) * (general + chronic);
    for (int tries = 0; tries < 8; ++tries) {
      const std::int32_t day =
          first + static_cast<std::int32_t>(random.below(static_cast<std::uint32_t>(last - first)));
      if (day < patient.birth_day + 7) continue;
      std::uint8_t episode = 0;
      if (at < general) {
        const std::size_t band = age < 6 ? age_band((day - patient.birth_day) / 365) : middle_band;
        if (at >= tables.total[sex][band]) break;
        episode = tables.pick(sex, band, at);
      } else {
        episode = pick_chronic(patient, middle, at - general);
      }
      if (!in_season(episode, day, random)) continue;
      add_course(episode, day, random, into);
      break;
    }
  }
}

void add_birth_and_delivery(const Patient& patient, Random& random, Candidates& into) {
  const auto add = [&](Why why, std::int32_t day, bool mandatory) {
    const auto episode = static_cast<std::uint8_t>(why);
    into.add({day, draw_nights(episodes()[episode], random), episode, mandatory});
  };
  if (patient.is_newborn) {
    const bool preterm = patient.gestation_weeks < 37;
    add(preterm ? Why::PretermBirth : Why::Birth, patient.birth_day, true);
  }
  if (patient.delivery_day != kNever) {
    const Why why = patient.caesarean              ? Why::Caesarean
                    : patient.gestation_weeks < 37 ? Why::PretermDelivery
                                                   : Why::VaginalDelivery;
    add(why, patient.delivery_day, true);
    for (const std::int32_t before : {190, 120, 35}) {
      if (random.permille(700)) add(Why::ConsultPregnancy, patient.delivery_day - before, false);
    }
  }
}

/// The entry's time of day: at any hour for emergencies, in the morning otherwise.
std::int64_t entry_time(const Episode& episode, const Candidate& candidate, bool emergency,
                        Random& random) {
  const std::int32_t minute =
      episode.setting == Setting::Outpatient ? random.between(8 * 60, 17 * 60)
      // Who comes at night and is to leave the same day comes in the day.
      : emergency && episode.setting != Setting::Day ? random.between(0, 24 * 60 - 1)
                                                     : random.between(7 * 60, 16 * 60);
  return candidate.day * kDay + minute * kMinute;
}

std::int64_t exit_time(const Episode& episode, const Candidate& candidate, std::int64_t entry_us,
                       Random& random) {
  switch (episode.setting) {
    case Setting::Full:
      return (candidate.day + candidate.nights) * kDay + random.between(10 * 60, 18 * 60) * kMinute;
    case Setting::Emergency: {
      const std::int64_t end_of_day = (candidate.day + 1) * kDay - kMinute;
      return std::min(entry_us + random.between(60, 600) * kMinute, end_of_day);
    }
    case Setting::Outpatient: return entry_us + random.between(15, 60) * kMinute;
    default:
      return std::min(entry_us + random.between(240, 480) * kMinute,
                      candidate.day * kDay + 23 * kHour);
  }
}

StayKind kind_of(Setting setting) {
  return static_cast<StayKind>(setting);
}

void add_stay(const Candidate& candidate, Random& random, Patient& patient) {
  const Episode& episode = episodes()[candidate.episode];
  Stay stay;
  stay.episode = candidate.episode;
  stay.kind = kind_of(episode.setting);
  stay.sequence = static_cast<std::uint8_t>(patient.stays.size());
  stay.through_emergency = random.permille(episode.emergency_permille);
  stay.hospital = random.permille(850) ? patient.home_hospital
                                       : static_cast<std::uint8_t>(random.below(kHospitals));
  if (candidate.mandatory) stay.hospital = patient.home_hospital;
  stay.severity = exp2_poly(.4F * random.gauss());
  stay.entry_us = entry_time(episode, candidate, stay.through_emergency, random);
  stay.exit_us = exit_time(episode, candidate, stay.entry_us, random);
  const bool birth = patient.is_newborn && candidate.mandatory;
  if (birth) stay.entry_us = candidate.day * kDay + patient.birth_minute * kMinute;
  if (!birth && candidate.mandatory) {
    stay.entry_us = candidate.day * kDay +
                    std::max(0, patient.birth_minute - 60 * random.between(2, 14)) * kMinute;
  }
  if (episode.death_permille > 0 && !candidate.mandatory &&
      (patient.delivery_day == kNever || candidate.day > patient.delivery_day + 60)) {
    const auto age = static_cast<float>(patient.age_on(candidate.day));
    const float risk = static_cast<float>(episode.death_permille) / 1000.0F *
                       exp2_poly((std::max(age, 0.0F) - 75.0F) / 12.0F) * stay.severity;
    stay.died = random.unit() < static_cast<double>(std::min(risk, .9F));
  }
  patient.stays.push_back(stay);
}

}  // namespace

void build_timeline(Patient& patient) {
  Random random(patient.key, Stream::Timeline);
  Candidates candidates;
  add_birth_and_delivery(patient, random, candidates);
  const float frailty = exp2_poly(.9F * random.gauss()) * .8F;
  const std::int32_t begin = std::max(kFirstDay, patient.birth_day);
  for (std::int32_t year = date_from_days(begin).year; year <= 2026; ++year) {
    const std::int32_t first = std::max(begin, days_from_date({year, 1, 1}));
    const std::int32_t last = std::min(kLastDay, days_from_date({year + 1, 1, 1}));
    if (first >= last || (patient.dead() && patient.death_day < first)) break;
    draw_year(patient, first, last, frailty, random, candidates);
  }
  if (candidates.count == 0) {
    const std::int32_t end = patient.dead() ? std::min(patient.death_day, kLastDay) : kLastDay;
    const auto span = static_cast<std::uint32_t>(std::max(end - begin, 1));
    candidates.add({begin + static_cast<std::int32_t>(random.below(span)), 0,
                    static_cast<std::uint8_t>(Why::ConsultGeneral)});
  }
  std::int32_t free_from = INT32_MIN;
  for (std::size_t i = 0; i < candidates.count; ++i) {
    Candidate& candidate = candidates.list[i];
    // A birth is never left out: at the end of the period it is cut short.
    if (candidate.mandatory) {
      candidate.nights = static_cast<std::int16_t>(
          std::min<std::int32_t>(candidate.nights, kLastDay - candidate.day));
    }
    if (patient.stays.size() == kStaysMax) break;
    const std::int32_t end = candidate.day + candidate.nights;
    if (end > kLastDay || candidate.day < free_from) continue;
    if (patient.dead() && end > patient.death_day) continue;
    bool collides = false;
    for (std::size_t j = i + 1; !candidate.mandatory && j < candidates.count; ++j) {
      collides = collides || (candidates.list[j].mandatory && candidates.list[j].day <= end);
    }
    if (collides) continue;
    add_stay(candidate, random, patient);
    free_from = end + 1;
    if (patient.stays.back().died) {
      patient.death_day = end;
      break;
    }
  }
}

}  // namespace eds::synth
