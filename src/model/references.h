// References: which columns name a row of a person in another table, so that an erasure finds them.
//
// A plain reference always names the same table (visit_occurrence_id). A typed one says in another
// column which table it names: by the concept of a domain or of a CDM field (fact_relationship,
// episode_event, the *_event_id columns), or by the domain's word (cost).
// Invariants: derived once from the tables of model/table.h; only tables whose rows are a person's
// are ever named. Threads: immutable. Source: OHDSI CommonDataModel v5.4; domain concepts as in the
// vocabulary's DOMAIN table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/table.h"

namespace eds::model {

struct Reference {
  std::size_t column = kNoColumn;
  const Table* to = nullptr;            ///< nothing when `type_column` says it
  std::size_t type_column = kNoColumn;  ///< a concept (Int) or a domain's word (Text)
};

/// The references that columns of `table` are, without its own key and its person.
std::vector<Reference> references(const Table& table);

/// A domain, as concept and as word, and the table that holds its facts.
struct Domain {
  std::int64_t concept_id = 0;
  std::string_view word;
  std::string_view table;
};
std::span<const Domain> domains();

}  // namespace eds::model
