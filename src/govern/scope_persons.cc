#include "govern/scope_persons.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace eds::govern {

StayIndex::StayIndex(std::vector<std::int64_t> persons) : persons_(std::move(persons)) {
  if (!std::is_sorted(persons_.begin(), persons_.end())) {
    std::sort(persons_.begin(), persons_.end());
  }
  persons_.erase(std::unique(persons_.begin(), persons_.end()), persons_.end());
  persons_.shrink_to_fit();
}

void StayIndex::add_stays(std::int64_t care_site, std::span<const std::int64_t> persons) {
  std::vector<std::uint32_t>& ranks = sites_[care_site];
  // Callers give persons in the lake's order, mostly rising: a gallop from the last place is short.
  std::size_t hint = 0;
  for (const std::int64_t person : persons) {
    const bool is_ahead = hint < persons_.size() && persons_[hint] <= person;
    std::size_t rank = is_ahead ? hint : lower_rank(person);
    std::size_t step = 1;
    while (rank + step < persons_.size() && persons_[rank + step] <= person) {
      rank += step;
      step *= 2;
    }
    while (step > 1) {
      step /= 2;
      if (rank + step < persons_.size() && persons_[rank + step] <= person) rank += step;
    }
    if (rank >= persons_.size() || persons_[rank] != person) continue;
    hint = rank;
    if (ranks.empty() || ranks.back() != rank) ranks.push_back(static_cast<std::uint32_t>(rank));
  }
}

std::size_t StayIndex::lower_rank(std::int64_t person) const {
  // Ids are drawn uniformly, so the place of an id can be guessed: three or four probes, not 23.
  std::size_t low = 0;
  std::size_t high = persons_.size();
  while (high - low > 16) {
    const std::int64_t first = persons_[low];
    const std::int64_t last = persons_[high - 1];
    if (person <= first) return low;
    if (person > last) return high;
    const double share = static_cast<double>(person - first) / static_cast<double>(last - first);
    const auto width = static_cast<double>(high - low - 1);
    const auto guess = low + static_cast<std::size_t>(share * width);
    const auto slack = static_cast<std::size_t>(8 + std::max(0.0, width) / 64);
    const std::size_t left = guess > low + slack ? guess - slack : low;
    const std::size_t right = std::min(guess + slack, high - 1);
    if (persons_[left] >= person) {
      high = left + 1;
    } else if (persons_[right] < person) {
      low = right + 1;
    } else {
      low = left + 1;
      high = right + 1;
    }
  }
  const auto begin = persons_.begin();
  return static_cast<std::size_t>(std::lower_bound(begin + static_cast<std::ptrdiff_t>(low),
                                                   begin + static_cast<std::ptrdiff_t>(high),
                                                   person) -
                                  begin);
}

std::size_t StayIndex::rank_of(std::int64_t person) const {
  const std::size_t rank = lower_rank(person);
  return rank < persons_.size() && persons_[rank] == person ? rank : persons_.size();
}

std::span<const std::uint32_t> StayIndex::ranks_at(std::int64_t care_site) const {
  const auto found = sites_.find(care_site);
  if (found == sites_.end()) return {};
  return found->second;
}

std::uint64_t StayIndex::byte_count() const {
  std::uint64_t bytes = persons_.capacity() * sizeof(std::int64_t);
  for (const auto& [site, ranks] : sites_) bytes += ranks.capacity() * sizeof(std::uint32_t);
  return bytes;
}

PersonSet::PersonSet(std::shared_ptr<const StayIndex> index)
    : index_(std::move(index)), bits_((index_->person_count() + 63) / 64, 0) {}

void PersonSet::add_all() {
  std::fill(bits_.begin(), bits_.end(), ~std::uint64_t{0});
  const std::size_t over = index_->person_count() % 64;
  if (over != 0) bits_.back() = (std::uint64_t{1} << over) - 1;
}

void PersonSet::add_site(std::int64_t care_site) {
  for (const std::uint32_t rank : index_->ranks_at(care_site)) {
    bits_[rank / 64] |= std::uint64_t{1} << (rank % 64);
  }
}

void PersonSet::add(std::int64_t person) {
  const std::size_t rank = index_->rank_of(person);
  if (rank < index_->person_count()) bits_[rank / 64] |= std::uint64_t{1} << (rank % 64);
}

void PersonSet::remove(std::int64_t person) {
  const std::size_t rank = index_->rank_of(person);
  if (rank < index_->person_count()) bits_[rank / 64] &= ~(std::uint64_t{1} << (rank % 64));
}

bool PersonSet::contains(std::int64_t person) const {
  const std::size_t rank = index_->rank_of(person);
  return rank < index_->person_count() && has_rank(rank);
}

std::int64_t PersonSet::count() const {
  std::int64_t total = 0;
  for (const std::uint64_t word : bits_) total += std::popcount(word);
  return total;
}

bool PersonSet::covers(const PersonSet& other) const {
  ENSURE(index_ == other.index_);
  for (std::size_t at = 0; at < bits_.size(); ++at) {
    if ((other.bits_[at] & ~bits_[at]) != 0) return false;
  }
  return true;
}

std::vector<std::int64_t> PersonSet::members() const {
  std::vector<std::int64_t> all;
  all.reserve(static_cast<std::size_t>(count()));
  for (std::size_t at = 0; at < bits_.size(); ++at) {
    for (std::uint64_t word = bits_[at]; word != 0; word &= word - 1) {
      all.push_back(index_->person_at(at * 64 + static_cast<std::size_t>(std::countr_zero(word))));
    }
  }
  return all;
}

void PersonSet::Cursor::move_to(std::int64_t person) {
  const StayIndex& index = set_->index();
  const std::size_t count = index.person_count();
  // The next persons in order first: scans of the lake rise.
  std::size_t rank = count;
  for (std::size_t step = 0; step < 8 && rank_ + step < count; ++step) {
    if (index.person_at(rank_ + step) < person) continue;
    const bool is_before = step == 0 && index.person_at(rank_) > person;
    if (!is_before) rank = rank_ + step;
    break;
  }
  if (rank == count) rank = index.lower_rank(person);
  answer_ = rank < count && index.person_at(rank) == person && set_->has_rank(rank);
  rank_ = rank < count ? rank : 0;
  last_ = person;
}

}  // namespace eds::govern
