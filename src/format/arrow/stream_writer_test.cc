#include "format/arrow/stream_writer.h"

#include <doctest/doctest.h>

#include <cstring>

#include "format/arrow/model_rows.h"

namespace eds::arrow {
namespace {

// What pyarrow and polars read from longer cases is checked in tests/readers/test_arrow.py; here
// are the bytes that can be counted by hand.
class MemorySink final : public ByteSink {
 public:
  Status write(std::string_view more) override {
    if (refuse_after != 0 && bytes.size() >= refuse_after) {
      return Error{Code::NoSpace, "the sink is full"};
    }
    bytes.append(more);
    return {};
  }
  std::string bytes;
  std::size_t refuse_after = 0;
};

std::int32_t int_at(const std::string& bytes, std::size_t at) {
  std::int32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::string padded(std::string text) {
  text.resize((text.size() + 63) / 64 * 64, '\0');
  return text;
}

TEST_CASE("a stream is messages of marker, length and metadata, and ends with a length of zero") {
  MemorySink sink;
  StreamWriter writer({{"n", Type::Int64}}, sink);
  REQUIRE(writer.begin().ok());
  CHECK(int_at(sink.bytes, 0) == -1);
  CHECK(8 + int_at(sink.bytes, 4) == static_cast<std::int32_t>(sink.bytes.size()));
  CHECK(sink.bytes.size() % 64 == 0);
  REQUIRE(writer.end().ok());
  CHECK(sink.bytes.substr(sink.bytes.size() - 8) == std::string("\xFF\xFF\xFF\xFF\0\0\0\0", 8));
  CHECK(writer.byte_count() == sink.bytes.size());
}

TEST_CASE("the body of a batch holds validity, offsets and values, each on 64 bytes") {
  MemorySink sink;
  StreamWriter writer({{"n", Type::Int64}, {"t", Type::Utf8}, {"b", Type::Bool}}, sink);
  REQUIRE(writer.begin().ok());
  const std::size_t schema_bytes = sink.bytes.size();
  writer.column(0).append_int(5);
  writer.column(0).append_null();
  writer.column(0).append_int(-1);
  writer.column(1).append_text("hi");
  writer.column(1).append_null();
  writer.column(1).append_text("");
  for (int flag : {0, 1, 7}) writer.column(2).append_int(flag);
  REQUIRE(writer.write_batch().ok());

  const std::size_t body_at =
      schema_bytes + 8 + static_cast<std::size_t>(int_at(sink.bytes, schema_bytes + 4));
  const std::string eight("\5\0\0\0\0\0\0\0", 8);
  const std::string body =
      padded("\5") + padded(eight + std::string(8, '\0') + std::string(8, '\xFF')) +  // n
      padded("\5") + padded(std::string("\0\0\0\0\2\0\0\0\2\0\0\0\2\0\0\0", 16)) + padded("hi") +
      padded("\6");  // b has no nulls, so no validity
  CHECK(body_at % 64 == 0);
  CHECK(sink.bytes.substr(body_at) == body);
  CHECK(writer.row_count() == 3);
}

TEST_CASE("a file has its magic at both ends") {
  MemorySink sink;
  StreamWriter writer({{"n", Type::Int64}}, sink, Container::File);
  REQUIRE(writer.begin().ok());
  REQUIRE(writer.end().ok());
  CHECK(sink.bytes.substr(0, 8) == std::string("ARROW1\0\0", 8));
  CHECK(sink.bytes.substr(sink.bytes.size() - 6) == "ARROW1");
  const std::size_t footer = static_cast<std::size_t>(int_at(sink.bytes, sink.bytes.size() - 10));
  CHECK(footer < sink.bytes.size());
}

TEST_CASE("slots in bulk and values one by one make the same bytes, at any offset") {
  std::vector<std::uint64_t> slots(2048);
  std::vector<std::uint64_t> valid(32);
  std::uint64_t state = 1;
  for (std::uint64_t& slot : slots) slot = state = state * 6364136223846793005ULL + 1;
  for (std::uint64_t& word : valid) word = state = state * 6364136223846793005ULL + 1;
  for (const std::size_t count : {1UL, 7UL, 8UL, 64UL, 65UL, 1000UL, 2048UL}) {
    for (const std::size_t before : {0UL, 1UL, 8UL, 13UL}) {
      MemorySink bulk_sink;
      MemorySink single_sink;
      StreamWriter bulk({{"n", Type::Int64}, {"b", Type::Bool}}, bulk_sink);
      StreamWriter single({{"n", Type::Int64}, {"b", Type::Bool}}, single_sink);
      REQUIRE(bulk.begin().ok());
      REQUIRE(single.begin().ok());
      for (std::size_t column = 0; column < 2; ++column) {
        for (std::size_t row = 0; row < before; ++row) {
          bulk.column(column).append_int(1);
          single.column(column).append_int(1);
        }
        bulk.column(column).append_slots(slots.data(), valid.data(), count);
        bulk.column(column).append_slots(slots.data(), nullptr, 3);
        for (std::size_t row = 0; row < count; ++row) {
          if (((valid[row / 64] >> (row % 64)) & 1U) != 0) {
            single.column(column).append_int(static_cast<std::int64_t>(slots[row]));
          } else {
            single.column(column).append_null();
          }
        }
        for (std::size_t row = 0; row < 3; ++row) {
          single.column(column).append_int(static_cast<std::int64_t>(slots[row]));
        }
      }
      REQUIRE(bulk.write_batch().ok());
      REQUIRE(single.write_batch().ok());
      CHECK(bulk_sink.bytes == single_sink.bytes);
    }
  }
}

TEST_CASE("a batch is full by rows or by bytes") {
  MemorySink sink;
  StreamWriter writer({{"t", Type::Utf8}}, sink);
  REQUIRE(writer.begin().ok());
  for (std::size_t row = 0; row + 1 < kBatchRows; ++row) writer.column(0).append_null();
  CHECK_FALSE(writer.is_full());
  writer.column(0).append_null();
  CHECK(writer.is_full());
  REQUIRE(writer.write_batch().ok());
  CHECK_FALSE(writer.is_full());
  writer.column(0).append_text(std::string(kBatchBytes, 'x'));
  CHECK(writer.is_full());
}

TEST_CASE("a date beyond 32 bits is refused, not wrapped") {
  MemorySink sink;
  StreamWriter writer({{"d", Type::Date32}}, sink);
  REQUIRE(writer.begin().ok());
  writer.column(0).append_int(std::int64_t{1} << 31);
  const Status done = writer.write_batch();
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == Code::Malformed);
}

TEST_CASE("what the sink refuses comes out of the writer") {
  MemorySink sink;
  sink.refuse_after = 1;
  StreamWriter writer({{"n", Type::Int64}}, sink);
  const Status done = writer.begin();
  REQUIRE_FALSE(done.ok());
  CHECK(done.error().code == Code::NoSpace);
}

TEST_CASE("a model table's columns keep their names and order") {
  const model::Table& table = model::table("measurement");
  const std::vector<Field> fields = fields_of(table);
  REQUIRE(fields.size() == table.columns.size());
  CHECK(fields[0].name == "measurement_id");
  CHECK(fields[0].type == Type::Int64);
  CHECK(fields[3].name == "measurement_date");
  CHECK(fields[3].type == Type::Date32);
}

}  // namespace
}  // namespace eds::arrow
