#include "format/csv/row_batch.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace eds::csv {
namespace {

struct Seen {
  bool is_bad = false;
  std::uint64_t line = 0;
  std::uint64_t offset = 0;
  std::string raw;
  std::vector<std::string> fields;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Dialect semicolons() {
  Dialect dialect;
  dialect.separator = ';';
  dialect.header = Header::Absent;
  dialect.ragged = Ragged::Any;
  return dialect;
}

const std::vector<std::size_t> kChosen = {2, 0, 7, static_cast<std::size_t>(-1)};

// What the Reader itself says, with the chosen columns picked by hand.
std::vector<Seen> read(std::string_view text) {
  Reader reader = std::move(Reader::over(text, semicolons())).value();
  std::vector<Seen> all;
  for (;;) {
    const Step step = reader.next().value();
    if (step == Step::End) return all;
    if (step == Step::Bad) {
      all.push_back({true, reader.bad().line, reader.bad().offset, reader.bad().raw, {}});
      continue;
    }
    const Row& row = reader.row();
    Seen seen{false, row.line(), row.offset(), std::string(row.raw()), {}};
    for (const std::size_t column : kChosen) {
      seen.fields.emplace_back(column < row.size() ? row[column] : std::string_view());
    }
    all.push_back(std::move(seen));
  }
}

std::vector<Seen> read_by_batches(std::string_view text) {
  Reader reader = std::move(Reader::over(text, semicolons())).value();
  RowBatch batch(kChosen);
  std::vector<Seen> all;
  for (bool more = true; more;) {
    more = batch.fill(reader).value();
    CHECK(batch.row_count() <= kBatchRows);
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      const BadRow* bad = batch.bad(row);
      Seen seen{bad != nullptr, batch.line(row), batch.offset(row), "", {}};
      seen.raw = bad != nullptr ? bad->raw : std::string(batch.raw(row));
      for (std::size_t place = 0; bad == nullptr && place < kChosen.size(); ++place) {
        seen.fields.emplace_back(batch.field(row, place));
      }
      all.push_back(std::move(seen));
    }
  }
  return all;
}

TEST_CASE(
    "a quoted field comes without its quotes, a missing column empty, a bad row as it stands") {
  const std::vector<Seen> rows = read_by_batches("a;b;\"say \"\"no\"\"\"\n\nx\n\"open;1\n");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == Seen{false, 1, 0, "a;b;\"say \"\"no\"\"\"", {"say \"no\"", "a", "", ""}});
  CHECK(rows[1] == Seen{false, 3, 18, "x", {"", "x", "", ""}});
  CHECK(rows[2] == Seen{true, 4, 20, "\"open;1", {}});
}

TEST_CASE("rows that are none count for the size of a batch too") {
  const std::string open_quote = "\"" + std::string(1000, 'x') + "\n";
  std::string text;
  for (int i = 0; i < 1500; ++i) text += open_quote;
  Dialect dialect = semicolons();
  RowLimits limits;
  limits.row_bytes_max = 1100;
  Reader reader = std::move(Reader::over(text, dialect, {}, limits)).value();
  RowBatch batch({0});
  bool more = true;
  std::size_t bad_count = 0;
  while (more) {
    more = batch.fill(reader).value();
    std::size_t bytes = 0;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
      if (batch.bad(row) == nullptr) continue;
      ++bad_count;
      bytes += batch.bad(row)->raw.size();
    }
    CHECK(bytes <= kBatchBytes + 2 * limits.row_bytes_max);
  }
  CHECK(bad_count * 1000 > kBatchBytes);
}

TEST_CASE("batches hold what the reader gives, whatever the bytes") {
  constexpr std::string_view kPieces[] = {"a",    "12,5", ";",    ";",   "\n",
                                          "\r\n", "\"",   "\"\"", "\xE9"};
  for (std::uint32_t seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += kPieces[random() % std::size(kPieces)];
    if (seed % 5 == 0) text[text.size() / 2] = '\0';
    CHECK(read_by_batches(text) == read(text));
  }
}

TEST_CASE("rows of any length end a batch early, so that its memory is bounded") {
  std::string text;
  for (int i = 0; i < 40; ++i) text += std::string(300'000, 'x') + "\n";
  Reader reader = std::move(Reader::over(text, semicolons())).value();
  RowBatch batch({0});
  std::size_t rows = 0;
  for (bool more = true; more;) {
    more = batch.fill(reader).value();
    CHECK(batch.text().size() < kBatchBytes + 300'000);
    rows += batch.row_count();
  }
  CHECK(rows == 40);
}

}  // namespace
}  // namespace eds::csv
