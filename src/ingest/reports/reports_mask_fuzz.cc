// Any bytes as the text of a report whose patient is known: the load goes on, the report is a note
// or a reject, and the patient's name, IPP and phone, standing alone in it, are in no note.
//
// The load is never committed; it is begun anew now and then, so that memory stays bounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "duck/duck.h"
#include "ingest/load.h"
#include "ingest/reports/identities_csv.h"
#include "ingest/reports/reports_csv.h"
#include "lake/warehouse.h"

namespace {

using namespace eds;
using namespace eds::ingest;

constexpr int kInputsPerLoad = 500;

constexpr const char* kPatients =
    "[columns]\nipp = \"I\"\nbirth_name = \"N\"\nphone = \"T\"\n[time]\nformat = \"%d/%m/%Y\"\n"
    "[identity]\nauthority = \"750712184\"\n[file]\nseparator = \";\"\n";
constexpr const char* kReports =
    "[columns]\nipp = \"I\"\ndate = \"D\"\ntext = \"X\"\n[time]\nformat = \"%d/%m/%Y\"\n"
    "[identity]\nauthority = \"750712184\"\n[file]\nseparator = \";\"\n";

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
  std::int64_t note_count = 0;
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
  static FeedFile file_of(const char* mapping) {
    FeedFile file;
    file.source_id = 1;
    file.name = "fuzz";
    file.context.mapping = mapping;
    return file;
  }

  Load& ready() {
    if (load != nullptr && ++inputs % kInputsPerLoad != 0) return *load;
    load.reset();
    Request request;
    request.format = "reports-csv";
    request.actor = "fuzz";
    load = std::move(Load::open(*lake, request, nullptr)).value();
    note_count = 0;
    FeedFile file = file_of(kPatients);
    const std::string bytes = "I;N;T\n8007123456;ZORKWAXIER;0612345678\n";
    ENSURE(reports::identities_csv_reader()->read(*load, file, csv::memory_source(bytes)).ok());
    return *load;
  }
};

std::int64_t count(Load& load, const std::string& condition) {
  ENSURE(load.loader().settle().ok());
  const std::string notes = std::move(load.loader().staged(model::table("note"))).value();
  duck::Rows rows = std::move(load.loader().connection().query("SELECT count(*) FROM " + notes +
                                                               " WHERE " + condition))
                        .value();
  return (*std::move(rows.next()).value()).int_at(0, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Never destroyed: DuckDB's own statics may be gone by then. Only its directory is removed.
  static Warehouse& warehouse = *new Warehouse;
  Load& load = warehouse.ready();
  // The bytes as one quoted field; what names the patient stands alone on its own lines.
  std::string text(reinterpret_cast<const char*>(data), size);
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) {
    text.insert(at, 1, '"');
  }
  const std::string bytes = "I;D;X\n8007123456;03/01/2026;\"" + text +
                            "\nMadame ZORKWAXIER, 8007123456, 06 12 34 56 78.\n" + text + "\"\n";
  FeedFile file = Warehouse::file_of(kReports);
  ENSURE(reports::reports_csv_reader()->read(load, file, csv::memory_source(bytes)).ok());
  const std::int64_t notes = count(load, "true");
  ENSURE(notes - warehouse.note_count + file.report.reject_count == file.report.record_count);
  warehouse.note_count = notes;
  ENSURE(count(load,
               "contains(note_text, 'ZORKWAXIER') OR contains(note_text, '8007123456') OR "
               "contains(note_text, '06 12 34 56 78')") == 0);
  return 0;
}
