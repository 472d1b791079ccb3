#include "cohort/store.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace eds::cohort {
namespace {

template <class Value>
void reorder(std::vector<Value>& values, const std::vector<Row>& order) {
  if (values.empty()) return;
  std::vector<Value> moved;
  moved.reserve(order.size());
  for (Row row : order) moved.push_back(values[row]);
  values = std::move(moved);
}

void reorder_all(EventTable& table, const std::vector<Row>& order) {
  reorder(table.person, order);
  reorder(table.start, order);
  reorder(table.end, order);
  reorder(table.id, order);
  reorder(table.concept_id, order);
  reorder(table.source_concept_id, order);
  reorder(table.visit, order);
  reorder(table.moment, order);
  for (auto& values : table.integers) reorder(values, order);
  for (auto& values : table.decimals) reorder(values, order);
  for (TextColumn& values : table.texts) values.reorder(order);
}

}  // namespace

void TextColumn::add(std::string_view text) {
  const auto [found, is_new] =
      known_.try_emplace(std::string(text), static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.emplace_back(text);
  codes_.push_back(found->second);
}

void TextColumn::reorder(const std::vector<Row>& order) {
  cohort::reorder(codes_, order);
}

void Postings::build(std::span<const std::int64_t> concepts) {
  std::unordered_map<std::int64_t, std::uint32_t> counts;
  for (std::int64_t concept_id : concepts) ++counts[concept_id];
  counts.erase(kMissing);
  concepts_.clear();
  for (const auto& [concept_id, count] : counts) concepts_.push_back(concept_id);
  std::sort(concepts_.begin(), concepts_.end());
  begins_.clear();
  std::uint32_t begin = 0;
  for (std::int64_t concept_id : concepts_) {
    begins_.push_back(begin);
    begin += std::exchange(counts[concept_id], begin);
  }
  begins_.push_back(begin);
  rows_.resize(begin);
  // Each count is now where the concept's next row goes.
  for (std::size_t row = 0; row < concepts.size(); ++row) {
    if (concepts[row] != kMissing) rows_[counts[concepts[row]]++] = static_cast<Row>(row);
  }
}

std::span<const Row> Postings::rows_of(std::int64_t concept_id) const {
  const auto found = std::lower_bound(concepts_.begin(), concepts_.end(), concept_id);
  if (found == concepts_.end() || *found != concept_id) return {};
  return rows_at(static_cast<std::size_t>(found - concepts_.begin()));
}

void seal_events(RawEvents&& raw, const std::vector<std::int64_t>& person_ids, EventTable& into) {
  into = std::move(raw.columns);
  const std::size_t raw_count = raw.person_id.size();
  into.person.resize(raw_count);
  std::vector<Row> order;
  order.reserve(raw_count);
  for (Row row = 0; row < raw_count; ++row) {
    const auto found = std::lower_bound(person_ids.begin(), person_ids.end(), raw.person_id[row]);
    if (found == person_ids.end() || *found != raw.person_id[row]) continue;
    if (into.start[row] == kNoDay) continue;
    into.person[row] = static_cast<Person>(found - person_ids.begin());
    order.push_back(row);
  }
  const auto is_before = [&](Row a, Row b) {
    if (into.person[a] != into.person[b]) return into.person[a] < into.person[b];
    if (into.start[a] != into.start[b]) return into.start[a] < into.start[b];
    return into.id[a] < into.id[b];
  };
  const bool is_sorted = std::is_sorted(order.begin(), order.end(), is_before);
  if (!is_sorted) std::stable_sort(order.begin(), order.end(), is_before);
  if (!is_sorted || order.size() != raw_count) reorder_all(into, order);
  if (order.empty()) into.person.clear();
  into.person_begin.assign(person_ids.size() + 1, 0);
  for (Person person : into.person) ++into.person_begin[person + 1];
  std::partial_sum(into.person_begin.begin(), into.person_begin.end(), into.person_begin.begin());
  into.by_concept.build(into.concept_id);
  into.by_source.build(into.source_concept_id);
}

}  // namespace eds::cohort
