#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "synth/files.h"
#include "synth/into_warehouse.h"

namespace eds::cli {
namespace {

Result<Exit> write_out(const SynthOptions& options) {
  synth::FilesOptions files;
  files.directory = options.out;
  files.seed = options.seed;
  files.patient_count = options.patients;
  files.dirt = options.dirt;
  files.reports = options.no_reports ? synth::Include::No : synth::Include::Yes;
  ProgressBar bar("synthesising");
  const synth::FilesSummary summary =
      TRY(synth::write_files(Env::posix(), files, [&](std::uint64_t done, std::uint64_t total) {
        bar.show(static_cast<double>(done) / static_cast<double>(total),
                 fmt::format("{} patients", done));
        return !interrupted();
      }));
  bar.finish();
  TRY(print(
      fmt::format("{} patients, {} RUM, {} lab results, {} reports in {} files ({:.1f} MB), "
                  "{} planted errors: {}\n",
                  summary.patient_count, summary.rum_count, summary.lab_count, summary.report_count,
                  summary.file_count, static_cast<double>(summary.bytes) / 1e6,
                  summary.planted_count, options.out)));
  return Exit::Done;
}

Result<Exit> fill(const SynthOptions& options) {
  Global global;
  global.warehouse = options.into;
  if (!Env::posix().exists(join(options.into, "catalogue.db"))) {
    TRY(run_init(InitOptions{options.into}));
  }
  Context context = TRY(Context::open(global));
  synth::IntoOptions into;
  into.seed = options.seed;
  into.patient_count = options.patients;
  into.actor = context.actor();
  into.reports = !options.no_reports;
  TRY(context.audit().pass());
  ProgressBar bar("synthesising");
  const lake::Release release = TRY(
      synth::fill_warehouse(context.warehouse(), into, [&](const synth::IntoProgress& progress) {
        bar.show(
            static_cast<double>(progress.parts_done) / static_cast<double>(progress.part_count),
            fmt::format("{:.1f} M rows", static_cast<double>(progress.rows_done) / 1e6));
        return !interrupted();
      }));
  bar.finish();
  TRY(context.note("synth", "warehouse", govern::Outcome::Done, 0, release.name));
  TRY(print(fmt::format("release {} holds {}\n", release.name, release.note)));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_synth(const Global&, const SynthOptions& options) {
  if (options.out.empty() == options.into.empty()) {
    return Error{Code::Usage, "give --out DIR (source files) or --into WAREHOUSE, one of them"};
  }
  watch_interrupt();
  return options.out.empty() ? fill(options) : write_out(options);
}

}  // namespace eds::cli
