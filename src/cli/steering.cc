#include "cli/steering.h"

#include <fmt/format.h>

#include <set>

#include "cli/context.h"
#include "cli/listing.h"
#include "engine/session.h"
#include "govern/protected_counts.h"
#include "uses/steering/activity.h"
#include "uses/steering/store.h"

namespace eds::cli {
namespace {

Result<Exit> build(Context& context, const Global& global) {
  if (global.session.empty())
    return Error{Code::Usage, "the aggregate store is built in a session with a steering mandate"};
  const engine::Scan scan = TRY(context.scan(global, "steering", govern::Action::Count));
  if (!scan.scope().decision().is_whole)
    return Error{Code::Refused,
                 "the aggregate store asks for a mandate over the whole institution"};
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan.for_counts(), engine::Budget{}));
  const std::vector<steering::ActivityLine> lines =
      TRY(steering::read_activity(*session, govern::CountPolicy{}.threshold));
  const std::int64_t version = TRY(steering::write_activity(
      Env::posix(), context.warehouse().directory(), scan.release().name, lines));
  std::int64_t hidden = 0;
  for (const steering::ActivityLine& line : lines)
    if (line.is_hidden) ++hidden;
  TRY(
      print(fmt::format("version {} of release {}: {} lines, {} of them hidden\nread it in place: "
                        "{}\n",
                        version, scan.release().name, lines.size(), hidden,
                        steering::activity_directory(context.warehouse().directory()))));
  return Exit::Done;
}

/// The units that the session may count in; nothing: all, and their totals.
Result<std::optional<std::set<std::string>>> units_of(Context& context, const Global& global) {
  if (global.session.empty()) return std::optional<std::set<std::string>>();
  govern::Request request = TRY(context.request(global));
  request.action = govern::Action::Count;
  const govern::Decision decision = TRY(context.governor().permit(request, "aggregates"));
  if (decision.is_whole) return std::optional<std::set<std::string>>();
  std::set<std::string> units;
  for (const govern::Perimeter& each : TRY(context.rights().state())->perimeters)
    for (const govern::AllowedNode& node : decision.nodes)
      if (node.perimeter == each.id) units.insert(each.code);
  return std::optional<std::set<std::string>>(std::move(units));
}

Result<Exit> show(Context& context, const Global& global, const SteeringOptions& options) {
  const std::optional<std::set<std::string>> units = TRY(units_of(context, global));
  Listing listing({"year", "month", "unit", "stays", "persons", "mean_days", "name"});
  for (const steering::ActivityLine& line :
       TRY(steering::stored_activity(Env::posix(), context.warehouse().directory()))) {
    if (units && !units->contains(line.unit_code)) continue;
    if (options.year != 0 && line.year != options.year) continue;
    if (!options.unit.empty() && line.unit_code != options.unit) continue;
    const auto number = [&](const std::string& text) {
      return line.is_hidden ? std::string("hidden") : text;
    };
    listing.add({line.year, line.month ? std::to_string(*line.month) : "all",
                 line.unit_code.empty() ? "all" : line.unit_code,
                 number(std::to_string(line.stays)), number(std::to_string(line.persons)),
                 number(fmt::format("{:.1f}", line.mean_days)), line.unit_name});
  }
  TRY(listing.print(global.format));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_steering(const Global& global, const SteeringOptions& options) {
  Context context = TRY(Context::open(global));
  return options.verb == "build" ? build(context, global) : show(context, global, options);
}

}  // namespace eds::cli
