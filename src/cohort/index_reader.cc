// How a query finds its events in the stored index.
#include <algorithm>
#include <numeric>

#include "cohort/index_release.h"

namespace eds::cohort {
namespace {

// 16,384 persons: 1.2 million lab results, of which a plan keeps some ten thousand of 60 bytes.
constexpr Person kBlockPersons = 16'384;

}  // namespace

class IndexReader final : public EventReader {
 public:
  explicit IndexReader(const IndexRelease& release) : release_(&release) {}

  const EventTable& select(const EventQuery& query, const ResolvedSets& sets, Among among,
                           const Purpose& purpose, EventTable& scratch,
                           std::vector<Row>& rows) override {
    ScanRequest request = request_of(query, sets, purpose);
    const bool has_visits = request.fields[index_of(Field::VisitConcept)];
    IndexScan scan(request, release_->persons_, among, scratch);
    lists_ = 0;
    each_list(query, sets, among.range,
              [&](const ListView& list, std::int64_t concept_id, std::span<const Person> numbers) {
                const std::int64_t before = scan.touched().kept;
                const Status done = scan.append(list, concept_id, numbers);
                lists_ += scan.touched().kept != before ? 1 : 0;
                return done;
              });
    touched_.add(scan.touched());
    if (!failure_.ok()) {
      scratch = EventTable();
      return scratch;
    }
    put_in_order(scratch, among.range, rows);
    if (has_visits) resolve_visits(among, scratch);
    translate(release_->specialties_, kMissing, scratch.integers[index_of(Field::Specialty)]);
    translate(release_->places_, kNoRow, scratch.integers[index_of(Field::PlaceOfService)]);
    return scratch;
  }

  std::optional<FirstDays> first_days(const EventQuery& query, const ResolvedSets& sets,
                                      PersonRange range, const Purpose& purpose) override {
    ScanRequest request = request_of(query, sets, purpose);
    if (!request.early_is_all) return std::nullopt;
    FirstDays days(range);
    EventTable none;
    IndexScan scan(request, release_->persons_, {range, nullptr}, none);
    bool is_told = true;
    each_list(query, sets, range,
              [&](const ListView& list, std::int64_t, std::span<const Person> numbers) -> Status {
                if (is_told) is_told = TRY(scan.first_days(list, numbers, days));
                return {};
              });
    touched_.add(scan.touched());
    if (!is_told) return std::nullopt;
    return days;
  }

  const Status& failure() const override { return failure_; }
  Touched touched() const override { return touched_; }

 private:
  static ScanRequest request_of(const EventQuery& query, const ResolvedSets& sets,
                                const Purpose& purpose) {
    ScanRequest request;
    request.purpose = purpose;
    request.domain = query.domain;
    EventQuery alone = query;
    alone.nested.clear();
    Needs needs;
    needs.add(alone);
    request.fields = needs.fields[index_of(query.domain)];
    if (purpose.counted && is_stored(*purpose.counted)) {
      request.fields.set(index_of(*purpose.counted));
    }
    if (purpose.takes_values) {
      request.fields.set(index_of(Field::ValueNumber));
      request.fields.set(index_of(Field::Unit));
    }
    if (query.source_concepts) request.sources = &sets[*query.source_concepts];
    // The first event of a person is the first before any condition.
    if (query.is_first) return request;
    for (const Condition& condition : query.conditions) {
      const bool is_linked = condition.field == Field::Specialty ||
                             condition.field == Field::PlaceOfService ||
                             condition.field == Field::VisitConcept;
      if (condition.test == Test::Range && is_stored(condition.field) && !is_linked) {
        request.early.push_back(&condition);
      }
    }
    request.early_is_all = request.early.size() == query.conditions.size() &&
                           request.sources == nullptr && !query.shift && query.nested.empty() &&
                           !query.start_override && !query.end_override;
    return request;
  }

  // Calls `take` with every list that the query's concepts name, part by part.
  template <class Take>
  void each_list(const EventQuery& query, const ResolvedSets& sets, PersonRange range, Take take) {
    for (const auto& part : release_->parts_[index_of(query.domain)]) {
      if (!failure_.ok()) break;
      failure_ = read_part(*part, query, sets, range, take);
      if (!failure_.ok()) part->is_damaged = true;
    }
  }

  template <class Take>
  Status read_part(IndexRelease::Part& part, const EventQuery& query, const ResolvedSets& sets,
                   PersonRange range, Take& take) {
    const PersonTable& persons = release_->persons_;
    if (range.begin >= range.end || part.person_max < persons.ids[range.begin] ||
        part.person_min > persons.ids[range.end - 1]) {
      return {};
    }
    TRY(release_->bind(part));
    for (std::size_t at : lists_of(*part.segment, query, sets)) {
      const ListView list = TRY(part.segment->list(at));
      TRY(take(list, part.segment->lists()[at].concept_id, std::span<const Person>(part.numbers)));
    }
    return {};
  }

  static std::vector<std::size_t> lists_of(const IndexSegment& segment, const EventQuery& query,
                                           const ResolvedSets& sets) {
    std::vector<std::size_t> lists;
    if (query.concepts) {
      add_lists(segment, sets[*query.concepts], lists);
    } else if (query.source_concepts) {
      std::vector<std::int64_t> concepts;
      for (std::int64_t source : sets[*query.source_concepts]) {
        for (std::int64_t concept_id : segment.concepts_of_source(source)) {
          concepts.push_back(concept_id);
        }
      }
      std::sort(concepts.begin(), concepts.end());
      concepts.erase(std::unique(concepts.begin(), concepts.end()), concepts.end());
      add_lists(segment, concepts, lists);
    } else {
      for (std::size_t at = 0; at < segment.lists().size(); ++at) lists.push_back(at);
    }
    return lists;
  }

  // Both are sorted: the shorter is looked up in the longer.
  static void add_lists(const IndexSegment& segment, const std::vector<std::int64_t>& concepts,
                        std::vector<std::size_t>& lists) {
    if (concepts.size() <= segment.lists().size()) {
      for (std::int64_t concept_id : concepts) {
        const std::size_t at = segment.find(concept_id);
        if (at < segment.lists().size()) lists.push_back(at);
      }
      return;
    }
    for (std::size_t at = 0; at < segment.lists().size(); ++at) {
      const std::int64_t concept_id = segment.lists()[at].concept_id;
      if (std::binary_search(concepts.begin(), concepts.end(), concept_id)) lists.push_back(at);
    }
  }

  // Rows of one list come in order; those of several are merged.
  void put_in_order(const EventTable& table, PersonRange range, std::vector<Row>& rows) const {
    rows.resize(table.start.size());
    for (Row row = 0; row < rows.size(); ++row) rows[row] = row;
    if (lists_ < 2 || rows.empty()) return;
    // By person first, counting; each person's few rows are then sorted.
    std::vector<Row> begins(range.end - range.begin + 1, 0);
    for (Person person : table.person) ++begins[person - range.begin + 1];
    std::partial_sum(begins.begin(), begins.end(), begins.begin());
    std::vector<Row> next(begins.begin(), begins.end() - 1);
    for (Row row = 0; row < rows.size(); ++row) {
      rows[next[table.person[row] - range.begin]++] = row;
    }
    const auto is_before = [&](Row a, Row b) {
      if (table.start[a] != table.start[b]) return table.start[a] < table.start[b];
      return table.id[a] != table.id[b] ? table.id[a] < table.id[b] : a < b;
    };
    for (std::size_t at = 0; at + 1 < begins.size(); ++at) {
      if (begins[at + 1] - begins[at] > 1) {
        std::sort(rows.begin() + begins[at], rows.begin() + begins[at + 1], is_before);
      }
    }
  }

  // The visit must be the same person's.
  void resolve_visits(Among among, EventTable& table) {
    EventQuery all;
    all.domain = Domain::VisitOccurrence;
    EventTable visits;
    std::vector<Row> rows;
    const std::size_t lists = lists_;
    select(all, {}, among, {}, visits, rows);
    lists_ = lists;
    std::unordered_map<std::int64_t, Row> by_id;
    for (Row row : rows) by_id.try_emplace(visits.id[row], row);
    std::vector<std::int64_t>& concepts = table.integers[index_of(Field::VisitConcept)];
    concepts.assign(table.start.size(), kNoRow);
    for (std::size_t row = 0; row < concepts.size(); ++row) {
      const auto found = by_id.find(table.visit[row]);
      if (found == by_id.end() || visits.person[found->second] != table.person[row]) continue;
      concepts[row] = visits.concept_id[found->second];
    }
  }

  static void translate(const std::unordered_map<std::int64_t, std::int64_t>& lookup,
                        std::int64_t otherwise, std::vector<std::int64_t>& column) {
    for (std::int64_t& value : column) {
      const auto found = lookup.find(value);
      value = found == lookup.end() ? otherwise : found->second;
    }
  }

  const IndexRelease* release_;
  Status failure_;
  Touched touched_;
  std::size_t lists_ = 0;  ///< that gave rows to the select() at work
};

std::unique_ptr<EventReader> IndexRelease::reader() const {
  return std::make_unique<IndexReader>(*this);
}

Person IndexRelease::block_persons() const {
  return kBlockPersons;
}

}  // namespace eds::cohort
