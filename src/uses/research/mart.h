// The data store of a project (EDS-Recherche): a warehouse of its own with the permitted persons,
// tables and columns of one release, under the project's pseudonyms and shifted dates.
//
// Invariants: rows come through the session and so through its scope: who is not in the scope is
// not in the store, and who left it is gone after the next refresh. A refresh is one release of the
// store that replaces all rows; the same core release, permit and key give the same rows. No id,
// date or text of the core stands in the store but those mart_columns.h keeps.
// Threads: one at a time. Memory: bounded by the loader's.
// Source: requirements PSE-2, PSE-5, PSE-6, PSE-10, ESP-2, OPP-1.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "govern/permit.h"
#include "govern/pseudonym.h"
#include "govern/scope_persons.h"
#include "lake/loader.h"
#include "lake/warehouse.h"

namespace eds::research {

struct MartOptions {
  /// Whose year bounds the ages: the core release's time.
  std::int64_t reference_us = 0;
  std::uint64_t memory_bytes_max = std::uint64_t{4} << 30;
  int threads = 2;
  /// Only these persons of the scope; nullptr: all of them. Must outlive the refresh.
  const govern::PersonSet* population = nullptr;
  std::string note;  ///< kept with the release of the store
};

struct MartTable {
  std::string table;
  std::int64_t row_count = 0;
};

/// Persons who share sex and year of birth with few others of the store (PSE-6).
struct ClassSizes {
  std::int64_t smallest = 0;
  std::int64_t persons_below_11 = 0;  ///< in classes of fewer than 11
};

struct MartOutcome {
  lake::Release release;
  std::int64_t person_count = 0;
  std::vector<MartTable> tables;
  ClassSizes classes;
};

/// Called now and then with the table being written and its rows so far; false stops the refresh.
using MartProgress = std::function<bool(const std::string& table, std::int64_t rows)>;

/// Code::Usage when the permit names a table or column that no store can hold.
Status check_columns(const govern::PermitColumns& permitted);

/// Code::Usage when the permit names a table or column that no store can hold. Code::Conflict when
/// two persons share a pseudonym: draw a new key.
Result<MartOutcome> refresh_mart(engine::Session& core, const govern::Permit& permit,
                                 const govern::Pseudonymiser& pseudonyms, lake::Warehouse& mart,
                                 const MartOptions& options, const MartProgress& progress);

}  // namespace eds::research
