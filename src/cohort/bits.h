// Sets of small numbers as words of 64 bits: number n is bit n % 64 of word n / 64.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace eds::cohort {

inline bool has_bit(std::span<const std::uint64_t> words, std::size_t number) {
  return (words[number / 64] >> (number % 64) & 1U) != 0;
}

/// Calls `take` with each number of the set, in order.
template <class Take>
void each_bit(std::span<const std::uint64_t> words, Take take) {
  for (std::size_t word = 0; word < words.size(); ++word) {
    for (std::uint64_t left = words[word]; left != 0; left &= left - 1) {
      take(word * 64 + static_cast<std::size_t>(std::countr_zero(left)));
    }
  }
}

}  // namespace eds::cohort
