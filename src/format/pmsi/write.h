// Writing PMSI records: values and blocks to the exact bytes of a line, in any version.
//
// Invariants: what a Draft writes, parse() reads back, field by field; a Record copied into a Draft
// comes out byte for byte. A value that does not fit its field is refused, never cut.
// Threads: a Draft from one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "format/pmsi/date.h"
#include "format/pmsi/record.h"

namespace eds::pmsi {

/// One record of any kind and version being written. Unset fields are blank; counts and the version
/// fill themselves.
class Draft {
 public:
  explicit Draft(const Layout& layout);
  /// Every field and block of `record`, as they are.
  static Draft copy_of(const Record& record);

  /// Pads the value as its field wants: left with spaces, right with zeros. "" leaves it blank.
  /// Refuses what is too long, an unknown name, and a digit field given anything else.
  Status set(std::string_view field_name, std::string_view value);
  Status set(std::size_t field_index, std::string_view value);
  Status set_number(std::string_view field_name, std::uint64_t value);
  Status set_date(std::string_view field_name, Day day);

  /// Appends one repetition of a block, blank; gives its index.
  Result<std::size_t> add_block(std::string_view block_name);
  Status set_in_block(std::string_view block_name, std::size_t index, std::string_view field_name,
                      std::string_view value);

  /// The line, without its end. Refuses more blocks than the count field can say.
  Result<std::string> line() const;

 private:
  const Layout* layout_;
  std::string fixed_;
  std::vector<std::string> blocks_;  // one string of repetitions for each block of the layout
  bool copied_ = false;              // copy_of() made it: blank counts stay blank
};

/// An act as the caller has it; `date` may be absent.
struct ActDraft {
  std::optional<Day> date;
  std::string code;
  std::string extension;
  char phase = '0';
  char activity = '1';
  char documentary_extension = ' ';
  std::string modifiers;
  char exceptional_reimbursement = ' ';
  char unplanned_association = ' ';
  std::uint32_t count = 1;
  char dialysis_start = ' ';
  std::string dialysis_modality;
};

/// A RUM as the caller has it: the usual fields. What is absent is written blank.
struct RumDraft {
  std::string classification = "11";  ///< grouped only, as are the next two
  std::string ghm;
  std::string grouper_return = "000";
  std::string finess;
  std::string rss_number;
  std::string stay_number;
  std::string rum_number = "001";
  std::optional<Day> birth_date;
  char sex = ' ';
  std::string unit;
  std::string bed_authorisation;
  std::optional<Day> entry;
  char entry_mode = ' ';
  char provenance = ' ';
  std::optional<Day> exit;
  char exit_mode = ' ';
  char destination = ' ';
  std::string residence;
  std::optional<std::uint32_t> weight_g;
  std::optional<std::uint32_t> gestational_age_weeks;
  std::optional<Day> last_menses;
  std::uint32_t session_count = 0;
  std::string dp;
  std::string dr;
  std::optional<std::uint32_t> igs2;
  char coding_confirmed = ' ';
  std::vector<std::string> das;
  std::vector<std::string> dads;
  std::vector<ActDraft> acts;
};

/// Appends the line of `rum` and `line_end` to `out`. `version` is "016".."023" or "115".."123" and
/// says by itself whether the line is grouped.
Status append_rum(std::string& out, const RumDraft& rum, std::string_view version,
                  std::string_view line_end = "\r\n");

struct VidHospDraft {
  std::string insured_nir;
  std::string insured_nir_key;
  std::string nir;
  std::string nir_key;
  std::string ins;
  std::string ipp;
  std::string stay_number;
  std::string mother_stay_number;
  std::string scheme = "01";
  std::string finess;
  std::optional<Day> birth_date;
  char sex = ' ';
  std::optional<std::uint32_t> birth_rank;
  std::optional<Day> entry;
  std::optional<Day> exit;
};

/// `version` is "V011".."V016"; a field that the version lacks is left out.
Status append_vid_hosp(std::string& out, const VidHospDraft& vid_hosp, std::string_view version,
                       std::string_view line_end = "\r\n");
Status append_hosp_pmsi(std::string& out, std::string_view rss_number, std::string_view stay_number,
                        std::string_view line_end = "\r\n");

}  // namespace eds::pmsi
