#include "ingest/omop/omop_csv.h"
#include "govern/audit/local.h"

#include <map>

#include "ingest/warehouse_for_test.h"

namespace eds::ingest::omop {
namespace {

const std::string kData = std::string(EDS_SOURCE_DIR) + "/../shared/data/ohdsi/";

LoadReport feed(WarehouseForTest& test, std::vector<Path> paths) {
  const std::unique_ptr<FormatReader> reader = omop_csv_reader();
  Request request;
  request.paths = std::move(paths);
  return test.feed(*reader, request);
}

struct Expected {
  const char* table;
  std::int64_t rows;
  std::int64_t first_column_sum;  // 0: not a number
};

void check_tables(WarehouseForTest& test, const std::vector<Expected>& tables) {
  for (const Expected& expected : tables) {
    INFO(expected.table);
    const std::string name = expected.table;
    CHECK(test.count("SELECT count(*) FROM " + name) == expected.rows);
    if (expected.first_column_sum == 0) continue;
    const std::string column(model::table(name).columns.front().name);
    CHECK(test.ask("SELECT CAST(sum(" + column + ") AS BIGINT) FROM " + name).front() ==
          std::to_string(expected.first_column_sum));
  }
}

}  // namespace

TEST_CASE("times are read as OMOP extracts write them") {
  CHECK(parse_omop_time("1970-01-02") == 86'400'000'000);
  CHECK(parse_omop_time("19700102") == 86'400'000'000);
  CHECK(parse_omop_time("1970-01-01 00:00:01") == 1'000'000);
  CHECK(parse_omop_time("1970-01-01T00:00:01.5") == 1'500'000);
  CHECK(parse_omop_time("1970-01-01 01:00:00+01:00") == 0);
  CHECK_FALSE(parse_omop_time("1970-02-30").has_value());
  CHECK_FALSE(parse_omop_time("02/01/1970").has_value());
  CHECK_FALSE(parse_omop_time("soon").has_value());
}

TEST_CASE("a header is understood in any case, inside SQL, renamed, or by position") {
  const model::Table& visit = model::table("visit_occurrence");
  const HeaderMap mixed = map_header(
      visit, {"VISIT_OCCURRENCE_ID", "\"person_id\"", "date(visit_start_date,'unixepoch')",
              "ADMITTING_SOURCE_VALUE", "favourite_colour"});
  CHECK(mixed.is_header);
  CHECK(mixed.columns == std::vector<std::size_t>{0, 1, visit.column("visit_start_date"),
                                                  visit.column("admitted_from_source_value"),
                                                  model::kNoColumn});
  CHECK(mixed.extra == std::vector<std::string>{"favourite_colour"});

  const HeaderMap data = map_header(model::table("death"), {"7", "2019-05-28", "", "", "", "", ""});
  CHECK_FALSE(data.is_header);
  CHECK(data.columns == std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6});

  // CDM 5.3 has no procedure_end_date: its sixth column is the type.
  const model::Table& act = model::table("procedure_occurrence");
  const HeaderMap older = map_header(act, std::vector<std::string_view>(14, "1"));
  CHECK(older.columns[5] == act.column("procedure_type_concept_id"));
  const HeaderMap newer = map_header(act, std::vector<std::string_view>(16, "1"));
  CHECK(newer.columns[5] == act.column("procedure_end_date"));
}

TEST_CASE("a half-wrong table loads its good half and names every planted error") {
  WarehouseForTest test;
  const Path person =
      test.file("person.csv",
                "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id\n"
                "1,8507,1950,0,0\n"
                "x2,8532,1960,0,0\n"     // line 3: not an integer
                "3,8532,nineteen,0,0\n"  // line 4
                "4,8532,1970.0,0,0\n"    // an integer as R writes it
                "5,8532,1980\n"          // line 6: too few columns
                ",8507,1990,0,0\n"       // line 7: no id
                "7,8507,,0,0\n");        // required and empty: kept, and said
  const LoadReport report = feed(test, {person});
  REQUIRE(report.files.size() == 1);
  CHECK(report.files[0].record_count == 7);
  CHECK(report.files[0].row_count == 3);
  CHECK(report.files[0].reject_count == 4);
  CHECK(report.files[0].rejects_by_reason.at("person_id: not an integer") == 1);
  CHECK(report.files[0].rejects_by_reason.at("year_of_birth: not an integer") == 1);
  CHECK(report.files[0].rejects_by_reason.at("person_id: empty") == 1);
  CHECK(report.files[0].warnings_by_reason.at("year_of_birth: required, and empty") == 1);
  CHECK(report.has_rejects());
  CHECK(test.ask("SELECT person_id, year_of_birth, eds_source_position FROM person ORDER BY 1") ==
        std::vector<std::string>{"1|1950|2", "4|1970|5", "7|-|8"});
}

TEST_CASE("the same bytes fed twice are one release") {
  WarehouseForTest test;
  const Path death = test.file("death.csv", "person_id,death_date\n1,2020-01-01\n2,20200102\n");
  CHECK(feed(test, {death}).release->name == "r1");
  const LoadReport again = feed(test, {death});
  CHECK_FALSE(again.release.has_value());
  CHECK(again.files[0].already_fed);
  CHECK(test.ask("SELECT person_id, death_date FROM death ORDER BY 1") ==
        std::vector<std::string>{"1|2020-01-01", "2|2020-01-02"});
}

TEST_CASE("corrected records load on retry, at their first line") {
  WarehouseForTest test;
  feed(test, {test.file("death.csv", "person_id,death_date\n1,2020-01-01\n2,2020-13-01\n3,x\n")});
  std::vector<std::unique_ptr<FormatReader>> readers;
  readers.push_back(omop_csv_reader());
  RejectFilter filter;
  filter.format = "omop-csv";
  Request request;
  request.actor = "tester";
  {
    std::unique_ptr<govern::Vault> vault;
    govern::KeyRing keys =
        std::move(govern::KeyRing::open(Env::posix(), join(test.directory(), "keys"))).value();
    vault = std::move(govern::Vault::open(Env::posix(), keys, join(test.directory(), "landing")))
                .value();
    std::unique_ptr<govern::Audit> audit =
        audit::open(Env::posix(), keys, {.directory = join(test.directory(), "audit")}).value();
    std::unique_ptr<Quarantine> quarantine =
        std::move(Quarantine::open(Env::posix(), *vault, join(test.directory(), "quarantine")))
            .value();
    const std::vector<RejectRow> open = std::move(quarantine->list(filter)).value();
    REQUIRE(open.size() == 2);
    CHECK(open[0].line == 3);
    CHECK(open[0].byte_offset == 34);
    CHECK(open[0].field == "death_date");
    REQUIRE(
        quarantine->correct(open[0].id, Identifying<std::string>("2,2020-12-01"), *audit, "tester")
            .ok());
  }
  const Result<LoadReport> report = retry_with(test.warehouse(), readers, filter, request, nullptr);
  REQUIRE(report.ok());
  CHECK(report->row_count() == 1);
  CHECK(report->reject_count() == 1);
  CHECK(test.ask("SELECT person_id, death_date, eds_source_position FROM death ORDER BY 1") ==
        std::vector<std::string>{"1|2020-01-01|2", "2|2020-12-01|3"});
  const Result<LoadReport> again = retry_with(test.warehouse(), readers, filter, request, nullptr);
  REQUIRE(again.ok());
  CHECK(again->row_count() == 0);
  CHECK(again->reject_count() == 1);
  CHECK(test.count("SELECT count(*) FROM death") == 2);
}

TEST_CASE("damaged, empty and foreign files are said and stop nothing") {
  WarehouseForTest test;
  const LoadReport report =
      feed(test, {test.file("person.csv.gz", "\x1f\x8b\x08 this is not gzip"),
                  test.file("note.csv", ""), test.file("recipes.csv", "egg,milk\n2,1\n"),
                  test.file("concept.csv", "concept_id\tconcept_name\n1\tit's 5\" long\n"),
                  test.file("death.csv", "person_id,death_date\n1,2020-01-01\n")});
  CHECK(report.release.has_value());
  CHECK_FALSE(report.files[0].failure.empty());
  CHECK(test.ask("SELECT concept_name FROM concept") == std::vector<std::string>{"it's 5\" long"});
  CHECK(test.count("SELECT count(*) FROM death") == 1);
}

TEST_CASE("gibleed loads completely") {
  if (!Env::posix().exists(kData + "gibleed_cdm")) {
    MESSAGE("skipped: shared/data/ohdsi/gibleed_cdm not present");
    return;
  }
  WarehouseForTest test;
  const LoadReport report = feed(test, {kData + "gibleed_cdm"});
  CHECK(report.reject_count() == 0);
  // Counted and added up with Python's csv module.
  check_tables(test, {{"person", 2694, 7142186},
                      {"observation_period", 5343, 14276496},
                      {"visit_occurrence", 1037, 189220756},
                      {"condition_occurrence", 65332, 2924333589},
                      {"drug_exposure", 67707, 5381381702},
                      {"procedure_occurrence", 37409, 1150467824},
                      {"measurement", 44053, 2284342316},
                      {"observation", 1477, 22386307},
                      {"condition_era", 65719, 2938890395},
                      {"drug_era", 52508, 2044789729},
                      {"concept", 444, 5150323109},
                      {"concept_ancestor", 65690, 2633130741881},
                      {"concept_synonym", 1064, 10700997156},
                      {"concept_relationship", 8, 203395194},
                      {"relationship", 480, 0},
                      {"vocabulary", 125, 0},
                      {"domain", 45, 0},
                      {"cdm_source", 1, 0}});
  CHECK(test.ask("SELECT birth_datetime FROM person WHERE person_id = 6") ==
        std::vector<std::string>{"1963-12-31T00:00:00"});
  // As many pseudonyms as there were values, and none of these.
  CHECK(test.ask("SELECT count(DISTINCT person_source_value), min(length(person_source_value)), "
                 "max(length(person_source_value)) FROM person") ==
        std::vector<std::string>{"2694|16|16"});
  CHECK(feed(test, {kData + "gibleed_cdm"}).release.has_value() == false);
}

TEST_CASE("what may name a person enters the lake only when told that it is pseudonymised") {
  const std::string persons =
      "person_id,gender_concept_id,year_of_birth,person_source_value\n1,8507,1950,MRN-77\n";
  const std::string homes =
      "location_id,address_1,address_2,city,zip,location_source_value,latitude,longitude\n"
      "9,3 rue des Lilas,bat C,Nantes,44000,MRN-77,47.2184,-1.5536\n";
  const std::string ask_home =
      "SELECT address_1, address_2, city, zip, latitude, longitude FROM location";
  const std::unique_ptr<FormatReader> reader = omop_csv_reader();
  for (const SourceValues values : {SourceValues::Drop, SourceValues::Keep}) {
    WarehouseForTest test;
    Request request;
    request.paths = {test.file("person.csv", persons), test.file("location.csv", homes)};
    request.source_values = values;
    const LoadReport report = test.feed(*reader, request);
    const bool is_kept = values == SourceValues::Keep;
    CHECK(test.ask(ask_home)[0] == (is_kept ? "3 rue des Lilas|bat C|Nantes|44000|47.2184|-1.5536"
                                            : "-|-|Nantes|44000|-|-"));
    // One warning a column, with how often: nothing is left out silently.
    std::size_t warnings = 0;
    for (const FileReport& file : report.files) warnings += file.warnings_by_reason.size();
    CHECK(warnings == (is_kept ? 0 : 6));
    const std::string number = test.ask("SELECT person_source_value FROM person")[0];
    const std::string home = test.ask("SELECT location_source_value FROM location")[0];
    if (is_kept) {
      CHECK(number == "MRN-77");
      CHECK(home == "MRN-77");
      continue;
    }
    for (const std::string& pseudonym : {number, home}) {
      CHECK(pseudonym.size() == 16);
      CHECK(pseudonym.find_first_not_of("0123456789abcdef") == std::string::npos);
    }
    CHECK(number != home);  // One value in two columns is not told to be one.
  }
}

TEST_CASE("synthea27nj loads completely from its zip, and comes back out") {
  const Path zip = kData + "synthea27nj/Synthea27Nj_5.4.zip";
  if (!Env::posix().exists(zip)) {
    MESSAGE("skipped: shared/data/ohdsi/synthea27nj not present");
    return;
  }
  WarehouseForTest test;
  const LoadReport report = feed(test, {zip});
  CHECK(report.reject_count() == 0);
  const std::vector<Expected> tables = {{"person", 28, 406},
                                        {"death", 3, 41},
                                        {"observation_period", 28, 406},
                                        {"visit_occurrence", 1791, 1613889},
                                        {"visit_detail", 1791, 1792613889},
                                        {"condition_occurrence", 470, 110685},
                                        {"condition_era", 469, 110215},
                                        {"drug_exposure", 883, 390286},
                                        {"device_exposure", 1, 1},
                                        {"procedure_occurrence", 1649, 1360425},
                                        {"measurement", 10040, 50405820},
                                        {"observation", 8099, 32800950},
                                        {"provider", 67, 2278},
                                        {"concept", 2294, 27596660812},
                                        {"concept_relationship", 266588, 6770082289318}};
  check_tables(test, tables);
  CHECK(test.ask("SELECT CAST(round(sum(value_as_number), 4) AS DECIMAL(18,4))::VARCHAR, "
                 "count(value_as_number) FROM measurement") ==
        std::vector<std::string>{"623864.8000|9107"});

  const Path out = test.at("out");
  REQUIRE(export_omop_csv(test.warehouse(), report.release->id, out).ok());
  WarehouseForTest copy;
  CHECK(feed(copy, {out}).reject_count() == 0);
  check_tables(copy, tables);
}

TEST_CASE("a damaged member of a zip gives its sound rows, and the other members all of theirs") {
  WarehouseForTest test;
  const Path zip = test.at("cdm.zip");
  // Stored, not compressed: one byte changed in the member's last row, whose CRC then is wrong.
  const std::string script =
      "import zipfile,sys\n"
      "rows='person_id,gender_concept_id,year_of_birth\\n'+''.join('%d,8507,1948\\n'%i for i in "
      "range(1,200001))\n"
      "z=zipfile.ZipFile(sys.argv[1],'w');z.writestr('person.csv',rows+'9,8507,1923\\n')\n"
      "z.writestr('death.csv','person_id,death_date\\n1,2020-01-02\\n');z.close()\n"
      "b=open(sys.argv[1],'rb').read();open(sys.argv[1],'wb').write(b.replace(b',1923',b',1924',1))"
      "\n";
  const Path program = test.file("zip.py", script);
  REQUIRE(std::system(("python3 " + program + " " + zip).c_str()) == 0);
  const LoadReport report = feed(test, {zip});
  REQUIRE(report.files.size() == 2);
  CHECK(report.reject_count() == 1);
  CHECK(report.files[0].failure.find("damaged") != std::string::npos);
  CHECK(test.count("SELECT count(*) FROM person") > 190'000);
  CHECK(test.count("SELECT count(*) FROM death") == 1);
}

TEST_CASE("a file that opens with a bad line is refused as a whole, and said to be") {
  WarehouseForTest test;
  const std::string good = "person_id,gender_concept_id,year_of_birth\n1,8507,1948\n";
  const std::string with_nul = std::string("person_id,gen\0der,year\n", 23) + "1,8507,1948\n";
  REQUIRE(std::filesystem::create_directories(test.at("endless")));
  REQUIRE(std::filesystem::create_directories(test.at("nul")));
  for (const auto& [path, bytes] :
       {std::pair{test.at("nul/person.csv"), with_nul},
        std::pair{test.at("endless/person.csv"), std::string(3'000'000, 'x') + "\n" + good}}) {
    std::ofstream(path, std::ios::binary) << bytes;
    const LoadReport report = feed(test, {path});
    REQUIRE(report.files.size() == 1);
    CHECK(report.files[0].failure.find("the first line is not a row") != std::string::npos);
    CHECK(report.reject_count() == 1);
  }
  CHECK(test.count("SELECT count(*) FROM person") == 0);
  CHECK(feed(test, {test.file("person.csv", good)}).reject_count() == 0);
}

TEST_CASE("a load leaves no byte of a thousand source values outside the landing zone") {
  WarehouseForTest test;
  std::string persons = "person_id,gender_concept_id,year_of_birth,person_source_value\n";
  std::vector<std::string> secrets;
  for (int i = 0; i < 1000; ++i) {
    const std::string ipp = "IPPQ" + std::to_string(700000 + i) + "Z";
    // Every tenth row is rejected: its raw bytes are sealed too.
    persons += std::to_string(i + 1) + ",8507," + (i % 10 == 0 ? "n/a" : "1948") + "," + ipp + "\n";
    secrets.push_back(ipp);
  }
  const std::unique_ptr<FormatReader> reader = omop_csv_reader();
  Request request;
  request.paths = {test.file("person.csv", persons)};
  CHECK(test.feed(*reader, request).reject_count() == 100);
  CHECK(test.count("SELECT count(*) FROM person") == 900);
  CHECK(test.leaks(secrets) == 0);
}

}  // namespace eds::ingest::omop
