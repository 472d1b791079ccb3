// SummaryRows: what every PMSI summary says of a stay, as OMOP rows: its parts (visit_detail), its
// diagnoses with their role, its acts, and every other fact as an observation with the field's
// name.
//
// Invariants: codes go in as received. A field that names a person never goes in: only fields that
// the layout calls Plain are read here. A row is written under the record key of its record.
// Threads: one thread at a time, that of the Load.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/pmsi/date.h"
#include "format/pmsi/record.h"
#include "govern/identity_store.h"
#include "ingest/load.h"
#include "model/rows.h"

namespace eds::ingest::pmsi {

/// Where the rows of a record belong.
struct SummaryPlace {
  govern::PersonId person = 0;
  govern::VisitId visit = 0;
  govern::DetailId detail = 0;  ///< 0: the stay as a whole
  std::int64_t care_site = 0;   ///< 0: not said
  std::int64_t day = 0;
  std::int64_t end_day = 0;
  std::int64_t visit_concept = 0;
  Provenance from;
};

/// An act as its block has it; what the block lacks stays empty.
struct SummaryAct {
  std::string_view vocabulary;  ///< "CCAM", "CSARR", "CSAR", "EDGAR", "NABM"
  std::string_view code;
  std::optional<std::int64_t> day;  ///< nothing: that of the place
  std::optional<std::int64_t> count;
  std::string_view phase, activity, extension, documentary_extension;
  std::string modifiers;
  std::string_view exceptional_reimbursement, unplanned_association;
};

/// The trimmed text of a Plain field of the fixed part; empty when the version lacks it.
std::string_view text_of(const eds::pmsi::Record& record, std::string_view field);
/// The day of a date field; nothing when it is blank, malformed or impossible.
std::optional<std::int64_t> day_of(const eds::pmsi::Record& record, std::string_view field);
std::optional<std::int64_t> number_of(std::string_view digits);

/// A block of a record, read by the names of its fields.
class BlockView {
 public:
  /// Of no repetition when the layout has no such block.
  BlockView(const eds::pmsi::Record& record, std::string_view name);
  std::size_t size() const { return count_; }
  /// Trimmed; empty when the version lacks the field.
  std::string_view text(std::size_t index, std::string_view field) const;
  std::optional<std::int64_t> day(std::size_t index, std::string_view field) const;

 private:
  const eds::pmsi::Record* record_;
  std::size_t block_ = 0;
  std::size_t count_ = 0;
};

class SummaryRows {
 public:
  static Result<SummaryRows> open(Load& load, FeedFile& file);

  Status detail(const SummaryPlace& place, std::string_view unit, std::string_view admitted,
                std::string_view discharged);
  /// Nothing is written for a blank code. Roles "DP" and "MMP" are primary diagnoses.
  Status condition(std::string_view code, std::string_view role, const SummaryPlace& place);
  /// One condition for each repetition of `block`.
  Status conditions(const eds::pmsi::Record& record, std::string_view block, std::string_view role,
                    const SummaryPlace& place);
  /// The procedure_occurrence_id of the row.
  Result<std::int64_t> act(const SummaryAct& act, const SummaryPlace& place);
  /// One CCAM act for each repetition of `block`.
  Status ccam(const eds::pmsi::Record& record, std::string_view block, const SummaryPlace& place);
  /// The observation_id of the row, or 0 when the value is blank: then nothing is written.
  /// `event` is the row of another table that it speaks of, or 0.
  Result<std::int64_t> fact(std::string_view what, std::string_view qualifier,
                            std::string_view value, std::optional<double> number,
                            const SummaryPlace& place, std::int64_t event = 0);
  /// Every Plain field that says something and is not in `told` (fields that have a column).
  Status facts(const eds::pmsi::Record& record, std::span<const std::string_view> told,
               std::string_view qualifier, const SummaryPlace& place, std::int64_t event = 0);
  /// The same for one repetition of a block; facts are named "block.field".
  Status block_facts(const eds::pmsi::Record& record, std::string_view block, std::size_t index,
                     std::span<const std::string_view> told, std::string_view qualifier,
                     const SummaryPlace& place, std::int64_t event = 0);
  /// A further table for readers that write rows of their own; its rows are counted too.
  Result<model::RowWriter*> rows(const char* table);
  /// Looks a code up and counts it when it has no concept.
  Result<Mapped> map(std::string_view vocabulary, std::string_view code);
  /// Adds the counts to the file's report.
  Status finish();

 private:
  SummaryRows(Load& load, FeedFile& file) : load_(&load), file_(&file) {}
  Status field_fact(const eds::pmsi::Field& field, std::string_view name, std::string_view text,
                    std::string_view qualifier, const SummaryPlace& place, std::int64_t event);

  Load* load_;
  FeedFile* file_;
  model::RowWriter* details_ = nullptr;
  model::RowWriter* conditions_ = nullptr;
  model::RowWriter* acts_ = nullptr;
  model::RowWriter* observations_ = nullptr;
  std::map<std::string, std::uint64_t> before_;
};

}  // namespace eds::ingest::pmsi
