#include "cli/bench_warehouse.h"

#include "cli/commands.h"
#include "synth/into_warehouse.h"

namespace eds::cli {

Result<Context> new_warehouse(const Path& directory) {
  TRY(run_init(InitOptions{directory}));
  Global global;
  global.warehouse = directory;
  return Context::open(global);
}

Result<Context> synthetic_warehouse(const Path& directory, std::uint64_t patient_count) {
  Context context = TRY(new_warehouse(directory));
  synth::IntoOptions into;
  into.patient_count = patient_count;
  into.actor = context.actor();
  TRY(synth::fill_warehouse(context.warehouse(), into,
                            [](const synth::IntoProgress&) { return true; }));
  return context;
}

}  // namespace eds::cli
