#include "synth/medicine.h"

#include <algorithm>
#include <vector>

namespace eds::synth {
namespace {

#define DIAGNOSIS(code, label) Diagnosis{#code, label},
constexpr Diagnosis kDiagnoses[] = {
#include "synth/diagnoses.inc"
};
#undef DIAGNOSIS

#define ACT(code, label) Act{#code, label},
constexpr Act kActs[] = {
#include "synth/acts.inc"
};
#undef ACT

#define ANALYTE(symbol, loinc, local, label, unit, local_unit, panel, spread, parent, centre_m,  \
                centre_f, personal, within, low_m, low_f, high_m, high_f, least, most, decimals) \
  Analyte{loinc,                                                                                 \
          local,                                                                                 \
          label,                                                                                 \
          unit,                                                                                  \
          local_unit,                                                                            \
          panel,                                                                                 \
          Spread::spread,                                                                        \
          parent,                                                                                \
          {centre_m, centre_f},                                                                  \
          personal,                                                                              \
          within,                                                                                \
          {low_m, low_f},                                                                        \
          {high_m, high_f},                                                                      \
          least,                                                                                 \
          most,                                                                                  \
          decimals},
constexpr Analyte kAnalytes[] = {
#include "synth/analytes.inc"
};
#undef ANALYTE

#define DRUG(symbol, atc, ucd, label, unit, dose, price) Drug{atc, ucd, label, unit, dose, price},
constexpr Drug kDrugs[] = {
#include "synth/drugs.inc"
};
#undef DRUG

#define AGES(...) \
  { __VA_ARGS__ }
#define CHRONIC(symbol, diagnosis, men, women, coded, words)                                       \
  Condition{                                                                                       \
      #symbol, static_cast<std::uint8_t>(Dx::diagnosis), {{men, women}}, coded, words, {}, {}, {}, \
      {}},
const Condition kConditions[] = {
#include "synth/chronics.inc"
};
#undef CHRONIC
#undef AGES
static_assert(std::size(kConditions) <= 32, "a patient's conditions are the bits of 32");

#define RATES(...) \
  { __VA_ARGS__ }
#define NO_RATES \
  {}
// The related diagnosis is a Dx, or NONE.
#define EPISODE(symbol, principal, related, setting, unit, season, men, women, nights, intensive, \
                emergency, death, entry, follow, days)                                            \
  Episode{#symbol,                                                                                \
          static_cast<std::uint8_t>(Dx::principal),                                               \
          EPISODE_RELATED_##related,                                                              \
          Setting::setting,                                                                       \
          unit,                                                                                   \
          Season::season,                                                                         \
          {{men, women}},                                                                         \
          nights,                                                                                 \
          intensive,                                                                              \
          emergency,                                                                              \
          death,                                                                                  \
          static_cast<std::uint32_t>(entry),                                                      \
          static_cast<std::uint32_t>(follow),                                                     \
          days,                                                                                   \
          {},                                                                                     \
          {},                                                                                     \
          {},                                                                                     \
          {}},
#define EPISODE_RELATED_NONE kNoDiagnosis
#define EPISODE_RELATED_C504 static_cast<std::uint8_t>(Dx::C504)
#define EPISODE_RELATED_C187 static_cast<std::uint8_t>(Dx::C187)
#define EPISODE_RELATED_C341 static_cast<std::uint8_t>(Dx::C341)
#define EPISODE_RELATED_N185 static_cast<std::uint8_t>(Dx::N185)
const Episode kEpisodes[] = {
#include "synth/episodes.inc"
};
#undef EPISODE

template <class Rule>
struct Owned {
  std::uint8_t owner;
  Rule rule;
};

#define DOES(why, act, permille, day, anaesthesia) \
  {static_cast<std::uint8_t>(Why::why),            \
   {static_cast<std::uint8_t>(Ccam::act), permille, day, anaesthesia}},
#define CODES(why, dx, permille)
#define MOVES(why, lab, course, amount, days)
#define GIVES(why, rx, permille)
constexpr Owned<ActRule> kActRules[] = {
#include "synth/episode_rules.inc"
};
#undef DOES
#undef CODES
#define DOES(why, act, permille, day, anaesthesia)
#define CODES(why, dx, permille) \
  {static_cast<std::uint8_t>(Why::why), {static_cast<std::uint8_t>(Dx::dx), permille}},
constexpr Owned<DiagnosisRule> kDiagnosisRules[] = {
#include "synth/episode_rules.inc"
};
#undef CODES
#undef MOVES
#define CODES(why, dx, permille)
#define MOVES(why, lab, course, amount, days) \
  {static_cast<std::uint8_t>(Why::why),       \
   {static_cast<std::uint8_t>(Lab::lab), Course::course, amount, days}},
constexpr Owned<LabEffect> kEffectRules[] = {
#include "synth/episode_rules.inc"
};
#undef MOVES
#undef GIVES
#define MOVES(why, lab, course, amount, days)
#define GIVES(why, rx, permille) \
  {static_cast<std::uint8_t>(Why::why), {static_cast<std::uint8_t>(Rx::rx), permille}},
constexpr Owned<DrugRule> kDrugRules[] = {
#include "synth/episode_rules.inc"
};
#undef DOES
#undef CODES
#undef MOVES
#undef GIVES

#define LINK(had, cause, factor) \
  {static_cast<std::uint8_t>(Had::had), {static_cast<std::uint8_t>(Had::cause), factor}},
#define CARE(had, why, rate)
#define SHIFT(had, lab, amount, rate)
#define TREAT(had, rx, permille)
constexpr Owned<ChronicLink> kLinkRules[] = {
#include "synth/chronic_rules.inc"
};
#undef LINK
#undef CARE
#define LINK(had, cause, factor)
#define CARE(had, why, rate) \
  {static_cast<std::uint8_t>(Had::had), {static_cast<std::uint8_t>(Why::why), rate}},
constexpr Owned<ChronicEpisode> kCareRules[] = {
#include "synth/chronic_rules.inc"
};
#undef CARE
#undef SHIFT
#define CARE(had, why, rate)
#define SHIFT(had, lab, amount, rate)   \
  {static_cast<std::uint8_t>(Had::had), \
   {static_cast<std::uint8_t>(Lab::lab), Course::Drift, amount, rate}},
constexpr Owned<LabEffect> kShiftRules[] = {
#include "synth/chronic_rules.inc"
};
#undef SHIFT
#undef TREAT
#define SHIFT(had, lab, amount, rate)
#define TREAT(had, rx, permille) \
  {static_cast<std::uint8_t>(Had::had), {static_cast<std::uint8_t>(Rx::rx), permille}},
constexpr Owned<DrugRule> kTreatRules[] = {
#include "synth/chronic_rules.inc"
};
#undef LINK
#undef CARE
#undef SHIFT
#undef TREAT

/// The rules of all owners, sorted by owner, so that each owner's are one span.
template <class Rule>
class ByOwner {
 public:
  template <std::size_t N>
  explicit ByOwner(const Owned<Rule> (&rules)[N]) {
    rules_.reserve(N);
    for (std::size_t owner = 0; owner < 256; ++owner) {
      first_[owner] = rules_.size();
      for (const Owned<Rule>& owned : rules) {
        if (owned.owner == owner) rules_.push_back(owned.rule);
      }
    }
    first_[256] = rules_.size();
  }
  std::span<const Rule> of(std::size_t owner) const {
    return std::span<const Rule>(rules_).subspan(first_[owner], first_[owner + 1] - first_[owner]);
  }

 private:
  std::vector<Rule> rules_;
  std::array<std::size_t, 257> first_{};
};

constexpr UnitKind kUnitKinds[kUnitTypeCount] = {
    {"Médecine polyvalente", "29", 'C', 60},
    {"Cardiologie", "29", 'C', 45},
    {"Pneumologie", "29", 'C', 35},
    {"Neurologie", "29", 'C', 40},
    {"Gériatrie aiguë", "27", 'C', 60},
    {"Hépato-gastro-entérologie", "29", 'C', 40},
    {"Néphrologie", "29", 'C', 25},
    {"Diabétologie et endocrinologie", "29", 'C', 25},
    {"Oncologie médicale", "40", 'C', 30},
    {"Chirurgie orthopédique", "53", 'C', 50},
    {"Chirurgie viscérale", "53", 'C', 50},
    {"Urologie", "53", 'C', 30},
    {"Ophtalmologie ambulatoire", "53", 'P', 20},
    {"Oto-rhino-laryngologie", "53", 'M', 20},
    {"Gynécologie-obstétrique", "73", 'M', 60},
    {"Néonatologie", "04", 'C', 20},
    {"Pédiatrie", "28", 'M', 40},
    {"Réanimation médicale", "01A", 'C', 20},
    {"Soins intensifs de cardiologie", "02A", 'C', 16},
    {"Unité neurovasculaire", "17", 'C', 24},
    {"Hospitalisation de courte durée des urgences", "07A", 'C', 20},
    {"Hémodialyse en centre", "21", 'P', 30},
    {"Hôpital de jour de chimiothérapie", "43", 'P', 25},
    {"Chirurgie ambulatoire", "53", 'P', 30},
    {"Psychiatrie de liaison", "29", 'C', 20},
};

// Invented hospitals: 99 is no department, so no FINESS begins with it; the keys are Luhn's.
constexpr Hospital kHospitalList[kHospitals] = {
    {"990010019", "Hôpital des Trois-Rives", "99010", "Valombre"},
    {"990020018", "Hôpital Sainte-Ondine", "99020", "Pontclair"},
    {"990030017", "Hôpital des Tilleuls", "99030", "Montserein"},
    {"990040016", "Hôpital du Val-Doré", "99040", "Rochebrune-les-Eaux"},
    {"990050015", "Hôpital Mère-Enfant Aurore", "99050", "Valombre"},
};

struct UnitCode {
  char text[4];
};

constexpr std::array<UnitCode, kUnits> make_unit_codes() {
  std::array<UnitCode, kUnits> codes{};
  for (std::uint16_t unit = 0; unit < kUnits; ++unit) {
    const int number = 100 + 10 * (unit % kUnitTypeCount);
    codes[unit].text[0] = static_cast<char>('1' + unit / kUnitTypeCount);
    codes[unit].text[1] = static_cast<char>('0' + number / 100);
    codes[unit].text[2] = static_cast<char>('0' + number / 10 % 10);
    codes[unit].text[3] = static_cast<char>('0' + number % 10);
  }
  return codes;
}
constexpr std::array<UnitCode, kUnits> kUnitCodes = make_unit_codes();

constexpr float kSeasons[7][12] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},                                 // Flat
    {1, .95F, .85F, .7F, .6F, .52F, .48F, .48F, .52F, .65F, .75F, .95F},  // Winter
    {1, 1, .45F, .12F, .02F, .01F, .01F, .01F, .02F, .04F, .12F, .7F},    // Flu
    {.7F, .3F, .12F, .05F, .03F, .02F, .02F, .02F, .06F, .3F, .85F, 1},   // Rsv
    {1, .95F, .8F, .55F, .35F, .25F, .22F, .25F, .3F, .4F, .5F, .85F},    // Gastro
    {.6F, .62F, .7F, .8F, .9F, 1, 1, .95F, .9F, .8F, .65F, .6F},          // Summer
    {.7F, .9F, .9F, .9F, .8F, .8F, .5F, .25F, .9F, 1, 1, .7F},            // School
};
// Months since March 2020: the waves of spring and autumn 2020, spring and summer 2021, winter
// 2022.
constexpr float kCovidMonths[] = {.9F, 1,    .35F, .08F, .05F, .08F, .2F,  .75F, .9F,
                                  .7F, .7F,  .65F, .8F,  .85F, .45F, .12F, .1F,  .3F,
                                  .2F, .12F, .25F, .6F,  .85F, .6F,  .35F, .35F, .2F,
                                  .2F, .3F,  .12F, .15F, .2F,  .15F, .25F};

}  // namespace

float season_weight(Season season, std::int32_t year, std::int32_t month) {
  if (season != Season::Covid) return kSeasons[static_cast<std::size_t>(season)][month - 1];
  const std::int32_t since = (year - 2020) * 12 + month - 3;
  if (since < 0) return 0;
  if (since < static_cast<std::int32_t>(std::size(kCovidMonths))) return kCovidMonths[since];
  return .08F * kSeasons[static_cast<std::size_t>(Season::Winter)][month - 1];
}

std::span<const Diagnosis> diagnoses() {
  return kDiagnoses;
}
std::span<const Act> acts() {
  return kActs;
}
std::span<const Analyte> analytes() {
  return kAnalytes;
}
std::span<const Drug> drugs() {
  return kDrugs;
}
std::span<const UnitKind> unit_kinds() {
  return kUnitKinds;
}
std::span<const Hospital> hospitals() {
  return kHospitalList;
}

std::span<const Episode> episodes() {
  struct Built {
    ByOwner<ActRule> acts{kActRules};
    ByOwner<DiagnosisRule> codes{kDiagnosisRules};
    ByOwner<LabEffect> effects{kEffectRules};
    ByOwner<DrugRule> drugs{kDrugRules};
    std::vector<Episode> all{std::begin(kEpisodes), std::end(kEpisodes)};
    Built() {
      for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].acts = acts.of(i);
        all[i].associated = codes.of(i);
        all[i].effects = effects.of(i);
        all[i].drugs = drugs.of(i);
      }
    }
  };
  static const Built built;
  return built.all;
}

std::span<const Condition> chronics() {
  struct Built {
    ByOwner<ChronicLink> links{kLinkRules};
    ByOwner<ChronicEpisode> care{kCareRules};
    ByOwner<LabEffect> shifts{kShiftRules};
    ByOwner<DrugRule> drugs{kTreatRules};
    std::vector<Condition> all{std::begin(kConditions), std::end(kConditions)};
    Built() {
      for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].links = links.of(i);
        all[i].episodes = care.of(i);
        all[i].effects = shifts.of(i);
        all[i].drugs = drugs.of(i);
      }
    }
  };
  static const Built built;
  return built.all;
}

std::string_view unit_code(std::uint16_t unit) {
  return {kUnitCodes[unit].text, 4};
}
std::uint8_t unit_hospital(std::uint16_t unit) {
  return static_cast<std::uint8_t>(unit / kUnitTypeCount);
}
UnitType unit_type(std::uint16_t unit) {
  return static_cast<UnitType>(unit % kUnitTypeCount);
}

}  // namespace eds::synth
