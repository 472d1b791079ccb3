// Shapes of the codes that PMSI records carry: CIM-10, CCAM, GHM.
//
// Invariants: a shape says that a code could exist, not that it does: that is for the
// terminologies, at the date of the stay. Codes come trimmed, without the dot of CIM-10.
// Threads: pure functions.
#pragma once

#include <string_view>

namespace eds::pmsi {

/// A letter, two digits, then at most three digits or '+' ("I10", "Z3900", "B24+9").
bool looks_like_cim10(std::string_view code);

/// Four letters and three digits: "DDAF007".
bool looks_like_ccam(std::string_view code);

/// Category (two digits), type (a letter), number (two digits), severity: "05K061", "28Z04Z".
bool looks_like_ghm(std::string_view code);

}  // namespace eds::pmsi
