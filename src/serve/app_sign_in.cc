// The part of App that answers who asks: health, ways in, signing in and out, and what one may do.
#include <array>

#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "serve/app.h"
#include "serve/limits.h"

namespace eds::serve {
namespace {

constexpr std::string_view kNoEntry = "this name and this password open no session";

std::string time_text(std::int64_t us) {
  return text::format_timestamp(us - us % 1'000'000) + "Z";
}

HttpResponse json_response(json::Writer& out) {
  HttpResponse response;
  response.body = out.take();
  return response;
}

struct Asked {
  govern::Action action;
  govern::DataZone zone;
  govern::Ground ground;
  govern::UsePurpose purpose;
};

// What the page "my rights" asks the policy, in its order. Permits come with the projects' page.
constexpr std::array<Asked, 9> kAsked = {{
    {govern::Action::Read, govern::DataZone::Core, govern::Ground::Care, govern::UsePurpose::Care},
    {govern::Action::ReadNominative, govern::DataZone::Core, govern::Ground::Care,
     govern::UsePurpose::Care},
    {govern::Action::SearchByIpp, govern::DataZone::Identity, govern::Ground::Care,
     govern::UsePurpose::Care},
    {govern::Action::Count, govern::DataZone::Core, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
    {govern::Action::Read, govern::DataZone::Core, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
    {govern::Action::SearchOpposed, govern::DataZone::Core, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
    {govern::Action::ExportAggregates, govern::DataZone::Aggregate, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
    {govern::Action::ManageUsers, govern::DataZone::Control, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
    {govern::Action::ReadAudit, govern::DataZone::Audit, govern::Ground::Mandate,
     govern::UsePurpose::Steering},
}};

std::string_view state_word(const govern::Access& access, std::int64_t now_us) {
  if (govern::is_active(access, now_us)) return "active";
  if (access.revoked_us != 0 && access.revoked_us <= now_us) return "revoked";
  if (now_us < access.start_us) return "not-begun";
  return now_us >= access.end_us ? "over" : "not-reviewed";
}

void write_accesses(json::Writer& out, const govern::RightsState& state, govern::UserId user,
                    std::int64_t now_us) {
  out.key("accesses").begin_array();
  for (const govern::Access& access : state.accesses) {
    if (access.user != user) continue;
    out.begin_object().member("id", std::to_string(access.id));
    for (const govern::Role& role : state.roles) {
      if (role.id != access.role) continue;
      out.member("role", role.name).key("rights").begin_array();
      for (int right = 0; right < govern::kRightCount; ++right) {
        const auto each = static_cast<govern::Right>(right);
        if (role.rights.has(each)) out.string(govern::right_name(each));
      }
      out.end_array();
    }
    for (const govern::Perimeter& perimeter : state.perimeters) {
      if (perimeter.id != access.perimeter) continue;
      out.member("perimeter", perimeter.code).member("perimeter_name", perimeter.name);
    }
    out.member("ground", govern::ground_name(access.ground));
    out.member("start", time_text(access.start_us)).member("end", time_text(access.end_us));
    out.member("review_due", time_text(access.review_due_us));
    out.member("source", access.source).member("break_glass", access.is_break_glass);
    out.member("state", state_word(access, now_us)).end_object();
  }
  out.end_array();
}

void write_decisions(json::Writer& out, const govern::RightsState& state,
                     const govern::Principal& principal, std::int64_t now_us) {
  out.key("decisions").begin_array();
  for (const Asked& asked : kAsked) {
    govern::Request request;
    request.principal = principal;
    request.action = asked.action;
    request.zone = asked.zone;
    request.ground = asked.ground;
    request.purpose = asked.purpose;
    request.now_us = now_us;
    const govern::Decision decision = govern::decide(state, request);
    out.begin_object().member("action", govern::action_name(asked.action));
    out.member("ground", govern::ground_name(asked.ground)).member("allowed", decision.allowed);
    out.member("rule", govern::rule_id(decision.rule));
    out.member("level", govern::level_name(decision.level)).key("why").begin_object();
    out.member("fr", govern::explain(state, request, decision, govern::Language::French));
    out.member("en", govern::explain(state, request, decision, govern::Language::English));
    out.end_object().end_object();
  }
  out.end_array();
}

}  // namespace

Result<HttpResponse> App::health(Act&) {
  const bool is_well = readers_.lease().ok() && parts_.rights->epoch().ok();
  json::Writer out;
  out.begin_object().member("status", is_well ? "ok" : "failing").end_object();
  HttpResponse response = json_response(out);
  response.status = is_well ? 200 : 503;
  return response;
}

Result<HttpResponse> App::ways(Act&) {
  json::Writer out;
  out.begin_object().member("warehouse", options_.name).member("synthetic", options_.synthetic);
  out.member("password", parts_.gate->options().local_accounts).key("provider");
  if (parts_.provider != nullptr) {
    out.begin_object().member("name", options_.provider_name).end_object();
  } else {
    out.null();
  }
  out.end_object();
  return json_response(out);
}

Result<HttpResponse> App::with_ticket(const Gate::Entry& entry) const {
  if (!entry.ticket) {
    HttpResponse response = entry.wait_seconds > 0
                                ? refusal(429, "wait", "too many tries: wait, then try again")
                                : refusal(401, "no-entry", kNoEntry);
    response.retry_seconds = entry.wait_seconds;
    return response;
  }
  json::Writer out;
  out.begin_object().member("csrf", govern::csrf_token(*entry.ticket)).end_object();
  HttpResponse response = json_response(out);
  response.set_cookies.push_back(parts_.gate->cookie_of(*entry.ticket));
  return response;
}

Result<HttpResponse> App::sign_in(Act& act) {
  if (act.request->body.size() > kSignInBytesMax) return refusal(413, "limit", "too long a body");
  const Result<json::Document> body = json::Document::parse(act.request->body);
  if (!body.ok()) return Error{Code::Usage, "the body is not JSON"};
  const std::string name(body->root().string_or("name", ""));
  const std::string_view password = body->root().string_or("password", "");
  const Knock knock = knock_of(*act.request);
  const Gate::Entry entry = TRY(parts_.gate->sign_in(name, password, knock));
  if (entry.ticket) {
    // Whose session this browser had before does not matter: it ends.
    const std::optional<Caller> before = TRY(parts_.gate->caller(knock));
    if (before && before->way == Way::Session) TRY(parts_.gate->sessions().end(before->ticket));
  }
  return with_ticket(entry);
}

Result<HttpResponse> App::step_up(Act& act) {
  if (act.caller.way != Way::Session) return refusal(403, "refused", "a session proves itself");
  if (act.request->body.size() > kSignInBytesMax) return refusal(413, "limit", "too long a body");
  const Result<json::Document> body = json::Document::parse(act.request->body);
  if (!body.ok()) return Error{Code::Usage, "the body is not JSON"};
  const std::string_view password = body->root().string_or("password", "");
  return with_ticket(TRY(parts_.gate->prove(act.caller, password, knock_of(*act.request))));
}

Result<HttpResponse> App::sign_out(Act& act) {
  if (act.caller.way == Way::Session) TRY(parts_.gate->sessions().end(act.caller.ticket));
  const bool by_provider = parts_.provider != nullptr && act.caller.way == Way::Session &&
                           act.caller.session.method == "provider";
  const std::string goodbye = by_provider ? parts_.provider->goodbye() : std::string();
  json::Writer out;
  out.begin_object().member("signed_out", true).key("address");
  goodbye.empty() ? out.null() : out.string(goodbye);
  out.end_object();
  HttpResponse response = json_response(out);
  response.set_cookies.push_back(parts_.gate->cookie_of(""));
  return response;
}

Result<HttpResponse> App::me(Act& act) {
  const govern::Principal& principal = act.caller.principal;
  const auto state = TRY(parts_.rights->state());
  const std::int64_t now = parts_.env->now_us();
  const govern::SessionLimits& limits = parts_.gate->sessions().limits();
  const govern::SignedIn& session = act.caller.session;
  json::Writer out;
  out.begin_object().key("user").begin_object().member("name", principal.name).end_object();
  out.key("session");
  if (act.caller.way == Way::Session) {
    out.begin_object().member("method", session.method).member("factors", principal.acr);
    out.member("start", time_text(session.start_us)).member("end", time_text(session.end_us));
    out.member("idle_end", time_text(session.seen_us + limits.idle_us));
    out.member("proof_end", time_text(session.proved_us + limits.proof_us));
    out.member("fresh", parts_.gate->sessions().is_fresh(session));
    out.member("csrf", govern::csrf_token(act.caller.ticket)).end_object();
  } else {
    out.null();
  }
  write_accesses(out, *state, principal.user, now);
  write_decisions(out, *state, principal, now);
  out.end_object();
  TRY(note(act, "my rights", principal.name, ""));
  return json_response(out);
}

}  // namespace eds::serve
