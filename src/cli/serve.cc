#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "cli/commands.h"
#include "cli/config.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "serve/app.h"

namespace eds::cli {

Result<Exit> run_serve(const Global& global, const ServeOptions& options) {
  Context context = TRY(Context::open(global));
  const Config config = TRY(read_config(context.warehouse().directory()));
  serve::AppOptions app_options;
  app_options.warehouse = context.warehouse().directory();
  app_options.name = config.name;
  app_options.synthetic = config.synthetic;
  app_options.actor = context.actor();
  serve::HttpOptions http;
  http.address = options.address.empty() ? config.address : options.address;
  http.port = static_cast<std::uint16_t>(options.port < 0 ? config.port : options.port);
  app_options.identity = options.identity;
  if (options.identity && !http.address.starts_with("127.") && http.address != "::1") {
    return Error{Code::Usage,
                 "--identity needs a loopback address: nobody signs in yet, so whoever reaches the "
                 "port would read names"};
  }
  const std::unique_ptr<serve::App> app =
      TRY(serve::App::open(Env::posix(), app_options, context.keys(), context.audit()));
  watch_interrupt();
  TRY(context.note("serve", "begin", govern::Outcome::Begun));
  TRY(serve::serve_http(http, *app, interrupt_flag(), [&](std::uint16_t port) {
    static_cast<void>(
        print(fmt::format("EDS listens on http://{}:{}/ (Ctrl-C ends it)\n", http.address, port)));
    std::fflush(stdout);
  }));
  TRY(context.note("serve", "end", govern::Outcome::Done));
  return Exit::Done;
}

}  // namespace eds::cli
