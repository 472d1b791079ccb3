// Any bytes through every PMSI mapping, down to the rows. No crash, and no record lost: each line
// that is not blank is accepted (it says its record key to the loader) or in the quarantine.
//
// The first byte chooses the format. Rows go into a real load that is never committed; it is begun
// anew now and then, so that memory stays bounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/csv/input.h"
#include "ingest/load.h"
#include "ingest/pmsi/pmsi_files.h"
#include "lake/warehouse.h"

namespace {

using namespace eds;
using namespace eds::ingest;

// Inputs a load takes before another is begun: some 10,000 of 4 kB are 40 MB of rows.
constexpr int kInputsPerLoad = 10'000;

const std::filesystem::path& place() {
  static const auto& path =
      *new std::filesystem::path(std::filesystem::temp_directory_path() /
                                 ("eds_fuzz_" + std::to_string(Env::posix().random_u64())));
  return path;
}

struct Warehouse {
  std::filesystem::path root = place();
  std::unique_ptr<lake::Warehouse> lake;
  std::unique_ptr<Load> load;
  std::vector<std::unique_ptr<FormatReader>> readers = pmsi::readers();
  int inputs = 0;

  Warehouse() {
    std::filesystem::create_directories(root);
    std::atexit([] {
      std::error_code ignored;
      std::filesystem::remove_all(place(), ignored);
    });
    const Path directory = (root / "w").string();
    ENSURE(lake::Warehouse::create(Env::posix(), directory).ok());
    lake = std::move(lake::Warehouse::open(Env::posix(), directory)).value();
  }
  Load& ready() {
    if (load == nullptr || ++inputs % kInputsPerLoad == 0) {
      load.reset();
      Request request;
      request.format = "pmsi-rss";
      request.actor = "fuzz";
      request.authority = "990000001";
      load = std::move(Load::open(*lake, request, nullptr)).value();
    }
    return *load;
  }
};

// Lines that are not blank, cut as a text editor would: an own reading of CR, LF and CR LF. The
// scanner stops a file at nothing but its end; a lone 0x1A as last line is no record.
std::int64_t record_count(std::string_view text) {
  std::int64_t count = 0;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    const bool is_last = end == std::string_view::npos;
    const bool is_mark = is_last && line == "\x1A";
    if (line.find_first_not_of(' ') != std::string_view::npos && !is_mark) ++count;
    if (is_last) break;
    text.remove_prefix(end + 1);
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Never destroyed: DuckDB's own statics may be gone by then. Only its directory is removed.
  static Warehouse& warehouse = *new Warehouse;
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Load& load = warehouse.ready();
  FormatReader& reader = *warehouse.readers[data[0] % warehouse.readers.size()];
  FeedFile file;
  file.source_id = 1;
  file.name = "fuzz";
  const std::uint64_t accepted_before = load.loader().record_count();
  ENSURE(reader.read(load, file, csv::memory_source(text)).ok());
  ENSURE(file.report.record_count == record_count(text));
  const auto accepted = static_cast<std::int64_t>(load.loader().record_count() - accepted_before);
  const std::string_view format = reader.info().name;
  // Units and pairs of numbers have no rows of their own to supersede.
  if (format == "pmsi-um" || format == "pmsi-hosp") return 0;
  ENSURE(accepted + file.report.reject_count == file.report.record_count);
  return 0;
}
