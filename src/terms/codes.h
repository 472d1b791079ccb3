// Shapes of the codes French hospitals use, brought to one spelling.
//
// Invariants: a normalised code is upper case, without spaces, and valid in shape; whether it
// exists is the terminology's business. Normalising twice is normalising once. What has another
// shape is Code::Malformed: codes are not guessed.
// Threads: free functions without state.
// Sources: CIM-10 FR PMSI (ATIH), CCAM, Regenstrief LOINC (check digit), WHO ATC, CIP/UCD 13.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace eds::terms {

/// "A00.0", "a000 ", "A00.0*" -> "A000"; at most 8 characters, ATIH's '+' extensions kept.
Result<std::string> normalise_cim10(std::string_view code);
/// The same code for people: "A000" -> "A00.0".
std::string show_cim10(std::string_view normalised);

/// "hhfa001", "HHFA001-01" and "HHFA00101" (PMSI extension) -> "HHFA001".
Result<std::string> normalise_ccam(std::string_view code);

/// "2823-3" -> the same; the check digit must be right (Luhn, modulus 10). Answers, parts, lists
/// and groups ("LA18436-8", "LP...", "LL...", "LG...") are checked in shape only.
Result<std::string> normalise_loinc(std::string_view code);

/// "n02be01" -> "N02BE01"; levels of 1, 3, 4, 5 and 7 characters.
Result<std::string> normalise_atc(std::string_view code);
/// 1 to 5 for a normalised code.
std::int32_t atc_level(std::string_view normalised);

/// UCD of 7 digits, or of 13 (34008, the 7 digits, an EAN check digit) -> the 7 digits.
Result<std::string> normalise_ucd(std::string_view code);

}  // namespace eds::terms
