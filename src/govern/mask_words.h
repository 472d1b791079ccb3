// Words of a French text, folded so that "GÉRARD", "Gerard" and "gérard" are one; and the short
// lists of words that a name may be without naming anybody.
//
// Invariants: reading never goes past the text's end and always advances; a byte that is no UTF-8
// separates words. Folding keeps letters only: a to z, and other scripts' letters as they are.
// Threads: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eds::govern {

/// A run of letters, or a run of digits, of a text.
struct Word {
  std::size_t begin = 0;
  std::size_t end = 0;     ///< where the next byte after it stands
  std::uint64_t hash = 0;  ///< of the folded letters or the digits
  std::uint32_t letter_count = 0;
  bool digits = false;
  bool capitalised = false;   ///< its first letter is a capital
  bool all_capitals = false;  ///< all its letters are
  bool empty() const { return begin == end; }
};

/// The word that begins at `at`; empty when none does.
Word word_at(std::string_view text, std::size_t at);
/// Where the bytes end, from `at`, that may stand between two words of one name or address: at most
/// four of blank, line break, hyphen, apostrophe, full stop, comma, colon.
std::size_t skip_joint(std::string_view text, std::size_t at);
/// The length of the character at `at` that is not part of a word (1 for a broken byte).
std::size_t separator_length(std::string_view text, std::size_t at);

/// Folded letters of one word, for building; `fold_hash` is what Word::hash holds.
std::uint64_t fold_hash(std::string_view folded);
/// The words of `text`, folded.
std::vector<std::string> folded_words(std::string_view text);

/// "petit", "rose", "pierre": an ordinary word in small letters.
bool is_ordinary_word(std::string_view folded);
/// "le", "son", "en": so frequent that even a capital says nothing.
bool is_function_word(std::string_view folded);
/// "de", "le", "van": part of names, never a name.
bool is_particle(std::string_view folded);
/// Whether the word announces a name: "Mme", "docteur", "née".
bool is_civility(const Word& word, std::string_view text);
/// 1 to 12 for the name of a month, whole or shortened; else 0.
int month_of(const Word& word);
/// "avenue" for "av", "boulevard" for "bd"; `folded` itself otherwise.
std::string_view address_word(std::string_view folded);
/// Every spelling whose address_word() is `full`, itself included.
std::vector<std::string> address_spellings(std::string_view full);

}  // namespace eds::govern
