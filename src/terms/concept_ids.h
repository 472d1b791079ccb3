// ConceptIds: the OMOP concept id of a code, stable for ever.
//
// Invariants: an id once given to (vocabulary, code) never changes and is never given to another;
// local ids are >= 2,000,000,000, as OMOP asks, and fit 32 bits: 2e9 + block x 1,000,000 + ordinal,
// where the block is the vocabulary's (table in concept_ids.cc) and the ordinal counts first
// sights. Assignments are kept by the caller (taken with take_assigned(), given back with
// restore()), in the same commit as the concepts they name. Ids of Athena concepts are restored
// first, and win.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace eds::terms {

inline constexpr std::int64_t kFirstLocalId = 2'000'000'000;
inline constexpr std::int64_t kIdsPerBlock = 1'000'000;
/// 2^31 - 1 = 2,147,483,647: OMOP's concept_id is an integer of 32 bits.
inline constexpr std::int64_t kBlockCount = 147;

struct AssignedId {
  std::string vocabulary_id;
  std::string code;
  std::int64_t concept_id = 0;
};

class ConceptIds {
 public:
  virtual ~ConceptIds() = default;
  /// The id of a code, given now if it never had one. Code::Limit when the vocabulary's block, or
  /// the blocks, are used up.
  virtual Result<std::int64_t> id_of(std::string_view vocabulary_id, std::string_view code) = 0;
  /// The id of a code, or 0.
  virtual std::int64_t find(std::string_view vocabulary_id, std::string_view code) const = 0;
};

class MemoryConceptIds : public ConceptIds {
 public:
  Result<std::int64_t> id_of(std::string_view vocabulary_id, std::string_view code) override;
  std::int64_t find(std::string_view vocabulary_id, std::string_view code) const override;

  /// An id known from before: restored from the table, or of an Athena concept. Code::Conflict when
  /// the code has another id, or the id another code.
  Status restore(const AssignedId& assigned);
  /// Ids given since the last call, to be stored.
  std::vector<AssignedId> take_assigned();

 private:
  Result<std::int64_t> block_of(const std::string& vocabulary_id);

  std::unordered_map<std::string, std::int64_t> ids_;  ///< by vocabulary, NUL, code
  std::unordered_map<std::int64_t, std::string> keys_;
  std::map<std::string, std::int64_t> blocks_;
  std::map<std::int64_t, std::int64_t> next_ordinal_;  ///< by block
  std::vector<AssignedId> assigned_;
};

}  // namespace eds::terms
