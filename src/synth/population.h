// Population: a hospital group's patients, each a function of (seed, index) and of nothing else.
//
// A patient is made in steps that cost what they give: who (demographics), stays and movements,
// diagnoses, acts, drugs; labs come through a visitor (labs.h), names and numbers on demand
// (identity.h), letters too (reports.h). Patient 2k, when she gives birth in the period, is the
// mother of patient 2k+1: the only link between patients.
//
// Invariants: stays of a patient do not overlap and are in order of time; the RUM of a stay follow
// each other without a gap; diagnoses, acts and drugs are grouped by RUM, acts in order of time
// within a stay. Times are microseconds since 1970, hospital wall clock. Refilling a Patient
// allocates nothing once its arrays have grown.
// Threads: a Population never changes; a Patient belongs to one thread.
#pragma once

#include <cstdint>
#include <vector>

#include "base/calendar.h"
#include "synth/medicine.h"
#include "synth/random.h"

namespace eds::synth {

/// Bounds of one patient: ids of events are index * bound + rank, so that a range of patients can
/// be written without knowing the others. A dialysed patient reaches them; his later events are
/// left out.
inline constexpr std::uint32_t kStaysMax = 64;
inline constexpr std::uint32_t kRumsMax = 128;
inline constexpr std::uint32_t kDiagnosesMax = 1024;
inline constexpr std::uint32_t kActsMax = 1024;
inline constexpr std::uint32_t kLabsMax = 4096;
inline constexpr std::uint32_t kDrugsMax = 1024;

/// The period that the hospital's information system covers.
inline constexpr std::int32_t kFirstDay = days_from_date({2017, 1, 1});
inline constexpr std::int32_t kLastDay = days_from_date({2026, 6, 30});

enum class StayKind : std::uint8_t {
  Full,        ///< nights in hospital: RSS
  Day,         ///< day hospital, ambulatory surgery: RSS
  Session,     ///< dialysis, chemotherapy: RSS of one session
  Emergency,   ///< emergency room, sent home: no RSS
  Outpatient,  ///< consultation, blood test: no RSS
};
constexpr bool has_rss(StayKind kind) {
  return kind <= StayKind::Session;
}

struct Stay {
  std::int64_t entry_us = 0;
  std::int64_t exit_us = 0;
  std::uint16_t episode = 0;  ///< index into episodes(): why
  StayKind kind = StayKind::Full;
  std::uint8_t hospital = 0;
  std::uint8_t sequence = 0;  ///< rank among the patient's stays
  bool through_emergency = false;
  bool died = false;
  char entry_mode = '8';
  char provenance = ' ';
  char exit_mode = '8';
  char destination = ' ';
  std::uint16_t first_rum = 0;
  std::uint16_t rum_count = 0;
  float severity = 1.0F;  ///< 0.5 (mild) to 2: scales the disease's effects on labs

  std::int32_t entry_day() const {
    return static_cast<std::int32_t>(entry_us / kMicrosecondsPerDay);
  }
  std::int32_t exit_day() const { return static_cast<std::int32_t>(exit_us / kMicrosecondsPerDay); }
};

struct Movement {  ///< a stay in one medical unit: a RUM
  std::int64_t entry_us = 0;
  std::int64_t exit_us = 0;
  std::uint16_t unit = 0;  ///< index into units()
  std::uint16_t stay = 0;
  std::uint16_t first_diagnosis = 0;
  std::uint16_t diagnosis_count = 0;
  std::uint16_t first_act = 0;
  std::uint16_t act_count = 0;
  std::uint16_t igs2 = 0;  ///< intensive care only
  std::uint8_t session_count = 0;
  char entry_mode = '8';
  char provenance = ' ';
  char exit_mode = '8';
  char destination = ' ';
};

enum class DiagnosisKind : std::uint8_t { Principal, Related, Associated, Documentary };

struct CodedDiagnosis {
  std::uint16_t diagnosis = 0;  ///< index into diagnoses()
  std::uint16_t rum = 0;
  DiagnosisKind kind = DiagnosisKind::Principal;
};

struct CodedAct {
  std::int64_t time_us = 0;
  std::uint16_t act = 0;  ///< index into acts()
  std::uint16_t stay = 0;
  std::uint16_t rum = kNoRum;
  char activity = '1';
  char phase = '0';
  std::uint8_t count = 1;

  static constexpr std::uint16_t kNoRum = 0xFFFF;  ///< done outside a RUM (consultation, emergency)
};

struct GivenDrug {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint16_t drug = 0;  ///< index into drugs()
  std::uint16_t stay = 0;
};

struct Chronic {
  std::uint8_t condition = 0;  ///< index into chronics()
  std::int32_t onset_day = 0;
};

inline constexpr std::int32_t kNever = INT32_MAX;

struct Patient {
  std::uint64_t index = 0;
  std::uint64_t key = 0;  ///< root of every stream of this patient
  Sex sex = Sex::Male;
  std::int32_t birth_day = 0;
  std::int32_t death_day = kNever;
  std::int32_t birth_minute = 0;       ///< time of birth, for those born here
  std::int32_t delivery_day = kNever;  ///< of the child, patient index + 1
  bool is_newborn = false;             ///< born here: the mother is patient index - 1
  std::uint16_t birth_weight_g = 0;
  std::uint8_t gestation_weeks = 0;  ///< of the newborn, or of the delivery
  bool caesarean = false;
  std::uint8_t home_hospital = 0;
  std::uint16_t place = 0;  ///< index into places()
  std::uint32_t chronic_mask = 0;

  std::vector<Chronic> chronics;
  std::vector<Stay> stays;
  std::vector<Movement> rums;
  std::vector<CodedDiagnosis> diagnoses;
  std::vector<CodedAct> acts;
  std::vector<GivenDrug> drugs;

  bool has(std::uint8_t chronic) const { return (chronic_mask >> chronic) & 1U; }
  std::int32_t age_on(std::int32_t day) const { return age_years(birth_day, day); }
  Random random(Stream stream, std::uint64_t part = 0) const { return Random(key, stream, part); }
  bool dead() const { return death_day != kNever; }
};

/// What to make of a patient, beyond the person and the stays.
enum Parts : std::uint32_t {
  kStaysOnly = 0,
  kWithDiagnoses = 1,
  kWithActs = 2,
  kWithDrugs = 4,
  kEverything = 7,
  kPersonOnly = 8,  ///< not even the stays, nor a death in hospital
};

class Population {
 public:
  Population(std::uint64_t seed, std::uint64_t patient_count);

  std::uint64_t seed() const { return seed_; }
  std::uint64_t patient_count() const { return patient_count_; }

  /// Clears `patient` and makes patient `index` in it.
  void generate(std::uint64_t index, std::uint32_t parts, Patient& patient) const;

  /// OMOP person_id of a patient: strictly increasing with the index, unguessable without the seed,
  /// spread over [1, 2^53).
  std::int64_t person_id(std::uint64_t index) const;

 private:
  void person(std::uint64_t index, Patient& patient) const;

  std::uint64_t seed_;
  std::uint64_t patient_count_;
  std::uint64_t stride_;
};

}  // namespace eds::synth
