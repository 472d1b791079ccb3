// Sessions under a principal's scope: what they show, and that what they do not show changes no
// byte of what they answer (HAB-9).
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "engine/session.h"
#include "engine/session_stays.h"
#include "govern/audit/local.h"
#include "govern/directory_for_test.h"
#include "govern/rights_store.h"
#include "lake/lake_for_test.h"
#include "uses/care/labels.h"
#include "uses/care/patient.h"
#include "uses/care/patient_json.h"
#include "uses/care/patient_list.h"

namespace eds::care {
namespace {

using lake::must;

constexpr std::int64_t kCardiology = 103;
constexpr std::int64_t kNeurology = 104;

// Visible persons are 1,001 to 1,040, each with a stay in cardiology; hidden ones stand below,
// between and above, in neurology, with other values in every lake.
struct House {
  lake::TestLake lake;
  std::int64_t visit = 0;

  explicit House(std::uint64_t hidden_seed) {
    std::unique_ptr<lake::Loader> loader = must(lake::Loader::open(*lake.warehouse));
    for (const std::int64_t site : {kCardiology, kNeurology}) {
      model::RowWriter& rows = *must(loader->rows(model::table("care_site")));
      rows.set(rows.table().column("care_site_id"), site);
      rows.set_text(rows.table().column("care_site_source_value"),
                    site == kCardiology ? "750000001|CARD" : "750000001|NEUR");
      must(rows.end_row());
    }
    std::mt19937_64 same(7);
    for (std::int64_t person = 1; person <= 40; ++person) {
      add(*loader, 1000 + person * 10, kCardiology, same, 3);
    }
    std::mt19937_64 other(hidden_seed);
    for (std::int64_t count = 20 + static_cast<std::int64_t>(other() % 20); count > 0; --count) {
      const auto id = static_cast<std::int64_t>(other() % 2000);
      if (id % 10 != 0 && id > 0) add(*loader, id, kNeurology, other, 1 + other() % 40);
    }
    must(loader->commit("tester", "load", {}));
  }

  void add(lake::Loader& loader, std::int64_t person, std::int64_t site, std::mt19937_64& random,
           std::size_t labs) {
    const bool hidden = site == kNeurology;
    const std::int64_t stay = person * 100;
    const auto row = [&](std::string_view name, std::int64_t id) -> model::RowWriter& {
      const model::Table& table = model::table(name);
      model::RowWriter& rows = *must(loader.rows(table));
      if (table.id_column != model::kNoColumn) rows.set(table.id_column, id);
      if (table.person_column != model::kNoColumn) rows.set(table.person_column, person);
      if (table.date_column != model::kNoColumn) {
        rows.set(table.date_column, 19'000 + static_cast<std::int64_t>(random() % 300));
      }
      return rows;
    };
    const auto set = [](model::RowWriter& rows, std::string_view column, std::int64_t value) {
      rows.set(rows.table().column(column), value);
    };
    model::RowWriter& people = row("person", person);
    set(people, "gender_concept_id", random() % 2 == 0 ? 8507 : 8532);
    set(people, "year_of_birth", 1930 + static_cast<std::int64_t>(random() % 80));
    set(people, "day_of_birth", 13);
    must(people.end_row());
    model::RowWriter& visits = row("visit_occurrence", stay);
    set(visits, "care_site_id", site);
    must(visits.end_row());
    model::RowWriter& details = row("visit_detail", stay + 1);
    set(details, "care_site_id", site);
    set(details, "visit_occurrence_id", stay);
    must(details.end_row());
    for (std::size_t at = 0; at < labs; ++at) {
      model::RowWriter& rows = row("measurement", stay + 2 + static_cast<std::int64_t>(at));
      set(rows, "measurement_concept_id", static_cast<std::int64_t>(random() % 7));
      // Values that make conversions, patterns and sums fail, and that only hidden rows hold.
      set(rows, "value_as_concept_id",
          hidden ? INT64_MAX - static_cast<std::int64_t>(random() % 3)
                 : static_cast<std::int64_t>(random() % 9));
      rows.set_float(
          rows.table().column("value_as_number"),
          hidden ? -1.0 - static_cast<double>(random() % 50) : static_cast<double>(random() % 50));
      rows.set_text(
          rows.table().column("value_source_value"),
          hidden ? "x[(" + std::to_string(random() % 1000) : std::to_string(random() % 90));
      must(rows.end_row());
    }
    model::RowWriter& conditions = row("condition_occurrence", stay + 60);
    conditions.set_text(conditions.table().column("condition_source_value"),
                        hidden ? "Z99" : "I21" + std::to_string(random() % 9));
    must(conditions.end_row());
    model::RowWriter& notes = row("note", stay + 61);
    notes.set_text(notes.table().column("note_text"), "letter");
    must(notes.end_row());
    model::RowWriter& words = *must(loader.rows(model::table("note_nlp")));
    set(words, "note_nlp_id", stay + 62);
    set(words, "note_id", stay + 61);
    must(words.end_row());
    model::RowWriter& links = *must(loader.rows(model::table("fact_relationship")));
    set(links, "domain_concept_id_1", 56);
    set(links, "fact_id_1", person);
    set(links, "domain_concept_id_2", 19);
    set(links, "fact_id_2", stay + 60);
    must(links.end_row());
    model::RowWriter& costs = *must(loader.rows(model::table("cost")));
    set(costs, "cost_id", stay + 63);
    set(costs, "cost_event_id", stay);
    costs.set_text(costs.table().column("cost_domain_id"), "Visit");
    must(costs.end_row());
  }
};

// Rights beside a house: a clinician (care) and an analyst (mandate, pseudonymised) of cardiology,
// and one who may only count.
struct Rights {
  govern::DirectoryForTest folder;
  std::unique_ptr<govern::KeyRing> keys;
  std::unique_ptr<govern::Audit> audit;
  std::unique_ptr<govern::RightsStore> store;
  std::unique_ptr<govern::Governor> governor;
  std::map<std::string, govern::AccessId> access;

  explicit Rights(House& house) {
    Env& env = Env::posix();
    must(env.make_directories(folder.at("keys")));
    keys = std::make_unique<govern::KeyRing>(must(govern::KeyRing::create(env, folder.at("keys"))));
    audit = must(audit::open(env, *keys, {.directory = folder.at("audit")}));
    store = must(govern::RightsStore::open(env, *audit, folder.at("rights")));
    governor = std::make_unique<govern::Governor>(env, *keys, *audit, *store);
    const govern::Author owner{0, "owner"};
    const lake::Release release = must(house.lake.catalogue().latest());
    must(store->place_care_sites(owner,
                                 must(engine::care_sites_of(*house.lake.warehouse, release))));
    for (const char* name : {"house", "taub", "kutner"}) must(store->add_user(owner, name, ""));
    const auto grant = [&](const char* user, const char* role, govern::Ground ground) {
      govern::AccessWish wish;
      wish.user = user;
      wish.role = role;
      wish.perimeter = "750000001|CARD";
      wish.ground = ground;
      access[user] = must(store->grant(owner, wish));
    };
    grant("house", "clinician", govern::Ground::Care);
    grant("taub", "researcher", govern::Ground::Mandate);
    grant("kutner", "aggregates", govern::Ground::Mandate);
  }

  govern::Request request(const std::string& user) {
    govern::Request request;
    const std::string ticket = must(store->open_session({0, "owner"}, user, 2, "test", 3600));
    request.principal = must(store->principal_of(ticket));
    if (user == "house") return request;
    request.ground = govern::Ground::Mandate;
    request.purpose = govern::UsePurpose::Steering;
    if (user == "kutner") request.action = govern::Action::Count;
    return request;
  }
};

struct Open {
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<engine::Session> session;
};

Open open(House& house, Rights& rights, const std::string& user) {
  const lake::Release release = must(house.lake.catalogue().latest());
  engine::LakeStays stays(*house.lake.warehouse, release);
  const govern::Scope scope =
      must(rights.governor->scope(rights.request(user), release.name, stays));
  govern::Governor* governor = rights.governor.get();
  const engine::Scan scan = must(engine::Scan::of(
      release, scope, [governor](const govern::Scope& of) { return governor->still_holds(of); }));
  engine::Budget budget;
  budget.threads = 1;  // Rows without ORDER BY then come in the lake's order.
  budget.memory_bytes_max = 500'000'000;
  Open opened;
  opened.engine = engine::embedded_engine(budget);
  opened.session = must(opened.engine->open(*house.lake.warehouse, scan, budget));
  return opened;
}

std::string text_of(Result<engine::Answer> answer) {
  if (!answer.ok()) return "error: " + answer.error().message;
  std::string text;
  for (;;) {
    Result<std::optional<duck::Chunk>> chunk = answer->next();
    if (!chunk.ok()) return "error: " + chunk.error().message;
    if (!chunk->has_value()) return text;
    for (std::size_t row = 0; row < (*chunk)->row_count(); ++row) {
      for (std::size_t column = 0; column < answer->columns().size(); ++column) {
        if ((*chunk)->is_null(column, row)) {
          text += "-|";
        } else if (answer->columns()[column].kind == duck::Kind::Text) {
          text += std::string((*chunk)->text_at(column, row)) + "|";
        } else if (answer->columns()[column].kind == duck::Kind::Float) {
          text += fmt::format("{}|", (*chunk)->float_at(column, row));
        } else {
          text += std::to_string((*chunk)->int_at(column, row)) + "|";
        }
      }
      text += "\n";
    }
  }
}

std::string ask(House& house, Rights& rights, const std::string& user, const std::string& sql) {
  return text_of(open(house, rights, user).session->query_user_sql(sql));
}

// Statements that an attacker, or a tired researcher, would write.
std::string random_sql(std::mt19937_64& random) {
  const auto pick = [&](std::initializer_list<const char*> list) {
    return std::string(*(list.begin() + random() % list.size()));
  };
  const std::string condition =
      pick({"value_source_value ~ value_source_value",
            "bar(value_as_concept_id, 0, 3, 10) <> ''",
            "CAST(value_as_concept_id AS DECIMAL(4,1)) > 0",
            "sqrt(value_as_number) >= 0",
            "epoch_ms(value_as_concept_id) IS NOT NULL",
            "value_as_concept_id + 5 > 0",
            "CAST(value_source_value AS INT) > 5",
            "ln(value_as_number + 1) >= 0",
            "CASE WHEN person_id % 10 <> 0 THEN error(value_source_value) IS NULL ELSE true END",
            "value_as_number > 10",
            "person_id BETWEEN 500 AND 1500",
            "measurement_concept_id = 3",
            "value_source_value LIKE '%1%'",
            "strptime(value_source_value, '%Y') IS NULL",
            "value_as_concept_id * 4 > 0",
            "value_as_concept_id::TINYINT >= 0",
            "person_id IS NOT NULL",
            "value_source_value = 5",
            "repeat('x', value_as_concept_id::INT) <> ''",
            "person_id IN (SELECT person_id FROM condition_occurrence)",
            "true"});
  const std::string other = pick({"true", "value_as_number < 40", "measurement_concept_id < 5",
                                  "person_id > 700", "value_as_concept_id > 2"});
  const std::string table = pick({"measurement", "measurement", "measurement",
                                  "(SELECT * FROM measurement ORDER BY value_as_number LIMIT 20)"});
  const std::string columns = pick(
      {"count(*)", "min(value_as_concept_id), max(value_as_concept_id)",
       "measurement_concept_id, count(*), sum(value_as_concept_id)", "count(DISTINCT person_id)",
       "min(value_source_value), max(value_source_value)", "max(person_id), min(person_id)",
       "approx_count_distinct(person_id)", "avg(value_as_number)", "first(person_id)"});
  std::string sql =
      "SELECT " + columns + " FROM " + table + " WHERE (" + condition + ") AND " + other;
  if (columns.starts_with("measurement_concept_id")) sql += " GROUP BY 1 ORDER BY 1";
  switch (random() % 9) {
    case 0: return "SELECT * FROM measurement WHERE " + condition + " AND " + other;
    case 1:
      return "SELECT p.person_id, count(*) FROM person p JOIN measurement m USING (person_id) "
             "WHERE m." +
             other + " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 7";
    case 2: return "SELECT count(*) FROM note_nlp UNION ALL SELECT count(*) FROM cost";
    case 3: return "SELECT * FROM fact_relationship";
    case 4:
      return "SELECT count(*) FROM person WHERE person_id > " + std::to_string(random() % 2000);
    default: return sql;
  }
}

}  // namespace

TEST_CASE("a scope shows the persons of its perimeter in every table that leads to a person") {
  House house(1);
  Rights rights(house);
  for (const char* user : {"house", "taub"}) {
    CHECK(ask(house, rights, user, "SELECT count(*) FROM person") == "40|\n");
    CHECK(ask(house, rights, user, "SELECT count(*) FROM measurement") == "120|\n");
    CHECK(ask(house, rights, user, "SELECT count(*) FROM visit_detail WHERE care_site_id = 104") ==
          "0|\n");
    CHECK(ask(house, rights, user, "SELECT count(*) FROM note_nlp") == "40|\n");
    CHECK(ask(house, rights, user, "SELECT count(*) FROM cost") == "40|\n");
    CHECK(ask(house, rights, user, "SELECT count(*) FROM fact_relationship") == "40|\n");
    CHECK(ask(house, rights, user,
              "WITH m AS (SELECT * FROM measurement) SELECT count(*) FROM m a, "
              "(SELECT max(person_id) AS p FROM person) WHERE a.person_id = p") == "3|\n");
  }
}

TEST_CASE("columns that name are shown to a caregiver alone") {
  House house(1);
  Rights rights(house);
  CHECK(ask(house, rights, "house",
            "SELECT count(day_of_birth), max(year_of_birth) > 1900 FROM "
            "person") == "40|1|\n");
  CHECK(ask(house, rights, "taub",
            "SELECT count(day_of_birth), max(year_of_birth) > 1900 FROM "
            "person") == "0|1|\n");
  CHECK(ask(house, rights, "house", "SELECT count(note_text) FROM note") == "40|\n");
  CHECK(ask(house, rights, "taub", "SELECT count(note_text) FROM note") == "0|\n");
}

TEST_CASE("who may only count reads no row") {
  House house(1);
  Rights rights(house);
  CHECK(ask(house, rights, "kutner", "SELECT count(*) FROM person") ==
        "error: this scope allows protected counts only");
  Open opened = open(house, rights, "kutner");
  CHECK(must(opened.session->persons_of_user_sql("SELECT person_id FROM measurement")).size() ==
        40);
  // Whether a statement failed would tell of a row: only what cannot fail is run.
  for (const char* sql :
       {"SELECT i AS person_id FROM range(2000) t(i)",
        "SELECT person_id FROM person WHERE CAST(gender_source_value AS INTEGER) = 1",
        "SELECT CASE WHEN year_of_birth > 1900 THEN error('x') ELSE person_id END AS person_id "
        "FROM person"}) {
    INFO(sql);
    Open tried = open(house, rights, "kutner");
    CHECK(tried.session->persons_of_user_sql(sql).error().code == Code::Refused);
  }
  Open texts = open(house, rights, "kutner");
  CHECK(must(texts.session->persons_of_user_sql("SELECT gender_source_value AS person_id FROM "
                                                "person"))
            .empty());
}

TEST_CASE("what asks for rows nobody asked for is refused under a scope") {
  House house(1);
  Rights rights(house);
  for (const char* sql : {"SELECT stats(value_as_concept_id) FROM measurement LIMIT 1",
                          "SELECT * FROM measurement TABLESAMPLE 5 ROWS", "SELECT eds_sees(17)",
                          "SELECT * FROM read_parquet('x')", "SELECT * FROM eds_sees"}) {
    INFO(sql);
    CHECK(ask(house, rights, "taub", sql).starts_with("error: "));
  }
}

TEST_CASE("a person outside the scope is a person who is not there") {
  House house(1);
  Rights rights(house);
  Open opened = open(house, rights, "house");
  CHECK(must(read_patient(*opened.session, 1010)).measurements.size() == 3);
  // Some of these stand in the lake, most do not.
  for (std::int64_t id = 1; id < 80; ++id) {
    const Result<Patient> read = read_patient(*opened.session, id);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().message == "no such person in this release: " + std::to_string(id));
  }
}

TEST_CASE("what is outside the view changes no byte of any answer") {
  const char* wanted = std::getenv("EDS_INTERFERENCE_CASES");
  const int cases = wanted == nullptr ? 60 : std::atoi(wanted);
  for (int seed = 0; seed < cases; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 100);
    static House one(11);
    static House other(22);
    static Rights first(one);
    static Rights second(other);
    const std::string user = random() % 2 == 0 ? "house" : "taub";
    const std::string sql = random_sql(random);
    INFO(user << ": " << sql);
    CHECK(ask(one, first, user, sql) == ask(other, second, user, sql));
    if (seed % 10 != 0) continue;
    Open here = open(one, first, user);
    Open there = open(other, second, user);
    Labels labels_here = must(Labels::open(*here.session));
    Labels labels_there = must(Labels::open(*there.session));
    PatientFilter filter;
    filter.today = 20'000;
    filter.limit = 5;
    filter.offset = static_cast<std::int64_t>(random() % 45);
    filter.code_prefix = random() % 2 == 0 ? "" : (random() % 2 == 0 ? "I21" : "Z99");
    CHECK(must(patient_list_json(*here.session, filter, labels_here)) ==
          must(patient_list_json(*there.session, filter, labels_there)));
    const auto view = [](engine::Session& session, Labels& labels, std::int64_t person) {
      const Result<Patient> read = read_patient(session, person);
      if (!read.ok()) return read.error().message;
      return patient_json(*read, labels, 20'000, 0);
    };
    const auto person = static_cast<std::int64_t>(random() % 2000);
    CHECK(view(*here.session, labels_here, person) == view(*there.session, labels_there, person));
  }
}

TEST_CASE("a query ends within five seconds of the right behind it") {
  House house(1);
  Rights rights(house);
  Open opened = open(house, rights, "taub");
  Result<engine::Answer> answer = opened.session->query_user_sql(
      "SELECT a.person_id, b.person_id FROM measurement a, measurement b, measurement c, "
      "measurement d, measurement e");
  REQUIRE(answer.ok());
  REQUIRE(must(answer->next()).has_value());
  must(rights.store->revoke({0, "owner"}, rights.access["taub"]));
  const std::int64_t revoked = Env::posix().monotonic_us();
  std::string error;
  while (error.empty() && Env::posix().monotonic_us() - revoked < 5'000'000) {
    const Result<std::optional<duck::Chunk>> chunk = answer->next();
    if (!chunk.ok()) error = chunk.error().message;
  }
  CHECK(error == "the rights behind this query ended while it ran");
  CHECK(text_of(opened.session->query_user_sql("SELECT 1")).starts_with("error: "));
}

TEST_CASE("a change that takes nothing away ends nothing; an opposition ends analyses, not care") {
  House house(1);
  Rights rights(house);
  const lake::Release release = must(house.lake.catalogue().latest());
  engine::LakeStays stays(*house.lake.warehouse, release);
  const govern::Author owner{0, "owner"};
  const govern::Scope care = must(rights.governor->scope(rights.request("house"), "r1", stays));
  const govern::Scope analysis = must(rights.governor->scope(rights.request("taub"), "r1", stays));
  must(rights.store->add_user(owner, "cuddy", ""));
  CHECK(rights.governor->still_holds(care));
  CHECK(rights.governor->still_holds(analysis));
  must(rights.store->oppose(owner, 1010, "", "letter"));
  CHECK(rights.governor->still_holds(care));
  CHECK_FALSE(rights.governor->still_holds(analysis));
  CHECK(must(rights.governor->scope(rights.request("taub"), "r1", stays)).persons().count() == 39);
  must(rights.store->lift_opposition(owner, 1010, ""));
  CHECK(must(rights.governor->scope(rights.request("taub"), "r1", stays)).persons().count() == 40);
}

}  // namespace eds::care
