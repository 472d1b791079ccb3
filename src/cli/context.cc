#include "cli/context.h"

#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/act.h"
#include "engine/session_stays.h"
#include "govern/audit/server.h"

namespace eds::cli {

std::string actor_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "uid" + std::to_string(::geteuid());
}

Status print(std::string_view text) {
  TRY(pass_act());
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
  return Error{Code::Io, "standard output is closed"};
}

Result<Path> find_warehouse(const Global& global) {
  if (!global.warehouse.empty()) return global.warehouse;
  const char* variable = std::getenv("EDS_WAREHOUSE");
  if (variable != nullptr && *variable != '\0') return Path(variable);
  char here[4096];
  if (::getcwd(here, sizeof here) == nullptr) return Error{Code::Io, "no current directory"};
  for (Path directory = here; !directory.empty();
       directory = directory.substr(0, directory.rfind('/'))) {
    if (Env::posix().exists(join(directory, "catalogue.db"))) return directory;
  }
  return Error{Code::Usage,
               "no warehouse given: use --warehouse DIR, set EDS_WAREHOUSE, or work inside one"};
}

namespace {

std::string ground_text(const Global& global) {
  return global.permit == 0 ? global.ground : "permit " + std::to_string(global.permit);
}

}  // namespace

Result<Context> Context::open(const Global& global) {
  Context context;
  Env& env = Env::posix();
  const Path directory = TRY(find_warehouse(global));
  context.config_ = TRY(read_config(env, directory));
  if (env.exists(join(directory, "catalogue.db"))) {
    log::Options options;
    options.directory = join(directory, "log");
    options.file_level = context.config_.log_level;
    options.stderr_level = context.config_.log_stderr;
    options.file_bytes_max = static_cast<std::uint64_t>(context.config_.log_megabytes) << 20;
    options.files_max = static_cast<int>(context.config_.log_files);
    context.log_ = log::Log::open(env, options);
    log::install(context.log_.get());
  }
  context.warehouse_ = TRY(lake::Warehouse::open(env, directory));
  context.keys_ =
      std::make_unique<govern::KeyRing>(TRY(govern::KeyRing::open(env, join(directory, "keys"))));
  context.actor_ = actor_name();
  Result<std::unique_ptr<govern::Audit>> audit =
      audit::audit_of(env, *context.keys_, directory, context.config_);
  if (!audit.ok()) return audit.error().within("the audit does not open, so nothing is done");
  context.audit_ = open_act(env, std::move(audit).value(), global, context.actor_);
  context.rights_ = TRY(govern::RightsStore::open(env, *context.audit_, join(directory, "rights")));
  context.governor_ =
      std::make_unique<govern::Governor>(env, *context.keys_, *context.audit_, *context.rights_);
  if (!global.session.empty()) {
    const std::string ticket = TRY(env.read_all(global.session, 4096));
    context.principal_ = TRY(context.rights_->principal_of(ticket));
    context.actor_ = context.principal_->name;
    context.audit_->is_by(context.actor_, ground_text(global));
  }
  return context;
}

Status Context::note(std::string_view action, std::string_view object, govern::Outcome outcome,
                     std::int64_t row_count, std::string_view release) {
  govern::AuditEvent event;
  event.actor = actor_;
  event.action = action;
  event.object = object;
  event.release = release;
  event.outcome = outcome;
  event.row_count = row_count;
  return audit_->append(event);
}

Result<govern::Request> Context::request(const Global& global) {
  govern::Request request;
  if (principal_) request.principal = *principal_;
  request.ground = TRY(govern::parse_ground(global.ground));
  request.permit = global.permit;
  request.purpose = request.ground == govern::Ground::Care      ? govern::UsePurpose::Care
                    : request.ground == govern::Ground::Mandate ? govern::UsePurpose::Steering
                                                                : govern::UsePurpose::Research;
  if (!global.purpose.empty()) request.purpose = TRY(govern::parse_purpose(global.purpose));
  return request;
}

govern::Author Context::author() const {
  return {principal_ ? principal_->user : 0, actor_};
}

govern::Request Context::steering_request(govern::Action action, govern::DataZone zone) const {
  govern::Request request;
  if (principal_) request.principal = *principal_;
  request.action = action;
  request.zone = zone;
  request.ground = govern::Ground::Mandate;
  request.purpose = govern::UsePurpose::Steering;
  return request;
}

Status Context::may_manage_users() {
  TRY(governor_->permit(steering_request(govern::Action::ManageUsers, govern::DataZone::Control),
                        "users"));
  return {};
}

Status Context::may_read_audit() {
  govern::Request request = steering_request(govern::Action::ReadAudit, govern::DataZone::Audit);
  request.perimeters = {govern::kRootPerimeter};
  TRY(governor_->permit(request, "audit"));
  return {};
}

Result<engine::Scan> Context::scan(const Global& global, std::string_view purpose) {
  return scan(global, purpose, govern::Action::Read);
}

Result<engine::Scan> Context::scan(const Global& global, std::string_view purpose,
                                   govern::Action action) {
  const lake::Release release = TRY(warehouse_->catalogue().release(global.release));
  if (!principal_) {
    const govern::Scope scope = TRY(governor_->owner_scope(actor_, purpose, release.name));
    return engine::Scan::of(release, scope);
  }
  govern::Request request = TRY(this->request(global));
  request.action = action;
  engine::LakeStays stays(*warehouse_, release);
  const govern::Scope scope = TRY(governor_->scope(request, release.name, stays));
  govern::Governor* governor = governor_.get();
  return engine::Scan::of(
      release, scope, [governor](const govern::Scope& of) { return governor->still_holds(of); });
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ENSURE(::setrlimit(RLIMIT_CORE, &none) == 0);
}

}  // namespace eds::cli
