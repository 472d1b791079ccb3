// The cases that docs/reference/cohort-superset.md works out by hand, and what it refuses.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "cohort/combine.h"
#include "cohort/definition_for_test.h"
#include "cohort/definition_reader.h"
#include "cohort/definition_writer.h"
#include "cohort/explain.h"
#include "cohort/sql.h"
#include "cohort/tables_for_test.h"
#include "cohort/why.h"

namespace eds::cohort {
namespace {

using Rows = std::vector<std::tuple<std::int64_t, Day, Day>>;

// Day 1 is 2020-01-01.
constexpr Day kDayZero = 18261;

std::string day_text(int day) {
  const Date date = date_from_days(kDayZero + day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

/// One person, in hospital on day 1 and observed for a year before and after; what is measured and
/// diagnosed is added.
class World {
 public:
  World() {
    put("person", {"person_id", "year_of_birth", "gender_concept_id"});
    add("person", {"1", "1950", "8507"});
    put("observation_period",
        {"observation_period_id", "person_id", "observation_period_start_date",
         "observation_period_end_date", "period_type_concept_id"});
    add("observation_period", {"1", "1", day_text(-365), day_text(365), "1"});
    put("visit_occurrence", {"visit_occurrence_id", "person_id", "visit_start_date",
                             "visit_end_date", "visit_concept_id"});
    add("visit_occurrence", {"7", "1", day_text(1), day_text(30), "9201"});
    put("measurement", {"measurement_id", "person_id", "measurement_date", "measurement_datetime",
                        "measurement_concept_id", "value_as_number", "unit_concept_id",
                        "range_high", "visit_occurrence_id", "unit_source_value"});
    put("condition_occurrence",
        {"condition_occurrence_id", "person_id", "condition_start_date", "condition_end_date",
         "condition_concept_id", "visit_occurrence_id"});
    put("concept", {"concept_id", "invalid_reason"});
    for (const char* id : {"1", "2", "3", "4"}) add("concept", {id, std::nullopt});
  }

  using Text = std::optional<std::string>;
  /// `time`: "08:00:00", or nothing.
  World& measure(int day, const Text& time, double value, int unit = 11, const Text& visit = {},
                 const Text& range_high = {}) {
    const Text moment = time ? Text(day_text(day) + " " + *time) : std::nullopt;
    add("measurement",
        {std::to_string(++next_), "1", day_text(day), moment, "1", fmt::format("{}", value),
         std::to_string(unit), range_high, visit, unit_text_});
    return *this;
  }
  /// The unit of what is measured from now on, as text.
  World& unit_text(const char* text) {
    unit_text_ = text;
    return *this;
  }
  World& diagnose(int concept_id, int day, const Text& visit = {}, int last = 0) {
    add("condition_occurrence",
        {std::to_string(++next_), "1", day_text(day), day_text(last == 0 ? day : last),
         std::to_string(concept_id), visit});
    return *this;
  }

  Store store(const Plan& plan) {
    JsonTables source;
    for (const auto& [name, table] : tables_) source.put("cdm." + name, table);
    Needs needs;
    needs.add(plan);
    Result<Store> loaded = load_store(source, needs);
    REQUIRE(loaded.ok());
    vocabulary_ = *load_vocabulary(source);
    return std::move(loaded).value();
  }

  /// The periods of the person, in days of this world.
  std::vector<std::pair<int, int>> run(const std::string& json) {
    const Result<NamedDefinition> named = read_definition(json);
    REQUIRE_MESSAGE(named.ok(), (named.ok() ? "" : named.error().message));
    Result<Plan> plan = make_plan(named->definition, Mode::Strict);
    REQUIRE_MESSAGE(plan.ok(), (plan.ok() ? "" : plan.error().message));
    for (SavedPlan* saved : saved_of(*plan)) saved->periods = saved_;
    const Store loaded = store(*plan);
    const StoreBase base(loaded);
    const ResolvedSets sets = resolve_sets(*plan, vocabulary_);
    Evaluator evaluator(base, *plan, sets);
    std::vector<std::pair<int, int>> periods;
    for (const CohortRow& row : evaluator.run({0, loaded.person_count()}).rows) {
      periods.emplace_back(row.start - kDayZero, row.end - kDayZero);
    }
    lines_ = *why(base, *plan, sets, 0);
    return periods;
  }
  World& save(int first, int last) {
    saved_ = std::make_shared<const std::vector<SavedPeriod>>(
        std::vector<SavedPeriod>{{1, kDayZero + first, kDayZero + last}});
    return *this;
  }
  bool holds(const std::string& member) { return !run(with_member(member)).empty(); }
  const std::vector<WhyLine>& lines() const { return lines_; }

  static std::string with_member(const std::string& member) {
    return definition(R"("AdditionalCriteria":{"Type":"ALL",)" + member + "}");
  }
  static std::string definition(const std::string& more) {
    std::string sets;
    for (int id = 1; id <= 4; ++id) {
      sets += fmt::format(R"({}{{"id":{},"name":"set {}","expression":{{"items":[)"
                          R"({{"concept":{{"CONCEPT_ID":{}}}}}]}}}})",
                          id == 1 ? "" : ",", id, id, id);
    }
    return R"({"ConceptSets":[)" + sets +
           R"(],"PrimaryCriteria":{"CriteriaList":[{"VisitOccurrence":{}}],)"
           R"("ObservationWindow":{"PriorDays":0,"PostDays":0}})" +
           (more.empty() ? "" : "," + more) + "}";
  }

 private:
  void put(const std::string& name, std::vector<std::string> columns) {
    tables_[name].columns = std::move(columns);
  }
  void add(const std::string& name, Cells cells) { tables_[name].rows.push_back(std::move(cells)); }

  std::map<std::string, TextTable> tables_;
  Vocabulary vocabulary_;
  std::vector<WhyLine> lines_;
  std::shared_ptr<const std::vector<SavedPeriod>> saved_;
  Text unit_text_;
  int next_ = 100;
};

const std::string kWindow =
    R"("StartWindow":{"Start":{"Days":0,"Coeff":-1},"End":{"Days":29,"Coeff":1}})";

std::string trend(const std::string& by, const std::string& value, const std::string& within,
                  const std::string& op = "gte", const std::string& more = "") {
  return R"("Trends":[{"Criteria":{"Measurement":{"CodesetId":1}},"Change":{"By":")" + by +
         R"(","Op":")" + op + R"(","Value":)" + value + R"(},"Within":{)" + within + "}," +
         kWindow + R"(,"Unit":[{"CONCEPT_ID":11,"CONCEPT_NAME":"umol/L"}])" + more + "}]";
}

std::string step(int set, const std::string& after = "") {
  return fmt::format(R"({{"Criteria":{{"ConditionOccurrence":{{"CodesetId":{}}}}}{}}})", set,
                     after.empty() ? "" : ",\"After\":{" + after + "}");
}

std::string sequence(const std::vector<std::string>& steps, const std::string& more = "") {
  std::string list;
  for (const std::string& each : steps) list += (list.empty() ? "" : ",") + each;
  return R"("Sequences":[{"Steps":[)" + list + "]," + kWindow + more + "}]";
}

std::string refusal_of(const std::string& json, Mode mode = Mode::Strict) {
  const Reading reading = mode == Mode::Circe ? Reading::Lenient : Reading::Strict;
  const Result<NamedDefinition> named = read_definition(json, reading);
  if (!named.ok()) return named.error().message;
  const Result<Plan> plan = make_plan(named->definition, mode);
  return plan.ok() ? "accepted" : plan.error().message;
}

bool ends_with(const std::string& text, const std::string& end) {
  INFO(text);
  return text.ends_with(end);
}

}  // namespace

TEST_CASE("trend, case 1: 26.5 umol/L within 48 hours, by the times of the rows") {
  const std::string kdigo = trend("Difference", "26.5", R"("Hours":48)");
  CHECK(World().measure(1, "08:00:00", 80).measure(3, "08:00:00", 106.5).holds(kdigo));
  CHECK_FALSE(World().measure(1, "08:00:00", 80).measure(3, "08:01:00", 106.5).holds(kdigo));
  CHECK_FALSE(World().measure(1, "08:00:00", 80).measure(2, "08:00:00", 106.4).holds(kdigo));
}

TEST_CASE("trend, case 2: a row without a time is somewhere in its day") {
  const std::string kdigo = trend("Difference", "26.5", R"("Hours":48)");
  CHECK(World().measure(1, {}, 80).measure(2, {}, 120).holds(kdigo));
  CHECK_FALSE(World().measure(1, {}, 80).measure(3, {}, 120).holds(kdigo));
  CHECK_FALSE(World().measure(1, {}, 80).measure(1, {}, 120).holds(kdigo));
  // Midnight is what feeds write for "no time".
  CHECK_FALSE(World().measure(1, "00:00:00", 80).measure(3, "00:00:00", 120).holds(kdigo));
  CHECK(World().measure(1, "07:00:00", 80).measure(1, "19:00:00", 120).holds(kdigo));
  CHECK_FALSE(World().measure(1, "19:00:00", 80).measure(1, "07:00:00", 120).holds(kdigo));
}

TEST_CASE("trend, case 3: 1.5 times within 7 days, in one unit, of positive values") {
  const std::string ratio = R"("Trends":[{"Criteria":{"Measurement":{"CodesetId":1}},"Change":)"
                            R"({"By":"Ratio","Op":"gte","Value":1.5},"Within":{"Days":7},)" +
                            kWindow + "}]";
  CHECK(World().measure(1, {}, 60).measure(8, {}, 90).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, 60).measure(9, {}, 90).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, 60, 11).measure(2, {}, 120, 12).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, 60, 0).measure(2, {}, 120, 0).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, 0).measure(2, {}, 5).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, -1).measure(2, {}, -2).holds(ratio));
  CHECK_FALSE(World().measure(1, {}, 60).measure(1, {}, 90).holds(ratio));
  // 0.3 / 0.2 is below 1.5 in binary.
  CHECK(World().measure(1, {}, 0.2).measure(2, {}, 0.3).holds(ratio));
}

TEST_CASE("trend, case 4: a fall, and two values of one visit") {
  const std::string fall = trend("Ratio", "0.5", R"("Days":3)", "lte");
  CHECK(World().measure(2, {}, 100).measure(4, {}, 50).holds(fall));
  CHECK_FALSE(World().measure(2, {}, 50).measure(4, {}, 100).holds(fall));
  const std::string same = trend("Ratio", "1.5", R"("Days":3)", "gte", R"(,"Same":"Visit")");
  CHECK(World().measure(2, {}, 10, 11, "7").measure(3, {}, 20, 11, "7").holds(same));
  CHECK_FALSE(World().measure(2, {}, 10, 11, "7").measure(3, {}, 20, 11, "8").holds(same));
  CHECK_FALSE(World().measure(2, {}, 10).measure(3, {}, 20).holds(same));
}

TEST_CASE("trend, case 5: units that are texts alone") {
  const std::string text =
      trend("Difference", "26.5", R"("Days":2)", "gte", R"(,"UnitText":["µmol/l"])");
  const auto world = [] { return World().unit_text("µmol/l"); };
  CHECK(world().measure(1, {}, 80, 0).measure(2, {}, 107, 0).holds(text));
  CHECK_FALSE(world().measure(1, {}, 80, 0).unit_text("mg/l").measure(2, {}, 107, 0).holds(text));
  CHECK_FALSE(world().measure(1, {}, 80, 0).unit_text("mg/l").measure(2, {}, 107, 11).holds(text));
  // Without UnitText, a row whose unit has no concept has none.
  CHECK_FALSE(world()
                  .measure(1, {}, 80, 0)
                  .measure(2, {}, 107, 0)
                  .holds(trend("Difference", "26.5", R"("Days":2)")));
}

TEST_CASE("a trend looks at the values in the window alone, and why names the two") {
  World world;
  world.measure(-5, {}, 10).measure(1, {}, 60).measure(2, {}, 70).measure(4, {}, 95);
  CHECK(world.holds(trend("Ratio", "1.5", R"("Days":3)")));
  std::vector<Day> days;
  for (const WhyLine& line : world.lines()) {
    if (line.step == "qualified" && line.domain) days.push_back(line.start - kDayZero);
  }
  CHECK(days == std::vector<Day>{1, 4});
  CHECK_FALSE(world.holds(trend("Ratio", "2", R"("Days":9)")));
}

TEST_CASE("sequence, case 1: an earlier choice is taken back") {
  const auto a_then_b = sequence({step(1), step(2, R"("Min":1,"Max":3)")});
  CHECK(World().diagnose(1, 1).diagnose(1, 5).diagnose(2, 8).holds(a_then_b));
  CHECK_FALSE(World().diagnose(1, 1).diagnose(2, 8).holds(a_then_b));
}

TEST_CASE("sequence, case 2: three steps, by the second of two ways") {
  const auto steps =
      sequence({step(1), step(2, R"("Min":0,"Max":5)"), step(3, R"("Min":0,"Max":3)")});
  World world;
  world.diagnose(1, 1).diagnose(2, 2).diagnose(3, 9);
  CHECK_FALSE(world.holds(steps));
  world.diagnose(2, 6);
  CHECK(world.holds(steps));
  std::vector<Day> days;
  for (const WhyLine& line : world.lines()) {
    if (line.step == "qualified" && line.domain) days.push_back(line.start - kDayZero);
  }
  CHECK(days == std::vector<Day>{1, 6, 9});
}

TEST_CASE("sequence, case 3: a row does not follow itself") {
  const auto twice = sequence({step(1), step(1, R"("Min":0,"Max":3)")});
  CHECK_FALSE(World().diagnose(1, 1).holds(twice));
  CHECK(World().diagnose(1, 1).diagnose(1, 2).holds(twice));
}

TEST_CASE("sequence, case 4: from the end of the one before, without a bound, in one visit") {
  const auto from_end = sequence({step(1), step(2, R"("Min":2,"From":"End")")});
  CHECK(World().diagnose(1, 1, {}, 10).diagnose(2, 300).holds(from_end));
  CHECK_FALSE(World().diagnose(1, 1, {}, 10).diagnose(2, 11).holds(from_end));
  // Outside the observation period, which ends on day 365.
  CHECK_FALSE(World().diagnose(1, 1, {}, 10).diagnose(2, 366).holds(from_end));
  const auto one_visit = sequence({step(1), step(2, R"("Min":0)")}, R"(,"Same":"Visit")");
  CHECK(World().diagnose(1, 1, "7").diagnose(2, 2, "7").holds(one_visit));
  CHECK_FALSE(World().diagnose(1, 1, "7").diagnose(2, 2, "8").holds(one_visit));
  CHECK_FALSE(World().diagnose(1, 1).diagnose(2, 2).holds(one_visit));
}

// A: P1 [1..10], P2 [1..5]. B: P1 [8..12].
TEST_CASE("set algebra, cases 1 and 2") {
  const auto rows = [](SetOperation operation, SetUnit by,
                       const std::vector<std::vector<CohortRow>>& members) {
    std::vector<std::tuple<Person, Day, Day>> found;
    for (const CohortRow& row : combine(operation, by, members)) {
      found.emplace_back(row.person, row.start, row.end);
    }
    return found;
  };
  using Found = std::vector<std::tuple<Person, Day, Day>>;
  const std::vector<std::vector<CohortRow>> one = {{{1, 1, 10}, {2, 1, 5}}, {{1, 8, 12}}};
  CHECK(rows(SetOperation::Union, SetUnit::Person, one) == Found{{1, 1, 12}, {2, 1, 5}});
  CHECK(rows(SetOperation::Intersection, SetUnit::Person, one) == Found{{1, 1, 10}});
  CHECK(rows(SetOperation::Difference, SetUnit::Person, one) == Found{{2, 1, 5}});
  CHECK(rows(SetOperation::Intersection, SetUnit::Day, one) == Found{{1, 8, 10}});
  CHECK(rows(SetOperation::Difference, SetUnit::Day, one) == Found{{1, 1, 7}, {2, 1, 5}});
  const std::vector<std::vector<CohortRow>> two = {{{1, 1, 3}, {1, 5, 6}}, {{1, 3, 5}}};
  CHECK(rows(SetOperation::Union, SetUnit::Person, two) == Found{{1, 1, 6}});
  CHECK(rows(SetOperation::Difference, SetUnit::Person, two).empty());
  CHECK(rows(SetOperation::Difference, SetUnit::Day, two) == Found{{1, 1, 2}, {1, 6, 6}});
  CHECK(rows(SetOperation::Intersection, SetUnit::Day, two) == Found{{1, 3, 3}, {1, 5, 5}});
}

TEST_CASE("a set of definitions is evaluated member by member, each with its own concept sets") {
  World world;
  world.diagnose(1, 2).diagnose(2, 200);
  const auto of = [](int set) {
    return fmt::format(
        R"({{"ConceptSets":[{{"id":0,"expression":{{"items":[)"
        R"({{"concept":{{"CONCEPT_ID":{}}}}}]}}}}],)"
        R"("PrimaryCriteria":{{"CriteriaList":[{{"ConditionOccurrence":{{"CodesetId":0}}}}],)"
        R"("ObservationWindow":{{"PriorDays":0,"PostDays":0}}}},"EndStrategy":{{"DateOffset":)"
        R"({{"DateField":"StartDate","Offset":10}}}}}})",
        set);
  };
  using Periods = std::vector<std::pair<int, int>>;
  const std::string both = of(1) + "," + of(2);
  CHECK(world.run(R"({"Union":[)" + both + "]}") == Periods{{2, 12}, {200, 210}});
  CHECK(world.run(R"({"Intersection":[)" + both + "]}") == Periods{{2, 12}});
  CHECK(world.run(R"({"Intersection":[)" + both + R"(],"By":"Day"})").empty());
  CHECK(world.run(R"({"Difference":[)" + both + "]}").empty());
  CHECK(world.run(R"({"Difference":[)" + both + R"(],"By":"Day"})") == Periods{{2, 12}});
  CHECK(world.lines().back().reason == "the members, taken together");
  CHECK(world.run(R"({"Difference":[)" + of(1) + R"(,{"Union":[)" + of(3) + "," + of(4) + "]}]}") ==
        Periods{{2, 12}});
}

// The index event is on day 1.
TEST_CASE("saved cohort, cases 1 and 2: during, ever, starts, absent") {
  const auto asks = [](const std::string& more) {
    return R"("Cohorts":[{"Name":"suivi","Version":2,)" + more + "}]";
  };
  const std::string during = asks(R"("Relation":"During")");
  const std::string ever = asks(R"("Relation":"Ever")");
  CHECK(World().save(-9, 1).holds(during));
  CHECK_FALSE(World().save(-9, 0).holds(during));
  CHECK(World().save(1, 1).holds(during));
  CHECK_FALSE(World().save(2, 9).holds(during));
  CHECK(World().save(-9, 0).holds(ever));
  CHECK(World().save(500, 600).holds(ever));
  CHECK_FALSE(World().holds(ever));
  CHECK(World().holds(asks(R"("Relation":"Ever","Absent":true)")));
  CHECK_FALSE(World().save(-9, 0).holds(asks(R"("Relation":"Ever","Absent":true)")));
  const std::string starts =
      asks(R"("Relation":"Starts","StartWindow":{"Start":{"Days":5,"Coeff":-1},)"
           R"("End":{"Days":0,"Coeff":1}})");
  CHECK(World().save(-4, 90).holds(starts));
  CHECK_FALSE(World().save(-5, 90).holds(starts));
  CHECK(World().save(1, 90).holds(starts));
  CHECK_FALSE(World().save(2, 90).holds(starts));
  World world;
  CHECK(world.save(-9, 1).holds(during));
  CHECK(world.lines()[2].reason == "saved cohort suivi, version 2");
  // In a set, it is its periods.
  const std::string set = R"({"Difference":[{"SavedCohort":{"Name":"suivi","Version":2}},)" +
                          World::definition(R"("EndStrategy":{"DateOffset":{"Offset":2}})") +
                          R"(],"By":"Day"})";
  CHECK(world.run(set) == std::vector<std::pair<int, int>>{{-9, 0}});
}

TEST_CASE("upper normal, cases 1 and 2: the row's own bound, else that of its unit") {
  const auto asks = [](const std::string& more) {
    return R"("CriteriaList":[{"Criteria":{"Measurement":{"TimesUpperNormal":{)"
           R"("Op":"gt","Value":3)" +
           more + "}}}," + kWindow + R"(,"Occurrence":{"Type":2,"Count":1}}])";
  };
  const std::string three = asks(R"(,"Otherwise":40,"Unit":[{"CONCEPT_ID":11}])");
  CHECK_FALSE(World().measure(2, {}, 130, 11, {}, "45").holds(three));
  CHECK(World().measure(2, {}, 136, 11, {}, "45").holds(three));
  CHECK(World().measure(2, {}, 130, 11).holds(three));
  CHECK(World().measure(2, {}, 130, 11, {}, "0").holds(three));
  CHECK_FALSE(World().measure(2, {}, 130, 12).holds(three));
  CHECK_FALSE(World().measure(2, {}, 120, 11).holds(three));
  CHECK_FALSE(World().measure(2, {}, 130, 11).holds(asks("")));
  CHECK(World().measure(2, {}, 136, 12, {}, "45").holds(asks("")));
}

TEST_CASE("what has no data yet is read, written back, and refused where it would be asked") {
  for (const char* part :
       {R"({"Signal":{"Channel":{"Text":"SpO2","Op":"contains"},"Value":{"Value":88,"Op":"lt"}}})",
        R"({"Image":{"Modality":[{"CONCEPT_ID":1}],"BodySiteCS":{"CodesetId":1}}})",
        R"({"Variant":{"Gene":{"Text":"BRCA1","Op":"contains"},"First":true}})",
        R"({"Exposure":{"Agent":[{"CONCEPT_ID":1}],"Lag":{"Value":3,"Op":"lte"}}})"}) {
    const std::string json =
        World::with_member(R"("CriteriaList":[{"Criteria":)" + std::string(part) + "," + kWindow +
                           R"(,"Occurrence":{"Type":2,"Count":1}}])");
    const Result<NamedDefinition> named = read_definition(json);
    REQUIRE_MESSAGE(named.ok(), (named.ok() ? "" : named.error().message));
    CHECK(canonical_json(write_definition(named->definition)) == canonical_json(json));
    const std::string kind = std::string(part).substr(2, std::string(part).find('"', 2) - 2);
    CHECK(ends_with(refusal_of(json),
                    "no such data in this release, at $.AdditionalCriteria."
                    "CriteriaList[0].Criteria." +
                        kind));
  }
  CHECK(ends_with(
      refusal_of(World::with_member(R"("CriteriaList":[{"Criteria":{"Signal":{"Lead":1}},)" +
                                    kWindow + R"(,"Occurrence":{"Type":2,"Count":1}}])")),
      "at $.AdditionalCriteria.CriteriaList[0].Criteria.Signal.Lead"));
}

TEST_CASE("what is no part of the superset is refused with its path") {
  const std::string one = World::definition("");
  const std::string at = "$.AdditionalCriteria.";
  const auto with = [](const std::string& member) { return World::with_member(member); };
  const std::string good = trend("Difference", "26.5", R"("Hours":48)");
  CHECK(refusal_of(with(good)) == "accepted");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = with(good);
    const std::size_t found = text.find(from);
    REQUIRE(found != std::string::npos);
    return refusal_of(text.replace(found, from.size(), to));
  };
  CHECK(ends_with(changed(R"("Op":"gte")", R"("Op":"eq")"), "at " + at + "Trends[0].Change.Op"));
  CHECK(ends_with(changed(R"("Hours":48)", R"("Hours":0)"), "at " + at + "Trends[0].Within.Hours"));
  CHECK(ends_with(changed(R"("Hours":48)", R"("Hours":4,"Days":1)"),
                  "at " + at + "Trends[0].Within"));
  CHECK(ends_with(changed(R"("Unit":)", R"("Units":)"), "at " + at + "Trends[0].Unit"));
  CHECK(ends_with(changed("Measurement", "Observation"), "at " + at + "Trends[0].Criteria"));
  CHECK(ends_with(changed(R"("Change")", R"("Changes")"), "at " + at + "Trends[0].Change"));
  CHECK(ends_with(changed(R"("CodesetId":1)", R"("CodesetId":9)"),
                  "at " + at + "Trends[0].Criteria.Measurement.CodesetId"));
  CHECK(ends_with(refusal_of(with(sequence({step(1)}))), "at " + at + "Sequences[0].Steps"));
  CHECK(ends_with(refusal_of(with(sequence({step(1), step(2)}))),
                  "at " + at + "Sequences[0].Steps[1].After"));
  CHECK(ends_with(refusal_of(with(sequence({step(1), step(2, R"("Min":3,"Max":2)")}))),
                  "at " + at + "Sequences[0].Steps[1].After.Max"));
  CHECK(ends_with(refusal_of(with(sequence({step(1), step(2, R"("Min":-1)")}))),
                  "at " + at + "Sequences[0].Steps[1].After.Min"));
  CHECK(ends_with(refusal_of(with(sequence({step(1), step(2, R"("Min":0)")}, R"(,"Same":"Bed")"))),
                  "at " + at + "Sequences[0].Same"));
  const auto cohort = [&](const std::string& more) {
    return refusal_of(with(R"("Cohorts":[{"Name":"a")" + more + "}]"));
  };
  CHECK(ends_with(cohort(R"(,"Relation":"Ever")"), "at " + at + "Cohorts[0].Version"));
  CHECK(ends_with(cohort(R"(,"Version":0,"Relation":"Ever")"), "at " + at + "Cohorts[0].Version"));
  CHECK(ends_with(cohort(R"(,"Version":1,"Relation":"Near")"), "at " + at + "Cohorts[0].Relation"));
  CHECK(ends_with(cohort(R"(,"Version":1,"Relation":"Starts")"),
                  "at " + at + "Cohorts[0].StartWindow"));
  CHECK(ends_with(cohort(R"(,"Version":1,"Relation":"Ever",)" + kWindow),
                  "at " + at + "Cohorts[0].StartWindow"));
  CHECK(ends_with(refusal_of(R"({"SavedCohort":{"Name":"a"}})"), "at $.SavedCohort.Version"));
  const auto normal = [&](const std::string& more) {
    return refusal_of(with(R"("CriteriaList":[{"Criteria":{"Measurement":{"TimesUpperNormal":)"
                           R"({"Op":"gt","Value":3)" +
                           more + "}}}," + kWindow + R"(,"Occurrence":{"Type":2,"Count":1}}])"));
  };
  CHECK(ends_with(normal(R"(,"Otherwise":40)"), "Measurement.TimesUpperNormal.Unit"));
  CHECK(ends_with(normal(R"(,"Otherwise":0,"Unit":[{"CONCEPT_ID":1}])"),
                  "Measurement.TimesUpperNormal.Otherwise"));
  CHECK(ends_with(refusal_of(R"({"Union":[)" + one + "]}"), "at $.Union"));
  CHECK(ends_with(refusal_of(R"({"Difference":[)" + one + "," + one + R"(],"By":"Hour"})"),
                  "at $.By"));
  CHECK(ends_with(refusal_of(R"({"Union":[)" + one + "," + one + R"(],"By":"Day"})"), "at $.By"));
  CHECK(ends_with(refusal_of(R"({"Union":[)" + one + R"(,{"Union":[{},{}]}]})"),
                  "at $.Union[1].Union[0].PrimaryCriteria"));
  CHECK(ends_with(refusal_of(R"({"Union":[)" + one + "," + one + R"(],"Intersection":[]})"),
                  "at $.Intersection"));
}

TEST_CASE("the reference has no such parts: its mode refuses them") {
  const std::string one = World::definition("");
  const std::string at = "the reference has no such part, at $.";
  CHECK(ends_with(refusal_of(R"({"Union":[)" + one + "," + one + "]}", Mode::Circe), at + "Union"));
  CHECK(ends_with(refusal_of(World::with_member(trend("Ratio", "2", R"("Days":1)")), Mode::Circe),
                  at + "AdditionalCriteria.Trends[0]"));
  CHECK(ends_with(
      refusal_of(World::with_member(sequence({step(1), step(2, R"("Min":0)")})), Mode::Circe),
      at + "AdditionalCriteria.Sequences[0]"));
}

TEST_CASE("sets of cohorts are bounded in number and depth") {
  std::string many;
  for (int count = 0; count < 65; ++count) many += (count == 0 ? "" : ",") + World::definition("");
  CHECK(refusal_of(R"({"Union":[)" + many + "]}").find("kCohortsMax") != std::string::npos);
  std::string deep = World::definition("");
  for (int depth = 0; depth < 18; ++depth) deep = R"({"Union":[)" + deep + ",{}]}";
  CHECK(refusal_of(deep).find("kCohortDepthMax") != std::string::npos);
}

TEST_CASE("what was read is written back with the same meaning") {
  const std::string one =
      World::with_member(trend("Ratio", "1.5", R"("Days":7)", "gt", R"(,"Same":"Visit")") + "," +
                         sequence({step(1), step(2, R"("Min":0,"Max":4,"From":"End")")}));
  const std::string whole =
      R"({"Difference":[)" + one + "," + World::definition("") + R"(],"By":"Day"})";
  const Result<NamedDefinition> named = read_definition(whole);
  REQUIRE_MESSAGE(named.ok(), (named.ok() ? "" : named.error().message));
  CHECK(canonical_json(write_definition(named->definition)) == canonical_json(whole));
}

TEST_CASE("the reading aloud says trends, sequences and sets in both languages") {
  const std::string json = R"({"Difference":[)" +
                           World::with_member(trend("Difference", "26.5", R"("Hours":48)") + "," +
                                              sequence({step(1), step(2, R"("Min":0,"Max":4)")})) +
                           "," + World::definition("") + "]}";
  const Result<NamedDefinition> named = read_definition(json);
  REQUIRE(named.ok());
  const Plan plan = *make_plan(named->definition, Mode::Strict);
  const auto has = [&](Language language, const std::string& words) {
    std::string all;
    for (const Sentence& sentence : explain(plan, language, nullptr)) all += sentence.text + "\n";
    INFO(all);
    return all.find(words) != std::string::npos;
  };
  CHECK(has(Language::French,
            "écart ≥ 26.5 umol/L de la plus ancienne à la plus récente, en 48 "
            "heures au plus"));
  CHECK(has(Language::French, "puis un diagnostic « set 2 », commençant de 0 à 4 jours après"));
  CHECK(has(Language::French, "des personnes qui ne sont dans aucune autre"));
  CHECK(
      has(Language::English, "difference ≥ 26.5 umol/L from the earlier to the later, within 48"));
  CHECK(has(Language::English, "then a condition “set 2”, starting 0 to 4 days after"));
  CHECK(has(Language::English, "of persons who are in no other"));
}

}  // namespace eds::cohort
