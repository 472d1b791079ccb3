// StayIndex and PersonSet: which persons a scope reaches, compactly.
//
// A StayIndex holds, for one release, every person id in order (the universe) and for each care
// site the ranks of the persons with a stay there. A PersonSet is one bit a person over it.
// 10 M persons: 80 MB of ids shared by all scopes of a release, 1.25 MB a scope.
//
// Invariants: an id that is not in the universe is in no set. Rows of one person stand together in
// the lake, so a Cursor remembers where it was: a row costs one comparison, a new person a step.
// Threads: immutable after they are made; a Cursor belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace eds::govern {

class StayIndex {
 public:
  /// `persons` need not be sorted or distinct.
  explicit StayIndex(std::vector<std::int64_t> persons);
  /// Adds stays as (care site, person); persons outside the universe are left out. Before use.
  void add_stays(std::int64_t care_site, std::span<const std::int64_t> persons);

  std::size_t person_count() const { return persons_.size(); }
  std::int64_t person_at(std::size_t rank) const { return persons_[rank]; }
  /// The person's rank, or person_count() when there is none.
  std::size_t rank_of(std::int64_t person) const;
  /// The rank of the first person not below `person`.
  std::size_t lower_rank(std::int64_t person) const;
  std::span<const std::uint32_t> ranks_at(std::int64_t care_site) const;
  std::uint64_t byte_count() const;

 private:
  std::vector<std::int64_t> persons_;
  std::unordered_map<std::int64_t, std::vector<std::uint32_t>> sites_;
};

class PersonSet {
 public:
  /// The empty set.
  explicit PersonSet(std::shared_ptr<const StayIndex> index);

  void add_all();
  void add_site(std::int64_t care_site);
  void add(std::int64_t person);
  void remove(std::int64_t person);

  bool contains(std::int64_t person) const;
  std::int64_t count() const;
  /// Members in order.
  std::vector<std::int64_t> members() const;
  /// Whether every member of `other` (over the same index) is a member.
  bool covers(const PersonSet& other) const;
  const StayIndex& index() const { return *index_; }
  const std::shared_ptr<const StayIndex>& shared_index() const { return index_; }

  class Cursor {
   public:
    explicit Cursor(const PersonSet& set) : set_(&set) {}
    bool contains(std::int64_t person) {
      if (person != last_) move_to(person);
      return answer_;
    }

   private:
    void move_to(std::int64_t person);
    const PersonSet* set_;
    std::int64_t last_ = INT64_MIN;  // No id: ids are positive.
    std::size_t rank_ = 0;
    bool answer_ = false;
  };

 private:
  bool has_rank(std::size_t rank) const {
    return (bits_[rank / 64] >> (rank % 64) & std::uint64_t{1}) != 0;
  }
  std::shared_ptr<const StayIndex> index_;
  std::vector<std::uint64_t> bits_;
};

}  // namespace eds::govern
