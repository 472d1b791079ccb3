#include "format/pmsi/rsa.h"

#include <doctest/doctest.h>

#include <string>

#include "format/pmsi/check.h"
#include "format/pmsi/write.h"

namespace eds::pmsi {
namespace {

// Two RUM, with 1 and 2 diagnoses, 2 and 1 acts. Positions are those of the 229 sheet.
std::string rsa_229(std::string_view first_da_count = "01") {
  std::string line(265, ' ');
  const auto put = [&line](std::size_t position, std::string_view text) {
    line.replace(position - 1, text.size(), text);
  };
  put(1, "750712184229");
  put(13, "0000000042");
  put(31, "05K061");
  put(42, "05K062");
  put(48, "000");
  put(51, "02");
  put(53, "063");
  put(59, "2");
  put(60, "8");
  put(62, "032024");
  put(68, "8");
  put(71, "0009");
  put(75, "75113");
  put(96, "1234");
  put(114, "1");
  put(136, "1");
  put(215, "I210  ");
  put(227, "0003");
  put(231, "00003");
  line += "1A";
  line += "9610002";
  const auto rum = [](std::string_view sequence, std::string_view dp, std::string_view da_count,
                      std::string_view act_count, std::string_view days) {
    return std::string(sequence) +
           "0001"
           "750100125" +
           std::string(dp) +
           "      "
           "   "
           "  " +
           std::string(da_count) + std::string(act_count) + std::string(days) + "07A " + "  " +
           "0000" + "    " + "  " + "0000";
  };
  line += rum("01", "I210  ", first_da_count, "002", "0004");
  line += rum("02", "I500  ", "02", "001", "0005");
  line += "I10   E119  N179  ";
  line +=
      "000"
      "DDAF007"
      "  "
      "0"
      "1"
      " "
      "    "
      " "
      " "
      "01"
      "2";
  line +=
      "001"
      "DDAF007"
      "  "
      "0"
      "4"
      " "
      "A   "
      " "
      " "
      "01"
      "2";
  line +=
      "   "
      "DZQM006"
      "-1"
      "0"
      "1"
      " "
      "    "
      " "
      " "
      "02"
      "2";
  return line;
}

TEST_CASE("an RSA reads all RUM, then all diagnoses, then all acts") {
  const std::string line = rsa_229();
  const Parsed parsed = parse(Kind::Rsa, line);
  REQUIRE(parsed.whole);
  const Rsa rsa = read_rsa(parsed.record);
  CHECK(rsa.version == "229");
  CHECK(rsa.index == "0000000042");
  CHECK(rsa.ghm_read == "05K061");
  CHECK(rsa.ghm == "05K062");
  CHECK(rsa.age_years.value == 63);
  CHECK(rsa.age_days.state == Number::State::Blank);
  CHECK(rsa.sex == '2');
  CHECK(rsa.exit_month.value == 3);
  CHECK(rsa.exit_year.value == 2024);
  CHECK(rsa.length_days.value == 9);
  CHECK(rsa.geographic_code == "75113");
  CHECK(rsa.ghs == "1234");
  CHECK(rsa.dp == "I210");
  REQUIRE(rsa.das.size() == 3);
  CHECK(rsa.das[2] == "N179");
  REQUIRE(rsa.rum_count == 2);
  const RsaRum second = rsa.rum(1);
  CHECK(second.dp == "I500");
  CHECK(second.unit_finess == "750100125");
  CHECK(second.length_days.value == 5);
  CHECK(second.authorisation == "07A");
  CHECK(second.first_da == 1);
  CHECK(second.da_count == 2);
  CHECK(second.first_act == 2);
  CHECK(second.act_count == 1);
  REQUIRE(rsa.act_count == 3);
  CHECK(rsa.act(1).activity == '4');
  CHECK(rsa.act(1).delay_days.value == 1);
  CHECK(rsa.act(1).modifiers == "A");
  CHECK(rsa.act(2).delay_days.state == Number::State::Blank);
  CHECK(rsa.act(2).extension == "-1");
  CHECK(rsa.act(2).count.value == 2);
}

bool counts_disagree(const std::string& line) {
  Checker checker;
  for (const Finding& finding : checker.check_record(parse(Kind::Rsa, line).record, 1)) {
    if (finding.code == FindingCode::CountsDisagree) return true;
  }
  return false;
}

TEST_CASE("counts of RUM that do not add up are told, and never lead past the RSA's own") {
  CHECK_FALSE(counts_disagree(rsa_229()));
  const std::string lying = rsa_229("09");
  CHECK(counts_disagree(lying));
  const Rsa rsa = read_rsa(parse(Kind::Rsa, lying).record);
  CHECK(rsa.rum(0).da_count == 3);
  CHECK(rsa.rum(1).first_da == 3);
  CHECK(rsa.rum(1).da_count == 0);
}

}  // namespace
}  // namespace eds::pmsi
