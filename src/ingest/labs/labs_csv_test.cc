#include "ingest/labs/labs_csv.h"

#include <sys/stat.h>

#include "ingest/labs/units.h"
#include "ingest/warehouse_for_test.h"

namespace eds::ingest::labs {
namespace {

constexpr const char* kMapping = R"([file]
separator = ";"
encoding = "auto"
[columns]
ipp = "IPP"
nda = "NDA"
time = "DATE"
code = "CODE"
value = "RESULTAT"
unit = "UNITE"
range_low = "INF"
range_high = 9
flag = "ANO"
record_id = "NUM"
[time]
format = "%d/%m/%Y %H:%M"
[unit]
"g/100ml" = "g/dL"
[convert]
"718-7" = "g/L"
[identity]
authority = "750712184"
)";
const std::string kHeader = "IPP;NDA;DATE;CODE;RESULTAT;UNITE;ANO;INF;SUP;NUM\n";

LoadReport feed(WarehouseForTest& test, const std::string& name, const std::string& bytes,
                const std::string& mapping = kMapping) {
  Request request;
  request.paths = {test.file(name, bytes)};
  request.mapping = test.file("mapping.toml", mapping);
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  return test.feed(*reader, request);
}

const char* const kRows =
    "SELECT measurement_date, measurement_source_value, value_as_number, operator_concept_id, "
    "unit_source_value, value_source_value, range_low, range_high, eds_flag FROM measurement "
    "ORDER BY eds_source_position";

}  // namespace

TEST_CASE("units of one kind have a factor, others have none") {
  CHECK(conversion_factor("g/dL", "g/L") == doctest::Approx(10));
  CHECK(conversion_factor("mg/dL", "g/L") == doctest::Approx(0.01));
  CHECK(conversion_factor("umol/L", "mmol/L") == doctest::Approx(0.001));
  CHECK(conversion_factor("10*3/uL", "10*9/L") == doctest::Approx(1));
  CHECK(conversion_factor("/mm3", "10*9/L") == doctest::Approx(1e-3));
  CHECK(conversion_factor("%", "1") == doctest::Approx(0.01));
  CHECK(conversion_factor("mm[Hg]", "kPa") == doctest::Approx(0.133322));
  CHECK(conversion_factor("m[IU]/L", "[IU]/L") == doctest::Approx(1e-3));
  CHECK(conversion_factor("ukat/L", "U/L") == doctest::Approx(60));
  CHECK(conversion_factor("{cells}/uL", "/uL") == doctest::Approx(1));
  CHECK_FALSE(conversion_factor("mmol/L", "g/L").has_value());
  CHECK_FALSE(conversion_factor("furlong", "m").has_value());
  for (const char* text : {"", "/", "10*", "g//L", "{", "}", "[", "g/", "10*99999999999"}) {
    static_cast<void>(parse_unit(text));
  }
}

TEST_CASE("results keep what was received beside the canonical value") {
  WarehouseForTest test;
  const LoadReport report = feed(test, "labs.csv",
                                 kHeader +
                                     "P1;S1;03/01/2026 08:30;718-7;12,5;g/100ml;;13,0;17;R1\n"
                                     "P1;S1;03/01/2026 08:30;2951-2;<135;mmol/L;L;135;145;R2\n"
                                     "P1;;04/01/2026 09:00;600-7;Escherichia coli;;;;;R3\n"
                                     "P2;S2;05/01/2026 10:00;2160-0;>= 1200;\xB5mol/L;;;;R4\n");
  INFO(report.summary());
  CHECK(report.reject_count() == 0);
  CHECK(test.ask(kRows) ==
        std::vector<std::string>{"2026-01-03|718-7|125|4172703|g/100ml|12,5|130|170|-",
                                 "2026-01-03|2951-2|135|4171756|mmol/L|<135|135|145|L",
                                 "2026-01-04|600-7|-|-|-|Escherichia coli|-|-|-",
                                 "2026-01-05|2160-0|1200|4171755|\xC2\xB5mol/L|>= 1200|-|-|-"});
  CHECK(test.ask("SELECT visit_start_date, visit_end_date FROM visit_occurrence ORDER BY 1") ==
        std::vector<std::string>{"2026-01-03|2026-01-03", "2026-01-05|2026-01-05"});
  CHECK(test.ask("SELECT observation_period_start_date, observation_period_end_date FROM "
                 "observation_period ORDER BY 1") ==
        std::vector<std::string>{"2026-01-03|2026-01-04", "2026-01-05|2026-01-05"});
  CHECK(test.count("SELECT count(*) FROM person") == 2);
  // 32856 is OMOP's type concept "Lab".
  CHECK(test.ask("SELECT DISTINCT measurement_type_concept_id FROM measurement") ==
        std::vector<std::string>{"32856"});
}

TEST_CASE("a result fed again replaces itself, and a batch half wrong loads its good half") {
  WarehouseForTest test;
  feed(test, "a.csv", kHeader + "P1;S1;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n");
  const LoadReport report = feed(test, "b.csv",
                                 kHeader +
                                     "P1;S1;03/01/2026 08:30;718-7;13,5;g/dL;;;;R1\n"
                                     "P1;S1;31/02/2026 08:30;718-7;13,5;g/dL;;;;R5\n"
                                     ";;03/01/2026 08:30;718-7;13,5;g/dL;;;;R6\n"
                                     "P1;S1;03/01/2026 08:30;;13,5;g/dL;;;;R7\n"
                                     "P1;S1;03/01/2026\n"
                                     "P1;S1;03/01/2026 08:31;718-7;14;g/dL;;;;R8\n");
  CHECK(report.reject_count() == 4);
  CHECK(report.files[0].rejects_by_reason.at("time: the time is not as the mapping says") == 1);
  CHECK(test.ask("SELECT value_as_number FROM measurement ORDER BY 1") ==
        std::vector<std::string>{"135", "140"});
  CHECK(report.superseded_rows.at("measurement") == 1);
}

TEST_CASE("a stay number known as another person's is kept from the second, and said") {
  WarehouseForTest test;
  feed(test, "a.csv", kHeader + "P1;S1;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n");
  const LoadReport report = feed(test, "b.csv",
                                 kHeader +
                                     "P2;S1;09/01/2026 08:30;718-7;14,5;g/dL;;;;R2\n"
                                     "P2;S1;10/01/2026 08:30;718-7;14,6;g/dL;;;;R3\n");
  CHECK(report.reject_count() == 0);
  CHECK(report.files[0].warnings_by_reason.at("nda: stay-of-another-person") >= 1);
  CHECK(test.ask("SELECT value_as_number, visit_occurrence_id IS NULL FROM measurement "
                 "ORDER BY 1") == std::vector<std::string>{"125|0", "145|1", "146|1"});
  // The stay keeps its person and its days.
  CHECK(test.ask("SELECT count(*), min(visit_start_date), max(visit_end_date) "
                 "FROM visit_occurrence") == std::vector<std::string>{"1|2026-01-03|2026-01-03"});
  CHECK(test.count("SELECT count(DISTINCT person_id) FROM measurement") == 2);
}

TEST_CASE("a period is worked out again when the last result turns out to be of another day") {
  WarehouseForTest test;
  // No stay: only the results themselves say when the person was seen.
  feed(test, "a.csv",
       kHeader +
           "P1;;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n"
           "P1;;09/01/2026 08:30;718-7;12,5;g/dL;;;;R2\n"
           "P1;;20/03/2026 08:30;718-7;12,5;g/dL;;;;R3\n");
  const std::string period =
      "SELECT observation_period_start_date, observation_period_end_date FROM observation_period";
  CHECK(test.ask(period) == std::vector<std::string>{"2026-01-03|2026-03-20"});
  feed(test, "b.csv", kHeader + "P1;;05/01/2026 08:30;718-7;12,5;g/dL;;;;R3\n");
  CHECK(test.ask(period) == std::vector<std::string>{"2026-01-03|2026-01-09"});
  feed(test, "c.csv", kHeader + "P1;;06/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n");
  CHECK(test.ask(period) == std::vector<std::string>{"2026-01-05|2026-01-09"});
  CHECK(test.count("SELECT count(*) FROM person") == 1);
}

TEST_CASE("codes come from a local table, and an unknown IPP may be refused") {
  WarehouseForTest test;
  std::ofstream(test.at("codes.csv")) << "local;loinc\nHB;718-7\n";
  std::string mapping = kMapping;
  mapping += "unknown_ipp = \"reject\"\n[code]\nvocabulary = \"GLIMS\"\nmap = \"codes.csv\"\n";
  const LoadReport report =
      feed(test, "a.csv", kHeader + "P1;;03/01/2026 08:30;HB;12,5;g/dL;;;;R1\n", mapping);
  CHECK(report.reject_count() == 1);
  CHECK(report.files[0].rejects_by_reason.at("ipp: no person has this number") == 1);

  std::vector<std::unique_ptr<FormatReader>> readers;
  readers.push_back(labs_csv_reader());
  RejectFilter filter;
  filter.format = "labs-csv";
  Request request;
  request.actor = "tester";
  std::string fixed = kMapping;
  fixed += "[code]\nvocabulary = \"GLIMS\"\n[loinc]\nHB = \"718-7\"\n";
  request.mapping = test.file("fixed.toml", fixed);
  const Result<LoadReport> retried =
      retry_with(test.warehouse(), readers, filter, request, nullptr);
  INFO((retried.ok() ? "" : retried.error().message));
  REQUIRE(retried.ok());
  CHECK(retried->reject_count() == 0);
  CHECK(test.ask("SELECT value_as_number, eds_source_position FROM measurement") ==
        std::vector<std::string>{"125|2"});
}

TEST_CASE("a mapping that is wrong is refused before anything is read") {
  WarehouseForTest test;
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  Request request;
  request.actor = "tester";
  request.format = "labs-csv";
  request.paths = {test.file("a.csv", kHeader)};
  for (const char* wrong :
       {"not toml at all [", "[columns]\nipp='IPP'\n", "[columns]\nipp='NOPE'\ntime='DATE'\n",
        "[columns]\nipp='IPP'\ntime='DATE'\ncode='CODE'\nvalue='RESULTAT'\ncolour='X'\n",
        "[columns]\nipp='IPP'\n[time]\nformat='%Q'\n"}) {
    INFO(wrong);
    request.mapping = test.file("mapping.toml", wrong);
    const Result<LoadReport> report = feed_with(test.warehouse(), *reader, request, nullptr);
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().code == Code::Usage);
    CHECK_FALSE(test.warehouse().catalogue().latest().ok());
  }
}

TEST_CASE("no number of a thousand laboratory identities is in any file of the warehouse") {
  WarehouseForTest test;
  std::string labs = kHeader;
  std::vector<std::string> secrets;
  for (int i = 0; i < 1000; ++i) {
    const std::string ipp = "IPP31" + std::to_string(700000 + i) + "Z";
    const std::string nda = "5500" + std::to_string(100000 + i) + "9";
    const std::string record = "RES" + std::to_string(900000 + i) + "Q";
    labs += ipp + ";" + nda + (i % 10 == 0 ? ";99" : ";03") + "/01/2026 08:30;718-7;12,5;g/dL;;;;" +
            record + "\n";
    for (const std::string& secret : {ipp, nda, record}) secrets.push_back(secret);
  }
  CHECK(feed(test, "labs.csv", labs).reject_count() == 100);
  CHECK(test.count("SELECT count(*) FROM measurement") == 900);
  CHECK(test.leaks(secrets) == 0);
}

TEST_CASE("a cancelled load changes nothing") {
  WarehouseForTest test;
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  Request request;
  request.actor = "tester";
  request.format = "labs-csv";
  request.paths = {test.file("a.csv", kHeader + "P1;S1;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n")};
  request.mapping = test.file("mapping.toml", kMapping);
  Progress progress;
  progress.cancelled = true;
  const Result<LoadReport> report = feed_with(test.warehouse(), *reader, request, &progress);
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().code == Code::Cancelled);
  CHECK_FALSE(test.warehouse().catalogue().latest().ok());
  CHECK(feed(test, "a.csv", kHeader + "P1;S1;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n")
            .release->name == "r1");
}

namespace {

const std::string kOneResult = kHeader + "P1;S1;03/01/2026 08:30;718-7;12,5;g/dL;;;;R1\n";
const std::string kOtherHeader = "PATIENT" + kHeader.substr(3);

Request request_for(WarehouseForTest& test, std::vector<Path> paths,
                    const std::string& mapping = kMapping) {
  Request request;
  request.actor = "tester";
  request.format = "labs-csv";
  request.mapping = test.file("mapping.toml", mapping);
  request.paths = std::move(paths);
  return request;
}

}  // namespace

TEST_CASE("a file that does not fit the mapping is left out, and the others are loaded") {
  WarehouseForTest test;
  const std::string other = kOtherHeader + "P2;S2;03/01/2026 08:30;718-7;13,5;g/dL;;;;R2\n";
  const std::vector<Path> paths = {test.file("other.csv", other), test.file("a.csv", kOneResult)};
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  const LoadReport report = test.feed(*reader, request_for(test, paths));
  REQUIRE(report.files.size() == 2);
  CHECK(report.files[0].failure.find("ipp: IPP") != std::string::npos);
  CHECK(report.files[1].failure.empty());
  CHECK(report.reject_count() == 1);
  CHECK(test.count("SELECT count(*) FROM measurement") == 1);

  // With the mapping it needs, the same file is no longer refused, nor taken for already fed.
  std::string mapping = kMapping;
  mapping.replace(mapping.find("\"IPP\""), 5, "\"PATIENT\"");
  CHECK(test.feed(*reader, request_for(test, {paths[0]}, mapping)).reject_count() == 0);
  CHECK(test.count("SELECT count(*) FROM measurement") == 2);
}

TEST_CASE("when no file fits the mapping nothing is loaded, and the mapping is to blame") {
  WarehouseForTest test;
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  const Request request = request_for(
      test, {test.file("a.csv", kOtherHeader + "P;S;;;;;;;;\n"), test.file("b.csv", "x;y\n1;2\n")});
  const Result<LoadReport> report = feed_with(test.warehouse(), *reader, request, nullptr);
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().code == Code::Usage);
  CHECK_FALSE(test.warehouse().catalogue().latest().ok());
}

TEST_CASE("a pipe is refused at once, and a device; the files beside them are loaded") {
  WarehouseForTest test;
  const Path pipe = test.at("pipe.csv");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  for (const Path& path : {pipe, Path("/dev/zero")}) {
    const Result<LoadReport> alone =
        feed_with(test.warehouse(), *reader, request_for(test, {path}), nullptr);
    REQUIRE_FALSE(alone.ok());
    CHECK(alone.error().message.find("not a regular file") != std::string::npos);
  }
  const LoadReport report =
      test.feed(*reader, request_for(test, {pipe, "/dev/zero", test.file("a.csv", kOneResult)}));
  CHECK(report.reject_count() == 2);
  CHECK(test.count("SELECT count(*) FROM measurement") == 1);
}

TEST_CASE("a warehouse whose keys went away is not given new ones") {
  WarehouseForTest test;
  CHECK(feed(test, "a.csv", kOneResult).reject_count() == 0);
  const Path keys = join(test.directory(), "keys");
  std::filesystem::rename(keys, test.at("elsewhere"));
  const std::unique_ptr<FormatReader> reader = labs_csv_reader();
  const Request request = request_for(test, {test.file("b.csv", kOneResult + "P2;S2;;;;;;;;\n")});
  const Result<LoadReport> refused = feed_with(test.warehouse(), *reader, request, nullptr);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("bring them back") != std::string::npos);
  CHECK_FALSE(Env::posix().exists(join(keys, "identity.key")));
  std::filesystem::remove_all(keys);
  std::filesystem::rename(test.at("elsewhere"), keys);
  CHECK(test.feed(*reader, request).reject_count() == 1);
}

}  // namespace eds::ingest::labs
