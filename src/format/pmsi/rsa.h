// Rsa: the anonymous summary of a stay, as the ATIH's software puts it out (versions 218-229).
//
// An RSA has no date of birth and no date of act: ages, and the delay of each act from admission.
// All RUM blocks come first, then the diagnoses of all RUM, then the acts of all RUM; each RUM
// block says how many are its own.
//
// Invariants: views point into the line; nothing here allocates. Threads: plain values.
#pragma once

#include <cstdint>
#include <string_view>

#include "format/pmsi/record.h"
#include "format/pmsi/rum.h"

namespace eds::pmsi {

struct RsaAct {
  Number delay_days;  ///< from admission; Blank when the act had no date
  std::string_view code;
  std::string_view extension;
  char phase = ' ';
  char activity = ' ';
  char documentary_extension = ' ';
  std::string_view modifiers;
  Number count;
};

struct RsaRum {
  std::string_view unit_finess;
  std::string_view dp;
  std::string_view dr;
  Number length_days;
  std::string_view authorisation;
  std::uint32_t first_da = 0;  ///< index in the RSA's diagnoses
  std::uint32_t da_count = 0;
  std::uint32_t first_act = 0;
  std::uint32_t act_count = 0;
};

struct Rsa {
  Record record;
  std::string_view version;
  std::string_view finess;
  std::string_view index;     ///< number of the RSA in its file; the key of the TRA file
  std::string_view ghm_read;  ///< six characters: "05K061"
  std::string_view ghm;       ///< as GENRSA grouped it again
  std::string_view return_code;
  Number age_years;
  Number age_days;
  char sex = ' ';
  char entry_mode = ' ';
  char provenance = ' ';
  Number exit_month;
  Number exit_year;
  char exit_mode = ' ';
  char destination = ' ';
  Number length_days;
  std::string_view geographic_code;
  Number weight_g;
  Number session_count;
  std::string_view ghs;
  std::string_view dp;
  std::string_view dr;
  CodeList das;
  std::uint32_t rum_count = 0;
  std::uint32_t act_count = 0;

  RsaAct act(std::size_t index) const;
  /// Adds up the counts of the RUM before it: O(index).
  RsaRum rum(std::size_t index) const;
};

/// The RSA of a whole Record of that kind.
Rsa read_rsa(const Record& record);

}  // namespace eds::pmsi
