// FF1: format-preserving encryption of numeral strings by AES, for identifiers that must keep their
// shape (a ten-digit test IPP stays ten digits).
//
// Invariants: encrypt() is a permutation of the numeral strings of one length, radix and tweak;
// decrypt() is its inverse. Domains below 100 values are refused, as SP 800-38G asks; its revision
// 1 draft asks for 1,000,000, which every identifier EDS encrypts meets.
// Threads: pure functions. Source: NIST SP 800-38G, algorithms 7 and 8.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace eds::govern {

/// Numerals, most significant first; each below the radix.
using Numerals = std::vector<std::uint16_t>;

/// Longest message: an identifier has under 40 characters; 4,096 bounds the quadratic work.
inline constexpr std::size_t kFf1NumeralsMax = 4096;

/// Code::Usage for a key that is not 16, 24 or 32 bytes, a radix outside [2, 65536], numerals
/// outside it, or a length outside the bounds.
Result<Numerals> ff1_encrypt(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tweak,
                             std::uint32_t radix, const Numerals& message);
Result<Numerals> ff1_decrypt(std::span<const std::uint8_t> key, std::span<const std::uint8_t> tweak,
                             std::uint32_t radix, const Numerals& message);

}  // namespace eds::govern
