// Letters of ASCII, whatever the locale says.
//
// Invariants: bytes above 127 (UTF-8, Latin-1) stay as they are. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace eds {

constexpr char lower_ascii(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

inline std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = lower_ascii(letter);
  return lower;
}

}  // namespace eds
