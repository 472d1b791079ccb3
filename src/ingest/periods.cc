#include "ingest/periods.h"

#include "duck/duck.h"
#include "model/table.h"

namespace eds::ingest {
namespace {

bool has_facts(const model::Table& table) {
  const bool is_fact =
      table.group == model::Group::Clinical || table.group == model::Group::Extension;
  // A stay's row is derived; what was said of it are claims, gathered elsewhere.
  return is_fact && table.person_column != model::kNoColumn &&
         table.date_column != model::kNoColumn && table.key_column != model::kNoColumn &&
         table.name != "visit_occurrence";
}

// The column with a fact's last day, or the only one.
std::string last_day(const model::Table& table) {
  const std::string first(table.columns[table.date_column].name);
  std::string last = first;
  const std::size_t at = last.find("start");
  if (at != std::string::npos) last.replace(at, 5, "end");
  if (last == "entry_date") last = "exit_date";
  if (last == first || table.column(last) == model::kNoColumn) return duck::quote_name(first);
  return "coalesce(" + duck::quote_name(last) + ", " + duck::quote_name(first) + ")";
}

// Calls `add` with the SQL of each table's rows in the lake, when it has some.
template <class Add>
Status each_table(lake::Loader& loader, Add add) {
  for (const model::Table& table : model::tables()) {
    if (!has_facts(table) && table.name != "eds_visit_claim") continue;
    if (!TRY(loader.is_in_lake(table))) continue;
    add(table, TRY(loader.lake_sql(table)));
  }
  return {};
}

}  // namespace

Status find_bereft(lake::Loader& loader) {
  std::string rows;
  TRY(each_table(loader, [&](const model::Table&, const std::string& lake) {
    rows += (rows.empty() ? "" : " UNION ALL ") +
            std::string("SELECT person_id, eds_record_key FROM (") + lake + ")";
  }));
  if (rows.empty()) {
    return loader.connection().execute("CREATE OR REPLACE TABLE ingest_bereft(person_id BIGINT)");
  }
  return loader.connection().execute(
      "CREATE OR REPLACE TABLE ingest_bereft AS SELECT DISTINCT person_id FROM (" + rows +
      ") WHERE eds_record_key >= 0 AND eds_record_key IN (SELECT eds_record_key FROM "
      "ingest_latest) "
      "AND person_id IN (SELECT person_id FROM (" +
      TRY(loader.lake_sql(model::table("observation_period"))) + ") WHERE eds_record_key < 0)");
}

Result<std::string> facts_left_sql(lake::Loader& loader) {
  std::string rows;
  TRY(each_table(loader, [&](const model::Table& table, const std::string& lake) {
    if (!has_facts(table)) return;
    rows += (rows.empty() ? "" : " UNION ALL ") + std::string("SELECT person_id, ") +
            duck::quote_name(table.columns[table.date_column].name) + " AS first_date, " +
            last_day(table) + " AS last_date, eds_record_key FROM (" + lake + ")";
  }));
  if (rows.empty()) {
    return std::string(
        "SELECT person_id, NULL::DATE AS first_date, NULL::DATE AS last_date FROM "
        "ingest_bereft WHERE false");
  }
  return "SELECT person_id, first_date, last_date FROM (" + rows +
         ") AS fact WHERE person_id IN (SELECT person_id FROM ingest_bereft) AND first_date IS NOT "
         "NULL AND coalesce(eds_record_key, 0) >= 0 AND NOT EXISTS (SELECT 1 FROM ingest_latest "
         "WHERE ingest_latest.eds_record_key = fact.eds_record_key)";
}

}  // namespace eds::ingest
