#include <fmt/format.h>

#include <map>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"

namespace eds::cli {
namespace {

Status list(Context& context, const Global& global) {
  Listing listing({"release", "created", "by", "tags", "note"});
  for (const lake::Release& release : TRY(context.warehouse().catalogue().releases())) {
    std::string tags;
    for (const std::string& tag : release.tags) tags += (tags.empty() ? "" : ",") + tag;
    listing.add({release.name, time_text(release.created_us), release.actor, tags, release.note});
  }
  return listing.print(global.format);
}

Status show(Context& context, const Global& global, const std::string& name) {
  lake::Catalogue& catalogue = context.warehouse().catalogue();
  const lake::Release release = TRY(catalogue.release(name));
  Listing listing({"table", "version", "rows", "files", "bytes"});
  for (const lake::TableVersion& table : TRY(catalogue.tables(release.id))) {
    listing.add({table.table, table.version, table.row_count, table.file_count, table.byte_count});
  }
  return listing.print(global.format);
}

Status diff(Context& context, const Global& global, const ReleaseOptions& options) {
  lake::Catalogue& catalogue = context.warehouse().catalogue();
  const lake::Release first = TRY(catalogue.release(options.first));
  const lake::Release second = TRY(catalogue.release(options.second));
  std::map<std::string, std::pair<lake::TableVersion, lake::TableVersion>> both;
  for (const lake::TableVersion& table : TRY(catalogue.tables(first.id))) {
    both[table.table].first = table;
  }
  for (const lake::TableVersion& table : TRY(catalogue.tables(second.id))) {
    both[table.table].second = table;
  }
  Listing listing({"table", "rows_" + first.name, "rows_" + second.name, "difference"});
  for (const auto& [name, sides] : both) {
    const bool same =
        sides.first.table == sides.second.table && sides.first.version == sides.second.version;
    if (same) continue;
    const std::int64_t before = sides.first.row_count;
    const std::int64_t after = sides.second.row_count;
    listing.add({name, before, after, after - before});
  }
  return listing.print(global.format);
}

}  // namespace

Result<Exit> run_release(const Global& global, const ReleaseOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "list") {
    TRY(list(context, global));
  } else if (options.verb == "show") {
    TRY(show(context, global, options.first.empty() ? "latest" : options.first));
  } else if (options.verb == "diff") {
    TRY(diff(context, global, options));
  } else {
    lake::Catalogue& catalogue = context.warehouse().catalogue();
    const lake::Release release = TRY(catalogue.release(options.first));
    TRY(context.audit().pass());
    TRY(catalogue.tag(release.id, options.second));
    TRY(print(fmt::format("{} is now also called {}\n", release.name, options.second)));
  }
  TRY(context.note("release " + options.verb, options.first, govern::Outcome::Done));
  return Exit::Done;
}

}  // namespace eds::cli
