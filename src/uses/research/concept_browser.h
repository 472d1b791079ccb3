// The concept browser: concepts of a release by words, code or id, and what stands above and below.
//
// Invariants: answers come from CONCEPT and CONCEPT_ANCESTOR of the session's release; an ancestor
// that CONCEPT does not know has an id and no name. Levels are the smallest numbers of steps.
// Threads: one thread, one Session.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/session.h"

namespace eds::research {

struct ConceptRow {
  std::int64_t id = 0;
  std::string code;
  std::string name;
  std::string vocabulary;
  std::string domain;
  std::string concept_class;
  std::string standard;         ///< "S", "C" or empty
  std::string invalid;          ///< "D", "U" or empty
  std::int64_t valid_from = 0;  ///< days since 1970
  std::int64_t valid_to = 0;
};

enum class Relation : std::uint8_t { Ancestor, Parent, Itself, Child, Descendant };
std::string_view relation_name(Relation relation);

struct Relative {
  Relation relation = Relation::Itself;
  std::int64_t level = 0;  ///< steps from the concept
  ConceptRow row;
};

/// By words of the name or the beginning of the code, best first; at most `count_max`.
Result<std::vector<ConceptRow>> search_concepts(engine::Session& session, std::string_view words,
                                                std::size_t count_max);
Result<std::vector<ConceptRow>> concepts_of_code(engine::Session& session, std::string_view code);
Result<std::vector<ConceptRow>> concepts_of_ids(engine::Session& session,
                                                const std::vector<std::int64_t>& ids);

/// Ancestors from the farthest, parents, the concept, its children, and descendants down to
/// `levels_below`. Code::NotFound for an id that nothing knows.
Result<std::vector<Relative>> hierarchy(engine::Session& session, std::int64_t concept_id,
                                        std::int64_t levels_below);

}  // namespace eds::research
