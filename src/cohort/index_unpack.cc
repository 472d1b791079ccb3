#include "cohort/index_unpack.h"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define EDS_HAS_AVX2_CODE 1
#endif

namespace eds::cohort {
namespace {

bool passes(std::uint32_t code, const CodeTest& test) {
  const bool within = code - test.first <= test.last - test.first && test.first <= test.last;
  return within != test.is_inverted && !(test.skips_zero && code == 0);
}

#ifdef EDS_HAS_AVX2_CODE

// How the eight codes of a group come into eight lanes: each half of the register takes 16 bytes,
// the upper from `upper` on; bytes are shuffled to their lane and shifted down there.
struct Lanes {
  alignas(32) std::array<std::uint8_t, 32> bytes{};
  alignas(32) std::array<std::uint32_t, 8> shifts{};
  std::size_t upper = 0;
};

constexpr Lanes lanes_of(unsigned width) {
  Lanes lanes;
  lanes.upper = std::size_t{4} * width / 8;
  for (unsigned lane = 0; lane < 8; ++lane) {
    const std::size_t bit = lane * width - (lane < 4 ? 0 : lanes.upper * 8);
    for (unsigned byte = 0; byte < 4; ++byte) {
      lanes.bytes[lane * 4 + byte] = static_cast<std::uint8_t>(bit / 8 + byte);
    }
    lanes.shifts[lane] = static_cast<std::uint32_t>(bit % 8);
  }
  return lanes;
}

constexpr std::array<Lanes, kUnpackWidthMax + 1> all_lanes() {
  std::array<Lanes, kUnpackWidthMax + 1> all;
  for (unsigned width = 0; width <= kUnpackWidthMax; ++width) all[width] = lanes_of(width);
  return all;
}
constexpr std::array<Lanes, kUnpackWidthMax + 1> kLanes = all_lanes();

// Groups while all the bytes they load are there; returns how many codes were unpacked.
__attribute__((target("avx2"))) std::size_t unpack_groups(const char* from, const char* end,
                                                          unsigned width, std::size_t count,
                                                          std::uint32_t* into) {
  const Lanes& lanes = kLanes[width];
  const auto* bytes = reinterpret_cast<const __m256i*>(lanes.bytes.data());
  const __m256i shuffle = _mm256_load_si256(bytes);
  const __m256i shifts = _mm256_load_si256(reinterpret_cast<const __m256i*>(lanes.shifts.data()));
  const __m256i mask = _mm256_set1_epi32(static_cast<int>((std::uint32_t{1} << width) - 1));
  const std::size_t reach = lanes.upper + 16;
  std::size_t done = 0;
  while (done + kUnpackGroup <= count && static_cast<std::size_t>(end - from) >= reach) {
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + lanes.upper));
    const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    const __m256i codes =
        _mm256_and_si256(_mm256_srlv_epi32(_mm256_shuffle_epi8(both, shuffle), shifts), mask);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(into + done), codes);
    done += kUnpackGroup;
    from += width;
  }
  return done;
}

__attribute__((target("avx2"))) std::size_t test_groups(const std::uint32_t* codes,
                                                        std::size_t count, const CodeTest& test,
                                                        std::uint64_t* marks) {
  const __m256i first = _mm256_set1_epi32(static_cast<int>(test.first));
  const __m256i span = _mm256_set1_epi32(static_cast<int>(test.last - test.first));
  const __m256i zero = _mm256_setzero_si256();
  const std::uint32_t flip = test.is_inverted ? 0xFF : 0;
  const std::uint32_t drop = test.skips_zero ? 0xFF : 0;
  std::size_t done = 0;
  for (; done + 64 <= count; done += 64) {
    std::uint64_t word = 0;
    for (unsigned group = 0; group < 8; ++group) {
      const __m256i code =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + done + group * 8));
      const __m256i above = _mm256_sub_epi32(code, first);
      const __m256i within = _mm256_cmpeq_epi32(_mm256_min_epu32(above, span), above);
      const __m256i is_zero = _mm256_cmpeq_epi32(code, zero);
      const auto hits = static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(within)));
      const auto none =
          static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(is_zero)));
      word |= static_cast<std::uint64_t>((hits ^ flip) & ~(none & drop) & 0xFFU) << (group * 8);
    }
    marks[done / 64] &= word;
  }
  return done;
}

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2") != 0;
  return has;
}

#endif

void test_from(std::size_t begin, const std::uint32_t* codes, std::size_t count,
               const CodeTest& test, std::uint64_t* marks) {
  for (std::size_t row = begin; row < count; ++row) {
    if (!passes(codes[row], test)) marks[row / 64] &= ~(std::uint64_t{1} << (row % 64));
  }
}

}  // namespace

void unpack_codes_one_by_one(const char* bits, unsigned width, std::size_t begin, std::size_t count,
                             std::uint32_t* into) {
  const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
  std::size_t bit = begin * width;
  for (std::size_t row = 0; row < count; ++row, bit += width) {
    std::uint64_t word;
    std::memcpy(&word, bits + bit / 8, sizeof word);
    into[row] = static_cast<std::uint32_t>((word >> (bit % 8)) & mask);
  }
}

void unpack_codes(const char* bits, const char* end, unsigned width, std::size_t begin,
                  std::size_t count, std::uint32_t* into) {
  std::size_t done = 0;
#ifdef EDS_HAS_AVX2_CODE
  if (has_avx2()) {
    done = unpack_groups(bits + begin / kUnpackGroup * width, end, width, count, into);
  }
#else
  static_cast<void>(end);
#endif
  unpack_codes_one_by_one(bits, width, begin + done, count - done, into + done);
}

void test_codes_one_by_one(const std::uint32_t* codes, std::size_t count, const CodeTest& test,
                           std::uint64_t* marks) {
  test_from(0, codes, count, test, marks);
}

void test_codes(const std::uint32_t* codes, std::size_t count, const CodeTest& test,
                std::uint64_t* marks) {
  std::size_t done = 0;
#ifdef EDS_HAS_AVX2_CODE
  if (has_avx2() && test.first <= test.last) done = test_groups(codes, count, test, marks);
#endif
  test_from(done, codes, count, test, marks);
}

}  // namespace eds::cohort
