#include "engine/printer.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace eds::engine {
namespace {

std::string printed(Format format, const std::vector<std::vector<Cell>>& rows,
                    TableStyle style = TableStyle::Whole) {
  std::string text;
  Printer printer(
      format, {{"code", Align::Left}, {"rows", Align::Right}},
      [&](std::string_view bytes) {
        text += bytes;
        return Status();
      },
      style);
  for (const std::vector<Cell>& row : rows) REQUIRE(printer.add(row).ok());
  REQUIRE(printer.end().ok());
  CHECK(printer.row_count() == static_cast<std::int64_t>(rows.size()));
  return text;
}

// Expected texts are written by hand from RFC 4180 and RFC 8259.
TEST_CASE("CSV quotes what needs it, and tells an empty text from a missing one") {
  CHECK(printed(Format::Csv, {{"a", std::int64_t{1}},
                              {"x,\"y\"\nz", std::int64_t{-2}},
                              {"", std::monostate()},
                              {std::monostate(), 0.5}}) ==
        "code,rows\na,1\n\"x,\"\"y\"\"\nz\",-2\n\"\",\n,0.5\n");
  CHECK(printed(Format::Csv, {}) == "code,rows\n");
}

TEST_CASE("JSON holds one object a row, exact integers and ISO dates") {
  CHECK(printed(Format::Json, {}) == "[\n]\n");
  CHECK(printed(Format::Json, {{"a", std::int64_t{9007199254740993}}, {Day{19782}, true}}) ==
        "[\n{\"code\":\"a\",\"rows\":9007199254740993},\n"
        "{\"code\":\"2024-02-29\",\"rows\":true}\n]\n");
  CHECK(printed(Format::Ndjson, {{Moment{-1}, std::monostate()}}) ==
        "{\"code\":\"1969-12-31T23:59:59.999999\",\"rows\":null}\n");
}

TEST_CASE("a table aligns glyphs, not bytes, and numbers to the right") {
  CHECK(printed(Format::Table, {{"é", std::int64_t{7}}, {"long word", std::int64_t{1234567}}}) ==
        "code          rows\n"
        "---------  -------\n"
        "é                7\n"
        "long word  1234567\n");
  CHECK(printed(Format::Table, {{"a\nb", std::int64_t{1}}}, TableStyle::Summary) ==
        "code  rows\n----  ----\na b      1\n(1 row)\n");
}

TEST_CASE("only a summary cuts long cells, at sixty glyphs") {
  std::string word;
  for (int glyph = 0; glyph < 61; ++glyph) word += "é";
  const std::string cut = printed(Format::Table, {{word, std::int64_t{1}}}, TableStyle::Summary);
  CHECK(cut.find(word) == std::string::npos);
  CHECK(cut.find(word.substr(0, 118) + "\xE2\x80\xA6 ") != std::string::npos);
  CHECK(printed(Format::Table, {{word, std::int64_t{1}}}).find(word) != std::string::npos);
}

TEST_CASE("rows beyond the sample keep their order, and a closed output stops the printer") {
  std::vector<std::vector<Cell>> rows;
  for (std::int64_t row = 0; row < 2500; ++row) rows.push_back({"r", row});
  const std::string text = printed(Format::Table, rows);
  std::size_t at = 0;
  for (std::int64_t row = 0; row < 2500; row += 499) {
    const std::size_t found = text.find(" " + std::to_string(row) + "\n", at);
    REQUIRE(found != std::string::npos);
    at = found;
  }
  Printer closed(Format::Csv, {{"a", Align::Left}}, [](std::string_view) {
    return Status(Error{Code::Io, "closed"});
  });
  Status last;
  const std::vector<Cell> row = {std::string_view("0123456789")};
  for (int count = 0; count < 10'000 && last.ok(); ++count) last = closed.add(row);
  CHECK(last.error().code == Code::Io);
}

}  // namespace
}  // namespace eds::engine
