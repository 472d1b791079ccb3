#include "govern/audit/walk.h"

#include "govern/limits.h"

namespace eds::audit {
namespace {

// A crash leaves at most one unfinished line; a few crashes in a row, a few.
constexpr std::size_t kTornBytesMax = 8 * govern::kAuditLineBytesMax;

}  // namespace

void Walk::damaged(std::uint64_t sequence, std::string what) {
  if (damage_.has_value() && damage_->sequence <= sequence) return;
  damage_ = Damage{sequence, std::move(what)};
}

Torn Walk::torn() const {
  if (torn_.empty()) return {};
  const bool adds_break = needs_break_;
  return {torn_.size() + (adds_break ? 1 : 0), sha256(torn_, adds_break ? "\n" : "")};
}

void Walk::watch(std::uint64_t size) {
  roots_.emplace(size, std::nullopt);
  note_root();
}

void Walk::note_root() {
  const auto found = roots_.find(tree_.size());
  if (found != roots_.end()) found->second = tree_.root();
}

void Walk::add_leaf(const Hash& leaf) {
  tree_.add(leaf);
  last_leaf_ = leaf;
  if (!roots_.empty()) note_root();
}

void Walk::feed(std::string_view bytes) {
  if (needs_break_ && !bytes.empty()) {
    needs_break_ = false;
    if (bytes.front() == '\n') {
      if (!torn_.empty()) torn_ += '\n';
      bytes.remove_prefix(1);
    } else {
      is_forged_ = true;
    }
  }
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      pending_ += bytes;
      break;
    }
    if (pending_.empty()) {
      take(bytes.substr(0, end), true);
    } else {
      pending_ += bytes.substr(0, end);
      take(pending_, true);
      pending_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
  if (pending_.size() > govern::kAuditLineBytesMax) {
    take(pending_, false);
    pending_.clear();
  }
}

void Walk::settle() {
  if (pending_.empty()) return;
  take(pending_, false);
  pending_.clear();
  needs_break_ = true;
}

void Walk::take(std::string_view line, bool has_break) {
  const std::optional<LineHead> head = check_line(line, last_leaf_, *key_);
  if (!head.has_value()) {
    // A whole line that is not ours, or an empty one, is nobody's crash.
    if (line.empty() || line.ends_with('}')) is_forged_ = true;
    if (torn_.size() > kTornBytesMax) {
      is_forged_ = true;
      return;
    }
    torn_ += line;
    if (has_break) torn_ += '\n';
    return;
  }
  const std::uint64_t expected = tree_.size() + 1;
  if (head->sequence != expected) damaged(expected, "events are missing or out of order");
  const bool is_vouched = head->torn_bytes == torn_.size() &&
                          (torn_.empty() || head->torn_hash == hex_of(sha256(torn_)));
  if (!is_vouched || is_forged_) damaged(expected, "bytes before this event were altered");
  torn_.clear();
  is_forged_ = false;
  add_leaf(leaf_hash(line));
  if (on_line) on_line(line);
}

bool Walk::is_torn_credibly() const {
  return !is_forged_ && torn_.size() <= kTornBytesMax;
}

void Walk::end_segment() {
  settle();
  if (!torn_.empty() || needs_break_) damaged(tree_.size() + 1, "the event was altered");
  torn_.clear();
  needs_break_ = false;
  is_forged_ = false;
}

void Walk::skip(std::span<const Hash> leaves) {
  for (const Hash& leaf : leaves) add_leaf(leaf);
}

void Walk::add_own(std::string_view line) {
  torn_.clear();
  needs_break_ = false;
  is_forged_ = false;
  add_leaf(leaf_hash(line));
}

}  // namespace eds::audit
