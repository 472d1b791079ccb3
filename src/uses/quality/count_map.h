// CountMap: how often each number stood in a column. An open table of powers of two; a run of one
// value (columns of concepts are full of them) costs a comparison a row.
//
// Invariants: kMissing is no key. Threads: a plain value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "uses/quality/omop_block.h"

namespace eds::quality {

class CountMap {
 public:
  void add(std::int64_t key) {
    if (key != last_key_) {
      last_key_ = key;
      last_ = slot_of(key);
    }
    ++slots_[last_].count;
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.key != kMissing) visit(slot.key, slot.count);
    }
  }

 private:
  struct Slot {
    std::int64_t key = kMissing;
    std::int64_t count = 0;
  };

  std::size_t slot_of(std::int64_t key) {
    if (used_ * 2 >= slots_.size()) grow();
    const std::size_t at = find(slots_, key);
    if (slots_[at].key == kMissing) {
      slots_[at].key = key;
      ++used_;
    }
    return at;
  }

  static std::size_t find(const std::vector<Slot>& slots, std::int64_t key) {
    const std::size_t mask = slots.size() - 1;
    std::size_t at = (static_cast<std::uint64_t>(key) * 0x9E3779B97F4A7C15U >> 20) & mask;
    while (slots[at].key != kMissing && slots[at].key != key) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    std::vector<Slot> larger(slots_.empty() ? 64 : slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.key != kMissing) larger[find(larger, slot.key)] = slot;
    }
    slots_ = std::move(larger);
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::int64_t last_key_ = kMissing;
  std::size_t last_ = 0;
};

}  // namespace eds::quality
