#include "govern/audit/merkle.h"

#include <bit>

namespace eds::audit {
namespace {

constexpr std::string_view kLeafPrefix{"\0", 1};

/// The largest power of two smaller than `size` (RFC 6962: k < n <= 2k).
std::uint64_t split_of(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

// RFC 6962, 2.1.2: SUBPROOF(m, D[n], b).
void subproof(std::span<const Hash> leaves, std::uint64_t size, bool is_whole,
              std::vector<Hash>& proof) {
  if (size == leaves.size()) {
    if (!is_whole) proof.push_back(root_of(leaves));
    return;
  }
  const std::uint64_t split = split_of(leaves.size());
  if (size <= split) {
    subproof(leaves.first(split), size, is_whole, proof);
    proof.push_back(root_of(leaves.subspan(split)));
  } else {
    subproof(leaves.subspan(split), size - split, false, proof);
    proof.push_back(root_of(leaves.first(split)));
  }
}

}  // namespace

Hash leaf_hash(std::string_view bytes) {
  return sha256(kLeafPrefix, bytes);
}

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<char, 33> first{};
  first[0] = 1;
  const std::string_view left_bytes = bytes_of(left);
  std::copy(left_bytes.begin(), left_bytes.end(), first.begin() + 1);
  return sha256({first.data(), first.size()}, bytes_of(right));
}

Result<Frontier> Frontier::of(std::uint64_t size, std::vector<Hash> subtrees) {
  if (static_cast<std::size_t>(std::popcount(size)) != subtrees.size()) {
    return Error{Code::Malformed, "a tree of this size has another number of subtrees"};
  }
  Frontier frontier;
  frontier.size_ = size;
  frontier.subtrees_ = std::move(subtrees);
  return frontier;
}

void Frontier::add(const Hash& leaf) {
  Hash hash = leaf;
  // Each low bit set in the size is a perfect subtree that the new leaf completes.
  for (std::uint64_t rest = size_; (rest & 1) == 1; rest >>= 1) {
    hash = node_hash(subtrees_.back(), hash);
    subtrees_.pop_back();
  }
  subtrees_.push_back(hash);
  size_ += 1;
}

Hash Frontier::root() const {
  if (subtrees_.empty()) return sha256("");
  Hash hash = subtrees_.back();
  for (std::size_t at = subtrees_.size() - 1; at > 0; --at)
    hash = node_hash(subtrees_[at - 1], hash);
  return hash;
}

Hash root_of(std::span<const Hash> leaves) {
  Frontier frontier;
  for (const Hash& leaf : leaves) frontier.add(leaf);
  return frontier.root();
}

std::vector<Hash> inclusion_proof(std::span<const Hash> leaves, std::uint64_t index) {
  ENSURE(index < leaves.size());
  if (leaves.size() == 1) return {};
  const std::uint64_t split = split_of(leaves.size());
  const bool is_left = index < split;
  std::vector<Hash> proof = is_left ? inclusion_proof(leaves.first(split), index)
                                    : inclusion_proof(leaves.subspan(split), index - split);
  proof.push_back(root_of(is_left ? leaves.subspan(split) : leaves.first(split)));
  return proof;
}

std::vector<Hash> consistency_proof(std::span<const Hash> leaves, std::uint64_t size) {
  ENSURE(size >= 1 && size <= leaves.size());
  std::vector<Hash> proof;
  subproof(leaves, size, true, proof);
  return proof;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Hash& root,
                      std::span<const Hash> proof) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& step : proof) {
    if (last == 0) return false;
    if ((node & 1) == 1 || node == last) {
      hash = node_hash(step, hash);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      hash = node_hash(hash, step);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t first_size, std::uint64_t second_size, const Hash& first_root,
                        const Hash& second_root, std::span<const Hash> proof) {
  if (first_size == 0 || first_size > second_size) return false;
  if (first_size == second_size) return proof.empty() && first_root == second_root;
  // A whole subtree is not repeated in the proof: the verifier knows its root.
  const bool is_perfect = std::has_single_bit(first_size);
  if (proof.empty()) return false;
  const Hash& seed = is_perfect ? first_root : proof.front();
  const std::span<const Hash> steps = is_perfect ? proof : proof.subspan(1);
  std::uint64_t node = first_size - 1;
  std::uint64_t last = second_size - 1;
  while ((node & 1) == 1) {
    node >>= 1;
    last >>= 1;
  }
  Hash first = seed;
  Hash second = seed;
  for (const Hash& step : steps) {
    if (last == 0) return false;
    if ((node & 1) == 1 || node == last) {
      first = node_hash(step, first);
      second = node_hash(step, second);
      while ((node & 1) == 0 && node != 0) {
        node >>= 1;
        last >>= 1;
      }
    } else {
      second = node_hash(second, step);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && first == first_root && second == second_root;
}

}  // namespace eds::audit
