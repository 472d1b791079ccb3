#include "cohort/index_build.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "cohort/chunk_block.h"
#include "cohort/index_files.h"
#include "cohort/index_persons.h"
#include "cohort/loader.h"
#include "cohort/session_source.h"
#include "cohort/table_shape.h"
#include "duck/duck.h"
#include "lake/part.h"
#include "model/table.h"

namespace eds::cohort {
namespace {

constexpr std::uint64_t kWorkerMemoryBytes = std::uint64_t{1} << 30;

// One part as a table.
class PartSource final : public TableSource {
 public:
  PartSource(duck::Connection& connection, std::string rows)
      : connection_(&connection), rows_(std::move(rows)) {}

  Status read(std::string_view, const std::vector<std::string_view>& columns,
              const std::function<void(const RowBlock&)>& take) override {
    std::string list;
    for (std::string_view column : columns) {
      list += (list.empty() ? "" : ", ") + duck::quote_name(std::string(column));
    }
    duck::Rows rows = TRY(connection_->query("SELECT " + list + " FROM (" + rows_ + ")"));
    while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
      take(ChunkBlock(*chunk, rows.columns()));
    }
    return {};
  }

 private:
  duck::Connection* connection_;
  std::string rows_;
};

struct Task {
  SegmentFile file;
  std::string rows;  ///< SQL
};

bool is_sound(const SegmentFile& file) {
  return IndexSegment::open(file.path, file.origin, file.domain).ok();
}

class Building {
 public:
  Building(Env& env, std::vector<Task> tasks, const BuildOptions& options)
      : env_(&env), tasks_(std::move(tasks)), options_(&options) {}

  Result<BuildSummary> run() {
    std::vector<std::thread> threads;
    for (int worker = 0; worker < options_->threads; ++worker) {
      threads.emplace_back([this] {
        const Status done = work();
        const std::lock_guard<std::mutex> lock(mutex_);
        if (failure_.ok()) failure_ = done;
      });
    }
    for (std::thread& thread : threads) thread.join();
    TRY(failure_);
    return summary_;
  }

 private:
  Status work() {
    duck::Options engine;
    engine.threads = 1;
    engine.memory_bytes_max = kWorkerMemoryBytes;
    const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(engine));
    duck::Connection connection = TRY(database->connect());
    while (const Task* task = next()) {
      PartSource source(connection, task->rows);
      std::bitset<kFieldCount> fields;
      for (Field field : segment_fields(task->file.domain)) fields.set(index_of(field));
      RawEvents raw = TRY(read_events(source, task->file.domain, fields));
      const std::uint64_t events = raw.person_id.size();
      const std::string bytes = write_segment(task->file.origin, task->file.domain, std::move(raw));
      TRY(env_->write_durably(task->file.path, bytes));
      TRY(finish(events, bytes.size()));
    }
    return {};
  }

  const Task* next() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok() || next_ == tasks_.size()) return nullptr;
    return &tasks_[next_++];
  }

  Status finish(std::uint64_t events, std::uint64_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++summary_.parts_built;
    summary_.events += events;
    summary_.bytes += bytes;
    if (options_->on_part && !options_->on_part(summary_.parts_built, tasks_.size())) {
      return Error{Code::Cancelled, "stopped; the parts that are done stay indexed"};
    }
    return {};
  }

  Env* env_;
  std::vector<Task> tasks_;
  const BuildOptions* options_;
  std::mutex mutex_;
  std::size_t next_ = 0;
  BuildSummary summary_;
  Status failure_;
};

Status build_persons(lake::Warehouse& warehouse, const engine::Scan& scan,
                     const PersonsFile& file) {
  if (IndexPersons::open(file.path, file.origin).ok()) return {};
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(warehouse, scan, engine::Budget{}));
  SessionSource source(*session);
  Needs needs;
  needs.traits = true;
  const Store store = TRY(load_store(source, needs));
  return warehouse.env().write_durably(file.path, TRY(write_persons(file.origin, store)));
}

// Removes what no kept release needs, and what a killed build left.
Result<std::size_t> sweep(lake::Warehouse& warehouse, std::set<Path> wanted) {
  Env& env = warehouse.env();
  const Path root = index_directory(warehouse);
  wanted.insert(join(root, "lock"));
  for (Domain domain : indexed_domains()) {
    const std::string table(shape_of(domain).table);
    for (const lake::DataFile& part : TRY(warehouse.catalogue().kept_files(table))) {
      wanted.insert(join(join(root, table), std::string(base_name(part.path)) + ".events"));
    }
  }
  std::size_t removed = 0;
  const auto clear = [&](const Path& folder) -> Status {
    for (const std::string& name : TRY(env.list(folder))) {
      const Path path = join(folder, name);
      if (wanted.count(path) != 0 || TRY(env.info(path)).is_directory) continue;
      TRY(env.remove(path));
      ++removed;
    }
    return {};
  };
  TRY(clear(root));
  for (Domain domain : indexed_domains()) {
    const Path folder = join(root, shape_of(domain).table);
    if (env.exists(folder)) TRY(clear(folder));
  }
  return removed;
}

}  // namespace

Result<BuildSummary> build_index(lake::Warehouse& warehouse, const engine::Scan& scan,
                                 const BuildOptions& options) {
  if (!scan.scope().is_owner()) {
    return Error{Code::Refused, "only the warehouse's owner may build the cohort index"};
  }
  Env& env = warehouse.env();
  const Path root = index_directory(warehouse);
  TRY(env.make_directories(root));
  Result<std::unique_ptr<FileLock>> lock = env.lock(join(root, "lock"), Wait::No);
  if (!lock.ok()) return Error{Code::Unavailable, "the cohort index is being built already"};
  const std::int64_t release = scan.release().id;
  const PersonsFile persons = TRY(persons_file(warehouse, release));
  const std::size_t removed = TRY(sweep(warehouse, {persons.path}));
  TRY(build_persons(warehouse, scan, persons));
  std::vector<Task> tasks;
  std::size_t kept = 0;
  for (Domain domain : indexed_domains()) {
    const model::Table& table = model::table(shape_of(domain).table);
    for (SegmentFile& file : TRY(segment_files(warehouse, release, domain))) {
      if (is_sound(file)) {
        ++kept;
        continue;
      }
      std::string rows = lake::scan_sql(warehouse, table, {file.part});
      tasks.push_back({std::move(file), std::move(rows)});
    }
    TRY(env.make_directories(join(root, table.name)));
  }
  BuildSummary summary = TRY(Building(env, std::move(tasks), options).run());
  summary.parts_kept = kept;
  summary.files_removed = removed;
  return summary;
}

Result<std::vector<IndexedTable>> index_status(lake::Warehouse& warehouse,
                                               std::int64_t release_id) {
  Env& env = warehouse.env();
  std::vector<IndexedTable> tables;
  const PersonsFile persons = TRY(persons_file(warehouse, release_id));
  IndexedTable person;
  person.table = "person";
  person.parts = 1;
  if (const auto opened = IndexPersons::open(persons.path, persons.origin); opened.ok()) {
    person.ready = 1;
    person.bytes = (*opened)->byte_count();
  } else if (env.exists(persons.path)) {
    person.damaged = 1;
  }
  tables.push_back(person);
  for (Domain domain : indexed_domains()) {
    IndexedTable table;
    table.table = shape_of(domain).table;
    for (const SegmentFile& file : TRY(segment_files(warehouse, release_id, domain))) {
      ++table.parts;
      const auto opened = IndexSegment::open(file.path, file.origin, file.domain);
      if (!opened.ok()) {
        table.damaged += env.exists(file.path) ? 1 : 0;
        continue;
      }
      ++table.ready;
      table.events += (*opened)->event_count();
      table.bytes += (*opened)->byte_count();
    }
    if (table.parts > 0) tables.push_back(table);
  }
  return tables;
}

Status drop_index(lake::Warehouse& warehouse) {
  Env& env = warehouse.env();
  const Path root = index_directory(warehouse);
  if (!env.exists(root)) return {};
  Result<std::unique_ptr<FileLock>> lock = env.lock(join(root, "lock"), Wait::No);
  if (!lock.ok()) return Error{Code::Unavailable, "the cohort index is being built"};
  return env.remove_tree(root);
}

}  // namespace eds::cohort
