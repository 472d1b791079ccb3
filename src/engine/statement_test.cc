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
