#include "cohort/index_unpack.h"

#include <doctest/doctest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace eds::cohort {
namespace {

// The format's own words: code r stands at bits [r * width, (r + 1) * width), lowest bit first.
std::vector<std::uint32_t> by_definition(const std::string& bytes, unsigned width,
                                         std::size_t begin, std::size_t count) {
  std::vector<std::uint32_t> codes(count, 0);
  for (std::size_t row = 0; row < count; ++row) {
    for (unsigned bit = 0; bit < width; ++bit) {
      const std::size_t at = (begin + row) * width + bit;
      const auto byte = static_cast<unsigned char>(bytes[at / 8]);
      codes[row] |= static_cast<std::uint32_t>(byte >> (at % 8) & 1U) << bit;
    }
  }
  return codes;
}

}  // namespace

TEST_CASE("codes of every width and number are unpacked as the format says, and no byte beyond") {
  std::mt19937_64 random(7);
  for (unsigned width = 0; width <= kUnpackWidthMax; ++width) {
    for (std::size_t count : {0U, 1U, 7U, 8U, 9U, 63U, 64U, 65U, 255U, 256U}) {
      for (std::size_t begin : {0U, 8U, 256U}) {
        CAPTURE(width);
        CAPTURE(count);
        const std::size_t size = ((begin + count) * width + 7) / 8 + 8;
        // On the heap and no longer than need be: the sanitizer sees a byte read beyond.
        const auto bytes = std::make_unique<char[]>(size);
        std::string copy(size, '\0');
        for (std::size_t at = 0; at < size; ++at) {
          bytes[at] = copy[at] = static_cast<char>(random());
        }
        const std::vector<std::uint32_t> expected = by_definition(copy, width, begin, count);
        std::vector<std::uint32_t> codes(count + 1, 0xABCD);
        unpack_codes(bytes.get(), bytes.get() + size, width, begin, count, codes.data());
        CHECK(codes.back() == 0xABCD);
        codes.pop_back();
        CHECK(codes == expected);
        codes.assign(count, 0);
        unpack_codes_one_by_one(bytes.get(), width, begin, count, codes.data());
        CHECK(codes == expected);
      }
    }
  }
}

TEST_CASE("codes within bounds keep their mark, and none that was cleared comes back") {
  std::mt19937_64 random(8);
  for (int turn = 0; turn < 2000; ++turn) {
    const std::size_t count = random() % 257;
    const std::uint32_t most = turn % 3 == 0 ? 3 : 1000;
    std::vector<std::uint32_t> codes(count);
    for (std::uint32_t& code : codes) code = static_cast<std::uint32_t>(random() % (most + 1));
    CodeTest test;
    test.first = static_cast<std::uint32_t>(random() % (most + 2));
    test.last = static_cast<std::uint32_t>(random() % (most + 2));
    test.is_inverted = random() % 2 == 0;
    test.skips_zero = random() % 2 == 0;
    std::uint64_t before[4];
    for (std::uint64_t& word : before) word = random();
    std::uint64_t marks[4] = {before[0], before[1], before[2], before[3]};
    std::uint64_t others[4] = {before[0], before[1], before[2], before[3]};
    test_codes(codes.data(), count, test, marks);
    test_codes_one_by_one(codes.data(), count, test, others);
    for (std::size_t row = 0; row < 256; ++row) {
      bool expected = (before[row / 64] >> (row % 64) & 1U) != 0;
      if (row < count) {
        const bool within = test.first <= codes[row] && codes[row] <= test.last;
        expected = expected && within != test.is_inverted && !(test.skips_zero && codes[row] == 0);
      }
      CHECK(((marks[row / 64] >> (row % 64) & 1U) != 0) == expected);
      CHECK(((others[row / 64] >> (row % 64) & 1U) != 0) == expected);
    }
  }
}

}  // namespace eds::cohort
