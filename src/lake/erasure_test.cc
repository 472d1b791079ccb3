// Erasure over every table, with rows made from the tables' own columns.
#include "lake/erasure.h"

#include <map>

#include "lake/lake_for_test.h"
#include "lake/upkeep.h"
#include "model/references.h"

namespace eds::lake {
namespace {

constexpr std::string_view kTable = "condition_occurrence";

TEST_CASE("an erased person is gone from every table of the latest release, and only there") {
  TestLake test;
  must(try_load(*test.warehouse,
                {{kTable, 1, 10},
                 {kTable, 2, 20},
                 {"note", 1, 31},
                 {"note", 2, 32},
                 {"note_nlp", 0, 41, 31},
                 {"note_nlp", 0, 42, 32},
                 {"person", 1, 1}},
                1));
  const EraseOutcome outcome = must(erase_person(*test.warehouse, 1, "dpo"));
  REQUIRE(outcome.release.has_value());
  CHECK(outcome.releases_before == std::vector<std::string>{"r1"});
  CHECK(content(*test.warehouse, kTable) == "2:20");
  CHECK(content(*test.warehouse, "note") == "2:32");
  CHECK(content(*test.warehouse, "note_nlp") == "-:42");
  CHECK(content(*test.warehouse, "person") == "");
  CHECK(content(*test.warehouse, kTable, "r1") == "1:10 2:20");
  VacuumOptions options;
  options.keep_releases = 1;
  must(vacuum(*test.warehouse, options));
  CHECK(test.catalogue().release("r1").error().code == Code::NotFound);
  CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
  CHECK_FALSE(must(erase_person(*test.warehouse, 1, "dpo")).release.has_value());
}

// Numbers of two persons and of all their rows: 7,000,000 + n and 8,000,000 + n, n the table's
// number. Nothing else in these tests is that large, so that whatever column still names the first
// person or one of that person's rows is seen without knowing which columns could.
constexpr std::int64_t kErased = 7'000'000;
constexpr std::int64_t kOther = 8'000'000;
constexpr std::int64_t kCdmField = 500;  // + the table's number: a concept of vocabulary CDM.

std::int64_t number_of(std::int64_t whose, std::string_view table) {
  return whose + static_cast<std::int64_t>(model::table(table).id);
}

bool is_of_person(const model::Table& table) {
  return table.person_column != model::kNoColumn && table.group != model::Group::Staging;
}

struct Filled {
  std::int64_t owner = 0;  // 0: a row of nobody
  std::int64_t linked = 0;
};

// The types with which a reference can name a row of `to`.
std::vector<std::pair<std::int64_t, std::string>> types_of(const model::Table& to) {
  std::vector<std::pair<std::int64_t, std::string>> types;
  for (const model::Domain& domain : model::domains()) {
    if (domain.table == to.name) types.emplace_back(domain.concept_id, domain.word);
  }
  types.emplace_back(kCdmField + static_cast<std::int64_t>(to.id), "");
  return types;
}

void put_row(Loader& loader, const model::Table& table, const Filled& filled,
             const model::Reference* typed, const model::Table* to, std::int64_t concept_id,
             const std::string& word) {
  model::RowWriter& row = *must(loader.rows(table));
  if (filled.owner != 0 && table.id_column != model::kNoColumn) {
    row.set(table.id_column, number_of(filled.owner, table.name));
  }
  if (is_of_person(table)) row.set(table.person_column, number_of(filled.owner, "person"));
  for (const model::Reference& reference : model::references(table)) {
    if (reference.to != nullptr && typed == nullptr) {
      row.set(reference.column, number_of(filled.linked, reference.to->name));
    }
  }
  if (typed != nullptr) {
    row.set(typed->column, number_of(filled.linked, to->name));
    if (table.columns[typed->type_column].type == model::Type::Text) {
      row.set_text(typed->type_column, word);
    } else {
      row.set(typed->type_column, concept_id);
    }
  }
  must(row.end_row());
}

// Each table's rows of both persons and between them; each reference with each of its types.
void fill(Loader& loader) {
  for (const model::Table& table : model::tables()) {
    if (table.group == model::Group::Staging || table.name == "location") continue;
    if (table.id_column != model::kNoColumn) {
      model::RowWriter& row = *must(loader.rows(model::table("concept")));
      row.set(row.table().column("concept_id"), kCdmField + static_cast<std::int64_t>(table.id));
      row.set_text(row.table().column("vocabulary_id"), "CDM");
      row.set_text(
          row.table().column("concept_code"),
          std::string(table.name) + "." + std::string(table.columns[table.id_column].name));
      must(row.end_row());
    }
    if (is_of_person(table)) {
      put_row(loader, table, {kErased, kErased}, nullptr, nullptr, 0, "");
      put_row(loader, table, {kOther, kOther}, nullptr, nullptr, 0, "");
      put_row(loader, table, {kOther, kErased}, nullptr, nullptr, 0, "");
    } else if (!model::references(table).empty()) {
      put_row(loader, table, {kErased, kErased}, nullptr, nullptr, 0, "");
      put_row(loader, table, {kOther, kOther}, nullptr, nullptr, 0, "");
    }
    for (const model::Reference& reference : model::references(table)) {
      if (reference.to != nullptr) continue;
      for (const model::Table& to : model::tables()) {
        const bool can_be_named = is_of_person(to) || to.name == "cost" || to.name == "note_nlp";
        if (!can_be_named || to.id_column == model::kNoColumn) continue;
        for (const auto& [concept_id, word] : types_of(to)) {
          if (table.name == "cost" && word.empty()) continue;
          const std::int64_t owner = is_of_person(table) ? kOther : 0;
          put_row(loader, table, {owner, kErased}, &reference, &to, concept_id, word);
          put_row(loader, table, {owner, kOther}, &reference, &to, concept_id, word);
        }
      }
    }
  }
}

struct Seen {
  std::int64_t erased = 0;  ///< values that name the erased person or an event
  std::int64_t other = 0;
};

Seen look(Warehouse& warehouse, const model::Table& table) {
  const Release latest = must(warehouse.catalogue().latest());
  const std::string facts =
      scan_sql(warehouse, table, must(warehouse.catalogue().files(table.name, latest.id)));
  const std::unique_ptr<duck::Database> database = must(duck::Database::open({}));
  duck::Connection connection = must(database->connect());
  Seen seen;
  for (const model::Column& column : table.columns) {
    const std::string count = "SELECT count(*) FROM (" + facts + ") WHERE regexp_matches(CAST(" +
                              duck::quote_name(column.name) + " AS VARCHAR), '^";
    seen.erased += must(connection.query_int(count + "7[0-9]{6}$')"));
    seen.other += must(connection.query_int(count + "8[0-9]{6}$')"));
  }
  return seen;
}

TEST_CASE("after an erasure no column of any table names the person or one of that person's rows") {
  TestLake test;
  const std::unique_ptr<Loader> loader = must(Loader::open(*test.warehouse));
  fill(*loader);
  model::RowWriter& dispute = *must(loader->rows(model::table("eds_conflict")));
  for (const char* column : {"kept_value", "other_value"}) {
    dispute.set(0, number_of(kOther, "person"));
    dispute.set_text(dispute.table().column("field"), "person_id");
    dispute.set_text(dispute.table().column(column), std::to_string(number_of(kErased, "person")));
    must(dispute.end_row());
  }
  must(loader->commit("tester", "all tables", {}));
  std::map<std::string_view, Seen> before;
  std::int64_t named = 0;
  for (const model::Table& table : model::tables()) {
    if (table.group == model::Group::Staging) continue;
    before[table.name] = look(*test.warehouse, table);
    named += before[table.name].erased > 0 ? 1 : 0;
  }
  CHECK(named >= 28);  // 19 of OMOP with a person, 4 that hang on them, 5 of ours.
  const EraseOutcome outcome =
      must(erase_person(*test.warehouse, number_of(kErased, "person"), "dpo"));
  CHECK(outcome.doubtful_rows == 0);
  for (const model::Table& table : model::tables()) {
    if (table.group == model::Group::Staging) continue;
    CAPTURE(table.name);
    const Seen after = look(*test.warehouse, table);
    CHECK(after.erased == 0);
    if (table.name == "eds_conflict") continue;  // A dispute with the person names the other too.
    CHECK(after.other == before[table.name].other);
  }
  CHECK(must(verify(*test.warehouse, Depth::Bytes)).findings.empty());
}

TEST_CASE("a relation of a type that nobody knows is left and counted") {
  TestLake test;
  const std::unique_ptr<Loader> loader = must(Loader::open(*test.warehouse));
  must(stage_row(*loader, {kTable, 1, 10}, 1));
  model::RowWriter& row = *must(loader->rows(model::table("fact_relationship")));
  row.set(0, 987'654).set(1, 10).set(2, 0).set(3, 99);  // Might be the condition, might not.
  must(row.end_row());
  row.set(0, 19).set(1, 11).set(2, 19).set(3, 12);  // Two conditions of others.
  must(row.end_row());
  must(loader->commit("tester", "", {}));
  CHECK(must(erase_person(*test.warehouse, 1, "dpo")).doubtful_rows == 1);
  const Release latest = must(test.catalogue().latest());
  CHECK(must(test.catalogue().files("fact_relationship", latest.id))[0].row_count == 2);
}

TEST_CASE("a place that only the erased person had goes, one that others have stays") {
  TestLake test;
  const std::unique_ptr<Loader> loader = must(Loader::open(*test.warehouse));
  for (const auto& [person, place] : {std::pair{1, 100}, {1, 101}, {2, 101}}) {
    model::RowWriter& claim = *must(loader->rows(model::table("eds_person_claim")));
    claim.set(claim.table().column("person_id"), person);
    claim.set(claim.table().column("location_id"), place);
    must(claim.end_row());
  }
  for (const std::int64_t place : {100, 101, 102}) {
    model::RowWriter& row = *must(loader->rows(model::table("location")));
    row.set(row.table().column("location_id"), place);
    must(row.end_row());
  }
  must(loader->commit("tester", "", {}));
  must(erase_person(*test.warehouse, 1, "dpo"));
  CHECK(content(*test.warehouse, "location") == "-:101 -:102");
}

}  // namespace
}  // namespace eds::lake
