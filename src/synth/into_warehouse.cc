#include "synth/into_warehouse.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "duck/duck.h"
#include "lake/loader.h"
#include "lake/part.h"
#include "synth/tables.h"

namespace eds::synth {
namespace {

// Opening a part costs about 40 us for each of its row groups, so a person's rows are near only in
// parts of some dozens of groups: 2 M rows = 33 groups of 61,440.
constexpr std::uint64_t kPartRows = 2'000'000;
// Patients generated for each pull: 72 labs x 64 = two chunks of 2,048 rows.
constexpr std::uint64_t kPullPatients = 64;

struct Task {
  std::string_view table;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

class PatientRange final : public duck::RowSource {
 public:
  PatientRange(const TableGenerator& generator, const Task& task)
      : generator_(&generator), task_(task), next_(task.first) {}
  const model::Table& table() const override { return model::table(task_.table); }
  Result<bool> fill(model::RowSink& sink) override {
    if (next_ >= task_.last) return false;
    const std::uint64_t end = std::min(next_ + kPullPatients, task_.last);
    TRY(generator_->write(task_.table, next_, end, sink));
    next_ = end;
    return true;
  }

 private:
  const TableGenerator* generator_;
  Task task_;
  std::uint64_t next_;
};

// Rows a patient has on average, to size parts; being wrong costs nothing but file size.
std::uint64_t rows_of_patient(std::string_view table) {
  if (table == "measurement") return 72;
  if (table == "condition_occurrence" || table == "procedure_occurrence") return 5;
  if (table == "visit_occurrence") return 4;
  if (table == "drug_exposure") return 3;
  return table == "person" || table == "observation_period" ? 1 : 2;
}

class Work {
 public:
  Work(lake::Warehouse& warehouse, const IntoOptions& options,
       const std::function<bool(const IntoProgress&)>& on_part)
      : warehouse_(&warehouse),
        options_(&options),
        on_part_(&on_part),
        generator_(options.seed, options.patient_count, options.concepts) {
    for (std::string_view table : TableGenerator::table_names()) {
      if (table == "note" && !options.reports) continue;
      const std::uint64_t patients = std::max<std::uint64_t>(1, kPartRows / rows_of_patient(table));
      for (std::uint64_t first = 0; first < options.patient_count; first += patients) {
        tasks_.push_back({table, first, std::min(first + patients, options.patient_count)});
      }
    }
    // The longest first, so that both workers end together.
    std::stable_sort(tasks_.begin(), tasks_.end(), [](const Task& a, const Task& b) {
      return rows_of_patient(a.table) * (a.last - a.first) >
             rows_of_patient(b.table) * (b.last - b.first);
    });
    progress_.part_count = tasks_.size();
  }

  Status run() {
    std::vector<std::thread> threads;
    for (int worker = 0; worker < options_->workers; ++worker) {
      threads.emplace_back([this] {
        const Status done = work();
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!done.ok() && !failure_) failure_ = done.error();
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (failure_) return *failure_;
    return {};
  }

  Result<lake::Release> publish() {
    lake::NewRelease wanted;
    wanted.actor = options_->actor;
    wanted.note = "synthetic hospital of " + std::to_string(options_->patient_count) +
                  " patients, seed " + std::to_string(options_->seed);
    for (auto& [name, files] : parts_) {
      lake::TableChange change;
      change.table = name;
      change.added = std::move(files);
      change.fields = TRY(lake::fields_to_declare(warehouse_->catalogue(), model::table(name)));
      wanted.changes.push_back(std::move(change));
    }
    return warehouse_->commit(wanted);
  }

 private:
  Status work() {
    duck::Options engine;
    engine.threads = 1;
    engine.memory_bytes_max = std::uint64_t{2} << 30;
    const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(engine));
    while (const std::optional<Task> task = next()) {
      // A fresh connection for each part: its row source is registered under one name.
      duck::Connection connection = TRY(database->connect());
      PatientRange source(generator_, *task);
      const std::string name = "rows_" + std::to_string(task->first) + std::string(task->table);
      TRY(connection.register_source(name, source));
      lake::DataFile part = TRY(lake::write_part(*warehouse_, connection, source.table(),
                                                 "SELECT * FROM " + name + "()"));
      TRY(finish(*task, std::move(part)));
    }
    return {};
  }

  std::optional<Task> next() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failure_ || next_task_ == tasks_.size()) return std::nullopt;
    return tasks_[next_task_++];
  }

  Status finish(const Task& task, lake::DataFile part) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++progress_.parts_done;
    progress_.rows_done += part.row_count;
    if (part.row_count > 0) parts_[std::string(task.table)].push_back(std::move(part));
    if (*on_part_ && !(*on_part_)(progress_)) {
      return Error{Code::Cancelled, "stopped; the warehouse is as it was before"};
    }
    return {};
  }

  lake::Warehouse* warehouse_;
  const IntoOptions* options_;
  const std::function<bool(const IntoProgress&)>* on_part_;
  TableGenerator generator_;
  std::vector<Task> tasks_;
  std::mutex mutex_;
  std::size_t next_task_ = 0;
  IntoProgress progress_;
  std::optional<Error> failure_;
  std::map<std::string, std::vector<lake::DataFile>> parts_;
};

}  // namespace

Result<lake::Release> fill_warehouse(lake::Warehouse& warehouse, const IntoOptions& options,
                                     const std::function<bool(const IntoProgress&)>& on_part) {
  Work work(warehouse, options, on_part);
  TRY(work.run());
  return work.publish();
}

}  // namespace eds::synth
