#include "terms/search.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "format/text/encoding.h"

namespace eds::terms {
namespace {

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/// Calls `visit` with each word of folded text.
template <class Visit>
void each_word(std::string_view folded, Visit visit) {
  std::size_t at = 0;
  while (at < folded.size()) {
    while (at < folded.size() && !is_word_byte(folded[at])) ++at;
    const std::size_t start = at;
    while (at < folded.size() && is_word_byte(folded[at])) ++at;
    if (at > start) visit(folded.substr(start, at - start));
  }
}

std::string fold_code(std::string_view code) {
  std::string folded = text::fold(code);
  std::erase_if(folded, [](char c) { return c == '.' || c == ' '; });
  return folded;
}

}  // namespace

TermSearch TermSearch::build(const Terminology& terminology) {
  TermSearch index;
  std::map<std::string, Postings, std::less<>> postings;
  for (std::size_t i = 0; i < terminology.code_count(); ++i) {
    const Term* term = terminology.find_latest(terminology.code_at(i));
    const auto number = static_cast<std::uint32_t>(index.entries_.size());
    const auto add = [&](std::string_view label) {
      each_word(text::fold(label), [&](std::string_view word) {
        auto at = postings.find(word);
        if (at == postings.end()) at = postings.emplace(word, Postings()).first;
        if (at->second.empty() || at->second.back() != number) at->second.push_back(number);
      });
    };
    add(term->label_fr);
    add(term->label_en);
    for (const std::string& synonym : term->synonyms) add(synonym);
    const std::string_view label = term->label();
    const auto characters = static_cast<std::uint32_t>(
        std::count_if(label.begin(), label.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    index.entries_.push_back({term, characters, fold_code(term->code)});
  }
  for (auto& [word, numbers] : postings) {
    index.words_.push_back({word, static_cast<std::uint32_t>(index.postings_.size()),
                            static_cast<std::uint32_t>(numbers.size())});
    index.postings_.insert(index.postings_.end(), numbers.begin(), numbers.end());
  }
  return index;
}

/// Terms that hold `word`, or a word that begins with it, ordered.
TermSearch::Postings TermSearch::with_word(std::string_view word, bool may_be_cut) const {
  auto at = std::lower_bound(words_.begin(), words_.end(), word,
                             [](const Word& a, std::string_view b) { return a.text < b; });
  Postings found;
  std::size_t matched = 0;
  for (; at != words_.end(); ++at, ++matched) {
    if (may_be_cut ? !at->text.starts_with(word) : at->text != word) break;
    found.insert(found.end(), postings_.begin() + at->first,
                 postings_.begin() + at->first + at->count);
  }
  if (matched > 1) {
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
  }
  return found;
}

std::vector<Found> TermSearch::search(std::string_view query, std::size_t count_max) const {
  query = query.substr(0, kQueryBytesMax);
  const std::string folded = text::fold(query);
  const std::string code = fold_code(query);
  std::vector<std::pair<std::int32_t, std::uint32_t>> ranked;  // rank, entry
  if (code.empty()) return {};
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].folded_code.starts_with(code)) continue;
    ranked.emplace_back(entries_[i].folded_code.size() == code.size() ? 0 : 1, i);
  }
  std::vector<std::string_view> words;
  each_word(folded, [&](std::string_view word) {
    if (words.size() < kQueryWordsMax) words.push_back(word);
  });
  Postings all;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Postings some = with_word(words[i], i + 1 == words.size());
    if (i == 0) {
      all = std::move(some);
      continue;
    }
    Postings both;
    std::set_intersection(all.begin(), all.end(), some.begin(), some.end(),
                          std::back_inserter(both));
    all = std::move(both);
  }
  // Found by code and by words: both lists are ordered by entry.
  std::size_t coded = 0;
  const std::size_t coded_count = ranked.size();
  for (const std::uint32_t entry : all) {
    while (coded < coded_count && ranked[coded].second < entry) ++coded;
    if (coded == coded_count || ranked[coded].second != entry) ranked.emplace_back(2, entry);
  }
  const auto better = [&](const auto& a, const auto& b) {
    const Entry& x = entries_[a.second];
    const Entry& y = entries_[b.second];
    return std::tie(a.first, x.label_characters, x.term->code) <
           std::tie(b.first, y.label_characters, y.term->code);
  };
  const std::size_t count = std::min(count_max, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count),
                    ranked.end(), better);
  std::vector<Found> found;
  for (std::size_t i = 0; i < count; ++i) {
    found.push_back({entries_[ranked[i].second].term, ranked[i].first});
  }
  return found;
}

}  // namespace eds::terms
