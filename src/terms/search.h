// TermSearch: find a term by its code or the words of its labels, as people type them.
//
// Invariants: case, accents and ligatures are ignored; every word must be there, the last one may
// be cut ("insuf" finds "insuffisance"); the order is exact code, code prefix, all words, then the
// shorter label, then the code. Memory is a small multiple of the labels; the Terminology must
// outlive the index.
// Threads: immutable after build(); searches may run at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "terms/terminology.h"

namespace eds::terms {

inline constexpr std::size_t kQueryBytesMax = 256;
inline constexpr std::size_t kQueryWordsMax = 16;

struct Found {
  const Term* term = nullptr;
  std::int32_t rank = 0;  ///< 0 exact code, 1 code prefix, 2 words
};

class TermSearch {
 public:
  /// Indexes the latest version of every code.
  static TermSearch build(const Terminology& terminology);

  /// The best `count_max` terms.
  std::vector<Found> search(std::string_view query, std::size_t count_max) const;

 private:
  using Postings = std::vector<std::uint32_t>;
  struct Entry {
    const Term* term;
    std::uint32_t label_characters;
    std::string folded_code;
  };
  struct Word {
    std::string text;
    std::uint32_t first;  ///< into postings_
    std::uint32_t count;
  };
  Postings with_word(std::string_view word, bool may_be_cut) const;

  std::vector<Entry> entries_;  ///< ordered by code
  std::vector<Word> words_;     ///< ordered
  Postings postings_;
};

}  // namespace eds::terms
