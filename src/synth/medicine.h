// The medicine that synthetic patients follow, as data: diagnoses, chronic conditions, episodes of
// care, acts, analytes, drugs and medical units, with their French words and their codes.
//
// Rates are per 1000 person-years of a hospital's clientele, not of the country; they are orders of
// magnitude meant to be believable, and no epidemiological source. Labels are ours; codes are those
// of CIM-10 (ATIH), CCAM, LOINC, ATC, UCD. The .inc files say what each number means.
//
// Invariants: tables never change; what belongs to an episode or a condition is contiguous.
// Threads: built on first use, then immutable.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace eds::synth {

enum class Sex : std::uint8_t { Male = 0, Female = 1 };

struct Diagnosis {
  std::string_view code;  ///< CIM-10 without dot: "S7200"
  std::string_view label;
};

/// Ages where rates change: <1, 1-4, 5-14, 15-29, 30-44, 45-59, 60-74, 75-84, 85 and more.
inline constexpr std::size_t kAgeBands = 9;
constexpr std::size_t age_band(std::int32_t age_years) {
  constexpr std::int32_t kUpper[] = {1, 5, 15, 30, 45, 60, 75, 85};
  std::size_t band = 0;
  while (band < 8 && age_years >= kUpper[band]) ++band;
  return band;
}

/// How an episode's weight varies with the month of the year; Covid also with the year.
enum class Season : std::uint8_t { Flat, Winter, Flu, Rsv, Gastro, Summer, School, Covid };
/// The season's weight in a month, between 0 and 1.
float season_weight(Season season, std::int32_t year, std::int32_t month);

enum class Setting : std::uint8_t { Full, Day, Session, Emergency, Outpatient };

/// Blood is drawn by panels; a sample is a set of them.
enum Panel : std::uint8_t {
  kNfs,
  kIono,
  kCrp,
  kGlucose,
  kLiver,
  kCoag,
  kTroponin,
  kBnp,
  kDdimer,
  kLipase,
  kHba1c,
  kLipids,
  kThyroid,
  kGases,
  kVitaminD,
  kIron,
  kPct,
  kCalcium,
  kHcg,
  kPsa,
  kUric,
  kVitamins,
  kCovidPcr,
  kFluPcr,
  kRsvPcr,
  kCulture,
  kUrineAlbumin,
  kCk,
  kLdh,
  kBilirubinNewborn,
  kPanelCount,
};
constexpr std::uint32_t panel(Panel p) {
  return std::uint32_t{1} << p;
}

enum class Spread : std::uint8_t {
  Normal,     ///< centre and spread in the analyte's unit
  LogNormal,  ///< centre in the unit, spread in factors of two
  Derived,    ///< centre times another analyte of the same sample, spread in factors of two
  Computed,   ///< by a formula (labs.cc): eGFR, LDL
  Words,      ///< a text: positive or negative, a germ
};

struct Analyte {
  std::string_view loinc;
  std::string_view local_code;  ///< of the laboratory that does not send LOINC
  std::string_view label;
  std::string_view unit;        ///< UCUM
  std::string_view local_unit;  ///< as that laboratory spells it
  Panel panel{};
  Spread spread{};
  std::uint8_t parent = 0;        ///< of a Derived analyte
  std::array<float, 2> centre{};  ///< men, women
  float personal = 0;             ///< spread between persons
  float within = 0;               ///< spread between samples of one person
  std::array<float, 2> low{};     ///< reference range; low > high means that there is none
  std::array<float, 2> high{};
  float least = 0;  ///< never outside these bounds
  float most = 0;
  std::uint8_t decimals = 0;
};

/// How an effect on an analyte runs during a stay; t in days since entry.
enum class Course : std::uint8_t {
  Steady,   ///< the same from entry to exit
  Fade,     ///< amount at entry, halved every `days`
  Peak,     ///< grows until `days`, then halves every `days`
  Surgery,  ///< nothing before day 1, then amount, halved every `days`
  Drift,    ///< chronic only: amount, plus `days` (here: a rate) each year since onset
};

/// Amounts are in the analyte's unit, or in factors of two for the log-normal ones.
struct LabEffect {
  std::uint8_t analyte = 0;
  Course course{};
  float amount = 0;
  float days = 1;
};

struct ActRule {
  std::uint8_t act = 0;
  std::uint16_t permille = 1000;
  std::uint8_t day = 0;           ///< since entry
  bool with_anaesthesia = false;  ///< a second line, activity 4
};
struct DiagnosisRule {
  std::uint8_t diagnosis = 0;
  std::uint16_t permille = 0;
};
struct DrugRule {
  std::uint8_t drug = 0;
  std::uint16_t permille = 0;
};

struct Episode {
  std::string_view symbol;
  std::uint8_t principal = 0;  ///< diagnosis
  std::uint8_t related = 0;    ///< diagnosis, or kNoDiagnosis
  Setting setting{};
  std::uint8_t unit_type = 0;  ///< UnitType
  Season season{};
  std::array<std::array<float, kAgeBands>, 2> rate{};  ///< [sex][age band]
  float nights = 0;                                    ///< median length
  std::uint16_t intensive_permille = 0;
  std::uint16_t emergency_permille = 0;  ///< enters through the emergency room
  std::uint16_t death_permille = 0;      ///< at 75; halved every 12 years below
  std::uint32_t panels_entry = 0;
  std::uint32_t panels_follow = 0;
  float follow_days = 2;  ///< between two samples
  std::span<const ActRule> acts;
  std::span<const DiagnosisRule> associated;
  std::span<const LabEffect> effects;
  std::span<const DrugRule> drugs;
};
inline constexpr std::uint8_t kNoDiagnosis = 0xFF;

struct ChronicLink {
  std::uint8_t from = 0;
  float factor = 1;  ///< multiplies the probability when `from` is present
};
struct ChronicEpisode {
  std::uint8_t episode = 0;
  float rate = 0;  ///< per 1000 person-years of those who have the condition
};

struct Condition {
  std::string_view symbol;
  std::uint8_t diagnosis = 0;
  std::array<std::array<float, 5>, 2> permille{};  ///< [sex][<18, 18-39, 40-59, 60-74, 75+]
  std::uint16_t coded_permille = 700;              ///< how often a stay codes it
  std::string_view antecedent;                     ///< as a letter says it
  std::span<const ChronicLink> links;              ///< from conditions earlier in the table
  std::span<const ChronicEpisode> episodes;
  std::span<const LabEffect> effects;
  std::span<const DrugRule> drugs;
};

struct Act {
  std::string_view code;
  std::string_view label;
};
struct Drug {
  std::string_view atc;
  std::string_view ucd;  ///< 13 characters, for those paid on top of the stay (FICHCOMP); or ""
  std::string_view label;
  std::string_view dose_unit;
  float dose = 0;                 ///< a day, or an administration
  std::uint16_t price_euros = 0;  ///< with ucd
};

enum UnitType : std::uint8_t {
  kMedicine,
  kCardiology,
  kPneumology,
  kNeurology,
  kGeriatrics,
  kGastro,
  kNephrology,
  kDiabetology,
  kOncology,
  kOrthopaedics,
  kVisceral,
  kUrology,
  kOphthalmology,
  kEnt,
  kObstetrics,
  kNeonatology,
  kPaediatrics,
  kIntensive,
  kCardiacIntensive,
  kStroke,
  kEmergency,
  kDialysis,
  kDayChemo,
  kDaySurgery,
  kPsychiatryLiaison,
  kUnitTypeCount,
};
struct UnitKind {
  std::string_view name;
  std::string_view authorisation;  ///< ATIH unit type, 3 characters at most
  char mode = 'C';                 ///< C full, P partial, M mixed
  std::uint16_t beds = 0;
};
struct Hospital {
  std::string_view finess;
  std::string_view name;
  std::string_view postal_code;
  std::string_view city;
};
inline constexpr std::size_t kHospitals = 5;

std::span<const Diagnosis> diagnoses();
std::span<const Condition> chronics();
std::span<const Episode> episodes();
std::span<const Act> acts();
std::span<const Analyte> analytes();
std::span<const Drug> drugs();
std::span<const UnitKind> unit_kinds();
std::span<const Hospital> hospitals();

/// Unit number as a RUM writes it: hospital digit, then three digits. `unit` = hospital *
/// kUnitTypeCount + type.
std::string_view unit_code(std::uint16_t unit);
std::uint8_t unit_hospital(std::uint16_t unit);
UnitType unit_type(std::uint16_t unit);
inline constexpr std::uint16_t kUnits = kHospitals * kUnitTypeCount;

// Symbols for what the code itself must name.
#define DIAGNOSIS(code, label) code,
enum class Dx : std::uint8_t {
#include "synth/diagnoses.inc"
};
#undef DIAGNOSIS
#define ACT(code, label) code,
enum class Ccam : std::uint8_t {
#include "synth/acts.inc"
};
#undef ACT
#define ANALYTE(symbol, ...) symbol,
enum class Lab : std::uint8_t {
#include "synth/analytes.inc"
};
#undef ANALYTE
#define DRUG(symbol, ...) symbol,
enum class Rx : std::uint8_t {
#include "synth/drugs.inc"
};
#undef DRUG
#define CHRONIC(symbol, ...) symbol,
enum class Had : std::uint8_t {
#include "synth/chronics.inc"
};
#undef CHRONIC
#define EPISODE(symbol, ...) symbol,
enum class Why : std::uint8_t {
#include "synth/episodes.inc"
};
#undef EPISODE

}  // namespace eds::synth
