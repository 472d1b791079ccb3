#include "terms/codes.h"

#include <algorithm>

#include "format/text/numbers.h"

namespace eds::terms {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

std::string upper(std::string_view code) {
  std::string out(text::trim(code));
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  }
  return out;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

Error malformed(const char* what) {
  return Error{Code::Malformed, what};
}

}  // namespace

Result<std::string> normalise_cim10(std::string_view code) {
  std::string out = upper(code);
  for (const std::string_view mark : {"*", "\xE2\x80\xA0"}) {  // asterisk and dagger
    if (out.ends_with(mark)) out.resize(out.size() - mark.size());
  }
  if (out.size() > 3 && out[3] == '.') out.erase(3, 1);
  const bool shape = out.size() >= 3 && out.size() <= 8 && is_letter(out[0]) && is_digit(out[1]) &&
                     is_digit(out[2]);
  if (!shape) return malformed("code has not the shape of a CIM-10 code");
  for (const char c : std::string_view(out).substr(3)) {
    if (!is_digit(c) && !is_letter(c) && c != '+') {
      return malformed("code has not the shape of a CIM-10 code");
    }
  }
  return out;
}

std::string show_cim10(std::string_view normalised) {
  std::string out(normalised);
  if (out.size() > 3) out.insert(3, 1, '.');
  return out;
}

Result<std::string> normalise_ccam(std::string_view code) {
  std::string out = upper(code);
  const std::string_view extension = out.size() > 7 ? std::string_view(out).substr(7) : "";
  const bool extension_ok =
      extension.empty() || (extension.size() == 2 && all_digits(extension)) ||
      (extension.size() == 3 && extension[0] == '-' && all_digits(extension.substr(1)));
  const bool shape = out.size() >= 7 && extension_ok &&
                     std::all_of(out.begin(), out.begin() + 4, is_letter) &&
                     std::all_of(out.begin() + 4, out.begin() + 7, is_digit);
  if (!shape) return malformed("code has not the shape of a CCAM code");
  out.resize(7);
  return out;
}

Result<std::string> normalise_loinc(std::string_view code) {
  std::string out = upper(code);
  const bool is_part = out.starts_with("LA") || out.starts_with("LP") || out.starts_with("LL") ||
                       out.starts_with("LG");
  const std::size_t first = is_part ? 2 : 0;
  const std::size_t dash = out.find('-');
  const bool shape = dash != std::string::npos && dash > first && dash - first <= 7 &&
                     dash + 2 == out.size() && is_digit(out[dash + 1]) &&
                     all_digits(std::string_view(out).substr(first, dash - first));
  if (!shape) return malformed("code has not the shape of a LOINC code");
  if (is_part) return out;
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < dash; ++i) {
    const std::int32_t digit = out[dash - 1 - i] - '0';
    const std::int32_t weighed = i % 2 == 0 ? digit * 2 : digit;
    sum += weighed / 10 + weighed % 10;
  }
  if ((10 - sum % 10) % 10 != out[dash + 1] - '0') {
    return malformed("LOINC code has a wrong check digit");
  }
  return out;
}

Result<std::string> normalise_atc(std::string_view code) {
  std::string out = upper(code);
  constexpr std::string_view kShape = "LDDLLDD";
  bool shape =
      out.size() == 1 || out.size() == 3 || out.size() == 4 || out.size() == 5 || out.size() == 7;
  for (std::size_t i = 0; shape && i < out.size(); ++i) {
    shape = kShape[i] == 'L' ? is_letter(out[i]) : is_digit(out[i]);
  }
  if (!shape) return malformed("code has not the shape of an ATC code");
  return out;
}

std::int32_t atc_level(std::string_view normalised) {
  switch (normalised.size()) {
    case 1: return 1;
    case 3: return 2;
    case 4: return 3;
    case 5: return 4;
    default: return 5;
  }
}

Result<std::string> normalise_ucd(std::string_view code) {
  const std::string out = upper(code);
  if (!all_digits(out)) return malformed("code has not the shape of a UCD code");
  if (out.size() == 7) return out;
  if (out.size() != 13 || !out.starts_with("34008")) {
    return malformed("code has not the shape of a UCD code");
  }
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < 12; ++i) sum += (out[i] - '0') * (i % 2 == 0 ? 1 : 3);
  if ((10 - sum % 10) % 10 != out[12] - '0') return malformed("UCD code has a wrong check digit");
  return out.substr(5, 7);
}

}  // namespace eds::terms
