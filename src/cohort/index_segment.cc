#include "cohort/index_segment.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "cohort/index_bytes.h"
#include "cohort/table_shape.h"
#include "lake/checksum.h"

namespace eds::cohort {
namespace {

constexpr std::string_view kMagic = "EDSCIX01";
// Magic, size of the file, place, size and checksum of the directory, checksum of all these.
constexpr std::size_t kHeadBytes = 48;

Error corrupt(std::string_view what) {
  return {Code::Corrupt,
          "a segment of the cohort index is damaged, build it again: " + std::string(what)};
}

// The rows of a part, grouped: what the columns of a list are gathered by.
struct Groups {
  std::vector<Row> order;  ///< by concept, then person, start, id
  std::vector<std::int64_t> concepts;
  std::vector<std::size_t> begins;
};

std::vector<Row> rows_in_order(const RawEvents& raw) {
  const EventTable& table = raw.columns;
  std::vector<Row> order;
  order.reserve(raw.person_id.size());
  for (Row row = 0; row < raw.person_id.size(); ++row) {
    if (table.start[row] != kNoDay) order.push_back(row);
  }
  const auto is_before = [&](Row a, Row b) {
    if (raw.person_id[a] != raw.person_id[b]) return raw.person_id[a] < raw.person_id[b];
    if (table.start[a] != table.start[b]) return table.start[a] < table.start[b];
    return table.id[a] < table.id[b];
  };
  // Parts are sorted so already, but for what an older EDS or another writer left.
  if (!std::is_sorted(order.begin(), order.end(), is_before)) {
    std::stable_sort(order.begin(), order.end(), is_before);
  }
  return order;
}

Groups group(const RawEvents& raw) {
  const std::vector<Row> rows = rows_in_order(raw);
  const std::vector<std::int64_t>& concepts = raw.columns.concept_id;
  Groups groups;
  std::unordered_map<std::int64_t, std::size_t> counts;
  for (Row row : rows) ++counts[concepts[row]];
  for (const auto& [concept_id, count] : counts) groups.concepts.push_back(concept_id);
  std::sort(groups.concepts.begin(), groups.concepts.end());
  std::size_t begin = 0;
  for (std::int64_t concept_id : groups.concepts) {
    groups.begins.push_back(begin);
    begin += std::exchange(counts[concept_id], begin);
  }
  groups.begins.push_back(begin);
  groups.order.resize(begin);
  for (Row row : rows) groups.order[counts[concepts[row]]++] = row;
  return groups;
}

// Numbers the persons of the rows within the segment.
std::vector<std::int64_t> number_persons(RawEvents& raw, const std::vector<Row>& order) {
  std::vector<std::int64_t> ids;
  ids.reserve(order.size());
  for (Row row : order) {
    if (ids.empty() || ids.back() != raw.person_id[row]) ids.push_back(raw.person_id[row]);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::int64_t last_id = ids.empty() ? 0 : ids.front();
  std::int64_t last_number = 0;
  for (std::int64_t& person : raw.person_id) {
    if (person != last_id) {
      const auto found = std::lower_bound(ids.begin(), ids.end(), person);
      if (found == ids.end() || *found != person) continue;  // No row of it is kept.
      last_id = person;
      last_number = found - ids.begin();
    }
    person = last_number;
  }
  return ids;
}

class SegmentWriter {
 public:
  SegmentWriter(const SegmentOrigin& origin, Domain domain, RawEvents&& raw)
      : origin_(origin), fields_(segment_fields(domain)), raw_(std::move(raw)) {}

  std::string write() {
    bytes_.assign(kHeadBytes, '\0');
    EventTable& table = raw_.columns;
    // A kind of event without concepts has one list.
    if (table.concept_id.empty()) table.concept_id.assign(raw_.person_id.size(), kMissing);
    groups_ = group(raw_);
    const std::vector<std::int64_t> ids = number_persons(raw_, groups_.order);
    const std::size_t persons_offset = bytes_.size();
    write_steps(ids, bytes_);
    const std::size_t persons_bytes = bytes_.size() - persons_offset;
    IndexWriter lists;
    for (std::size_t at = 0; at < groups_.concepts.size(); ++at) write_list(at, lists);
    std::sort(sources_.begin(), sources_.end());
    IndexWriter directory;
    directory.text(origin_.table);
    directory.text(origin_.part);
    directory.text(origin_.checksum);
    directory.number(std::uint64_t{fields_.size()});
    directory.number(std::uint64_t{groups_.order.size()});
    directory.number(std::uint64_t{ids.size()});
    directory.number(std::uint64_t{persons_offset});
    directory.number(std::uint64_t{persons_bytes});
    directory.number(
        lake::checksum_of(std::string_view(bytes_).substr(persons_offset, persons_bytes)));
    directory.number(std::uint64_t{groups_.concepts.size()});
    directory.bytes() += lists.bytes();
    directory.number(std::uint64_t{sources_.size()});
    for (const auto& [source, concept_id] : sources_) {
      directory.number(source);
      directory.number(concept_id);
    }
    return finish(directory.bytes());
  }

 private:
  void write_list(std::size_t at, IndexWriter& lists) {
    const std::span<const Row> rows =
        std::span(groups_.order)
            .subspan(groups_.begins[at], groups_.begins[at + 1] - groups_.begins[at]);
    const std::size_t offset = bytes_.size();
    const EventTable& table = raw_.columns;
    gather(raw_.person_id, rows);
    write_steps(integers_, bytes_);
    gather(table.start, rows);
    write_integers(integers_, Run::Scattered, bytes_);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const Day end = table.end[rows[row]];
      integers_[row] = end == kNoDay ? kMissing : std::int64_t{end} - table.start[rows[row]];
    }
    write_integers(integers_, Run::Scattered, bytes_);
    gather(table.id, rows);
    write_integers(integers_, Run::Stepping, bytes_);
    gather(table.source_concept_id, rows);
    note_sources(groups_.concepts[at]);
    write_integers(integers_, Run::Scattered, bytes_);
    gather(table.visit, rows);
    write_integers(integers_, Run::Stepping, bytes_);
    for (Field field : fields_) {
      if (field < kFirstDecimal) {
        gather(table.integers[index_of(field)], rows);
        write_integers(integers_, Run::Scattered, bytes_);
      } else {
        const std::vector<double>& column = table.decimals[index_of(field)];
        decimals_.clear();
        for (Row row : rows) decimals_.push_back(column[row]);
        write_decimals(decimals_, bytes_);
      }
    }
    const std::string_view written = std::string_view(bytes_).substr(offset);
    lists.number(groups_.concepts[at]);
    lists.number(std::uint64_t{rows.size()});
    lists.number(std::uint64_t{offset});
    lists.number(std::uint64_t{written.size()});
    lists.number(lake::checksum_of(written));
  }

  template <class Value>
  void gather(const std::vector<Value>& column, std::span<const Row> rows) {
    if (column.empty()) {
      integers_.assign(rows.size(), kMissing);
      return;
    }
    integers_.resize(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) integers_[at] = column[rows[at]];
  }

  void note_sources(std::int64_t concept_id) {
    std::vector<std::int64_t> distinct;
    for (std::int64_t source : integers_) {
      if (source != kMissing && (distinct.empty() || distinct.back() != source)) {
        distinct.push_back(source);
      }
    }
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    for (std::int64_t source : distinct) sources_.emplace_back(source, concept_id);
  }

  std::string finish(const std::string& directory) {
    const std::size_t offset = bytes_.size();
    bytes_ += directory;
    IndexWriter head;
    head.bytes() = kMagic;
    head.number(std::uint64_t{bytes_.size()});
    head.number(std::uint64_t{offset});
    head.number(std::uint64_t{directory.size()});
    head.number(lake::checksum_of(directory));
    head.number(lake::checksum_of(head.bytes()));
    bytes_.replace(0, kHeadBytes, head.bytes());
    return std::move(bytes_);
  }

  SegmentOrigin origin_;
  std::vector<Field> fields_;
  RawEvents raw_;
  Groups groups_;
  std::vector<std::int64_t> integers_;
  std::vector<double> decimals_;
  std::vector<std::pair<std::int64_t, std::int64_t>> sources_;
  std::string bytes_;
};

}  // namespace

std::vector<Field> segment_fields(Domain domain) {
  std::vector<Field> fields;
  for (const FieldColumn& each : shape_of(domain).fields) {
    const bool is_old = each.field == Field::EffectiveDose || each.field == Field::DoseUnit;
    if (each.field < kFirstText && each.field != Field::VisitConcept && !is_old) {
      fields.push_back(each.field);
    }
  }
  return fields;
}

std::string write_segment(const SegmentOrigin& origin, Domain domain, RawEvents&& raw) {
  return SegmentWriter(origin, domain, std::move(raw)).write();
}

Result<std::unique_ptr<IndexSegment>> IndexSegment::open(const Path& path,
                                                         const SegmentOrigin& origin,
                                                         Domain domain) {
  std::unique_ptr<IndexSegment> segment(new IndexSegment());
  segment->file_ = TRY(MappedFile::open(path));
  segment->bytes_ = segment->file_.bytes();
  TRY(segment->parse(origin, domain));
  return segment;
}

Result<std::unique_ptr<IndexSegment>> IndexSegment::of_bytes(std::string_view bytes,
                                                             const SegmentOrigin& origin,
                                                             Domain domain) {
  std::unique_ptr<IndexSegment> segment(new IndexSegment());
  segment->bytes_ = bytes;
  TRY(segment->parse(origin, domain));
  return segment;
}

Status IndexSegment::parse(const SegmentOrigin& origin, Domain domain) {
  if (bytes_.size() < kHeadBytes || bytes_.substr(0, kMagic.size()) != kMagic) {
    return corrupt("it is none, or of another version");
  }
  IndexCursor head(bytes_.substr(kMagic.size(), kHeadBytes - kMagic.size()));
  const std::uint64_t file_bytes = head.number();
  const std::uint64_t offset = head.number();
  const std::uint64_t size = head.number();
  const std::uint64_t checksum = head.number();
  if (head.number() != lake::checksum_of(bytes_.substr(0, kHeadBytes - 8)))
    return corrupt("its head");
  if (file_bytes != bytes_.size()) return corrupt("its size");
  IndexCursor directory(TRY(checked(offset, size, checksum)));
  const std::string_view table = directory.text();
  const std::string_view part = directory.text();
  if (table != origin.table || part != origin.part || directory.text() != origin.checksum) {
    return corrupt("it is of another part");
  }
  field_count_ = segment_fields(domain).size();
  if (directory.number() != field_count_) return corrupt("its columns");
  event_count_ = directory.number();
  person_count_ = directory.number();
  persons_offset_ = directory.number();
  persons_bytes_ = directory.number();
  persons_checksum_ = directory.number();
  lists_.resize(directory.count(5 * 8));
  std::uint64_t events = 0;
  for (List& list : lists_) {
    list.concept_id = directory.signed_number();
    list.row_count = directory.number();
    list.offset = directory.number();
    list.byte_count = directory.number();
    list.checksum = directory.number();
    if (list.row_count > event_count_) return corrupt("its lists");
    events += list.row_count;
  }
  sources_.resize(directory.count(2 * 8));
  for (auto& [source, concept_id] : sources_) {
    source = directory.signed_number();
    concept_id = directory.signed_number();
  }
  const auto by_concept = [](const List& a, const List& b) { return a.concept_id < b.concept_id; };
  if (!directory.ended_well() || events != event_count_ || person_count_ > event_count_ ||
      event_count_ > std::numeric_limits<Row>::max() ||
      !std::is_sorted(lists_.begin(), lists_.end(), by_concept) ||
      !std::is_sorted(sources_.begin(), sources_.end())) {
    return corrupt("its directory");
  }
  is_checked_ = std::make_unique<std::atomic<bool>[]>(lists_.size());
  return {};
}

Result<std::string_view> IndexSegment::checked(std::uint64_t offset, std::uint64_t size,
                                               std::uint64_t checksum) const {
  if (offset > bytes_.size() || size > bytes_.size() - offset) return corrupt("a place in it");
  const std::string_view found = bytes_.substr(offset, size);
  if (lake::checksum_of(found) != checksum) return corrupt("its bytes");
  return found;
}

std::size_t IndexSegment::find(std::int64_t concept_id) const {
  const auto found = std::lower_bound(
      lists_.begin(), lists_.end(), concept_id,
      [](const List& list, std::int64_t wanted) { return list.concept_id < wanted; });
  if (found == lists_.end() || found->concept_id != concept_id) return lists_.size();
  return static_cast<std::size_t>(found - lists_.begin());
}

Result<ListView> IndexSegment::list(std::size_t at) const {
  const List& list = lists_[at];
  if (!is_checked_[at]) {
    TRY(checked(list.offset, list.byte_count, list.checksum));
    is_checked_[at] = true;
  }
  std::string_view bytes = bytes_.substr(list.offset, list.byte_count);
  ListView view;
  view.row_count = list.row_count;
  for (ColumnView* column :
       {&view.person, &view.start, &view.length, &view.id, &view.source_concept, &view.visit}) {
    *column = TRY(ColumnView::parse(bytes, view.row_count));
  }
  for (std::size_t field = 0; field < field_count_; ++field) {
    view.fields[field] = TRY(ColumnView::parse(bytes, view.row_count));
  }
  if (!bytes.empty() || view.person.packing() != Packing::Steps) return corrupt("a list of it");
  return view;
}

Status IndexSegment::verify() const {
  for (std::size_t at = 0; at < lists_.size(); ++at) TRY(list(at));
  TRY(person_ids());
  return {};
}

std::vector<std::int64_t> IndexSegment::concepts_of_source(std::int64_t source_concept_id) const {
  std::vector<std::int64_t> concepts;
  const std::pair from{source_concept_id, std::numeric_limits<std::int64_t>::min()};
  for (auto at = std::lower_bound(sources_.begin(), sources_.end(), from);
       at != sources_.end() && at->first == source_concept_id; ++at) {
    concepts.push_back(at->second);
  }
  return concepts;
}

Result<std::vector<std::int64_t>> IndexSegment::person_ids() const {
  std::string_view bytes = TRY(checked(persons_offset_, persons_bytes_, persons_checksum_));
  // Each person has at least one bit of a step's block: a count beyond the bytes is refused there.
  const ColumnView column = TRY(ColumnView::parse(bytes, person_count_));
  std::vector<std::int64_t> ids(person_count_);
  column.read(0, ids.size(), ids.data());
  if (!std::is_sorted(ids.begin(), ids.end())) return corrupt("its persons");
  return ids;
}

}  // namespace eds::cohort
