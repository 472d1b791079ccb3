#include <charconv>
#include <optional>

#include "cli/commands.h"
#include "cli/context.h"
#include "govern/identity_store.h"
#include "govern/scope.h"
#include "uses/care/identity.h"
#include "uses/care/patient.h"
#include "uses/care/patient_json.h"

namespace eds::cli {

Result<Exit> run_patient(const Global& global, const PatientOptions& options) {
  std::int64_t person_id = 0;
  const char* end = options.person_id.data() + options.person_id.size();
  const auto parsed = std::from_chars(options.person_id.data(), end, person_id);
  if (parsed.ec != std::errc() || parsed.ptr != end) {
    return Error{Code::Usage, "a person id is a whole number"};
  }
  std::optional<care::LookReason> reason;
  if (options.identity) reason = TRY(care::look_reason(options.reason));
  Context context = TRY(Context::open(global));
  context.audit().is_about(options.person_id, govern::AuditPersons::of({person_id}));
  if (options.identity && !global.session.empty()) {
    return Error{Code::Refused, "identities are not shown to a session from the command line yet"};
  }
  const engine::Scan scan = TRY(context.scan(global, "patient"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  TRY(context.note("patient", options.person_id, govern::Outcome::Begun, 0, scan.release().name));
  const std::int64_t start = Env::posix().monotonic_us();
  care::Labels labels = TRY(care::Labels::open(*session));
  const care::Patient patient = TRY(care::read_patient(*session, person_id));
  TRY(care::learn_all(*session, patient, labels));
  const double milliseconds = static_cast<double>(Env::posix().monotonic_us() - start) / 1000;
  const auto today = static_cast<care::Days>(Env::posix().now_us() / 86'400'000'000);
  std::string record = care::patient_json(patient, labels, today, milliseconds);
  if (reason) {
    const govern::Scope scope =
        TRY(context.governor().owner_scope(context.actor(), "identity", scan.release().name));
    const std::unique_ptr<govern::IdentityStore> store = TRY(govern::IdentityStore::open(
        Env::posix(), context.keys(), join(context.warehouse().directory(), "identity")));
    const std::string identity =
        TRY(care::reveal_identity(scope, context.audit(), *store, person_id, *reason));
    record.back() = ',';
    record += "\"identity\":" + identity + "}";
  }
  TRY(print(record + "\n"));
  return Exit::Done;
}

}  // namespace eds::cli
