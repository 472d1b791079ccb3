// The part of App that answers with data, each under the caller's scope.
#include <charconv>
#include <optional>

#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "serve/app.h"
#include "uses/care/identity.h"
#include "uses/care/patient.h"
#include "uses/care/patient_json.h"
#include "uses/care/patient_list.h"

namespace eds::serve {
namespace {

constexpr std::string_view kPermit = "permit ";

Result<std::int64_t> number(std::string_view text, std::string_view name) {
  std::int64_t value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) {
    return Error{Code::Usage, "not a number: " + std::string(name)};
  }
  return value;
}

Result<std::optional<std::int32_t>> bound(const HttpRequest& request, const char* name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second.empty()) {
    return std::optional<std::int32_t>();
  }
  const std::int64_t value = TRY(number(found->second, name));
  if (value < 0 || value > 150) return Error{Code::Usage, std::string(name) + " is 0 to 150"};
  return std::optional<std::int32_t>(static_cast<std::int32_t>(value));
}

Result<care::PatientFilter> filter_of(const HttpRequest& request) {
  care::PatientFilter filter;
  const auto text = [&](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  filter.sex = text("sex");
  filter.code_prefix = text("code");
  filter.age_min = TRY(bound(request, "age_min"));
  filter.age_max = TRY(bound(request, "age_max"));
  if (!text("limit").empty()) filter.limit = TRY(number(text("limit"), "limit"));
  if (!text("offset").empty()) filter.offset = TRY(number(text("offset"), "offset"));
  return filter;
}

// Care where the person works in a unit, else what the institution mandated.
govern::Ground own_ground(const govern::RightsState& state, govern::UserId user,
                          std::int64_t now_us) {
  for (const govern::Access& access : state.accesses) {
    if (access.user == user && access.ground == govern::Ground::Care &&
        govern::is_active(access, now_us)) {
      return govern::Ground::Care;
    }
  }
  return govern::Ground::Mandate;
}

}  // namespace

Result<govern::Request> App::asked(const Act& act, govern::Action action) {
  govern::Request request;
  request.principal = act.caller.principal;
  request.action = action;
  const std::string& ground = act.request->ground;
  const auto state = TRY(parts_.rights->state());
  if (ground.empty()) {
    request.ground = own_ground(*state, request.principal.user, parts_.env->now_us());
  } else if (ground.starts_with(kPermit)) {
    request.ground = govern::Ground::Permit;
    request.permit = TRY(number(std::string_view(ground).substr(kPermit.size()), "permit"));
  } else {
    request.ground = TRY(govern::parse_ground(ground));
  }
  request.purpose = request.ground == govern::Ground::Care ? govern::UsePurpose::Care
                                                           : govern::UsePurpose::Steering;
  for (const govern::Permit& permit : state->permits) {
    if (request.permit != 0 && permit.id == request.permit) request.purpose = permit.purpose;
  }
  return request;
}

Result<HttpResponse> App::session(Act& act) {
  ReaderPool::Lease lease = TRY(readers_.lease());
  json::Writer out;
  out.begin_object().member("version", "0.1.0").member("warehouse", options_.name);
  out.member("synthetic", options_.synthetic).key("release").begin_object();
  out.member("id", lease.release().id).member("name", lease.release().name);
  const std::int64_t created = lease.release().created_us;
  out.member("created_at", text::format_timestamp(created - created % 1'000'000)).end_object();
  out.member("identity", options_.identity).key("user").begin_object();
  out.member("name", act.caller.principal.name).end_object().end_object();
  HttpResponse response;
  response.body = out.take();
  return response;
}

Result<HttpResponse> App::patients(Act& act) {
  care::PatientFilter filter = TRY(filter_of(*act.request));
  filter.today = today();
  ReaderPool::Lease lease = TRY(readers_.lease());
  Reading* reading = TRY(lease.reading(TRY(asked(act, govern::Action::Read))));
  TRY(note(act, "patients", "list", lease.release().name));
  HttpResponse response;
  response.body = TRY(care::patient_list_json(*reading->session, filter, reading->labels));
  return response;
}

Result<HttpResponse> App::patient(Act& act) {
  const std::int64_t person_id = TRY(number(act.parts[0], "patient"));
  ReaderPool::Lease lease = TRY(readers_.lease());
  Reading* reading = TRY(lease.reading(TRY(asked(act, govern::Action::Read))));
  govern::AuditEvent event = event_of(act, "patient");
  event.object = std::to_string(person_id);
  event.persons = govern::AuditPersons::of({person_id});
  event.release = lease.release().name;
  event.reason = reading->scan.scope().purpose();
  TRY(parts_.audit->append(event));
  const std::int64_t start = parts_.env->monotonic_us();
  const care::Patient patient = TRY(care::read_patient(*reading->session, person_id));
  TRY(care::learn_all(*reading->session, patient, reading->labels));
  const double milliseconds = static_cast<double>(parts_.env->monotonic_us() - start) / 1000;
  HttpResponse response;
  response.body = care::patient_json(patient, reading->labels, today(), milliseconds);
  return response;
}

Result<HttpResponse> App::identity(Act& act) {
  const std::int64_t person_id = TRY(number(act.parts[0], "patient"));
  const std::string object = std::to_string(person_id);
  if (!options_.identity) {
    TRY(refused(act, "identity", object, "off"));
    return Error{Code::Refused, "identities are off on this server: eds serve --identity"};
  }
  const Result<json::Document> body = json::Document::parse(act.request->body);
  if (!body.ok()) return Error{Code::Usage, "the body is not JSON"};
  const care::LookReason reason =
      TRY(care::look_reason(body->root().string_or("reason", std::string_view())));
  govern::Request request = TRY(asked(act, govern::Action::ReadNominative));
  request.ground = govern::Ground::Care;
  request.purpose = govern::UsePurpose::Care;
  ReaderPool::Lease lease = TRY(readers_.lease());
  const govern::Scope scope = TRY(lease.scope(request));
  // A person beyond the scope and one who does not exist are the same answer.
  if (!scope.persons().contains(person_id)) {
    TRY(refused(act, "identity", object, "outside the scope"));
    return Error{Code::NotFound, "the identity zone knows no such person"};
  }
  const std::lock_guard<std::mutex> lock(identity_mutex_);
  if (identities_ == nullptr) {
    identities_ = TRY(govern::IdentityStore::open(*parts_.env, *parts_.keys,
                                                  join(options_.warehouse, "identity")));
  }
  TRY(identities_->refresh());
  govern::RequestAudit audit(*parts_.audit, act.request_id, "web " + act.request->address);
  HttpResponse response;
  response.body = TRY(care::reveal_identity(scope, audit, *identities_, person_id, reason));
  return response;
}

Result<HttpResponse> App::source(Act& act) {
  const std::int64_t source_id = TRY(number(act.parts[0], "source"));
  ReaderPool::Lease lease = TRY(readers_.lease());
  Reading* reading = TRY(lease.reading(TRY(asked(act, govern::Action::Read))));
  TRY(note(act, "source", std::to_string(source_id), lease.release().name));
  const care::SourceFile* file = reading->labels.source(source_id);
  if (file == nullptr) return Error{Code::NotFound, "no such source in this release"};
  json::Writer out;
  out.begin_object().member("source_id", source_id).member("file", file->file_name);
  out.member("format", file->format);
  out.member("fed_at", text::format_timestamp(file->fed_at_us - file->fed_at_us % 1'000'000));
  out.member("rows", file->record_count).member("rejects", file->reject_count).end_object();
  HttpResponse response;
  response.body = out.take();
  return response;
}

}  // namespace eds::serve
