#include "ingest/csv_mapping.h"

#include <doctest/doctest.h>

#include "ingest/format_reader.h"

namespace eds::ingest {

TEST_CASE("a mapping says separators, columns, dates and its own tables") {
  const Result<CsvMapping> read = CsvMapping::parse(
      "[file]\nseparator = \"|\"\nencoding = \"windows-1252\"\nheader = false\ndecimal = \",\"\n"
      "[columns]\nipp = 1\ntime = \"DATE\"\n[time]\nformat = \"%d/%m/%Y %H:%M\"\n"
      "[unit]\n\"g/100ml\" = \"g/dL\"\n");
  REQUIRE(read.ok());
  CHECK(read->separator == '|');
  CHECK(read->encoding == text::Encoding::Windows1252);
  CHECK_FALSE(read->has_header);
  CHECK(read->columns.at("ipp") == "#1");
  CHECK(read->value("unit", "g/100ml", "") == "g/dL");
  CHECK(read->value("unit", "other", "kept") == "kept");
  // 3 January 2026, 08:30: 20456 days after 1970 (Python: (date(2026,1,3)-date(1970,1,1)).days).
  CHECK(read->date_pattern()->parse_us("03/01/2026 08:30") ==
        20456 * std::int64_t{86'400'000'000} + std::int64_t{30'600'000'000});
  CHECK(read->allow({"ipp", "time"}, {"unit"}).ok());
  CHECK_FALSE(read->allow({"ipp"}, {"unit"}).ok());
  CHECK_FALSE(read->allow({"ipp", "time"}, {}).ok());
}

TEST_CASE("a mapping that cannot be meant is refused") {
  for (const char* wrong :
       {"", "x", "[columns]", "[file]\nseparator=\";;\"\n[columns]\nipp=1",
        "[file]\nencoding=\"ebcdic\"\n[columns]\nipp=1", "[file]\ncolour=1\n[columns]\nipp=1",
        "[columns]\nipp=1\n[time]\nformat=\"%Q\"", "columns = 3", "[columns]\nipp=1\n\xCE\x91=2",
        "[columns]\nipp=\"\"\"\n\"\"\""}) {
    INFO(wrong);
    const Result<CsvMapping> read = CsvMapping::parse(wrong);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == Code::Usage);
  }
}

TEST_CASE("a file's context comes back whole, and a damaged one is refused") {
  FileContext context;
  context.header = "a;b\r";
  context.mapping = std::string("5:\0x", 4);
  context.member = "";
  const std::string bytes = context.encode();
  const Result<FileContext> back = FileContext::decode(bytes);
  REQUIRE(back.ok());
  CHECK(back->header == context.header);
  CHECK(back->mapping == context.mapping);
  CHECK(back->member.empty());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(FileContext::decode(std::string_view(bytes).substr(0, size)).ok());
  }
}

}  // namespace eds::ingest
