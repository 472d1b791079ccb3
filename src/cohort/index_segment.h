// IndexSegment: the events of one part of one table of the lake, by concept, packed.
//
// A part never changes, so neither does its segment: the index of a release is the segments of the
// parts that make it, and what a new release adds is only the segments of its new parts.
//
// Invariants: a list holds the rows of one concept in the order of (person, start, id); persons are
// numbered within the segment, in the order of their ids. Rows without a start are left out. The
// file's head names the part and its checksum and is itself checked; each list carries its own
// checksum, verified when it is first asked for. Any bytes are refused with Code::Corrupt or can be
// read without leaving them. Bytes on disk: docs/internals/formats/cohort-index.md.
// Threads: written by one; an open segment may be read from any.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "base/result.h"
#include "cohort/index_column.h"
#include "cohort/store.h"

namespace eds::cohort {

/// Of what a segment is: a part of the lake, as the catalogue knows it.
struct SegmentOrigin {
  std::string table;
  std::string part;
  std::string checksum;
};

/// The fields that segments of the domain keep, in order: all but texts, those of CDM 5.0 and
/// VisitConcept, which follows from the visit.
std::vector<Field> segment_fields(Domain domain);

/// The bytes of a segment. `raw` is in any order.
std::string write_segment(const SegmentOrigin& origin, Domain domain, RawEvents&& raw);

/// One concept's events. Columns that the kind of event has not are constants.
struct ListView {
  static constexpr std::size_t kFieldsMax = 12;
  std::size_t row_count = 0;
  ColumnView person;  ///< numbers within the segment, in steps
  ColumnView start;   ///< days
  ColumnView length;  ///< days from start to end; kMissing: no end
  ColumnView id;
  ColumnView source_concept;
  ColumnView visit;
  std::array<ColumnView, kFieldsMax> fields;  ///< of segment_fields()
};

class IndexSegment {
 public:
  struct List {
    std::int64_t concept_id = kMissing;
    std::uint64_t row_count = 0;
    std::uint64_t offset = 0;
    std::uint64_t byte_count = 0;
    std::uint64_t checksum = 0;
  };

  static Result<std::unique_ptr<IndexSegment>> open(const Path& path, const SegmentOrigin& origin,
                                                    Domain domain);
  /// The same of bytes in memory, which must outlive it.
  static Result<std::unique_ptr<IndexSegment>> of_bytes(std::string_view bytes,
                                                        const SegmentOrigin& origin, Domain domain);

  std::uint64_t event_count() const { return event_count_; }
  std::uint64_t byte_count() const { return bytes_.size(); }
  const std::vector<List>& lists() const { return lists_; }  ///< by concept
  /// Number of the concept's list, or lists().size().
  std::size_t find(std::int64_t concept_id) const;
  Result<ListView> list(std::size_t at) const;
  /// Every list, checked.
  Status verify() const;
  /// The concepts under which events with that source concept stand, sorted.
  std::vector<std::int64_t> concepts_of_source(std::int64_t source_concept_id) const;
  /// Ids of the segment's persons, in order.
  Result<std::vector<std::int64_t>> person_ids() const;
  std::size_t person_count() const { return person_count_; }
  void let_go() const { file_.let_go(); }

 private:
  IndexSegment() = default;
  Status parse(const SegmentOrigin& origin, Domain domain);
  Result<std::string_view> checked(std::uint64_t offset, std::uint64_t size,
                                   std::uint64_t checksum) const;

  MappedFile file_;
  std::string_view bytes_;
  std::size_t field_count_ = 0;
  std::uint64_t event_count_ = 0;
  std::uint64_t person_count_ = 0;
  std::uint64_t persons_offset_ = 0;
  std::uint64_t persons_bytes_ = 0;
  std::uint64_t persons_checksum_ = 0;
  std::vector<List> lists_;
  std::vector<std::pair<std::int64_t, std::int64_t>> sources_;  ///< (source concept, concept)
  std::unique_ptr<std::atomic<bool>[]> is_checked_;
};

}  // namespace eds::cohort
