#include "lake/compaction.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "lake/spill.h"

namespace eds::lake {
namespace {

// So many small parts are worth a rewriting among themselves...
constexpr std::size_t kSmallPartsMin = 8;
// ... and with the large ones when they hold a quarter of their rows: each row is then rewritten
// about once each time its table has grown by a quarter.
constexpr std::int64_t kLargePerSmall = 4;

bool is_small(const DataFile& file, const CompactOptions& options) {
  return file.row_count * 2 < options.part_rows;
}

bool has_persons(const DataFile& file) {
  return file.person_min <= file.person_max;
}

// Of parts whose persons overlap, those to rewrite together. Non-person parts come as one group.
std::vector<DataFile> due_of(const std::vector<DataFile>& group, const CompactOptions& options) {
  if (group.size() < 2) return {};
  std::vector<DataFile> small;
  std::int64_t small_rows = 0;
  std::int64_t large_rows = 0;
  for (const DataFile& file : group) {
    (is_small(file, options) ? small_rows : large_rows) += file.row_count;
    if (is_small(file, options)) small.push_back(file);
  }
  const bool person = has_persons(group[0]);
  if (options.effort == Effort::Everything) return person ? group : small;
  const bool many = group.size() >= kSmallPartsMin;
  if (person && many && small_rows * kLargePerSmall >= large_rows) return group;
  if (small.size() >= kSmallPartsMin) return small;
  return {};
}

std::string literal(std::int64_t value) {
  return std::to_string(value);
}

struct Work {
  Warehouse* warehouse = nullptr;
  duck::Connection* connection = nullptr;
  const CompactOptions* options = nullptr;
};

struct Runs {
  std::vector<PersonRun> runs;
  std::int64_t null_count = 0;
};

Result<Runs> read_runs(Work& work, const model::Table& table, const std::vector<DataFile>& files) {
  std::string list;
  for (const DataFile& file : files) {
    if (!list.empty()) list += ", ";
    list += duck::quote_text(work.warehouse->file_path(table.name, file.path));
  }
  duck::Rows rows = TRY(work.connection->query(
      "SELECT TRY_CAST(stats_min_value AS BIGINT), TRY_CAST(stats_max_value AS BIGINT), "
      "num_values, coalesce(stats_null_count, num_values) FROM parquet_metadata([" +
      list +
      "]) WHERE path_in_schema = " + duck::quote_text(table.columns[table.person_column].name)));
  Runs found;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      found.null_count += chunk->int_at(3, row);
      if (chunk->is_null(0, row) || chunk->is_null(1, row)) continue;
      found.runs.push_back({chunk->int_at(0, row), chunk->int_at(1, row), chunk->int_at(2, row)});
    }
  }
  return found;
}

Status write_range(Work& work, const model::Table& table, const std::vector<DataFile>& files,
                   const std::string& where, TableChange& change) {
  DataFile part = TRY(write_part(*work.warehouse, *work.connection, table,
                                 "SELECT * FROM (" + scan_sql(*work.warehouse, table, files) +
                                     ") AS facts" + where + order_sql(table)));
  if (part.row_count > 0) change.added.push_back(std::move(part));
  return {};
}

// One target range at a time: the sort holds one part's rows, and spills beyond the memory bound.
Status rewrite_persons(Work& work, const model::Table& table, const std::vector<DataFile>& files,
                       TableChange& change) {
  const Runs found = TRY(read_runs(work, table, files));
  const std::string person = duck::quote_name(table.columns[table.person_column].name);
  const std::vector<std::int64_t> cuts = cut_persons(found.runs, work.options->part_rows);
  for (std::size_t at = 0; at <= cuts.size(); ++at) {
    std::string where = " WHERE " + person + " IS NOT NULL";
    std::vector<DataFile> touched;
    for (const DataFile& file : files) {
      const bool before = at > 0 && file.person_max <= cuts[at - 1];
      const bool after = at < cuts.size() && file.person_min > cuts[at];
      if (!before && !after) touched.push_back(file);
    }
    if (touched.empty()) continue;
    if (at > 0) where += " AND " + person + " > " + literal(cuts[at - 1]);
    if (at < cuts.size()) where += " AND " + person + " <= " + literal(cuts[at]);
    TRY(tell(work.options->watch, {"rewrite", table.name, static_cast<std::int64_t>(at),
                                   static_cast<std::int64_t>(cuts.size() + 1)}));
    TRY(write_range(work, table, touched, where, change));
  }
  if (found.null_count == 0) return {};
  return write_range(work, table, files, " WHERE " + person + " IS NULL", change);
}

Status rewrite_group(Work& work, const model::Table& table, const std::vector<DataFile>& files,
                     TableChange& change, CompactOutcome& outcome) {
  const std::size_t first = change.added.size();
  if (has_persons(files[0])) {
    TRY(rewrite_persons(work, table, files, change));
  } else {
    std::vector<DataFile> batch;
    std::int64_t row_count = 0;
    for (const DataFile& file : files) {
      if (row_count >= work.options->part_rows) {
        TRY(write_range(work, table, batch, "", change));
        batch.clear();
        row_count = 0;
      }
      batch.push_back(file);
      row_count += file.row_count;
    }
    TRY(tell(work.options->watch, {"rewrite", table.name, 0, 1}));
    TRY(write_range(work, table, batch, "", change));
  }
  std::int64_t before = 0;
  std::int64_t after = 0;
  for (const DataFile& file : files) {
    before += file.row_count;
    change.removed.push_back(file.path);
  }
  for (std::size_t at = first; at < change.added.size(); ++at) after += change.added[at].row_count;
  outcome.row_count += before;
  outcome.parts_before += static_cast<std::int64_t>(files.size());
  outcome.parts_after += static_cast<std::int64_t>(change.added.size() - first);
  if (before == after) return {};
  return Error{Code::Corrupt,
               "parts of table " + std::string(table.name) +
                   " do not hold the rows that the catalogue counts: run eds verify"};
}

void drop_parts(Warehouse& warehouse, const TableChange& change) {
  for (const DataFile& part : change.added) {
    // What cannot be removed now is an orphan that vacuum sweeps.
    static_cast<void>(warehouse.env().remove(warehouse.file_path(change.table, part.path)));
  }
}

// Takes out the tables whose parts another commit replaced while we were writing.
Status drop_overtaken(Warehouse& warehouse, NewRelease& wanted, CompactOutcome& outcome) {
  const Release latest = TRY(warehouse.catalogue().latest());
  std::vector<TableChange> staying;
  for (TableChange& change : wanted.changes) {
    std::set<std::string> present;
    for (const DataFile& file : TRY(warehouse.catalogue().files(change.table, latest.id))) {
      present.insert(file.path);
    }
    const bool whole =
        std::all_of(change.removed.begin(), change.removed.end(),
                    [&](const std::string& path) { return present.count(path) != 0; });
    if (whole) {
      staying.push_back(std::move(change));
    } else {
      drop_parts(warehouse, change);
      outcome.overtaken.push_back(change.table);
    }
  }
  wanted.changes = std::move(staying);
  return {};
}

Status rewrite_tables(Work& work, NewRelease& wanted, CompactOutcome& outcome) {
  Catalogue& catalogue = work.warehouse->catalogue();
  const Release latest = TRY(catalogue.latest());
  const std::vector<std::string>& only = work.options->tables;
  for (const TableVersion& version : TRY(catalogue.tables(latest.id))) {
    const model::Table* table = model::find_table(version.table);
    if (table == nullptr) continue;  // Written by a newer eds: not ours to rewrite.
    if (!only.empty() && std::find(only.begin(), only.end(), version.table) == only.end()) continue;
    const auto groups =
        plan_compaction(TRY(catalogue.files(version.table, latest.id)), *work.options);
    if (groups.empty()) continue;
    wanted.changes.push_back(TableChange{});
    TableChange& change = wanted.changes.back();
    change.table = version.table;
    change.operation = "OPTIMIZE";
    change.data_change = false;
    change.fields = TRY(fields_to_declare(catalogue, *table));
    for (const auto& group : groups) TRY(rewrite_group(work, *table, group, change, outcome));
  }
  return {};
}

Status publish(Warehouse& warehouse, NewRelease& wanted, CompactOutcome& outcome) {
  // Each try meets at most the commits of others since the last one.
  constexpr int kTriesMax = 5;
  for (int tries = 0; tries < kTriesMax && !wanted.changes.empty(); ++tries) {
    Result<Release> release = warehouse.commit(wanted);
    if (release.ok()) {
      outcome.release = std::move(*release);
      outcome.table_count = static_cast<std::int64_t>(wanted.changes.size());
      return {};
    }
    if (release.error().code != Code::Conflict) return release.error();
    TRY(drop_overtaken(warehouse, wanted, outcome));
  }
  if (wanted.changes.empty()) return {};
  return Error{Code::Conflict, "other commits kept replacing the parts being compacted"};
}

}  // namespace

std::vector<std::int64_t> cut_persons(const std::vector<PersonRun>& runs, std::int64_t part_rows) {
  // Rows of a run are taken as evenly spread: density steps up at its first person, down after its
  // last. Sweeping the steps, a cut falls wherever another share of the rows has gone by.
  std::map<std::int64_t, double> steps;
  double total = 0;
  for (const PersonRun& run : runs) {
    const double width = static_cast<double>(run.most - run.least) + 1;
    steps[run.least] += static_cast<double>(run.row_count) / width;
    steps[run.most + 1] -= static_cast<double>(run.row_count) / width;
    total += static_cast<double>(run.row_count);
  }
  const std::int64_t share_count = std::max<std::int64_t>(
      1, static_cast<std::int64_t>(total / static_cast<double>(part_rows) + 0.5));
  const double share = total / static_cast<double>(share_count);
  std::vector<std::int64_t> cuts;
  double density = 0;
  double passed = 0;
  for (auto step = steps.begin(); step != steps.end(); ++step) {
    density += step->second;
    const auto next = std::next(step);
    if (next == steps.end()) break;
    const double rows = density * static_cast<double>(next->first - step->first);
    while (static_cast<std::int64_t>(cuts.size()) + 1 < share_count && density > 0) {
      const double goal = share * static_cast<double>(cuts.size() + 1);
      if (passed + rows < goal) break;
      const std::int64_t persons =
          std::max<std::int64_t>(1, static_cast<std::int64_t>((goal - passed) / density + 0.5));
      // The same cut twice where one person holds more than a share: there is none inside a person.
      cuts.push_back(std::min(next->first, step->first + persons) - 1);
    }
    passed += rows;
  }
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  return cuts;
}

std::vector<std::vector<DataFile>> plan_compaction(const std::vector<DataFile>& files,
                                                   const CompactOptions& options) {
  std::vector<DataFile> sorted;
  std::vector<DataFile> without;
  for (const DataFile& file : files) (has_persons(file) ? sorted : without).push_back(file);
  std::sort(sorted.begin(), sorted.end(),
            [](const DataFile& a, const DataFile& b) { return a.person_min < b.person_min; });
  std::vector<std::vector<DataFile>> groups;
  std::int64_t most = 0;
  for (const DataFile& file : sorted) {
    const bool overlaps = !groups.empty() && file.person_min <= most;
    // Small neighbours belong together although they do not overlap.
    const bool joins =
        !groups.empty() && is_small(file, options) && is_small(groups.back().back(), options);
    if (!overlaps && !joins) groups.emplace_back();
    most = groups.back().empty() ? file.person_max : std::max(most, file.person_max);
    groups.back().push_back(file);
  }
  if (!without.empty()) groups.push_back(without);
  std::vector<std::vector<DataFile>> due;
  for (const auto& group : groups) {
    std::vector<DataFile> chosen = due_of(group, options);
    if (chosen.size() >= 2) due.push_back(std::move(chosen));
  }
  return due;
}

Result<CompactOutcome> compact(Warehouse& warehouse, const CompactOptions& options) {
  CompactOutcome outcome;
  const std::int64_t start = warehouse.env().monotonic_us();
  if (!warehouse.catalogue().latest().ok()) return outcome;
  duck::Options engine;
  engine.memory_bytes_max = options.memory_bytes_max;
  engine.threads = options.threads;
  TRY(spill_for(warehouse, "compact", engine));
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(engine));
  duck::Connection connection = TRY(database->connect());
  Work work{&warehouse, &connection, &options};
  NewRelease wanted;
  wanted.actor = options.actor;
  wanted.note = "compaction";
  Status done = rewrite_tables(work, wanted, outcome);
  if (done.ok()) done = publish(warehouse, wanted, outcome);
  // After a failed commit nobody knows whether the disk took it; an orphan is swept by vacuum
  // later.
  if (!done.ok() && !outcome.release && done.error().code != Code::Io) {
    for (const TableChange& change : wanted.changes) drop_parts(warehouse, change);
  }
  if (!done.ok()) {
    log::warning("lake", "compaction failed", {{"code", done.error().code}});
    return std::move(done).error();
  }
  log::info("lake", "compaction done",
            {{"release", outcome.release ? outcome.release->id : 0},
             {"tables", wanted.changes.size()},
             {"milliseconds", static_cast<double>(warehouse.env().monotonic_us() - start) / 1000}});
  return outcome;
}

}  // namespace eds::lake
