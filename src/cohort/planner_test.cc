#include "cohort/plan.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "cohort/definition_reader.h"
#include "cohort/vocabulary.h"

namespace eds::cohort {
namespace {

using Ids = std::vector<std::int64_t>;

CorrelatedPlan correlated_of(const std::string& windows) {
  const Result<json::Document> document = json::Document::parse(
      R"({"Criteria":{"VisitOccurrence":{}},"Occurrence":{"Type":2,"Count":1},)" + windows + "}");
  REQUIRE(document.ok());
  const Place root;
  const auto read = read_correlated(document->root(), root, Reading::Strict);
  INFO((read.ok() ? std::string() : read.error().message));
  REQUIRE(read.ok());
  Plan plan;
  return *plan_correlated(*read, Mode::Strict, plan);
}

SetRecipe recipe_of(std::vector<SetItem> items) {
  SetRecipe recipe;
  recipe.items = std::move(items);
  return recipe;
}

}  // namespace

TEST_CASE("a start window is about the event's start, an end window about its end") {
  const std::string window = R"({"Start":{"Days":7,"Coeff":-1},"End":{"Coeff":1}})";
  const CorrelatedPlan plan =
      correlated_of(R"("StartWindow":)" + window + R"(,"EndWindow":)" + window);
  CHECK(plan.start.of_event == DateSide::Start);
  CHECK(plan.start.from.days == -7);
  CHECK(plan.start.to.kind == BoundKind::PeriodEnd);
  REQUIRE(plan.end.has_value());
  CHECK(plan.end->of_event == DateSide::End);
}

TEST_CASE("a window without days has no bound when the observation period is ignored") {
  const CorrelatedPlan plan = correlated_of(
      R"("IgnoreObservationPeriod":true,"StartWindow":{"Start":{"Coeff":-1},"End":{"Coeff":1}})");
  CHECK(plan.start.from.kind == BoundKind::None);
  CHECK(plan.start.to.kind == BoundKind::None);
}

// 1 has the children 2 (valid) and 3 (not); 30 maps to 3, 20 to 2; 9 is unknown to CONCEPT.
TEST_CASE("concept sets follow valid descendants and mappings, and leave exclusions out") {
  Vocabulary vocabulary;
  for (const auto& [id, is_valid] : {std::pair{1, true}, {2, true}, {3, false}, {20, true}}) {
    vocabulary.add_concept(id, is_valid);
  }
  for (const auto& [ancestor, descendant] : {std::pair{1, 1}, {1, 2}, {1, 3}, {1, 9}}) {
    vocabulary.add_ancestor(ancestor, descendant);
  }
  vocabulary.add_mapping(20, 2);
  vocabulary.add_mapping(30, 3);
  vocabulary.seal();
  const auto resolve = [&](std::vector<SetItem> items) {
    return vocabulary.resolve(recipe_of(std::move(items)));
  };
  CHECK(resolve({{1, false, false, false}}) == Ids{1});
  CHECK(resolve({{1, false, true, false}}) == Ids{1, 2});
  CHECK(resolve({{1, false, true, true}}) == Ids{1, 2, 20});
  // Named itself, a concept counts even when it is no longer valid; what maps to it is not checked.
  CHECK(resolve({{3, false, false, true}}) == Ids{3, 30});
  CHECK(resolve({{9, false, true, true}}) == Ids{});
  CHECK(resolve({{1, false, true, false}, {2, true, false, false}}) == Ids{1});
  // An excluded descendant that is not valid is not excluded.
  CHECK(resolve({{1, false, true, false}, {3, false, false, false}, {1, true, true, false}}) ==
        Ids{3});
  CHECK(resolve({{1, true, true, false}}) == Ids{});
}

TEST_CASE("whole-number attributes cut fractions off, decimal ones keep four places") {
  const auto range_of = [](const std::string& attribute) {
    const Result<json::Document> document =
        json::Document::parse(R"({"DrugExposure":{)" + attribute + "}}");
    REQUIRE(document.ok());
    const Place root;
    Plan plan;
    const auto read = read_criteria(document->root(), root, Reading::Strict);
    REQUIRE(read.ok());
    return plan_events(*read, Mode::Strict, plan)->conditions.front().low;
  };
  CHECK(range_of(R"("DaysSupply":{"Value":3.9,"Op":"gt"})") == 3);
  CHECK(range_of(R"("Quantity":{"Value":0.12344,"Op":"gt"})") == 0.1234);
  // Half goes away from zero, on the decimal as written: in binary 1.00015 lies below.
  CHECK(range_of(R"("Quantity":{"Value":1.00015,"Op":"gt"})") == 1.0002);
  CHECK(range_of(R"("Quantity":{"Value":-1.00015,"Op":"gt"})") == -1.0002);
}

}  // namespace eds::cohort
