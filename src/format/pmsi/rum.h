// Rum: one medical unit's summary, read from an RSS line of any version, grouped or not.
//
// A stay (RSS) is one or several RUM that share an RSS number. This is what ingestion and the
// coding aid read; Record stays underneath for the rare fields.
//
// Invariants: texts are trimmed views of the line; codes are as written (CIM-10 without its dot).
// Days count from 1970-01-01. What names a person is Identifying<T>. Nothing here allocates.
// Threads: a plain value; the line must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/identifying.h"
#include "format/pmsi/date.h"
#include "format/pmsi/record.h"

namespace eds::pmsi {

/// A number field: spaces mean that nothing was written, which is not zero.
struct Number {
  enum class State : std::uint8_t { Present, Blank, Malformed };
  State state = State::Blank;
  std::uint32_t value = 0;

  bool present() const { return state == State::Present; }
};
Number parse_number(std::string_view digits);

/// The codes of one block: das[i] is trimmed.
class CodeList {
 public:
  CodeList() = default;
  CodeList(const char* first, std::uint32_t count, std::uint16_t bytes)
      : first_(first), count_(count), bytes_(bytes) {}
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  std::string_view operator[](std::size_t index) const;

 private:
  const char* first_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint16_t bytes_ = 8;
};

/// One zone of act. Characters that are one byte in the file are one char here; ' ' means nothing.
struct Act {
  Date date;
  std::string_view code;       ///< CCAM, 7 characters: "DDAF007"
  std::string_view extension;  ///< PMSI extension, "-01" or "" (versions 017, 117 and later)
  char phase = ' ';
  char activity = ' ';
  char documentary_extension = ' ';
  std::string_view modifiers;
  char exceptional_reimbursement = ' ';
  char unplanned_association = ' ';
  Number count;
  char dialysis_start = ' ';           ///< version 023/123
  std::string_view dialysis_modality;  ///< version 023/123
};

enum class ActShape : std::uint8_t { Bytes26, Bytes29, Bytes32 };

class ActList {
 public:
  ActList() = default;
  ActList(const char* first, std::uint32_t count, ActShape shape)
      : first_(first), count_(count), shape_(shape) {}
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  Act operator[](std::size_t index) const;

 private:
  const char* first_ = nullptr;
  std::uint32_t count_ = 0;
  ActShape shape_ = ActShape::Bytes29;
};

struct Rum {
  Record record;
  bool grouped = false;

  // The grouper's answer, on grouped lines.
  std::string_view classification;  ///< version of the classification: "11"
  std::string_view ghm;             ///< "05K061"
  std::string_view grouper_return;  ///< "000"

  std::string_view finess;
  std::string_view rum_version;  ///< "022"
  Identifying<std::string_view> rss_number;
  Identifying<std::string_view> stay_number;  ///< numero administratif de sejour (NAS)
  std::string_view rum_number;
  Identifying<Date> birth_date;
  char sex = ' ';         ///< '1' man, '2' woman, '3' undetermined
  std::string_view unit;  ///< medical unit, as the hospital numbers it
  std::string_view bed_authorisation;
  Date entry;
  char entry_mode = ' ';
  char provenance = ' ';
  Date exit;
  char exit_mode = ' ';
  char destination = ' ';
  Identifying<std::string_view> residence;  ///< postal code, or 99 and the country
  Number weight_g;                          ///< of a newborn, on entry
  Number gestational_age_weeks;
  Date last_menses;
  Number session_count;
  std::string_view dp;
  std::string_view dr;
  Number igs2;
  char coding_confirmed = ' ';
  CodeList das;   ///< associated diagnoses
  CodeList dads;  ///< documentary data
  ActList acts;
};

/// The RUM of a whole Record of kind RssUngrouped or RssGrouped.
Rum read_rum(const Record& record);

}  // namespace eds::pmsi
