#include "format/pmsi/codes.h"

#include <doctest/doctest.h>

#include <string>

#include "base/env.h"
#include "format/pmsi/record.h"

namespace eds::pmsi {
namespace {

TEST_CASE("every CIM-10 code of the ATIH's table has the shape, and words have not") {
  const std::string path =
      std::string(EDS_SOURCE_DIR) + "/../shared/data/french/terminologies/cim_10_atih_2019.tsv";
  if (!Env::posix().exists(path)) {
    MESSAGE("skipped: cim_10_atih_2019.tsv not present");
    return;
  }
  const Result<std::string> text = Env::posix().read_all(path, 16 << 20);
  REQUIRE(text.ok());
  std::size_t code_count = 0;
  for (std::size_t begin = 0; begin < text->size(); begin = text->find('\n', begin) + 1) {
    const std::size_t tab = text->find('\t', begin);
    const std::string_view code = trim(std::string_view(*text).substr(begin, tab - begin));
    INFO(std::string(code));
    CHECK(looks_like_cim10(code));
    ++code_count;
    if (text->find('\n', begin) == std::string::npos) break;
  }
  CHECK(code_count == 15751);
}

TEST_CASE("what is no code has not the shape of one") {
  for (const char* text : {"", "I1", "10I", "I10.0", "I1000000", "i10", "I10+", "I1++0", "I 10"}) {
    INFO(std::string(text));
    CHECK_FALSE(looks_like_cim10(text));
  }
  for (const char* text : {"", "DDAF07", "DDA0007", "ddaf007", "DDAF0077", "DDAF00 "}) {
    CHECK_FALSE(looks_like_ccam(text));
  }
  for (const char* text : {"", "05K06", "O5K061", "050061", "05K0611", "05K06 "}) {
    CHECK_FALSE(looks_like_ghm(text));
  }
  CHECK(looks_like_ccam("DDAF007"));
  CHECK(looks_like_ghm("05K061"));
  CHECK(looks_like_ghm("28Z04Z"));
}

}  // namespace
}  // namespace eds::pmsi
