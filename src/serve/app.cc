#include "serve/app.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "base/log.h"
#include "format/json/json_reader.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "serve/web_files.h"
#include "uses/care/identity.h"
#include "uses/care/labels.h"
#include "uses/care/patient.h"
#include "uses/care/patient_json.h"
#include "uses/care/patient_list.h"

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

HttpResponse failure(const Error& error) {
  HttpResponse response;
  response.status = status_of(error.code);
  // What went wrong inside is the operator's to know, not the browser's.
  const bool is_ours = response.status == 500;
  json::Writer out;
  out.begin_object().key("error").begin_object().member("code", code_name(error.code));
  out.member("message", is_ours ? "the server failed; its operator finds the reason in the log"
                                : std::string_view(error.message));
  out.end_object().end_object();
  response.body = out.take();
  if (is_ours) std::fprintf(stderr, "eds serve: %s\n", error.message.c_str());
  return response;
}

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

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  if (name.ends_with(".json")) return "application/json; charset=utf-8";
  if (name.ends_with(".woff2")) return "font/woff2";
  return "application/octet-stream";
}

// The name by which the client reached us: that of a proxy, or one that another site made lead
// here, is not ours.
bool is_loopback(std::string_view host) {
  const std::string_view name =
      host.starts_with('[') ? host.substr(0, host.find(']') + 1) : host.substr(0, host.find(':'));
  return name == "127.0.0.1" || name == "localhost" || name == "[::1]";
}

}  // namespace

std::string route_shape(std::string_view path) {
  static constexpr std::string_view kWords[] = {"api",      "v1",      "session",
                                                "patients", "sources", "identity"};
  if (!path.starts_with("/api/"))
    return path.starts_with("/assets/") ? "/assets/{file}" : "/{page}";
  std::string shape;
  for (std::size_t at = 0; at < path.size() && shape.size() < 64;) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view part = path.substr(at + 1, end - at - 1);
    const bool known = std::find(std::begin(kWords), std::end(kWords), part) != std::end(kWords);
    shape += known ? "/" + std::string(part) : "/{}";
    at = end;
  }
  return shape;
}

// What one thread needs to answer: its warehouse, a session on the latest release, its labels.
struct App::Worker {
  std::unique_ptr<lake::Warehouse> warehouse;
  lake::Release release;
  std::unique_ptr<engine::Session> session;
  std::optional<care::Labels> labels;
};

// Takes a worker out of the pool for one request.
class App::Lease {
 public:
  Lease(App& app, std::unique_ptr<Worker> worker) : app_(&app), worker_(std::move(worker)) {}
  Lease(Lease&&) = default;
  ~Lease() {
    if (worker_ == nullptr) return;
    const std::lock_guard<std::mutex> lock(app_->mutex_);
    app_->idle_.push_back(std::move(worker_));
  }
  Worker& operator*() { return *worker_; }

 private:
  App* app_;
  std::unique_ptr<Worker> worker_;
};

App::App(Env& env, AppOptions options, const govern::KeyRing& keys, govern::Audit& audit)
    : env_(&env),
      options_(std::move(options)),
      keys_(&keys),
      audit_(&audit),
      engine_(engine::embedded_engine()) {}

App::~App() = default;

Result<std::unique_ptr<App>> App::open(Env& env, const AppOptions& options,
                                       const govern::KeyRing& keys, govern::Audit& audit) {
  std::unique_ptr<App> app(new App(env, options, keys, audit));
  std::unique_ptr<Worker> first = TRY(app->new_worker());
  app->idle_.push_back(std::move(first));
  return app;
}

Result<std::unique_ptr<App::Worker>> App::new_worker() {
  std::unique_ptr<Worker> worker = std::make_unique<Worker>();
  worker->warehouse = TRY(lake::Warehouse::open(*env_, options_.warehouse));
  TRY(refresh(*worker));
  return worker;
}

Status App::refresh(Worker& worker) {
  const lake::Release latest = TRY(worker.warehouse->catalogue().latest());
  if (worker.session != nullptr && latest.id == worker.release.id) return {};
  govern::Governor governor(*keys_, *audit_);
  const govern::Scope scope = TRY(governor.owner_scope(options_.actor, "serve", latest.name));
  const engine::Scan scan = TRY(engine::Scan::of(latest, scope));
  worker.session = TRY(engine_->open(*worker.warehouse, scan, engine::Budget{}));
  worker.labels.emplace(TRY(care::Labels::open(*worker.session)));
  worker.release = latest;
  return {};
}

Status App::note(std::string_view action, std::string_view object, std::string_view release) {
  govern::AuditEvent event;
  event.actor = options_.actor;
  event.action = action;
  event.object = object;
  event.release = release;
  event.reason = "care";
  return audit_->append(event);
}

Status App::refused(std::string_view action, std::string_view object, std::string_view reason) {
  govern::AuditEvent event;
  event.actor = options_.actor;
  event.action = action;
  event.object = object;
  event.reason = reason;
  event.outcome = govern::Outcome::Refused;
  return audit_->append(event);
}

std::int32_t App::today() const {
  return static_cast<std::int32_t>(env_->now_us() / 86'400'000'000);
}

HttpResponse App::handle(const HttpRequest& request) {
  const std::int64_t start = env_->monotonic_us();
  Result<HttpResponse> routed = route(request);
  if (!routed.ok()) {
    log::write(status_of(routed.error().code) == 500 ? log::Level::Error : log::Level::Debug,
               "serve", "request failed",
               {{"route", log::Label(route_shape(request.path))}, {"code", routed.error().code}});
  }
  HttpResponse response = routed.ok() ? std::move(routed).value() : failure(routed.error());
  log::info("serve", "request answered",
            {{"method", log::Label(request.method.substr(0, 8))},
             {"route", log::Label(route_shape(request.path))},
             {"status", response.status},
             {"bytes", response.body.size()},
             {"milliseconds", static_cast<double>(env_->monotonic_us() - start) / 1000}});
  return response;
}

Result<HttpResponse> App::route(const HttpRequest& request) {
  constexpr std::string_view kIdentity = "/identity";
  const bool is_identity = request.path.starts_with("/api/v1/patients/") &&
                           request.path.ends_with(kIdentity) && request.method == "POST";
  if (request.method != "GET" && request.method != "HEAD" && !is_identity) {
    HttpResponse response;
    response.status = 405;
    response.body = R"({"error":{"code":"usage","message":"this method is not answered here"}})";
    return response;
  }
  constexpr std::string_view kApi = "/api/v1/";
  if (!request.path.starts_with("/api/")) return page(request);
  if (!request.path.starts_with(kApi)) {
    return Error{Code::NotFound, "no such address: the API begins with /api/v1/"};
  }
  std::unique_ptr<Worker> worker;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      worker = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (worker == nullptr) worker = TRY(new_worker());
  Lease lease(*this, std::move(worker));
  TRY(refresh(*lease));
  const std::string rest = request.path.substr(kApi.size());
  if (rest == "session") return session(*lease);
  if (rest == "patients") return patients(*lease, request);
  if (is_identity) {
    return identity(*lease, request, rest.substr(9, rest.size() - 9 - kIdentity.size()));
  }
  if (rest.starts_with("patients/")) return patient(*lease, rest.substr(9));
  if (rest.starts_with("sources/")) return source(*lease, rest.substr(8));
  return Error{Code::NotFound, "no such address in this API"};
}

Result<HttpResponse> App::session(Worker& worker) {
  json::Writer out;
  out.begin_object().member("version", "0.1.0").member("warehouse", options_.name);
  out.member("synthetic", options_.synthetic).key("release").begin_object();
  out.member("id", worker.release.id).member("name", worker.release.name);
  const std::int64_t created = worker.release.created_us;
  out.member("created_at", text::format_timestamp(created - created % 1'000'000));
  out.end_object()
      .member("identity", options_.identity)
      .key("user")
      .begin_object()
      .member("name", options_.actor);
  out.end_object().end_object();
  HttpResponse response;
  response.body = out.take();
  return response;
}

Result<HttpResponse> App::patients(Worker& worker, const HttpRequest& request) {
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
  filter.today = today();
  TRY(note("patients", "list", worker.release.name));
  HttpResponse response;
  response.body = TRY(care::patient_list_json(*worker.session, filter, *worker.labels));
  return response;
}

Result<HttpResponse> App::patient(Worker& worker, const std::string& id) {
  const std::int64_t person_id = TRY(number(id, "patient"));
  TRY(note("patient", id, worker.release.name));
  const std::int64_t start = env_->monotonic_us();
  const care::Patient patient = TRY(care::read_patient(*worker.session, person_id));
  TRY(care::learn_all(*worker.session, patient, *worker.labels));
  const double milliseconds = static_cast<double>(env_->monotonic_us() - start) / 1000;
  HttpResponse response;
  response.body = care::patient_json(patient, *worker.labels, today(), milliseconds);
  return response;
}

Result<HttpResponse> App::identity(Worker& worker, const HttpRequest& request,
                                   const std::string& id) {
  const std::int64_t person_id = TRY(number(id, "patient"));
  if (!options_.identity) {
    TRY(refused("identity", std::to_string(person_id), "off"));
    return Error{Code::Refused, "identities are off on this server: eds serve --identity"};
  }
  if (!is_loopback(request.host)) {
    TRY(refused("identity", std::to_string(person_id), "not loopback"));
    return Error{Code::Refused, "identities are shown on the server's own machine only"};
  }
  // A form of another site can post neither this type nor, without our leave, read the answer.
  if (request.content_type != "application/json") {
    return Error{Code::Usage, "the reason comes as application/json"};
  }
  const Result<json::Document> body = json::Document::parse(request.body);
  if (!body.ok()) return Error{Code::Usage, "the body is not JSON"};
  const care::LookReason reason =
      TRY(care::look_reason(body->root().string_or("reason", std::string_view())));
  govern::Governor governor(*keys_, *audit_);
  const govern::Scope scope =
      TRY(governor.owner_scope(options_.actor, "identity", worker.release.name));
  const std::lock_guard<std::mutex> lock(identity_mutex_);
  if (identities_ == nullptr) {
    identities_ =
        TRY(govern::IdentityStore::open(*env_, *keys_, join(options_.warehouse, "identity")));
  }
  TRY(identities_->refresh());
  HttpResponse response;
  response.body = TRY(care::reveal_identity(scope, *audit_, *identities_, person_id, reason));
  return response;
}

Result<HttpResponse> App::source(Worker& worker, const std::string& id) {
  const std::int64_t source_id = TRY(number(id, "source"));
  const care::SourceFile* file = worker.labels->source(source_id);
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

HttpResponse App::page(const HttpRequest& request) const {
  const std::string& path = request.path;
  const std::string name = path.empty() || path == "/" ? "index.html" : path.substr(1);
  const WebFile* found = nullptr;
  const WebFile* index = nullptr;
  for (const WebFile& file : web_files()) {
    if (file.name == name) found = &file;
    if (file.name == "index.html") index = &file;
  }
  // Addresses of the application itself (/patients/123) are all its one page.
  if (found == nullptr && !name.starts_with("assets/")) found = index;
  HttpResponse response;
  if (found == nullptr) {
    response.status = 404;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "No page here. (A binary built without the web application has none.)\n";
    return response;
  }
  response.content_type = type_of(found->name);
  response.immutable = found->name.starts_with("assets/");
  response.is_gzip = request.accepts_gzip && !found->gzip.empty();
  response.body = std::string(response.is_gzip ? found->gzip : found->bytes);
  return response;
}

}  // namespace eds::serve
