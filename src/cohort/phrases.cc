#include "cohort/phrases.h"

#include <fmt/format.h>

#include <array>

#include "format/text/dates.h"

namespace eds::cohort {
namespace {

struct Noun {
  Phrase one;
  Phrase many;
};

constexpr std::array<Noun, kDomainCount> kNouns = {{
    {{"un diagnostic", "a condition"}, {"diagnostics", "conditions"}},
    {{"une exposition à un médicament", "a drug exposure"},
     {"expositions à un médicament", "drug exposures"}},
    {{"un acte", "a procedure"}, {"actes", "procedures"}},
    {{"un dispositif médical", "a device"}, {"dispositifs médicaux", "devices"}},
    {{"une mesure", "a measurement"}, {"mesures", "measurements"}},
    {{"une observation", "an observation"}, {"observations", "observations"}},
    {{"un prélèvement", "a specimen"}, {"prélèvements", "specimens"}},
    {{"un séjour", "a visit"}, {"séjours", "visits"}},
    {{"un passage dans une unité", "a visit detail"}, {"passages dans une unité", "visit details"}},
    {{"un décès", "a death"}, {"décès", "deaths"}},
    {{"une période de maladie", "a condition era"}, {"périodes de maladie", "condition eras"}},
    {{"une période de traitement", "a drug era"}, {"périodes de traitement", "drug eras"}},
    {{"une période à dose constante", "a dose era"}, {"périodes à dose constante", "dose eras"}},
    {{"une période d'observation", "an observation period"},
     {"périodes d'observation", "observation periods"}},
    {{"une période d'assurance", "a payer plan period"},
     {"périodes d'assurance", "payer plan periods"}},
    {{"une région de résidence", "a region of residence"},
     {"régions de résidence", "regions of residence"}},
}};

constexpr std::array<Phrase, kFieldCount> kFields = {{
    {"date de début", "start date"},
    {"date de fin", "end date"},
    {"durée en jours", "length in days"},
    {"âge au début", "age at start"},
    {"âge à la fin", "age at end"},
    {"sexe", "gender"},
    {"origine (race)", "race"},
    {"origine (ethnicité)", "ethnicity"},
    {"rapport à la borne basse", "ratio to the low bound"},
    {"rapport à la borne haute", "ratio to the high bound"},
    {"valeur anormale", "abnormal value"},
    {"durée", "duration"},
    {"séjour", "visit"},
    {"concept", "concept"},
    {"type", "type"},
    {"statut", "status"},
    {"type de séjour", "kind of visit"},
    {"spécialité du praticien", "provider's specialty"},
    {"lieu de prise en charge", "place of service"},
    {"renouvellements", "refills"},
    {"jours de traitement", "days of supply"},
    {"voie d'administration", "route"},
    {"modificateur", "modifier"},
    {"opérateur", "operator"},
    {"résultat", "result"},
    {"unité", "unit"},
    {"qualificatif", "qualifier"},
    {"site anatomique", "anatomic site"},
    {"statut de la maladie", "disease status"},
    {"nombre d'événements", "number of events"},
    {"jours sans traitement", "gap days"},
    {"payeur", "payer"},
    {"contrat", "plan"},
    {"souscripteur", "sponsor"},
    {"motif d'arrêt", "stop reason"},
    {"payeur (code source)", "payer (source)"},
    {"contrat (code source)", "plan (source)"},
    {"souscripteur (code source)", "sponsor (source)"},
    {"motif d'arrêt (code source)", "stop reason (source)"},
    {"unité de dose", "dose unit"},
    {"quantité", "quantity"},
    {"valeur", "value"},
    {"borne basse", "low bound"},
    {"borne haute", "high bound"},
    {"dose", "dose"},
    {"dose efficace", "effective dose"},
    {"motif d'arrêt", "stop reason"},
    {"numéro de lot", "lot number"},
    {"identifiant du dispositif", "device identifier"},
    {"texte", "text"},
    {"identifiant source", "source identifier"},
    {"unité (texte)", "unit (text)"},
    {"lieu", "place"},
    {"concept source", "source concept"},
}};

std::string value_words(Field field, double value) {
  const bool is_date = field == Field::Start || field == Field::End;
  return is_date ? text::format_date(static_cast<Day>(value)) : fmt::format("{}", value);
}

std::string range_words(const Condition& condition, Language language) {
  const std::string low = value_words(condition.field, condition.low);
  const std::string high = value_words(condition.field, condition.high);
  const bool is_french = language == Language::French;
  switch (condition.op) {
    case Compare::Less: return "< " + low;
    case Compare::LessOrEqual: return "≤ " + low;
    case Compare::Equal: return "= " + low;
    case Compare::NotEqual: return "≠ " + low;
    case Compare::Greater: return "> " + low;
    case Compare::GreaterOrEqual: return "≥ " + low;
    case Compare::Between:
      return fmt::format(fmt::runtime(is_french ? "de {} à {}" : "from {} to {}"), low, high);
    case Compare::NotBetween:
      return fmt::format(fmt::runtime(is_french ? "hors de {} à {}" : "outside {} to {}"), low,
                         high);
  }
  return low;
}

std::string list_words(const std::vector<std::string>& names, Language language) {
  std::string words;
  for (std::size_t index = 0; index < names.size(); ++index) {
    const bool is_last = index + 1 == names.size();
    const char* joint = !is_last ? ", " : language == Language::French ? " ou " : " or ";
    words += (index == 0 ? "" : joint) + names[index];
  }
  return words;
}

}  // namespace

Phrase one_of(Domain domain) {
  return kNouns[index_of(domain)].one;
}
Phrase many_of(Domain domain) {
  return kNouns[index_of(domain)].many;
}
Phrase field_name(Field field) {
  return kFields[index_of(field)];
}

std::string days_words(std::int64_t days, Language language) {
  const bool is_one = days == 1 || days == -1;
  const bool is_few = is_one || days == 0;
  if (language == Language::French) return fmt::format("{} jour{}", days, is_few ? "" : "s");
  return fmt::format("{} day{}", days, is_one ? "" : "s");
}

std::string set_words(const Plan& plan, SetIndex set, Language language) {
  const SetRecipe& recipe = plan.sets[set];
  const std::string name = recipe.name.empty() ? std::to_string(recipe.id) : recipe.name;
  return language == Language::French ? "« " + name + " »" : "“" + name + "”";
}

std::string condition_words(const Condition& condition, const Plan& plan, Language language) {
  const bool is_french = language == Language::French;
  const std::string field(field_name(condition.field).in(language));
  if (condition.field == Field::Abnormal) return field;
  const std::string colon = is_french ? " : " : ": ";
  const std::string not_ = is_french ? "pas " : "not ";
  switch (condition.test) {
    case Test::Range:
      if (condition.otherwise) {
        return fmt::format(fmt::runtime(is_french ? "{} {} (à défaut de borne haute : {} {})"
                                                  : "{} {} (where there is no high bound: {} {})"),
                           field, range_words(condition, language), *condition.otherwise,
                           list_words(condition.names, language));
      }
      return field + " " + range_words(condition, language);
    case Test::In: return field + colon + list_words(condition.names, language);
    case Test::NotIn: return field + colon + not_ + list_words(condition.names, language);
    case Test::InSet: return field + colon + set_words(plan, condition.set, language);
    case Test::NotInSet: return field + colon + not_ + set_words(plan, condition.set, language);
    case Test::IsMissing: return field + colon + (is_french ? "absent" : "missing");
    case Test::IsPresent: return field + colon + (is_french ? "présent" : "present");
    case Test::Like: return field + colon + condition.pattern;
    case Test::NotLike: return field + colon + not_ + condition.pattern;
  }
  return field;
}

}  // namespace eds::cohort
