#include <fmt/format.h>

#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/calendar.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "serve/app.h"
#include "serve/auth/bearer.h"
#include "serve/http_client.h"

namespace eds::cli {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::uint64_t kSecretBytesMax = 4096;

// Nobody but its owner may read it.
bool is_private(const Path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         (found.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

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
  gate.local_accounts = config.local_accounts;
  return gate;
}

serve::BearerOptions bearer_options(Context& context) {
  const Config& config = context.config();
  serve::BearerOptions options;
  options.issuer = config.issuer;
  options.audience = config.audience;
  options.strong_acr = config.strong_acr;
  return options;
}

// Who else says who people and programs are. Nothing of it exists without sign_in.issuer.
struct Elsewhere {
  std::unique_ptr<serve::HttpClient> web;
  std::unique_ptr<serve::Provider> provider;
  std::unique_ptr<serve::KeyFile> key_file;
  std::unique_ptr<serve::BearerTokens> tokens;
  std::unique_ptr<serve::ProviderSignIn> sign_in;
};

Result<std::string> client_secret(Env& env, Context& context) {
  const std::string& file = context.config().client_secret_file;
  if (file.empty()) {
    const char* given = std::getenv("EDS_CLIENT_SECRET");
    if (given != nullptr && *given != '\0') return std::string(given);
    return Error{Code::Usage,
                 "sign_in.client needs a secret: sign_in.client_secret_file in eds.toml, or "
                 "EDS_CLIENT_SECRET in the environment"};
  }
  const Path path = in_warehouse(context, file);
  if (!is_private(path)) {
    return Error{Code::Usage,
                 "sign_in.client_secret_file must be a file that nobody but its owner may read: "
                 "chmod 600"};
  }
  std::string secret = TRY(env.read_all(path, kSecretBytesMax));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return Error{Code::Usage, "sign_in.client_secret_file is empty"};
  return secret;
}

Status open_sign_in(Elsewhere& elsewhere, Env& env, Context& context,
                    govern::SessionStore& sessions) {
  const Config& config = context.config();
  if (config.public_url.empty()) {
    return Error{Code::Usage,
                 "sign_in.client needs serve.public_url: the provider sends people back there"};
  }
  serve::ProviderOptions options;
  options.client = config.client;
  options.secret = TRY(client_secret(env, context));
  options.return_address = config.public_url + "/api/v1/sign-in/callback";
  options.goodbye_address = config.public_url + "/";
  options.strong_acr = config.strong_acr;
  options.strong_amr = config.strong_amr;
  elsewhere.sign_in = std::make_unique<serve::ProviderSignIn>(env, *elsewhere.provider,
                                                              context.rights(), sessions, options);
  return {};
}

Result<Elsewhere> open_elsewhere(Env& env, Context& context, govern::SessionStore& sessions) {
  const Config& config = context.config();
  Elsewhere elsewhere;
  if (config.issuer.empty()) {
    if (config.client.empty() && config.audience.empty()) return elsewhere;
    return Error{Code::Usage, "sign_in.client and sign_in.audience need sign_in.issuer"};
  }
  if (config.client.empty() && config.audience.empty()) {
    return Error{
        Code::Usage,
        "sign_in.issuer needs sign_in.client (people), sign_in.audience (tokens), or both"};
  }
  if (!serve::is_allowed_address(config.issuer, config.issuer)) {
    return Error{Code::Usage, "sign_in.issuer must be an https address: " + config.issuer};
  }
  if (!config.client.empty() || config.issuer_keys.empty()) {
    elsewhere.web = TRY(serve::HttpClient::open(in_warehouse(context, config.provider_authority)));
    elsewhere.provider = std::make_unique<serve::Provider>(env, *elsewhere.web, config.issuer);
    // Asked now, so that the operator learns now what is wrong. Local accounts do not wait for it.
    static_cast<void>(elsewhere.provider->keys_for(""));
  }
  serve::IssuerKeys* keys = elsewhere.provider.get();
  if (!config.issuer_keys.empty()) {
    elsewhere.key_file =
        std::make_unique<serve::KeyFile>(env, in_warehouse(context, config.issuer_keys));
    const auto read = elsewhere.key_file->keys_for("");
    if (!read.ok()) return Error{Code::Usage, "sign_in.issuer_keys: " + read.error().message};
    keys = elsewhere.key_file.get();
  }
  if (!config.audience.empty()) {
    elsewhere.tokens = std::make_unique<serve::BearerTokens>(env, context.rights(), *keys,
                                                             bearer_options(context));
  }
  if (!config.client.empty()) TRY(open_sign_in(elsewhere, env, context, sessions));
  return elsewhere;
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
  const Elsewhere elsewhere = TRY(open_elsewhere(env, context, *sessions));
  if (elsewhere.tokens != nullptr) gate.take_tokens(*elsewhere.tokens);
  serve::AppOptions app_options;
  app_options.warehouse = context.warehouse().directory();
  app_options.name = config.name;
  app_options.synthetic = config.synthetic;
  app_options.identity = options.identity;
  app_options.provider_name = config.provider_name.empty() ? config.issuer : config.provider_name;
  const serve::AppParts parts{
      &env,  &context.keys(),        &context.audit(), &context.rights(), &context.governor(),
      &gate, elsewhere.sign_in.get()};
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
