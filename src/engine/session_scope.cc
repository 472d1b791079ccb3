#include "engine/session_scope.h"

#include <array>

namespace eds::engine {
namespace {

class ScopeFilter final : public duck::RowFilter {
 public:
  explicit ScopeFilter(std::shared_ptr<const govern::PersonSet> persons)
      : persons_(std::move(persons)) {}
  void keep(std::span<const std::int64_t> ids, std::span<bool> kept) const override {
    govern::PersonSet::Cursor cursor(*persons_);
    for (std::size_t row = 0; row < ids.size(); ++row) kept[row] = cursor.contains(ids[row]);
  }

 private:
  std::shared_ptr<const govern::PersonSet> persons_;
};

// OMOP domains that a fact or a cost may belong to: concept id for fact_relationship, text for
// cost. Source: OHDSI vocabulary, domain table; CDM 5.4, COST.cost_domain_id.
struct FactDomain {
  std::string_view concept_id, text, table;
};
constexpr std::array<FactDomain, 11> kDomains = {{{"8", "Visit", "visit_occurrence"},
                                                  {"", "Visit Detail", "visit_detail"},
                                                  {"10", "Procedure", "procedure_occurrence"},
                                                  {"13", "Drug", "drug_exposure"},
                                                  {"17", "Device", "device_exposure"},
                                                  {"19", "Condition", "condition_occurrence"},
                                                  {"21", "Measurement", "measurement"},
                                                  {"27", "Observation", "observation"},
                                                  {"36", "Specimen", "specimen"},
                                                  {"56", "Person", "person"},
                                                  {"5085", "Note", "note"}}};

std::string sees(std::string_view column) {
  return std::string(kSeesFunction) + "(" + duck::quote_name(column) + ")";
}

std::string in_rows(const std::string& value, const std::string& column, const std::string& rows) {
  return value + " IN (SELECT " + column + " FROM (" + rows + "))";
}

Result<std::string> rows_of_persons(const model::Table& table, const RawRows& raw) {
  return "SELECT * FROM (" + TRY(raw(table)) + ") WHERE " +
         sees(table.columns[table.person_column].name);
}

// One side of a fact relationship, or the event of a cost: kept when its row is.
Result<std::string> leads_to_kept(const std::string& domain, const std::string& id,
                                  std::string_view FactDomain::*spelling, const RawRows& raw) {
  std::string any;
  for (const FactDomain& each : kDomains) {
    const std::string_view name = each.*spelling;
    if (name.empty()) continue;
    const model::Table& table = model::table(each.table);
    const std::string key(table.columns[table.id_column].name);
    if (!any.empty()) any += " OR ";
    any += "(CAST(" + domain + " AS VARCHAR) = " + duck::quote_text(name) + " AND " +
           in_rows(id, key, TRY(rows_of_persons(table, raw))) + ")";
  }
  return "(" + any + ")";
}

Result<std::string> condition(const model::Table& table, const RawRows& raw) {
  if (table.person_column != model::kNoColumn) {
    return sees(table.columns[table.person_column].name);
  }
  if (table.group == model::Group::Vocabulary || table.group == model::Group::Provenance ||
      table.name == "care_site" || table.name == "provider") {
    return std::string("true");
  }
  if (table.name == "location") {
    return in_rows("location_id", "location_id", TRY(rows_of_persons(model::table("person"), raw)));
  }
  if (table.name == "note_nlp") {
    return in_rows("note_id", "note_id", TRY(rows_of_persons(model::table("note"), raw)));
  }
  if (table.name == "episode_event") {
    return in_rows("episode_id", "episode_id", TRY(rows_of_persons(model::table("episode"), raw)));
  }
  if (table.name == "cost") {
    return leads_to_kept("cost_domain_id", "cost_event_id", &FactDomain::text, raw);
  }
  if (table.name == "fact_relationship") {
    return TRY(leads_to_kept("domain_concept_id_1", "fact_id_1", &FactDomain::concept_id, raw)) +
           " AND " +
           TRY(leads_to_kept("domain_concept_id_2", "fact_id_2", &FactDomain::concept_id, raw));
  }
  return std::string("false");
}

std::string columns_of(const model::Table& table, const govern::ColumnMask& mask) {
  std::string list;
  for (std::size_t at = 0; at < table.columns.size(); ++at) {
    const std::string name = duck::quote_name(table.columns[at].name);
    if (!list.empty()) list += ", ";
    list += mask.shows(table, at)
                ? name
                : "CAST(NULL AS " + std::string(duck::sql_type(table.columns[at].type)) + ") AS " +
                      name;
  }
  return list;
}

// Larger than any table; the barrier and no bound.
std::string closed(std::string sql, Barrier barrier) {
  if (barrier == Barrier::Yes) sql += " LIMIT 9223372036854775807";
  return sql;
}

}  // namespace

std::shared_ptr<const duck::RowFilter> filter_of(const govern::Scope& scope) {
  return std::make_shared<const ScopeFilter>(scope.shared_persons());
}

Result<std::string> scoped_sql(const model::Table& table, const govern::Scope& scope,
                               const RawRows& raw, Barrier barrier) {
  const bool shown = scope.columns().shows_table(table);
  const std::string kept = shown ? TRY(condition(table, raw)) : std::string("false");
  std::string sql = "SELECT " + columns_of(table, scope.columns()) + " FROM (" + TRY(raw(table)) +
                    ") WHERE " + kept;
  // A semi-join gives rows in an order that rows outside the scope have a part in.
  if (kept.find(" IN (SELECT ") != std::string::npos) sql += " ORDER BY ALL";
  return closed(std::move(sql), barrier);
}

std::string masked_sql(const model::Table& table, const govern::Scope& scope,
                       const std::string& raw_rows, Barrier barrier) {
  const bool shown = scope.columns().shows_table(table);
  return closed("SELECT " + columns_of(table, scope.columns()) + " FROM (" + raw_rows + ") WHERE " +
                    (shown ? "true" : "false"),
                barrier);
}

}  // namespace eds::engine
