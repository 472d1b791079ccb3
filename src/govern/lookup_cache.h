// LookupCache: keyed hashes of 128 bits to ids, in memory, by open addressing.
//
// Invariants: ids are never 0 (0 marks an empty slot); keys are keyed hashes, hence uniform, and
// are their own hash value. complete() says that what is not here does not exist in the database
// either. What was added since begin() can be forgotten again.
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "govern/limits.h"

namespace eds::govern {

struct LookupKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const LookupKey&, const LookupKey&) = default;
};

class LookupCache {
 public:
  /// The id of `key`; 0 when it is not here.
  std::int64_t find(const LookupKey& key) const {
    if (slots_.empty()) return 0;
    std::size_t at = key.low & (slots_.size() - 1);
    while (slots_[at].id != 0) {
      if (slots_[at].key == key) return slots_[at].id;
      at = (at + 1) & (slots_.size() - 1);
    }
    return 0;
  }

  /// Adds or replaces. A full cache takes no more and is no longer complete.
  void put(const LookupKey& key, std::int64_t id);
  /// Makes room for `entry_count` entries in all.
  void reserve(std::size_t entry_count);

  bool complete() const { return complete_; }
  void set_complete(bool complete) { complete_ = complete; }
  std::size_t size() const { return entry_count_; }

  /// From here to end(), what is put is noted and can be forgotten.
  void begin() {
    added_.clear();
    noting_ = true;
  }
  void end() {
    added_.clear();
    noting_ = false;
  }
  /// Forgets what was put since begin(), and ends.
  void forget_added();

 private:
  struct Slot {
    LookupKey key;
    std::int64_t id = 0;
  };
  void erase(const LookupKey& key);
  void resize(std::size_t slot_count);

  std::vector<Slot> slots_;  // a power of two
  std::vector<LookupKey> added_;
  std::size_t entry_count_ = 0;
  bool complete_ = false;
  bool noting_ = false;
};

}  // namespace eds::govern
