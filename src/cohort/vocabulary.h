// Vocabulary: the part of CONCEPT, CONCEPT_ANCESTOR and CONCEPT_RELATIONSHIP that concept sets ask.
//
// Invariants: sealed before it is asked; immutable then. A concept unknown to CONCEPT contributes
// nothing; a descendant counts only while it is valid. Threads: read from any once sealed.
// Source: OHDSI circe-be 1.13, vocabulary/sql; docs/reference/cohort.md.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "cohort/plan.h"

namespace eds::cohort {

class Vocabulary {
 public:
  void add_concept(std::int64_t id, bool is_valid) { concepts_.push_back({id, is_valid}); }
  void add_ancestor(std::int64_t ancestor, std::int64_t descendant) {
    descendants_.push_back({ancestor, descendant});
  }
  /// A valid "Maps to" from `source` to `target`.
  void add_mapping(std::int64_t source, std::int64_t target) {
    sources_.push_back({target, source});
  }
  /// Ends the adding.
  void seal();

  /// The concept ids of a set, sorted, each once.
  std::vector<std::int64_t> resolve(const SetRecipe& recipe) const;

 private:
  using Pair = std::pair<std::int64_t, std::int64_t>;
  struct Known {
    std::int64_t id = 0;
    bool is_valid = false;
    bool operator<(const Known& other) const { return id < other.id; }
  };
  const Known* find(std::int64_t id) const;
  std::vector<std::int64_t> members(const SetRecipe& recipe, bool excluded) const;

  std::vector<Known> concepts_;
  std::vector<Pair> descendants_;  ///< (ancestor, descendant)
  std::vector<Pair> sources_;      ///< (target, source)
};

}  // namespace eds::cohort
