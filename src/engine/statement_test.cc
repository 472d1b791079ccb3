#include "engine/statement.h"

#include <doctest/doctest.h>

#include "duck/duck.h"
#include "engine/sql_check.h"

namespace eds::engine {
namespace {

Select sample() {
  Select select;
  select.table = "person";
  select.alias = "p";
  select.items = {{Expr::column("p", "person_id"), "id"}, {Expr::literal(0.5), "half"}};
  select.joins.push_back({JoinKind::Anti, "death", "d",
                          Expr::column("p", "person_id") == Expr::column("d", "person_id")});
  select.where = Expr::all_of(
      {Expr::compare(Compare::GreaterOrEqual, Expr::column("p", "year_of_birth"), Expr::param(1)),
       Expr::in(Expr::column("p", "gender_source_value"),
                {Expr::literal(std::string_view("it's \\ \"quoted\""))}),
       Expr::negate(Expr::is_null(Expr::column("p", "birth_datetime"))),
       Expr::compare(Compare::Less, Expr::column("p", "birth_datetime"), Expr::date(0))});
  select.order_by.push_back({Expr::column("p", "person_id"), Direction::Descending});
  select.limit = 5;
  return select;
}

TEST_CASE("a statement is printed in DuckDB's SQL") {
  CHECK(print(sample(), Dialect::DuckDb) ==
        "SELECT \"p\".\"person_id\" AS \"id\", 5e-01 AS \"half\" FROM \"person\" AS \"p\" ANTI "
        "JOIN \"death\" AS \"d\" ON (\"p\".\"person_id\" = \"d\".\"person_id\") WHERE "
        "((\"p\".\"year_of_birth\" >= $1) AND (\"p\".\"gender_source_value\" IN "
        "('it''s \\ \"quoted\"')) AND (NOT (\"p\".\"birth_datetime\" IS NULL)) AND "
        "(\"p\".\"birth_datetime\" < DATE '1970-01-01')) ORDER BY \"p\".\"person_id\" DESC NULLS "
        "LAST LIMIT 5");
}

TEST_CASE("the same statement is printed in Spark's SQL") {
  CHECK(print(sample(), Dialect::Spark) ==
        "SELECT `p`.`person_id` AS `id`, 5e-01D AS `half` FROM `person` AS `p` LEFT ANTI JOIN "
        "`death` AS `d` ON (`p`.`person_id` = `d`.`person_id`) WHERE ((`p`.`year_of_birth` >= :p1) "
        "AND (`p`.`gender_source_value` IN ('it\\'s \\\\ \"quoted\"')) AND (NOT "
        "(`p`.`birth_datetime` IS NULL)) AND (`p`.`birth_datetime` < DATE '1970-01-01')) ORDER BY "
        "`p`.`person_id` DESC NULLS LAST LIMIT 5");
}

TEST_CASE("DuckDB understands what is printed for it") {
  const std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection connection = std::move(database->connect()).value();
  REQUIRE(connection
              .execute("CREATE TABLE person(person_id BIGINT, year_of_birth BIGINT, "
                       "gender_source_value VARCHAR, birth_datetime TIMESTAMP); "
                       "CREATE TABLE death(person_id BIGINT); INSERT INTO death VALUES (2); "
                       "INSERT INTO person VALUES (1, 1960, 'it''s \\ \"quoted\"', '1960-01-01'), "
                       "(2, 1960, 'it''s \\ \"quoted\"', '1960-01-01'), (3, 1960, 'x', NULL)")
              .ok());
  Result<duck::Rows> rows =
      connection.query(print(sample(), Dialect::DuckDb), {duck::Param::of(std::int64_t{1950})});
  REQUIRE_MESSAGE(rows.ok(), (rows.ok() ? "" : rows.error().message));
  const std::optional<duck::Chunk> chunk = std::move(rows->next()).value();
  REQUIRE(chunk.has_value());
  CHECK(chunk->row_count() == 1);
  CHECK(chunk->int_at(0, 0) == 1);
}

TEST_CASE("an empty list holds nothing, an empty conjunction is true") {
  Select select;
  select.table = "person";
  select.items = {{Expr::count_all(), "n"}};
  select.where = Expr::any_of({Expr::in(Expr::column("person_id"), {}), Expr::all_of({})});
  CHECK(print(select, Dialect::DuckDb) ==
        "SELECT count(*) AS \"n\" FROM \"person\" WHERE (false OR true)");
}

// Persons seen within 30 days of a first stay, by steps.
Select stepped() {
  Select stays;
  stays.table = "visit_occurrence";
  stays.alias = "v";
  stays.items = {{Expr::column("v", "person_id"), "person_id"},
                 {Expr::column("v", "visit_start_date"), "start"},
                 {Expr::over(Function::RowNumber, {}, {Expr::column("v", "person_id")},
                             {{Expr::column("v", "visit_start_date")}}),
                  "place"}};
  Select select;
  select.with.push_back({"stays", {stays, stays}});
  select.distinct = true;
  select.table = "stays";
  select.alias = "s";
  select.items = {{Expr::column("s", "person_id"), "person_id"},
                  {Expr::arithmetic(Arithmetic::Divide, Expr::column("s", "place"),
                                    Expr::literal(std::int64_t{0})),
                   "nothing"},
                  {Expr::days_between(Expr::date(0), Expr::column("s", "start")), "days"}};
  select.where =
      Expr::all_of({Expr::compare(Compare::LessOrEqual, Expr::column("s", "start"),
                                  Expr::add_days(Expr::date(0), Expr::literal(std::int64_t{30}))),
                    Expr::in_table(Expr::column("s", "person_id"), "person", "person_id"),
                    Expr::like(Expr::literal(std::string_view("a\\b%")), "a\\\\b\\%")});
  return select;
}

TEST_CASE("steps, windows, days and patterns are printed for both engines") {
  CHECK(print(stepped(), Dialect::DuckDb)
            .ends_with(
                "SELECT DISTINCT \"s\".\"person_id\" AS \"person_id\", (\"s\".\"place\" / "
                "nullif(0, 0)) AS "
                "\"nothing\", date_diff('day', DATE '1970-01-01', \"s\".\"start\") AS \"days\"\n  "
                "FROM "
                "\"stays\" AS \"s\"\n  WHERE ((\"s\".\"start\" <= (DATE '1970-01-01' + 30)) AND "
                "(\"s\".\"person_id\" IN (SELECT \"person_id\" FROM \"person\")) AND ('a\\b%' LIKE "
                "'a\\\\b\\%' ESCAPE '\\'))"));
  CHECK(
      print(stepped(), Dialect::Spark)
          .ends_with(
              "datediff(`s`.`start`, DATE '1970-01-01') AS `days`\n  FROM `stays` AS `s`\n  WHERE "
              "((`s`.`start` <= date_add(DATE '1970-01-01', 30)) AND (`s`.`person_id` IN (SELECT "
              "`person_id` FROM `person`)) AND ('a\\\\b%' LIKE 'a\\\\\\\\b\\\\%' ESCAPE '\\\\'))"));
}

TEST_CASE("a statement's steps are not tables of the release") {
  CHECK(tables_of(stepped()) == std::set<std::string, std::less<>>{"person", "visit_occurrence"});
}

TEST_CASE("DuckDB understands steps, and a quotient by zero is missing") {
  const std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection connection = std::move(database->connect()).value();
  REQUIRE(connection
              .execute("CREATE TABLE person(person_id BIGINT); INSERT INTO person VALUES (1), (2); "
                       "CREATE TABLE visit_occurrence(person_id BIGINT, visit_start_date DATE); "
                       "INSERT INTO visit_occurrence VALUES (1, '1970-01-31'), (2, '1970-02-01')")
              .ok());
  Result<duck::Rows> rows = connection.query(print(stepped(), Dialect::DuckDb), {});
  REQUIRE_MESSAGE(rows.ok(), (rows.ok() ? "" : rows.error().message));
  const std::optional<duck::Chunk> chunk = std::move(rows->next()).value();
  REQUIRE(chunk.has_value());
  CHECK(chunk->row_count() == 1);
  CHECK(chunk->int_at(0, 0) == 1);
  CHECK(chunk->is_null(1, 0));
  CHECK(chunk->int_at(2, 0) == 30);
}

TEST_CASE("user SQL may read tables of the model, its own CTEs and short-listed functions") {
  const std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection parser = std::move(database->connect()).value();
  const Result<std::set<std::string>> tables = check_user_sql(
      parser,
      "WITH mine AS (SELECT * FROM Measurement) SELECT m.*, r.range FROM mine m JOIN "
      "main.person p USING (person_id), range(3) r WHERE EXISTS (SELECT 1 FROM death)");
  REQUIRE_MESSAGE(tables.ok(), (tables.ok() ? "" : tables.error().message));
  CHECK(*tables == std::set<std::string>{"death", "measurement", "person"});
}

TEST_CASE("user SQL that reaches for anything else is refused by name") {
  const std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
  duck::Connection parser = std::move(database->connect()).value();
  for (const char* sql :
       {"SELECT * FROM read_csv('x')", "SELECT * FROM 'x.parquet'", "SELECT * FROM other.person",
        "SELECT * FROM catalogue.main.person", "SELECT current_setting('x')",
        "SELECT * FROM eds_load_key", "SELECT * FROM duckdb_tables()",
        "SELECT count(*) FROM person WHERE 1 IN (SELECT 1 FROM glob('*'))", "SELECT 1; SELECT 2",
        "INSERT INTO person VALUES (1)", ""}) {
    CHECK_MESSAGE(!check_user_sql(parser, sql).ok(), sql);
  }
}

}  // namespace
}  // namespace eds::engine
