#include "format/pmsi/check.h"

#include <doctest/doctest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/env.h"
#include "format/pmsi/write.h"

namespace eds::pmsi {
namespace {

// A stay without fault: 60-year-old woman, three nights, one act.
RumDraft good_rum() {
  RumDraft rum;
  rum.finess = "750100125";
  rum.rss_number = "R1";
  rum.stay_number = "N1";
  rum.birth_date = day_of(1964, 2, 29);
  rum.sex = '2';
  rum.unit = "1001";
  rum.entry = day_of(2024, 3, 4);
  rum.entry_mode = '8';
  rum.exit = day_of(2024, 3, 7);
  rum.exit_mode = '8';
  rum.residence = "75013";
  rum.dp = "I500";
  rum.das = {"I10"};
  ActDraft act;
  act.date = day_of(2024, 3, 5);
  act.code = "DZQM006";
  rum.acts = {act};
  rum.ghm = "05M092";
  return rum;
}

struct Told {
  std::vector<std::string> words;  // "code field severity"
  bool whole = false, loadable = false;
};

Told check_line(std::string_view bytes) {
  Checker checker;
  const Checker::RumChecked checked = checker.check_rss_line({bytes, 1, 0});
  Told told;
  told.whole = checked.whole;
  told.loadable = checked.loadable;
  for (const Finding& finding : checked.findings) {
    told.words.push_back(std::string(code_word(finding.code)) + " " + std::string(finding.field) +
                         (finding.severity == Severity::Error ? " error" : " warning"));
  }
  return told;
}

Told check_changed(const std::function<void(RumDraft&)>& change) {
  RumDraft rum = good_rum();
  change(rum);
  std::string line;
  REQUIRE(append_rum(line, rum, "122", "").ok());
  return check_line(line);
}

using Words = std::vector<std::string>;

// The line of good_rum() with `bytes` at a 1-based position of the 122 sheet.
Told check_overwritten(std::size_t position, std::string_view bytes) {
  std::string line;
  REQUIRE(append_rum(line, good_rum(), "122", "").ok());
  line.replace(position - 1, bytes.size(), bytes);
  return check_line(line);
}

TEST_CASE("a RUM without fault has no finding") {
  const Told told = check_changed([](RumDraft&) {});
  CHECK(told.words == Words{});
  CHECK(told.loadable);
}

TEST_CASE("a stay that ends before it begins is quarantined") {
  const Told told = check_changed([](RumDraft& rum) {
    rum.exit = day_of(2024, 3, 3);
    rum.acts.clear();
  });
  CHECK(told.words == Words{"exit-before-entry exit_date error"});
  CHECK_FALSE(told.loadable);
}

TEST_CASE("dates that are missing, malformed or no day of the calendar are quarantined") {
  CHECK(check_overwritten(93, "30022024").words == Words{"date-impossible entry_date error"});
  CHECK(check_overwritten(93, "29022023").words == Words{"date-impossible entry_date error"});
  CHECK(check_overwritten(103, "2024-3-7").words == Words{"date-malformed exit_date error"});
  CHECK(check_overwritten(78, "        ").words == Words{"date-missing birth_date error"});
  CHECK(check_overwritten(78, "00001964").words == Words{"date-impossible birth_date error"});
  CHECK(check_changed([](RumDraft& rum) { rum.entry.reset(); }).words ==
        Words{"date-missing entry_date error"});
}

TEST_CASE("a doubtful date that the stay can do without is a warning") {
  const Told told = check_overwritten(124, "31022024");  // last menses
  CHECK(told.words == Words{"date-impossible last_menses_date warning"});
  CHECK(told.loadable);
}

TEST_CASE("ages that cannot be are told") {
  const Told unborn = check_changed([](RumDraft& rum) { rum.birth_date = day_of(2024, 3, 5); });
  CHECK(unborn.words == Words{"birth-after-entry birth_date error"});
  const Told old = check_changed([](RumDraft& rum) { rum.birth_date = day_of(1890, 1, 1); });
  CHECK(old.words == Words{"age-implausible birth_date warning"});
}

TEST_CASE("a newborn of less than 29 days has a weight, on the first RUM") {
  const auto newborn = [](RumDraft& rum) {
    rum.birth_date = day_of(2024, 3, 4) - 28;
    rum.weight_g.reset();
  };
  CHECK(check_changed(newborn).words == Words{"weight-missing weight_g warning"});
  CHECK(check_changed([&](RumDraft& rum) {
          newborn(rum);
          rum.birth_date = day_of(2024, 3, 4) - 29;
        }).words == Words{});
  CHECK(check_changed([&](RumDraft& rum) {
          newborn(rum);
          rum.weight_g = 2900;
        }).words == Words{});
  CHECK(check_changed([&](RumDraft& rum) {
          newborn(rum);
          rum.entry_mode = '6';
          rum.provenance = '1';
        }).words == Words{});
}

TEST_CASE("codes outside their list are told") {
  CHECK(check_changed([](RumDraft& rum) { rum.sex = '4'; }).words ==
        Words{"code-unknown sex warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.entry_mode = '9'; }).words ==
        Words{"code-unknown entry_mode warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.exit_mode = 'N'; }).words ==
        Words{"code-unknown exit_mode warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.exit_mode = '7'; }).words ==
        Words{"destination-missing destination warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.entry_mode = '0'; }).words ==
        Words{"provenance-missing provenance warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.residence = "7501"; }).words ==
        Words{"residence-malformed residence warning"});
}

TEST_CASE("a RUM without principal diagnosis, or with one of no known shape, is quarantined") {
  CHECK(check_changed([](RumDraft& rum) { rum.dp.clear(); }).words ==
        Words{"diagnosis-missing dp error"});
  CHECK(check_changed([](RumDraft& rum) { rum.dp = "I50.0"; }).words ==
        Words{"diagnosis-malformed dp error"});
  CHECK(check_changed([](RumDraft& rum) {
          rum.das = {"I10", "10I"};
        }).words == Words{"diagnosis-malformed da warning"});
}

TEST_CASE("acts outside the unit, without date or of no known shape are told") {
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].date = day_of(2024, 3, 8); }).words ==
        Words{"act-outside-rum act.date warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].date.reset(); }).words ==
        Words{"act-date-missing act.date warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].code = "DZQM06"; }).words ==
        Words{"act-code-malformed act.code warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].activity = '0'; }).words ==
        Words{"act-activity-malformed act.activity warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].phase = ' '; }).words ==
        Words{"act-phase-malformed act.phase warning"});
  CHECK(check_changed([](RumDraft& rum) { rum.acts[0].count = 0; }).words ==
        Words{"act-count-zero act.count warning"});
}

TEST_CASE("numbers that are none, keys that are wrong, versions that disagree are told") {
  CHECK(check_overwritten(157, "4 5").words == Words{"not-numeric igs2 warning"});
  CHECK(check_overwritten(16, "750100126").words == Words{"finess-key-wrong finess warning"});
  CHECK(check_overwritten(25, "021").words == Words{"versions-disagree rum_version warning"});
  CHECK(check_overwritten(3, "05M0").words == Words{});
  CHECK(check_overwritten(3, "05500").words == Words{"ghm-malformed ghm warning"});
  CHECK(check_overwritten(13, "080").words ==
        Words{"grouper-returned-error grouper_return warning"});
  CHECK(check_overwritten(28, std::string(20, ' ')).words ==
        Words{"required-missing rss_number error"});
}

TEST_CASE("a line that cannot be cut into fields has one finding and no RUM") {
  std::string line;
  REQUIRE(append_rum(line, good_rum(), "122", "").ok());
  CHECK(check_line(line.substr(0, line.size() - 1)).words == Words{"too-short  error"});
  CHECK(check_line(line + "X").words == Words{"too-long  error"});
  CHECK_FALSE(check_line(line + "X").whole);
  Checker checker;
  CHECK(checker.check_rss_line({"", 1, 0, LineState::TooLong}).findings[0].code ==
        FindingCode::LineTooLong);
  CHECK(checker.check_rss_line({"", 1, 0, LineState::HasNul}).findings[0].code ==
        FindingCode::NulByte);
}

TEST_CASE("the synthetic RSS files can be loaded; their invented FINESS has a wrong key") {
  const std::string folder = std::string(EDS_SOURCE_DIR) + "/../shared/data/french/pmsi/synthetic/";
  for (const std::string name : {"rss_022_ungrouped.txt", "rss_122_grouped.txt"}) {
    if (!Env::posix().exists(folder + name)) {
      MESSAGE("skipped: " << name << " not present");
      continue;
    }
    const Result<std::string> text = Env::posix().read_all(folder + name, 1 << 20);
    REQUIRE(text.ok());
    Checker checker;
    StayChecker stays;
    LineScanner lines(*text);
    while (const std::optional<Line> line = lines.next()) {
      const Checker::RumChecked checked = checker.check_rss_line(*line);
      CHECK(checked.loadable);
      for (const Finding& finding : checked.findings) {
        CHECK(finding.code == FindingCode::FinessKeyWrong);
      }
      stays.add(checked.rum, line->number);
    }
    CHECK(stays.finish().empty());
  }
}

TEST_CASE("every code has its word and its sentence, and no two share a word") {
  std::vector<std::string_view> words;
  for (std::size_t i = 0; i < kFindingCodeCount; ++i) {
    const auto code = static_cast<FindingCode>(i);
    CHECK_FALSE(reason(code).empty());
    for (const std::string_view word : words) CHECK(word != code_word(code));
    words.push_back(code_word(code));
  }
}

// ------------------------------------------------------------------------------------------ stays

struct StayRum {
  const char* rss;
  const char* number;
  int entry, exit;  // days of March 2024
  char entry_mode, exit_mode;
};

Words check_stays(const std::vector<StayRum>& rums,
                  const std::function<void(std::size_t, RumDraft&)>& change = {}) {
  StayChecker stays;
  std::vector<std::string> lines(rums.size());
  for (std::size_t i = 0; i < rums.size(); ++i) {
    RumDraft rum = good_rum();
    rum.rss_number = rums[i].rss;
    rum.stay_number = rum.rss_number + "N";
    rum.rum_number = rums[i].number;
    rum.entry = day_of(2024, 3, static_cast<unsigned>(rums[i].entry));
    rum.exit = day_of(2024, 3, static_cast<unsigned>(rums[i].exit));
    rum.entry_mode = rums[i].entry_mode;
    rum.exit_mode = rums[i].exit_mode;
    if (rum.entry_mode == '6') rum.provenance = '1';
    if (rum.exit_mode == '6') rum.destination = '1';
    if (change) change(i, rum);
    REQUIRE(append_rum(lines[i], rum, "122", "").ok());
    stays.add(read_rum(parse_rss(lines[i]).record), i + 1);
  }
  Words words;
  for (const Finding& finding : stays.finish()) {
    words.push_back(std::to_string(finding.line) + " " + std::string(code_word(finding.code)));
  }
  return words;
}

TEST_CASE("RUM that follow each other make a stay without finding, in any order and interleaved") {
  CHECK(check_stays({{"A", "1", 1, 3, '8', '6'}, {"A", "2", 3, 5, '6', '8'}}) == Words{});
  CHECK(check_stays({{"A", "2", 3, 5, '6', '8'},
                     {"B", "1", 2, 4, '8', '6'},
                     {"A", "1", 1, 3, '8', '6'},
                     {"B", "2", 4, 4, '6', '8'}}) == Words{});
}

TEST_CASE("gaps and overlaps between the RUM of a stay are told") {
  CHECK(check_stays({{"A", "1", 1, 3, '8', '6'}, {"A", "2", 4, 5, '6', '8'}}) ==
        Words{"2 stay-gap"});
  CHECK(check_stays({{"A", "1", 1, 3, '8', '6'}, {"A", "2", 2, 5, '6', '8'}}) ==
        Words{"2 stay-overlap"});
}

TEST_CASE("a patient passes from one RUM to the next by mutation") {
  CHECK(check_stays({{"A", "1", 1, 3, '8', '8'}, {"A", "2", 3, 5, '8', '8'}}) ==
        Words{"1 stay-mutation-exit", "2 stay-mutation-entry"});
  // A stay that begins or ends by mutation inside acute care lacks a RUM.
  CHECK(check_stays({{"A", "1", 1, 3, '6', '8'}}) == Words{"1 stay-mutation-entry"});
  CHECK(check_stays({{"A", "1", 1, 3, '8', '6'}}) == Words{"1 stay-mutation-exit"});
  // One that comes from rehabilitation in the same hospital does not.
  CHECK(check_stays({{"A", "1", 1, 3, '6', '8'}},
                    [](std::size_t, RumDraft& rum) { rum.provenance = '2'; }) == Words{});
}

TEST_CASE("the RUM of a stay are of one person, and numbered once") {
  const std::vector<StayRum> stay = {{"A", "1", 1, 3, '8', '6'}, {"A", "2", 3, 5, '6', '8'}};
  CHECK(check_stays(stay, [](std::size_t i, RumDraft& rum) {
          if (i == 1) rum.birth_date = day_of(1964, 3, 1);
        }) == Words{"2 stay-birth-date-differs"});
  CHECK(check_stays(stay, [](std::size_t i, RumDraft& rum) {
          if (i == 1) rum.sex = '1';
        }) == Words{"2 stay-sex-differs"});
  CHECK(check_stays(stay, [](std::size_t i, RumDraft& rum) {
          if (i == 1) rum.stay_number = "other";
        }) == Words{"2 stay-number-differs"});
  CHECK(check_stays(stay, [](std::size_t i, RumDraft& rum) {
          if (i == 1) rum.ghm = "05M093";
        }) == Words{"2 stay-ghm-differs"});
  CHECK(check_stays({{"A", "1", 1, 3, '8', '6'}, {"A", "1", 3, 5, '6', '8'}}) ==
        Words{"2 stay-rum-number-twice"});
}

TEST_CASE("stays of two hospitals with one RSS number stay apart") {
  CHECK(check_stays({{"A", "1", 1, 3, '8', '8'}, {"A", "1", 9, 9, '8', '8'}},
                    [](std::size_t i, RumDraft& rum) {
                      rum.finess = i == 0 ? "750100125" : "750712184";
                    }) == Words{});
}

// --------------------------------------------------------------------------------------- VID-HOSP

TEST_CASE("a VID-HOSP tells its faults, and is loaded unless it belongs to no stay") {
  VidHospDraft draft;
  draft.insured_nir = "2790351215189";
  draft.insured_nir_key = "89";
  draft.ipp = "8000000001";
  draft.stay_number = "N1";
  draft.finess = "750712184";
  draft.birth_date = day_of(1979, 3, 1);
  draft.sex = '2';
  draft.entry = day_of(2024, 3, 4);
  draft.exit = day_of(2024, 3, 7);
  const auto check = [&draft] {
    std::string line;
    REQUIRE(append_vid_hosp(line, draft, "V015", "").ok());
    Checker checker;
    const Checker::VidHospChecked checked = checker.check_vid_hosp_line({line, 1, 0});
    Words words;
    for (const Finding& f : checked.findings) words.emplace_back(code_word(f.code));
    words.emplace_back(checked.loadable ? "loadable" : "quarantine");
    return words;
  };
  CHECK(check() == Words{"loadable"});
  draft.insured_nir_key = "88";
  CHECK(check() == Words{"nir-key-wrong", "loadable"});
  draft.insured_nir_key = "89";
  draft.exit = day_of(2024, 3, 1);
  CHECK(check() == Words{"exit-before-entry", "quarantine"});
  draft.exit = day_of(2024, 3, 7);
  draft.ipp.clear();
  CHECK(check() == Words{"required-missing", "loadable"});
  draft.stay_number.clear();
  CHECK(check() == Words{"required-missing", "required-missing", "quarantine"});
}

}  // namespace
}  // namespace eds::pmsi
