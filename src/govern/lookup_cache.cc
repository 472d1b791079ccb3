#include "govern/lookup_cache.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace eds::govern {

void LookupCache::put(const LookupKey& key, std::int64_t id) {
  if ((entry_count_ + 1) * 4 > slots_.size() * 3) {
    if (entry_count_ >= kLookupEntriesMax) {
      complete_ = false;
      return;
    }
    resize(std::max<std::size_t>(1024, slots_.size() * 2));
  }
  std::size_t at = key.low & (slots_.size() - 1);
  while (slots_[at].id != 0) {
    if (slots_[at].key == key) {
      slots_[at].id = id;
      return;
    }
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = Slot{key, id};
  entry_count_ += 1;
  if (noting_) added_.push_back(key);
}

void LookupCache::reserve(std::size_t entry_count) {
  const std::size_t wanted = std::bit_ceil(std::min(entry_count, kLookupEntriesMax) * 4 / 3 + 1024);
  if (wanted > slots_.size()) resize(wanted);
}

void LookupCache::forget_added() {
  for (const LookupKey& key : added_) erase(key);
  end();
}

// Moves later entries of the run back over the hole, so that no marker of deleted slots is needed.
void LookupCache::erase(const LookupKey& key) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = key.low & mask;
  while (!(slots_[hole].key == key)) {
    if (slots_[hole].id == 0) return;
    hole = (hole + 1) & mask;
  }
  if (slots_[hole].id == 0) return;
  std::size_t next = (hole + 1) & mask;
  while (slots_[next].id != 0) {
    const std::size_t home = slots_[next].key.low & mask;
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      slots_[hole] = slots_[next];
      hole = next;
    }
    next = (next + 1) & mask;
  }
  slots_[hole] = Slot{};
  entry_count_ -= 1;
}

void LookupCache::resize(std::size_t slot_count) {
  std::vector<Slot> old(slot_count);
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.id == 0) continue;
    std::size_t at = slot.key.low & (slots_.size() - 1);
    while (slots_[at].id != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
}

}  // namespace eds::govern
