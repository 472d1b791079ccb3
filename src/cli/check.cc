#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "engine/printer.h"
#include "ingest/omop/omop_csv.h"
#include "uses/quality/check.h"
#include "uses/quality/omop_report.h"

namespace eds::cli {
namespace {

using quality::CheckStatus;
using quality::OmopFinding;

std::vector<engine::PrintedColumn> omop_columns() {
  std::vector<engine::PrintedColumn> columns;
  for (const char* name : {"check_level", "check_name", "cdm_table_name", "cdm_field_name",
                           "concept_id", "unit_concept_id"}) {
    columns.push_back({name, engine::Align::Left});
  }
  for (const char* name : {"num_violated_rows", "num_denominator_rows"}) {
    columns.push_back({name, engine::Align::Right});
  }
  columns.push_back({"error", engine::Align::Left});
  for (const char* name : {"pct_violated_rows", "threshold"}) {
    columns.push_back({name, engine::Align::Right});
  }
  columns.push_back({"status", engine::Align::Left});
  columns.push_back({"reason", engine::Align::Left});
  return columns;
}

Status print_findings(const quality::OmopReport& report, engine::Format format, bool everything) {
  engine::Printer printer(format, omop_columns(), print);
  for (const OmopFinding& finding : report.findings) {
    const bool is_bad =
        finding.status == CheckStatus::Failed || finding.status == CheckStatus::Error;
    if (!everything && !is_bad) continue;
    const quality::OmopCheck& check = *finding.check;
    const quality::KindFacts& kind = quality::facts(check.kind);
    const bool is_error = finding.status == CheckStatus::Error;
    const auto text = [](const std::string& value) -> engine::Cell {
      if (value.empty()) return std::monostate();
      return std::string_view(value);
    };
    const engine::Cell cells[] = {
        kind.level,
        kind.name,
        std::string_view(check.table),
        text(check.field),
        text(check.concepts),
        std::monostate(),
        finding.violated,
        finding.denominator,
        is_error ? text(finding.reason) : std::monostate(),
        finding.fraction() * 100,
        check.threshold ? engine::Cell(*check.threshold) : std::monostate(),
        quality::status_name(finding.status),
        is_error ? std::monostate() : text(finding.reason)};
    TRY(printer.add(cells));
  }
  return printer.end();
}

Status print_sum(const quality::OmopReport& report, const std::string& release) {
  std::int64_t counts[4] = {};
  for (const OmopFinding& finding : report.findings) {
    ++counts[static_cast<std::size_t>(finding.status)];
  }
  return print(
      fmt::format("{} checks, {} passed, {} failed, {} not applicable, {} errors, release {}\n",
                  report.findings.size(), counts[0], counts[1], counts[2], counts[3], release));
}

Status write_dashboard(const quality::OmopReport& report, const Path& path) {
  const std::unique_ptr<WritableFile> file = TRY(Env::posix().create(path));
  TRY(file->append(quality::dashboard_json(report)));
  TRY(file->sync());
  return file->close();
}

Result<Exit> run_omop(const Global& global, const CheckOptions& options) {
  const engine::Format format = TRY(engine::parse_format(global.format));
  if (format == engine::Format::Arrow) {
    return Error{Code::Usage, "this command prints table, json, ndjson or csv"};
  }
  std::vector<quality::OmopCheck> own;
  if (!options.checks.empty()) own = TRY(quality::read_omop_checks(options.checks));
  const std::vector<quality::OmopCheck>& checks =
      options.checks.empty() ? quality::omop_checks() : own;
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "check"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  const quality::OmopReport report = TRY(quality::run_omop_checks(
      Env::posix(), *session, TRY(context.warehouse().catalogue().tables(scan.release().id)),
      checks));
  if (!options.dashboard.empty()) TRY(write_dashboard(report, options.dashboard));
  const bool is_table = format == engine::Format::Table;
  TRY(print_findings(report, format, options.everything || !is_table));
  if (is_table) TRY(print_sum(report, scan.release().name));
  TRY(context.note("check", "omop", govern::Outcome::Done, 0, scan.release().name));
  for (const OmopFinding& finding : report.findings) {
    if (finding.status == CheckStatus::Failed || finding.status == CheckStatus::Error) {
      return Exit::Rejects;
    }
  }
  return Exit::Done;
}

}  // namespace

Result<Exit> run_check(const Global& global, const CheckOptions& options) {
  if (options.omop) return run_omop(global, options);
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "check"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  const std::vector<quality::Finding> findings =
      TRY(quality::check(*session, TRY(context.warehouse().catalogue().tables(scan.release().id))));
  Listing listing({"table", "check", "field", "rows", "violations"});
  std::int64_t failed = 0;
  for (const quality::Finding& finding : findings) {
    if (finding.violation_count == 0) continue;
    ++failed;
    listing.add(
        {finding.table, finding.check, finding.field, finding.row_count, finding.violation_count});
  }
  TRY(listing.print(global.format));
  if (global.format == "table") {
    TRY(print(fmt::format("{} checks, {} with violations, release {}\n", findings.size(), failed,
                          scan.release().name)));
  }
  TRY(context.note("check", "", govern::Outcome::Done, 0, scan.release().name));
  return failed == 0 ? Exit::Done : Exit::Rejects;
}

Result<Exit> run_export(const Global& global, const ExportOptions& options) {
  Context context = TRY(Context::open(global));
  // The scan is asked for so that the export stands in the audit before the first byte.
  const engine::Scan scan = TRY(context.scan(global, "export"));
  TRY(context.note("export", "omop-csv", govern::Outcome::Begun, 0, scan.release().name));
  Listing listing({"table", "rows"});
  for (const ingest::omop::Exported& table : TRY(ingest::omop::export_omop_csv(
           context.warehouse(), scan.release().id, options.directory))) {
    listing.add({std::string(table.table), table.row_count});
  }
  TRY(listing.print(global.format));
  TRY(context.note("export", "omop-csv", govern::Outcome::Done, 0, scan.release().name));
  return Exit::Done;
}

}  // namespace eds::cli
