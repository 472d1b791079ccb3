// Unpacking codes of a few bits each, eight at a time where the processor can (AVX2), one by one
// elsewhere: the same numbers either way.
//
// Codes stand one after the other, lowest bit first, so eight of width w begin and end at a byte
// and fill w bytes. Invariants: no byte at or beyond `end` is read; 8 bytes stand between the last
// code and `end`. Threads: all functions may be called from any.
// Source: Lemire, Boytsov, Decoding billions of integers per second through vectorization (2015),
// section 2: unpacking by shuffles and shifts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace eds::cohort {

/// Wider codes do not lie within four bytes wherever they begin.
inline constexpr unsigned kUnpackWidthMax = 25;
/// Codes come in groups of so many: a first code is the first of a group.
inline constexpr std::size_t kUnpackGroup = 8;

/// Codes [begin, begin + count) of `width` bits, 0 to kUnpackWidthMax; begin % kUnpackGroup == 0.
void unpack_codes(const char* bits, const char* end, unsigned width, std::size_t begin,
                  std::size_t count, std::uint32_t* into);
/// The same without vectors, to compare with.
void unpack_codes_one_by_one(const char* bits, unsigned width, std::size_t begin, std::size_t count,
                             std::uint32_t* into);

/// Which codes pass: those within [first, last], or with `is_inverted` the others; never code 0
/// with `skips_zero`.
struct CodeTest {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool is_inverted = false;
  bool skips_zero = false;
};

/// Clears the marks (bit r of word r / 64: row r) of the codes that fail.
void test_codes(const std::uint32_t* codes, std::size_t count, const CodeTest& test,
                std::uint64_t* marks);
void test_codes_one_by_one(const std::uint32_t* codes, std::size_t count, const CodeTest& test,
                           std::uint64_t* marks);

}  // namespace eds::cohort
