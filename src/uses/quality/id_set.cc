#include "uses/quality/id_set.h"

#include <algorithm>

namespace eds::quality {
namespace {

// 256 ids x 2 B = 512 B of list; a page of bits is 8 KiB.
constexpr std::size_t kFewMax = 256;
constexpr std::size_t kWords = 65'536 / 64;

}  // namespace

IdSet::Page* IdSet::page(std::int64_t key) const {
  if (last_ != nullptr && last_key_ == key) return last_;
  const auto found = pages_.find(key);
  if (found == pages_.end()) return nullptr;
  last_key_ = key;
  last_ = found->second.get();
  return last_;
}

bool IdSet::insert(std::int64_t id) {
  const std::int64_t key = id >> 16;
  const auto low = static_cast<std::uint16_t>(id & 0xFFFF);
  Page* at = page(key);
  if (at == nullptr) {
    at = pages_.emplace(key, std::make_unique<Page>()).first->second.get();
    last_key_ = key;
    last_ = at;
  }
  if (at->bits.empty()) {
    const auto place = std::lower_bound(at->few.begin(), at->few.end(), low);
    if (place != at->few.end() && *place == low) return false;
    ++size_;
    if (at->few.size() < kFewMax) {
      at->few.insert(place, low);
      return true;
    }
    at->bits.assign(kWords, 0);
    for (std::uint16_t seen : at->few) at->bits[seen / 64] |= std::uint64_t{1} << (seen % 64);
    at->few = {};
    at->bits[low / 64] |= std::uint64_t{1} << (low % 64);
    return true;
  }
  std::uint64_t& word = at->bits[low / 64];
  const std::uint64_t bit = std::uint64_t{1} << (low % 64);
  if ((word & bit) != 0) return false;
  word |= bit;
  ++size_;
  return true;
}

bool IdSet::contains(std::int64_t id) const {
  const Page* at = page(id >> 16);
  if (at == nullptr) return false;
  const auto low = static_cast<std::uint16_t>(id & 0xFFFF);
  if (at->bits.empty()) return std::binary_search(at->few.begin(), at->few.end(), low);
  return (at->bits[low / 64] >> (low % 64) & 1) != 0;
}

void IdSet::for_each(const std::function<void(std::int64_t)>& visit) const {
  for (const auto& [key, at] : pages_) {
    for (std::uint16_t low : at->few) visit(key * 65'536 + low);
    for (std::size_t word = 0; word < at->bits.size(); ++word) {
      for (std::size_t bit = 0; bit < 64; ++bit) {
        if ((at->bits[word] >> bit & 1) == 0) continue;
        visit(key * 65'536 + static_cast<std::int64_t>(word * 64 + bit));
      }
    }
  }
}

}  // namespace eds::quality
