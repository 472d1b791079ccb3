#include "cli/bench_list.h"

#include <cstdio>

#include "cli/context.h"
#include "format/pmsi/bench.h"
#include "lake/lake_bench.h"

// Their one function each; the files stand beside what they measure.
namespace eds::csv {
void bench(std::FILE* out, double scale);
}
namespace eds::synth {
void bench(std::FILE* out, double scale);
}

namespace eds::cli {

Result<Exit> run_listed_bench(const BenchOptions& options) {
  if (options.name == "pmsi") {
    pmsi::bench(stdout, options.scale);
  } else if (options.name == "csv") {
    csv::bench(stdout, options.scale);
  } else if (options.name == "synth") {
    synth::bench(stdout, options.scale);
  } else if (options.name == "circe") {
    TRY(bench_circe(options.directory.empty() ? Path("build/bench/circe") : options.directory));
  } else if (options.name == "omop-check") {
    TRY(bench_omop_check(options.directory.empty() ? Path("build/bench/omop-check")
                                                   : options.directory));
  } else if (options.name == "cohort") {
    TRY(bench_cohort(options.directory.empty() ? Path("build/bench/aphp") : options.directory,
                     "build/bench/cohort"));
  } else if (options.name == "audit") {
    TRY(bench_audit(options.directory.empty() ? Path("build/bench/audit") : options.directory,
                    options.scale));
  } else if (options.name == "policy") {
    TRY(bench_policy(options.directory, "build/bench/policy", options.scale));
  } else if (options.name == "mart") {
    const Path scratch = options.directory.empty() ? Path("build/bench/mart") : options.directory;
    TRY(Env::posix().make_directories(scratch));
    TRY(bench_mart(scratch, options.scale));
  } else if (options.name == "commit") {
    const Path scratch = options.directory.empty() ? Path("build/bench/commit") : options.directory;
    TRY(Env::posix().make_directories(scratch));
    return lake::bench_commit(stdout, options.scale, scratch) == 0 ? Exit::Done : Exit::Failed;
  } else {
    TRY(
        print("benches: aphp audit circe cohort commit csv labs mart omop-check person pmsi policy "
              "synth\n"));
    return options.name.empty() ? Exit::Done : Exit::Usage;
  }
  return Exit::Done;
}

}  // namespace eds::cli
