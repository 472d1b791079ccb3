#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "ingest/omop/omop_csv.h"
#include "uses/quality/check.h"

namespace eds::cli {

Result<Exit> run_check(const Global& global) {
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
