// The plan of a TextMask: the words, codes and dates to look for. Inside govern/ only.
//
// Invariants: immutable once built. Phrases of one first word stand together, longest first; codes
// of one first four characters likewise.
// Threads: may be read from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/calendar.h"
#include "base/result.h"
#include "govern/mask.h"
#include "govern/mask_words.h"

namespace eds::govern {

/// What a word of a name needs before it is taken for the name (rules 2 to 4 of mask.h).
enum class Need : std::uint8_t {
  Nothing,      ///< no other word is spelled so
  Capital,      ///< an ordinary word, or one of three letters or fewer
  AllCapitals,  ///< a function word
};

struct Phrase {
  /// For each word the hashes of its spellings.
  std::vector<std::vector<std::uint64_t>> words;
  Tag tag = Tag::Name;
  Need need = Need::Nothing;
};

struct CodePattern {
  std::string characters;  ///< digits and ASCII capitals
  Tag tag = Tag::Number;
};

/// A range of the text to replace.
struct Match {
  std::size_t begin = 0;
  std::size_t end = 0;
  Tag tag = Tag::Name;
};

struct TextMask::Plan {
  std::vector<Phrase> phrases;
  /// First word -> its phrases, as indexes, longest first.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> phrases_of;
  /// A bit for each first word's hash: most words of a text stop here.
  std::array<std::uint64_t, 64> first_words{};
  std::unordered_map<std::uint64_t, std::vector<CodePattern>> codes_of;
  bool has_letter_codes = false;
  std::vector<Date> birth_dates;
  std::array<bool, 26> name_initials{};
  std::array<bool, 26> first_name_initials{};

  bool may_begin(std::uint64_t hash) const {
    return (first_words[hash >> 6 & 63] >> (hash & 63) & 1) != 0;
  }
};

/// The dates that a source may have meant by `written` (several when day and month could be swapped
/// with a year). Empty when it is no date.
std::vector<Date> dates_of(std::string_view written);

/// What begins at `at`, where a run of digits begins.
std::optional<Match> number_at(const TextMask::Plan& plan, std::string_view text, std::size_t at,
                               const KnownNumber& known);
/// A code that begins with a letter or digit at `at`.
std::optional<Match> code_at(const TextMask::Plan& plan, std::string_view text, std::size_t at);
/// An e-mail address whose first byte is at `at` and whose '@' is at `sign`.
std::optional<Match> email_at(std::string_view text, std::size_t at, std::size_t sign);
/// Codes are found by their first four characters.
inline constexpr std::size_t kCodePrefix = 4;
std::uint64_t code_prefix(std::string_view characters);

}  // namespace eds::govern
