#include "cli/context.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace eds::cli {

std::string actor_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "uid" + std::to_string(::geteuid());
}

Status print(std::string_view text) {
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
  context.audit_ = TRY(govern::Audit::open(env, *context.keys_, join(directory, "audit")));
  context.actor_ = actor_name();
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

Result<engine::Scan> Context::scan(const Global& global, std::string_view purpose) {
  const lake::Release release = TRY(warehouse_->catalogue().release(global.release));
  govern::Governor governor(*keys_, *audit_);
  const govern::Scope scope = TRY(governor.owner_scope(actor_, purpose, release.name));
  return engine::Scan::of(release, scope);
}

}  // namespace eds::cli
