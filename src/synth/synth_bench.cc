// What the synthetic hospital costs: rows a second on one core, table by table, into a sink that
// only counts. The target: 3 million lab rows a second a core.
#include <fmt/format.h>
#include <cstdio>

#include "base/env.h"
#include "model/table.h"
#include "synth/tables.h"

namespace eds::synth {
namespace {

class CountingSink final : public model::RowSink {
 public:
  Status take(const model::RowChunk& chunk) override {
    rows += chunk.row_count();
    return {};
  }
  std::uint64_t rows = 0;
};

}  // namespace

/// Prints one line a table; `scale` 1 is 200 000 patients (5 000 for letters).
void bench(std::FILE* out, double scale) {
  for (const std::string_view name : TableGenerator::table_names()) {
    const auto patients =
        static_cast<std::uint64_t>((name == "note" ? 5'000 : 200'000) * scale) + 1;
    const TableGenerator generator(1, patients);
    CountingSink sink;
    const std::int64_t start = Env::posix().monotonic_us();
    const Status written = generator.write(name, 0, patients, sink);
    const double seconds = static_cast<double>(Env::posix().monotonic_us() - start) / 1e6;
    if (!written.ok()) {
      fmt::print(out, "{}: {}\n", name, written.error().message);
      continue;
    }
    const auto rows = static_cast<double>(sink.rows);
    fmt::print(out,
               "synth {:<21} {:>11} rows {:>9.3f} a patient {:>12.0f} rows/s {:>9.0f} ns/patient\n",
               name, sink.rows, rows / static_cast<double>(patients), rows / seconds,
               seconds * 1e9 / static_cast<double>(patients));
  }
}

}  // namespace eds::synth
