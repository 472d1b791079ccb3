// One pass over a text: words and numbers are looked up where they begin, and replaced.
#include "govern/mask.h"

#include "govern/mask_plan.h"

namespace eds::govern {
namespace {

enum class Byte : std::uint8_t { Other, Letter, Digit, Wide };

constexpr std::array<Byte, 256> kBytes = [] {
  std::array<Byte, 256> classes{};
  for (int byte = 0; byte < 256; ++byte) {
    const int small = byte | 0x20;
    if (byte >= '0' && byte <= '9') classes[byte] = Byte::Digit;
    if (byte < 0x80 && small >= 'a' && small <= 'z') classes[byte] = Byte::Letter;
    if (byte >= 0x80) classes[byte] = Byte::Wide;
  }
  return classes;
}();

class Pass {
 public:
  Pass(const TextMask::Plan& plan, std::string_view text, const KnownNumber& known)
      : plan_(plan), text_(text), known_(known) {
    out_.text.reserve(text.size() + text.size() / 8);
  }

  MaskedText run();

 private:
  void digits();
  void word();
  std::optional<Match> email();
  std::optional<Match> phrase_at(const Word& first) const;
  bool accepted(const Phrase& phrase, const std::vector<Word>& words) const;
  bool beside_name(const Phrase& phrase, const Word& last) const;
  bool is_initial(const Word& word, const std::array<bool, 26>& initials) const;
  void mask_initial_before(const Match& match);
  void mask_initial_after(const Match& match);
  void replace(const Match& match);

  const TextMask::Plan& plan_;
  std::string_view text_;
  const KnownNumber& known_;
  MaskedText out_;
  std::size_t at_ = 0;
  std::size_t copied_ = 0;  // up to here the text is in out_
  std::size_t sign_ = 0;    // the next '@', at or after at_
  // What was read last, for rule 4.
  std::size_t name_end_ = std::string_view::npos;
  std::size_t civility_end_ = std::string_view::npos;
};

MaskedText Pass::run() {
  sign_ = text_.find('@');
  while (at_ < text_.size()) {
    switch (kBytes[static_cast<unsigned char>(text_[at_])]) {
      case Byte::Digit: digits(); break;
      case Byte::Letter: word(); break;
      case Byte::Wide:
        if (word_at(text_, at_).empty()) {
          at_ += separator_length(text_, at_);
        } else {
          word();
        }
        break;
      case Byte::Other: at_ += 1; break;
    }
  }
  out_.text += text_.substr(copied_);
  return std::move(out_);
}

void Pass::replace(const Match& match) {
  out_.text += text_.substr(copied_, match.begin - copied_);
  out_.text += tag_text(match.tag);
  out_.counts[static_cast<std::size_t>(match.tag)] += 1;
  copied_ = match.end;
  at_ = match.end;
}

std::optional<Match> Pass::email() {
  if (sign_ == std::string_view::npos) return {};
  if (sign_ < at_) sign_ = text_.find('@', at_);
  if (sign_ == std::string_view::npos || sign_ - at_ > 64) return {};
  return email_at(text_, at_, sign_);
}

void Pass::digits() {
  if (const std::optional<Match> found = email()) return replace(*found);
  const Word run = word_at(text_, at_);
  if (plan_.may_begin(run.hash)) {
    // "12 rue des Lilas" and "29200 Brest", before their first number is taken by itself.
    if (const std::optional<Match> found = phrase_at(run)) return replace(*found);
  }
  if (const std::optional<Match> found = number_at(plan_, text_, at_, known_)) {
    // A '+' before the number belongs to it, unless it is in the output already.
    if (found->begin >= copied_) return replace(*found);
    return replace(Match{at_, found->end, found->tag});
  }
  at_ = run.end;
}

void Pass::word() {
  if (const std::optional<Match> found = email()) return replace(*found);
  if (plan_.has_letter_codes) {
    if (const std::optional<Match> found = code_at(plan_, text_, at_)) return replace(*found);
  }
  const Word here = word_at(text_, at_);
  if (plan_.may_begin(here.hash)) {
    if (const std::optional<Match> found = phrase_at(here)) {
      const bool names = found->tag == Tag::Name || found->tag == Tag::FirstName;
      if (names) mask_initial_before(*found);
      replace(*found);
      if (!names) return;
      mask_initial_after(*found);
      name_end_ = at_;
      return;
    }
  }
  if (is_civility(here, text_)) {
    civility_end_ = here.end;
  } else if (here.letter_count == 1 && is_initial(here, plan_.name_initials) &&
             skip_joint(text_, civility_end_) == here.begin) {
    // "Mme D." stands for the patient's name when it begins so.
    return replace(Match{here.begin, here.end, Tag::Name});
  }
  at_ = here.end;
}

std::optional<Match> Pass::phrase_at(const Word& first) const {
  const auto candidates = plan_.phrases_of.find(first.hash);
  if (candidates == plan_.phrases_of.end()) return {};
  // Allocates, but only for a word that does begin a name or an address of this very person.
  std::vector<Word> words{first};
  for (const std::uint32_t index : candidates->second) {
    const Phrase& phrase = plan_.phrases[index];
    bool same = true;
    for (std::size_t next = 1; same && next < phrase.words.size(); ++next) {
      if (words.size() <= next) {
        words.push_back(word_at(text_, skip_joint(text_, words.back().end)));
      }
      same = false;
      for (const std::uint64_t hash : phrase.words[next]) {
        same = same || (!words[next].empty() && words[next].hash == hash);
      }
    }
    if (!same) continue;
    const std::vector<Word> matched(
        words.begin(), words.begin() + static_cast<std::ptrdiff_t>(phrase.words.size()));
    if (accepted(phrase, matched)) return Match{first.begin, matched.back().end, phrase.tag};
  }
  return {};
}

bool Pass::accepted(const Phrase& phrase, const std::vector<Word>& words) const {
  if (phrase.need == Need::Nothing) return true;
  // An address of several words is one in any case: "12 rue du moulin".
  if (phrase.tag == Tag::Address && words.size() > 2) return true;
  bool capitalised = false;
  bool all_capitals = true;
  for (const Word& word : words) {
    capitalised = capitalised || word.capitalised;
    all_capitals = all_capitals && (word.all_capitals || word.digits);
  }
  const bool long_enough = words.size() > 1 || words[0].letter_count > 1;
  if (phrase.need == Need::Capital ? capitalised : all_capitals && long_enough) return true;
  return phrase.tag != Tag::Address && beside_name(phrase, words.back());
}

// Rule 4: after a civility, after another name, or before a name of the other sort.
bool Pass::beside_name(const Phrase& phrase, const Word& last) const {
  if (civility_end_ != std::string_view::npos && skip_joint(text_, civility_end_) == at_)
    return true;
  if (name_end_ != std::string_view::npos && skip_joint(text_, name_end_) == at_) return true;
  const Word next = word_at(text_, skip_joint(text_, last.end));
  if (next.empty() || next.digits) return false;
  const auto found = plan_.phrases_of.find(next.hash);
  if (found == plan_.phrases_of.end()) return false;
  const Tag other = phrase.tag == Tag::Name ? Tag::FirstName : Tag::Name;
  for (const std::uint32_t index : found->second) {
    const Phrase& neighbour = plan_.phrases[index];
    if (neighbour.words.size() == 1 && neighbour.tag == other &&
        neighbour.need != Need::AllCapitals) {
      return true;
    }
  }
  return false;
}

bool Pass::is_initial(const Word& word, const std::array<bool, 26>& initials) const {
  const char c = text_[word.begin];
  return word.letter_count == 1 && c >= 'A' && c <= 'Z' &&
         initials[static_cast<std::size_t>(c - 'A')];
}

// "J. MARTIN", "J.-P. MARTIN": the initial goes with the name.
void Pass::mask_initial_before(const Match& match) {
  if (match.tag != Tag::Name) return;
  std::size_t here = match.begin;
  while (here > copied_ && match.begin - here < 2 && text_[here - 1] == ' ') here -= 1;
  const std::size_t end = here;
  if (here > copied_ && text_[here - 1] == '.') here -= 1;
  if (here == copied_ || (here == end && end == match.begin)) return;
  here -= 1;
  const Word initial = word_at(text_, here);
  if (initial.letter_count != 1 || !is_initial(initial, plan_.first_name_initials)) return;
  const std::size_t nearest = here;
  if (here > copied_) {
    const char before = text_[here - 1];
    if (kBytes[static_cast<unsigned char>(before)] != Byte::Other) return;
    // "J.-P." and "J.P.": the first of the two as well.
    std::size_t further = here;
    while (further > copied_ && (text_[further - 1] == '.' || text_[further - 1] == '-'))
      further -= 1;
    if (further < here && further > copied_ && text_[further - 1] >= 'A' &&
        text_[further - 1] <= 'Z' &&
        (further - 1 == copied_ ||
         kBytes[static_cast<unsigned char>(text_[further - 2])] == Byte::Other)) {
      here = further - 1;
    }
  }
  // "M. MARTIN" is Monsieur, even when a first name begins so.
  if (here == nearest && text_[here] == 'M') return;
  replace(Match{here, end, Tag::FirstName});
}

// "Marie D.": the initial goes with the first name.
void Pass::mask_initial_after(const Match& match) {
  if (match.tag != Tag::FirstName || at_ >= text_.size() || text_[at_] != ' ') return;
  const Word initial = word_at(text_, at_ + 1);
  if (initial.letter_count != 1 || initial.digits || !is_initial(initial, plan_.name_initials))
    return;
  if (initial.end < text_.size() && text_[initial.end] == '.') {
    replace(Match{initial.begin, initial.end + 1, Tag::Name});
  }
}

}  // namespace

std::string_view tag_text(Tag tag) {
  switch (tag) {
    case Tag::Name: return "[NOM]";
    case Tag::FirstName: return "[PRENOM]";
    case Tag::BirthDate: return "[DATE_NAISSANCE]";
    case Tag::Ipp: return "[IPP]";
    case Tag::Nda: return "[NDA]";
    case Tag::Nir: return "[SECU]";
    case Tag::Phone: return "[TEL]";
    case Tag::Email: return "[MAIL]";
    case Tag::Address: return "[ADRESSE]";
    case Tag::Number: return "[NUMERO]";
  }
  return "[NUMERO]";
}

std::uint32_t MaskedText::total() const {
  std::uint32_t sum = 0;
  for (const std::uint32_t count : counts) sum += count;
  return sum;
}

TextMask::TextMask(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
TextMask::TextMask(TextMask&&) noexcept = default;
TextMask& TextMask::operator=(TextMask&&) noexcept = default;
TextMask::~TextMask() = default;

MaskedText TextMask::apply(std::string_view text) const {
  static const KnownNumber kNobody;
  return Pass(*plan_, text, kNobody).run();
}

MaskedText TextMask::apply(std::string_view text, const KnownNumber& known) const {
  return Pass(*plan_, text, known).run();
}

}  // namespace eds::govern
