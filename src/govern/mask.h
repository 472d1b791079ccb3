// TextMask: takes out of a French free text what names its patient, knowing who the patient is.
//
// Two kinds of search in one pass: what is known of the person (all names, first names, birth date,
// IPP, NDA, NIR, phones, e-mails, address, postcode, city; all spellings), and what shows by itself
// whoever it names (NIR with a valid key, French phone numbers, e-mail addresses).
//
// The rule for names, in order:
//   1 Only whole words count; case, accents, hyphens, apostrophes and line breaks do not.
//   2 A capitalised word is masked (in doubt, mask), unless it is a French function word ("Le",
//     "Son") that is not in capitals throughout.
//   3 A word in small letters is masked unless it is an ordinary French word ("petit", "rose",
//     "pierre") or has three letters or fewer ("ng"): so "petit-déjeuner" stays although the
//     patient is M. PETIT, and so does "12 ng/ml" although she is Mme NG.
//   4 After a civility ("M.", "Mme", "Dr", "Monsieur"), or next to another name of the patient, it
//     is masked whatever it is ("mme petit", "marie rose petit").
//   5 Particles ("de", "le", "van") are masked with the name they belong to, never alone.
// Invariants: time is linear in the text; bytes outside the masked ranges are copied unchanged,
// valid UTF-8 or not. A mask lowers the risk; it does not make a text anonymous: relatives, third
// names and misspellings stay. Who reads the result still needs a permit for text.
// Threads: immutable once built; apply() may be called from any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/identifying.h"
#include "base/result.h"
#include "govern/identifier.h"
#include "govern/traits.h"

namespace eds::govern {

enum class Tag : std::uint8_t {
  Name,
  FirstName,
  BirthDate,
  Ipp,
  Nda,
  Nir,
  Phone,
  Email,
  Address,
  Number
};
inline constexpr std::size_t kTagCount = 10;
/// What stands in the text: "[NOM]", "[PRENOM]", "[DATE_NAISSANCE]", "[IPP]", "[NDA]", "[SECU]",
/// "[TEL]", "[MAIL]", "[ADRESSE]", "[NUMERO]" (any other identifier).
std::string_view tag_text(Tag tag);

struct MaskedText {
  std::string text;
  std::array<std::uint32_t, kTagCount> counts{};

  std::uint32_t count(Tag tag) const { return counts[static_cast<std::size_t>(tag)]; }
  std::uint32_t total() const;
};

/// Says whether a run of 7 to 20 digits is a number of somebody, and what to put in its place.
using KnownNumber = std::function<std::optional<Tag>(std::string_view digits)>;

class TextMask {
 public:
  struct Plan;  ///< what is looked for; see mask_plan.h
  /// For a person: pass the whole history of traits, so that maiden names and old addresses go too.
  static Result<TextMask> for_person(const std::vector<Traits>& history,
                                     const std::vector<Identifier>& identifiers);
  /// For a text whose patient is unknown: only what shows by itself.
  static TextMask for_anyone();
  TextMask(TextMask&&) noexcept;
  TextMask& operator=(TextMask&&) noexcept;
  ~TextMask();

  MaskedText apply(std::string_view text) const;
  /// The same, asking `known` about each long run of digits that nothing else explains.
  MaskedText apply(std::string_view text, const KnownNumber& known) const;

 private:
  explicit TextMask(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

}  // namespace eds::govern
