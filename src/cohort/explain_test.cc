#include "cohort/explain.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cohort/definition_for_test.h"
#include "cohort/definition_reader.h"
#include "cohort/like.h"

namespace eds::cohort {
namespace {

std::string lines_of(const Plan& plan, Language language) {
  std::string text;
  for (const Sentence& sentence : explain(plan, language, nullptr)) {
    text += std::string(static_cast<std::size_t>(sentence.depth), '-') + sentence.text + "\n";
  }
  return text;
}

Plan plan_of(const std::string& json) {
  const Result<NamedDefinition> named = read_definition(json);
  INFO((named.ok() ? std::string() : named.error().message));
  REQUIRE(named.ok());
  Result<Plan> plan = make_plan(named->definition, Mode::Strict);
  REQUIRE(plan.ok());
  return std::move(plan).value();
}

constexpr char kHip[] = R"({
  "ConceptSets":[{"id":0,"name":"Fracture","expression":{"items":[]}},
                 {"id":1,"name":"Vitamine D","expression":{"items":[]}}],
  "PrimaryCriteria":{"CriteriaList":[{"ConditionOccurrence":{"CodesetId":0,"First":true,
      "Age":{"Value":50,"Op":"bt","Extent":75},
      "Gender":[{"CONCEPT_ID":8532,"CONCEPT_NAME":"FEMALE"}]}}],
    "ObservationWindow":{"PriorDays":365,"PostDays":0},"PrimaryCriteriaLimit":{"Type":"First"}},
  "InclusionRules":[{"name":"carence","expression":{"Type":"ALL","CriteriaList":[
    {"Criteria":{"Measurement":{"CodesetId":1,"ValueAsNumber":{"Value":20,"Op":"lt"}}},
     "StartWindow":{"Start":{"Days":365,"Coeff":-1},"End":{"Days":0,"Coeff":1}},
     "Occurrence":{"Type":2,"Count":1}}]}}],
  "ExpressionLimit":{"Type":"All"},
  "EndStrategy":{"DateOffset":{"DateField":"StartDate","Offset":30}},
  "CollapseSettings":{"CollapseType":"ERA","EraPad":1}})";

}  // namespace

TEST_CASE("a definition is read aloud in French and in English") {
  const Plan plan = plan_of(kHip);
  CHECK(lines_of(plan, Language::French) ==
        "Événement d'entrée :\n"
        "-un diagnostic « Fracture », le premier de l'histoire de la personne, âge au début de 50 "
        "à 75, sexe : FEMALE\n"
        "-avec au moins 365 jours d'observation avant et 0 jour après\n"
        "-seul le premier de chaque personne est gardé\n"
        "Règle d'inclusion 1, « carence » : tout ce qui suit :\n"
        "-au moins une mesure « Vitamine D », valeur < 20, commençant entre 365 jours avant le "
        "début de l'événement index et le jour même (le début de l'événement index)\n"
        "Sont inclus les événements qui satisfont toutes les règles\n"
        "Sortie, à la première de ces dates :\n"
        "-30 jours après le début de l'événement, au plus la fin de la période d'observation\n"
        "Les périodes d'une personne séparées de 1 jour au plus n'en font qu'une\n");
  CHECK(lines_of(plan, Language::English) ==
        "Entry event:\n"
        "-a condition “Fracture”, the first in the person's history, age at start from 50 to 75, "
        "gender: FEMALE\n"
        "-with at least 365 days of observation before and 0 days after\n"
        "-only the first of each person is kept\n"
        "Inclusion rule 1, “carence”: all of the following:\n"
        "-at least one measurement “Vitamine D”, value < 20, starting between 365 days before the "
        "index event's start and the same day (the index event's start)\n"
        "Included are the events that satisfy every rule\n"
        "Exit, at the earliest of these dates:\n"
        "-30 days after the event's start, at most the end of the observation period\n"
        "Periods of one person at most 1 day apart become one\n");
}

TEST_CASE("each step says what it kept") {
  const Plan plan = plan_of(kHip);
  Outcome outcome;
  outcome.attrition.entry_events = 40;
  outcome.attrition.entry_persons = 30;
  outcome.attrition.events.by_rule = {7};
  outcome.attrition.included_events = 6;
  outcome.attrition.included_persons = 5;
  outcome.attrition.cohort_persons = 5;
  outcome.rows.resize(6);
  const std::vector<Sentence> sentences = explain(plan, Language::English, &outcome);
  CHECK(sentences.front().events == 40);
  CHECK(sentences.front().persons == 30);
  CHECK(sentences[4].events == 7);
  CHECK(sentences[6].persons == 5);
  CHECK(sentences.back().events == 6);
}

TEST_CASE(
    "the whole Phenotype Library can be read aloud, as long in one language as in the other") {
  const std::vector<SharedFile> files = library_definitions(EDS_SOURCE_DIR);
  if (files.empty()) MESSAGE("skipped: ../shared/data/ohdsi/phenotype_library is not present");
  for (const SharedFile& file : files) {
    INFO(file.name);
    const Plan plan = plan_of(file.text);
    CHECK(explain(plan, Language::French, nullptr).size() ==
          explain(plan, Language::English, nullptr).size());
  }
}

TEST_CASE("LIKE knows percent, underscore and backslash") {
  CHECK(is_like("abc", "abc"));
  CHECK_FALSE(is_like("abc", "ABC"));
  CHECK(is_like("abc", "a%"));
  CHECK(is_like("abc", "%c"));
  CHECK(is_like("abcabd", "%ab_"));
  CHECK_FALSE(is_like("abc", "a_"));
  CHECK(is_like("", "%"));
  CHECK_FALSE(is_like("", "_"));
  CHECK(is_like("é", "_"));
  CHECK(is_like("50%", "50\\%"));
  CHECK_FALSE(is_like("50x", "50\\%"));
  CHECK(is_like("mississippi", "%iss%pi"));
  CHECK_FALSE(is_like("mississippi", "%iss%pa"));
}

}  // namespace eds::cohort
