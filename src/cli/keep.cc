#include <fmt/format.h>

#include <cstdio>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "govern/vault.h"
#include "govern/zone_check.h"
#include "lake/backup.h"
#include "lake/compaction.h"
#include "lake/erasure.h"
#include "lake/upkeep.h"
#include "uses/research/cohort_book.h"

namespace eds::cli {
namespace {

lake::Watch watch_with(ProgressBar& bar) {
  return [&bar](const lake::Progress& progress) {
    const double total = static_cast<double>(std::max<std::int64_t>(progress.total, 1));
    bar.show(static_cast<double>(progress.done) / total,
             fmt::format("{} {}", progress.stage, progress.object));
    return !interrupted();
  };
}

Result<Exit> say_findings(const lake::VerifyOutcome& outcome) {
  TRY(print(fmt::format("{} files ({:.1f} MB), {} Delta commits: {} findings\n", outcome.file_count,
                        static_cast<double>(outcome.byte_count) / 1e6, outcome.version_count,
                        outcome.findings.size())));
  for (const std::string& finding : outcome.findings) TRY(print("  " + finding + "\n"));
  return outcome.findings.empty() ? Exit::Done : Exit::Rejects;
}

Result<Exit> compact(Context& context, const KeepOptions& options, ProgressBar& bar) {
  const Config& config = context.config();
  lake::CompactOptions wanted;
  wanted.effort = options.everything ? lake::Effort::Everything : lake::Effort::Due;
  wanted.memory_bytes_max = static_cast<std::uint64_t>(config.memory_megabytes) * 1'000'000;
  wanted.threads = static_cast<int>(config.threads);
  wanted.actor = context.actor();
  wanted.watch = watch_with(bar);
  const lake::CompactOutcome outcome = TRY(lake::compact(context.warehouse(), wanted));
  bar.finish();
  TRY(print(outcome.release ? fmt::format("release {}: {} parts of {} tables became {}\n",
                                          outcome.release->name, outcome.parts_before,
                                          outcome.table_count, outcome.parts_after)
                            : std::string("nothing to compact\n")));
  return Exit::Done;
}

Result<Exit> erase(Context& context, const KeepOptions& options, ProgressBar& bar) {
  const lake::EraseOutcome outcome = TRY(
      lake::erase_person(context.warehouse(), options.person_id, context.actor(), watch_with(bar)));
  bar.finish();
  if (!outcome.release) {
    return Error{Code::NotFound, "no rows of such a person in the latest release"};
  }
  for (const lake::ErasedTable& table : outcome.tables) {
    TRY(print(fmt::format("  {:<22} {} rows erased\n", table.table, table.erased_rows)));
    if (table.unlinked_rows > 0) {
      TRY(print(fmt::format("  {:<22} {} rows of others no longer name an event of the person\n",
                            table.table, table.unlinked_rows)));
    }
  }
  if (research::CohortBook::exists(Env::posix(), context.warehouse().directory())) {
    research::CohortBook book =
        TRY(research::CohortBook::open(Env::posix(), context.warehouse().directory()));
    const std::int64_t versions = TRY(book.forget(options.person_id));
    if (versions > 0) {
      TRY(print(
          fmt::format("  {:<22} {} versions are without the person\n", "saved cohorts", versions)));
    }
  }
  if (outcome.doubtful_rows > 0) {
    TRY(
        print(fmt::format("  {} relations or costs bear the number of an event of the person and a "
                          "type unknown here: look at them, they were left\n",
                          outcome.doubtful_rows)));
  }
  TRY(
      print(fmt::format("release {} is without the person; {} earlier releases still hold rows "
                        "until eds vacuum\n",
                        outcome.release->name, outcome.releases_before.size())));
  return Exit::Done;
}

Result<Exit> vacuum(Context& context, const KeepOptions& options, ProgressBar& bar) {
  lake::VacuumOptions wanted;
  wanted.keep_releases = options.keep_releases;
  wanted.watch = watch_with(bar);
  const lake::VacuumOutcome outcome = TRY(lake::vacuum(context.warehouse(), wanted));
  bar.finish();
  TRY(print(fmt::format("{} files deleted, {:.1f} MB\n", outcome.deleted_files,
                        static_cast<double>(outcome.deleted_bytes) / 1e6)));
  return Exit::Done;
}

Result<Exit> back_up(Context& context, const KeepOptions& options, ProgressBar& bar) {
  lake::BackupOptions wanted;
  if (!options.keys.empty()) wanted.keys_directory = options.keys;
  wanted.watch = watch_with(bar);
  const lake::BackupOutcome outcome = TRY(lake::backup(context.warehouse(), options.place, wanted));
  bar.finish();
  TRY(print(fmt::format("release {} is backed up: {} files copied ({:.1f} MB), {} there already\n",
                        outcome.release, outcome.copied_files,
                        static_cast<double>(outcome.copied_bytes) / 1e6, outcome.kept_files)));
  if (options.keys.empty()) {
    TRY(
        print("the keys were not copied: without them nobody reads identities or landing files "
              "(--keys DIR, another place)\n"));
  }
  return Exit::Done;
}

Result<Exit> verify(Context& context, const KeepOptions& options, ProgressBar& bar) {
  const lake::Depth depth = options.everything ? lake::Depth::Bytes : lake::Depth::Footers;
  const lake::VerifyOutcome outcome =
      TRY(lake::verify(context.warehouse(), depth, watch_with(bar)));
  if (depth == lake::Depth::Footers) {
    bar.finish();
    return say_findings(outcome);
  }
  const Path& directory = context.warehouse().directory();
  const std::unique_ptr<govern::Vault> vault =
      TRY(govern::Vault::open(Env::posix(), context.keys(), join(directory, "landing")));
  const govern::ZoneCheck zones =
      TRY(govern::check_zones(Env::posix(), *vault, directory, [&bar](std::int64_t files) {
        bar.show(1.0, fmt::format("landing {}", files));
        return !interrupted();
      }));
  bar.finish();
  TRY(print(fmt::format("{} landing files, {} databases: {} findings\n", zones.landing_files,
                        zones.databases, zones.findings.size())));
  for (const std::string& finding : zones.findings) TRY(print("  " + finding + "\n"));
  const Exit exit = TRY(say_findings(outcome));
  return zones.findings.empty() ? exit : Exit::Rejects;
}

}  // namespace

Result<Exit> run_restore(const KeepOptions& options) {
  watch_interrupt();
  ProgressBar bar("restore");
  std::optional<Path> keys;
  if (!options.keys.empty()) keys = options.keys;
  const lake::VerifyOutcome outcome =
      TRY(lake::restore(Env::posix(), options.place, keys, options.target, watch_with(bar)));
  bar.finish();
  if (!keys) {
    // Without its keys it has no audit to write to yet, and nobody reads its sealed stores.
    std::fprintf(stderr, "eds: restored without keys: put them in %s/keys before the first use\n",
                 options.target.c_str());
    return say_findings(outcome);
  }
  Global global;
  global.warehouse = options.target;
  Context context = TRY(Context::open(global));
  return say_findings(outcome);
}

Result<Exit> run_keep(const Global& global, const KeepOptions& options) {
  watch_interrupt();
  Context context = TRY(Context::open(global));
  ProgressBar bar(options.verb);
  TRY(context.note(options.verb, options.verb == "erase" ? std::to_string(options.person_id) : "",
                   govern::Outcome::Begun));
  Exit exit = Exit::Done;
  if (options.verb == "compact") {
    exit = TRY(compact(context, options, bar));
  } else if (options.verb == "vacuum") {
    exit = TRY(vacuum(context, options, bar));
  } else if (options.verb == "erase") {
    exit = TRY(erase(context, options, bar));
  } else if (options.verb == "backup") {
    exit = TRY(back_up(context, options, bar));
  } else {
    exit = TRY(verify(context, options, bar));
  }
  TRY(context.note(options.verb, "", govern::Outcome::Done));
  return exit;
}

}  // namespace eds::cli
