#include "cohort/event_reader.h"

#include <algorithm>

namespace eds::cohort {
namespace {

// 4,096 persons of 40 events of 40 bytes: 6.5 MB at worst, of which a plan touches a tenth.
constexpr Person kBlockPersons = 4096;

// Sorts rows of [begin, end), each there once: by marking them when they are many.
void put_in_order(std::vector<Row>& rows, Row begin, Row end) {
  const std::size_t word_count = (end - begin + 63) / 64;
  if (rows.size() * 4 < word_count) {
    std::sort(rows.begin(), rows.end());
    return;
  }
  std::vector<std::uint64_t> marks(word_count, 0);
  for (Row row : rows) marks[(row - begin) / 64] |= std::uint64_t{1} << ((row - begin) % 64);
  rows.clear();
  for (std::size_t word = 0; word < word_count; ++word) {
    for (std::uint64_t left = marks[word]; left != 0; left &= left - 1) {
      rows.push_back(begin + static_cast<Row>(word * 64) + static_cast<Row>(__builtin_ctzll(left)));
    }
  }
}

class StoreReader final : public EventReader {
 public:
  explicit StoreReader(const Store& store) : store_(&store) {}

  const EventTable& select(const EventQuery& query, const ResolvedSets& sets, Among among,
                           const Purpose&, EventTable&, std::vector<Row>& rows) override {
    const EventTable& table = store_->table(query.domain);
    if (table.row_count() == 0) return table;
    const Row begin = table.person_begin[among.range.begin];
    const Row end = table.person_begin[among.range.end];
    const bool by_source = !query.concepts.has_value();
    const std::optional<SetIndex> set = by_source ? query.source_concepts : query.concepts;
    if (!set) {
      for (Row row = begin; row < end; ++row) rows.push_back(row);
      return table;
    }
    const Postings& postings = by_source ? table.by_source : table.by_concept;
    std::size_t list_count = 0;
    for (std::int64_t concept_id : sets[*set]) {
      const std::span<const Row> list = postings.rows_of(concept_id);
      const auto first = std::lower_bound(list.begin(), list.end(), begin);
      const auto last = std::lower_bound(first, list.end(), end);
      if (first == last) continue;
      rows.insert(rows.end(), first, last);
      ++list_count;
    }
    if (list_count > 1) put_in_order(rows, begin, end);
    if (!by_source && query.source_concepts)
      keep_sources(table, sets[*query.source_concepts], rows);
    return table;
  }

  const Status& failure() const override { return fine_; }

 private:
  static void keep_sources(const EventTable& table, const std::vector<std::int64_t>& ids,
                           std::vector<Row>& rows) {
    std::erase_if(rows, [&](Row row) {
      const std::int64_t source =
          table.source_concept_id.empty() ? kMissing : table.source_concept_id[row];
      return !std::binary_search(ids.begin(), ids.end(), source);
    });
  }

  const Store* store_;
  Status fine_;
};

}  // namespace

bool PersonBits::any_of(Person begin, Person end) const {
  if (begin >= end) return false;
  const Person first = begin - range_.begin;
  const Person last = end - range_.begin - 1;
  const std::uint64_t from = ~std::uint64_t{0} << (first % 64);
  const std::uint64_t to = ~std::uint64_t{0} >> (63 - last % 64);
  if (first / 64 == last / 64) return (words_[first / 64] & from & to) != 0;
  if ((words_[first / 64] & from) != 0 || (words_[last / 64] & to) != 0) return true;
  for (std::size_t word = first / 64 + 1; word < last / 64; ++word) {
    if (words_[word] != 0) return true;
  }
  return false;
}

Traits PersonTable::traits_of(Person person) const {
  if (kind.empty()) return traits[person];
  Traits found = traits[kind[person]];
  if (year_of_birth[person] != kNoYear) found.year_of_birth = year_of_birth[person];
  return found;
}

StoreBase::StoreBase(const Store& store) : store_(&store) {
  const EventTable& periods = store.table(Domain::ObservationPeriod);
  persons_.ids = store.person_ids;
  persons_.period_begin = periods.person_begin;
  persons_.period_start = periods.start;
  persons_.period_end = periods.end;
  persons_.traits = store.traits;
}

std::unique_ptr<EventReader> StoreBase::reader() const {
  return std::make_unique<StoreReader>(*store_);
}

Person StoreBase::block_persons() const {
  return kBlockPersons;
}

}  // namespace eds::cohort
