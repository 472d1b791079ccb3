// IndexScan: the rows of one list that a query may find, column by column.
//
// Invariants: a list is read in blocks of 256 rows, and only those blocks of which some person is
// asked. Conditions on packed columns are tested on the codes, before anything else is unpacked.
// Threads: a scan belongs to one thread.
#pragma once

#include <bitset>
#include <optional>
#include <span>
#include <vector>

#include "cohort/event_reader.h"
#include "cohort/index_segment.h"

namespace eds::cohort {

/// Marks a person of a segment whom the release (or the scope) does not know; beside it stands the
/// number of the first known person with a larger id, so that the numbers ascend all the same.
inline constexpr Person kUnknownPerson = Person{1} << 31;

/// What is asked of every list of a select().
struct ScanRequest {
  Domain domain = Domain::ConditionOccurrence;
  std::bitset<kFieldCount> fields;
  /// Conditions on stored numbers that may be tested early.
  std::vector<const Condition*> early;
  /// Every condition of the query is early, and nothing moves its events.
  bool early_is_all = false;
  Purpose purpose;
  /// Sorted source concepts, when rows must have one of them.
  const std::vector<std::int64_t>* sources = nullptr;
};

class IndexScan {
 public:
  IndexScan(const ScanRequest& request, const PersonTable& table, Among among, EventTable& into);
  ~IndexScan();

  /// Appends the rows of a list; `persons` numbers the segment's persons within the release.
  Status append(const ListView& list, std::int64_t concept_id, std::span<const Person> persons);
  /// Offers of each person the first day of a row that passes within an observation period. False:
  /// the list's columns do not tell, and nothing was read of it.
  Result<bool> first_days(const ListView& list, std::span<const Person> persons, FirstDays& days);
  Touched touched() const { return touched_; }

 private:
  struct Early;
  template <class Visit>
  Status each_block(const ListView& list, std::span<const Person> persons, Visit visit);
  void mark_firsts(std::span<const std::uint64_t, kStepRows / 64> begins);
  // False of these two: the list names a person that the segment has not.
  bool take_first_days(const ListView& list, std::size_t begin, std::size_t end,
                       std::span<const Person> persons, FirstDays& days);
  bool select_rows(const ListView& list, std::size_t begin, std::size_t end,
                   std::span<const Person> persons);
  void keep_sources(const ColumnView& column, std::size_t begin, std::size_t end);
  void append_rows(const ListView& list, std::int64_t concept_id, std::size_t begin,
                   std::size_t end);
  void unpack(const ColumnView& column, std::size_t begin, std::size_t end);
  bool is_asked(const ListView& list, std::size_t block, std::span<const Person> persons) const;

  bool prepare(const ListView& list);
  bool test_codes(std::size_t begin, std::size_t row_count);

  const ScanRequest* request_;
  const PersonTable* table_;
  std::vector<Field> fields_;
  Among among_;
  EventTable* into_;
  Touched touched_;
  std::vector<Early> early_;
  bool takes_entries_ = false;  ///< rows may be dropped as purpose says
  Person last_taken_ = kUnknownPerson;
  std::array<std::uint64_t, kStepRows / 64> marks_{};   ///< rows of the block that pass
  std::array<std::uint64_t, kStepRows / 64> firsts_{};  ///< of those, each person's first
  std::array<std::uint16_t, kStepRows> kept_{};         ///< rows of the block that are kept
  std::array<Person, kStepRows> kept_persons_{};        ///< and whose they are
  std::array<std::int64_t, kStepRows> unpacked_{};      ///< of the kept rows
  std::size_t kept_count_ = 0;
};

}  // namespace eds::cohort
