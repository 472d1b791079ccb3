// MergeMap: which id was absorbed by which, in memory, for persons and for visits.
//
// Invariants: an id is absorbed by one other at most; following survivors ends (merges are always
// made between ids that are nobody's absorbed, so no loop can arise).
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "govern/limits.h"

namespace eds::govern {

class MergeMap {
 public:
  void add(std::int64_t survivor, std::int64_t absorbed) {
    up_[absorbed] = survivor;
    down_.emplace(survivor, absorbed);
  }

  void remove(std::int64_t survivor, std::int64_t absorbed) {
    up_.erase(absorbed);
    const auto range = down_.equal_range(survivor);
    for (auto at = range.first; at != range.second; ++at) {
      if (at->second != absorbed) continue;
      down_.erase(at);
      return;
    }
  }

  void clear() {
    up_.clear();
    down_.clear();
  }

  Result<std::int64_t> resolve(std::int64_t id) const {
    if (up_.empty()) return id;
    for (int hop = 0; hop < kMergeChainMax; ++hop) {
      const auto found = up_.find(id);
      if (found == up_.end()) return id;
      id = found->second;
    }
    return Error{Code::Corrupt, "merges are chained beyond kMergeChainMax"};
  }

  /// `id` and all it absorbed, directly or not.
  std::vector<std::int64_t> members(std::int64_t id) const {
    std::vector<std::int64_t> all{id};
    for (std::size_t at = 0; at < all.size(); ++at) {
      const auto range = down_.equal_range(all[at]);
      for (auto each = range.first; each != range.second; ++each) all.push_back(each->second);
    }
    return all;
  }

 private:
  std::unordered_map<std::int64_t, std::int64_t> up_;
  std::unordered_multimap<std::int64_t, std::int64_t> down_;
};

}  // namespace eds::govern
