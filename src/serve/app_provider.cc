// The part of App where people leave for the sign-in provider and come back.
#include "base/log.h"
#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "serve/app.h"
#include "serve/auth/form.h"
#include "serve/auth/reason.h"
#include "serve/limits.h"

namespace eds::serve {
namespace {

std::string value_of(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

Error no_provider() {
  return Error{Code::NotFound, "people do not sign in at a provider here"};
}

}  // namespace

Result<HttpResponse> App::away(std::string_view page, std::string_view ticket) {
  const ProviderSignIn::Departure departure = TRY(parts_.provider->leave(page, ticket));
  json::Writer out;
  out.begin_object().member("address", departure.address).end_object();
  HttpResponse response;
  response.body = out.take();
  response.set_cookies.push_back(parts_.gate->keepsake_cookie_of(departure.keepsake));
  return response;
}

// The page follows the address itself: a redirection would make the answer of a POST one of another
// site's, which our own policy refuses.
Result<HttpResponse> App::leave(Act& act) {
  if (parts_.provider == nullptr) return no_provider();
  if (act.request->body.size() > kSignInBytesMax) return refusal(413, "limit", "too long a body");
  const Result<json::Document> body = json::Document::parse(act.request->body);
  if (!body.ok()) return Error{Code::Usage, "the body is not JSON"};
  const std::string_view page = body->root().string_or("page", "/");
  if (act.route->name == RouteName::LeaveToSignIn) return away(page, "");
  if (act.caller.way != Way::Session || act.caller.session.method != "provider") {
    return refusal(403, "refused", "this session did not begin at the provider");
  }
  return away(page, act.caller.ticket);
}

Result<HttpResponse> App::come_back(Act& act) {
  if (parts_.provider == nullptr) return no_provider();
  const HttpRequest& request = *act.request;
  const std::string keepsake = parts_.gate->keepsake_of(knock_of(request));
  const std::string state = value_of(request, "state");
  const std::string code = value_of(request, "code");
  const std::string issuer = value_of(request, "iss");
  const std::string error = value_of(request, "error");
  ProviderSignIn::Return back;
  back.keepsake = keepsake;
  back.state = state;
  back.code = code;
  back.issuer = issuer;
  back.error = error;
  back.address = request.address;
  const ProviderSignIn::Arrival arrival = TRY(parts_.provider->arrive(back));
  HttpResponse response;
  response.status = 303;
  response.set_cookies.push_back(parts_.gate->keepsake_cookie_of(""));
  if (arrival.how == Arrived::In) {
    response.set_cookies.push_back(parts_.gate->cookie_of(arrival.ticket));
    response.location = arrival.page;
    return response;
  }
  const std::string& object = arrival.subject.empty() ? std::string("provider") : arrival.subject;
  TRY(refused(act, "sign-in", object, arrival.why));
  response.location = arrival.page + "?sign-in=" + std::string(arrived_name(arrival.how));
  return response;
}

Result<HttpResponse> App::provider_sign_out(Act& act) {
  if (parts_.provider == nullptr) return no_provider();
  const HttpRequest& request = *act.request;
  if (request.body.size() > kSignOutBytesMax) return refusal(413, "limit", "too long a body");
  if (request.content_type != "application/x-www-form-urlencoded") {
    return refusal(415, "usage", "a sign-out comes as a form");
  }
  const auto form = TRY(parse_form(request.body));
  const auto token = form.find("logout_token");
  const Status done = parts_.provider->forget(token == form.end() ? "" : token->second);
  if (!done.ok()) {
    log::warning("sign-in", "a sign-out of the provider was not taken",
                 {{"code", done.error().code}, {"why", reason_label(done.error())}});
    TRY(refused(act, "sign-out", "provider", "not taken"));
    return refusal(400, "refused", "this sign-out is not taken");
  }
  HttpResponse response;
  response.body = R"({"signed_out":true})";
  return response;
}

}  // namespace eds::serve
