#include "lake/erasure.h"

#include <set>

#include "base/log.h"
#include "lake/loader.h"
#include "lake/part.h"
#include "model/references.h"

namespace eds::lake {
namespace {

// The table holds what of the row that `column` names is gone: (kind, id).
constexpr const char* kWorkTables =
    "CREATE TABLE gone(kind VARCHAR, id BIGINT);"
    "CREATE TABLE typed(concept_id BIGINT, word VARCHAR, kind VARCHAR);"
    "CREATE TABLE gone_places(id BIGINT)";

std::string gone_of(std::string_view kind) {
  return "(SELECT id FROM gone WHERE kind = " + duck::quote_text(kind) + ")";
}

class Eraser {
 public:
  Eraser(Warehouse& warehouse, duck::Connection& connection, std::int64_t person_id)
      : warehouse_(&warehouse),
        connection_(&connection),
        person_id_(person_id),
        person_(std::to_string(person_id)) {}

  /// Finds out what is gone. `latest` must stay the latest release until the end.
  Status prepare(const Release& latest) {
    latest_ = latest;
    TRY(connection_->execute(kWorkTables));
    TRY(connection_->execute("INSERT INTO gone VALUES ('person', " + person_ + ")"));
    for (const model::Domain& domain : model::domains()) {
      TRY(connection_->execute("INSERT INTO typed VALUES (" + std::to_string(domain.concept_id) +
                               ", " + duck::quote_text(domain.word) + ", " +
                               duck::quote_text(domain.table) + ")"));
    }
    TRY(add_field_concepts());
    for (const model::Table& table : model::tables()) {
      if (!has_person(table)) continue;
      const std::vector<DataFile> files =
          TRY(warehouse_->catalogue().files_of_person(table.name, latest.id, person_id_));
      if (files.empty()) continue;
      const std::string mine =
          " FROM (" + scan_sql(*warehouse_, table, files) + ") WHERE " + is_mine(table);
      if (table.id_column != model::kNoColumn && table.name != "person") {
        TRY(connection_->execute("INSERT INTO gone SELECT DISTINCT " +
                                 duck::quote_text(table.name) + ", " +
                                 name(table, table.id_column) + mine));
      }
      if (table.column("location_id") != model::kNoColumn) {
        TRY(connection_->execute("INSERT INTO gone_places SELECT location_id" + mine));
      }
    }
    // What hangs on the events may be named in its turn.
    for (const std::string_view dependent : {"note_nlp", "cost"}) {
      const model::Table& table = model::table(dependent);
      TRY(connection_->execute("INSERT INTO gone SELECT " + duck::quote_text(table.name) + ", " +
                               name(table, table.id_column) + " FROM (" + TRY(lake(table)) +
                               ") AS facts WHERE " + any_reference(table)));
    }
    return keep_shared_places();
  }

  Status table(const model::Table& table, NewRelease& wanted, EraseOutcome& outcome) {
    const std::string leaves = leaves_condition(table);
    std::string unlinked;
    std::string columns = "*";
    if (has_person(table)) {
      unlinked = any_reference(table);
      columns = unlinking_columns(table);
    }
    if (leaves.empty() && unlinked.empty()) return {};
    // Without a look at others' references only parts that may hold the person are opened.
    const bool only_mine = unlinked.empty() && has_person(table) && table.name != "eds_conflict";
    const std::vector<DataFile> files =
        only_mine ? TRY(warehouse_->catalogue().files_of_person(table.name, latest_.id, person_id_))
                  : TRY(warehouse_->catalogue().files(table.name, latest_.id));
    if (files.empty()) return {};
    const std::string either =
        leaves + (unlinked.empty() || leaves.empty() ? "" : " OR ") + unlinked;
    TableChange change;
    change.table = table.name;
    change.operation = "DELETE";
    ErasedTable counts;
    counts.table = table.name;
    for (const DataFile& file : TRY(hit(table, files, either))) {
      const std::string facts = "(" + scan_sql(*warehouse_, table, {file}) + ") AS facts";
      const std::string gone = leaves.empty() ? "false" : "coalesce(" + leaves + ", false)";
      const std::int64_t erased =
          TRY(connection_->query_int("SELECT count(*) FROM " + facts + " WHERE " + gone));
      const std::int64_t touched = TRY(connection_->query_int(
          "SELECT count(*) FROM " + facts + " WHERE coalesce(" + either + ", false)"));
      counts.erased_rows += erased;
      counts.unlinked_rows += touched - erased;
      change.removed.push_back(file.path);
      if (erased == file.row_count) continue;
      change.added.push_back(TRY(write_part(
          *warehouse_, *connection_, table,
          "SELECT " + columns + " FROM " + facts + " WHERE NOT " + gone + order_sql(table))));
    }
    outcome.doubtful_rows += TRY(doubtful(table));
    if (change.removed.empty()) return {};
    change.fields = TRY(fields_to_declare(warehouse_->catalogue(), table));
    wanted.changes.push_back(std::move(change));
    outcome.tables.push_back(std::move(counts));
    return {};
  }

 private:
  static bool has_person(const model::Table& table) {
    return table.person_column != model::kNoColumn && table.group != model::Group::Staging;
  }
  static std::string name(const model::Table& table, std::size_t column) {
    return duck::quote_name(table.columns[column].name);
  }
  std::string is_mine(const model::Table& table) const {
    return name(table, table.person_column) + " = " + person_;
  }
  Result<std::string> lake(const model::Table& table) {
    return scan_sql(*warehouse_, table, TRY(warehouse_->catalogue().files(table.name, latest_.id)));
  }

  // The vocabulary "CDM" names fields and tables: condition_occurrence.condition_occurrence_id.
  Status add_field_concepts() {
    std::string codes;
    for (const model::Table& table : model::tables()) {
      if (table.id_column == model::kNoColumn) continue;
      const std::string code(table.name);
      codes += (codes.empty() ? "" : ", ") + std::string("(") + duck::quote_text(code) + ", " +
               duck::quote_text(code) + "), (" +
               duck::quote_text(code + "." + std::string(table.columns[table.id_column].name)) +
               ", " + duck::quote_text(code) + ")";
    }
    return connection_->execute("INSERT INTO typed SELECT concept_id, NULL, kind FROM (" +
                                TRY(lake(model::table("concept"))) + ") JOIN (VALUES " + codes +
                                ") AS field(code, kind) ON lower(concept_code) = code "
                                "WHERE vocabulary_id = 'CDM'");
  }

  std::string reference_condition(const model::Table& table,
                                  const model::Reference& reference) const {
    const std::string column = name(table, reference.column);
    if (reference.to != nullptr) return column + " IN " + gone_of(reference.to->name);
    const std::string type = name(table, reference.type_column);
    const bool by_word = table.columns[reference.type_column].type == model::Type::Text;
    return "(" + (by_word ? "lower(" + type + ")" : type) + ", " + column + ") IN (SELECT " +
           (by_word ? "lower(word)" : "concept_id") + ", id FROM gone JOIN typed USING (kind))";
  }

  std::string any_reference(const model::Table& table) const {
    std::string condition;
    for (const model::Reference& reference : model::references(table)) {
      condition += (condition.empty() ? "" : " OR ") + std::string("coalesce(") +
                   reference_condition(table, reference) + ", false)";
    }
    return condition.empty() ? condition : "(" + condition + ")";
  }

  // Rows that go; "" when none can.
  std::string leaves_condition(const model::Table& table) const {
    if (table.name == "location") return "location_id IN (SELECT id FROM gone_places)";
    if (table.group == model::Group::Staging) return "";
    if (!has_person(table)) return any_reference(table);
    if (table.name != "eds_conflict") return is_mine(table);
    // A dispute over whose stay it is names both persons.
    return "coalesce(" + is_mine(table) + " OR (field = 'person_id' AND (kept_value = '" + person_ +
           "' OR other_value = '" + person_ + "')), false)";
  }

  // The columns of another person's row, without what it says of events that are gone.
  std::string unlinking_columns(const model::Table& table) const {
    std::string replaced;
    for (const model::Reference& reference : model::references(table)) {
      replaced += (replaced.empty() ? "" : ", ") + std::string("CASE WHEN coalesce(") +
                  reference_condition(table, reference) + ", false) THEN NULL ELSE " +
                  name(table, reference.column) + " END AS " + name(table, reference.column);
    }
    return replaced.empty() ? "*" : "* REPLACE (" + replaced + ")";
  }

  Status keep_shared_places() {
    for (const model::Table& table : model::tables()) {
      if (table.name == "location" || table.group == model::Group::Staging) continue;
      if (table.column("location_id") == model::kNoColumn) continue;
      const std::string others =
          has_person(table) ? " AND NOT coalesce(" + is_mine(table) + ", false)" : "";
      TRY(connection_->execute(
          "DELETE FROM gone_places WHERE id IS NULL OR id IN (SELECT "
          "location_id FROM (" +
          TRY(lake(table)) + ") WHERE location_id IS NOT NULL" + others + ")"));
    }
    return {};
  }

  Result<std::vector<DataFile>> hit(const model::Table& table, const std::vector<DataFile>& files,
                                    const std::string& condition) {
    std::set<std::string> paths;
    duck::Rows rows = TRY(connection_->query(
        "SELECT DISTINCT eds_file FROM (" + scan_sql(*warehouse_, table, files, true) +
        ") AS facts WHERE coalesce(" + condition + ", false)"));
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      for (std::size_t row = 0; row < chunk->row_count(); ++row) {
        paths.emplace(chunk->text_at(0, row));
      }
    }
    std::vector<DataFile> found;
    for (const DataFile& file : files) {
      if (paths.count(warehouse_->file_path(table.name, file.path)) != 0) found.push_back(file);
    }
    return found;
  }

  Result<std::int64_t> doubtful(const model::Table& table) {
    std::string condition;
    for (const model::Reference& reference : model::references(table)) {
      if (has_person(table) || reference.to != nullptr) continue;
      const std::string type = name(table, reference.type_column);
      const bool by_word = table.columns[reference.type_column].type == model::Type::Text;
      condition += (condition.empty() ? "(" : " OR (") + name(table, reference.column) +
                   " IN (SELECT id FROM gone) AND coalesce(" +
                   (by_word ? "lower(" + type +
                                  ") NOT IN (SELECT lower(word) FROM typed WHERE word "
                                  "IS NOT NULL)"
                            : type + " NOT IN (SELECT concept_id FROM typed)") +
                   ", true))";
    }
    if (condition.empty()) return std::int64_t{0};
    return connection_->query_int("SELECT count(*) FROM (" + TRY(lake(table)) + ") WHERE (" +
                                  condition + ") AND NOT " + any_reference(table));
  }

  Warehouse* warehouse_;
  duck::Connection* connection_;
  std::int64_t person_id_;
  std::string person_;
  Release latest_;
};

}  // namespace

Result<EraseOutcome> erase_person(Warehouse& warehouse, std::int64_t person_id,
                                  const std::string& actor, const Watch& watch) {
  EraseOutcome outcome;
  Catalogue& catalogue = warehouse.catalogue();
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection connection = TRY(database->connect());
  // No load may give the person new rows while the old ones are taken out.
  const Turn turn = TRY(warehouse.take_turn());
  const Release latest = TRY(catalogue.latest());
  Eraser eraser(warehouse, connection, person_id);
  TRY(eraser.prepare(latest));
  NewRelease wanted;
  wanted.actor = actor;
  wanted.note = "erasure of a person";
  wanted.base = latest.id;
  for (const model::Table& table : model::tables()) {
    TRY(tell(watch, {"erase", table.name, 0, 1}));
    TRY(eraser.table(table, wanted, outcome));
  }
  for (const Release& release : TRY(catalogue.releases())) {
    if (release.vacuumed_us == 0) outcome.releases_before.push_back(release.name);
  }
  if (!wanted.changes.empty()) outcome.release = TRY(warehouse.commit(wanted));
  log::info("lake", "erasure done", {{"release", outcome.release ? outcome.release->id : 0}});
  return outcome;
}

}  // namespace eds::lake
