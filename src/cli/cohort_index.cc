// `eds cohort index build|status|drop`.
#include <fmt/format.h>

#include "cli/context.h"
#include "cli/listing.h"
#include "cli/process_cost.h"
#include "cli/progress.h"
#include "cohort/index_build.h"

namespace eds::cli {
namespace {

Result<Exit> build(const Global& global) {
  watch_interrupt();
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "cohort index"));
  ProgressBar bar("cohort index");
  cohort::BuildOptions options;
  options.on_part = [&](std::size_t done, std::size_t count) {
    bar.show(static_cast<double>(done) / static_cast<double>(count),
             fmt::format("{} of {} parts", done, count));
    return !interrupted();
  };
  const double cpu_before = cpu_seconds();
  const std::int64_t start = Env::posix().monotonic_us();
  const cohort::BuildSummary summary = TRY(cohort::build_index(context.warehouse(), scan, options));
  bar.finish();
  const double seconds = static_cast<double>(Env::posix().monotonic_us() - start) / 1e6;
  const double cpu = cpu_seconds() - cpu_before;
  TRY(context.note("cohort index", "build", govern::Outcome::Done, 0, scan.release().name));
  const double events = static_cast<double>(summary.events);
  TRY(print(fmt::format("release {}: {} parts indexed, {} were already, {} files removed\n",
                        scan.release().name, summary.parts_built, summary.parts_kept,
                        summary.files_removed)));
  if (summary.events == 0) return Exit::Done;
  TRY(
      print(fmt::format("{} events, {:.2f} bytes an event, {:.1f} s, {:.1f} CPU s, "
                        "{:.2f} M events/s a core\n",
                        summary.events, static_cast<double>(summary.bytes) / events, seconds, cpu,
                        events / cpu / 1e6)));
  return Exit::Done;
}

Result<Exit> status(const Global& global) {
  Context context = TRY(Context::open(global));
  const lake::Release release = TRY(context.warehouse().catalogue().release(global.release));
  Listing listing({"table", "parts", "ready", "damaged", "events", "bytes"});
  bool is_damaged = false;
  for (const cohort::IndexedTable& table :
       TRY(cohort::index_status(context.warehouse(), release.id))) {
    listing.add({table.table, static_cast<std::int64_t>(table.parts),
                 static_cast<std::int64_t>(table.ready), static_cast<std::int64_t>(table.damaged),
                 static_cast<std::int64_t>(table.events), static_cast<std::int64_t>(table.bytes)});
    is_damaged = is_damaged || table.damaged > 0;
  }
  TRY(listing.print(global.format));
  return is_damaged ? Exit::Rejects : Exit::Done;
}

Result<Exit> drop(const Global& global) {
  Context context = TRY(Context::open(global));
  TRY(context.scan(global, "cohort index"));  // Refused to whoever is not the owner, and audited.
  TRY(cohort::drop_index(context.warehouse()));
  TRY(print("the cohort index is gone\n"));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_cohort_index(const Global& global, const CohortOptions& options) {
  if (!global.session.empty()) {
    return Error{Code::Refused, "the cohort index is the warehouse owner's: leave out --session"};
  }
  if (options.verb == "build") return build(global);
  return options.verb == "status" ? status(global) : drop(global);
}

}  // namespace eds::cli
