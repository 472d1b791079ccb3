#include "format/csv/csv_reader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "format/csv/csv_writer.h"

namespace eds::csv {
namespace {

using Fields = std::vector<std::string>;

/// What a reader gave, in a form that can be compared.
struct Event {
  Step step = Step::End;
  Fields fields;
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  BadReason reason = BadReason::ColumnCount;
  std::string raw;
  friend bool operator==(const Event&, const Event&) = default;
};

std::vector<Event> drain(Reader& reader) {
  std::vector<Event> events;
  while (true) {
    const auto step = reader.next();
    REQUIRE(step.ok());
    if (*step == Step::End) return events;
    Event event;
    event.step = *step;
    if (*step == Step::Row) {
      for (const auto field : reader.row().fields()) event.fields.emplace_back(field);
      event.line = reader.row().line();
      event.offset = reader.row().offset();
      event.raw = reader.row().raw();
    } else {
      event.line = reader.bad().line;
      event.offset = reader.bad().offset;
      event.reason = reader.bad().reason;
      event.raw = reader.bad().raw;
    }
    events.push_back(std::move(event));
  }
}

std::vector<Event> read(std::string_view text, const Dialect& dialect,
                        const RowLimits& limits = {}) {
  auto reader = Reader::over(text, dialect, {}, limits);
  REQUIRE(reader.ok());
  return drain(*reader);
}

/// Gives a text in pieces of `piece` bytes.
class PieceSource : public ByteSource {
 public:
  PieceSource(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min({into.size(), piece_, bytes_.size()});
    std::copy_n(bytes_.data(), count, into.data());
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  std::size_t piece_;
};

std::vector<Event> read_in_pieces(std::string_view text, const Dialect& dialect, std::size_t piece,
                                  const RowLimits& limits = {}) {
  auto reader = Reader::open(std::make_unique<PieceSource>(text, piece), dialect, limits);
  REQUIRE(reader.ok());
  return drain(*reader);
}

Dialect plain() {
  Dialect dialect;
  dialect.header = Header::Absent;
  return dialect;
}

// RFC 4180, section 2, rules 1 to 7.
TEST_CASE("the examples of RFC 4180 are read") {
  const auto rows = read("aaa,bbb,ccc\r\nzzz,\"y\r\nyy\",\"x\"\"xx\"\r\n\"a,a\",,\"\"", plain());
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].fields == Fields{"aaa", "bbb", "ccc"});
  CHECK(rows[1].fields == Fields{"zzz", "y\r\nyy", "x\"xx"});
  CHECK(rows[2].fields == Fields{"a,a", "", ""});
  CHECK(rows[1].line == 2);
  CHECK(rows[2].line == 4);
  CHECK(rows[1].offset == 13);
  CHECK(rows[1].raw == "zzz,\"y\r\nyy\",\"x\"\"xx\"");
}

TEST_CASE("a header names the columns, whatever the byte order mark and the case") {
  auto reader = Reader::over(
      "\xEF\xBB\xBF"
      "Concept_Id;NAME\n1;a\n",
      Dialect{.separator = ';'});
  REQUIRE(reader.ok());
  CHECK(reader->header() == Fields{"Concept_Id", "NAME"});
  CHECK(reader->column("concept_id") == 0);
  CHECK(reader->column("name") == 1);
  CHECK_FALSE(reader->column("absent"));
  const auto rows = drain(*reader);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].line == 2);
  CHECK(rows[0].offset == 19);
}

TEST_CASE("a file without its header, or in UTF-16, is refused when opened") {
  CHECK_FALSE(Reader::over("", Dialect{}).ok());
  CHECK_FALSE(Reader::over("\n\n", Dialect{}).ok());
  CHECK_FALSE(Reader::over("\xFF\xFE"
                           "a",
                           plain())
                  .ok());
  CHECK_FALSE(Reader::over("\"never closed\n", Dialect{}).ok());
  CHECK(Reader::over("", plain()).ok());
}

TEST_CASE("every row end and separator is read") {
  const std::vector<Fields> expected = {{"1", "2"}, {"3", "4"}};
  const auto check = [&](std::string_view text, Dialect dialect) {
    const auto rows = read(text, dialect);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].fields == expected[0]);
    CHECK(rows[1].fields == expected[1]);
  };
  check("1,2\n3,4\n", plain());
  check("1,2\r\n3,4\r\n", plain());
  check("1,2\n3,4", plain());
  check("1,2\r\n3,4\r", plain());
  check("\n1,2\n\r\n\n3,4\n\n", plain());
  Dialect old_mac = plain();
  old_mac.row_end = RowEnd::CarriageReturn;
  check("1,2\r3,4\r", old_mac);
  for (const char separator : {';', '\t', '|', ':', '\x01'}) {
    Dialect dialect = plain();
    dialect.separator = separator;
    std::string text = "1,2\r\n3,4\n";
    std::replace(text.begin(), text.end(), ',', separator);
    check(text, dialect);
  }
}

TEST_CASE("a quote inside an unquoted field is a character, and without quoting all are") {
  CHECK(read("5\" tube,b\n", plain())[0].fields == Fields{"5\" tube", "b"});
  Dialect athena = plain();
  athena.separator = '\t';
  athena.quote = '\0';
  CHECK(read("\"a\tb\"\n", athena)[0].fields == Fields{"\"a", "b\""});
}

TEST_CASE("a row with another number of fields is a bad row, and reading goes on") {
  const std::string_view text = "a,b\n1,2\n1\n1,2,3\n3,4\n";
  auto reader = Reader::over(text, Dialect{});
  REQUIRE(reader.ok());
  const auto events = drain(*reader);
  REQUIRE(events.size() == 4);
  CHECK(events[1].step == Step::Bad);
  CHECK(events[1].reason == BadReason::ColumnCount);
  CHECK(events[1].line == 3);
  CHECK(events[1].offset == 8);
  CHECK(events[1].raw == "1");
  CHECK(events[2].raw == "1,2,3");
  CHECK(events[3].fields == Fields{"3", "4"});
  CHECK(reader->row_count() == 2);
  CHECK(reader->bad_count() == 2);

  Dialect pad;
  pad.ragged = Ragged::Pad;
  const auto padded = read(text, pad);
  CHECK(padded[1].fields == Fields{"1", ""});
  CHECK(padded[2].step == Step::Bad);
  Dialect any;
  any.ragged = Ragged::Any;
  CHECK(read(text, any)[2].fields == Fields{"1", "2", "3"});
}

TEST_CASE("a stray quote costs its own line, not the rest of the file") {
  const auto open = read("1,\"abc\n2,def\n3,ghi\n", plain());
  REQUIRE(open.size() == 3);
  CHECK(open[0].reason == BadReason::QuoteNotClosed);
  CHECK(open[0].raw == "1,\"abc");
  CHECK(open[1].fields == Fields{"2", "def"});
  CHECK(open[1].line == 2);

  const auto text_after = read("1,\"abc\"d\r\n2,\"e\"\n", plain());
  REQUIRE(text_after.size() == 2);
  CHECK(text_after[0].reason == BadReason::TextAfterQuote);
  CHECK(text_after[0].raw == "1,\"abc\"d");
  CHECK(text_after[1].fields == Fields{"2", "e"});

  const auto closed_late = read("1,\"abc\n2,\"def\"\n3,ghi\n", plain());
  REQUIRE(closed_late.size() == 3);
  CHECK(closed_late[0].reason == BadReason::TextAfterQuote);
  CHECK(closed_late[1].fields == Fields{"2", "def"});
}

TEST_CASE("a row with a zero byte is a bad row") {
  using namespace std::string_view_literals;
  const auto events = read("1,a\n2,\0b\n3,\"\0\"\n4,d\n"sv, plain());
  REQUIRE(events.size() == 4);
  CHECK(events[1].reason == BadReason::NulByte);
  CHECK(events[1].raw == "2,\0b"sv);
  CHECK(events[2].reason == BadReason::NulByte);
  CHECK(events[3].fields == Fields{"4", "d"});
}

TEST_CASE("a 10 MB line is refused as a row and the next one is read") {
  std::string text = "1,a\n2,";
  text.append(10U << 20, 'x');
  text += "\n3,c\n";
  for (const bool streamed : {false, true}) {
    const auto events = streamed ? read_in_pieces(text, plain(), 100000) : read(text, plain());
    REQUIRE(events.size() == 3);
    CHECK(events[1].step == Step::Bad);
    CHECK(events[1].reason == BadReason::RowTooLong);
    CHECK(events[1].line == 2);
    CHECK(events[1].offset == 4);
    CHECK(events[1].raw.size() == RowLimits{}.raw_bytes_kept);
    CHECK(events[2].fields == Fields{"3", "c"});
    CHECK(events[2].line == 3);
    CHECK(events[2].offset == 4 + 2 + (10U << 20) + 1);
  }
}

TEST_CASE("rows beyond the column and field bounds are bad rows") {
  RowLimits limits;
  limits.column_count_max = 3;
  limits.field_bytes_max = 5;
  Dialect any = plain();
  any.ragged = Ragged::Any;
  const auto events = read("1,2,3\n1,2,3,4\nabcdef\nabcde\n", any, limits);
  REQUIRE(events.size() == 4);
  CHECK(events[1].reason == BadReason::TooManyColumns);
  CHECK(events[2].reason == BadReason::FieldTooLong);
  CHECK(events[3].step == Step::Row);
}

/// RFC 4180 written as slowly as can be, for well-formed input without CR.
std::vector<Fields> naive(std::string_view text, char separator) {
  std::vector<Fields> rows;
  Fields row;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == separator || c == '\n') {
      row.push_back(std::move(field));
      field.clear();
      if (c == '\n') {
        rows.push_back(std::move(row));
        row.clear();
      }
    } else {
      field += c;
    }
  }
  return rows;
}

TEST_CASE("what the writer writes, the reader and a naive reader read alike") {
  constexpr std::string_view kAlphabet = "ab01 ,;\"\n'\t\xC3\xA9";
  std::mt19937_64 random(1);
  for (int round = 0; round < 3000; ++round) {
    Dialect dialect = plain();
    dialect.separator = ",;\t|"[random() % 4];
    dialect.blank_lines = BlankLines::Keep;
    const std::size_t columns = 1 + random() % 6;
    std::vector<Fields> rows(random() % 20);
    Writer writer(dialect);
    for (Fields& row : rows) {
      row.resize(columns);
      for (std::string& field : row) {
        field.resize(random() % 4 == 0 ? random() % 200 : random() % 6);
        for (char& c : field) c = kAlphabet[random() % kAlphabet.size()];
        writer.field(field);
      }
      REQUIRE(writer.end_row().ok());
    }
    const std::string text = writer.take();
    REQUIRE(naive(text, dialect.separator) == rows);
    const auto whole = read(text, dialect);
    REQUIRE(whole.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) REQUIRE(whole[i].fields == rows[i]);
    REQUIRE(read_in_pieces(text, dialect, 1 + random() % 70) == whole);
  }
}

TEST_CASE("any bytes: pieces and whole agree, and no byte is lost") {
  constexpr std::string_view kAlphabet = "ab,\"\"\n\r\n;";
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    Dialect dialect = plain();
    dialect.row_end = random() % 8 == 0 ? RowEnd::CarriageReturn : RowEnd::LineFeed;
    dialect.ragged = random() % 2 == 0 ? Ragged::Any : Ragged::Refuse;
    RowLimits limits;
    if (random() % 2 == 0) limits.row_bytes_max = 8 + random() % 40;
    std::string text(random() % 150, '\0');
    for (char& c : text) c = kAlphabet[random() % kAlphabet.size()];
    if (random() % 8 == 0 && !text.empty()) text[random() % text.size()] = '\0';
    CAPTURE(text);
    CAPTURE(limits.row_bytes_max);
    const auto whole = read(text, dialect, limits);
    REQUIRE(read_in_pieces(text, dialect, 1 + random() % 9, limits) == whole);
    std::uint64_t at = 0;
    for (const Event& event : whole) {
      // Between two events there are only row ends.
      for (; at < event.offset; ++at) REQUIRE((text[at] == '\n' || text[at] == '\r'));
      REQUIRE(text.compare(event.offset, event.raw.size(), event.raw) == 0);
      at += event.raw.size();
    }
    for (; at < text.size(); ++at) REQUIRE((text[at] == '\n' || text[at] == '\r'));
  }
}

TEST_CASE("slices cut at row boundaries give the rows of the whole") {
  std::string text = "a;b;c\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + ";x;" + std::to_string(i * i) + "\r\n";
  Dialect dialect;
  dialect.separator = ';';
  const auto whole = read(text, dialect);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{6}, std::size_t{7}, text.size() / 2,
                                text.size() - 1, text.size()}) {
    const std::size_t middle = row_boundary(text, cut);
    const std::string_view first_slice = std::string_view(text).substr(0, middle);
    auto first = Reader::over(first_slice, dialect);
    REQUIRE(first.ok());
    auto events = drain(*first);
    Dialect second_dialect = dialect;
    second_dialect.header = Header::Absent;
    auto second = Reader::over(std::string_view(text).substr(middle), second_dialect,
                               {1 + count_lines(first_slice), middle, first->header().size()});
    REQUIRE(second.ok());
    for (Event& event : drain(*second)) events.push_back(std::move(event));
    CHECK(events == whole);
  }
}

TEST_CASE("the dialect of a file is found from its first bytes") {
  const Dialect lab = detect_dialect("code;valeur;unite\nK;4,2;mmol/L\nNA;139,5;mmol/L\n");
  CHECK(lab.separator == ';');
  CHECK(lab.header == Header::Present);
  const Dialect tsv = detect_dialect("A00   \t3\tCHOLERA, SAI\nA001\t0\tCHOLERA, BIOVAR\n");
  CHECK(tsv.separator == '\t');
  CHECK(tsv.header == Header::Absent);
  CHECK(detect_dialect("a,b\n1,\"x;y;z\"\n2,\"u;v;w\"\n").separator == ',');
  CHECK(detect_dialect("a|b\n1|2\n3|4").separator == '|');
  CHECK(detect_dialect("a,b\r1,2\r").row_end == RowEnd::CarriageReturn);
  CHECK(detect_dialect("a\tb\n1\t\"x\" y\n2\t\"u\" v\n").quote == '\0');
  CHECK(detect_dialect("a\tb\n1\t\"x\"\n").quote == '"');
  CHECK(detect_dialect("").separator == ',');
}

}  // namespace
}  // namespace eds::csv
