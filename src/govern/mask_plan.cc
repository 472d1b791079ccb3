// Building a plan from what is known of a person.
#include "govern/mask_plan.h"

#include <algorithm>
#include <cctype>

#include "govern/limits.h"

namespace eds::govern {
namespace {

constexpr std::size_t kCodeBytesMin = 4;

class PlanBuilder {
 public:
  void add_traits(const Traits& traits);
  void add_identifier(const Identifier& identifier);
  Result<std::unique_ptr<const TextMask::Plan>> finish();

 private:
  void add_name(std::string_view written, Tag tag);
  void add_address(std::string_view line);
  void add_city(std::string_view city, std::string_view postcode);
  void add_phrase(const std::vector<std::string>& words, Tag tag);
  void add_code(std::string characters, Tag tag);
  void add_nir(std::string_view written);
  void add_phones(std::string_view written);

  std::unique_ptr<TextMask::Plan> plan_ = std::make_unique<TextMask::Plan>();
  std::size_t entry_count_ = 0;
};

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string code_characters(std::string_view written) {
  std::string kept;
  for (const char c : written) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) kept += c;
    if (c >= 'a' && c <= 'z') kept += static_cast<char>(c - 'a' + 'A');
  }
  return kept;
}

Need need_of(const std::vector<std::string>& words) {
  Need least = Need::AllCapitals;
  for (const std::string& word : words) {
    Need need = Need::Nothing;
    if (is_function_word(word) || is_particle(word)) {
      need = Need::AllCapitals;
    } else if (is_ordinary_word(word) || word.size() <= 3) {
      need = Need::Capital;
    }
    least = std::min(least, need);
  }
  return least;
}

void PlanBuilder::add_phrase(const std::vector<std::string>& words, Tag tag) {
  if (words.empty() || words.size() > kMaskWordsMax) return;
  Phrase phrase;
  phrase.tag = tag;
  phrase.need = need_of(words);
  for (const std::string& word : words) {
    std::vector<std::uint64_t> hashes;
    const bool address = tag == Tag::Address;
    for (const std::string& spelling :
         address ? address_spellings(address_word(word)) : std::vector<std::string>{word}) {
      hashes.push_back(fold_hash(spelling));
    }
    phrase.words.push_back(std::move(hashes));
  }
  const auto index = static_cast<std::uint32_t>(plan_->phrases.size());
  for (const std::uint64_t hash : phrase.words[0]) {
    std::vector<std::uint32_t>& list = plan_->phrases_of[hash];
    const bool known = std::any_of(list.begin(), list.end(), [&](std::uint32_t other) {
      return plan_->phrases[other].words == phrase.words;
    });
    if (known) return;
    list.push_back(index);
    plan_->first_words[hash >> 6 & 63] |= std::uint64_t{1} << (hash & 63);
  }
  plan_->phrases.push_back(std::move(phrase));
  entry_count_ += 1;
}

// "LE GOFF-MARTIN": every run of its words, each word that is no particle, and the runs written as
// one word ("LEGOFF").
void PlanBuilder::add_name(std::string_view written, Tag tag) {
  const std::vector<std::string> words = folded_words(written);
  const bool only_particles =
      std::all_of(words.begin(), words.end(), [](const std::string& w) { return is_particle(w); });
  for (std::size_t first = 0; first < words.size(); ++first) {
    std::string glued;
    std::vector<std::string> run;
    bool names = only_particles;
    for (std::size_t last = first; last < std::min(words.size(), first + 6); ++last) {
      run.push_back(words[last]);
      glued += words[last];
      names = names || !is_particle(words[last]);
      if (!names || glued.size() < 2) continue;
      add_phrase(run, tag);
      if (run.size() > 1) add_phrase({glued}, tag);
    }
    const char initial = words[first][0];
    if (initial < 'a' || initial > 'z' || (is_particle(words[first]) && !only_particles)) continue;
    auto& initials = tag == Tag::Name ? plan_->name_initials : plan_->first_name_initials;
    initials[static_cast<std::size_t>(initial - 'a')] = true;
  }
}

void PlanBuilder::add_address(std::string_view line) {
  std::vector<std::string> words = folded_words(line);
  add_phrase(words, Tag::Address);
  // The street alone: "12 bis, rue des Lilas" is also looked for as "rue des Lilas".
  while (words.size() > 2 &&
         (all_digits(words[0]) || words[0] == "bis" || words[0] == "ter" || words[0].size() == 1)) {
    words.erase(words.begin());
  }
  if (words.size() > 1) add_phrase(words, Tag::Address);
}

void PlanBuilder::add_city(std::string_view city, std::string_view postcode) {
  std::vector<std::string> words = folded_words(city);
  while (!words.empty() && (words.back() == "cedex" || all_digits(words.back()))) words.pop_back();
  if (!words.empty()) add_phrase(words, Tag::Address);
  const std::string code = code_characters(postcode);
  if (code.empty()) return;
  add_code(code, Tag::Address);
  words.insert(words.begin(), code);
  if (words.size() > 1) add_phrase(words, Tag::Address);
}

void PlanBuilder::add_code(std::string characters, Tag tag) {
  // "12" would be found everywhere: a number so short names nobody by itself.
  if (characters.size() < kCodeBytesMin) return;
  std::vector<CodePattern>& list = plan_->codes_of[code_prefix(characters)];
  for (const CodePattern& known : list) {
    if (known.characters == characters) return;
  }
  if (characters[0] >= 'A') plan_->has_letter_codes = true;
  list.push_back(CodePattern{std::move(characters), tag});
  entry_count_ += 1;
}

void PlanBuilder::add_nir(std::string_view written) {
  std::string characters = code_characters(written);
  if (characters.size() == 13) {
    // The text may hold the key although the source did not give it.
    for (int key = 1; key <= 97; ++key) {
      const std::string whole =
          characters + static_cast<char>('0' + key / 10) + static_cast<char>('0' + key % 10);
      if (nir_key_holds(whole)) add_code(whole, Tag::Nir);
    }
  }
  if (characters.size() == 15) add_code(characters.substr(0, 13), Tag::Nir);
  add_code(std::move(characters), Tag::Nir);
}

void PlanBuilder::add_phones(std::string_view written) {
  while (!written.empty()) {
    const std::size_t end = std::min(written.find(';'), written.size());
    std::string digits = code_characters(written.substr(0, end));
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    if (digits.size() >= 6) {
      // French numbers written from abroad: 0033 or 33, then nine digits.
      if (digits.size() == 13 && digits.starts_with("0033")) digits = "0" + digits.substr(4);
      if (digits.size() == 11 && digits.starts_with("33")) digits = "0" + digits.substr(2);
      if (digits.size() == 10 && digits[0] == '0') add_code("33" + digits.substr(1), Tag::Phone);
      add_code(std::move(digits), Tag::Phone);
    }
    written.remove_prefix(std::min(end + 1, written.size()));
  }
}

void PlanBuilder::add_traits(const Traits& traits) {
  const auto text = [](const Identifying<std::string>& value) -> std::string_view {
    return value.reveal(Reason::Mask);
  };
  add_name(text(traits.birth_name), Tag::Name);
  add_name(text(traits.used_name), Tag::Name);
  add_name(text(traits.first_names), Tag::FirstName);
  for (const Date& date : dates_of(text(traits.birth_date))) {
    plan_->birth_dates.push_back(date);
  }
  add_address(text(traits.address_line));
  add_city(text(traits.city), text(traits.postcode));
  add_phones(text(traits.phone));
  add_nir(text(traits.nir));
}

void PlanBuilder::add_identifier(const Identifier& identifier) {
  const std::string_view written = identifier.value.reveal(Reason::Mask);
  Tag tag = Tag::Number;
  switch (identifier.kind) {
    case IdentifierKind::Ipp: tag = Tag::Ipp; break;
    case IdentifierKind::Nda:
    case IdentifierKind::Rss: tag = Tag::Nda; break;
    case IdentifierKind::Ins:
    case IdentifierKind::Nir: return add_nir(written);
    case IdentifierKind::External:
    case IdentifierKind::Visit: break;
  }
  std::string characters = code_characters(written);
  // Printed forms often drop the zeros in front.
  const std::size_t zeros = characters.find_first_not_of('0');
  if (zeros != std::string::npos && zeros > 0 && characters.size() - zeros >= 6) {
    add_code(characters.substr(zeros), tag);
  }
  add_code(std::move(characters), tag);
}

Result<std::unique_ptr<const TextMask::Plan>> PlanBuilder::finish() {
  if (entry_count_ > kMaskEntriesMax) return Error{Code::Limit, "mask exceeds kMaskEntriesMax"};
  for (auto& [hash, list] : plan_->phrases_of) {
    std::stable_sort(list.begin(), list.end(), [&](std::uint32_t a, std::uint32_t b) {
      return plan_->phrases[a].words.size() > plan_->phrases[b].words.size();
    });
  }
  for (auto& [prefix, list] : plan_->codes_of) {
    std::stable_sort(list.begin(), list.end(), [](const CodePattern& a, const CodePattern& b) {
      return a.characters.size() > b.characters.size();
    });
  }
  return std::unique_ptr<const TextMask::Plan>(std::move(plan_));
}

bool is_date(const Date& date) {
  return date.year >= 1850 && date.year <= 2150 && date.month >= 1 && date.month <= 12 &&
         date.day >= 1 && date.day <= 31;
}

}  // namespace

std::uint64_t code_prefix(std::string_view characters) {
  return fold_hash(characters.substr(0, kCodePrefix));
}

std::vector<Date> dates_of(std::string_view written) {
  std::vector<int> numbers;
  std::vector<std::size_t> lengths;
  std::size_t at = 0;
  while (at < written.size() && numbers.size() < 3) {
    const Word word = word_at(written, at);
    if (word.empty()) {
      at += separator_length(written, at);
      continue;
    }
    at = word.end;
    if (!word.digits) {
      const int month = month_of(word);
      if (month == 0) continue;
      numbers.push_back(month);
      lengths.push_back(2);
      continue;
    }
    const std::string_view digits = written.substr(word.begin, word.end - word.begin);
    if (digits.size() > 8) return {};
    int number = 0;
    for (const char c : digits) number = number * 10 + (c - '0');
    numbers.push_back(number);
    lengths.push_back(digits.size());
  }
  std::vector<Date> candidates;
  if (!lengths.empty() && lengths[0] == 8) {
    const int n = numbers[0];
    candidates.push_back({n % 10000, n / 10000 % 100, n / 1'000'000});
    candidates.push_back({n / 10000, n / 100 % 100, n % 100});
  } else if (numbers.size() == 3 && lengths[0] == 4) {
    candidates.push_back({numbers[0], numbers[1], numbers[2]});
  } else if (numbers.size() == 3 && lengths[2] == 4) {
    candidates.push_back({numbers[2], numbers[1], numbers[0]});
  } else if (numbers.size() == 3 && lengths[2] == 2) {
    candidates.push_back({1900 + numbers[2], numbers[1], numbers[0]});
    candidates.push_back({2000 + numbers[2], numbers[1], numbers[0]});
  }
  std::erase_if(candidates, [](const Date& date) { return !is_date(date); });
  return candidates;
}

Result<TextMask> TextMask::for_person(const std::vector<Traits>& history,
                                      const std::vector<Identifier>& identifiers) {
  PlanBuilder builder;
  for (const Traits& traits : history) builder.add_traits(traits);
  for (const Identifier& identifier : identifiers) builder.add_identifier(identifier);
  return TextMask(TRY(builder.finish()));
}

TextMask TextMask::for_anyone() {
  return TextMask(std::make_unique<const Plan>());
}

}  // namespace eds::govern
