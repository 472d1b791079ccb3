#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"

namespace eds::cli {

Result<Exit> run_audit(const Global& global, const AuditOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "search") {
    TRY(context.note("audit search", context.audit().digest(options.text), govern::Outcome::Done));
    TRY(context.audit().each_line([&](std::string_view line) -> Status {
      if (line.find(options.text) == std::string_view::npos) return {};
      TRY(print(line));
      return print("\n");
    }));
    return Exit::Done;
  }
  const govern::AuditVerdict verdict = TRY(context.audit().verify());
  if (!verdict.sound()) {
    TRY(print(fmt::format("audit log damaged at line {} of {}: {}\n", *verdict.bad_line,
                          verdict.line_count, verdict.what)));
    return Exit::Rejects;
  }
  TRY(print(fmt::format("audit log sound: {} events\n", verdict.line_count)));
  return Exit::Done;
}

}  // namespace eds::cli
