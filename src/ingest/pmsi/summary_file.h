// SummaryFile: a LineFile of one family of summaries (RSA, RHS, RPS, RPSS, ...): each line is read
// by the version that it carries, checked, and given to the family's mapping.
//
// Invariants: a line that is not whole, or has a finding that is an Error, goes to the quarantine
// with the field and the reason; an unknown version is named there beside the known ones.
// Threads: one thread at a time, that of the Load.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "format/pmsi/check.h"
#include "format/pmsi/record.h"
#include "ingest/people.h"
#include "ingest/pmsi/line_file.h"
#include "ingest/pmsi/summary_rows.h"

namespace eds::ingest::pmsi {

class SummaryFile : public LineFile {
 protected:
  /// What take_record() is given besides the record.
  struct Context {
    Load& load;
    FeedFile& file;
    const eds::pmsi::Line& line;

    Provenance provenance() const;
  };

  /// The kinds of record that the file may hold.
  virtual std::span<const eds::pmsi::Kind> kinds() const = 0;
  virtual Status take_record(const Context& context, const eds::pmsi::Record& record) = 0;
  /// Chooses the kind by the version that the line carries. RSF lines carry none: it overrides.
  virtual eds::pmsi::Parsed parse_line(std::string_view line);

  Status begin(Load& load, FeedFile& file) override;
  Status take(Load& load, FeedFile& file, const eds::pmsi::Line& line) final;
  Status finish(Load& load, FeedFile& file) override;

  SummaryRows& rows() { return *rows_; }
  /// Says that the record so named stands on this line: what it wrote before is superseded.
  static Result<Provenance> begin_record(const Context& context, const std::string& natural_key);
  /// `key` with the count of its repetitions in this file behind it: two equal lines are two uses.
  std::string repeated(std::string key);
  static Status refuse(const Context& context, std::string_view field, std::string_view code,
                       std::string_view reason);
  static Status refuse_identifier(const Context& context, std::string_view field);
  /// What RHS, RPS, RPSS and RSF say of the person: sex, birth date, residence.
  static PersonClaim person_of(const eds::pmsi::Record& record, govern::PersonId person);
  /// Who the person is and what the stay was, as the fixed part of RPS and RPSS says it.
  static Status claim_stay(Load& load, const eds::pmsi::Record& record, const SummaryPlace& place);

 private:
  std::string why_not(const eds::pmsi::Parsed& parsed, std::string_view line) const;

  eds::pmsi::Checker checker_;
  std::optional<SummaryRows> rows_;
  std::map<std::string, int> times_;
};

/// "RHS M1C": what the observations of a record say they come from.
std::string qualifier_of(const eds::pmsi::Record& record, std::string_view word);

}  // namespace eds::ingest::pmsi
