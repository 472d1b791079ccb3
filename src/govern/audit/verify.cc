#include "govern/audit/verify.h"

#include <charconv>
#include <utility>

#include "govern/audit/segments.h"
#include "govern/audit/version1.h"
#include "govern/limits.h"

namespace eds::audit {
namespace {

// What the log was when verification began.
struct Extent {
  std::vector<Segment> segments;
  std::uint64_t last_bytes = 0;
  std::string checkpoint;
  std::string mirror;
  bool has_version1 = false;
};

Result<std::string> read_if_there(Env& env, const Path& path) {
  if (!env.exists(path)) return std::string();
  return env.read_all(path, kNoteBytesMax);
}

Result<Extent> measure(Env& env, const PublicKey& key, const LogOptions& options) {
  const std::unique_ptr<FileLock> lock =
      TRY(env.lock(join(options.directory, kLockName), Wait::Yes));
  Extent extent;
  extent.segments = TRY(list_segments(env, options.directory));
  if (!extent.segments.empty() && extent.segments.back().has_lines) {
    extent.last_bytes =
        TRY(env.info(segment_path(options.directory, extent.segments.back().first))).bytes;
  }
  extent.checkpoint = TRY(read_if_there(env, join(options.directory, kCheckpointName)));
  if (!options.mirror.empty()) {
    extent.mirror = TRY(read_if_there(env, mirror_checkpoint(options.mirror, key)));
  }
  extent.has_version1 = env.exists(join(options.directory, kVersion1Name));
  return extent;
}

// Events that speak of the log itself.
struct Sayings {
  std::string version1_sha256;
  std::uint64_t purged_to = 0;

  void hear(std::string_view line) {
    // Cheap before dear: few lines are parsed.
    if (line.find(R"("action":"audit )") == std::string_view::npos) return;
    const Result<Entry> entry = parse_line(line);
    if (!entry.ok()) return;
    if (entry->event.action == kPinAction && entry->sequence == 1) {
      version1_sha256 = entry->event.object;
    }
    if (entry->event.action == kPurgeAction && entry->event.object.starts_with("1-")) {
      const std::string_view to = std::string_view(entry->event.object).substr(2);
      std::uint64_t number = 0;
      std::from_chars(to.data(), to.data() + to.size(), number);
      purged_to = std::max(purged_to, number);
    }
  }
};

class Verification {
 public:
  Verification(Env& env, const govern::KeyRing& keys, const LogOptions& options)
      : env_(env),
        keys_(keys),
        options_(options),
        key_(keys.derive(govern::Purpose::AuditLine)),
        signer_(keys.derive(govern::Purpose::AuditCheckpoint)),
        walk_(key_, Frontier(), Hash{}) {}

  Result<Verdict> run() {
    extent_ = TRY(measure(env_, signer_.public_key(), options_));
    const std::optional<Checkpoint> own = read_note(extent_.checkpoint, "the checkpoint");
    std::optional<Checkpoint> mirrored;
    if (!options_.mirror.empty()) mirrored = read_note(extent_.mirror, "the mirrored checkpoint");
    for (const std::optional<Checkpoint>* each : {&own, &std::as_const(mirrored)}) {
      if (each->has_value()) walk_.watch((*each)->tree.size());
    }
    walk_.on_line = [this](std::string_view line) { sayings_.hear(line); };
    TRY(read_segments());
    if (own.has_value()) check_note(*own, "the checkpoint");
    if (mirrored.has_value()) check_note(*mirrored, "the mirrored checkpoint");
    if (own.has_value() && own->segment_first == last_first() &&
        extent_.last_bytes < own->segment_bytes) {
      walk_.damaged(own->tree.size(), "the log was cut short");
    }
    TRY(check_past());
    verdict_.event_count = walk_.tree().size();
    verdict_.signed_count = own.has_value() ? own->tree.size() : 0;
    verdict_.mirrored_count = mirrored.has_value() ? mirrored->tree.size() : 0;
    verdict_.damage = walk_.damage();
    return verdict_;
  }

 private:
  std::uint64_t last_first() const {
    return extent_.segments.empty() ? 1 : extent_.segments.back().first;
  }

  std::optional<Checkpoint> read_note(std::string_view note, std::string_view name) {
    const bool is_untouched = note.empty() && extent_.segments.empty() && !extent_.has_version1;
    Result<Checkpoint> read = parse_checkpoint(note, signer_.public_key());
    if (read.ok()) return std::move(*read);
    if (!is_untouched) {
      doubts_.push_back(std::string(name) + (note.empty() ? " is missing" : " was altered"));
    }
    return std::nullopt;
  }

  void check_note(const Checkpoint& note, const std::string& name) {
    const auto found = walk_.roots().find(note.tree.size());
    if (found == walk_.roots().end() || !found->second.has_value()) {
      walk_.damaged(walk_.tree().size() + 1, "events are missing that " + name + " covers");
    } else if (*found->second != note.tree.root()) {
      walk_.damaged(note.tree.size(),
                    "the events up to here are not those that " + name + " covers");
    }
  }

  Status read_segments() {
    for (std::size_t at = 0; at < extent_.segments.size(); ++at) {
      const Segment& segment = extent_.segments[at];
      const bool is_last = at + 1 == extent_.segments.size();
      if (segment.first != walk_.tree().size() + 1) {
        walk_.damaged(walk_.tree().size() + 1, "a segment is missing, added or out of order");
      }
      if (!segment.has_lines) {
        const Result<std::vector<Hash>> leaves =
            read_leaves(env_, options_.directory, segment.first);
        if (!leaves.ok()) {
          walk_.damaged(walk_.tree().size() + 1,
                        "the leaf hashes of a purged segment were altered");
          continue;
        }
        walk_.skip(*leaves);
        purged_to_ = walk_.tree().size();
        verdict_.purged_count += leaves->size();
        continue;
      }
      const Path path = segment_path(options_.directory, segment.first);
      const std::uint64_t size = is_last ? extent_.last_bytes : TRY(env_.info(path)).bytes;
      TRY(each_piece(env_, path, 0, size, [&](std::string_view bytes) -> Status {
        walk_.feed(bytes);
        return {};
      }));
      if (is_last) {
        walk_.settle();
      } else {
        walk_.end_segment();
      }
    }
    if (!walk_.is_torn_credibly()) walk_.damaged(walk_.tree().size() + 1, "the event was altered");
    return {};
  }

  Status check_past() {
    if (purged_to_ > sayings_.purged_to) {
      walk_.damaged(purged_to_, "events up to here were removed without a purge");
    }
    const bool was_purged = purged_to_ >= 1;
    if (!sayings_.version1_sha256.empty() || extent_.has_version1) {
      const Version1 old =
          extent_.has_version1 ? TRY(check_version1(env_, keys_, options_.directory)) : Version1{};
      verdict_.version1_count = old.line_count;
      const bool is_pinned = old.sha256 == sayings_.version1_sha256 && old.what.empty();
      if (!is_pinned && !was_purged) walk_.damaged(1, "the log of version 1 was altered");
    }
    for (const std::string& doubt : doubts_) walk_.damaged(walk_.tree().size() + 1, doubt);
    return {};
  }

  Env& env_;
  const govern::KeyRing& keys_;
  const LogOptions& options_;
  govern::Key key_;
  Signer signer_;
  Walk walk_;
  Extent extent_;
  Sayings sayings_;
  Verdict verdict_;
  std::uint64_t purged_to_ = 0;
  std::vector<std::string> doubts_;
};

}  // namespace

Result<Verdict> verify(Env& env, const govern::KeyRing& keys, const LogOptions& options) {
  TRY(needs_key(keys));
  return Verification(env, keys, options).run();
}

Result<Version1> check_version1(Env& env, const govern::KeyRing& keys, const Path& directory) {
  const version1::Chain chain(keys.derive(govern::Purpose::AuditChain));
  Version1 found;
  std::optional<version1::Head> head;
  const Path head_path = join(directory, kVersion1HeadName);
  if (env.exists(head_path)) {
    head = chain.read_head(TRY(env.read_all(head_path, kNoteBytesMax)));
    if (!head.has_value()) found.what = "the head was altered";
  }
  version1::ChainWalk walk(chain, head);
  const Path path = join(directory, kVersion1Name);
  const std::uint64_t size = TRY(env.info(path)).bytes;
  std::string pending;
  Sha256 hash;
  TRY(each_piece(env, path, 0, size, [&](std::string_view bytes) -> Status {
    hash.add(bytes);
    while (true) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) break;
      pending += bytes.substr(0, end);
      walk.next(pending, true);
      pending.clear();
      bytes.remove_prefix(end + 1);
    }
    pending += bytes;
    if (pending.size() > 2 * govern::kAuditLineBytesMax) {
      walk.next(pending, false);
      pending.clear();
    }
    return {};
  }));
  if (!pending.empty()) walk.next(pending, false);
  const version1::Verdict verdict = walk.finish();
  found.line_count = verdict.line_count;
  found.sha256 = hex_of(hash.finish());
  if (!verdict.sound()) found.what = verdict.what;
  return found;
}

Result<std::vector<Hash>> read_all_leaves(Env& env, const Path& directory) {
  std::vector<Hash> leaves;
  for (const Segment& segment : TRY(list_segments(env, directory))) {
    if (!segment.has_lines) {
      const std::vector<Hash> kept = TRY(read_leaves(env, directory, segment.first));
      leaves.insert(leaves.end(), kept.begin(), kept.end());
      continue;
    }
    TRY(each_segment_line(env, directory, segment.first, [&](std::string_view line) -> Status {
      leaves.push_back(leaf_hash(line));
      return {};
    }));
  }
  return leaves;
}

}  // namespace eds::audit
