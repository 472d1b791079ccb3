#include <fmt/format.h>

#include "base/config_text.h"
#include "cli/act.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace eds::cli {

Result<Exit> run_init(const InitOptions& options) {
  const std::string before = name_act("init");
  Env& env = Env::posix();
  TRY(env.make_directories(options.directory));
  if (env.exists(join(options.directory, "catalogue.db"))) {
    return Error{Code::Conflict, "a warehouse is there already: " + options.directory};
  }
  // The catalogue is what makes it a warehouse, so it comes last: an init that was cut short (a
  // full disk, a kill) is simply run again.
  TRY(govern::KeyRing::complete(env, join(options.directory, "keys")));
  TRY(env.write_durably(join(options.directory, "eds.toml"), kConfigText));
  TRY(lake::Warehouse::create(env, options.directory));
  Global global;
  global.warehouse = options.directory;
  Context context = TRY(Context::open(global));
  TRY(context.note("init", "warehouse", govern::Outcome::Done));
  if (!before.empty()) name_act(before);
  TRY(print(fmt::format("Warehouse ready: {}\n", options.directory)));
  return Exit::Done;
}

}  // namespace eds::cli
