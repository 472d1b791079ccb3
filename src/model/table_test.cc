#include "model/table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "model/rows.h"

namespace eds::model {
namespace {

// Splits one CSV line whose fields may be quoted.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char letter : line) {
    if (letter == '"') {
      quoted = !quoted;
    } else if (letter == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += letter;
    }
  }
  return fields;
}

Type type_of(const std::string& datatype) {
  if (datatype == "integer" || datatype == "Integer") return Type::Int;
  if (datatype == "float") return Type::Float;
  if (datatype == "date") return Type::Date;
  if (datatype == "datetime") return Type::Timestamp;
  return Type::Text;
}

TEST_CASE("the tables are those of the OMOP 5.4 field-level specification") {
  std::ifstream spec(EDS_SOURCE_DIR "/../shared/data/ohdsi/omop_spec/OMOP_CDMv5.4_Field_Level.csv");
  if (!spec) {
    MESSAGE("skipped: ../shared/data/ohdsi/omop_spec is not present");
    return;
  }
  std::string line;
  std::getline(spec, line);
  std::set<std::string> names;
  std::size_t column_count = 0;
  std::string record;
  while (std::getline(spec, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    record += line;
    if (record.empty()) continue;
    if (std::count(record.begin(), record.end(), '"') % 2 != 0) continue;
    const std::vector<std::string> fields = fields_of(record);
    record.clear();
    const Table* found = find_table(fields[0]);
    REQUIRE_MESSAGE(found != nullptr, fields[0]);
    names.insert(fields[0]);
    const std::size_t index = found->column(fields[1]);
    REQUIRE_MESSAGE(index != kNoColumn, fields[0] << "." << fields[1]);
    CHECK(found->columns[index].type == type_of(fields[3]));
    CHECK((found->columns[index].need == Need::Required) == (fields[2] == "Yes"));
    CHECK_FALSE(found->columns[index].is_extension);
    ++column_count;
  }
  CHECK(names.size() == 39);
  CHECK(column_count == 432);
  std::size_t ours = 0;
  for (const Table& each : tables()) {
    for (const Column& column : each.columns) ours += column.is_extension ? 0 : 1;
  }
  CHECK(ours == 432);
}

TEST_CASE("a table knows its person, date and key columns") {
  const Table& measurement = table("measurement");
  CHECK(measurement.columns[measurement.person_column].name == "person_id");
  CHECK(measurement.columns[measurement.date_column].name == "measurement_date");
  CHECK(measurement.columns[measurement.id_column].name == "measurement_id");
  CHECK(table("concept").person_column == kNoColumn);
  CHECK(table("cohort").columns[table("cohort").person_column].name == "subject_id");
  CHECK(find_table("no_such_table") == nullptr);
}

struct Collected final : RowSink {
  std::vector<std::string> seen;
  Status take(const RowChunk& chunk) override {
    for (std::size_t row = 0; row < chunk.row_count(); ++row) {
      std::string text;
      for (std::size_t column = 0; column < chunk.table().columns.size(); ++column) {
        if (!chunk.is_valid(column, row)) continue;
        text += std::string(chunk.table().columns[column].name) + "=";
        const bool is_text = chunk.table().columns[column].type == Type::Text;
        text += is_text ? std::string(chunk.text_at(column, row))
                        : std::to_string(chunk.int_at(column, row));
        text += ";";
      }
      seen.push_back(text);
    }
    return {};
  }
};

TEST_CASE("a column that a row does not set is null, whatever the row before it held") {
  Collected collected;
  const Table& domain = table("domain");
  RowWriter writer(domain, collected);
  for (int row = 0; row < 5000; ++row) {
    if (row % 2 == 0) writer.set_text(0, "d" + std::to_string(row));
    writer.set(2, row);
    CHECK(writer.end_row().ok());
  }
  CHECK(collected.seen.size() == 4096);
  CHECK(writer.flush().ok());
  REQUIRE(collected.seen.size() == 5000);
  CHECK(writer.row_count() == 5000);
  CHECK(collected.seen[4998] == "domain_id=d4998;domain_concept_id=4998;");
  CHECK(collected.seen[4999] == "domain_concept_id=4999;");
}

}  // namespace
}  // namespace eds::model
