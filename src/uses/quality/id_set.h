// IdSet: which ids were seen, one bit each where they are dense.
//
// A page stands for 65,536 neighbouring ids: a short sorted list while few are seen, bits after
// that. Dense keys (the lake gives them) cost an eighth of a byte an id, scattered ones a list
// entry and a page of about 100 bytes.
// Invariants: none beyond a set's. Threads: a plain value; contains() moves a memo, so even reading
// is for one thread at a time. Source: Chambi, Lemire et al., "Better bitmap performance with
// Roaring bitmaps" (2016), of which this is the smallest useful part.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace eds::quality {

class IdSet {
 public:
  /// False when it was there already.
  bool insert(std::int64_t id);
  bool contains(std::int64_t id) const;
  std::int64_t size() const { return size_; }
  /// Every id once, in no order.
  void for_each(const std::function<void(std::int64_t)>& visit) const;

 private:
  struct Page {
    std::vector<std::uint16_t> few;  ///< sorted; empty once there are bits
    std::vector<std::uint64_t> bits;
  };
  Page* page(std::int64_t key) const;

  mutable std::unordered_map<std::int64_t, std::unique_ptr<Page>> pages_;
  mutable std::int64_t last_key_ = 0;
  mutable Page* last_ = nullptr;
  std::int64_t size_ = 0;
};

}  // namespace eds::quality
