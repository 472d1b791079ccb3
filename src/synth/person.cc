// Who a patient is: age, sex, death outside hospital, delivery or birth here, chronic conditions.
#include <algorithm>
#include <array>

#include "synth/population.h"

namespace eds::synth {
namespace {

constexpr double kDaysPerYear = 365.25;

// The clientele's ages on the last day, by steps of 5 years up to 95-99, in thousandths: more
// infants and more old people than the country has.
constexpr std::array<std::uint16_t, 20> kAges = {58, 44, 40, 40, 52, 64, 68, 66, 62, 60,
                                                 62, 64, 64, 62, 62, 60, 44, 26, 14, 8};
constexpr std::uint32_t kAgesTotal = [] {
  std::uint32_t total = 0;
  for (const std::uint16_t weight : kAges) total += weight;
  return total;
}();

double female_share(std::int32_t age) {
  if (age < 15) return .46;
  if (age < 45) return .57;
  if (age < 65) return .49;
  return age < 80 ? .50 : .62;
}

/// Age at death of someone alive at `age`, after Gompertz: h(a) = h0 * exp(b * a).
double death_age(Random& random, Sex sex, double age) {
  constexpr double kB = .094;
  // log2 of the yearly hazard at birth; hospital deaths come on top (timeline.cc).
  const double log2_h0 = (sex == Sex::Male ? -11.0 : -11.5) * 1.4426950;
  const double log2_hazard = log2_h0 + kB * 1.4426950 * age;
  const double hazard = static_cast<double>(exp2_poly(static_cast<float>(log2_hazard)));
  const double u = std::max(random.unit(), 1e-12);
  const double minus_ln_u = -static_cast<double>(log2_poly(static_cast<float>(u))) * .69314718;
  const double grown = 1.0 + minus_ln_u * kB / hazard;
  return age + static_cast<double>(log2_poly(static_cast<float>(grown))) * .69314718 / kB;
}

void draw_death(Random& random, Patient& patient) {
  const std::int32_t from = std::max(patient.birth_day, kFirstDay);
  const double age = (from - patient.birth_day) / kDaysPerYear;
  const double days = (death_age(random, patient.sex, age) - age) * kDaysPerYear;
  if (days < kLastDay - from) patient.death_day = from + static_cast<std::int32_t>(days);
}

/// Weeks and grams: 7.5 % before 37 weeks, as in France.
void draw_gestation(Random& random, Patient& patient) {
  if (random.permille(75)) {
    patient.gestation_weeks = static_cast<std::uint8_t>(36 - random.below(3) * random.below(4));
  } else {
    constexpr std::uint8_t kTerm[] = {37, 38, 38, 39, 39, 39, 40, 40, 40, 40, 41, 41};
    patient.gestation_weeks = kTerm[random.below(std::size(kTerm))];
  }
  patient.caesarean = random.permille(patient.gestation_weeks < 37 ? 420 : 190);
}

std::uint16_t birth_weight(Random& random, std::uint8_t weeks, Sex sex) {
  const float mean = weeks >= 37 ? 3350.0F + 130.0F * static_cast<float>(weeks - 40)
                                 : 2750.0F - 200.0F * static_cast<float>(36 - weeks);
  const float sd = weeks >= 37 ? 400.0F : 260.0F;
  const float grams = mean + sd * random.gauss() + (sex == Sex::Male ? 60.0F : -60.0F);
  return static_cast<std::uint16_t>(std::clamp(grams, 650.0F, 5200.0F));
}

void draw_delivery(Random& random, Patient& patient) {
  if (patient.sex != Sex::Female) return;
  const auto years = 31.0 + 5.0 * static_cast<double>(random.gauss());
  const auto day = patient.birth_day + static_cast<std::int32_t>(years * kDaysPerYear);
  const bool fertile = years > 17.0 && years < 46.0;
  const bool delivers = random.permille(820);
  draw_gestation(random, patient);
  if (!fertile || !delivers || day < kFirstDay + 290 || day > kLastDay - 40) {
    patient.gestation_weeks = 0;
    patient.caesarean = false;
    return;
  }
  if (patient.dead() && patient.death_day < day + 60) patient.death_day = kNever;
  patient.delivery_day = day;
  patient.birth_minute = static_cast<std::int32_t>(random.below(24 * 60));
}

void draw_chronics(Random& random, Patient& patient) {
  constexpr std::int32_t kMiddle = (kFirstDay + kLastDay) / 2;
  const std::int32_t reference = std::max(kMiddle, patient.birth_day);
  const std::int32_t age = patient.age_on(reference);
  const std::size_t band = age < 18 ? 0 : age < 40 ? 1 : age < 60 ? 2 : age < 75 ? 3 : 4;
  const std::span<const Condition> all = chronics();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Condition& condition = all[i];
    float permille = condition.permille[static_cast<std::size_t>(patient.sex)][band];
    if (permille <= 0) continue;
    for (const ChronicLink& link : condition.links) {
      if (patient.has(link.from)) permille *= link.factor;
    }
    if (random.unit() * 1000.0 >= static_cast<double>(std::min(permille, 850.0F))) continue;
    const std::int32_t before = std::min(age * 200, 5500);
    const std::int32_t onset = reference - before + random.between(0, before + 1500);
    patient.chronic_mask |= std::uint32_t{1} << i;
    patient.chronics.push_back({static_cast<std::uint8_t>(i), onset});
  }
}

void draw_adult(std::uint64_t index, Random& random, Patient& patient) {
  std::uint32_t draw = random.below(kAgesTotal);
  std::int32_t step = 0;
  while (draw >= kAges[static_cast<std::size_t>(step)])
    draw -= kAges[static_cast<std::size_t>(step++)];
  const std::int32_t age_days =
      static_cast<std::int32_t>(step * 5 * kDaysPerYear) + random.between(20, 1826);
  patient.birth_day = kLastDay - age_days;
  const auto age = static_cast<std::int32_t>(age_days / kDaysPerYear);
  patient.sex = random.chance(female_share(age)) ? Sex::Female : Sex::Male;
  draw_death(random, patient);
  // Only even patients deliver: the next index is then their child (population.h).
  if (index % 2 == 0) draw_delivery(random, patient);
}

}  // namespace

void Population::person(std::uint64_t index, Patient& patient) const {
  patient.index = index;
  patient.key = mix(seed_, index);
  patient.death_day = kNever;
  patient.delivery_day = kNever;
  patient.is_newborn = false;
  patient.birth_minute = 0;
  patient.birth_weight_g = 0;
  patient.gestation_weeks = 0;
  patient.caesarean = false;
  patient.chronic_mask = 0;
  patient.chronics.clear();
  Random random(patient.key, Stream::Person);
  if (index % 2 == 1) {
    // The mother without her conditions: they are not needed, and cost the most.
    const std::uint64_t mother_key = mix(seed_, index - 1);
    Random mother_random(mother_key, Stream::Person);
    Patient& mother = patient;
    draw_adult(index - 1, mother_random, mother);
    if (mother.delivery_day != kNever) {
      patient.is_newborn = true;
      patient.birth_day = mother.delivery_day;
      patient.delivery_day = kNever;
      patient.sex = random.permille(512) ? Sex::Male : Sex::Female;
      patient.birth_weight_g = birth_weight(random, patient.gestation_weeks, patient.sex);
      patient.home_hospital = static_cast<std::uint8_t>(mother_key >> 32) % kHospitals;
      patient.place = static_cast<std::uint16_t>(mother_key >> 40);
      patient.death_day = kNever;
      draw_chronics(random, patient);
      return;
    }
    patient.death_day = kNever;
    patient.gestation_weeks = 0;
    patient.caesarean = false;
  }
  draw_adult(index, random, patient);
  patient.home_hospital = static_cast<std::uint8_t>(patient.key >> 32) % kHospitals;
  patient.place = static_cast<std::uint16_t>(patient.key >> 40);
  draw_chronics(random, patient);
}

}  // namespace eds::synth
