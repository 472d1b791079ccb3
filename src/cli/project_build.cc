#include <fmt/format.h>

#include "cli/listing.h"
#include "cli/progress.h"
#include "cli/project.h"

namespace eds::cli {

Result<Exit> build_project(Context& context, const Global& global, const ProjectOptions& options) {
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  watch_interrupt();
  ProgressBar bar("build");
  research::BuildWish wish;
  wish.principal = TRY(context.request(global)).principal;
  wish.project = options.name;
  wish.release = global.release;
  wish.budget.memory_bytes_max =
      static_cast<std::uint64_t>(context.config().memory_megabytes) * 1'000'000;
  wish.budget.threads = static_cast<int>(context.config().threads);
  wish.progress = [&](const std::string& table, std::int64_t rows) {
    bar.show(0, fmt::format("{} {} rows", table, rows));
    return !interrupted();
  };
  const research::BuiltMart built = TRY(research::build_mart(doors->doors(), wish));
  bar.finish();
  Listing listing({"table", "rows"});
  for (const research::MartTable& table : built.outcome.tables)
    listing.add({table.table, table.row_count});
  TRY(listing.print(global.format));
  if (global.format != "table") return Exit::Done;
  TRY(print(fmt::format(
      "{} holds {} persons of core release {} as its release {}; {} of the one before left\n"
      "classes of sex and year of birth: the smallest has {}, {} persons are in one below 11\n"
      "read it in place: {}\n",
      options.name, built.outcome.person_count, built.core_release, built.outcome.release.name,
      built.left_count, built.outcome.classes.smallest, built.outcome.classes.persons_below_11,
      join(research::mart_directory(context.warehouse(), options.name), "lake"))));
  return Exit::Done;
}

Result<Exit> show_removals(Context& context, const Global& global, const ProjectOptions& options) {
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  const research::Doors& through = doors->doors();
  const govern::Permit permit = TRY(through.projects->active_permit(options.name));
  const govern::UserId user = context.author().user;
  if (user != 0 && std::find(permit.users.begin(), permit.users.end(), user) == permit.users.end())
    return Error{Code::Refused, "the permit does not name you"};
  const std::unique_ptr<lake::Warehouse> mart =
      TRY(research::open_mart(Env::posix(), context.warehouse(), options.name));
  const govern::Pseudonymiser pseudonyms(TRY(through.keys->secret(options.name)), {});
  const std::vector<std::int64_t> gone =
      TRY(research::withdrawn(*mart, TRY(mart->catalogue().latest()),
                              *TRY(context.rights().state()), options.name, pseudonyms));
  TRY(context.note("project removals", options.name, govern::Outcome::Done,
                   static_cast<std::int64_t>(gone.size())));
  Listing listing({"person_id"});
  for (const std::int64_t person : gone) listing.add({person});
  TRY(listing.print(global.format));
  return Exit::Done;
}

// The key first: what it made unreadable stays so, whatever happens to the files. Asked again after
// a crash, it removes what is left.
Result<Exit> purge_project(Context& context, const ProjectOptions& options) {
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  govern::ProjectStore& store = doors->projects();
  const govern::Project project = TRY(store.find(options.name));
  if (context.author().user != 0)
    return Error{Code::Refused, "a purge is the warehouse's owner's to carry out"};
  if (project.terms.state != govern::PermitState::Purged) {
    TRY(store.take(context.author(), {options.name, govern::ProjectStep::Purge,
                                      govern::Office::Operator, options.because, 0}));
  }
  TRY(research::remove_mart(Env::posix(), context.warehouse(), options.name));
  TRY(context.note("project purge", options.name, govern::Outcome::Done));
  TRY(print(options.name + " is purged: its key is destroyed, its data store deleted\n"));
  return Exit::Done;
}

}  // namespace eds::cli
