#include "ingest/pmsi/pmsi_files.h"

#include <thread>

#include "base/passing_env_for_test.h"
#include "format/pmsi/write.h"
#include "ingest/warehouse_for_test.h"
#include "lake/loader.h"

namespace eds::ingest::pmsi {
namespace {

const std::string kData = std::string(EDS_SOURCE_DIR) + "/../shared/data/french/pmsi/synthetic/";

// An ungrouped RUM 022 written by hand: 177 characters, then the blocks.
struct RumText {
  std::string rss = "RSS1", stay = "900000001", rum = "1", birth = "14071948", sex = "1";
  std::string unit = "1001", entry = "03012026", entry_mode = "8", provenance = "5";
  std::string exit = "07012026", exit_mode = "8", destination = " ", dp = "I210", dr = "";
  std::vector<std::string> das, dads, acts;

  static std::string left(std::string text, std::size_t size) {
    text.resize(size, ' ');
    return text;
  }
  static std::string two(std::size_t count) {
    return (count < 10 ? "0" : "") + std::to_string(count);
  }
  std::string line() const {
    std::string text = "990000001022" + left(rss, 20) + left(stay, 20) + left(rum, 10) + birth +
                       sex + left(unit, 4) + "  " + entry + entry_mode + provenance + exit +
                       exit_mode + destination + "75012" + "    " + "  " + "        " + "00" +
                       two(das.size()) + two(dads.size()) + "0" + two(acts.size()) + left(dp, 8) +
                       left(dr, 8) + "   ";
    text = left(text, 177);
    for (const std::string& code : das) text += left(code, 8);
    for (const std::string& code : dads) text += left(code, 8);
    for (const std::string& act : acts) text += left(act, 29);
    return text + "\r\n";
  }
};

/// The disk takes everything but the sync of a part.
class NoPartsEnv final : public PassingEnv {
 public:
  Result<std::unique_ptr<WritableFile>> append_to(const Path& path) override {
    if (path.ends_with(".parquet")) return Error{Code::NoSpace, "the disk is full"};
    return PassingEnv::append_to(path);
  }
};

LoadReport feed(WarehouseForTest& test, std::unique_ptr<FormatReader> reader, const Path& path,
                const std::string& authority = "") {
  Request request;
  request.paths = {path};
  request.authority = authority;
  return test.feed(*reader, request);
}

std::string vid_hosp(const std::string& ipp, const std::string& stay, const std::string& entry,
                     const std::string& exit, const std::string& birth = "14071948") {
  eds::pmsi::Draft draft(*eds::pmsi::layout(eds::pmsi::Kind::VidHosp, "V015"));
  const auto set = [&](const char* field, const std::string& value) {
    INFO(field);
    REQUIRE(draft.set(field, value).ok());
  };
  set("insured_nir", "1480778006084");
  set("insured_nir_key", "91");
  set("scheme", "01");
  set("birth_date", birth);
  set("sex", "1");
  set("stay_number", stay);
  set("vid_hosp_version", "V015");
  set("finess", "990000001");
  set("exemption", "0");
  set("insurance_nature", "10");
  set("billable", "1");
  set("flat_copayment", "0");
  set("ipp", ipp);
  set("hospitalisation_date", entry);
  set("entry_date", entry);
  set("exit_date", exit);
  set("rights_document", "1");
  set("entry_number", "1");
  set("fund_number", "123");
  set("fund_centre", "1234");
  return std::move(draft.line()).value() + "\r\n";
}

}  // namespace

TEST_CASE("a stay of two RUM is one visit, two details, and one row for each code and act") {
  WarehouseForTest test;
  RumText first;
  first.das = {"I10", "E119"};
  first.dads = {"Z720"};
  first.acts = {"03012026DDAF007   01 AB    01", "04012026DDAF007-0104       02"};
  RumText second;
  second.rum = "2";
  second.unit = "2002";
  second.entry = "07012026";
  second.entry_mode = "6";
  second.provenance = "1";
  second.exit = "12012026";
  second.dp = "I500";
  second.dr = "C509";
  const LoadReport report =
      feed(test, rss_reader(), test.file("rss.txt", second.line() + first.line()));
  INFO(report.summary());
  CHECK(report.reject_count() == 0);
  CHECK(test.ask("SELECT visit_start_date, visit_end_date, visit_concept_id, "
                 "admitted_from_source_value, discharged_to_source_value FROM visit_occurrence") ==
        std::vector<std::string>{"2026-01-03|2026-01-12|262|85|8"});
  CHECK(
      test.ask("SELECT visit_detail_start_date, visit_detail_end_date, visit_detail_source_value, "
               "eds_source_position FROM visit_detail ORDER BY 1") ==
      std::vector<std::string>{"2026-01-03|2026-01-07|1001|2", "2026-01-07|2026-01-12|2002|1"});
  CHECK(
      test.ask("SELECT condition_source_value, condition_status_source_value, condition_start_date "
               "FROM condition_occurrence ORDER BY 3, 2, 1") ==
      std::vector<std::string>{"E119|DA|2026-01-03", "I10|DA|2026-01-03", "I210|DP|2026-01-03",
                               "I500|DP|2026-01-07", "C509|DR|2026-01-07"});
  CHECK(
      test.ask("SELECT procedure_source_value, procedure_date, eds_phase, eds_activity, "
               "eds_pmsi_extension, modifier_source_value, quantity FROM procedure_occurrence "
               "ORDER BY procedure_date") ==
      std::vector<std::string>{"DDAF007|2026-01-03|0|1|-|AB|1", "DDAF007|2026-01-04|0|4|-01|-|2"});
  CHECK(test.ask("SELECT observation_source_value, qualifier_source_value FROM observation") ==
        std::vector<std::string>{"Z720|DAD"});
  CHECK(test.ask(
            "SELECT gender_concept_id, year_of_birth, month_of_birth, day_of_birth FROM person") ==
        std::vector<std::string>{"8507|1948|7|14"});
  CHECK(test.ask("SELECT observation_period_start_date, observation_period_end_date FROM "
                 "observation_period") == std::vector<std::string>{"2026-01-03|2026-01-12"});
  CHECK(test.ask("SELECT care_site_source_value FROM care_site ORDER BY 1") ==
        std::vector<std::string>{"990000001|1001", "990000001|2002"});
  CHECK(test.ask("SELECT zip FROM location") == std::vector<std::string>{"75012"});
  CHECK(test.count("SELECT count(*) FROM eds_conflict") == 0);
  CHECK(
      test.count("SELECT count(DISTINCT person_id) FROM (SELECT person_id FROM visit_detail UNION "
                 "ALL SELECT person_id FROM person UNION ALL SELECT person_id FROM "
                 "condition_occurrence)") == 1);
}

TEST_CASE("a RUM fed again corrected replaces all its rows and the stay follows") {
  WarehouseForTest test;
  RumText rum;
  rum.das = {"I10", "E119"};
  feed(test, rss_reader(), test.file("january.txt", rum.line()));
  rum.das = {"J449"};
  rum.exit = "09012026";
  rum.sex = "2";
  const LoadReport report = feed(test, rss_reader(), test.file("january2.txt", rum.line()));
  CHECK(report.release->name == "r2");
  CHECK(report.superseded_rows.at("condition_occurrence") == 3);
  CHECK(report.superseded_rows.at("person") == 1);
  CHECK(test.ask("SELECT condition_source_value FROM condition_occurrence ORDER BY 1") ==
        std::vector<std::string>{"I210", "J449"});
  CHECK(test.ask("SELECT visit_end_date FROM visit_occurrence") ==
        std::vector<std::string>{"2026-01-09"});
  CHECK(test.ask("SELECT gender_concept_id FROM person") == std::vector<std::string>{"8532"});
  CHECK(test.count("SELECT count(*) FROM visit_detail") == 1);
  CHECK(test.count("SELECT count(*) FROM eds_conflict") == 0);
}

TEST_CASE("half-wrong, mixed and interleaved RUM load their good half") {
  WarehouseForTest test;
  RumText good;
  RumText other = good;
  other.rss = "RSS2";
  other.stay = "900000002";
  RumText bad_date = other;
  bad_date.rum = "2";
  bad_date.entry = "32012026";
  RumText no_dp = other;
  no_dp.rum = "3";
  no_dp.dp = "";
  std::string text = good.line() + "990000001999 nonsense\r\n" + bad_date.line() + other.line() +
                     no_dp.line() + good.line().substr(0, 100) + "\n" + std::string("a\0b\n", 4) +
                     "\r\n";
  const LoadReport report = feed(test, rss_reader(), test.file("rss.txt", text));
  INFO(report.summary());
  CHECK(report.files[0].record_count == 7);
  CHECK(report.reject_count() == 5);
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  CHECK(test.count("SELECT count(*) FROM visit_detail") == 2);
  CHECK(test.count("SELECT count(DISTINCT person_id) FROM person") == 2);
}

TEST_CASE("VID-HOSP gives a stay its person, whatever came first") {
  RumText rum;
  const std::string vid = vid_hosp("IPP0001", "900000001", "03012026", "07012026");
  RumText later = rum;
  later.rss = "RSS9";
  later.stay = "900000009";
  later.entry = "01022026";
  later.exit = "02022026";
  const std::string vid_later = vid_hosp("IPP0001", "900000009", "01022026", "02022026");
  for (const bool vid_first : {true, false}) {
    INFO(vid_first);
    WarehouseForTest test;
    const Path rss_file = test.file("rss.txt", rum.line() + later.line());
    const Path vid_file = test.file("vid.txt", vid + vid_later);
    if (vid_first) {
      const LoadReport first = feed(test, vid_hosp_reader(), vid_file);
      INFO(first.summary());
      CHECK(first.reject_count() == 0);
    }
    feed(test, rss_reader(), rss_file);
    if (!vid_first) feed(test, vid_hosp_reader(), vid_file);
    CHECK(test.count("SELECT count(*) FROM person") == 1);
    CHECK(
        test.count("SELECT count(DISTINCT person_id) FROM (SELECT person_id FROM person UNION ALL "
                   "SELECT person_id FROM condition_occurrence UNION ALL SELECT person_id FROM "
                   "visit_occurrence UNION ALL SELECT person_id FROM eds_visit_claim)") == 1);
    CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
    CHECK(test.ask("SELECT observation_period_start_date, observation_period_end_date FROM "
                   "observation_period") == std::vector<std::string>{"2026-01-03|2026-02-02"});
    CHECK(test.count("SELECT count(*) FROM eds_conflict") == 0);
  }
}

TEST_CASE("sources that disagree leave both values") {
  WarehouseForTest test;
  RumText rum;
  feed(test, rss_reader(), test.file("rss.txt", rum.line()));
  const LoadReport report =
      feed(test, vid_hosp_reader(),
           test.file("vid.txt", vid_hosp("IPP1", "900000001", "02012026", "07012026", "15071948")));
  CHECK(report.conflict_count == 2);
  CHECK(test.ask("SELECT field, kept_value, other_value FROM eds_conflict ORDER BY 1") ==
        std::vector<std::string>{"birth_date|1948-07-15|1948-07-14",
                                 "start_date|2026-01-02|2026-01-03"});
  CHECK(test.ask("SELECT visit_start_date FROM visit_occurrence") ==
        std::vector<std::string>{"2026-01-02"});
}

TEST_CASE("two loads at once that speak of one stay make the rows that they make one by one") {
  WarehouseForTest test;
  RumText rum;
  const auto request = [](const Path& path, const std::string& format) {
    Request wanted;
    wanted.paths = {path};
    wanted.format = format;
    wanted.source_name = "test";
    wanted.actor = "tester";
    return wanted;
  };
  const Request of_rum = request(test.file("rss.txt", rum.line()), "pmsi-rss");
  const Request of_vid = request(
      test.file("vid.txt", vid_hosp("IPP1", "900000001", "02012026", "07012026")), "pmsi-vidhosp");
  HeldUpEnv held_up;
  HeardEnv heard;
  const auto first = std::move(lake::Warehouse::open(held_up, test.directory())).value();
  const auto second = std::move(lake::Warehouse::open(heard, test.directory())).value();
  std::jthread thread;
  bool second_loaded = false;
  held_up.arm([&] {
    thread = std::jthread([&] {
      second_loaded = feed_with(*second, *vid_hosp_reader(), of_vid, nullptr).ok();
      heard.tell();
    });
    heard.await();
  });
  REQUIRE(feed_with(*first, *rss_reader(), of_rum, nullptr).ok());
  thread.join();
  REQUIRE(second_loaded);
  // VID-HOSP says the stay, the RUM its mode and unit; the person is one.
  CHECK(test.ask("SELECT visit_start_date, visit_end_date, admitted_from_source_value FROM "
                 "visit_occurrence") == std::vector<std::string>{"2026-01-02|2026-01-07|85"});
  CHECK(test.count("SELECT count(*) FROM person") == 1);
  CHECK(test.ask("SELECT observation_period_start_date, observation_period_end_date FROM "
                 "observation_period") == std::vector<std::string>{"2026-01-02|2026-01-07"});
}

TEST_CASE("HOSP-PMSI makes one stay of two that were known apart") {
  WarehouseForTest test;
  RumText rum;
  feed(test, rss_reader(), test.file("rss.txt", rum.line()));
  feed(test, vid_hosp_reader(),
       test.file("vid.txt", vid_hosp("IPP1", "800", "03012026", "07012026")));
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  std::string pair = RumText::left("RSS1", 20) + RumText::left("800", 20) + "\r\n";
  const LoadReport report =
      feed(test, hosp_pmsi_reader(), test.file("hosp.txt", pair), "990000001");
  INFO(report.summary());
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 1);
  CHECK(test.count("SELECT count(*) FROM person") == 1);
  CHECK(test.count(
            "SELECT count(DISTINCT visit_occurrence_id) FROM (SELECT visit_occurrence_id FROM "
            "visit_detail UNION ALL SELECT visit_occurrence_id FROM condition_occurrence UNION "
            "ALL SELECT visit_occurrence_id FROM visit_occurrence)") == 1);
}

// The visit of the only row of visit_occurrence that starts then.
std::int64_t visit_of(WarehouseForTest& test, const std::string& start) {
  return test.count("SELECT visit_occurrence_id FROM visit_occurrence WHERE visit_start_date = '" +
                    start + "'");
}

TEST_CASE("rows without a record key follow their stay when it turns out to be another") {
  WarehouseForTest test;
  RumText rum;
  feed(test, rss_reader(), test.file("rss.txt", rum.line()));
  const std::int64_t absorbed = visit_of(test, "2026-01-03");
  feed(test, vid_hosp_reader(),
       test.file("vid.txt", vid_hosp("IPP1", "800", "02012026", "07012026")));
  const std::int64_t survivor = visit_of(test, "2026-01-02");
  {
    const auto loader = std::move(lake::Loader::open(test.warehouse())).value();
    model::RowWriter& row = *loader->rows(model::table("measurement")).value();
    row.set(row.table().column("measurement_id"), 1).set(row.table().person_column, 4);
    row.set(row.table().column("visit_occurrence_id"), absorbed);
    REQUIRE(row.end_row().ok());
    model::RowWriter& detail = *loader->rows(model::table("visit_occurrence")).value();
    detail.set(detail.table().column("visit_occurrence_id"), 999'999);
    detail.set(detail.table().column("preceding_visit_occurrence_id"), absorbed);
    REQUIRE(detail.end_row().ok());
    REQUIRE(loader->commit("tester", "rows without keys", {}).ok());
  }
  const std::string pair = RumText::left("RSS1", 20) + RumText::left("800", 20) + "\r\n";
  feed(test, hosp_pmsi_reader(), test.file("hosp.txt", pair), "990000001");
  CHECK(test.count("SELECT visit_occurrence_id FROM measurement") == survivor);
  CHECK(test.count("SELECT preceding_visit_occurrence_id FROM visit_occurrence "
                   "WHERE visit_occurrence_id = 999999") == survivor);
  CHECK(test.count("SELECT visit_occurrence_id FROM condition_occurrence") == survivor);
  CHECK(test.ask("SELECT DISTINCT visit_occurrence_id FROM eds_visit_claim") ==
        std::vector<std::string>{std::to_string(survivor)});
  // The stay is VID-HOSP's, with the RUM's modes: as if both had named one stay from the start.
  CHECK(test.ask("SELECT visit_start_date, visit_end_date, admitted_from_source_value FROM "
                 "visit_occurrence WHERE visit_occurrence_id <> 999999") ==
        std::vector<std::string>{"2026-01-02|2026-01-07|85"});
}

TEST_CASE("a merge that a failed load left to the identities is followed by the next load") {
  WarehouseForTest test;
  RumText rum;
  feed(test, rss_reader(), test.file("rss.txt", rum.line()));
  feed(test, vid_hosp_reader(),
       test.file("vid.txt", vid_hosp("IPP1", "800", "02012026", "07012026")));
  const std::string pair = RumText::left("RSS1", 20) + RumText::left("800", 20) + "\r\n";
  Request wanted;
  wanted.paths = {test.file("hosp.txt", pair)};
  wanted.authority = "990000001";
  wanted.format = "pmsi-hosp";
  wanted.source_name = "test";
  wanted.actor = "tester";
  {
    // The disk is full for parts: identities and quarantine are committed, the lake is not.
    NoPartsEnv no_parts;
    const auto broken = std::move(lake::Warehouse::open(no_parts, test.directory())).value();
    CHECK_FALSE(feed_with(*broken, *hosp_pmsi_reader(), wanted, nullptr).ok());
  }
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  RumText later;  // Another stay, of another person.
  later.rss = "RSS2";
  later.stay = "900000002";
  feed(test, rss_reader(), test.file("later.txt", later.line()));
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  CHECK(test.ask("SELECT visit_start_date FROM visit_occurrence ORDER BY 1") ==
        std::vector<std::string>{"2026-01-02", "2026-01-03"});
}

TEST_CASE("a period shrinks when a stay's dates are corrected, and ends where facts remain") {
  WarehouseForTest test;
  RumText rum;  // 3 to 7 January
  feed(test, rss_reader(), test.file("rss.txt", rum.line()));
  RumText second;  // another RSS of the same stay
  second.rss = "RSS2";
  second.entry = "01022026";
  second.exit = "02022026";
  feed(test, rss_reader(), test.file("second.txt", second.line()));
  const std::string period =
      "SELECT observation_period_start_date, observation_period_end_date FROM observation_period";
  CHECK(test.ask(period) == std::vector<std::string>{"2026-01-03|2026-02-02"});
  // It was in December: the first one's end is now the last day.
  second.entry = "30122025";
  second.exit = "31122025";
  feed(test, rss_reader(), test.file("corrected.txt", second.line()));
  CHECK(test.ask(period) == std::vector<std::string>{"2025-12-30|2026-01-07"});
  // And it is moved into the first: nothing of December is left.
  second.entry = "04012026";
  second.exit = "05012026";
  feed(test, rss_reader(), test.file("moved.txt", second.line()));
  CHECK(test.ask(period) == std::vector<std::string>{"2026-01-03|2026-01-07"});
}

TEST_CASE("no number of a thousand PMSI identities is in any file of the warehouse") {
  WarehouseForTest test;
  std::string rss;
  std::string vid;
  std::vector<std::string> secrets;
  for (int i = 0; i < 1000; ++i) {
    RumText rum;
    rum.rss = "RSS77" + std::to_string(400000 + i) + "K";
    rum.stay = "5500" + std::to_string(100000 + i) + "9";
    if (i % 10 == 0) rum.exit = "99999999";  // some are rejected: they too are sealed
    const std::string ipp = "IPP31" + std::to_string(700000 + i) + "Z";
    rss += rum.line();
    // An impossible exit is a warning for the checker, an impossible birth an error.
    vid += vid_hosp(ipp, rum.stay, "03012026", "07012026", i % 10 == 1 ? "99999999" : "14071948");
    for (const std::string& secret : {rum.rss, rum.stay, ipp}) secrets.push_back(secret);
  }
  secrets.push_back("1480778006084");
  CHECK(feed(test, rss_reader(), test.file("rss.txt", rss)).reject_count() == 100);
  CHECK(feed(test, vid_hosp_reader(), test.file("vid.txt", vid)).reject_count() == 100);
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 1000);
  CHECK(test.leaks(secrets) == 0);
}

TEST_CASE("mutilated files never stop a load, and every line is loaded or rejected") {
  WarehouseForTest test;
  RumText rum;
  rum.das = {"I10", "E119"};
  rum.acts = {"03012026DDAF007   01 AB    01"};
  const std::string whole =
      rum.line() + vid_hosp("IPP1", "900000001", "03012026", "07012026") + rum.line();
  std::uint64_t seed = 20260103;
  const auto next = [&seed](std::uint64_t below) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (seed >> 33) % below;
  };
  for (int round = 0; round < 24; ++round) {
    std::string text = whole;
    for (std::uint64_t change = 0; change < 1 + next(12); ++change) {
      text[next(text.size())] = static_cast<char>(next(256));
    }
    if (round % 3 == 0) text.resize(next(text.size()));
    std::unique_ptr<FormatReader> reader;
    switch (round % 4) {
      case 0: reader = rss_reader(); break;
      case 1: reader = vid_hosp_reader(); break;
      case 2: reader = fichcomp_reader(); break;
      default: reader = unit_reader(); break;
    }
    const LoadReport report =
        feed(test, std::move(reader), test.file("f" + std::to_string(round), text));
    CHECK(report.files[0].failure.empty());
    CHECK(report.files[0].reject_count <= report.files[0].record_count);
  }
}

TEST_CASE("a lake that cannot be written ends the load, and the warehouse opens and loads after") {
  WarehouseForTest test;
  RumText rum;
  feed(test, rss_reader(), test.file("first.txt", rum.line()));
  RumText other;
  other.rss = "RSS2";
  other.stay = "900000002";
  const Path path = test.at("second.txt");
  // A file where the table's folder must be: no permission bit stops root, this does.
  const Path table = test.directory() + "/lake/procedure_occurrence";
  other.acts = {"03012026DDAF007   01 AB    01"};
  test.file("second.txt", other.line());
  std::filesystem::remove_all(table);
  std::ofstream(table) << "in the way";
  const std::unique_ptr<FormatReader> reader = rss_reader();
  Request request;
  request.format = "pmsi-rss";
  request.actor = "tester";
  request.paths = {path};
  const Result<LoadReport> report = feed_with(test.warehouse(), *reader, request, nullptr);
  REQUIRE_FALSE(report.ok());
  std::filesystem::remove(table);
  test.reopen();
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 1);
  CHECK(feed(test, rss_reader(), path).release->name == "r2");
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 2);
  CHECK(test.count("SELECT count(*) FROM procedure_occurrence") == 1);
}

TEST_CASE("the public synthetic files load as their expectation file says") {
  if (!Env::posix().exists(kData)) {
    MESSAGE("skipped: shared/data/french/pmsi/synthetic not present");
    return;
  }
  WarehouseForTest test;
  const LoadReport report = feed(test, rss_reader(), kData + "rss_022_ungrouped.txt");
  INFO(report.summary());
  CHECK(report.reject_count() == 0);
  // Counted by hand in rss_expected.jsonl, lines of rss_022_ungrouped.txt.
  CHECK(test.count("SELECT count(*) FROM visit_detail") == 6);
  CHECK(test.count("SELECT count(*) FROM visit_occurrence") == 5);
  CHECK(test.count("SELECT count(*) FROM person") == 5);
  const LoadReport drugs = feed(test, fichcomp_reader(), kData + "fichcomp_06_les.txt");
  CHECK(drugs.reject_count() == 0);
  CHECK(
      test.ask("SELECT drug_source_value, drug_exposure_start_date, quantity FROM drug_exposure") ==
      std::vector<std::string>{"3400893875490|2026-03-01|2.5"});
  CHECK(feed(test, fichcomp_reader(), kData + "fichcomp_02_dmi.txt").reject_count() == 0);
  CHECK(test.ask("SELECT device_source_value, quantity FROM device_exposure") ==
        std::vector<std::string>{"3183280|2"});
  CHECK(feed(test, unit_reader(), kData + "um.txt").reject_count() == 0);
  CHECK(feed(test, hosp_pmsi_reader(), kData + "hosp_pmsi.txt", "990000001").reject_count() == 0);
}

}  // namespace eds::ingest::pmsi
