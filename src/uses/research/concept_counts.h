// ConceptCounts: how many records and persons carry each concept of a release, itself and with its
// descendants, in all and per year.
//
// A record counts for its standard concept and for its source concept, once when they are the same.
// Concept 0 counts what is mapped to nothing. Eras are not counted: they repeat their records.
// A descendant is what CONCEPT_ANCESTOR says, and the concept itself.
//
// Invariants: counted once per release into W/derived/concepts/rN.db, and read from there; the file
// appears whole or not at all. They are the warehouse's true counts, for its owner: may_read() is
// the one place that lets anybody read them, and where protected counts take their turn.
// Threads: one at a time. Bytes on disk: docs/internals/formats/concept-counts.md.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "lake/warehouse.h"
#include "sqlite/sqlite.h"

namespace eds::research {

struct ConceptCount {
  std::int64_t records = 0;
  std::int64_t persons = 0;
  std::int64_t records_below = 0;  ///< of the concept and its descendants
  std::int64_t persons_below = 0;
};

struct YearCount {
  std::int64_t year = 0;
  ConceptCount count;
};

class ConceptCounts {
 public:
  /// Counts the release first when nobody did.
  static Result<ConceptCounts> of(engine::Engine& engine, lake::Warehouse& warehouse,
                                  const engine::Scan& scan, const engine::Budget& budget);

  /// All zero for a concept that no record carries.
  Result<ConceptCount> count(std::int64_t concept_id);
  /// By year; years without a record are left out.
  Result<std::vector<YearCount>> years(std::int64_t concept_id);

  /// Code::Refused but for the owner: others are shown protected counts (not made here yet).
  static Status may_read(const engine::Scan& scan);

 private:
  explicit ConceptCounts(std::unique_ptr<sqlite::Database> database)
      : database_(std::move(database)) {}
  std::unique_ptr<sqlite::Database> database_;
};

}  // namespace eds::research
