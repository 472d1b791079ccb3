// RsfReader: which of the invoice layouts a line follows.
//
// An RSF line carries a letter and no version. Its length, behind that letter, tells whether it
// names an RSS (MCO, 167 to 257 bytes), an entry number (SMR, PSY, HAD) or an outpatient act (ACE);
// but H, L, M and P are as long in the last two. Such a line is of the family of the lines before
// it (every invoice begins with its A line), or, when it has none before it, of the family under
// which the insured person's NIR agrees with its key.
//
// Threads: one thread at a time; a reader for each file.
// Source: ATIH, RSF sheets of MCO 2026 and of SMR, PSY and HAD 2024.
#pragma once

#include <optional>
#include <string_view>

#include "format/pmsi/record.h"

namespace eds::pmsi {

class RsfReader {
 public:
  /// Not whole, with UnknownVersion and the field "type": the letter is none of ours. With
  /// CodeUnknown: nothing tells which of two layouts the line follows.
  Parsed parse(std::string_view line);

 private:
  std::optional<Kind> family_;  ///< of the last line that only one layout explained
};

}  // namespace eds::pmsi
