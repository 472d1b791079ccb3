#include "cohort/index_segment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "cohort/index_persons.h"

namespace eds::cohort {
namespace {

const SegmentOrigin kOrigin = {"measurement", "part-1.parquet", "xxh64:0"};
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// Laboratory results in any order.
RawEvents some_events(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  RawEvents raw;
  for (std::size_t row = 0; row < count; ++row) {
    raw.person_id.push_back(static_cast<std::int64_t>(random() % 50) * 1'000'003 + 7);
    raw.columns.id.push_back(static_cast<std::int64_t>(row));
    raw.columns.start.push_back(row % 97 == 5 ? kNoDay : static_cast<Day>(random() % 9000));
    raw.columns.end.push_back(row % 13 == 0 ? kNoDay : raw.columns.start.back() + 1);
    raw.columns.concept_id.push_back(row % 31 == 0 ? kMissing
                                                   : static_cast<std::int64_t>(random() % 5));
    raw.columns.source_concept_id.push_back(raw.columns.concept_id.back() + 100);
    raw.columns.visit.push_back(row % 7 == 0 ? kMissing
                                             : static_cast<std::int64_t>(random() % 300));
    for (Field field : segment_fields(Domain::Measurement)) {
      if (field < kFirstDecimal) {
        raw.columns.integers[index_of(field)].push_back(static_cast<std::int64_t>(random() % 3));
      } else {
        raw.columns.decimals[index_of(field)].push_back(
            row % 5 == 0 ? kNone : static_cast<double>(random() % 1000) / 10);
      }
    }
  }
  return raw;
}

// concept, person, start, end, id, visit, value in tenths
using Line = std::tuple<std::int64_t, std::int64_t, Day, Day, std::int64_t, std::int64_t, int>;

int tenths(double value) {
  return value != value ? -1 : static_cast<int>(value * 10 + 0.5);
}

std::vector<Line> lines_of(const RawEvents& raw) {
  std::vector<Line> lines;
  const EventTable& table = raw.columns;
  for (std::size_t row = 0; row < raw.person_id.size(); ++row) {
    if (table.start[row] == kNoDay) continue;
    lines.emplace_back(table.concept_id[row], raw.person_id[row], table.start[row], table.end[row],
                       table.id[row], table.visit[row],
                       tenths(table.decimals[index_of(Field::ValueNumber)][row]));
  }
  return lines;
}

std::vector<Line> lines_of(const IndexSegment& segment) {
  const std::vector<std::int64_t> persons = *segment.person_ids();
  const std::vector<Field> fields = segment_fields(Domain::Measurement);
  const auto value = static_cast<std::size_t>(
      std::find(fields.begin(), fields.end(), Field::ValueNumber) - fields.begin());
  std::vector<Line> lines;
  for (std::size_t at = 0; at < segment.lists().size(); ++at) {
    const Result<ListView> list = segment.list(at);
    REQUIRE(list.ok());
    for (std::size_t row = 0; row < list->row_count; ++row) {
      const Day start = static_cast<Day>(list->start.integer_at(row));
      const std::int64_t length = list->length.integer_at(row);
      lines.emplace_back(segment.lists()[at].concept_id,
                         persons[static_cast<std::size_t>(list->person.integer_at(row))], start,
                         length == kMissing ? kNoDay : start + static_cast<Day>(length),
                         list->id.integer_at(row), list->visit.integer_at(row),
                         tenths(list->fields[value].decimal_at(row)));
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("a segment holds the rows of its part, by concept, person, start and id") {
  for (const std::size_t count : {0U, 1U, 40U, 5000U}) {
    const RawEvents raw = some_events(count + 1, count);
    std::vector<Line> expected = lines_of(raw);
    RawEvents moved = raw;
    const std::string bytes = write_segment(kOrigin, Domain::Measurement, std::move(moved));
    const auto segment = IndexSegment::of_bytes(bytes, kOrigin, Domain::Measurement);
    REQUIRE(segment.ok());
    CHECK((*segment)->event_count() == expected.size());
    CHECK((*segment)->verify().ok());
    std::sort(expected.begin(), expected.end(), [](const Line& a, const Line& b) {
      return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a), std::get<4>(a)) <
             std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b), std::get<4>(b));
    });
    CHECK(lines_of(**segment) == expected);
    if (count < 5000) continue;
    // Source concept 103 is that of concept 3 alone.
    CHECK((*segment)->concepts_of_source(103) == std::vector<std::int64_t>{3});
    CHECK((*segment)->concepts_of_source(99).empty());
  }
}

TEST_CASE("a segment with any byte changed, or cut anywhere, is refused") {
  const std::string bytes = write_segment(kOrigin, Domain::Measurement, some_events(3, 300));
  const auto is_sound = [&](std::string_view text) {
    const auto segment = IndexSegment::of_bytes(text, kOrigin, Domain::Measurement);
    return segment.ok() && (*segment)->verify().ok();
  };
  CHECK(is_sound(bytes));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    CAPTURE(at);
    CHECK_FALSE(is_sound(changed));
    CHECK_FALSE(is_sound(std::string_view(bytes).substr(0, at)));
  }
}

TEST_CASE("a segment of another part, or of that part's other bytes, is refused") {
  const std::string bytes = write_segment(kOrigin, Domain::Measurement, some_events(4, 50));
  for (const SegmentOrigin& other : {SegmentOrigin{"observation", "part-1.parquet", "xxh64:0"},
                                     SegmentOrigin{"measurement", "part-2.parquet", "xxh64:0"},
                                     SegmentOrigin{"measurement", "part-1.parquet", "xxh64:1"}}) {
    const auto segment = IndexSegment::of_bytes(bytes, other, Domain::Measurement);
    REQUIRE_FALSE(segment.ok());
    CHECK(segment.error().code == Code::Corrupt);
  }
}

TEST_CASE("persons come back with their periods and traits; changed bytes are refused") {
  Store store;
  store.person_ids = {3, 5, 9};
  store.traits = {{1950, 8507, 1, 2}, {}, {kMissing, 8532, kMissing, 2}};
  EventTable& periods = store.tables[index_of(Domain::ObservationPeriod)];
  periods.person_begin = {0, 1, 3, 4};
  periods.start = {10, 20, 40, 5};
  periods.end = {15, 30, kNoDay, 6};
  const Result<std::string> bytes = write_persons("a part", store);
  REQUIRE(bytes.ok());
  const auto persons = IndexPersons::of_bytes(*bytes, "a part");
  REQUIRE(persons.ok());
  const PersonTable& table = (*persons)->table();
  CHECK(std::vector(table.ids.begin(), table.ids.end()) == store.person_ids);
  CHECK(std::vector(table.period_begin.begin(), table.period_begin.end()) == periods.person_begin);
  CHECK(std::vector(table.period_end.begin(), table.period_end.end()) == periods.end);
  for (Person person = 0; person < 3; ++person) {
    const Traits found = table.traits_of(person);
    const Traits& wanted = store.traits[person];
    CHECK(found.year_of_birth == wanted.year_of_birth);
    CHECK(found.gender == wanted.gender);
    CHECK(found.race == wanted.race);
    CHECK(found.ethnicity == wanted.ethnicity);
  }
  CHECK_FALSE(IndexPersons::of_bytes(*bytes, "another part").ok());
  for (std::size_t at = 0; at < bytes->size(); ++at) {
    std::string changed = *bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(IndexPersons::of_bytes(changed, "a part").ok());
    CHECK_FALSE(IndexPersons::of_bytes(std::string_view(*bytes).substr(0, at), "a part").ok());
  }
}

}  // namespace eds::cohort
