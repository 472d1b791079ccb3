// CodeMap: from the codes of a source to OMOP concepts, by date: OMOP's source_to_concept_map.
//
// Invariants: a code may map to several concepts; a mapping holds on the days of its validity and
// never when it has an invalid_reason. Codes that map to nothing are counted, with bounded memory:
// when more distinct codes come than fit, the rarest are forgotten and every count is exact up to
// the error that unmapped() states (Misra-Gries).
// Threads: look_up() and count_unmapped() from one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/env.h"
#include "base/result.h"
#include "format/csv/input.h"
#include "terms/omop_rows.h"
#include "terms/terminology.h"

namespace eds::terms {

inline constexpr std::size_t kUnmappedKept = 10'000;
inline constexpr std::size_t kMappingsMax = 20'000'000;

struct UnmappedCode {
  std::string vocabulary_id;
  std::string code;
  std::uint64_t count = 0;
};

class CodeMap {
 public:
  Status add(const SourceToConceptRow& row);
  /// Reads a source_to_concept_map file (CSV or TSV, plain or compressed).
  Result<LoadReport> load(Env& env, const Path& path);

  /// Concepts of a code on a day (days since 1970), in the order of the file; empty: unmapped.
  std::vector<std::int64_t> look_up(std::string_view vocabulary_id, std::string_view code,
                                    std::int32_t day) const;
  /// The first of them, or 0, without allocation.
  std::int64_t look_up_one(std::string_view vocabulary_id, std::string_view code,
                           std::int32_t day) const;

  void count_unmapped(std::string_view vocabulary_id, std::string_view code);
  struct Unmapped {
    std::vector<UnmappedCode> codes;  ///< most frequent first
    std::uint64_t total = 0;          ///< all that were counted
    std::uint64_t error_max = 0;      ///< each count may be that much too small
  };
  Unmapped unmapped() const;

 private:
  struct Mapping {
    std::int64_t concept_id;
    std::int32_t valid_start;
    std::int32_t valid_end;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  template <class Value>
  using ByCode = std::unordered_map<std::string, Value, Hash, std::equal_to<>>;
  /// By vocabulary, then by code: looking up needs no joined key.
  ByCode<ByCode<std::vector<Mapping>>> mappings_;
  std::size_t mapping_count_ = 0;
  ByCode<std::uint64_t> unmapped_;
  std::uint64_t unmapped_total_ = 0;
  std::uint64_t unmapped_error_ = 0;
};

}  // namespace eds::terms
