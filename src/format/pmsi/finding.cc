#include "format/pmsi/finding.h"

#include <array>

namespace eds::pmsi {
namespace {

struct Entry {
  FindingCode code;
  Severity severity;
  std::string_view word;
  std::string_view reason;
};

constexpr Severity E = Severity::Error;
constexpr Severity W = Severity::Warning;
using enum FindingCode;

constexpr std::array kEntries{
    Entry{LineTooLong, E, "line-too-long", "the line is longer than any record can be"},
    Entry{NulByte, E, "nul-byte", "the line holds a NUL byte: the file is binary or damaged"},
    Entry{EmptyLine, W, "empty-line", "the line is empty"},
    Entry{UnknownVersion, E, "unknown-version",
          "the record announces no version that this program knows"},
    Entry{TooShort, E, "too-short", "the line is shorter than its version and counts ask for"},
    Entry{TooLong, E, "too-long", "the line is longer than its version and counts ask for"},
    Entry{TrailingSpaces, W, "trailing-spaces", "spaces follow the end of the record"},
    Entry{CountNotNumeric, E, "count-not-numeric",
          "a count is not a number, so that the blocks cannot be told apart"},
    Entry{CountBlank, W, "count-blank", "a count is blank and was read as zero"},
    Entry{LayoutAsPrinted2026, W, "layout-as-printed-2026",
          "the record follows the 023 sheet as printed, where position 180 is given twice"},
    Entry{VersionsDisagree, W, "versions-disagree",
          "the version of the RSS and the version of its RUM are not of the same year"},
    Entry{CountsDisagree, W, "counts-disagree",
          "the counts of the RUM do not add up to the counts of the stay"},
    Entry{RequiredMissing, W, "required-missing", "a field that must be filled is blank"},
    Entry{NotNumeric, W, "not-numeric", "a number field holds something else than digits"},
    Entry{NotAlphanumeric, W, "not-alphanumeric",
          "a code field holds something else than letters and digits"},
    Entry{DateMissing, E, "date-missing", "a date that the record cannot do without is blank"},
    Entry{DateMalformed, E, "date-malformed", "a date is not eight digits"},
    Entry{DateImpossible, E, "date-impossible", "a date is no day of the calendar"},
    Entry{CodeUnknown, W, "code-unknown", "the code is not in the list of this field"},
    Entry{DiagnosisMissing, E, "diagnosis-missing", "the principal diagnosis is empty"},
    Entry{DiagnosisMalformed, W, "diagnosis-malformed", "the code has not the shape of CIM-10"},
    Entry{ActCodeMalformed, W, "act-code-malformed", "the code has not the shape of CCAM"},
    Entry{ActDateMissing, W, "act-date-missing", "the act has no date"},
    Entry{ActOutsideRum, W, "act-outside-rum", "the act is dated outside the stay in the unit"},
    Entry{ActActivityMalformed, W, "act-activity-malformed", "the activity is not 1 to 5"},
    Entry{ActPhaseMalformed, W, "act-phase-malformed", "the phase is not a digit"},
    Entry{ActCountZero, W, "act-count-zero", "the act was done no time at all"},
    Entry{ExitBeforeEntry, E, "exit-before-entry", "the stay ends before it begins"},
    Entry{BirthAfterEntry, E, "birth-after-entry", "the stay begins before the birth"},
    Entry{AgeImplausible, W, "age-implausible", "the patient would be older than 130 years"},
    Entry{WeightMissing, W, "weight-missing",
          "the patient is less than 29 days old and has no weight on entry"},
    Entry{ProvenanceMissing, W, "provenance-missing", "this entry mode asks for a provenance"},
    Entry{DestinationMissing, W, "destination-missing", "this exit mode asks for a destination"},
    Entry{FinessKeyWrong, W, "finess-key-wrong", "the FINESS number does not agree with its key"},
    Entry{NirKeyWrong, W, "nir-key-wrong", "the NIR is malformed or does not agree with its key"},
    Entry{GhmMalformed, W, "ghm-malformed", "the code has not the shape of a GHM"},
    Entry{GrouperReturnedError, W, "grouper-returned-error",
          "the official grouper returned an error for this stay"},
    Entry{ResidenceMalformed, W, "residence-malformed", "the residence code is not five digits"},
    Entry{StayGap, W, "stay-gap", "days are missing between two RUM of the stay"},
    Entry{StayOverlap, W, "stay-overlap", "the RUM begins before the one before it ends"},
    Entry{StayMutationEntry, W, "stay-mutation-entry",
          "the entry mode does not agree with the place of the RUM in the stay"},
    Entry{StayMutationExit, W, "stay-mutation-exit",
          "the exit mode does not agree with the place of the RUM in the stay"},
    Entry{StayBirthDateDiffers, E, "stay-birth-date-differs",
          "the RUM of the stay do not agree on the birth date"},
    Entry{StaySexDiffers, E, "stay-sex-differs", "the RUM of the stay do not agree on the sex"},
    Entry{StayNumberDiffers, E, "stay-number-differs",
          "the RUM of the stay do not have the same administrative number"},
    Entry{StayRumNumberTwice, E, "stay-rum-number-twice", "two RUM of the stay have one number"},
    Entry{StayGhmDiffers, W, "stay-ghm-differs", "the RUM of the stay do not have the same GHM"},
};
static_assert(kEntries.size() == kFindingCodeCount);

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i) {
    if (static_cast<std::size_t>(kEntries[i].code) != i) return false;
  }
  return true;
}
static_assert(in_order(), "one entry for each code, in the order of the codes");

const Entry& entry(FindingCode code) {
  return kEntries[static_cast<std::size_t>(code)];
}

}  // namespace

std::string_view code_word(FindingCode code) {
  return entry(code).word;
}
std::string_view reason(FindingCode code) {
  return entry(code).reason;
}
Severity severity_of(FindingCode code) {
  return entry(code).severity;
}

}  // namespace eds::pmsi
