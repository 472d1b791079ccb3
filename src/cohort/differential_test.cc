// Random definitions over random small populations: the index against the slow evaluator, and
// against the SQL of the same plan.
//
// EDS_FUZZ_CASES and EDS_FUZZ_SQL_CASES say how many (3,000 and 150 when they say nothing),
// EDS_FUZZ_SEED where to begin. A case is a function of its number.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>

#include "cohort/definition_reader.h"
#include "cohort/differential_for_test.h"
#include "cohort/evaluate.h"
#include "cohort/oracle_for_test.h"
#include "cohort/sql.h"
#include "duck/duck.h"

namespace eds::cohort {
namespace {

constexpr std::uint64_t kDefinitionsOfPopulation = 25;
constexpr int kDifferencesMax = 3;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* said = std::getenv(name);
  return said == nullptr ? otherwise : std::strtoull(said, nullptr, 10);
}

std::vector<OraclePeriod> rows_by_index(const Store& store, const Plan& plan,
                                        const Vocabulary& vocabulary) {
  const ResolvedSets sets = resolve_sets(plan, vocabulary);
  const Outcome outcome = Evaluator(StoreBase(store), plan, sets).run({0, store.person_count()});
  std::vector<OraclePeriod> rows;
  for (const CohortRow& row : outcome.rows) {
    rows.emplace_back(store.person_ids[row.person], row.start, row.end);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::string text_of(const std::vector<OraclePeriod>& rows) {
  std::string text;
  for (const auto& [person, start, end] : rows) {
    text += fmt::format(" {}:{}..{}", person, start - 14610, end - 14610);
  }
  return text;
}

std::string mode_text(Mode mode) {
  return mode == Mode::Circe ? " circe" : " strict";
}

std::string type_of(std::string_view column) {
  if (column.ends_with("_date")) return "DATE";
  for (std::string_view each :
       {"stop_reason", "lot_number", "unique_device_id", "value_as_string", "specimen_source_id",
        "relationship_id", "invalid_reason", "measurement_datetime", "unit_source_value"}) {
    if (column == each) return "VARCHAR";
  }
  for (std::string_view each :
       {"quantity", "value_as_number", "range_low", "range_high", "dose_value"}) {
    if (column == each) return "DOUBLE";
  }
  return "BIGINT";
}

void load_into(duck::Connection& connection, const JsonTables& tables,
               const std::vector<std::string>& names) {
  std::string script;
  for (const std::string& name : names) {
    const TextTable& table = *tables.find("cdm." + name);
    script += "CREATE OR REPLACE TABLE " + duck::quote_name(name) + "(";
    for (std::size_t at = 0; at < table.columns.size(); ++at) {
      script += (at == 0 ? "" : ", ") + duck::quote_name(table.columns[at]) + " " +
                type_of(table.columns[at]);
    }
    script += ");";
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
      script += row == 0 ? "INSERT INTO " + duck::quote_name(name) + " VALUES (" : ", (";
      for (std::size_t at = 0; at < table.rows[row].size(); ++at) {
        const Cell& cell = table.rows[row][at];
        script += (at == 0 ? "" : ", ") + (cell ? duck::quote_text(*cell) : "NULL");
      }
      script += ")";
    }
    script += ";";
  }
  const Status loaded = connection.execute(script);
  REQUIRE_MESSAGE(loaded.ok(), (loaded.ok() ? "" : loaded.error().message));
}

Result<std::vector<OraclePeriod>> rows_by_sql(duck::Connection& connection, const Plan& plan) {
  const engine::Select statement = TRY(cohort_statement(plan));
  duck::Rows answer = TRY(connection.query(print(statement, engine::Dialect::DuckDb)));
  std::vector<OraclePeriod> rows;
  while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      rows.emplace_back(chunk->int_at(0, row), static_cast<int>(chunk->int_at(1, row)),
                        static_cast<int>(chunk->int_at(2, row)));
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

struct Count {
  std::uint64_t cases = 0;
  std::uint64_t refused = 0;
  std::uint64_t with_rows = 0;
};

// One population and its definitions. `compare` is given what the index says.
template <class Compare>
void for_each_case(std::uint64_t population, std::uint64_t definitions, Mode mode,
                   const JsonTables& tables, Count& count, Compare compare, bool beyond = false) {
  JsonTables source = tables;
  Needs needs;
  needs.domains.set();
  for (auto& fields : needs.fields) fields.set();
  needs.traits = true;
  needs.moments.set();
  const Result<Store> store = load_store(source, needs);
  REQUIRE(store.ok());
  const Vocabulary vocabulary = *load_vocabulary(source);
  for (std::uint64_t at = 0; at < definitions; ++at) {
    const std::string json = RandomDefinition(population * 1000 + at, beyond).make();
    const Result<NamedDefinition> named = read_definition(json);
    REQUIRE_MESSAGE(named.ok(), (named.ok() ? "" : named.error().message) << json);
    const Result<Plan> plan = make_plan(named->definition, mode);
    ++count.cases;
    if (!plan.ok()) {
      ++count.refused;
      continue;
    }
    const std::vector<OraclePeriod> rows = rows_by_index(*store, *plan, vocabulary);
    count.with_rows += rows.empty() ? 0 : 1;
    compare(json, *plan, rows, fmt::format("population {}, definition {}", population, at));
  }
}

}  // namespace

TEST_CASE("the index and the slow evaluator agree on random definitions") {
  const std::uint64_t wanted = setting("EDS_FUZZ_CASES", 3000);
  const std::uint64_t first = setting("EDS_FUZZ_SEED", 1);
  Count count;
  int differences = 0;
  for (std::uint64_t seed = first; count.cases < wanted && differences < kDifferencesMax; ++seed) {
    // To the reference a row id that occurs twice is one key: the page says that, not how often a
    // count sees it, so its mode is compared where ids are unique.
    const Mode mode = seed % 2 == 0 ? Mode::Circe : Mode::Strict;
    const JsonTables tables = RandomPopulation(seed, mode == Mode::Strict).make();
    Oracle oracle(tables, mode == Mode::Circe);
    for_each_case(seed, kDefinitionsOfPopulation, mode, tables, count,
                  [&](const std::string& json, const Plan&, const std::vector<OraclePeriod>& rows,
                      const std::string& name) {
                    const Result<json::Document> document = json::Document::parse(json);
                    const std::vector<OraclePeriod> slow = oracle.cohort(document->root());
                    if (slow == rows) return;
                    ++differences;
                    FAIL_CHECK(name << mode_text(mode) << "\nindex:" << text_of(rows)
                                    << "\nslow: " << text_of(slow) << "\n"
                                    << json);
                  });
  }
  // Most definitions must find somebody, or the comparison says little.
  CHECK(count.with_rows * 5 > count.cases);
  MESSAGE("compared: " << count.cases - count.refused << ", with rows: " << count.with_rows
                       << ", refused by the mode: " << count.refused);
}

TEST_CASE("the evaluator and the slow one agree on what Circe has no part for") {
  const std::uint64_t wanted = setting("EDS_FUZZ_CASES", 3000);
  const std::uint64_t first = setting("EDS_FUZZ_SEED", 1);
  Count count;
  int differences = 0;
  for (std::uint64_t seed = first; count.cases < wanted && differences < kDifferencesMax; ++seed) {
    const JsonTables tables = RandomPopulation(seed, true, true).make();
    Oracle oracle(tables, false);
    const auto compare = [&](const std::string& json, const Plan&,
                             const std::vector<OraclePeriod>& rows, const std::string& name) {
      const Result<json::Document> document = json::Document::parse(json);
      const std::vector<OraclePeriod> slow = oracle.whole(document->root());
      if (slow == rows) return;
      ++differences;
      FAIL_CHECK(name << "\nfast:" << text_of(rows) << "\nslow:" << text_of(slow) << "\n" << json);
    };
    for_each_case(seed, kDefinitionsOfPopulation, Mode::Strict, tables, count, compare, true);
  }
  CHECK(count.with_rows * 5 > count.cases);
  MESSAGE("compared: " << count.cases - count.refused << ", with rows: " << count.with_rows);
}

TEST_CASE("the index and the SQL of its plan agree on random definitions") {
  const std::uint64_t wanted = setting("EDS_FUZZ_SQL_CASES", 150);
  const std::uint64_t first = setting("EDS_FUZZ_SEED", 1);
  duck::Options options;
  options.threads = 1;
  const std::unique_ptr<duck::Database> database = std::move(duck::Database::open(options)).value();
  duck::Connection connection = std::move(database->connect()).value();
  Count count;
  int differences = 0;
  for (std::uint64_t seed = first; count.cases < wanted && differences < kDifferencesMax; ++seed) {
    const Mode mode = seed % 2 == 0 ? Mode::Circe : Mode::Strict;
    RandomPopulation population(seed, true);
    const JsonTables tables = population.make();
    std::vector<std::string> names = population.names();
    for (const char* each : {"person", "provider", "care_site", "concept", "concept_ancestor",
                             "concept_relationship"}) {
      names.emplace_back(each);
    }
    load_into(connection, tables, names);
    for_each_case(seed, std::min(wanted, kDefinitionsOfPopulation), mode, tables, count,
                  [&](const std::string& json, const Plan& plan,
                      const std::vector<OraclePeriod>& rows, const std::string& name) {
                    const Result<std::vector<OraclePeriod>> sql = rows_by_sql(connection, plan);
                    const std::string said = sql.ok() ? text_of(*sql) : sql.error().message;
                    if (sql.ok() && *sql == rows) return;
                    ++differences;
                    FAIL_CHECK(name << mode_text(mode) << "\nindex:" << text_of(rows)
                                    << "\nsql:  " << said << "\n"
                                    << json);
                  });
  }
  CHECK(count.with_rows * 5 > count.cases);
  MESSAGE("compared: " << count.cases - count.refused << ", with rows: " << count.with_rows
                       << ", refused by the mode: " << count.refused);
}

}  // namespace eds::cohort
