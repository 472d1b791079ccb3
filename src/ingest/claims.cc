#include "ingest/claims.h"

#include <algorithm>
#include <vector>

#include "duck/duck.h"
#include "format/text/encoding.h"
#include "ingest/derived_rows.h"
#include "ingest/load.h"
#include "ingest/periods.h"
#include "model/table.h"

namespace eds::ingest {
namespace {

// As the loader orders records (lake/loader.cc): a later source, then a later position, wins.
constexpr const char* kPlace = "(eds_source_id * 1099511627776 + eds_source_position)";
// Keys of derived rows are negative, those of source records are not: they never meet.
constexpr const char* kPersonKey = "(-(person_id * 8 + 1))";
constexpr const char* kVisitKey = "(-(visit_occurrence_id * 8 + 2))";
// A VALUES list longer than this only slows the SQL parser down.
constexpr std::size_t kValuesMax = 1000;
constexpr std::int64_t kIdMask = (std::int64_t{1} << 53) - 1;

std::string text_or_null(std::string_view text) {
  return text.empty() ? "NULL" : duck::quote_text(text);
}

// Codes are ASCII when they are right; the lake only takes valid UTF-8 when they are not.
std::string as_utf8(std::string_view value) {
  if (text::is_utf8(value)) return std::string(value);
  return text::to_utf8(value, text::Encoding::Windows1252).text;
}

void set_text(model::RowWriter& row, const char* column, std::string_view value) {
  if (value.empty()) return;
  if (text::is_ascii(value)) {
    row.set_text(row.table().column(column), value);
  } else {
    row.set_text(row.table().column(column), as_utf8(value));
  }
}

void set_int(model::RowWriter& row, const char* column, const std::optional<std::int64_t>& value) {
  if (value.has_value()) row.set(row.table().column(column), *value);
}

}  // namespace

Status Claims::person(const PersonClaim& claim, const Provenance& from) {
  has_claims_ = true;
  model::RowWriter& row = *TRY(load_->rows("eds_person_claim"));
  row.set(row.table().column("person_id"), claim.person);
  row.set(row.table().column("claim_rank"), static_cast<std::int64_t>(claim.rank));
  if (claim.gender != 0) set_text(row, "gender", std::string_view(&claim.gender, 1));
  set_int(row, "birth_date", claim.birth_day);
  set_int(row, "birth_year", claim.birth_year);
  set_int(row, "death_date", claim.death_day);
  if (!claim.postcode.empty()) {
    row.set(row.table().column("location_id"), TRY(location(claim.postcode)));
  }
  Load::stamp(row, from);
  return row.end_row();
}

Status Claims::visit(const VisitClaim& claim, const Provenance& from) {
  has_claims_ = true;
  model::RowWriter& row = *TRY(load_->rows("eds_visit_claim"));
  row.set(row.table().column("visit_occurrence_id"), claim.visit);
  row.set(row.table().column("person_id"), claim.person);
  row.set(row.table().column("claim_rank"), static_cast<std::int64_t>(claim.rank));
  set_int(row, "start_date", claim.start_day);
  set_int(row, "start_datetime", claim.start_us);
  set_int(row, "end_date", claim.end_day);
  set_int(row, "end_datetime", claim.end_us);
  set_text(row, "entry_mode", claim.entry_mode);
  set_text(row, "provenance", claim.provenance);
  set_text(row, "exit_mode", claim.exit_mode);
  set_text(row, "destination", claim.destination);
  set_text(row, "ghm", claim.ghm);
  if (claim.visit_concept != 0) {
    row.set(row.table().column("visit_concept_id"), claim.visit_concept);
  }
  if (claim.care_site != 0) row.set(row.table().column("care_site_id"), claim.care_site);
  Load::stamp(row, from);
  return row.end_row();
}

void Claims::saw(govern::PersonId person, std::int64_t first_day, std::int64_t last_day) {
  const auto [place, is_new] = seen_.try_emplace(person, Span{first_day, last_day});
  if (is_new) return;
  place->second.first = std::min(place->second.first, first_day);
  place->second.last = std::max(place->second.last, last_day);
}

Result<std::int64_t> Claims::care_site(std::string_view finess, std::string_view unit,
                                       std::string_view name) {
  std::string value = std::string(finess) + (unit.empty() ? "" : "|" + std::string(unit));
  const std::int64_t id = load_->identities().record_key("care_site|" + value) & kIdMask;
  Place& place = care_sites_[id];
  place.value = as_utf8(value);
  if (!name.empty()) place.name = as_utf8(name);
  return id;
}

Result<std::int64_t> Claims::location(std::string_view postcode) {
  const std::int64_t id =
      load_->identities().record_key("location|" + std::string(postcode)) & kIdMask;
  locations_[id].value = as_utf8(postcode);
  return id;
}

Status Claims::insert(std::string_view table, const std::string& columns,
                      const std::string& select) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (at < columns.size()) {
    const std::size_t end = std::min(columns.find(", ", at), columns.size());
    names.push_back(columns.substr(at, end - at));
    at = end + 2;
  }
  const std::int64_t count = TRY(append_query(load_->loader(), table, names, select));
  if (table == "eds_conflict") conflict_count_ += count;
  return {};
}

Status Claims::stage_merges(const Merges& merges) {
  duck::Connection& connection = load_->loader().connection();
  TRY(connection.execute(
      "CREATE OR REPLACE TABLE ingest_merges(absorbed BIGINT, survivor BIGINT)"));
  std::string values;
  std::size_t count = 0;
  for (const auto& [absorbed, survivor] : merges) {
    values += (values.empty() ? "(" : ",(") + std::to_string(absorbed) + "," +
              std::to_string(survivor) + ")";
    if (++count % kValuesMax != 0) continue;
    TRY(connection.execute("INSERT INTO ingest_merges VALUES " + values));
    values.clear();
  }
  if (values.empty()) return {};
  return connection.execute("INSERT INTO ingest_merges VALUES " + values);
}

Status Claims::stage_seen() {
  model::RowWriter& row = *TRY(load_->rows("eds_load_seen"));
  for (const auto& [person, span] : seen_) {
    row.set(0, person).set(1, span.first).set(2, span.last);
    TRY(row.end_row());
  }
  return {};
}

// Persons and visits whose derived rows may change: those of the staged claims, those whose former
// claims this load supersedes, those seen, and survivors.
Status Claims::gather_touched() {
  lake::Loader& loader = load_->loader();
  duck::Connection& connection = loader.connection();
  const std::string lake_persons = TRY(loader.lake_sql(model::table("eds_person_claim")));
  const std::string lake_visits = TRY(loader.lake_sql(model::table("eds_visit_claim")));
  const std::string persons = TRY(loader.staged(model::table("eds_person_claim")));
  const std::string visits = TRY(loader.staged(model::table("eds_visit_claim")));
  const std::string seen = TRY(loader.staged(model::table("eds_load_seen")));
  const std::string fed_again =
      " WHERE eds_record_key IN (SELECT eds_record_key FROM ingest_latest)";
  TRY(connection.execute(
      "CREATE OR REPLACE TABLE ingest_latest AS SELECT eds_record_key, max(place) AS place "
      "FROM load_keys GROUP BY 1"));
  TRY(find_bereft(loader));
  TRY(connection.execute(
      "CREATE OR REPLACE TABLE ingest_persons AS SELECT DISTINCT coalesce(survivor, person_id) AS "
      "person_id FROM (SELECT person_id FROM ingest_bereft UNION ALL SELECT person_id FROM " +
      persons + " UNION ALL SELECT person_id FROM " + visits + " UNION ALL SELECT person_id FROM " +
      seen + " UNION ALL SELECT survivor FROM ingest_merges UNION ALL SELECT person_id FROM (" +
      lake_persons + ")" + fed_again + " UNION ALL SELECT person_id FROM (" + lake_visits + ")" +
      fed_again + ") LEFT JOIN ingest_merges ON absorbed = person_id WHERE person_id <> 0"));
  return connection.execute(
      "CREATE OR REPLACE TABLE ingest_visits AS SELECT DISTINCT coalesce(survivor, "
      "visit_occurrence_id) AS visit_occurrence_id FROM (SELECT visit_occurrence_id FROM " +
      visits + " UNION ALL SELECT visit_occurrence_id FROM (" + lake_visits + ")" + fed_again +
      " UNION ALL SELECT survivor FROM stay_merges) "
      "LEFT JOIN stay_merges ON absorbed = visit_occurrence_id");
}

// All claims, old and new, of what is touched, as ingest_<table>; `turn` orders them, best first.
Status Claims::gather(std::string_view table) {
  lake::Loader& loader = load_->loader();
  const model::Table& claims = model::table(table);
  const std::string lake = TRY(loader.lake_sql(claims));
  const std::string staged = TRY(loader.staged(claims));
  const bool of_visits = table == "eds_visit_claim";
  const std::string stay = of_visits
                               ? ", coalesce(stay_merges.survivor, claim.visit_occurrence_id) "
                                 "AS visit_occurrence_id"
                               : "";
  const std::string stay_join =
      of_visits ? " LEFT JOIN stay_merges ON stay_merges.absorbed = claim.visit_occurrence_id" : "";
  return loader.connection().execute(
      "CREATE OR REPLACE TABLE ingest_" + std::string(table) +
      " AS SELECT * , row_number() OVER (ORDER BY claim_rank, eds_source_id DESC, "
      "eds_source_position DESC) AS turn FROM (SELECT claim.* EXCLUDE (is_staged) REPLACE "
      "(coalesce(ingest_merges.survivor, claim.person_id) AS person_id" +
      stay + ") FROM (SELECT *, false AS is_staged FROM (" + lake +
      ") UNION ALL BY NAME SELECT *, true AS is_staged FROM " + staged +
      ") AS claim LEFT JOIN ingest_merges ON ingest_merges.absorbed = claim.person_id" + stay_join +
      " "
      "LEFT JOIN ingest_latest AS latest ON latest.eds_record_key = claim.eds_record_key "
      "WHERE latest.place IS NULL OR (latest.place = -1 AND is_staged) OR latest.place = " +
      kPlace +
      ") AS settled "
      "WHERE person_id IN (SELECT person_id FROM ingest_persons)" +
      (of_visits ? " OR visit_occurrence_id IN (SELECT visit_occurrence_id FROM ingest_visits)"
                 : ""));
}

namespace {

std::string values_of(std::int64_t id, std::string_view value, std::string_view name) {
  return "(" + std::to_string(id) + "," + text_or_null(value) + "," + text_or_null(name) + ")";
}

}  // namespace

Status Claims::write_places(std::int64_t source_id) {
  lake::Loader& loader = load_->loader();
  const auto write = [&](std::string_view table, const std::unordered_map<std::int64_t, Place>& all,
                         const std::string& columns, const std::string& chosen,
                         const std::string& id, const std::string& told) -> Status {
    const std::string lake = TRY(loader.lake_sql(model::table(table)));
    std::string values;
    std::size_t count = 0;
    for (auto place = all.begin(); place != all.end(); ++place) {
      values += (values.empty() ? "" : ",");
      values += values_of(place->first, place->second.value, place->second.name);
      if (++count % kValuesMax != 0 && count != all.size()) continue;
      TRY(insert(table, columns + ", eds_source_id",
                 "SELECT " + chosen + ", " + std::to_string(source_id) + " FROM (VALUES " + values +
                     ") AS place(id, code, label) WHERE NOT EXISTS (SELECT 1 FROM (" + lake +
                     ") AS known WHERE known." + id + " = place.id AND " + told + ")"));
      values.clear();
    }
    return {};
  };
  // A unit that stays told of before its name was known gets it now.
  std::string named;
  for (const auto& [id, place] : care_sites_) {
    if (!place.name.empty()) named += (named.empty() ? "" : ",") + std::to_string(id);
  }
  TRY(write("care_site", care_sites_, "care_site_id, care_site_source_value, care_site_name",
            "id, code, label", "care_site_id",
            "(place.label IS NULL OR known.care_site_name IS NOT NULL)"));
  if (!named.empty()) {
    loader.remove_where(model::table("care_site"),
                        "care_site_name IS NULL AND care_site_id IN (" + named + ")");
  }
  return write("location", locations_, "location_id, zip, location_source_value", "id, code, code",
               "location_id", "true");
}

Status Claims::derive_persons() {
  TRY(load_->loader().connection().execute(
      "CREATE OR REPLACE TABLE ingest_best_person AS SELECT person_id, arg_min(gender, turn) AS "
      "gender, arg_min(birth_date, turn) AS birth_date, arg_min(birth_year, turn) AS birth_year, "
      "arg_min(death_date, turn) AS death_date, "
      "arg_min(location_id, turn) AS location_id, arg_min(eds_source_id, turn) AS eds_source_id, "
      "arg_min(eds_source_position, turn) AS eds_source_position, "
      "arg_min(eds_source_id, turn) FILTER (death_date IS NOT NULL) AS death_source_id, "
      "arg_min(eds_source_position, turn) FILTER (death_date IS NOT NULL) AS death_position "
      "FROM ingest_persons LEFT JOIN ingest_eds_person_claim USING (person_id) GROUP BY 1"));
  TRY(insert(
      "person",
      "person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth, birth_datetime, "
      "race_concept_id, ethnicity_concept_id, location_id, gender_source_value, eds_source_id, "
      "eds_source_position, eds_record_key",
      std::string("SELECT person_id, CASE gender WHEN 'M' THEN 8507 WHEN 'F' THEN 8532 ELSE 0 END, "
                  "coalesce(year(birth_date), birth_year), month(birth_date), day(birth_date), "
                  "CAST(birth_date AS TIMESTAMP), 0, 0, location_id, gender, eds_source_id, "
                  "eds_source_position, ") +
          kPersonKey + " FROM ingest_best_person"));
  return insert(
      "death",
      "person_id, death_date, death_type_concept_id, eds_source_id, eds_source_position, "
      "eds_record_key",
      std::string("SELECT person_id, death_date, 32817, death_source_id, death_position, ") +
          kPersonKey + " FROM ingest_best_person WHERE death_date IS NOT NULL");
}

// RUM speak of their part of the stay and observations of their own day: within these ranks the
// stay is from the first to the last; above, the latest statement is the whole stay.
Status Claims::derive_visits() {
  TRY(load_->loader().connection().execute(
      "CREATE OR REPLACE TABLE ingest_stays AS SELECT visit_occurrence_id, claim_rank, "
      "CASE WHEN claim_rank >= 3 THEN min(start_date) ELSE arg_min(start_date, turn) END AS "
      "start_date, "
      "CASE WHEN claim_rank >= 3 THEN min(start_datetime) ELSE arg_min(start_datetime, turn) END "
      "AS start_datetime, "
      "CASE WHEN claim_rank >= 3 THEN max(end_date) ELSE arg_min(end_date, turn) END AS end_date, "
      "CASE WHEN claim_rank >= 3 THEN max(end_datetime) ELSE arg_min(end_datetime, turn) END "
      "AS end_datetime, "
      "arg_min(entry_mode, start_date) AS entry_mode, arg_min(provenance, start_date) AS "
      "provenance, "
      "arg_max(exit_mode, end_date) AS exit_mode, arg_max(destination, end_date) AS destination, "
      "arg_min(visit_concept_id, start_date) AS visit_concept_id, arg_min(ghm, turn) AS ghm, "
      "arg_min(care_site_id, start_date) AS care_site_id, arg_min(person_id, turn) AS person_id, "
      "arg_min(eds_source_id, turn) AS eds_source_id, "
      "arg_min(eds_source_position, turn) AS eds_source_position "
      "FROM ingest_eds_visit_claim WHERE visit_occurrence_id IN (SELECT visit_occurrence_id FROM "
      "ingest_visits) GROUP BY 1, 2"));
  TRY(load_->loader().connection().execute(
      "CREATE OR REPLACE TABLE ingest_best_visit AS SELECT visit_occurrence_id, "
      "arg_min(person_id, claim_rank) AS person_id, arg_min(start_date, claim_rank) AS start_date, "
      "arg_min(start_datetime, claim_rank) AS start_datetime, "
      "arg_min(end_date, claim_rank) AS end_date, arg_min(end_datetime, claim_rank) AS "
      "end_datetime, "
      "arg_min(entry_mode, claim_rank) AS entry_mode, arg_min(provenance, claim_rank) AS "
      "provenance, "
      "arg_min(exit_mode, claim_rank) AS exit_mode, arg_min(destination, claim_rank) AS "
      "destination, "
      "arg_min(visit_concept_id, claim_rank) AS visit_concept_id, "
      "arg_min(care_site_id, claim_rank) AS care_site_id, min(claim_rank) AS claim_rank, "
      "arg_min(eds_source_id, claim_rank) AS eds_source_id, "
      "arg_min(eds_source_position, claim_rank) AS eds_source_position "
      "FROM ingest_stays GROUP BY 1"));
  return insert(
      "visit_occurrence",
      "visit_occurrence_id, person_id, visit_concept_id, visit_start_date, visit_start_datetime, "
      "visit_end_date, visit_end_datetime, visit_type_concept_id, care_site_id, "
      "admitted_from_source_value, discharged_to_source_value, eds_source_id, eds_source_position, "
      "eds_record_key",
      std::string(
          "SELECT visit_occurrence_id, person_id, coalesce(visit_concept_id, 0), "
          "coalesce(start_date, end_date), start_datetime, coalesce(end_date, start_date), "
          "end_datetime, CASE claim_rank WHEN 2 THEN 32818 WHEN 3 THEN 32855 WHEN 5 THEN 32855 "
          "ELSE 32817 END, "
          "care_site_id, nullif(concat(entry_mode, provenance), ''), "
          "nullif(concat(exit_mode, destination), ''), eds_source_id, eds_source_position, ") +
          kVisitKey + " FROM ingest_best_visit WHERE coalesce(start_date, end_date) IS NOT NULL");
}

// One period a person, from the first to the last fact. Whose facts this load only adds to keeps
// the former period, widened; a bereft person's is worked out again from what is left
// (ingest/periods.h).
Status Claims::derive_periods() {
  lake::Loader& loader = load_->loader();
  const std::string seen = TRY(loader.staged(model::table("eds_load_seen")));
  const std::string lake = TRY(loader.lake_sql(model::table("observation_period")));
  const std::string settle = " AS fact LEFT JOIN ingest_merges ON absorbed = fact.person_id";
  const std::string person = "coalesce(survivor, fact.person_id) AS person_id";
  return insert(
      "observation_period",
      "observation_period_id, person_id, observation_period_start_date, "
      "observation_period_end_date, period_type_concept_id, eds_source_id, eds_source_position, "
      "eds_record_key",
      std::string("SELECT person_id, person_id, min(first_date), max(last_date), 32880, "
                  "any_value(best.eds_source_id), any_value(best.eds_source_position), ") +
          kPersonKey + " FROM (SELECT " + person + ", first_date, last_date FROM " + seen + settle +
          " UNION ALL SELECT " + person +
          ", observation_period_start_date, "
          "observation_period_end_date FROM (" +
          lake + ")" + settle +
          " WHERE eds_record_key < 0 AND fact.person_id NOT IN (SELECT person_id FROM "
          "ingest_bereft)"
          " UNION ALL SELECT " +
          person + ", first_date, last_date FROM (" + TRY(facts_left_sql(loader)) + ")" + settle +
          " UNION ALL SELECT person_id, coalesce(start_date, end_date), "
          "coalesce(end_date, start_date) FROM ingest_eds_visit_claim) AS span "
          "JOIN ingest_best_person AS best USING (person_id) WHERE first_date IS NOT NULL "
          "GROUP BY person_id");
}

Status Claims::derive_conflicts() {
  const std::string columns =
      "person_id, visit_occurrence_id, field, kept_value, other_value, eds_source_id, "
      "eds_source_position, eds_record_key";
  for (const char* field : {"gender", "birth_date", "death_date"}) {
    const std::string name = field;
    TRY(insert(
        "eds_conflict", columns,
        "SELECT claim.person_id, NULL, " + duck::quote_text(name) + ", CAST(best." + name +
            " AS VARCHAR), CAST(claim." + name +
            " AS VARCHAR), min(claim.eds_source_id), arg_min(claim.eds_source_position, turn), "
            "(-(claim.person_id * 8 + 1)) FROM ingest_eds_person_claim AS claim "
            "JOIN ingest_best_person AS best USING (person_id) WHERE claim." +
            name + " <> best." + name + " GROUP BY ALL"));
  }
  for (const char* field : {"start_date", "end_date", "entry_mode", "exit_mode"}) {
    const std::string name = field;
    TRY(insert("eds_conflict", columns,
               "SELECT best.person_id, visit_occurrence_id, " + duck::quote_text(name) +
                   ", CAST(best." + name + " AS VARCHAR), CAST(stay." + name +
                   " AS VARCHAR), stay.eds_source_id, stay.eds_source_position, " + kVisitKey +
                   " FROM ingest_stays AS stay JOIN ingest_best_visit AS best "
                   "USING (visit_occurrence_id) WHERE stay.claim_rank <= 3 AND stay." +
                   name + " <> best." + name));
  }
  return insert(
      "eds_conflict", columns,
      std::string("SELECT best.person_id, visit_occurrence_id, 'person_id', "
                  "CAST(best.person_id AS VARCHAR), CAST(claim.person_id AS VARCHAR), "
                  "min(claim.eds_source_id), arg_min(claim.eds_source_position, turn), ") +
          kVisitKey +
          " FROM ingest_eds_visit_claim AS claim JOIN ingest_best_visit AS best "
          "USING (visit_occurrence_id) WHERE claim.person_id <> best.person_id "
          "GROUP BY ALL");
}

Result<bool> Claims::may_change(const Merges& merges) {
  lake::Loader& loader = load_->loader();
  if (has_claims_ || !seen_.empty() || !merges.empty() || loader.has_stay_merges()) return true;
  // Records of other kinds may take facts away.
  if (!loader.has_records()) return false;
  return loader.is_in_lake(model::table("observation_period"));
}

Result<std::int64_t> Claims::assemble(const Merges& merges, std::int64_t source_id) {
  lake::Loader& loader = load_->loader();
  if (TRY(may_change(merges))) {
    TRY(stage_seen());
    TRY(loader.settle());
    TRY(stage_merges(merges));
    TRY(gather_touched());
    TRY(gather("eds_person_claim"));
    TRY(gather("eds_visit_claim"));
    TRY(derive_persons());
    TRY(derive_visits());
    TRY(derive_periods());
    TRY(derive_conflicts());
    TRY(loader.connection().execute(
        std::string("CREATE OR REPLACE TABLE ingest_keys AS SELECT ") + kPersonKey +
        " AS eds_record_key FROM ingest_persons UNION ALL SELECT (-(absorbed * 8 + 1)) FROM "
        "ingest_merges UNION ALL SELECT " +
        kVisitKey + " FROM ingest_visits"));
    TRY(loader.supersede_keys_of("ingest_keys"));
    if (loader.has_stay_merges()) {
      TRY(loader.connection().execute(
          "CREATE OR REPLACE TABLE ingest_gone_stays AS SELECT (-(absorbed * 8 + 2)) AS "
          "eds_record_key FROM stay_merges"));
      TRY(loader.supersede_keys_of("ingest_gone_stays"));
    }
  }
  TRY(write_places(source_id));
  return conflict_count_;
}

}  // namespace eds::ingest
