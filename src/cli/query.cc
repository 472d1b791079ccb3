#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/counting.h"
#include "cli/progress.h"
#include "cli/project.h"
#include "engine/output.h"
#include "engine/session.h"

namespace eds::cli {
namespace {

std::string standard_input() {
  std::string text;
  char block[65536];
  std::size_t count = 0;
  while ((count = std::fread(block, 1, sizeof block, stdin)) > 0) text.append(block, count);
  return text;
}

// The persons that an answer names, for the audit: those of its column of persons, if it has one.
class PersonsShown {
 public:
  explicit PersonsShown(const std::vector<duck::ResultColumn>& columns) {
    for (std::size_t at = 0; at < columns.size(); ++at) {
      const std::string& name = columns[at].name;
      if ((name == "person_id" || name == "subject_id") && columns[at].kind == duck::Kind::Int) {
        column_ = at;
      }
    }
  }

  void see(const duck::Chunk& chunk) {
    if (!column_) return;
    for (std::size_t row = 0; row < chunk.row_count(); ++row) {
      if (chunk.is_null(*column_, row)) continue;
      const std::int64_t person = chunk.int_at(*column_, row);
      if (ids_.empty() || ids_.back() != person) ids_.push_back(person);
    }
    if (ids_.size() > sorted_max_) settle();
  }

  govern::AuditPersons persons() { return govern::AuditPersons::of(std::move(ids_)); }

 private:
  // Doubles before it sorts again, so that sorting stays a small share: 8 B for each person shown.
  void settle() {
    std::sort(ids_.begin(), ids_.end());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    sorted_max_ = std::max<std::size_t>(sorted_max_, 2 * ids_.size());
  }

  std::optional<std::size_t> column_;
  std::vector<std::int64_t> ids_;
  std::size_t sorted_max_ = std::size_t{1} << 20;
};

// The core, or a project's data store.
struct Opened {
  std::unique_ptr<lake::Warehouse> mart;
  lake::Warehouse* warehouse = nullptr;
  engine::Scan scan;
};

Result<Opened> open_rows(Context& context, const Global& global, const QueryOptions& options) {
  if (options.project.empty()) {
    return Opened{nullptr, &context.warehouse(), TRY(context.scan(global, "query"))};
  }
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  research::OpenedMart mart = TRY(research::read_mart(
      doors->doors(), TRY(context.request(global)).principal, options.project, global.release));
  lake::Warehouse* const warehouse = mart.warehouse.get();
  return Opened{std::move(mart.warehouse), warehouse, std::move(mart.scan)};
}

}  // namespace

Result<Exit> run_query(const Global& global, const QueryOptions& options) {
  const engine::Format format = TRY(engine::parse_format(global.format));
  if (options.engine != "duckdb") {
    return Error{Code::Usage, "engine is duckdb; spark is not built yet"};
  }
  Context context = TRY(Context::open(global));
  std::string sql = options.sql == "-" ? standard_input() : options.sql;
  while (!sql.empty() && (sql.back() == ';' || sql.back() == '\n' || sql.back() == ' ')) {
    sql.pop_back();
  }
  if (options.counts) return run_counting_query(context, global, sql);
  const Opened opened = TRY(open_rows(context, global, options));
  const engine::Scan& scan = opened.scan;
  engine::Budget budget;
  const Config& config = context.config();
  const std::int64_t megabytes =
      options.memory_megabytes > 0 ? options.memory_megabytes : config.memory_megabytes;
  budget.memory_bytes_max = static_cast<std::uint64_t>(megabytes) * 1'000'000;
  budget.threads = static_cast<int>(config.threads);
  budget.seconds_max = options.seconds_max < 0 ? config.query_seconds : options.seconds_max;
  watch_interrupt();
  budget.cancelled = &interrupt_flag();
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine(budget);
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(*opened.warehouse, scan, budget));

  const std::string digest = context.audit().digest(sql);
  Result<engine::Answer> answer = session->query_user_sql(sql);
  if (!answer.ok()) {
    const bool refused = answer.error().code == Code::Refused;
    TRY(context.note("query", digest, refused ? govern::Outcome::Refused : govern::Outcome::Failed,
                     0, scan.release().name));
    return std::move(answer).error();
  }
  // On disk before the first row leaves.
  TRY(context.note("query", digest, govern::Outcome::Begun, 0, scan.release().name));
  PersonsShown shown(answer->columns());
  const Result<std::int64_t> rows = engine::write_answer(
      *answer, format, print, [&](const duck::Chunk& chunk) { shown.see(chunk); });
  // The ids of a data store are no person's of the core.
  if (options.project.empty()) context.audit().is_about("", shown.persons());
  if (!rows.ok()) {
    TRY(context.note("query", digest, govern::Outcome::Failed, 0, scan.release().name));
    return rows.error();
  }
  TRY(context.note("query", digest, govern::Outcome::Done, *rows, scan.release().name));
  return Exit::Done;
}

}  // namespace eds::cli
