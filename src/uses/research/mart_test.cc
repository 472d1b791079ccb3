// A data store against a core of four persons, counted by hand.
#include "uses/research/mart.h"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "base/calendar.h"
#include "govern/audit/local.h"
#include "govern/directory_for_test.h"
#include "uses/research/mart_columns.h"

namespace eds::research {
namespace {

constexpr std::int64_t kSomeDay = 19'000;

govern::Key project_key(std::uint8_t first) {
  govern::Key key;
  for (std::size_t i = 0; i < govern::kKeyBytes; ++i)
    key.writable_bytes()[i] = static_cast<std::uint8_t>(first + i);
  return key;
}

/// A core warehouse with its keys and audit, and a data store beside it.
struct Stage {
  govern::DirectoryForTest directory;
  std::unique_ptr<lake::Warehouse> core;
  std::unique_ptr<lake::Warehouse> mart;
  std::optional<govern::KeyRing> keys;
  std::unique_ptr<govern::Audit> audit;
  std::unique_ptr<engine::Engine> engine = engine::embedded_engine();

  Stage() {
    Env& env = Env::posix();
    for (const char* name : {"core", "mart"})
      REQUIRE(lake::Warehouse::create(env, directory.at(name)).ok());
    core = lake::Warehouse::open(env, directory.at("core")).value();
    mart = lake::Warehouse::open(env, directory.at("mart")).value();
    keys.emplace(govern::KeyRing::create(env, directory.at("keys")).value());
    audit = audit::open(env, *keys, {.directory = directory.at("audit")}).value();
  }

  /// Persons 11, 22, 33, 44 born in 1900, 1950, 1980, 1980; each has three labs, ten days apart.
  void fill(const std::vector<std::int64_t>& persons) {
    const auto loader = lake::Loader::open(*core).value();
    const model::Table& person = model::table("person");
    const model::Table& lab = model::table("measurement");
    loader->remove_where(person, "true");
    loader->remove_where(lab, "true");
    const std::map<std::int64_t, std::int64_t> born = {
        {11, 1900}, {22, 1950}, {33, 1980}, {44, 1980}};
    model::RowWriter& people = *loader->rows(person).value();
    model::RowWriter& labs = *loader->rows(lab).value();
    for (const std::int64_t id : persons) {
      people.set(person.person_column, id).set(person.column("year_of_birth"), born.at(id));
      people.set(person.column("gender_concept_id"), 8507);
      people.set_text(person.column("person_source_value"), "CANARY-IPP");
      people.set(person.column("location_id"), 75);
      REQUIRE(people.end_row().ok());
      for (std::int64_t nth = 0; nth < 3; ++nth) {
        labs.set(lab.id_column, id * 10 + nth).set(lab.person_column, id);
        labs.set(lab.column("measurement_concept_id"), 3000 + nth);
        labs.set(lab.date_column, kSomeDay + nth * 10);
        labs.set(lab.column("measurement_datetime"),
                 (kSomeDay + nth * 10) * kMicrosecondsPerDay + 3'600'000'000);
        labs.set_float(lab.column("value_as_number"), 1.5 * static_cast<double>(nth));
        labs.set(lab.column("visit_occurrence_id"), 500 + id);
        labs.set_text(lab.column("value_source_value"), "CANARY-TEXT");
        labs.set(lab.column("eds_source_id"), 1);
        REQUIRE(labs.end_row().ok());
      }
    }
    REQUIRE(loader->commit("test", "fill", {}).ok());
  }

  Result<MartOutcome> refresh(const govern::Permit& permit, std::uint8_t key = 0) {
    govern::Governor governor(*keys, *audit);
    const govern::Scope scope = TRY(governor.owner_scope("test", "build"));
    const engine::Scan scan = TRY(engine::Scan::of(TRY(core->catalogue().latest()), scope));
    const auto session = TRY(engine->open(*core, scan, {}));
    MartOptions options;
    options.reference_us = 1'780'000'000'000'000;  // May 2026.
    return refresh_mart(*session, permit, govern::Pseudonymiser(project_key(key), {}), *mart,
                        options, [](const std::string&, std::int64_t) { return true; });
  }

  /// Every row of a table of the data store, as text.
  std::set<std::string> rows(const std::string& columns, const std::string& table) {
    govern::Governor governor(*keys, *audit);
    const govern::Scope scope = governor.owner_scope("test", "look").value();
    const engine::Scan scan = engine::Scan::of(mart->catalogue().latest().value(), scope).value();
    const auto session = engine->open(*mart, scan, {}).value();
    engine::Answer answer =
        session->query_user_sql("SELECT concat_ws('|', " + columns + ") FROM " + table).value();
    std::set<std::string> all;
    while (const auto chunk = answer.next().value())
      for (std::size_t row = 0; row < chunk->row_count(); ++row)
        all.insert(std::string(chunk->text_at(0, row)));
    return all;
  }
};

govern::Permit permit() {
  govern::Permit wanted;
  wanted.project = "p1";
  wanted.tables = {
      {"person", {"gender_concept_id", "year_of_birth", "person_source_value"}, "age and sex"},
      {"measurement",
       {"measurement_id", "measurement_concept_id", "measurement_date", "measurement_datetime",
        "value_as_number", "visit_occurrence_id"},
       "the outcome"}};
  return wanted;
}

}  // namespace

TEST_CASE("a data store holds the permitted persons and columns, under its own ids and dates") {
  Stage stage;
  stage.fill({11, 22, 33, 44});
  const MartOutcome outcome = stage.refresh(permit()).value();
  CHECK(outcome.person_count == 4);
  CHECK(outcome.classes.smallest <= 2);
  CHECK(outcome.classes.persons_below_11 == 4);

  const govern::Pseudonymiser project(project_key(0), {});
  std::set<std::string> expected;
  for (const std::int64_t id : {11, 22, 33, 44})
    for (std::int64_t nth = 0; nth < 3; ++nth) {
      const std::int64_t day = kSomeDay + nth * 10 + project.shift_days(id);
      expected.insert(std::to_string(project.person(id)) + "|" + std::to_string(3000 + nth) + "|" +
                      std::to_string(day) + "|" + std::to_string(nth * 15));
    }
  CHECK(stage.rows("person_id, measurement_concept_id, measurement_date - DATE '1970-01-01', "
                   "(value_as_number * 10)::BIGINT",
                   "measurement") == expected);
  // The hour stays, the day moves with the date.
  CHECK(stage.rows("measurement_datetime - measurement_date::TIMESTAMP", "measurement") ==
        std::set<std::string>{"01:00:00"});
  // What the permit does not name, and what no store may hold, is not there.
  CHECK(stage.rows("count(value_source_value), count(eds_source_id), count(unit_concept_id)",
                   "measurement") == std::set<std::string>{"0|0|0"});
  CHECK(stage.rows("count(location_id), count(*)", "person") == std::set<std::string>{"0|4"});
  // One visit of the core is one visit of the store, and its id is another.
  CHECK(stage.rows("count(DISTINCT visit_occurrence_id), min(visit_occurrence_id) > 1000000",
                   "measurement") == std::set<std::string>{"4|true"});
}

TEST_CASE("nobody is older than 90 in a data store, and years move by at most one") {
  Stage stage;
  stage.fill({11, 22, 33, 44});
  REQUIRE(stage.refresh(permit()).ok());
  const govern::Pseudonymiser project(project_key(0), {});
  const auto year = [&](std::int64_t id) {
    const auto found = stage.rows("year_of_birth",
                                  "person WHERE person_id = " + std::to_string(project.person(id)));
    REQUIRE(found.size() == 1);
    return std::stoi(*found.begin());
  };
  CHECK(year(11) == 1936);  // 2026 - 90.
  CHECK(std::abs(year(22) - 1950) <= 1);
  CHECK(std::abs(year(33) - 1980) <= 1);
}

TEST_CASE(
    "who left the core leaves the data store at the next refresh, and the old release stays") {
  Stage stage;
  stage.fill({11, 22, 33, 44});
  REQUIRE(stage.refresh(permit()).ok());
  stage.fill({22, 33});
  CHECK(stage.refresh(permit())->person_count == 2);
  CHECK(stage.rows("count(DISTINCT person_id)", "measurement") == std::set<std::string>{"2"});
  govern::Permit narrower = permit();
  narrower.tables.pop_back();
  REQUIRE(stage.refresh(narrower).ok());
  CHECK(stage.rows("count(*)", "measurement") == std::set<std::string>{"0"});
}

TEST_CASE("the same release, permit and key give the same rows; another key shares none") {
  Stage stage;
  stage.fill({11, 22});
  REQUIRE(stage.refresh(permit()).ok());
  const auto first = stage.rows("person_id, measurement_id, measurement_date", "measurement");
  REQUIRE(stage.refresh(permit()).ok());
  CHECK(stage.rows("person_id, measurement_id, measurement_date", "measurement") == first);
  REQUIRE(stage.refresh(permit(), 1).ok());
  for (const std::string& row :
       stage.rows("person_id, measurement_id, measurement_date", "measurement"))
    CHECK_FALSE(first.contains(row));
}

TEST_CASE("two rows that would be one person stop the refresh, and nothing changes") {
  Stage stage;
  stage.fill({22});
  REQUIRE(stage.refresh(permit()).ok());
  stage.fill({33, 33});
  CHECK(stage.refresh(permit()).error().code == Code::Conflict);
  CHECK(stage.rows("count(DISTINCT person_id)", "person") == std::set<std::string>{"1"});
}

TEST_CASE("rows of nobody stay in the core") {
  Stage stage;
  stage.fill({22});
  {
    const auto loader = lake::Loader::open(*stage.core).value();
    const model::Table& lab = model::table("measurement");
    model::RowWriter& labs = *loader->rows(lab).value();
    labs.set(lab.id_column, 999).set(lab.column("measurement_concept_id"), 7);
    REQUIRE(labs.end_row().ok());
    REQUIRE(loader->commit("test", "nobody's", {}).ok());
  }
  REQUIRE(stage.refresh(permit()).ok());
  CHECK(stage.rows("count(*), count(person_id)", "measurement") == std::set<std::string>{"3|3"});
}

TEST_CASE("a permit for what no data store may hold is refused by name") {
  Stage stage;
  stage.fill({11});
  const auto refused = [&](const std::string& table, const std::string& column) {
    govern::Permit wanted;
    wanted.tables = {{table, {column}, "curiosity"}};
    return stage.refresh(wanted);
  };
  CHECK(refused("person", "location_id").error().code == Code::Usage);
  CHECK(refused("person", "birth_datetime").error().code == Code::Usage);
  CHECK(refused("measurement", "value_source_value").error().code == Code::Usage);
  CHECK(refused("measurement", "eds_record_key").error().code == Code::Usage);
  CHECK(refused("measurement", "no_such_column").error().code == Code::Usage);
  CHECK(refused("eds_person_claim", "birth_date").error().code == Code::Usage);
  CHECK(refused("note", "note_text").error().code == Code::Usage);
  CHECK(refused("no_such_table", "x").error().code == Code::Usage);
}

TEST_CASE("no column that says where a row came from leaves the core, in any table") {
  int kept = 0;
  for (const model::Table& table : model::tables())
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const Treatment treatment = treatment_of(table, i).treatment;
      if (treatment != Treatment::Drop) ++kept;
      if (table.columns[i].name.starts_with("eds_")) CHECK(treatment == Treatment::Drop);
      // An integer that is no concept and no plain number is an id: it never stays as it is.
      const bool is_id =
          table.columns[i].type == model::Type::Int && table.columns[i].name.ends_with("_id") &&
          !table.columns[i].name.ends_with("concept_id") &&
          table.group != model::Group::Vocabulary && table.columns[i].name != "care_site_id";
      if (is_id) CHECK(treatment != Treatment::Keep);
      const bool is_day = table.columns[i].type == model::Type::Date ||
                          table.columns[i].type == model::Type::Timestamp;
      if (is_day && table.group != model::Group::Vocabulary) CHECK(treatment != Treatment::Keep);
    }
  CHECK(kept > 200);
}

}  // namespace eds::research
