// The Merkle tree of RFC 6962 over SHA-256: leaves, roots, and the two proofs.
//
// Invariants: a leaf is SHA-256(0x00, bytes), an inner node SHA-256(0x01, left, right), so neither
// can be taken for the other. A Frontier of n leaves holds one hash for each bit set in n.
// Threads: plain values.
// Sources: RFC 6962 section 2.1; verification as RFC 9162 sections 2.1.3.2 and 2.1.4.2.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "govern/audit/crypto.h"

namespace eds::audit {

Hash leaf_hash(std::string_view bytes);
Hash node_hash(const Hash& left, const Hash& right);

/// The right edge of a growing tree: enough to add leaves and to know the root.
class Frontier {
 public:
  Frontier() = default;
  /// Malformed when the number of hashes does not fit `size`.
  static Result<Frontier> of(std::uint64_t size, std::vector<Hash> subtrees);

  void add(const Hash& leaf);
  std::uint64_t size() const { return size_; }
  /// The root; SHA-256 of nothing for an empty tree.
  Hash root() const;
  /// Roots of the perfect subtrees, largest first.
  const std::vector<Hash>& subtrees() const { return subtrees_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> subtrees_;
};

Hash root_of(std::span<const Hash> leaves);
/// The hashes from leaf `index` (below leaves.size()) up to the root of all `leaves`.
std::vector<Hash> inclusion_proof(std::span<const Hash> leaves, std::uint64_t index);
/// What shows that the tree of the first `size` leaves (1 to leaves.size()) is a part of the whole.
std::vector<Hash> consistency_proof(std::span<const Hash> leaves, std::uint64_t size);

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, const Hash& root,
                      std::span<const Hash> proof);
/// A tree of nothing proves nothing: `first_size` 0 is refused.
bool verify_consistency(std::uint64_t first_size, std::uint64_t second_size, const Hash& first_root,
                        const Hash& second_root, std::span<const Hash> proof);

}  // namespace eds::audit
