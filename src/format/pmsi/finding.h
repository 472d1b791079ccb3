// Finding: what is wrong, or doubtful, in one record or one stay.
//
// Invariants: a Finding holds the line, a field's name and a closed code, and never a value: no
// stay number, NIR, birth date or IPP can leave through it. An Error means that the record must go
// to the quarantine; a Warning, that it can be loaded and should be shown to the coders.
// Threads: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace eds::pmsi {

enum class Severity : std::uint8_t { Warning, Error };

enum class FindingCode : std::uint8_t {
  // The line.
  LineTooLong,
  NulByte,
  EmptyLine,
  UnknownVersion,
  TooShort,
  TooLong,
  TrailingSpaces,
  CountNotNumeric,
  CountBlank,
  LayoutAsPrinted2026,
  VersionsDisagree,
  CountsDisagree,
  // A field.
  RequiredMissing,
  NotNumeric,
  NotAlphanumeric,
  DateMissing,
  DateMalformed,
  DateImpossible,
  CodeUnknown,
  DiagnosisMissing,
  DiagnosisMalformed,
  ActCodeMalformed,
  ActDateMissing,
  ActOutsideRum,
  ActActivityMalformed,
  ActPhaseMalformed,
  ActCountZero,
  ExitBeforeEntry,
  BirthAfterEntry,
  AgeImplausible,
  WeightMissing,
  ProvenanceMissing,
  DestinationMissing,
  FinessKeyWrong,
  NirKeyWrong,
  GhmMalformed,
  GrouperReturnedError,
  ResidenceMalformed,
  // The RUM of one stay, together.
  StayGap,
  StayOverlap,
  StayMutationEntry,
  StayMutationExit,
  StayBirthDateDiffers,
  StaySexDiffers,
  StayNumberDiffers,
  StayRumNumberTwice,
  StayGhmDiffers,
};
inline constexpr std::size_t kFindingCodeCount = 47;

struct Finding {
  std::uint64_t line = 0;  ///< 1-based
  std::string_view field;  ///< name in the layout, or ""; lives as long as the program
  FindingCode code{};
  Severity severity = Severity::Error;
  std::uint16_t block_index = 0;  ///< which repetition (from 0), for a field of a block
};

/// The stable word for a code: "date-impossible", "exit-before-entry", ...
std::string_view code_word(FindingCode code);

/// What it means and what to do, one English sentence.
std::string_view reason(FindingCode code);

/// What each code is worth; a few are warnings by nature (missing act date, wrong FINESS key).
Severity severity_of(FindingCode code);

}  // namespace eds::pmsi
