#include <charconv>

#include "cli/commands.h"
#include "cli/context.h"
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
  Context context = TRY(Context::open(global));
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
  TRY(print(care::patient_json(patient, labels, milliseconds)));
  TRY(print("\n"));
  return Exit::Done;
}

}  // namespace eds::cli
