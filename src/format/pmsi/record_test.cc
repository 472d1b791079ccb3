#include "format/pmsi/record.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/env.h"
#include "format/pmsi/lines.h"
#include "format/pmsi/rum.h"

namespace eds::pmsi {
namespace {

const std::string kSynthetic =
    std::string(EDS_SOURCE_DIR) + "/../shared/data/french/pmsi/synthetic/";

// The file's text, or "" with a message when the shared data is not there.
std::string read_synthetic(const std::string& name) {
  if (!Env::posix().exists(kSynthetic + name)) {
    MESSAGE("skipped: " << name << " not present");
    return "";
  }
  const Result<std::string> text = Env::posix().read_all(kSynthetic + name, 1 << 20);
  REQUIRE(text.ok());
  return *text;
}

std::string codes_json(const CodeList& codes) {
  std::string json = "[";
  for (std::size_t i = 0; i < codes.size(); ++i) {
    json += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", codes[i]);
  }
  return json + "]";
}

// A RUM as the expected file words it: its author's JSON, field for field.
std::string rum_json(const std::string& file, const Rum& rum) {
  std::string acts = "[";
  for (std::size_t i = 0; i < rum.acts.size(); ++i) {
    const Act act = rum.acts[i];
    const std::array<char, 8> date = format_date(act.date.day);
    acts += fmt::format(
        "{}{{\"date\": \"{}\", \"ccam\": \"{}\", \"phase\": \"{}\", \"activite\": \"{}\"}}",
        i == 0 ? "" : ", ", std::string_view(date.data(), 8), act.code, act.phase, act.activity);
  }
  return fmt::format(
      "{{\"file\": \"{}\", \"rss\": \"{}\", \"nas\": \"{}\", \"rum\": {}, \"length\": {}, "
      "\"dp\": \"{}\", \"dr\": \"{}\", \"das\": {}, \"dad\": {}, \"acts\": {}], \"ghm\": {}}}",
      file, rum.rss_number.reveal(Reason::Check), rum.stay_number.reveal(Reason::Check),
      parse_number(rum.rum_number).value, rum.record.bytes(Reason::Check).size(), rum.dp, rum.dr,
      codes_json(rum.das), codes_json(rum.dads), acts,
      rum.grouped ? fmt::format("\"{}\"", rum.ghm) : "null");
}

TEST_CASE("the synthetic RSS files read as their author expected, grouped and ungrouped") {
  const std::string expected = read_synthetic("rss_expected.jsonl");
  std::string found;
  for (const std::string file : {"rss_022_ungrouped.txt", "rss_122_grouped.txt"}) {
    const std::string text = read_synthetic(file);
    LineScanner lines(text);
    while (const std::optional<Line> line = lines.next()) {
      const Parsed parsed = parse_rss(line->bytes);
      REQUIRE(parsed.whole);
      CHECK_FALSE(parsed.finding.has_value());
      found += rum_json(file, read_rum(parsed.record)) + "\n";
    }
  }
  CHECK(found == expected);
}

TEST_CASE("the kind of each synthetic file is recognised") {
  const auto kind_of = [](const std::string& file) -> std::string {
    const std::string text = read_synthetic(file);
    if (text.empty()) return "absent";
    const Result<Detected> detected = detect(text);
    REQUIRE(detected.ok());
    CHECK(detected->lines_matched == detected->lines_read);
    return fmt::format("{} {}", kind_name(detected->kind), detected->version);
  };
  if (read_synthetic("um.txt").empty()) return;
  CHECK(kind_of("rss_022_ungrouped.txt") == "rss-ungrouped 022");
  CHECK(kind_of("rss_122_grouped.txt") == "rss-grouped 122");
  CHECK(kind_of("hosp_pmsi.txt") == "hosp-pmsi ");
  CHECK(kind_of("um.txt") == "um-info ");
  CHECK(kind_of("fichcomp_02_dmi.txt") == "fichcomp 02");
  CHECK(kind_of("fichcomp_06_les.txt") == "fichcomp 06");
}

TEST_CASE("a file that is no PMSI file is not recognised") {
  CHECK_FALSE(detect("patient;code\n1;2\n").ok());
  CHECK_FALSE(detect("").ok());
  CHECK_FALSE(detect(std::string(200, 'x')).ok());
}

// An ungrouped RUM with nothing but its version and counts (nDA 119-120, nDAD 121-122, nZA
// 123-125).
std::string bare_rum(std::string_view version, std::size_t fixed_bytes) {
  std::string line(fixed_bytes, ' ');
  line.replace(9, 3, version);
  line.replace(118, 7, "0000000");
  return line;
}

TEST_CASE("a line shorter or longer than its counts ask for is refused") {
  std::string line = bare_rum("022", 177);
  CHECK(parse_rss(line).whole);
  CHECK(parse_rss(line.substr(0, 176)).finding == FindingCode::TooShort);
  CHECK_FALSE(parse_rss(line.substr(0, 176)).whole);
  CHECK(parse_rss(line + "X").finding == FindingCode::TooLong);
  line[119] = '1';  // one diagnosis is announced, and is not there
  CHECK(parse_rss(line).finding == FindingCode::TooShort);
  line += "I10     ";
  CHECK(parse_rss(line).whole);
}

TEST_CASE("spaces after the record are reported, and belong to no record") {
  const std::string line = bare_rum("022", 177) + "   ";
  const Parsed parsed = parse_rss(line);
  CHECK(parsed.whole);
  CHECK(parsed.finding == FindingCode::TrailingSpaces);
  CHECK(parsed.record.bytes(Reason::Check).size() == 177);
}

TEST_CASE("a count that is no number makes the line unreadable, a blank one counts for zero") {
  std::string line = bare_rum("022", 177);
  line.replace(118, 2, "A1");
  CHECK(parse_rss(line).finding == FindingCode::CountNotNumeric);
  CHECK(parse_rss(line).field == "da_count");
  line.replace(118, 2, "  ");
  CHECK(parse_rss(line).whole);
  CHECK(parse_rss(line).finding == FindingCode::CountBlank);
}

TEST_CASE("the record's own version decides, not the file's first line") {
  const std::string old_line = bare_rum("016", 177);
  std::string act_017 = bare_rum("017", 177);
  act_017[124] = '1';
  act_017 +=
      "01012016"
      "DDAF007"
      "-01"
      "0"
      "1"
      " "
      "    "
      " "
      " "
      "01"
      "X";
  CHECK(parse_rss(old_line).record.layout().version == "016");
  CHECK_FALSE(parse_rss(act_017).whole);  // 30 bytes of act where version 017 has 29
  act_017.pop_back();
  CHECK(parse_rss(act_017).record.layout().version == "017");
  CHECK(parse_rss(bare_rum("099", 177)).finding == FindingCode::UnknownVersion);
  CHECK(parse_rss("").finding == FindingCode::EmptyLine);
  CHECK(parse_rss("short").finding == FindingCode::UnknownVersion);
}

TEST_CASE("version 023 has 190 fixed bytes and acts of 32") {
  std::string line = bare_rum("023", 190);
  line.replace(177, 13, "1052101270300");
  line[124] = '1';
  // Date, code, extension, phase, activity, doc. extension, modifiers, reimbursement, association,
  // count, dialysis start, modality; then one byte too many.
  line +=
      "01032026"
      "JVJF004"
      "-01"
      "0"
      "1"
      " "
      "AB  "
      " "
      "F"
      "01"
      "2"
      "21"
      "X";
  CHECK(parse_rss(line).finding == FindingCode::TooLong);
  line.pop_back();
  const Parsed parsed = parse_rss(line);
  REQUIRE(parsed.whole);
  CHECK(parsed.record.field("tumour_count") == "05");
  CHECK(parsed.record.field("dialysis_minutes_per_week") == "0300");
  const Act act = read_rum(parsed.record).acts[0];
  CHECK(act.code == "JVJF004");
  CHECK(act.extension == "-01");
  CHECK(act.dialysis_start == '2');
  CHECK(act.dialysis_modality == "21");
  CHECK(act.modifiers == "AB");
  CHECK(act.unplanned_association == 'F');
  CHECK(act.count.value == 1);
}

TEST_CASE("a 2026 record written after the printed sheet is read with 189 bytes, and reported") {
  std::string line = bare_rum("023", 189);
  line[119] = '1';
  line += "I10     ";
  const Parsed parsed = parse_rss(line);
  REQUIRE(parsed.whole);
  CHECK(parsed.finding == FindingCode::LayoutAsPrinted2026);
  CHECK(read_rum(parsed.record).das[0] == "I10");
  // A line that neither layout explains keeps the complaint of the right one.
  CHECK(parse_rss(line.substr(0, 188)).finding == FindingCode::TooShort);
}

TEST_CASE("a grouped RPSS counts its tariff zones after its blocks") {
  const Layout& layout = *eds::pmsi::layout(Kind::RpssGrouped, "H1F");
  std::string line(190, ' ');
  line.replace(0, 3, "H1F");
  line.replace(148, 4, "1000");  // one DCMPP
  line.replace(179, 3, "001");   // one act
  line += "Z515    ";
  line +=
      "01012024"
      "JVJF004"
      "   "
      "0"
      "1"
      " "
      "01";
  line += "1100012342";  // classification, return code, GHPC, two GHT
  line +=
      "12"
      "01012024"
      "02012024"
      "002";
  line +=
      "13"
      "03012024"
      "05012024"
      "003";
  const Parsed parsed = parse(Kind::RpssGrouped, line);
  REQUIRE(parsed.whole);
  const std::size_t ght = *layout.find_block("ght");
  CHECK(parsed.record.block_count(ght) == 2);
  CHECK(parsed.record.block_field(ght, 1, *layout.blocks[ght].find("day_count")) == "003");
  CHECK(parse(Kind::RpssGrouped, line.substr(0, line.size() - 1)).finding == FindingCode::TooShort);
  CHECK(parse(Kind::RpssGrouped, line.substr(0, 225)).finding == FindingCode::TooShort);
}

TEST_CASE("a field that names a person only comes out as Identifying") {
  const std::string line = bare_rum("022", 177);
  const Parsed parsed = parse_rss(line);
  CHECK(parsed.record.identifying("stay_number").reveal(Reason::Check) == std::string(20, ' '));
  CHECK(parsed.record.layout().fields[*parsed.record.layout().find("birth_date")].privacy ==
        Privacy::Identifying);
}

}  // namespace
}  // namespace eds::pmsi
