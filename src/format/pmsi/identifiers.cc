#include "format/pmsi/identifiers.h"

#include <cstddef>

namespace eds::pmsi {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  for (const char c : text) {
    if (!is_digit(c)) return false;
  }
  return !text.empty();
}

bool is_temporary(char sex) {
  return sex == '3' || sex == '4' || sex == '7' || sex == '8';
}

// One digit of a Luhn sum, from the right: every second one is doubled, and its two digits added.
unsigned luhn_digit(unsigned digit, std::size_t from_right) {
  if (from_right % 2 == 0) return digit;
  return digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
}

}  // namespace

std::optional<std::uint32_t> nir_key(std::string_view nir13) {
  if (nir13.size() != 13) return std::nullopt;
  const char sex = nir13[0];
  if (sex != '1' && sex != '2' && !is_temporary(sex)) return std::nullopt;
  // "La Corse-du-Sud (2A) compte pour 19, la Haute-Corse (2B) pour 18": positions 6 and 7.
  const bool corsica = nir13[5] == '2' && (nir13[6] == 'A' || nir13[6] == 'B');
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < nir13.size(); ++i) {
    char c = nir13[i];
    if (corsica && i == 5) c = '1';
    if (corsica && i == 6) c = nir13[6] == 'A' ? '9' : '8';
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return static_cast<std::uint32_t>(97 - number % 97);
}

NirState check_nir(std::string_view nir13, std::string_view key) {
  const std::optional<std::uint32_t> expected = nir_key(nir13);
  if (!expected || key.size() != 2 || !all_digits(key)) return NirState::Malformed;
  const auto found = static_cast<std::uint32_t>((key[0] - '0') * 10 + (key[1] - '0'));
  if (found != *expected) return NirState::WrongKey;
  return is_temporary(nir13[0]) ? NirState::Temporary : NirState::Valid;
}

InsKind ins_kind(std::string_view oid) {
  constexpr std::string_view kRoot = "1.2.250.1.213.1.4.";
  if (oid.substr(0, kRoot.size()) != kRoot) return InsKind::Unknown;
  const std::string_view last = oid.substr(kRoot.size());
  if (last == "2") return InsKind::InsC;
  if (last == "8") return InsKind::Nir;
  if (last == "9") return InsKind::Nia;
  if (last == "10") return InsKind::TestNir;
  if (last == "11") return InsKind::DemoNir;
  return InsKind::Unknown;
}

NirState check_ins(std::string_view ins15) {
  if (ins15.size() != 15) return NirState::Malformed;
  return check_nir(ins15.substr(0, 13), ins15.substr(13));
}

bool luhn_ok(std::string_view digits) {
  if (!all_digits(digits)) return false;
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    sum += luhn_digit(static_cast<unsigned>(digits[digits.size() - 1 - i] - '0'), i);
  }
  return sum % 10 == 0;
}

bool finess_ok(std::string_view finess) {
  if (finess.size() != 9) return false;
  char digits[9];
  for (std::size_t i = 0; i < 9; ++i) digits[i] = finess[i];
  if (finess[0] == '2' && (finess[1] == 'A' || finess[1] == 'B')) {
    digits[1] = finess[1] == 'A' ? '1' : '2';
  }
  return luhn_ok({digits, 9});
}

bool rpps_ok(std::string_view rpps) {
  return rpps.size() == 11 && luhn_ok(rpps);
}

}  // namespace eds::pmsi
