// Store: the events of a release in memory, column by column, sorted by person, with the rows of
// each concept beside them.
//
// Invariants: persons are those with an observation period, numbered in the order of their ids;
// nobody else can enter a cohort or be counted in one. The rows of a table are sorted by (person,
// start, id). Missing days are kNoDay, missing integers kMissing, missing decimals NaN, missing
// texts kNoText. Immutable once sealed. Threads: read from any once sealed.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "cohort/domain.h"
#include "cohort/plan.h"

namespace eds::cohort {

using Person = std::uint32_t;
using Row = std::uint32_t;

inline constexpr Day kNoDay = std::numeric_limits<Day>::min();
inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();
/// The row that would hold the value does not exist: fails even the test for a missing value.
inline constexpr std::int64_t kNoRow = kMissing + 1;
inline constexpr std::uint32_t kNoText = std::numeric_limits<std::uint32_t>::max();

/// Texts, each kept once.
class TextColumn {
 public:
  void add(std::string_view text);
  void add_missing() { codes_.push_back(kNoText); }
  std::size_t size() const { return codes_.size(); }
  bool is_missing(Row row) const { return codes_[row] == kNoText; }
  const std::string& at(Row row) const { return texts_[codes_[row]]; }
  void reorder(const std::vector<Row>& order);

 private:
  std::vector<std::uint32_t> codes_;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::uint32_t> known_;
};

/// For each concept, its rows in order.
class Postings {
 public:
  void build(std::span<const std::int64_t> concepts);
  /// The rows of `concept`, in order.
  std::span<const Row> rows_of(std::int64_t concept_id) const;
  std::span<const std::int64_t> concepts() const { return concepts_; }
  std::span<const Row> rows_at(std::size_t index) const {
    return std::span(rows_).subspan(begins_[index], begins_[index + 1] - begins_[index]);
  }

 private:
  std::vector<std::int64_t> concepts_;  ///< sorted
  std::vector<std::uint32_t> begins_;
  std::vector<Row> rows_;
};

struct EventTable {
  std::vector<Person> person;
  std::vector<Day> start;
  std::vector<Day> end;  ///< with the domain's default where the row has none
  std::vector<std::int64_t> id;
  std::vector<std::int64_t> concept_id;         ///< empty: not loaded
  std::vector<std::int64_t> source_concept_id;  ///< empty: not loaded
  std::vector<std::int64_t> visit;              ///< empty: this kind has none
  std::vector<std::int64_t> moment;             ///< seconds since 1970; empty: not loaded
  std::array<std::vector<std::int64_t>, kFieldCount> integers;
  std::array<std::vector<double>, kFieldCount> decimals;
  std::array<TextColumn, kFieldCount> texts;
  Postings by_concept;
  Postings by_source;
  std::vector<Row> person_begin;  ///< the rows of person p: [person_begin[p], person_begin[p + 1])

  std::size_t row_count() const { return start.size(); }
};

/// What PERSON says; kNoRow everywhere when it says nothing.
struct Traits {
  std::int64_t year_of_birth = kNoRow;
  std::int64_t gender = kNoRow;
  std::int64_t race = kNoRow;
  std::int64_t ethnicity = kNoRow;
};

struct Store {
  std::vector<std::int64_t> person_ids;  ///< sorted
  std::vector<Traits> traits;
  std::array<EventTable, kDomainCount> tables;

  const EventTable& table(Domain domain) const { return tables[index_of(domain)]; }
  Person person_count() const { return static_cast<Person>(person_ids.size()); }
};

/// Rows of one table as they arrive: any order, any person.
struct RawEvents {
  std::vector<std::int64_t> person_id;
  EventTable columns;  ///< `person` and `person_begin` are empty
};

/// Sorts, drops the rows of persons that the store does not know and those without a start, and
/// builds the postings.
void seal_events(RawEvents&& raw, const std::vector<std::int64_t>& person_ids, EventTable& into);

}  // namespace eds::cohort
