// bench omop-check: the 2,376 checks of the Data Quality Dashboard on GiBleed, one scan a table;
// beside it the same checks as one query each, on the same DuckDB and the same files, and equal.
#include <fmt/format.h>

#include "cli/bench_list.h"
#include "cli/context.h"
#include "cli/gibleed.h"
#include "cli/process_cost.h"
#include "uses/quality/omop_report.h"
#include "uses/quality/omop_sql.h"

namespace eds::cli {
namespace {

constexpr int kRounds = 5;

std::string text_of(const Watch& watch) {
  return fmt::format("{:>8.3f} s wall {:>8.3f} CPU s", watch.wall(), watch.cpu());
}

// The CDM as plain DuckDB views over the same files.
Result<duck::Connection> plain_views(duck::Database& database, lake::Warehouse& warehouse,
                                     const std::vector<lake::TableVersion>& versions) {
  duck::Connection plain = TRY(database.connect());
  for (const model::Table& table : model::tables()) {
    bool has_rows = false;
    for (const lake::TableVersion& version : versions) {
      has_rows = has_rows || version.table == table.name;
    }
    const std::string name(table.name);
    const Path files = join(warehouse.table_directory(table.name), "*.parquet");
    TRY(plain.execute(has_rows
                          ? "CREATE VIEW " + duck::quote_name(name) +
                                " AS SELECT * FROM read_parquet(" + duck::quote_text(files) + ")"
                          : duck::create_table_sql(table, name)));
  }
  return plain;
}

// Each check by its own statement; how many of them differ from the scan.
Result<std::int64_t> one_by_one(duck::Connection& plain, const quality::OmopReport& report) {
  std::int64_t different = 0;
  for (const quality::OmopFinding& finding : report.findings) {
    duck::Rows rows = TRY(plain.query(quality::omop_sql(*finding.check)));
    const std::optional<duck::Chunk> chunk = TRY(rows.next());
    if (!chunk || chunk->row_count() != 1) {
      return Error{Code::Internal, "a check's statement gave no row"};
    }
    if (chunk->int_at(0, 0) != finding.violated || chunk->int_at(1, 0) != finding.denominator) {
      ++different;
      TRY(print(fmt::format("  differs: {} {} {}, by SQL {} {}\n",
                            quality::check_id(*finding.check), finding.violated,
                            finding.denominator, chunk->int_at(0, 0), chunk->int_at(1, 0))));
    }
  }
  return different;
}

}  // namespace

Status bench_omop_check(const Path& scratch) {
  TRY(Env::posix().make_directories(scratch));
  Context context = TRY(gibleed_warehouse(join(scratch, "gibleed")));
  const engine::Scan scan = TRY(context.scan(Global{}, "bench"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::vector<quality::OmopCheck>& checks = quality::omop_checks();
  const std::vector<lake::TableVersion> tables =
      TRY(context.warehouse().catalogue().tables(scan.release().id));
  TRY(print(fmt::format("bench omop-check: {} checks on GiBleed, {} tables with rows\n",
                        checks.size(), tables.size())));
  quality::OmopReport report;
  for (int round = 0; round < kRounds; ++round) {
    const Watch watch;
    const std::unique_ptr<engine::Session> session =
        TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
    report = TRY(quality::run_omop_checks(Env::posix(), *session, tables, checks));
    TRY(print(fmt::format("  one scan a table         {}\n", text_of(watch))));
  }
  TRY(print(fmt::format("  peak memory {:.2f} GiB\n", peak_gib())));
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open(duck::Options{}));
  duck::Connection plain = TRY(plain_views(*database, context.warehouse(), tables));
  const Watch watch;
  const std::int64_t different = TRY(one_by_one(plain, report));
  TRY(print(fmt::format("  one query a check        {}   {} of {} differ\n", text_of(watch),
                        different, checks.size())));
  TRY(print("  the R package on PostgreSQL 15, same data, two cores: 42 s (its own run)\n"));
  if (different != 0) return Error{Code::Internal, "the scan and the queries differ"};
  return {};
}

}  // namespace eds::cli
