// TableScan: every check of one table, counted while its rows pass once.
//
// Checks of concepts are not asked row by row: the scan counts the distinct values of the column,
// and answer() looks each of them up in the vocabulary.
// Invariants: the reference's SQL decides what a violation and a denominator are, joins that double
// rows included (a person with two deaths counts twice). Threads: one thread at a time.
// Source: OHDSI DataQualityDashboard 2.8.4, inst/sql; docs/reference/check.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "engine/session.h"
#include "model/table.h"
#include "uses/quality/count_map.h"
#include "uses/quality/id_set.h"
#include "uses/quality/omop_block.h"
#include "uses/quality/omop_checks.h"
#include "uses/quality/omop_keys.h"

namespace eds::quality {

struct Counts {
  std::int64_t violated = 0;
  std::int64_t denominator = 0;
};

struct ConceptFacts {
  bool is_known = false;
  std::string domain;
  std::string concept_class;
  bool is_standard = false;
  bool is_valid = false;
};
/// Of the concepts that the scans met; the others are unknown to CONCEPT.
using ConceptTable = std::unordered_map<std::int64_t, ConceptFacts>;

/// Persons with a row, of the tables where somebody asks; and those with a condition.
struct SeenPersons {
  std::map<std::string, IdSet, std::less<>> by_table;
  IdSet with_condition;  ///< condition_concept_id is not 0
};

class TableScan {
 public:
  /// `checks` are of one table and outlive the scan, as `keys` do.
  TableScan(const model::Table& table, std::vector<const OmopCheck*> checks, const Keys& keys,
            std::int32_t today);

  Status run(engine::Session& session, SeenPersons& seen);
  /// Distinct concepts met in columns that refer to CONCEPT.
  void add_concepts(ConceptTable& concepts) const;
  /// The counts of checks()[index]; of all kinds but those that ask other tables' persons.
  Counts answer(std::size_t index, const ConceptTable& concepts) const;
  const std::vector<const OmopCheck*>& checks() const { return checks_; }

 private:
  struct ColumnTally {
    std::int64_t missing = 0;
    std::int64_t negative = 0;
    std::int64_t zero = 0;
    bool counts_values = false;
    CountMap values;
  };
  struct GenderTally {
    std::int64_t rows = 0;
    std::int64_t not_male = 0;
    std::int64_t not_female = 0;
  };
  struct UnitTally {
    std::unordered_map<std::int64_t, std::int64_t> rows_by_unit;  ///< kMissing: none
  };
  using Take = std::function<void(const Block&)>;

  void prepare(std::size_t index);
  void prepare_key(std::size_t column, Counts& counts);
  void prepare_reference(const OmopCheck& check, std::size_t column, Counts& counts);
  void prepare_mapped(std::size_t column, std::string_view field, Counts& counts);
  void prepare_values(const OmopCheck& check, std::size_t column, Counts& counts);
  void prepare_bound(const OmopCheck& check, std::size_t column, Counts& counts);
  void prepare_dates(const OmopCheck& check, std::size_t column, Counts& counts);
  void prepare_after(const OmopCheck& check, std::size_t column, Counts& counts);
  void prepare_overlap(Counts& counts);
  void prepare_genders(std::size_t column);
  void prepare_units(std::size_t column);
  void tally(const Block& block);
  void note_persons(const Block& block, SeenPersons& seen) const;
  Counts concept_answer(const OmopCheck& check, const ColumnTally& column,
                        const ConceptTable& concepts) const;
  Counts gender_answer(const OmopCheck& check) const;
  Counts units_answer(const OmopCheck& check) const;

  const model::Table* table_;
  std::vector<const OmopCheck*> checks_;
  const Keys* keys_;
  std::int32_t today_;
  Block block_;
  std::int64_t row_count_ = 0;
  std::size_t person_column_;
  std::vector<ColumnTally> columns_;
  std::vector<std::unique_ptr<Counts>> counts_;  ///< as checks_; filled by takes_
  std::vector<Take> takes_;
  std::vector<std::function<void()>> ends_;
  std::unordered_map<std::int64_t, GenderTally> genders_;
  std::unordered_map<std::int64_t, UnitTally> units_;
};

}  // namespace eds::quality
