// NumberTable: what a file's numbers (IPP, NDA) stand for, found by a hash computed elsewhere.
//
// Why: a laboratory's file names its patients in no order that a cache could follow, and a lookup
// in std::unordered_map waits for memory three times in a row: 0.5 us of the 2 us that a row cost.
// Here prefetch_slot() and prefetch_entry() ask for both places a few rows ahead.
//
// Invariants: a Value keeps its address for ever; numbers up to 15 bytes live beside it. Memory:
// sizeof(Value) + 40 bytes a number, and 8 to 16 of slots.
// Threads: one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::ingest::labs {

inline std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

template <class Value>
class NumberTable {
 public:
  /// The value of `text`, whose hash_of() is `hash`; nullptr when it is not here.
  Value* find(std::uint64_t hash, std::string_view text) {
    if (slots_.empty()) return nullptr;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot slot = slots_[at];
      if (slot.entry == 0) return nullptr;
      if (slot.mark != mark_of(hash)) continue;
      Entry& found = entry(slot.entry - 1);
      if (found.text == text) return &found.value;
    }
  }

  /// Adds a number that is not here.
  Value* add(std::uint64_t hash, std::string_view text, const Value& value) {
    ENSURE(entry_count_ < UINT32_MAX - 1);
    if ((entry_count_ + 1) * 3 > slots_.size() * 2) grow();
    if (entry_count_ % kBlockEntries == 0) {
      blocks_.push_back(std::make_unique<Entry[]>(kBlockEntries));
    }
    Entry& fresh = entry(entry_count_);
    fresh.value = value;
    fresh.hash = hash;
    fresh.text = text;
    place(hash, static_cast<std::uint32_t>(++entry_count_));
    return &fresh.value;
  }

  /// Asks memory for what find() reads first, then for what it reads next.
  void prefetch_slot(std::uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & mask()]);
  }
  void prefetch_entry(std::uint64_t hash) {
    if (slots_.empty()) return;
    const Slot slot = slots_[hash & mask()];
    if (slot.entry != 0) __builtin_prefetch(&entry(slot.entry - 1));
  }

  std::size_t size() const { return entry_count_; }
  /// Values in the order in which they were added.
  const Value& value_at(std::size_t index) const {
    return blocks_[index / kBlockEntries][index % kBlockEntries].value;
  }
  void clear() {
    slots_.clear();
    blocks_.clear();
    entry_count_ = 0;
  }

 private:
  static constexpr std::size_t kBlockEntries = 1024;
  struct Slot {
    std::uint32_t mark = 0;
    std::uint32_t entry = 0;  ///< 1 + index; 0: empty
  };
  struct Entry {
    Value value;
    std::uint64_t hash = 0;
    std::string text;
  };
  static std::uint32_t mark_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32);
  }
  std::size_t mask() const { return slots_.size() - 1; }
  Entry& entry(std::size_t index) { return blocks_[index / kBlockEntries][index % kBlockEntries]; }
  void place(std::uint64_t hash, std::uint32_t entry_number) {
    std::size_t at = hash & mask();
    while (slots_[at].entry != 0) at = (at + 1) & mask();
    slots_[at] = Slot{mark_of(hash), entry_number};
  }
  void grow() {
    slots_.assign(slots_.empty() ? 4096 : slots_.size() * 2, Slot{});
    for (std::size_t index = 0; index < entry_count_; ++index) {
      place(entry(index).hash, static_cast<std::uint32_t>(index + 1));
    }
  }

  std::vector<Slot> slots_;  // A power of two.
  std::vector<std::unique_ptr<Entry[]>> blocks_;
  std::size_t entry_count_ = 0;
};

}  // namespace eds::ingest::labs
