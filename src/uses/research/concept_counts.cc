#include "uses/research/concept_counts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace eds::research {
namespace {

constexpr std::int64_t kFormatVersion = 1;
// Stands for all years in the file.
constexpr std::int64_t kAllYears = -1;

struct Counted {
  std::string_view table;
  std::string_view concept_field;
  std::string_view source_field;  ///< may be empty
  std::string_view date_field;
};
constexpr std::array<Counted, 10> kCounted = {{
    {"condition_occurrence", "condition_concept_id", "condition_source_concept_id",
     "condition_start_date"},
    {"drug_exposure", "drug_concept_id", "drug_source_concept_id", "drug_exposure_start_date"},
    {"procedure_occurrence", "procedure_concept_id", "procedure_source_concept_id",
     "procedure_date"},
    {"device_exposure", "device_concept_id", "device_source_concept_id",
     "device_exposure_start_date"},
    {"measurement", "measurement_concept_id", "measurement_source_concept_id", "measurement_date"},
    {"observation", "observation_concept_id", "observation_source_concept_id", "observation_date"},
    {"visit_occurrence", "visit_concept_id", "visit_source_concept_id", "visit_start_date"},
    {"visit_detail", "visit_detail_concept_id", "visit_detail_source_concept_id",
     "visit_detail_start_date"},
    {"death", "cause_concept_id", "cause_source_concept_id", "death_date"},
    {"specimen", "specimen_concept_id", "", "specimen_date"},
}};

// Rows of (c concept, p person, y year, n records).
std::string events_sql() {
  std::string sql;
  for (const Counted& of : kCounted) {
    const auto part = [&](std::string_view field, std::string_view where) {
      if (!sql.empty()) sql += " UNION ALL ";
      sql += fmt::format(
          "SELECT {} AS c, person_id AS p, year({}) AS y, count(*) AS n FROM {} WHERE {} IS NOT "
          "NULL{} GROUP BY ALL",
          field, of.date_field, of.table, field, where);
    };
    part(of.concept_field, "");
    if (!of.source_field.empty()) {
      part(of.source_field, fmt::format(" AND {0} <> 0 AND {0} IS DISTINCT FROM {1}",
                                        of.source_field, of.concept_field));
    }
  }
  return sql;
}

// (concept, year or kAllYears, records, persons, records below, persons below)
std::string counts_sql() {
  const auto grouped = [](std::string_view concept_name, std::string_view from) {
    return fmt::format(
        "SELECT {} AS c, CASE WHEN grouping(y) = 1 THEN {} ELSE y END AS y, CAST(sum(n) AS BIGINT) "
        "AS n, count(DISTINCT p) AS p FROM {} GROUP BY GROUPING SETS (({}, y), ({}))",
        concept_name, kAllYears, from, concept_name, concept_name);
  };
  return "WITH events AS MATERIALIZED (" + events_sql() +
         "), family AS (SELECT ancestor_concept_id AS a, descendant_concept_id AS d FROM "
         "concept_ancestor UNION SELECT c, c FROM events), own AS (" +
         grouped("c", "events") + "), below AS (" +
         grouped("a", "(SELECT f.a, e.p, e.y, e.n FROM events e JOIN family f ON f.d = e.c)") +
         ") SELECT b.c, b.y, coalesce(o.n, 0), coalesce(o.p, 0), b.n, b.p FROM below b LEFT JOIN "
         "own o ON o.c = b.c AND o.y = b.y WHERE b.y IS NOT NULL";
}

Status fill(engine::Session& session, sqlite::Database& database) {
  TRY(database.execute(
      "CREATE TABLE concept_count (concept_id INTEGER NOT NULL, year INTEGER NOT NULL, records "
      "INTEGER NOT NULL, persons INTEGER NOT NULL, records_below INTEGER NOT NULL, persons_below "
      "INTEGER NOT NULL, PRIMARY KEY (concept_id, year)) WITHOUT ROWID"));
  TRY(database.execute(fmt::format("PRAGMA user_version = {}", kFormatVersion)));
  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(database));
  sqlite::Statement insert =
      TRY(database.prepare_own("INSERT INTO concept_count VALUES (?, ?, ?, ?, ?, ?)"));
  engine::Answer rows = TRY(session.query_user_sql(counts_sql()));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      insert.with();
      for (std::size_t column = 0; column < 6; ++column) insert.bind(chunk->int_at(column, row));
      TRY(insert.run());
    }
  }
  return transaction.commit();
}

// Counts of releases that cannot be read any more go.
Status forget_others(lake::Warehouse& warehouse, const Path& folder) {
  std::vector<std::string> kept;
  for (const lake::Release& release : TRY(warehouse.catalogue().releases())) {
    if (release.vacuumed_us == 0) kept.push_back("r" + std::to_string(release.id) + ".db");
  }
  for (const std::string& name : TRY(warehouse.env().list(folder))) {
    const bool is_counts = name.starts_with("r") && name.ends_with(".db");
    if (is_counts && std::find(kept.begin(), kept.end(), name) == kept.end()) {
      TRY(warehouse.env().remove(join(folder, name)));
    }
  }
  return {};
}

}  // namespace

Status ConceptCounts::may_read(const engine::Scan& scan) {
  if (scan.scope().is_owner()) return {};
  return Error{Code::Refused, "counts of concepts are the warehouse owner's"};
}

Result<ConceptCounts> ConceptCounts::of(engine::Engine& engine, lake::Warehouse& warehouse,
                                        const engine::Scan& scan, const engine::Budget& budget) {
  TRY(may_read(scan));
  Env& env = warehouse.env();
  const Path folder = join(warehouse.directory(), "derived/concepts");
  const std::string name = "r" + std::to_string(scan.release().id);
  const Path path = join(folder, name + ".db");
  if (!env.exists(path)) {
    TRY(env.make_directories(folder));
    TRY(forget_others(warehouse, folder));
    // A name of this process's own: two that count at once write the same file, one after another.
    const Path building = join(folder, fmt::format("{}.{:016x}.building", name, env.random_u64()));
    const std::unique_ptr<engine::Session> session = TRY(engine.open(warehouse, scan, budget));
    std::unique_ptr<sqlite::Database> database = TRY(sqlite::Database::open(building));
    const Status filled = fill(*session, *database);
    database.reset();
    if (!filled.ok()) {
      static_cast<void>(env.remove(building));
      return filled.error();
    }
    TRY(env.rename(building, path));
    TRY(env.sync_directory(folder));
  }
  return ConceptCounts(TRY(sqlite::Database::open(path)));
}

Result<ConceptCount> ConceptCounts::count(std::int64_t concept_id) {
  sqlite::Statement select = TRY(
      database_->prepare("SELECT records, persons, records_below, persons_below FROM concept_count "
                         "WHERE concept_id = ? AND year = ?"));
  select.with(concept_id, kAllYears);
  if (!TRY(select.step())) return ConceptCount{};
  return ConceptCount{select.int_at(0), select.int_at(1), select.int_at(2), select.int_at(3)};
}

Result<std::vector<YearCount>> ConceptCounts::years(std::int64_t concept_id) {
  sqlite::Statement select = TRY(database_->prepare(
      "SELECT year, records, persons, records_below, persons_below FROM concept_count WHERE "
      "concept_id = ? AND year <> ? ORDER BY year"));
  select.with(concept_id, kAllYears);
  std::vector<YearCount> years;
  while (TRY(select.step())) {
    years.push_back({select.int_at(0),
                     {select.int_at(1), select.int_at(2), select.int_at(3), select.int_at(4)}});
  }
  return years;
}

}  // namespace eds::research
