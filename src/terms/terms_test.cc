#include <doctest/doctest.h>

#include <random>

#include "format/text/dates.h"
#include "terms/code_map.h"
#include "terms/codes.h"
#include "terms/records.h"

namespace eds::terms {
namespace {

TEST_CASE("CIM-10 codes lose dot, case and spaces, and show with a dot") {
  CHECK(*normalise_cim10(" a00.0 ") == "A000");
  CHECK(*normalise_cim10("A00") == "A00");
  CHECK(*normalise_cim10("B24+0") == "B24+0");
  CHECK(*normalise_cim10("M14.6*") == "M146");
  CHECK(show_cim10("E1190") == "E11.90");
  CHECK(show_cim10("A00") == "A00");
  for (const char* bad : {"", "A", "A0", "00A", "A00-0", "A00.00.0", "A00000000", "A\xC3\xA9"}) {
    CAPTURE(bad);
    CHECK_FALSE(normalise_cim10(bad).ok());
  }
}

TEST_CASE("CCAM codes lose their extension") {
  CHECK(*normalise_ccam("hhfa001") == "HHFA001");
  CHECK(*normalise_ccam("HHFA001-01") == "HHFA001");
  CHECK(*normalise_ccam("HHFA00101") == "HHFA001");
  for (const char* bad : {"", "HHFA00", "HHF0001", "HHFA001-1", "HHFA001X", "000001"}) {
    CHECK_FALSE(normalise_ccam(bad).ok());
  }
}

// 2823-3 potassium, 2951-2 sodium, 718-7 haemoglobin, 6690-2 leukocytes, 10160-0 medications.
TEST_CASE("LOINC codes have the right check digit or are refused") {
  for (const char* code : {"2823-3", "2951-2", "718-7", "6690-2", "10160-0", "11502-2"}) {
    CHECK(*normalise_loinc(code) == code);
    std::string wrong = code;
    wrong.back() = wrong.back() == '9' ? '0' : static_cast<char>(wrong.back() + 1);
    CHECK_FALSE(normalise_loinc(wrong).ok());
  }
  CHECK(*normalise_loinc("la18436-8") == "LA18436-8");
  for (const char* bad :
       {"", "-", "2823", "2823-", "-3", "2823-33", "LX1234-5", "LP-5", "12345678-1"}) {
    CHECK_FALSE(normalise_loinc(bad).ok());
  }
}

TEST_CASE("ATC codes have five levels") {
  CHECK(*normalise_atc("n02be01") == "N02BE01");
  CHECK(atc_level("N") == 1);
  CHECK(atc_level("N02") == 2);
  CHECK(atc_level("N02B") == 3);
  CHECK(atc_level("N02BE") == 4);
  CHECK(atc_level("N02BE01") == 5);
  for (const char* bad : {"", "N0", "N02BE0", "NN2", "N02BE011", "0"}) {
    CHECK_FALSE(normalise_atc(bad).ok());
  }
}

TEST_CASE("UCD codes of 7 and 13 digits are the same code") {
  CHECK(*normalise_ucd("9269031") == "9269031");
  // EAN-13 by hand, 3 4 0 0 8 9 2 6 9 0 3 1: odd places 3+0+8+2+9+3 = 25, even places 4+0+9+6+0+1 =
  // 20; 25 + 3 x 20 = 85, so the digit is 5.
  CHECK(*normalise_ucd("3400892690315") == "9269031");
  CHECK_FALSE(normalise_ucd("3400892690316").ok());
  CHECK_FALSE(normalise_ucd("3400992690315").ok());
  CHECK_FALSE(normalise_ucd("926903").ok());
}

TEST_CASE("records are the same from CSV, TSV, JSON and old encodings") {
  for (const std::string_view bytes :
       {std::string_view("code;libell\xE9\nA;fi\xE8vre\nB;x\n"),
        std::string_view("\xEF\xBB\xBF\"code\",\"libellé\"\r\n\"A\",\"fièvre\"\r\nB,x\r\n"),
        std::string_view("[{\"code\":\"A\",\"libellé\":\"fi\\u00e8vre\"},\n{\"code\":\"B\","
                         "\"libellé\":\"x\"}]"),
        std::string_view("{\"code\":\"A\",\"libellé\":\"fièvre\"}\n{\"code\":\"B\","
                         "\"libellé\":\"x\"}\n")}) {
    auto records = Records::over(bytes);
    REQUIRE(records.ok());
    REQUIRE(*records->next());
    CHECK((*records)["CODE"] == "A");
    REQUIRE(*records->next());
    CHECK((*records)["code"] == "B");
    CHECK((*records)["absent"].empty());
    CHECK_FALSE(*records->next());
    CHECK(records->record_count() == 2);
  }
  auto latin = Records::over("code;label\nA;fi\xE8vre\n");
  REQUIRE(*latin->next());
  CHECK((*latin)["label"] == "fièvre");
}

TEST_CASE("a file without header uses the given names, one with header its own") {
  constexpr std::string_view kNames[] = {"code", "label"};
  auto bare = Records::over("A00   |Choléra\nA01|x\n", kNames);
  REQUIRE(bare.ok());
  REQUIRE(*bare->next());
  CHECK((*bare)["code"] == "A00");
  CHECK((*bare)["label"] == "Choléra");
  auto named = Records::over("Code|label\nA01|x\n", kNames);
  REQUIRE(*named->next());
  CHECK((*named)["code"] == "A01");
  CHECK_FALSE(*named->next());
}

TEST_CASE("bad records are counted and the others read") {
  auto csv = Records::over("a;b\n1;2\n3\n4;5\n");
  REQUIRE(csv.ok());
  int count = 0;
  while (*csv->next()) ++count;
  CHECK(count == 2);
  CHECK(csv->bad_count() == 1);
  CHECK(csv->bad()[0].line == 3);
  auto json = Records::over("[{\"a\":1},{\"a\":{\"b\":2}},{\"a\":tru},{\"a\":null,\"b\":-1.5e3}]");
  count = 0;
  while (*json->next()) ++count;
  CHECK(count == 2);
  CHECK(json->bad_count() == 2);
  CHECK((*json)["b"] == "-1.5e3");
  auto cut = Records::over("[{\"a\":1},{\"a\":\"x");
  REQUIRE(*cut->next());
  CHECK(cut->next().error().code == Code::Malformed);
}

TEST_CASE("no bytes make the record readers fail otherwise than by a result") {
  constexpr std::string_view kAlphabet = "[]{}\",:\\u0ad81e-;\n\t |\xC3\xA9";
  std::mt19937_64 random(6);
  for (int round = 0; round < 30000; ++round) {
    std::string bytes(random() % 80, ' ');
    for (char& c : bytes) c = kAlphabet[random() % kAlphabet.size()];
    if (round % 2 == 0) bytes.insert(0, "[{\"a\":");
    auto records = Records::over(bytes);
    if (!records.ok()) continue;
    while (true) {
      const auto more = records->next();
      if (!more.ok() || !*more) break;
    }
  }
}

std::int32_t day(const char* iso) {
  return *text::parse_iso_date(iso);
}

TEST_CASE("a code maps to its concepts on the days of their validity") {
  CodeMap map;
  SourceToConceptRow row;
  row.source_vocabulary_id = "LAB";
  row.source_code = "K";
  row.target_concept_id = 10;
  row.valid_start = day("2000-01-01");
  row.valid_end = day("2009-12-31");
  REQUIRE(map.add(row).ok());
  row.target_concept_id = 11;
  row.valid_start = day("2010-01-01");
  row.valid_end = kAlwaysUntil;
  REQUIRE(map.add(row).ok());
  row.target_concept_id = 12;
  REQUIRE(map.add(row).ok());
  row.target_concept_id = 13;
  row.invalid_reason = "D";
  REQUIRE(map.add(row).ok());
  CHECK(map.look_up("LAB", "K", day("2005-06-01")) == std::vector<std::int64_t>{10});
  CHECK(map.look_up("LAB", "K", day("2010-01-01")) == std::vector<std::int64_t>{11, 12});
  CHECK(map.look_up_one("LAB", "K", day("2010-01-01")) == 11);
  CHECK(map.look_up("LAB", "K", day("1999-12-31")).empty());
  CHECK(map.look_up("LAB", "NA", day("2010-01-01")).empty());
  CHECK(map.look_up_one("OTHER", "K", day("2010-01-01")) == 0);
}

TEST_CASE("unmapped codes are counted exactly while they fit, and within the error beyond") {
  CodeMap map;
  for (int i = 0; i < 5; ++i) map.count_unmapped("LAB", "X");
  map.count_unmapped("LAB", "Y");
  const auto few = map.unmapped();
  REQUIRE(few.codes.size() == 2);
  CHECK(few.codes[0].code == "X");
  CHECK(few.codes[0].count == 5);
  CHECK(few.error_max == 0);
  // One frequent code among 200,000 that come once.
  for (int i = 0; i < 200'000; ++i) {
    map.count_unmapped("LAB", std::to_string(i));
    if (i % 10 == 0) map.count_unmapped("LAB", "frequent");
  }
  const auto many = map.unmapped();
  CHECK(many.codes.size() <= kUnmappedKept);
  CHECK(many.total == 220'006);
  CHECK(many.codes[0].code == "frequent");
  CHECK(many.codes[0].count <= 20'000);
  CHECK(many.codes[0].count + many.error_max >= 20'000);
  CHECK(many.error_max <= 220'006 / kUnmappedKept + 1);
}

}  // namespace
}  // namespace eds::terms
