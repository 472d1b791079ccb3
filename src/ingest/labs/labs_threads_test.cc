// A laboratory's file gives the same rows, claims and rejects, in the same order, however many
// threads parse it.
#include <random>

#include "ingest/labs/labs_csv.h"
#include "ingest/labs/number_table.h"
#include "ingest/load.h"
#include "ingest/warehouse_for_test.h"

namespace eds::ingest::labs {
namespace {

constexpr const char* kMapping = R"([file]
separator = ";"
[columns]
ipp = "IPP"
nda = "NDA"
time = "DATE"
code = "CODE"
value = "RESULTAT"
unit = "UNITE"
range_low = "INF"
range_high = "SUP"
flag = "ANO"
record_id = "NUM"
[time]
format = "%d/%m/%Y %H:%M"
[convert]
"718-7" = "g/L"
[identity]
authority = "750712184"
)";

// Rows of which every third has something odd: no number, two spellings of a time, an open quote, a
// quoted separator, a byte that is no UTF-8, a column too few, a zero byte.
std::string dirty_file(std::uint32_t seed, int row_count) {
  std::mt19937 random(seed);
  const auto one_of = [&](std::initializer_list<const char*> words) -> std::string {
    return *(words.begin() + random() % words.size());
  };
  std::string text = "IPP;NDA;DATE;CODE;RESULTAT;UNITE;INF;SUP;ANO;NUM\n";
  for (int row = 0; row < row_count; ++row) {
    const bool odd = random() % 3 == 0;
    const std::string person = std::to_string(random() % 300);
    text += odd ? one_of({"", " ", "\"\"\"P1\"\"\"", "P\x01"}) : "P" + person;
    text += ";" + (odd ? one_of({"", "S1", " S2 "}) : "S" + person);
    text += ";" + (odd ? one_of({"31/02/2026 08:30", "", "3/1/2026", "03/01/2026 08:30"})
                       : fmt::format("{:02}/01/2026 {:02}:30", 1 + row / 97 % 28, row / 7 % 24));
    text += ";" + (odd ? one_of({"", "718-7", "\"7;8\"", "h\xE9mo"}) : one_of({"718-7", "2951-2"}));
    text += ";" + (odd ? one_of({"<5", "n\xE9gatif", "0,5 g/dL", "3 colonies", "\"open"})
                       : fmt::format("{},{}", random() % 200, random() % 10));
    text += ";" + one_of({"g/dL", "mmol/L", "", "\xB5mol/L"});
    text += ";" + one_of({"1,5", "", "x"}) + ";" + one_of({"17", "*"}) + ";" + one_of({"", "H"});
    if (odd && random() % 9 == 0) text += '\0';
    if (!odd || random() % 5 != 0)
      text += ";" + (random() % 4 == 0 ? "R" + std::to_string(row) : "");
    text += one_of({"\n", "\n", "\r\n", "\n\n"});
  }
  return text;
}

struct Outcome {
  std::vector<std::string> rows, spans, stays, rejects;
  std::map<std::string, std::int64_t> warnings;
  std::int64_t record_count = 0;
  std::int64_t superseded = 0;  ///< by a row of the same record number
};

Outcome feed(const std::string& bytes, int threads) {
  WarehouseForTest test;
  Request request;
  request.paths = {test.file("labs.csv", bytes)};
  request.mapping = test.file("mapping.toml", kMapping);
  request.actor = "tester";
  request.format = "labs-csv";
  request.threads = threads;
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  const LoadReport report = test.feed(*reader, request);
  Outcome outcome;
  outcome.record_count = report.files.at(0).record_count;
  const auto superseded = report.superseded_rows.find("measurement");
  if (superseded != report.superseded_rows.end()) outcome.superseded = superseded->second;
  outcome.warnings = report.files.at(0).warnings_by_reason;
  // Person ids are drawn at random: the first position of a person stands for it.
  outcome.rows = test.ask(
      "SELECT eds_source_position, measurement_id, min(eds_source_position) OVER (PARTITION BY "
      "person_id), * EXCLUDE (person_id, eds_record_key), eds_record_key IS NULL FROM measurement "
      "ORDER BY eds_source_position");
  outcome.spans = test.ask(
      "SELECT min(fact.eds_source_position), observation_period_start_date, "
      "observation_period_end_date FROM observation_period JOIN (SELECT person_id, "
      "eds_source_position FROM measurement) AS fact USING (person_id) GROUP BY person_id, 2, 3 "
      "ORDER BY "
      "1");
  outcome.stays = test.ask(
      "SELECT visit_occurrence_id, visit_start_date, visit_end_date FROM visit_occurrence "
      "ORDER BY 1");
  const std::unique_ptr<Load> load =
      std::move(Load::open(test.warehouse(), request, nullptr)).value();
  const std::vector<RejectBytes> open = std::move(load->quarantine().open_records({})).value();
  for (const RejectBytes& reject : open) {
    outcome.rejects.push_back(fmt::format("{} {} {} {} {} {}", reject.row.line,
                                          reject.row.byte_offset, reject.row.field, reject.row.code,
                                          reject.row.reason, reject.raw.reveal(Reason::Check)));
  }
  return outcome;
}

}  // namespace

TEST_CASE("one thread and many give the same rows, claims and rejects in the same order") {
  for (const std::uint32_t seed : {1U, 2U, 3U}) {
    INFO("seed " << seed);
    const std::string bytes = dirty_file(seed, 9000);  // five batches
    const Outcome alone = feed(bytes, 1);
    CHECK(alone.rows.size() > 5000);
    CHECK(alone.rejects.size() > 500);
    CHECK(alone.record_count ==
          static_cast<std::int64_t>(alone.rows.size() + alone.rejects.size()) + alone.superseded);
    CHECK(alone.stays.size() > 100);
    for (const int threads : {2, 4}) {
      const Outcome together = feed(bytes, threads);
      CHECK(together.rows == alone.rows);
      CHECK(together.spans == alone.spans);
      CHECK(together.stays == alone.stays);
      CHECK(together.rejects == alone.rejects);
      CHECK(together.warnings == alone.warnings);
      CHECK(together.record_count == alone.record_count);
    }
  }
}

TEST_CASE("a table of numbers finds what was added, at the address it was given") {
  NumberTable<int> table;
  CHECK(table.find(hash_of("7"), "7") == nullptr);
  std::vector<int*> places;
  // Five hashes only: nearly every number meets another on its way.
  const auto hash = [](int number) { return std::uint64_t{0x1'0000'0001} * (number % 5); };
  for (int number = 0; number < 3000; ++number) {
    places.push_back(table.add(hash(number), std::to_string(number), number));
  }
  CHECK(table.size() == 3000);
  for (int number = 0; number < 3000; ++number) {
    CHECK(table.find(hash(number), std::to_string(number)) == places[number]);
    CHECK(*places[number] == number);
    CHECK(table.value_at(number) == number);
    CHECK(table.find(hash(number), "x" + std::to_string(number)) == nullptr);
  }
}

}  // namespace eds::ingest::labs
