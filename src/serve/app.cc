#include "serve/app.h"

#include <array>

#include "base/log.h"
#include "format/json/json_writer.h"
#include "govern/sealing.h"
#include "serve/page.h"

namespace eds::serve {
namespace {

int status_of(Code code) {
  switch (code) {
    case Code::NotFound: return 404;
    case Code::Usage:
    case Code::Malformed:
    case Code::Limit: return 400;
    case Code::Refused: return 403;
    case Code::Unavailable: return 503;
    default: return 500;
  }
}

// The fixed words that an error begins with, for the operator: values come after them, if at all,
// behind a colon, a number or a quotation mark, and stay out of the log.
std::string fixed_words(std::string_view message) {
  std::string words;
  for (const char letter : message.substr(0, 48)) {
    const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
    if (!is_letter && letter != ' ' && letter != '-' && letter != ',') break;
    words += is_letter ? letter : '-';
  }
  return words;
}

HttpResponse failure(const Error& error) {
  const int status = status_of(error.code);
  // What went wrong inside is the operator's to know, not the browser's.
  return refusal(status, code_name(error.code),
                 status == 500 ? "the server failed; its operator finds why by the request's number"
                               : std::string_view(error.message));
}

std::string new_request_id(Env& env) {
  std::array<std::uint8_t, 8> random{};
  env.random_bytes(random);
  return govern::hex_of(random);
}

}  // namespace

HttpResponse refusal(int status, std::string_view code, std::string_view message) {
  HttpResponse response;
  response.status = status;
  json::Writer out;
  out.begin_object().key("error").begin_object().member("code", code);
  out.member("message", message).end_object().end_object();
  response.body = out.take();
  return response;
}

Knock knock_of(const HttpRequest& request) {
  Knock knock;
  knock.cookie = request.cookie;
  knock.authorization = request.authorization;
  knock.csrf = request.csrf;
  knock.origin = request.origin;
  knock.fetch_site = request.fetch_site;
  knock.host = request.host;
  knock.address = request.address;
  knock.client_certificate = request.client_certificate;
  return knock;
}

App::App(const AppParts& parts, AppOptions options)
    : parts_(parts),
      options_(std::move(options)),
      readers_(*parts.env, options_.warehouse, *parts.governor, options_.budget) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::open(const AppParts& parts, const AppOptions& options) {
  std::unique_ptr<App> app(new App(parts, options));
  // A warehouse that does not open is better found out now.
  TRY(app->readers_.lease());
  return app;
}

govern::AuditEvent App::event_of(const Act& act, std::string_view action) const {
  govern::AuditEvent event;
  event.actor = act.caller.principal.name.empty() ? "nobody" : act.caller.principal.name;
  event.action = action;
  event.origin = "web " + act.request->address;
  event.request_id = act.request_id;
  return event;
}

Status App::note(const Act& act, std::string_view action, std::string_view object,
                 std::string_view release) {
  govern::AuditEvent event = event_of(act, action);
  event.object = object;
  event.release = release;
  return parts_.audit->append(event);
}

Status App::refused(const Act& act, std::string_view action, std::string_view object,
                    std::string_view reason) {
  govern::AuditEvent event = event_of(act, action);
  event.object = object;
  event.reason = reason;
  event.outcome = govern::Outcome::Refused;
  return parts_.audit->append(event);
}

std::int32_t App::today() const {
  return static_cast<std::int32_t>(parts_.env->now_us() / 86'400'000'000);
}

HttpResponse App::handle(const HttpRequest& request) {
  const std::int64_t start = parts_.env->monotonic_us();
  Act act;
  act.request = &request;
  act.request_id = new_request_id(*parts_.env);
  const std::string shape = route_shape(request.path);
  Result<HttpResponse> routed = route(act);
  if (!routed.ok()) {
    const Error& error = routed.error();
    log::write(status_of(error.code) == 500 ? log::Level::Error : log::Level::Debug, "serve",
               "request failed",
               {{"request", log::Label(act.request_id)},
                {"route", log::Label(shape)},
                {"code", error.code},
                {"why", log::Label(fixed_words(error.message))}});
  }
  HttpResponse response = routed.ok() ? std::move(routed).value() : failure(routed.error());
  response.request_id = act.request_id;
  log::info("serve", "request answered",
            {{"method", log::Label(request.method.substr(0, 8))},
             {"route", log::Label(shape)},
             {"request", log::Label(act.request_id)},
             {"status", response.status},
             {"bytes", response.body.size()},
             {"milliseconds", static_cast<double>(parts_.env->monotonic_us() - start) / 1000}});
  return response;
}

Result<HttpResponse> App::route(Act& act) {
  const HttpRequest& request = *act.request;
  if (!parts_.gate->knows_host(request.host)) {
    return refusal(421, "refused", "this server does not go by that name");
  }
  if (!request.path.starts_with("/api/")) {
    if (request.method == "GET" || request.method == "HEAD") return page_of(request);
    return refusal(405, "usage", "this method is not answered here");
  }
  const Match match = match_route(request.method, request.path);
  act.route = match.route;
  act.parts = match.parts;
  if (match.route != nullptr && match.route->opening == Opening::Anyone) return admit(act);
  if (match.route != nullptr && match.route->opening == Opening::Provider) return dispatch(act);
  // Whether an address exists is nobody's business before signing in.
  std::optional<Caller> caller = TRY(parts_.gate->caller(knock_of(request)));
  if (!caller) {
    if (!request.authorization.empty()) TRY(refused(act, "sign-in", "bearer token", "not taken"));
    return refusal(401, "sign-in", "sign in first");
  }
  act.caller = std::move(*caller);
  if (match.route != nullptr) return admit(act);
  if (match.is_known_path) return refusal(405, "usage", "this method is not answered here");
  return Error{Code::NotFound, "no such address in this API"};
}

// Changes are asked for by our own pages alone, with their token, and as JSON: no form of another
// site can post that.
Result<HttpResponse> App::admit(Act& act) {
  if (act.route->method == "GET") return dispatch(act);
  const Knock knock = knock_of(*act.request);
  const bool is_open = act.route->opening == Opening::Anyone;
  if (!parts_.gate->same_site(knock).ok() ||
      (!is_open && !parts_.gate->has_token(knock, act.caller))) {
    TRY(refused(act, "web request", route_shape(act.request->path), "another site's page"));
    return refusal(403, "refused", "this was not asked for by a page of this server");
  }
  if (act.request->content_type != "application/json") {
    return refusal(415, "usage", "the body comes as application/json");
  }
  if (act.route->opening == Opening::Proved &&
      (act.caller.way != Way::Session || !parts_.gate->sessions().is_fresh(act.caller.session))) {
    TRY(refused(act, "web request", route_shape(act.request->path), "no fresh proof"));
    return refusal(403, "step-up", "show again that it is you");
  }
  return dispatch(act);
}

Result<HttpResponse> App::dispatch(Act& act) {
  switch (act.route->name) {
    case RouteName::Health: return health(act);
    case RouteName::SignInWays: return ways(act);
    case RouteName::SignIn: return sign_in(act);
    case RouteName::SignOut: return sign_out(act);
    case RouteName::StepUp: return step_up(act);
    case RouteName::LeaveToSignIn:
    case RouteName::LeaveToProve: return leave(act);
    case RouteName::ComeBack: return come_back(act);
    case RouteName::ProviderSignOut: return provider_sign_out(act);
    case RouteName::Me: return me(act);
    case RouteName::Session: return session(act);
    case RouteName::Patients: return patients(act);
    case RouteName::Patient: return patient(act);
    case RouteName::Identity: return identity(act);
    case RouteName::Source: return source(act);
  }
  return Error{Code::NotFound, "no such address in this API"};
}

}  // namespace eds::serve
