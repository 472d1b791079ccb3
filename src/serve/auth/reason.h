// The fixed words of an error of this room, for the operator's log.
//
// Invariants: what follows a colon (values) is left out. Threads: pure functions.
#pragma once

#include <algorithm>

#include "base/log.h"
#include "base/result.h"

namespace eds::serve {

inline log::Label reason_label(const Error& error) {
  std::string words = error.message.substr(0, error.message.find(':'));
  std::replace(words.begin(), words.end(), ' ', '-');
  return log::Label(words);
}

}  // namespace eds::serve
