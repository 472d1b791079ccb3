#include "terms/concept_ids.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace eds::terms {
namespace {

struct Block {
  std::string_view vocabulary_id;
  std::int64_t number;
};
// Never renumber: ids in the lakes of the world are made of these. Others take blocks from 20 on,
// in the order of their first sight.
constexpr Block kBlocks[] = {
    {"CIM10", 0}, {"CCAM", 1},    {"LOINC", 2}, {"ATC", 3},   {"GHM", 4},
    {"UM", 5},    {"COMMUNE", 6}, {"UCD", 7},   {"CSARR", 8}, {"Orphanet", 9},
};
constexpr std::int64_t kFirstFreeBlock = 20;

std::string key_of(std::string_view vocabulary_id, std::string_view code) {
  std::string key;
  key.reserve(vocabulary_id.size() + code.size() + 1);
  key.append(vocabulary_id);
  key.push_back('\0');
  key.append(code);
  return key;
}

}  // namespace

Result<std::int64_t> MemoryConceptIds::block_of(const std::string& vocabulary_id) {
  for (const Block& block : kBlocks) {
    if (block.vocabulary_id == vocabulary_id) return block.number;
  }
  if (const auto found = blocks_.find(vocabulary_id); found != blocks_.end()) return found->second;
  std::int64_t next = kFirstFreeBlock;
  for (const auto& [name, number] : blocks_) next = std::max(next, number + 1);
  if (next >= kBlockCount) {
    return Error{Code::Limit,
                 fmt::format("local vocabularies exceed kBlockCount ({})", kBlockCount)};
  }
  blocks_.emplace(vocabulary_id, next);
  return next;
}

Result<std::int64_t> MemoryConceptIds::id_of(std::string_view vocabulary_id,
                                             std::string_view code) {
  std::string key = key_of(vocabulary_id, code);
  if (const auto found = ids_.find(key); found != ids_.end()) return found->second;
  const std::int64_t block = TRY(block_of(std::string(vocabulary_id)));
  const std::int64_t ordinal = next_ordinal_[block];
  if (ordinal >= kIdsPerBlock) {
    return Error{Code::Limit, fmt::format("codes of a vocabulary exceed kIdsPerBlock ({}): {}",
                                          kIdsPerBlock, vocabulary_id)};
  }
  ++next_ordinal_[block];
  const std::int64_t id = kFirstLocalId + block * kIdsPerBlock + ordinal;
  keys_.emplace(id, key);
  ids_.emplace(std::move(key), id);
  assigned_.push_back({std::string(vocabulary_id), std::string(code), id});
  return id;
}

std::int64_t MemoryConceptIds::find(std::string_view vocabulary_id, std::string_view code) const {
  const auto found = ids_.find(key_of(vocabulary_id, code));
  return found == ids_.end() ? 0 : found->second;
}

Status MemoryConceptIds::restore(const AssignedId& assigned) {
  std::string key = key_of(assigned.vocabulary_id, assigned.code);
  const auto known = ids_.find(key);
  const auto taken = keys_.find(assigned.concept_id);
  if (known != ids_.end() && taken != keys_.end() && taken->second == key) return {};
  if (known != ids_.end() || taken != keys_.end()) {
    return Error{Code::Conflict, fmt::format("concept id and code are already bound otherwise: {}",
                                             assigned.concept_id)};
  }
  if (assigned.concept_id >= kFirstLocalId) {
    const std::int64_t offset = assigned.concept_id - kFirstLocalId;
    const std::int64_t block = offset / kIdsPerBlock;
    const bool fixed = std::any_of(std::begin(kBlocks), std::end(kBlocks), [&](const Block& b) {
      return b.vocabulary_id == assigned.vocabulary_id;
    });
    if (!fixed) blocks_.emplace(assigned.vocabulary_id, block);
    std::int64_t& next = next_ordinal_[block];
    next = std::max(next, offset % kIdsPerBlock + 1);
  }
  keys_.emplace(assigned.concept_id, key);
  ids_.emplace(std::move(key), assigned.concept_id);
  return {};
}

std::vector<AssignedId> MemoryConceptIds::take_assigned() {
  return std::exchange(assigned_, {});
}

}  // namespace eds::terms
