#include <fmt/format.h>

#include <atomic>
#include <optional>
#include <thread>

#include "base/calendar.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "serve/app.h"
#include "serve/auth/bearer.h"

namespace eds::cli {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;

std::string in_warehouse(Context& context, const std::string& path) {
  if (path.empty() || path.front() == '/') return path;
  return join(context.warehouse().directory(), path);
}

serve::HttpOptions http_options(Context& context, const ServeOptions& options) {
  const Config& config = context.config();
  serve::HttpOptions http;
  http.address = options.address.empty() ? config.address : options.address;
  http.port = static_cast<std::uint16_t>(options.port < 0 ? config.port : options.port);
  http.certificate = in_warehouse(context, config.certificate);
  http.key = in_warehouse(context, config.key);
  http.client_authority = in_warehouse(context, config.client_authority);
  return http;
}

serve::GateOptions gate_options(const Config& config, const serve::HttpOptions& http) {
  serve::GateOptions gate;
  gate.is_tls = !http.certificate.empty();
  gate.public_url = config.public_url;
  gate.password_is_strong = config.password_is_strong;
  return gate;
}

serve::BearerOptions bearer_options(Context& context) {
  const Config& config = context.config();
  serve::BearerOptions options;
  options.issuer = config.issuer;
  options.audience = config.audience;
  options.keys = in_warehouse(context, config.issuer_keys);
  options.strong_acr = config.strong_acr;
  return options;
}

govern::SessionLimits session_limits(const Config& config) {
  govern::SessionLimits limits;
  limits.idle_us = config.idle_minutes * kMinuteUs;
  limits.whole_us = config.session_hours * 60 * kMinuteUs;
  limits.proof_us = config.proof_minutes * kMinuteUs;
  return limits;
}

Result<Exit> list_routes(const Global& global) {
  Listing listing({"method", "path", "opening"});
  for (const serve::Route& route : serve::routes()) {
    listing.add({std::string(route.method), std::string(route.pattern),
                 std::string(serve::opening_name(route.opening))});
  }
  TRY(listing.print(global.format));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_serve(const Global& global, const ServeOptions& options) {
  if (options.routes) return list_routes(global);
  Context context = TRY(Context::open(global));
  const Config& config = context.config();
  const serve::HttpOptions http = http_options(context, options);
  TRY(serve::check_exposure(http));
  Env& env = Env::posix();
  const Path rights = join(context.warehouse().directory(), "rights");
  const auto accounts = TRY(govern::Accounts::open(env, context.audit(), context.rights(), rights));
  const auto sessions =
      TRY(govern::SessionStore::open(env, context.rights(), rights, session_limits(config)));
  serve::Gate gate(context.rights(), *accounts, *sessions, gate_options(config, http));
  std::optional<serve::BearerTokens> tokens;
  if (!config.issuer.empty()) {
    tokens.emplace(env, context.rights(), bearer_options(context));
    TRY(tokens->read_keys());
    gate.take_tokens(*tokens);
  }
  serve::AppOptions app_options;
  app_options.warehouse = context.warehouse().directory();
  app_options.name = config.name;
  app_options.synthetic = config.synthetic;
  app_options.identity = options.identity;
  const serve::AppParts parts{
      &env, &context.keys(), &context.audit(), &context.rights(), &context.governor(), &gate};
  const std::unique_ptr<serve::App> app = TRY(serve::App::open(parts, app_options));
  watch_interrupt();
  const std::int64_t start = env.monotonic_us();
  TRY(context.note("serve", "begin", govern::Outcome::Begun));
  const char* scheme = http.certificate.empty() ? "http" : "https";
  TRY(serve::serve_http(http, *app, interrupt_flag(), [&](std::uint16_t port) {
    static_cast<void>(print(
        fmt::format("EDS listens on {}://{}:{}/ (Ctrl-C ends it)\n", scheme, http.address, port)));
    std::fflush(stdout);
    log::info("serve", "server started", {{"address", log::Label(http.address)}, {"port", port}});
  }));
  log::info("serve", "server stopped",
            {{"seconds", (env.monotonic_us() - start) / kMicrosecondsPerSecond}});
  TRY(context.note("serve", "end", govern::Outcome::Done));
  return Exit::Done;
}

}  // namespace eds::cli
