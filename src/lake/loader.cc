#include "lake/loader.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "lake/spill.h"
#include "lake/warehouse.h"
#include "model/references.h"

namespace eds::lake {
namespace {

// A place orders records: a later source beats an earlier one, then the later position. 2^40
// positions a source = 1 T lines.
constexpr std::int64_t kPlacesPerSource = std::int64_t{1} << 40;

// Rows waiting in memory take this part of a load's memory at most; sorting has the rest.
constexpr std::uint64_t kMemoryShare = 4;

std::string place_sql() {
  // A row derived for a person of whom nothing is claimed has no source: it stands nowhere.
  return "coalesce(eds_source_id * " + std::to_string(kPlacesPerSource) +
         " + eds_source_position, -2)";
}

std::string columns_sql(const model::Table& table) {
  std::string list;
  for (const model::Column& column : table.columns) {
    if (!list.empty()) list += ", ";
    list += duck::quote_name(column.name);
  }
  return list;
}

// Rows of `sorted` with all columns of the table, where the sort only carried those that this load
// ever set: half of a laboratory's 26 columns never are.
std::string widened_sql(const model::Table& table, const model::RowWriter& writer,
                        const std::string& relation) {
  std::string all;
  std::string carried;
  for (std::size_t index = 0; index < table.columns.size(); ++index) {
    const std::string name = duck::quote_name(table.columns[index].name);
    const bool is_ordering = index == 0 || index == table.person_column ||
                             index == table.date_column || index == table.id_column;
    const bool is_carried = is_ordering || writer.ever_set(index);
    if (!all.empty()) all += ", ";
    all += is_carried ? name
                      : "CAST(NULL AS " + std::string(duck::sql_type(table.columns[index].type)) +
                            ") AS " + name;
    if (!is_carried) continue;
    if (!carried.empty()) carried += ", ";
    carried += name;
  }
  return "SELECT " + all + " FROM (SELECT " + carried + " FROM (" + relation + ")" +
         order_sql(table) + ")";
}

}  // namespace

struct Loader::Staged final : model::RowSink {
  Loader* loader = nullptr;
  const model::Table* table = nullptr;
  std::string name;
  std::unique_ptr<duck::Appender> appender;
  std::shared_ptr<duck::MemoryRows> memory;
  std::unique_ptr<model::RowWriter> writer;
  std::uint64_t rows_in_parts = 0;
  std::vector<DataFile> parts;
  bool is_held = false;
  bool is_in_sql = false;  ///< SQL reads the table: rows are not kept in memory
  bool has_rows_in_sql = false;

  std::int64_t waiting_rows() const {
    return static_cast<std::int64_t>(writer->row_count() - rows_in_parts);
  }

  Status take(const model::RowChunk& chunk) override {
    if (is_in_sql || loader->memory_bytes_ >= loader->options_.memory_bytes_max / kMemoryShare) {
      has_rows_in_sql = true;
      return appender->take(chunk);
    }
    const std::uint64_t before = memory->byte_count();
    memory->add(chunk);
    loader->memory_bytes_ += memory->byte_count() - before;
    return {};
  }
};

// The part being written while the next rows are staged.
struct Loader::Background {
  Staged* staged = nullptr;
  std::uint64_t memory_bytes = 0;
  std::future<Result<DataFile>> part;
};

struct Loader::TableWork {
  const model::Table* table = nullptr;
  std::vector<DataFile> present;  ///< parts in the lake that the load may replace
  TableChange change;
  TableOutcome outcome;
};

Result<std::optional<std::vector<delta::Field>>> fields_to_declare(Catalogue& catalogue,
                                                                   const model::Table& table) {
  const std::vector<delta::Field> known = TRY(catalogue.fields(table.name));
  if (known.size() == table.columns.size()) return std::optional<std::vector<delta::Field>>();
  if (known.size() > table.columns.size()) {
    return Error{Code::Conflict, "this warehouse was written by a newer eds: table " +
                                     std::string(table.name) + " has columns unknown here"};
  }
  return std::optional<std::vector<delta::Field>>(delta_fields(table));
}

Result<std::unique_ptr<Loader>> Loader::open(Warehouse& warehouse, const LoaderOptions& options) {
  std::unique_ptr<Loader> loader(new Loader(warehouse, options));
  duck::Options engine;
  engine.memory_bytes_max = options.memory_bytes_max - options.memory_bytes_max / kMemoryShare;
  engine.threads = options.threads;
  TRY(spill_for(warehouse, "load", engine));
  loader->database_ = TRY(duck::Database::open(engine));
  loader->connection_.emplace(TRY(loader->database_->connect()));
  loader->memory_tables_ = TRY(duck::MemoryTables::open(*loader->connection_));
  const model::Table& keys = model::table("eds_load_key");
  TRY(loader->connection_->execute(duck::create_table_sql(keys, "load_keys")));
  TRY(
      loader->connection_->execute("CREATE TABLE merges(absorbed BIGINT, survivor BIGINT);"
                                   "CREATE TABLE stay_merges(absorbed BIGINT, survivor BIGINT)"));
  loader->keys_ = TRY(duck::Appender::open(*loader->connection_, keys, "load_keys"));
  loader->key_writer_ = std::make_unique<model::RowWriter>(keys, *loader->keys_);
  return loader;
}

Loader::Loader(Warehouse& warehouse, const LoaderOptions& options)
    : warehouse_(&warehouse), options_(options) {}

Loader::~Loader() {
  static_cast<void>(join_background());
  Catalogue& catalogue = warehouse_->catalogue();
  for (const auto& [table, path] : written_) {
    // After a failed commit only the catalogue knows whether it took the part. What cannot be asked
    // or removed now is an orphan that vacuum sweeps.
    const Result<bool> taken = catalogue.knows(table, path);
    if (!taken.ok() || *taken) continue;
    static_cast<void>(warehouse_->env().remove(warehouse_->file_path(table, path)));
  }
}

Result<DataFile> Loader::write(duck::Connection& connection, const model::Table& table,
                               const std::string& select) {
  Result<DataFile> part = write_part(*warehouse_, connection, table, select);
  if (part.ok() && part->row_count > 0) {
    const std::lock_guard lock(written_mutex_);
    written_.emplace_back(table.name, part->path);
  }
  return part;
}

Result<Loader::Staged*> Loader::stage(const model::Table& table) {
  std::unique_ptr<Staged>& slot = staged_[table.id];
  if (slot != nullptr) return slot.get();
  std::unique_ptr<Staged> fresh = std::make_unique<Staged>();
  fresh->loader = this;
  fresh->table = &table;
  fresh->memory = std::make_shared<duck::MemoryRows>(table);
  fresh->name = "staged_" + std::string(table.name);
  TRY(connection_->execute(duck::create_table_sql(table, fresh->name)));
  fresh->appender = TRY(duck::Appender::open(*connection_, table, fresh->name));
  fresh->writer = std::make_unique<model::RowWriter>(table, *fresh);
  slot = std::move(fresh);
  return slot.get();
}

Result<model::RowWriter*> Loader::rows(const model::Table& table) {
  return TRY(stage(table))->writer.get();
}

Result<std::string> Loader::staged(const model::Table& table) {
  Staged& staged = *TRY(stage(table));
  TRY(keep_in_sql(staged));
  return staged.name;
}

Status Loader::keep_in_sql(Staged& staged) {
  staged.is_in_sql = true;
  if (staged.memory->row_count() == 0) return {};
  for (const model::RowChunk& chunk : staged.memory->chunks()) TRY(staged.take(chunk));
  memory_bytes_ -= staged.memory->byte_count();
  staged.memory = std::make_shared<duck::MemoryRows>(*staged.table);
  return staged.appender->flush();
}

Status Loader::record(std::int64_t key, std::int64_t source_id, std::int64_t position) {
  has_keys_ = true;
  key_writer_->set(0, key).set(1, source_id * kPlacesPerSource + position);
  return key_writer_->end_row();
}

Status Loader::merge_person(std::int64_t absorbed, std::int64_t survivor) {
  has_merges_ = true;
  return connection_->execute("INSERT INTO merges VALUES (" + std::to_string(absorbed) + ", " +
                              std::to_string(survivor) + ")");
}

Status Loader::merge_stay(std::int64_t absorbed, std::int64_t survivor) {
  has_stay_merges_ = true;
  return connection_->execute("INSERT INTO stay_merges VALUES (" + std::to_string(absorbed) + ", " +
                              std::to_string(survivor) + ")");
}

std::vector<std::pair<std::string, std::string>> Loader::merged_columns(
    const model::Table& table) const {
  std::vector<std::pair<std::string, std::string>> columns;
  if (has_merges_ && table.person_column != model::kNoColumn) {
    columns.emplace_back(duck::quote_name(table.columns[table.person_column].name), "merges");
  }
  if (!has_stay_merges_) return columns;
  for (const model::Reference& reference : model::references(table)) {
    if (reference.to == nullptr || reference.to->name != "visit_occurrence") continue;
    columns.emplace_back(duck::quote_name(table.columns[reference.column].name), "stay_merges");
  }
  return columns;
}

Status Loader::settle() {
  for (auto& [id, staged] : staged_) {
    TRY(staged->writer->flush());
    TRY(staged->appender->flush());
  }
  TRY(key_writer_->flush());
  return keys_->flush();
}

Status Loader::hold(const model::Table& table) {
  Staged& staged = *TRY(stage(table));
  staged.is_held = true;
  return keep_in_sql(staged);
}

Status Loader::relieve() {
  for (auto& [id, staged] : staged_) {
    const bool is_full = staged->waiting_rows() >= options_.staged_rows_max;
    if (is_full && !staged->is_held) TRY(write_staged(*staged));
  }
  return {};
}

Status Loader::join_background() {
  if (background_ == nullptr) return {};
  const std::unique_ptr<Background> finished = std::move(background_);
  finished->part.wait();
  memory_bytes_ -= finished->memory_bytes;
  DataFile part = TRY(finished->part.get());
  if (part.row_count > 0) finished->staged->parts.push_back(std::move(part));
  return {};
}

// Rows of the table that are in no part yet, as a relation.
std::string Loader::waiting_sql(const Staged& staged) const {
  std::string sql;
  if (staged.has_rows_in_sql) sql = "SELECT * FROM " + staged.name;
  if (staged.memory->row_count() == 0) return sql.empty() ? "SELECT * FROM " + staged.name : sql;
  if (!sql.empty()) sql += " UNION ALL ";
  return sql + "SELECT * FROM " + duck::MemoryTables::relation(memory_tables_->show(staged.memory));
}

// Sets the waiting rows aside and sorts them into a part beside the loading thread; one at a time,
// so that memory holds two such tables at most.
Status Loader::write_staged(Staged& staged) {
  TRY(join_background());
  TRY(staged.writer->flush());
  TRY(staged.appender->flush());
  staged.rows_in_parts = staged.writer->row_count();
  std::string full;
  if (staged.has_rows_in_sql) {
    staged.appender.reset();
    full = staged.name + "_full" + std::to_string(++part_count_);
    TRY(connection_->execute("ALTER TABLE " + staged.name + " RENAME TO " + full));
    TRY(connection_->execute(duck::create_table_sql(*staged.table, staged.name)));
    staged.appender = TRY(duck::Appender::open(*connection_, *staged.table, staged.name));
  }
  const std::string in_memory = memory_tables_->show(staged.memory);
  std::string waiting = "SELECT * FROM " + duck::MemoryTables::relation(in_memory);
  if (!full.empty()) waiting += " UNION ALL SELECT * FROM " + full;

  const std::string select = widened_sql(*staged.table, *staged.writer, waiting);
  background_ = std::make_unique<Background>();
  background_->staged = &staged;
  background_->memory_bytes = staged.memory->byte_count();
  staged.memory = std::make_shared<duck::MemoryRows>(*staged.table);
  staged.has_rows_in_sql = false;
  background_->part =
      std::async(std::launch::async,
                 [this, &table = *staged.table, select, full, in_memory]() -> Result<DataFile> {
                   duck::Connection connection = TRY(database_->connect());
                   DataFile part = TRY(write(connection, table, select));
                   memory_tables_->hide(in_memory);
                   if (!full.empty()) TRY(connection.execute("DROP TABLE " + full));
                   return part;
                 });
  return {};
}

Result<bool> Loader::is_in_lake(const model::Table& table) {
  const std::int64_t latest = TRY(warehouse_->catalogue().latest_id());
  return !TRY(warehouse_->catalogue().files(table.name, latest)).empty();
}

Result<std::string> Loader::lake_sql(const model::Table& table) {
  std::vector<DataFile> files;
  const Result<Release> latest = warehouse_->catalogue().latest();
  if (latest.ok()) files = TRY(warehouse_->catalogue().files(table.name, latest->id));
  return scan_sql(*warehouse_, table, files);
}

Status Loader::supersede_keys_of(const std::string& relation) {
  TRY(key_writer_->flush());
  TRY(keys_->flush());
  has_keys_ = true;
  // Place -1 loses to every staged row with the same key and beats every row of the lake.
  return connection_->execute("INSERT INTO load_keys SELECT *, -1 FROM " + relation);
}

Status Loader::prepare_replacement() {
  return connection_->execute(
      "CREATE OR REPLACE TABLE latest AS SELECT eds_record_key AS record_key, max(place) AS place "
      "FROM load_keys GROUP BY 1");
}

// The rows of `relation` that stay, with the persons they have after the load's merges.
std::string Loader::settled_sql(const model::Table& table, const std::string& relation,
                                Keys keys) const {
  std::string sql = "SELECT " + columns_sql(table) + " FROM (SELECT facts.*";
  std::string replaced;
  for (const auto& [column, merges] : merged_columns(table)) {
    replaced += (replaced.empty() ? " REPLACE (" : ", ") +
                std::string("coalesce((SELECT max(survivor) FROM ") + merges +
                " WHERE absorbed = facts." + column + "), facts." + column + ") AS " + column;
  }
  if (!replaced.empty()) sql += replaced + ")";
  sql += " FROM (" + relation + ") AS facts";
  if (keys == Keys::Some) {
    sql +=
        " LEFT JOIN latest ON latest.record_key = facts.eds_record_key "
        "WHERE latest.record_key IS NULL OR latest.place = " +
        place_sql() + " OR (latest.place = -1 AND NOT facts.eds_in_lake)";
  }
  return sql + ")";
}

// Whether rows of the load or the lake may have to give way to others with their key.
Loader::Keys Loader::keys_of(const model::Table& table) const {
  return has_keys_ && table.key_column != model::kNoColumn ? Keys::Some : Keys::None;
}

Result<std::vector<DataFile>> Loader::rewritten(duck::Connection& connection,
                                                const model::Table& table,
                                                const std::vector<DataFile>& files, Keys keys,
                                                std::vector<std::string>& gone,
                                                TableOutcome& outcome) {
  std::vector<DataFile> fresh;
  if (files.empty()) return fresh;
  const bool by_key = keys == Keys::Some;
  const auto merged = merged_columns(table);
  if (!by_key && merged.empty()) return fresh;
  std::string condition = "false";
  // Only rows that stand at another place than their record's last one: a part written earlier in
  // this very load may hold nothing but last places.
  if (by_key) {
    condition +=
        " OR EXISTS (SELECT 1 FROM latest WHERE record_key = eds_record_key AND place <> " +
        place_sql() + ")";
  }
  for (const auto& [column, merges] : merged) {
    condition += " OR " + column + " IN (SELECT absorbed FROM " + merges + ")";
  }
  std::map<std::string, DataFile> by_path;
  for (const DataFile& file : files) {
    by_path[warehouse_->file_path(table.name, file.path)] = file;
  }
  std::vector<DataFile> hit;
  {
    duck::Rows rows =
        TRY(connection.query("SELECT DISTINCT eds_file FROM (" +
                             scan_sql(*warehouse_, table, files, true) + ") WHERE " + condition));
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      for (std::size_t row = 0; row < chunk->row_count(); ++row) {
        hit.push_back(by_path[std::string(chunk->text_at(0, row))]);
      }
    }
  }
  for (const DataFile& file : hit) {
    const std::string facts =
        "SELECT *, true AS eds_in_lake FROM (" + scan_sql(*warehouse_, table, {file}) + ")";
    DataFile part =
        TRY(write(connection, table, settled_sql(table, facts, keys) + order_sql(table)));
    outcome.superseded_rows += file.row_count - part.row_count;
    gone.push_back(file.path);
    if (part.row_count > 0) fresh.push_back(std::move(part));
  }
  return fresh;
}

void Loader::remove_where(const model::Table& table, std::string condition) {
  removals_[table.id] = std::move(condition);
}

Status Loader::remove_in(duck::Connection& connection, const model::Table& table,
                         const std::vector<DataFile>& files, TableChange& change,
                         TableOutcome& outcome) {
  const std::string condition = "coalesce(" + removals_.at(table.id) + ", false)";
  for (const DataFile& file : files) {
    const std::string facts = scan_sql(*warehouse_, table, {file});
    const std::int64_t hits = TRY(
        connection.query_int("SELECT count(*) FROM (" + facts + ") AS facts WHERE " + condition));
    if (hits == 0) continue;
    change.removed.push_back(file.path);
    outcome.superseded_rows += hits;
    if (hits == file.row_count) continue;
    change.added.push_back(TRY(
        write(connection, table,
              "SELECT * FROM (" + facts + ") AS facts WHERE NOT " + condition + order_sql(table))));
  }
  return {};
}

// The table's parts in the lake, when the load may change what they hold.
Result<std::vector<DataFile>> Loader::replaceable(const model::Table& table) {
  const bool by_key = keys_of(table) == Keys::Some;
  std::vector<DataFile> files;
  if (!by_key && merged_columns(table).empty() && removals_.count(table.id) == 0) return files;
  const Result<Release> latest = warehouse_->catalogue().latest();
  if (!latest.ok()) return files;
  return warehouse_->catalogue().files(table.name, latest->id);
}

Status Loader::write_rest(duck::Connection& connection, Staged& staged, TableWork& work) {
  const model::Table& table = *staged.table;
  // Rows without a key never give way: laboratories that number no result are spared the search.
  const bool has_keys = keys_of(table) == Keys::Some && staged.writer->ever_set(table.key_column);
  const Keys keys = has_keys ? Keys::Some : Keys::None;
  std::vector<std::string> gone;
  std::vector<DataFile> parts =
      TRY(rewritten(connection, table, staged.parts, keys, gone, work.outcome));
  for (const DataFile& part : staged.parts) {
    if (std::find(gone.begin(), gone.end(), part.path) == gone.end()) parts.push_back(part);
  }
  // No release ever named them, so nobody may be reading them.
  for (const std::string& path : gone) {
    TRY(warehouse_->env().remove(warehouse_->file_path(table.name, path)));
  }
  const std::int64_t waiting = staged.waiting_rows();
  if (waiting > 0) {
    DataFile part = TRY(write(
        connection, table,
        widened_sql(
            table, *staged.writer,
            settled_sql(table, "SELECT *, false AS eds_in_lake FROM (" + waiting_sql(staged) + ")",
                        keys))));
    work.outcome.superseded_rows += waiting - part.row_count;
    if (part.row_count > 0) parts.push_back(std::move(part));
  }
  for (DataFile& part : parts) {
    work.outcome.added_rows += part.row_count;
    work.change.added.push_back(std::move(part));
  }
  return {};
}

Status Loader::write_table(duck::Connection& connection, TableWork& work) {
  const model::Table& table = *work.table;
  if (removals_.count(table.id) != 0) {
    TRY(remove_in(connection, table, work.present, work.change, work.outcome));
  } else {
    work.change.added = TRY(rewritten(connection, table, work.present, keys_of(table),
                                      work.change.removed, work.outcome));
  }
  const auto found = staged_.find(table.id);
  if (found != staged_.end()) TRY(write_rest(connection, *found->second, work));
  work.change.operation = work.change.removed.empty() ? "WRITE" : "MERGE";
  return {};
}

// Tables are written side by side: of a small release, planning each table's statements takes
// longer than their rows, and DuckDB plans on one core.
Status Loader::write_tables(std::vector<TableWork>& tables) {
  std::atomic<std::size_t> next = 0;
  std::vector<Status> done(tables.size());
  const auto work = [&](duck::Connection& connection) {
    for (std::size_t at = next++; at < tables.size(); at = next++) {
      done[at] = write_table(connection, tables[at]);
    }
  };
  {
    std::vector<duck::Connection> connections;
    for (int count = 1; count < options_.threads; ++count) {
      connections.push_back(TRY(database_->connect()));
    }
    std::vector<std::jthread> threads;
    for (duck::Connection& connection : connections) {
      threads.emplace_back([&] { work(connection); });
    }
    work(*connection_);
  }
  for (const Status& status : done) TRY(status);
  return {};
}

Status Loader::begin_commit() {
  if (turn_ != nullptr) return {};
  TRY(join_background());
  turn_ = TRY(warehouse_->take_turn());
  base_ = TRY(warehouse_->catalogue().latest_id());
  return {};
}

Result<LoadOutcome> Loader::commit(const std::string& actor, const std::string& note,
                                   const std::vector<Feed>& feeds) {
  TRY(settle());
  TRY(join_background());
  TRY(begin_commit());
  TRY(prepare_replacement());
  std::vector<TableWork> tables;
  for (const model::Table& table : model::tables()) {
    if (table.group == model::Group::Staging) continue;
    TableWork work;
    work.table = &table;
    work.change.table = table.name;
    work.outcome.table = table.name;
    work.present = TRY(replaceable(table));
    if (!work.present.empty() || staged_.count(table.id) != 0) tables.push_back(std::move(work));
  }
  TRY(write_tables(tables));
  NewRelease wanted{actor, note, {}, feeds, base_, marks_};
  LoadOutcome outcome;
  for (TableWork& work : tables) {
    if (work.change.added.empty() && work.change.removed.empty()) continue;
    work.change.fields = TRY(fields_to_declare(warehouse_->catalogue(), *work.table));
    wanted.changes.push_back(std::move(work.change));
    outcome.tables.push_back(std::move(work.outcome));
  }
  if (wanted.changes.empty() && feeds.empty()) return outcome;
  outcome.release = TRY(warehouse_->commit(wanted));
  staged_.clear();
  written_.clear();
  turn_.reset();
  return outcome;
}

}  // namespace eds::lake
