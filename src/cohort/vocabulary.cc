#include "cohort/vocabulary.h"

#include <algorithm>
#include <iterator>

namespace eds::cohort {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

void make_set(std::vector<std::int64_t>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

// The pairs that begin with `first`.
std::pair<std::vector<Pair>::const_iterator, std::vector<Pair>::const_iterator> pairs_of(
    const std::vector<Pair>& pairs, std::int64_t first) {
  const auto below = [](const Pair& pair, std::int64_t value) { return pair.first < value; };
  const auto begin = std::lower_bound(pairs.begin(), pairs.end(), first, below);
  auto end = begin;
  while (end != pairs.end() && end->first == first) ++end;
  return {begin, end};
}

}  // namespace

void Vocabulary::seal() {
  std::sort(concepts_.begin(), concepts_.end());
  std::sort(descendants_.begin(), descendants_.end());
  std::sort(sources_.begin(), sources_.end());
}

const Vocabulary::Known* Vocabulary::find(std::int64_t id) const {
  const auto found = std::lower_bound(concepts_.begin(), concepts_.end(), Known{id, false});
  return found != concepts_.end() && found->id == id ? &*found : nullptr;
}

std::vector<std::int64_t> Vocabulary::members(const SetRecipe& recipe, bool excluded) const {
  std::vector<std::int64_t> ids;
  std::vector<std::int64_t> mapped;
  for (const SetItem& item : recipe.items) {
    if (item.is_excluded != excluded) continue;
    const std::size_t before = ids.size();
    if (find(item.concept_id) != nullptr) ids.push_back(item.concept_id);
    if (item.with_descendants) {
      const auto [begin, end] = pairs_of(descendants_, item.concept_id);
      for (auto pair = begin; pair != end; ++pair) {
        const Known* known = find(pair->second);
        if (known != nullptr && known->is_valid) ids.push_back(pair->second);
      }
    }
    if (!item.with_mapped) continue;
    for (std::size_t index = before; index < ids.size(); ++index) {
      const auto [begin, end] = pairs_of(sources_, ids[index]);
      for (auto pair = begin; pair != end; ++pair) mapped.push_back(pair->second);
    }
  }
  ids.insert(ids.end(), mapped.begin(), mapped.end());
  make_set(ids);
  return ids;
}

std::vector<std::int64_t> Vocabulary::resolve(const SetRecipe& recipe) const {
  const std::vector<std::int64_t> included = members(recipe, false);
  const std::vector<std::int64_t> excluded = members(recipe, true);
  std::vector<std::int64_t> ids;
  std::set_difference(included.begin(), included.end(), excluded.begin(), excluded.end(),
                      std::back_inserter(ids));
  return ids;
}

}  // namespace eds::cohort
