#include "format/pmsi/codes.h"

#include <cstddef>

namespace eds::pmsi {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

}  // namespace

bool looks_like_cim10(std::string_view code) {
  if (code.size() < 3 || code.size() > 6) return false;
  if (!is_letter(code[0]) || !is_digit(code[1]) || !is_digit(code[2])) return false;
  int plus_count = 0;
  for (std::size_t i = 3; i < code.size(); ++i) {
    if (code[i] == '+') {
      ++plus_count;
    } else if (!is_digit(code[i])) {
      return false;
    }
  }
  return plus_count <= 1 && code.back() != '+';
}

bool looks_like_ccam(std::string_view code) {
  if (code.size() != 7) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (!is_letter(code[i])) return false;
  }
  for (std::size_t i = 4; i < 7; ++i) {
    if (!is_digit(code[i])) return false;
  }
  return true;
}

bool looks_like_ghm(std::string_view code) {
  return code.size() == 6 && is_digit(code[0]) && is_digit(code[1]) && is_letter(code[2]) &&
         is_digit(code[3]) && is_digit(code[4]) && (is_digit(code[5]) || is_letter(code[5]));
}

}  // namespace eds::pmsi
