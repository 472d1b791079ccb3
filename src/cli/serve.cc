#include <fmt/format.h>

#include <atomic>
#include <thread>

#include "base/calendar.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "serve/app.h"

namespace eds::cli {

Result<Exit> run_serve(const Global& global, const ServeOptions& options) {
  Context context = TRY(Context::open(global));
  const Config& config = context.config();
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
  const std::int64_t start = Env::posix().monotonic_us();
  TRY(context.note("serve", "begin", govern::Outcome::Begun));
  TRY(serve::serve_http(http, *app, interrupt_flag(), [&](std::uint16_t port) {
    static_cast<void>(
        print(fmt::format("EDS listens on http://{}:{}/ (Ctrl-C ends it)\n", http.address, port)));
    std::fflush(stdout);
    log::info("serve", "server started", {{"address", log::Label(http.address)}, {"port", port}});
  }));
  log::info("serve", "server stopped",
            {{"seconds", (Env::posix().monotonic_us() - start) / kMicrosecondsPerSecond}});
  TRY(context.note("serve", "end", govern::Outcome::Done));
  return Exit::Done;
}

}  // namespace eds::cli
