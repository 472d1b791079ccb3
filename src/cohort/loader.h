// Loads a Store and a Vocabulary from the tables of a CDM, wherever they are.
//
// Invariants: only what the plans ask is read: their kinds of events, their columns, the concepts
// of their sets. Threads: one thread at a time.
// Source: OMOP CDM 5.4; docs/reference/cohort.md for the default ends.
#pragma once

#include <bitset>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "cohort/plan.h"
#include "cohort/store.h"
#include "cohort/vocabulary.h"

namespace eds::cohort {

/// Some rows of a table, column by column. Each call fills `into`, one value a row.
class RowBlock {
 public:
  virtual ~RowBlock() = default;
  virtual std::size_t row_count() const = 0;
  /// Integers and dates (as days); kMissing where there is none.
  virtual void read_integers(std::size_t column, std::vector<std::int64_t>& into) const = 0;
  /// Numbers; NaN where there is none.
  virtual void read_decimals(std::size_t column, std::vector<double>& into) const = 0;
  virtual void read_texts(std::size_t column, TextColumn& into) const = 0;  ///< appends
  /// Dates with times, as seconds since 1970; kMissing where there is none.
  virtual void read_moments(std::size_t column, std::vector<std::int64_t>& into) const = 0;
};

class TableSource {
 public:
  virtual ~TableSource() = default;
  /// Gives every row of `table`, in blocks. A table that does not exist has no rows.
  virtual Status read(std::string_view table, const std::vector<std::string_view>& columns,
                      const std::function<void(const RowBlock&)>& take) = 0;
};

/// What plans ask of the data.
struct Needs {
  std::array<std::bitset<kFieldCount>, kDomainCount> fields;
  std::bitset<kDomainCount> domains;
  std::bitset<kDomainCount> moments;  ///< times of day
  bool traits = false;

  void add(const Plan& plan);
  void add(const EventQuery& query);
  void add(const GroupPlan& group);
  void add(const CorrelatedPlan& criteria);
  void add(const TrendPlan& trend);
  void add(const SequencePlan& sequence);
};

/// The rows of one kind of event, in the order of the source; the fields that lie behind another
/// table's id (VisitConcept, Specialty, PlaceOfService) hold that id.
Result<RawEvents> read_events(TableSource& source, Domain domain,
                              const std::bitset<kFieldCount>& fields, bool with_moments = false);

using Lookup = std::unordered_map<std::int64_t, std::int64_t>;
/// `value` by `key`; of keys that repeat, the first.
Result<Lookup> read_lookup(TableSource& source, std::string_view table, std::string_view key,
                           std::string_view value);

Result<Store> load_store(TableSource& source, const Needs& needs);
Result<Vocabulary> load_vocabulary(TableSource& source);

}  // namespace eds::cohort
