// ResultLines: a batch of a laboratory's CSV with everything read off it that needs neither the
// identities nor the lake: the identifiers, the time, the numbers, what is missing.
//
// Invariants: parse() depends on the batch alone, so it gives the same in any thread. Views point
// into the batch. Fields are trimmed bytes; encodings are the mapper's business.
// Threads: a ResultParser never changes; parse() may run in many threads, on a batch each.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "format/csv/row_batch.h"
#include "format/text/dates.h"
#include "format/text/numbers.h"
#include "ingest/labs/number_table.h"

namespace eds::ingest::labs {

/// The columns of a laboratory's CSV that make rows, in the order of a batch's chosen columns.
enum class Role : std::uint8_t {
  Ipp,
  Nda,
  Time,
  Code,
  Value,
  Unit,
  RangeLow,
  RangeHigh,
  Flag,
  RecordId
};
inline constexpr std::size_t kRoleCount = 10;

enum class Verdict : std::uint8_t {
  Good,
  NoRow,  ///< the batch's bad() says why
  IdentifierMissing,
  TimeMalformed,
  CodeMissing,
};

struct ResultLine {
  Verdict verdict = Verdict::Good;
  bool is_utf8 = true;
  text::Comparator comparator = text::Comparator::Equal;
  std::string_view ipp, nda, code, value, unit, flag, record_id;
  std::uint64_t person_hash = 0;  ///< of the IPP, or of the NDA when there is none
  std::uint64_t stay_hash = 0;
  std::uint64_t use_hash = 0;  ///< of code and unit
  std::int64_t time_us = 0;
  std::int64_t day = 0;
  std::optional<double> number, low, high;  ///< in the unit received
};

struct ResultBatch {
  explicit ResultBatch(std::vector<std::size_t> columns) : rows(std::move(columns)) {}
  csv::RowBatch rows;
  std::vector<ResultLine> lines;  ///< one a row
};

class ResultParser {
 public:
  explicit ResultParser(const text::DatePattern& pattern) : pattern_(pattern) {}
  void parse(ResultBatch& batch) const;

 private:
  text::DatePattern pattern_;
};

}  // namespace eds::ingest::labs
