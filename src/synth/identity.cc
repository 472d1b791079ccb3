#include "synth/identity.h"

#include <fmt/format.h>

#include <array>

namespace eds::synth {
namespace {

constexpr std::string_view kSurnames[] = {
#include "synth/surnames.inc"
};

/// First names by the age of those who bear them: born before 1960, before 1990, since.
constexpr std::string_view kMen[3][48] = {
#include "synth/first_names_men.inc"
};
constexpr std::string_view kWomen[3][48] = {
#include "synth/first_names_women.inc"
};

constexpr std::string_view kStreets[] = {"rue des Lilas",
                                         "rue Victor-Hugo",
                                         "avenue de la République",
                                         "rue du Moulin",
                                         "rue de l'Église",
                                         "place du Marché",
                                         "rue des Écoles",
                                         "rue Pasteur",
                                         "boulevard Voltaire",
                                         "chemin des Vignes",
                                         "rue Jean-Jaurès",
                                         "allée des Tilleuls",
                                         "impasse des Cerisiers",
                                         "rue du Général-Leclerc",
                                         "rue de la Fontaine",
                                         "quai des Bateliers",
                                         "rue Émile-Zola",
                                         "rue du Four",
                                         "rue Saint-Martin",
                                         "avenue Gambetta",
                                         "rue de Verdun",
                                         "rue des Acacias",
                                         "cours de la Liberté",
                                         "rue Nationale",
                                         "rue Louise-Michel",
                                         "rue de la Gare",
                                         "rue du Château",
                                         "rue Marie-Curie",
                                         "avenue Foch",
                                         "rue des Peupliers",
                                         "sentier du Ruisseau",
                                         "rue Molière"};

constexpr Place kPlaces[] = {{"75011", "Paris"},
                             {"75012", "Paris"},
                             {"75013", "Paris"},
                             {"75018", "Paris"},
                             {"75019", "Paris"},
                             {"75020", "Paris"},
                             {"92100", "Boulogne-Billancourt"},
                             {"92000", "Nanterre"},
                             {"92110", "Clichy"},
                             {"93100", "Montreuil"},
                             {"93200", "Saint-Denis"},
                             {"93000", "Bobigny"},
                             {"94000", "Créteil"},
                             {"94200", "Ivry-sur-Seine"},
                             {"94300", "Vincennes"},
                             {"91000", "Évry"},
                             {"78000", "Versailles"},
                             {"95000", "Cergy"},
                             {"77000", "Melun"},
                             {"69003", "Lyon"},
                             {"13005", "Marseille"},
                             {"33000", "Bordeaux"},
                             {"31000", "Toulouse"},
                             {"44000", "Nantes"},
                             {"59000", "Lille"},
                             {"67000", "Strasbourg"},
                             {"35000", "Rennes"},
                             {"34000", "Montpellier"},
                             {"06000", "Nice"},
                             {"76000", "Rouen"},
                             {"38000", "Grenoble"},
                             {"21000", "Dijon"},
                             {"37000", "Tours"},
                             {"45000", "Orléans"},
                             {"63000", "Clermont-Ferrand"},
                             {"87000", "Limoges"},
                             {"29200", "Brest"},
                             {"14000", "Caen"},
                             {"80000", "Amiens"},
                             {"51100", "Reims"}};

// A NIR must be one person's: its last eight characters (department, commune, order) come from the
// index. 96 departments of birth x 999 orders, in communes numbered from 999 down to 910, which no
// department has: 8.6 million patients before a number returns.
constexpr std::uint64_t kDepartments = 96;
constexpr std::uint64_t kNirBlock = kDepartments * 999;

std::string nir_tail(std::uint64_t index) {
  const std::uint64_t commune = 999 - index / kNirBlock % 90;
  // 65 537 is prime to 96 x 999 = 2^5 x 3^4 x 37: neighbours do not look alike.
  const std::uint64_t slot = index % kNirBlock * 65'537 % kNirBlock;
  const std::uint64_t department = slot % kDepartments + 1;
  const std::uint64_t order = slot / kDepartments + 1;
  if (department == 20) return fmt::format("2A{:03}{:03}", commune, order);
  if (department == 96) return fmt::format("2B{:03}{:03}", commune, order);
  return fmt::format("{:02}{:03}{:03}", department, commune, order);
}

constexpr std::uint64_t kTenDigits = 10'000'000'000U;

/// A bijection of [0, 10^10): 3^20 has no factor in common with 10.
std::uint64_t scatter(std::uint64_t n, std::uint64_t offset) {
  constexpr unsigned __int128 kFactor = 3'486'784'401U;
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(n) * kFactor + offset) %
                                    kTenDigits);
}

template <std::size_t N>
std::string_view pick(Random& random, const std::string_view (&from)[N]) {
  return from[random.below(N)];
}

std::size_t generation(std::int32_t birth_year) {
  return birth_year < 1960 ? 0 : birth_year < 1990 ? 1 : 2;
}

std::string first_names(Random& random, Sex sex, std::int32_t birth_year) {
  const auto& names = (sex == Sex::Male ? kMen : kWomen)[generation(birth_year)];
  std::string all(pick(random, names));
  const std::uint32_t more = random.below(3);
  for (std::uint32_t i = 0; i < more; ++i) {
    const std::string_view next = pick(random, names);
    if (all.find(next) == std::string::npos) all.append(" ").append(next);
  }
  return all;
}

std::uint32_t nir_remainder(std::string_view nir) {
  // Corsica counts as 19 and 18: 2A -> 19, 2B -> 18 (INSEE).
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < nir.size(); ++i) {
    const char c = nir[i] == 'A' ? '9' : nir[i] == 'B' ? '8' : nir[i];
    const char digit = i == 5 && nir[6] == 'A' ? '1' : i == 5 && nir[6] == 'B' ? '1' : c;
    n = n * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return static_cast<std::uint32_t>(n % 97);
}

/// The household's part of an identity: name, address, telephone.
struct Household {
  std::string_view name;
  std::string_view married;
  std::string_view street;
  std::uint32_t number = 0;
  const Place* place = nullptr;
  std::string phone;
};

Household make_household(Random& random, std::uint16_t place) {
  Household home;
  home.name = pick(random, kSurnames);
  home.married = pick(random, kSurnames);
  home.street = pick(random, kStreets);
  home.number = 1 + random.below(140);
  home.place = &kPlaces[place % std::size(kPlaces)];
  const std::uint32_t line = random.below(10000);
  home.phone = random.permille(700) ? fmt::format("06 39 98 {:02} {:02}", line / 100, line % 100)
                                    : fmt::format("01 99 00 {:02} {:02}", line / 100, line % 100);
  return home;
}

bool uses_married_name(const Patient& patient, Random& random) {
  return patient.sex == Sex::Female && patient.birth_day < kLastDay - 9500 &&
         random.permille(patient.birth_day < -3650 ? 780 : 420);
}

}  // namespace

std::span<const Place> places() {
  return kPlaces;
}

Identifying<std::string> ipp_number(std::uint64_t index) {
  // Nine digits after the 8: 3^18 permutes [0, 10^9).
  constexpr unsigned __int128 kFactor = 387'420'489U;
  const auto digits = static_cast<std::uint64_t>(
      (static_cast<unsigned __int128>(index) * kFactor + 271'828'182U) % 1'000'000'000U);
  return Identifying<std::string>(fmt::format("8{:09}", digits));
}

Identifying<std::string> stay_number(const Patient& patient, std::size_t stay) {
  return Identifying<std::string>(
      fmt::format("{:010}", scatter(patient.index * kStaysMax + stay, 1'618'033'988U)));
}

Identifying<std::string> rss_number(const Patient& patient, std::size_t stay) {
  return Identifying<std::string>(
      fmt::format("{:010}", scatter(patient.index * kStaysMax + stay, 7'320'508'075U)));
}

std::string physician_name(Random& random) {
  const auto& names = random.permille(500) ? kMen[1] : kWomen[1];
  return fmt::format("Dr {} {}", names[random.below(48)], pick(random, kSurnames));
}

Identity make_identity(const Population& population, const Patient& patient) {
  Random random(patient.key, Stream::Identity);
  const std::uint64_t home_key =
      patient.is_newborn ? mix(population.seed(), patient.index - 1) : patient.key;
  Random home_random(home_key, Stream::Identity, 1);
  const Household home = make_household(home_random, patient.place);
  const Date birth = date_from_days(patient.birth_day);
  Identity who;
  who.ipp = ipp_number(patient.index);
  who.birth_name = Identifying<std::string>(std::string(home.name));
  const bool married = !patient.is_newborn && uses_married_name(patient, random);
  who.used_name = Identifying<std::string>(std::string(married ? home.married : home.name));
  std::string names = first_names(random, patient.sex, birth.year);
  who.first_name = Identifying<std::string>(names.substr(0, names.find(' ')));
  who.first_names = Identifying<std::string>(std::move(names));
  const std::string nir = fmt::format("{}{:02}{:02}{}", patient.sex == Sex::Male ? 1 : 2,
                                      birth.year % 100, birth.month, nir_tail(patient.index));
  who.nir_key = Identifying<std::string>(fmt::format("{:02}", 97 - nir_remainder(nir)));
  who.nir = Identifying<std::string>(nir);
  who.address = Identifying<std::string>(fmt::format("{} {}", home.number, home.street));
  who.phone = Identifying<std::string>(home.phone);
  who.postal_code = home.place->postal_code;
  who.city = home.place->city;
  return who;
}

}  // namespace eds::synth
