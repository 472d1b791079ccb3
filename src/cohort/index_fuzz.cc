// Any bytes as a segment or as persons: refused, or every list of it can be read and scanned.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/index_persons.h"
#include "cohort/index_scan.h"
#include "lake/checksum.h"

namespace {

using namespace eds::cohort;  // NOLINT: the fuzz target stands outside every namespace
namespace lake = eds::lake;

const SegmentOrigin kOrigin = {"measurement", "p", "c"};

void put(std::string& bytes, std::size_t at, std::uint64_t value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// A column alone: parsed, then read whole and row by row.
void read_column(std::string_view bytes, std::size_t row_count) {
  const eds::Result<ColumnView> column = ColumnView::parse(bytes, row_count);
  if (!column.ok()) return;
  std::vector<std::int64_t> integers(row_count);
  std::vector<double> decimals(row_count);
  column->read(0, row_count, integers.data());
  column->read(0, row_count, decimals.data());
  for (std::size_t row = 0; row < row_count; row += 13) {
    ENSURE(column->integer_at(row) == integers[row]);
    static_cast<void>(column->decimal_at(row));
  }
}

// The bytes as the one list of a segment whose checksums are right: the codecs see them.
std::string segment_of(std::string_view list, std::uint64_t row_count) {
  std::string persons;
  const std::vector<std::int64_t> ids = {1, 2, 3};
  write_steps(ids, persons);
  std::string bytes(48, '\0');
  bytes += persons;
  const std::size_t list_at = bytes.size();
  bytes += list;
  std::string directory;
  const auto number = [&](std::uint64_t value) {
    directory.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  for (const std::string& text : {kOrigin.table, kOrigin.part, kOrigin.checksum}) {
    number(text.size());
    directory += text;
  }
  number(segment_fields(Domain::Measurement).size());
  number(row_count);
  number(std::min<std::uint64_t>(row_count, 3));
  number(48);
  number(persons.size());
  number(lake::checksum_of(persons));
  number(1);
  for (std::uint64_t value : {std::uint64_t{7}, row_count, std::uint64_t{list_at},
                              std::uint64_t{list.size()}, lake::checksum_of(list)}) {
    number(value);
  }
  number(0);
  const std::size_t directory_at = bytes.size();
  bytes += directory;
  std::memcpy(bytes.data(), "EDSCIX01", 8);
  put(bytes, 8, bytes.size());
  put(bytes, 16, directory_at);
  put(bytes, 24, directory.size());
  put(bytes, 32, lake::checksum_of(directory));
  put(bytes, 40, lake::checksum_of(std::string_view(bytes).substr(0, 40)));
  return bytes;
}

void scan(const IndexSegment& segment) {
  const std::vector<std::int64_t> ids = {1, 2, 3};
  const std::vector<Row> begins = {0, 1, 2, 3};
  const std::vector<Day> starts = {0, 0, 0};
  const std::vector<Day> ends = {9000, 9000, kNoDay};
  PersonTable table;
  table.ids = ids;
  table.period_begin = begins;
  table.period_start = starts;
  table.period_end = ends;
  const std::vector<Person> numbers = {0, 1, 2};
  Condition condition;
  condition.field = Field::ValueNumber;
  condition.op = Compare::Greater;
  condition.low = 5;
  ScanRequest request;
  request.domain = Domain::Measurement;
  request.fields.set();
  request.early = {&condition};
  for (const bool is_entry : {false, true}) {
    request.early_is_all = is_entry;
    request.purpose.is_entry = is_entry;
    EventTable into;
    IndexScan reading(request, table, {{0, 3}, nullptr}, into);
    for (std::size_t at = 0; at < segment.lists().size(); ++at) {
      const eds::Result<ListView> list = segment.list(at);
      if (list.ok()) static_cast<void>(reading.append(*list, 7, numbers));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (size < 2) return 0;
  const std::size_t row_count = data[0] | (std::size_t{data[1]} & 7) << 8;
  read_column(bytes.substr(2), row_count);
  const auto raw = IndexSegment::of_bytes(bytes, kOrigin, Domain::Measurement);
  if (raw.ok()) static_cast<void>((*raw)->verify());
  static_cast<void>(IndexPersons::of_bytes(bytes, "origin").ok());
  const std::string made = segment_of(bytes.substr(2), row_count);
  const auto segment = IndexSegment::of_bytes(made, kOrigin, Domain::Measurement);
  if (!segment.ok()) return 0;
  static_cast<void>((*segment)->verify());
  static_cast<void>((*segment)->person_ids());
  scan(**segment);
  return 0;
}
