#include "cli/counting.h"

#include "cli/listing.h"

namespace eds::cli {

Result<bool> CountingCommand::is_needed(Context& context, const Global& global) {
  if (global.session.empty()) return false;
  const govern::Request request = TRY(context.request(global));
  return !research::may_read_rows(*TRY(context.rights().state()), request, Env::posix().now_us());
}

Result<CountingCommand> CountingCommand::open(Context& context, const Global& global,
                                              std::string_view purpose) {
  if (global.session.empty())
    return Error{Code::Usage, "protected counts are for sessions: the owner counts without them"};
  CountingCommand command(TRY(context.scan(global, purpose, govern::Action::Count)));
  command.engine_ = engine::embedded_engine();
  command.counts_ = TRY(govern::ProtectedCounts::open(
      Env::posix(), context.keys(), join(context.warehouse().directory(), "rights/counts.db"), {}));
  command.desk_ = {command.engine_.get(), &context.warehouse(), command.counts_.get()};
  return command;
}

Result<govern::ProtectedCount> CountingCommand::cohort(const cohort::Plan& plan) const {
  return research::count_cohort(desk_, scan_, plan);
}

Result<govern::ProtectedCount> CountingCommand::query(const std::string& sql) const {
  return research::count_query(desk_, scan_, sql);
}

Result<Exit> run_counting_query(Context& context, const Global& global, const std::string& sql) {
  const CountingCommand command = TRY(CountingCommand::open(context, global, "query"));
  const std::string digest = context.audit().digest(sql);
  context.audit().is_about(digest, {});
  const govern::ProtectedCount count = TRY(command.query(sql));
  Listing listing({"persons"});
  listing.add({count.text()});
  TRY(listing.print(global.format));
  return Exit::Done;
}

}  // namespace eds::cli
