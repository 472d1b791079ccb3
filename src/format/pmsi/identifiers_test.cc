#include "format/pmsi/identifiers.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/env.h"

namespace eds::pmsi {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

TEST_CASE("NIR keys agree with the published cases, Corsica and temporary numbers included") {
  const std::string path =
      std::string(EDS_SOURCE_DIR) + "/../shared/data/french/ids/nir_key_cases.tsv";
  if (!Env::posix().exists(path)) {
    MESSAGE("skipped: nir_key_cases.tsv not present");
    return;
  }
  const Result<std::string> text = Env::posix().read_all(path, 1 << 20);
  REQUIRE(text.ok());
  std::size_t valid_count = 0;
  std::size_t begin = text->find('\n') + 1;
  while (begin < text->size()) {
    const std::size_t end = text->find('\n', begin);
    const std::vector<std::string> row = fields_of(text->substr(begin, end - begin));
    begin = end + 1;
    INFO("case ", row[3]);
    const NirState state = check_nir(row[0], row[1]);
    if (row[2] == "valid") {
      const bool temporary = row[0][0] == '7' || row[0][0] == '8';
      CHECK(state == (temporary ? NirState::Temporary : NirState::Valid));
      ++valid_count;
    } else {
      CHECK(state == NirState::Malformed);  // the form for display, with spaces
    }
  }
  CHECK(valid_count == 11);
}

TEST_CASE("a NIR with one digit changed has another key") {
  CHECK(check_nir("2790351215189", "89") == NirState::Valid);  // test patient of the ANS
  CHECK(check_nir("2790351215188", "89") == NirState::WrongKey);
  CHECK(check_nir("2790351215189", "88") == NirState::WrongKey);
  CHECK(check_nir("9790351215189", "89") == NirState::Malformed);
  CHECK(check_nir("279035121518", "89") == NirState::Malformed);
  CHECK(check_nir("2790351215189", "8X") == NirState::Malformed);
  CHECK(check_ins("279035121518989") == NirState::Valid);
  CHECK(check_ins("2790351215189") == NirState::Malformed);
}

TEST_CASE("INS identifiers are told apart by their OID") {
  CHECK(ins_kind("1.2.250.1.213.1.4.8") == InsKind::Nir);
  CHECK(ins_kind("1.2.250.1.213.1.4.9") == InsKind::Nia);
  CHECK(ins_kind("1.2.250.1.213.1.4.10") == InsKind::TestNir);
  CHECK(ins_kind("1.2.250.1.213.1.4.11") == InsKind::DemoNir);
  CHECK(ins_kind("1.2.250.1.213.1.4.2") == InsKind::InsC);
  CHECK(ins_kind("1.2.250.1.213.1.4.80") == InsKind::Unknown);
  CHECK(ins_kind("") == InsKind::Unknown);
}

TEST_CASE("FINESS numbers of public hospitals pass, and fail with a digit changed") {
  CHECK(finess_ok("750712184"));  // Assistance publique - Hopitaux de Paris
  CHECK(finess_ok("750100125"));  // Pitie-Salpetriere
  CHECK(finess_ok("2A0000014"));  // Ajaccio
  CHECK(finess_ok("2B0000020"));  // Bastia
  CHECK_FALSE(finess_ok("750712185"));
  CHECK_FALSE(finess_ok("2C0000014"));
  CHECK_FALSE(finess_ok("75071218"));
  CHECK_FALSE(finess_ok("75071218 "));
}

TEST_CASE("an RPPS number has eleven digits and a Luhn key") {
  // The leading 1 is the eleventh digit from the right: it is not doubled, so the key makes it ten.
  CHECK(rpps_ok("10000000009"));
  CHECK_FALSE(rpps_ok("10000000008"));
  CHECK_FALSE(rpps_ok("1000000009"));
  CHECK(luhn_ok("79927398713"));  // the example of the Luhn algorithm's literature
  CHECK_FALSE(luhn_ok("79927398710"));
  CHECK_FALSE(luhn_ok(""));
}

}  // namespace
}  // namespace eds::pmsi
