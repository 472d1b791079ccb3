#include "duck/duck.h"

#include <doctest/doctest.h>

#include "duck/memory_rows.h"

namespace eds::duck {
namespace {

std::unique_ptr<Database> database() {
  Result<std::unique_ptr<Database>> opened = Database::open(Options{});
  REQUIRE_MESSAGE(opened.ok(), (opened.ok() ? "" : opened.error().message));
  return std::move(opened).value();
}

// Pushes `total` rows of the table concept, two chunks a call.
class Counting final : public RowSource {
 public:
  explicit Counting(std::int64_t total) : total_(total) {}
  const model::Table& table() const override { return model::table("concept"); }
  Result<bool> fill(model::RowSink& sink) override {
    if (next_ == total_) return false;
    model::RowWriter writer(table(), sink);
    for (int row = 0; row < 4000 && next_ < total_; ++row, ++next_) {
      writer.set(0, next_);
      writer.set_text(1, next_ % 2 == 0 ? "short" : "a name longer than twelve bytes");
      if (next_ % 10 == 0) writer.set(7, 10957);
      TRY(writer.end_row());
    }
    TRY(writer.flush());
    return true;
  }

 private:
  std::int64_t total_;
  std::int64_t next_ = 0;
};

TEST_CASE("rows pulled from a source arrive whole and in order") {
  std::unique_ptr<Database> duck = database();
  Connection connection = std::move(duck->connect()).value();
  Counting source(10'001);
  REQUIRE(connection.register_source("numbers", source).ok());
  Rows rows = std::move(connection.query(
                            "SELECT count(*), sum(concept_id)::DOUBLE, count(concept_class_id), "
                            "count(valid_start_date), min(concept_name), max(length(concept_name)) "
                            "FROM numbers()"))
                  .value();
  Result<std::optional<Chunk>> chunk = rows.next();
  REQUIRE(chunk.ok());
  CHECK((*chunk)->int_at(0, 0) == 10'001);
  CHECK((*chunk)->float_at(1, 0) == 10'000.0 * 10'001 / 2);
  CHECK((*chunk)->int_at(2, 0) == 0);
  CHECK((*chunk)->int_at(3, 0) == 1001);
  CHECK((*chunk)->text_at(4, 0) == "a name longer than twelve bytes");
  CHECK((*chunk)->int_at(5, 0) == 31);
}

// Takes chunks into MemoryRows.
class Keeping final : public model::RowSink {
 public:
  explicit Keeping(MemoryRows& rows) : rows_(&rows) {}
  Status take(const model::RowChunk& chunk) override {
    rows_->add(chunk);
    return {};
  }

 private:
  MemoryRows* rows_;
};

TEST_CASE("rows held in memory are read whole, by column, and live as long as a statement") {
  std::unique_ptr<Database> duck = database();
  Connection connection = std::move(duck->connect()).value();
  std::unique_ptr<MemoryTables> tables = std::move(MemoryTables::open(connection)).value();
  Counting source(10'001);
  std::shared_ptr<MemoryRows> rows = std::make_shared<MemoryRows>(source.table());
  Keeping sink(*rows);
  while (source.fill(sink).value()) {
  }
  CHECK(rows->row_count() == 10'001);
  // Three columns of eight bytes, names of at most 31, validity: far from the table's ten columns.
  CHECK(rows->byte_count() < 10'001 * 48);
  const std::string name = tables->show(rows);
  const std::string relation = MemoryTables::relation(name);
  rows.reset();
  CHECK(connection.query_int("SELECT count(*) FROM " + relation).value() == 10'001);
  CHECK(connection.query_int("SELECT count(concept_class_id) FROM " + relation).value() == 0);
  CHECK(connection.query_int("SELECT count(valid_start_date) FROM " + relation).value() == 1001);
  CHECK(connection.query_int("SELECT sum(concept_id)::BIGINT FROM " + relation).value() ==
        10'000 * 10'001 / 2);
  CHECK(connection
            .query_int("SELECT count(*) FROM (SELECT * FROM " + relation +
                       " ORDER BY concept_id) WHERE concept_name = "
                       "if(concept_id % 2 = 0, 'short', 'a name longer than twelve bytes') AND "
                       "(valid_start_date IS NOT NULL) = (concept_id % 10 = 0)")
            .value() == 10'001);
  tables->hide(name);
  CHECK_FALSE(connection.query_int("SELECT count(*) FROM " + relation).ok());
}

TEST_CASE("appended chunks are queried with their nulls and texts") {
  std::unique_ptr<Database> duck = database();
  Connection connection = std::move(duck->connect()).value();
  const model::Table& domain = model::table("domain");
  REQUIRE(connection.execute(create_table_sql(domain, "staged")).ok());
  std::unique_ptr<Appender> appender =
      std::move(Appender::open(connection, domain, "staged")).value();
  model::RowWriter writer(domain, *appender);
  writer.set_text(0, "Condition")
      .set_text(1,
                "une condition longue, accentu\xC3\xA9"
                "e");
  REQUIRE(writer.end_row().ok());
  writer.set(2, 7);
  REQUIRE(writer.end_row().ok());
  REQUIRE(writer.flush().ok());
  REQUIRE(appender->flush().ok());
  CHECK(*connection.query_text("SELECT domain_name FROM staged WHERE domain_id='Condition'") ==
        "une condition longue, accentu\xC3\xA9"
        "e");
  CHECK(*connection.query_int("SELECT count(*) FROM staged WHERE domain_name IS NULL") == 1);
}

TEST_CASE("a wrong statement is the caller's error and names the place") {
  std::unique_ptr<Database> duck = database();
  Connection connection = std::move(duck->connect()).value();
  const Result<Rows> rows = connection.query("SELECT * FROM nowhere");
  REQUIRE_FALSE(rows.ok());
  CHECK(rows.error().code == Code::Usage);
  CHECK(rows.error().message.find("nowhere") != std::string::npos);
}

TEST_CASE("nested values and parameters come as text and bind by place") {
  std::unique_ptr<Database> duck = database();
  Connection connection = std::move(duck->connect()).value();
  Rows rows = std::move(connection.query("SELECT [1, $1] AS l, $2 || 'x' AS t, 1.5::DECIMAL(4,2)",
                                         {Param::of(std::int64_t{7}), Param::of("it's ")}))
                  .value();
  CHECK(rows.columns()[0].name == "l");
  Result<std::optional<Chunk>> chunk = rows.next();
  REQUIRE(chunk.ok());
  CHECK((*chunk)->text_at(0, 0) == "[1, 7]");
  CHECK((*chunk)->text_at(1, 0) == "it's x");
  CHECK((*chunk)->text_at(2, 0) == "1.50");
}

}  // namespace
}  // namespace eds::duck
