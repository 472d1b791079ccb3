#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "govern/audit/local.h"
#include "govern/audit/segments.h"
#include "govern/audit/verify.h"

namespace eds::cli {

Result<Exit> run_audit(const Global& global, const AuditOptions& options) {
  Context context = TRY(Context::open(global));
  const Path& directory = context.warehouse().directory();
  const audit::LogOptions log = audit::options_of(directory, context.config());
  Env& env = Env::posix();
  if (options.verb == "search") {
    TRY(context.note("audit search", context.audit().digest(options.text), govern::Outcome::Done));
    TRY(audit::each_line(env, log.directory, [&](std::string_view line) -> Status {
      if (line.find(options.text) == std::string_view::npos) return {};
      TRY(print(line));
      return print("\n");
    }));
    return Exit::Done;
  }
  const audit::Verdict verdict = TRY(audit::verify(env, context.keys(), log));
  if (!verdict.sound()) {
    TRY(print(fmt::format("audit log damaged at event {} of {}: {}\n", verdict.damage->sequence,
                          verdict.event_count, verdict.damage->what)));
    return Exit::Rejects;
  }
  TRY(print(fmt::format("audit log sound: {} events\n", verdict.event_count)));
  return Exit::Done;
}

}  // namespace eds::cli
