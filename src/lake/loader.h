// Loader: one load on its way into a release. Rows are staged, sorted, written as parts and
// committed with all tables at once.
//
// Rows wait in memory as the chunks that readers filled; those of tables that SQL asks for, and
// those beyond a quarter of memory_bytes_max, in a DuckDB table, which spills.
//
// Invariants: nothing of a load is visible before commit() returned its release; then all of it is.
// A load that fails leaves no part behind.
// A record fed again (same record key) supersedes its former rows in every table, wherever they
// are; within one load the later place wins. Rows without a record key are only ever added. Merged
// persons have one id afterwards, and so have merged stays. Replacement is copy-on-write of the
// parts that hold such rows. Of two loads at once that bring the same record, the one that commits
// later supersedes the other, as if it had begun after it. Threads: one thread at a time; commit()
// writes tables on options.threads of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "duck/duck.h"
#include "duck/memory_rows.h"
#include "lake/catalogue.h"
#include "lake/part.h"
#include "lake/warehouse.h"
#include "model/rows.h"
#include "model/table.h"

namespace eds::lake {

struct LoaderOptions {
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
  /// A staged table becomes a part when it holds so many rows: 2 M rows of 26 columns, half of them
  /// never set = 0.3 GB, and parts of that size keep one person's rows near (decision 0001).
  std::int64_t staged_rows_max = 2'000'000;
};

/// What a load did to one table.
struct TableOutcome {
  std::string table;
  std::int64_t added_rows = 0;
  std::int64_t superseded_rows = 0;  ///< of earlier feeds, or earlier in this one
};

struct LoadOutcome {
  std::optional<Release> release;  ///< nothing when the load changed nothing
  std::vector<TableOutcome> tables;
};

class Loader {
 public:
  static Result<std::unique_ptr<Loader>> open(Warehouse& warehouse,
                                              const LoaderOptions& options = {});
  ~Loader();

  /// The writer of a table's rows; stays valid until commit().
  Result<model::RowWriter*> rows(const model::Table& table);
  /// Says that the record `key` stands at this place: its rows elsewhere are superseded, also when
  /// this place has no rows of its own (a cancellation).
  Status record(std::int64_t key, std::int64_t source_id, std::int64_t position);
  /// How many records were said so far.
  std::uint64_t record_count() const { return key_writer_->row_count(); }
  /// Gives every row of `absorbed` to `survivor`, and what names the absorbed stay to the other.
  /// They stand in the tables merges and stay_merges(absorbed, survivor) of connection().
  Status merge_person(std::int64_t absorbed, std::int64_t survivor);
  Status merge_stay(std::int64_t absorbed, std::int64_t survivor);
  /// Removes the lake's rows of `table` for which the SQL condition holds; it may read the staged
  /// tables. Staged rows stay: this is how a vocabulary is replaced.
  void remove_where(const model::Table& table, std::string condition);
  /// Writes parts of tables that hold too many staged rows, beside the calling thread. Call it now
  /// and then.
  Status relieve();
  /// Keeps every row of this table staged until commit(), for SQL over all of them.
  Status hold(const model::Table& table);

  /// For SQL over what is staged (tables named staged_<table>), after settle().
  duck::Connection& connection() { return *connection_; }
  /// Makes every row written so far visible to connection().
  Status settle();
  /// The name of the staged table, made when needed. From now on its rows are kept there.
  Result<std::string> staged(const model::Table& table);
  /// Removes the lake's rows of `table` whose record key is in the named one-column relation
  /// (a table or view of connection()), and lets the staged ones be.
  Status supersede_keys_of(const std::string& relation);
  bool has_records() const { return has_keys_; }
  bool has_stay_merges() const { return has_stay_merges_; }
  /// Sets a mark of the catalogue with the release.
  void mark(std::string name, std::int64_t value) { marks_[std::move(name)] = value; }
  /// Whether `table` has rows in the latest release.
  Result<bool> is_in_lake(const model::Table& table);
  /// Rows of `table` in the latest release, as SQL for connection().
  Result<std::string> lake_sql(const model::Table& table);

  /// Takes the turn to commit: what lake_sql() reads from here on is what commit() builds on. Rows
  /// derived from the lake must be derived after it. commit() takes it when nobody did.
  Status begin_commit();
  Result<LoadOutcome> commit(const std::string& actor, const std::string& note,
                             const std::vector<Feed>& feeds);

 private:
  struct Staged;
  struct Background;
  struct TableWork;
  /// Some: rows may be superseded by their record keys.
  enum class Keys : std::uint8_t { None, Some };
  Loader(Warehouse& warehouse, const LoaderOptions& options);
  Result<Staged*> stage(const model::Table& table);
  Status keep_in_sql(Staged& staged);
  std::string waiting_sql(const Staged& staged) const;
  /// write_part(), and remembers the part until a release names it.
  Result<DataFile> write(duck::Connection& connection, const model::Table& table,
                         const std::string& select);
  Status write_staged(Staged& staged);
  Status join_background();
  Status prepare_replacement();
  Result<std::vector<DataFile>> replaceable(const model::Table& table);
  Status write_tables(std::vector<TableWork>& tables);
  Status write_table(duck::Connection& connection, TableWork& work);
  Status write_rest(duck::Connection& connection, Staged& staged, TableWork& work);
  Status remove_in(duck::Connection& connection, const model::Table& table,
                   const std::vector<DataFile>& files, TableChange& change, TableOutcome& outcome);
  Result<std::vector<DataFile>> rewritten(duck::Connection& connection, const model::Table& table,
                                          const std::vector<DataFile>& files, Keys keys,
                                          std::vector<std::string>& gone, TableOutcome& outcome);
  /// (column, merges table) of what a merge of this load rewrites.
  std::vector<std::pair<std::string, std::string>> merged_columns(const model::Table& table) const;
  std::string settled_sql(const model::Table& table, const std::string& relation, Keys keys) const;
  Keys keys_of(const model::Table& table) const;

  Warehouse* warehouse_;
  LoaderOptions options_;
  std::unique_ptr<duck::Database> database_;
  std::optional<duck::Connection> connection_;
  std::unique_ptr<duck::MemoryTables> memory_tables_;
  std::uint64_t memory_bytes_ = 0;  ///< of rows waiting in memory, those being written included
  std::map<model::TableId, std::unique_ptr<Staged>> staged_;
  std::unique_ptr<duck::Appender> keys_;
  std::unique_ptr<model::RowWriter> key_writer_;
  std::map<model::TableId, std::string> removals_;
  std::map<std::string, std::int64_t> marks_;
  std::int64_t part_count_ = 0;
  std::mutex written_mutex_;
  std::vector<std::pair<std::string, std::string>> written_;  ///< (table, part), no release's yet
  std::unique_ptr<Background> background_;                    // After what it uses: joined first.
  Turn turn_;
  std::int64_t base_ = 0;  ///< the latest release when the turn came
  bool has_merges_ = false;
  bool has_stay_merges_ = false;
  bool has_keys_ = false;
};

/// Changes to make `table` known to the lake, when this is its first commit or it has new columns.
Result<std::optional<std::vector<delta::Field>>> fields_to_declare(Catalogue& catalogue,
                                                                   const model::Table& table);

}  // namespace eds::lake
