#include "terms/terminology.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace eds::terms {
namespace {

constexpr std::size_t kWarningsKept = 100;

}  // namespace

void LoadReport::warn(std::string text) {
  if (warnings.size() < kWarningsKept) warnings.push_back(std::move(text));
}

Terminology::Terminology(std::string vocabulary_id, std::string name, std::string version)
    : vocabulary_id_(std::move(vocabulary_id)),
      name_(std::move(name)),
      version_(std::move(version)) {}

Status Terminology::add(Term term) {
  if (term.code.empty()) return Error{Code::Malformed, "term without code"};
  if (terms_.size() >= kTermsMax) {
    return Error{Code::Limit, fmt::format("terminology exceeds kTermsMax ({})", kTermsMax)};
  }
  if (term.parents.size() > kParentsMax) {
    return Error{Code::Limit,
                 fmt::format("term exceeds kParentsMax ({}): {}", kParentsMax, term.code)};
  }
  terms_.push_back(std::move(term));
  return {};
}

Status Terminology::finish(LoadReport& report) {
  std::stable_sort(terms_.begin(), terms_.end(), [](const Term& a, const Term& b) {
    return std::tie(a.code, a.valid_from) < std::tie(b.code, b.valid_from);
  });
  // The same version twice: the last one read wins.
  std::vector<Term> kept;
  kept.reserve(terms_.size());
  for (Term& term : terms_) {
    Term* before = kept.empty() || kept.back().code != term.code ? nullptr : &kept.back();
    if (before != nullptr && before->valid_from == term.valid_from) {
      report.warn(fmt::format("code given twice: {}", term.code));
      *before = std::move(term);
      continue;
    }
    if (before != nullptr && before->valid_to >= term.valid_from) {
      before->valid_to = term.valid_from - 1;
    }
    kept.push_back(std::move(term));
  }
  terms_ = std::move(kept);
  firsts_.clear();
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (i == 0 || terms_[i].code != terms_[i - 1].code) {
      firsts_.push_back(static_cast<std::uint32_t>(i));
    }
  }
  link_parents(report);
  cut_cycles(report);
  return {};
}

std::size_t Terminology::index_of(std::string_view code) const {
  const auto found = std::lower_bound(
      firsts_.begin(), firsts_.end(), code,
      [&](std::uint32_t first, std::string_view wanted) { return terms_[first].code < wanted; });
  if (found == firsts_.end() || terms_[*found].code != code) return kAbsent;
  return static_cast<std::size_t>(found - firsts_.begin());
}

std::span<const Term> Terminology::versions(std::string_view code) const {
  const std::size_t index = index_of(code);
  if (index == kAbsent) return {};
  const std::size_t end = index + 1 < firsts_.size() ? firsts_[index + 1] : terms_.size();
  return std::span<const Term>(terms_).subspan(firsts_[index], end - firsts_[index]);
}

const Term* Terminology::find(std::string_view code, std::int32_t day) const {
  for (const Term& term : versions(code)) {
    if (term.valid_from <= day && day <= term.valid_to) return &term;
  }
  return nullptr;
}

const Term* Terminology::find_latest(std::string_view code) const {
  const auto all = versions(code);
  return all.empty() ? nullptr : &all.back();
}

void Terminology::link_parents(LoadReport& report) {
  parents_.assign(firsts_.size(), {});
  for (std::size_t i = 0; i < firsts_.size(); ++i) {
    for (const Term& term : versions(code_at(i))) {
      for (const std::string& parent : term.parents) {
        const std::size_t index = index_of(parent);
        if (index == kAbsent) {
          report.warn(fmt::format("parent is not in the terminology: {} of {}", parent, term.code));
          continue;
        }
        parents_[i].push_back(static_cast<std::uint32_t>(index));
      }
    }
    std::sort(parents_[i].begin(), parents_[i].end());
    parents_[i].erase(std::unique(parents_[i].begin(), parents_[i].end()), parents_[i].end());
  }
}

/// Depth first, without recursion: an edge to a term on the current path closes a cycle.
void Terminology::cut_cycles(LoadReport& report) {
  enum class Mark : std::uint8_t { New, OnPath, Done };
  std::vector<Mark> marks(firsts_.size(), Mark::New);
  std::vector<std::pair<std::uint32_t, std::size_t>> path;  // term, next parent to look at
  cycles_.clear();
  for (std::uint32_t start = 0; start < firsts_.size(); ++start) {
    if (marks[start] != Mark::New) continue;
    path.emplace_back(start, 0);
    marks[start] = Mark::OnPath;
    while (!path.empty()) {
      const std::uint32_t index = path.back().first;
      auto& parents = parents_[index];
      if (path.back().second == parents.size()) {
        marks[index] = Mark::Done;
        path.pop_back();
        continue;
      }
      const std::uint32_t parent = parents[path.back().second];
      if (marks[parent] == Mark::OnPath || path.size() >= kHierarchyDepthMax) {
        cycles_.push_back(code_at(index));
        report.warn(fmt::format("hierarchy has a cycle at: {}", code_at(index)));
        parents.erase(parents.begin() + static_cast<std::ptrdiff_t>(path.back().second));
        continue;
      }
      ++path.back().second;
      if (marks[parent] == Mark::New) {
        marks[parent] = Mark::OnPath;
        path.emplace_back(parent, 0);
      }
    }
  }
  children_.assign(firsts_.size(), {});
  for (std::uint32_t i = 0; i < firsts_.size(); ++i) {
    for (const std::uint32_t parent : parents_[i]) children_[parent].push_back(i);
  }
}

/// Level by level upwards; a term met again on a higher level only raises max_levels.
std::vector<Ancestor> Terminology::ancestors_of(std::size_t index) const {
  std::map<std::uint32_t, std::pair<std::int32_t, std::int32_t>> found;
  std::vector<std::uint32_t> level = parents_[index];
  for (std::int32_t depth = 1; !level.empty(); ++depth) {
    std::vector<std::uint32_t> next;
    for (const std::uint32_t ancestor : level) {
      const auto [at, is_new] = found.try_emplace(ancestor, depth, depth);
      at->second.second = depth;
      next.insert(next.end(), parents_[ancestor].begin(), parents_[ancestor].end());
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    level = std::move(next);
  }
  std::vector<Ancestor> ancestors;
  for (const auto& [ancestor, levels] : found) {
    ancestors.push_back({ancestor, levels.first, levels.second});
  }
  return ancestors;
}

std::vector<Ancestor> Terminology::ancestors(std::string_view code) const {
  const std::size_t index = index_of(code);
  return index == kAbsent ? std::vector<Ancestor>() : ancestors_of(index);
}

std::vector<std::string_view> Terminology::children(std::string_view code) const {
  std::vector<std::string_view> found;
  const std::size_t index = index_of(code);
  if (index == kAbsent) return found;
  for (const std::uint32_t child : children_[index]) found.push_back(code_at(child));
  return found;
}

std::vector<std::string_view> Terminology::descendants(std::string_view code) const {
  std::vector<std::string_view> found;
  const std::size_t index = index_of(code);
  if (index == kAbsent) return found;
  std::vector<bool> seen(firsts_.size());
  std::vector<std::uint32_t> waiting = children_[index];
  while (!waiting.empty()) {
    const std::uint32_t next = waiting.back();
    waiting.pop_back();
    if (seen[next]) continue;
    seen[next] = true;
    waiting.insert(waiting.end(), children_[next].begin(), children_[next].end());
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) found.push_back(code_at(i));
  }
  return found;
}

Status Terminology::emit(ConceptIds& ids, OmopSink& sink) const {
  VocabularyRow vocabulary{vocabulary_id_, name_, {}, version_, 0};
  vocabulary.vocabulary_concept_id = TRY(ids.id_of("Vocabulary", vocabulary_id_));
  TRY(sink.add(vocabulary));
  std::vector<std::int64_t> concept_ids(firsts_.size());
  for (std::size_t i = 0; i < firsts_.size(); ++i) {
    const std::span<const Term> all = versions(code_at(i));
    const Term& latest = all.back();
    concept_ids[i] = TRY(ids.id_of(vocabulary_id_, latest.code));
    ConceptRow row;
    row.concept_id = concept_ids[i];
    row.concept_name = latest.label();
    row.domain_id = latest.domain_id;
    row.vocabulary_id = vocabulary_id_;
    row.concept_class_id = latest.class_id.empty() ? vocabulary_id_ : latest.class_id;
    row.concept_code = latest.code;
    row.valid_start = all.front().valid_from;
    row.valid_end = latest.valid_to;
    if (latest.valid_to < kAlwaysUntil) row.invalid_reason = "D";
    TRY(sink.add(row));
    const auto synonym = [&](std::string_view name, std::int64_t language) -> Status {
      if (name.empty() || name == row.concept_name) return {};
      return sink.add(ConceptSynonymRow{row.concept_id, name, language});
    };
    TRY(synonym(latest.label_en, kEnglish));
    for (const std::string& name : latest.synonyms) TRY(synonym(name, kFrench));
  }
  return emit_hierarchy(concept_ids, sink);
}

Status Terminology::emit_hierarchy(std::span<const std::int64_t> concept_ids,
                                   OmopSink& sink) const {
  for (std::size_t i = 0; i < firsts_.size(); ++i) {
    const std::int64_t id = concept_ids[i];
    for (const std::uint32_t parent : parents_[i]) {
      TRY(sink.add(ConceptRelationshipRow{id, concept_ids[parent], "Is a"}));
      TRY(sink.add(ConceptRelationshipRow{concept_ids[parent], id, "Subsumes"}));
    }
    TRY(sink.add(ConceptAncestorRow{id, id, 0, 0}));
    for (const Ancestor& ancestor : ancestors_of(i)) {
      TRY(sink.add(ConceptAncestorRow{concept_ids[ancestor.index], id, ancestor.min_levels,
                                      ancestor.max_levels}));
    }
  }
  return {};
}

}  // namespace eds::terms
