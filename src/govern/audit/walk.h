// Walk: reads log lines from front to back, checks each, and grows the Merkle tree beside.
//
// Invariants: only a line whose authentication code is right becomes a leaf. Bytes that are no such
// line are held as torn until a right line vouches for their number and hash; anything else is
// damage, told at the number of the event that should stand there.
// Threads: one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "govern/audit/line.h"
#include "govern/audit/merkle.h"

namespace eds::audit {

struct Damage {
  std::uint64_t sequence = 0;  ///< the first event that is not as it was written, from 1
  std::string what;
};

class Walk {
 public:
  Walk(const govern::Key& key, Frontier tree, const Hash& last_leaf)
      : key_(&key), tree_(std::move(tree)), last_leaf_(last_leaf) {}

  /// The next bytes of the segment.
  void feed(std::string_view bytes);
  /// The bytes end here for now: what is left is a whole line that lost its break, or torn.
  void settle();
  /// The segment ends here, and another follows.
  void end_segment();
  /// Events whose lines were purged.
  void skip(std::span<const Hash> leaves);
  /// The line just written by ourselves.
  void add_own(std::string_view line);
  /// True when what is torn at the end can be a crash's work.
  bool is_torn_credibly() const;

  const Frontier& tree() const { return tree_; }
  const Hash& last_leaf() const { return last_leaf_; }
  /// What the next line vouches for, the break that its writer gives first included.
  Torn torn() const;
  /// True when the last bytes fed lack their line break, which the next writer gives first.
  bool needs_break() const { return needs_break_; }
  const std::optional<Damage>& damage() const { return damage_; }
  void damaged(std::uint64_t sequence, std::string what);

  /// The root at `size` is kept when the tree gets there.
  void watch(std::uint64_t size);
  const std::map<std::uint64_t, std::optional<Hash>>& roots() const { return roots_; }
  /// Called with each sound line.
  std::function<void(std::string_view)> on_line;

 private:
  void take(std::string_view line, bool has_break);
  void add_leaf(const Hash& leaf);
  void note_root();

  const govern::Key* key_;
  Frontier tree_;
  Hash last_leaf_;
  std::string pending_;
  std::string torn_;
  bool needs_break_ = false;
  bool is_forged_ = false;  ///< what is torn holds something that no crash leaves
  std::optional<Damage> damage_;
  std::map<std::uint64_t, std::optional<Hash>> roots_;
};

}  // namespace eds::audit
