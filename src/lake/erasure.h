// Erasure: takes a person out of the latest state of every table.
//
// Gone are: rows of the person; rows without a person that name the person or an event of the
// person (note_nlp, episode_event, fact_relationship, cost, disputes in eds_conflict); places that
// only the person had. Rows of other persons that name an event of the person (a newborn's note of
// the mother's stay) stay and lose that reference.
// Invariants: one release over every table, copy-on-write, in a turn. Identities and sealed files
// are other zones' matter. Threads: one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lake/progress.h"
#include "lake/warehouse.h"

namespace eds::lake {

struct ErasedTable {
  std::string table;
  std::int64_t erased_rows = 0;
  std::int64_t unlinked_rows = 0;  ///< of others: they lost a reference
};

struct EraseOutcome {
  std::optional<Release> release;  ///< nothing when nothing named the person
  std::vector<ErasedTable> tables;
  /// Rows without a person, left alone, whose reference has the number of an event of the person
  /// and a type that nobody knows here (neither a domain, nor a CDM field of the vocabulary).
  std::int64_t doubtful_rows = 0;
  /// Readable releases from before: they may still hold the rows, until they are vacuumed. A tag
  /// keeps its release, and with it the rows.
  std::vector<std::string> releases_before;
};

Result<EraseOutcome> erase_person(Warehouse& warehouse, std::int64_t person_id,
                                  const std::string& actor, const Watch& watch = {});

}  // namespace eds::lake
