// Rows straight into tables: any cut gives the same rows, in the right order.
#include "synth/tables.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <unordered_set>
#include <vector>

#include "model/table.h"

namespace eds::synth {
namespace {

/// Keeps rows as text, one string each.
class TextSink final : public model::RowSink {
 public:
  Status take(const model::RowChunk& chunk) override {
    const model::Table& table = chunk.table();
    for (std::size_t row = 0; row < chunk.row_count(); ++row) {
      std::string text;
      for (std::size_t c = 0; c < table.columns.size(); ++c) {
        text += '|';
        if (!chunk.is_valid(c, row)) continue;
        const model::Type type = table.columns[c].type;
        if (type == model::Type::Text)
          text += chunk.text_at(c, row);
        else if (type == model::Type::Float)
          text += std::to_string(chunk.float_at(c, row));
        else
          text += std::to_string(chunk.int_at(c, row));
      }
      rows.push_back(std::move(text));
      check_row(chunk, row);
    }
    return {};
  }

  std::vector<std::string> rows;

 private:
  void check_row(const model::RowChunk& chunk, std::size_t row) {
    const model::Table& table = chunk.table();
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      if (table.columns[c].need == model::Need::Required) REQUIRE(chunk.is_valid(c, row));
    }
    if (table.person_column == model::kNoColumn) return;
    const std::int64_t person = chunk.int_at(table.person_column, row);
    const std::int64_t date =
        table.date_column == model::kNoColumn ? 0 : chunk.int_at(table.date_column, row);
    const std::int64_t id =
        table.id_column == model::kNoColumn ? 0 : chunk.int_at(table.id_column, row);
    REQUIRE(person >= 1);
    REQUIRE(person < std::int64_t{1} << 53);
    const std::array<std::int64_t, 3> key{person, date, id};
    REQUIRE(key >= last_);
    last_ = key;
    // Ids are unique over all patients, though each is made without knowing the others.
    if (table.id_column != model::kNoColumn) REQUIRE(ids_.insert(id).second);
  }
  std::array<std::int64_t, 3> last_{};
  std::unordered_set<std::int64_t> ids_;
};

class FailingSink final : public model::RowSink {
 public:
  Status take(const model::RowChunk&) override { return Error{Code::NoSpace, "the disk is full"}; }
};

}  // namespace

TEST_CASE("ranges of patients, written apart, are the rows of the whole, in order") {
  constexpr std::uint64_t kCount = 3'000;
  const TableGenerator generator(42, kCount, Concepts::Local);
  for (const std::string_view name : TableGenerator::table_names()) {
    CAPTURE(name);
    const std::uint64_t count = name == "note" ? 300 : kCount;
    TextSink whole, parts;
    REQUIRE(generator.write(name, 0, count, whole).ok());
    for (const std::uint64_t cut : {std::uint64_t{0}, std::uint64_t{1}, count / 3, count}) {
      static std::uint64_t from = 0;
      if (cut == 0) from = 0;
      REQUIRE(generator.write(name, from, cut, parts).ok());
      from = cut;
    }
    CHECK(!whole.rows.empty());
    CHECK(whole.rows == parts.rows);
  }
}

TEST_CASE("another seed is another hospital") {
  TextSink a, b;
  REQUIRE(TableGenerator(1, 100).write("person", 0, 100, a).ok());
  REQUIRE(TableGenerator(2, 100).write("person", 0, 100, b).ok());
  CHECK(a.rows != b.rows);
}

TEST_CASE("a sink that fails stops the writing with its own error") {
  FailingSink sink;
  for (const std::string_view name : {"person", "measurement", "condition_occurrence"}) {
    const Status written = TableGenerator(1, 5'000).write(name, 0, 5'000, sink);
    REQUIRE(!written.ok());
    CHECK(written.error().code == Code::NoSpace);
  }
}

TEST_CASE("a table that the hospital does not have is refused") {
  TextSink sink;
  const Status written = TableGenerator(1, 10).write("drug_strength", 0, 10, sink);
  REQUIRE(!written.ok());
  CHECK(written.error().code == Code::NotFound);
}

}  // namespace eds::synth
