#include "govern/audit/log.h"

#include <array>
#include <ctime>

#include "govern/audit/segments.h"
#include "govern/audit/verify.h"
#include "govern/limits.h"

namespace eds::audit {
namespace {

std::int64_t month_of(std::int64_t time_us) {
  const auto when = static_cast<std::time_t>(time_us / 1'000'000);
  std::tm parts{};
  gmtime_r(&when, &parts);
  return std::int64_t{parts.tm_year} * 12 + parts.tm_mon;
}

/// The directory that holds `path`.
Path parent_of(const Path& path) {
  const std::size_t slash = path.find_last_not_of('/') == std::string::npos
                                ? std::string::npos
                                : path.rfind('/', path.find_last_not_of('/'));
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

LogOptions options_of(const Path& directory, const Config& config) {
  LogOptions options;
  options.directory =
      config.audit_directory.empty() ? join(directory, "audit") : config.audit_directory;
  options.mirror = config.audit_mirror;
  return options;
}

Status needs_key(const govern::KeyRing& keys) {
  if (keys.holds(govern::Zone::Audit)) return {};
  return Error{
      Code::NotFound,
      "the audit's key is not here: set [audit] socket, or run this as the audit's account"};
}

Path mirror_checkpoint(const Path& mirror, const PublicKey& key) {
  return join(mirror, log_name(key).substr(log_name(key).find('/') + 1) + ".checkpoint");
}

Log::Log(Env& env, const govern::KeyRing& keys, const LogOptions& options)
    : env_(env),
      options_(options),
      key_(keys.derive(govern::Purpose::AuditLine)),
      signer_(keys.derive(govern::Purpose::AuditCheckpoint)),
      walk_(key_, Frontier(), Hash{}) {}

Log::~Log() {
  static_cast<void>(checkpoint());
}

Path Log::mirror_path() const {
  return mirror_checkpoint(options_.mirror, signer_.public_key());
}

Result<std::unique_ptr<Log>> Log::open(Env& env, const govern::KeyRing& keys,
                                       const LogOptions& options) {
  TRY(needs_key(keys));
  TRY(env.make_directories(options.directory));
  TRY(env.set_mode(options.directory, 0700));
  if (!options.mirror.empty()) {
    const Status made = env.make_directories(options.mirror);
    if (!made.ok()) return made.error().within("audit mirror cannot be made");
  }
  std::unique_ptr<Log> log(new Log(env, keys, options));
  const std::unique_ptr<FileLock> lock =
      TRY(env.lock(join(options.directory, kLockName), Wait::Yes));
  Status ready = log->begin_or_resume(keys);
  if (!ready.ok()) {
    log->broken_ = ready;  // So that closing it signs nothing.
    return std::move(ready).error();
  }
  log->signed_at_us_ = 0;
  return log;
}

Status Log::begin_or_resume(const govern::KeyRing& keys) {
  const Path path = join(options_.directory, kCheckpointName);
  if (!env_.exists(path)) {
    TRY(begin());
  } else {
    TRY(resume(TRY(env_.read_all(path, kNoteBytesMax))));
    TRY(catch_up());
  }
  TRY(meet_mirror());
  if (walk_.tree().size() == 0 && env_.exists(join(options_.directory, kVersion1Name))) {
    TRY(pin_version1(keys));
  }
  return {};
}

// The empty log is signed before its first event, so that a log without checkpoint is a damaged
// one.
Status Log::begin() {
  const bool has_events = !TRY(list_segments(env_, options_.directory)).empty();
  if (has_events || (!options_.mirror.empty() && env_.exists(mirror_path()))) {
    return Error{Code::Corrupt,
                 "audit checkpoint is missing: " + join(options_.directory, kCheckpointName)};
  }
  TRY(env_.make_directories(join(options_.directory, kLogFolder)));
  TRY(env_.sync_directory(options_.directory));
  TRY(env_.sync_directory(parent_of(options_.directory)));
  if (!options_.mirror.empty()) TRY(env_.sync_directory(parent_of(options_.mirror)));
  TRY(env_.write_durably(join(options_.directory, kKeyName),
                         verifier_key(signer_.public_key()) + "\n"));
  if (!options_.mirror.empty()) {
    TRY(env_.write_durably(mirror_path() + ".vkey", verifier_key(signer_.public_key()) + "\n"));
  }
  return sign_locked();
}

Status Log::resume(std::string_view note) {
  Checkpoint last = TRY(parse_checkpoint(note, signer_.public_key()));
  signed_size_ = last.tree.size();
  segment_first_ = last.segment_first;
  segment_bytes_ = last.segment_bytes;
  segment_month_ = month_of(last.time_us);
  walk_ = Walk(key_, std::move(last.tree), last.last_leaf);
  return {};
}

// A mirror may be behind by the checkpoints that it missed, never ahead.
Status Log::meet_mirror() {
  if (options_.mirror.empty()) return {};
  if (!env_.exists(mirror_path())) {
    if (walk_.tree().size() == 0) return sign_locked();
    govern::AuditEvent event;
    event.actor = "eds";
    event.action = "audit mirror";
    event.object = "begun";
    event.zone = "audit";
    const govern::AuditEvent* const events[] = {&event};
    TRY(write_locked(events));
    return sign_locked();
  }
  const std::string note = TRY(env_.read_all(mirror_path(), kNoteBytesMax));
  const Result<Checkpoint> mirrored = parse_checkpoint(note, signer_.public_key());
  if (!mirrored.ok()) return mirrored.error().within("in the audit mirror");
  if (mirrored->tree.size() > walk_.tree().size()) {
    return Error{Code::Corrupt, "audit log is older than its mirror: events were removed"};
  }
  return {};
}

Status Log::pin_version1(const govern::KeyRing& keys) {
  const Path path = join(options_.directory, kVersion1Name);
  const Version1 old = TRY(check_version1(env_, keys, options_.directory));
  if (!old.what.empty()) {
    return Error{Code::Corrupt, "audit log of version 1 was altered: " + path};
  }
  govern::AuditEvent event;
  event.actor = "eds";
  event.action = std::string(kPinAction);
  event.object = old.sha256;
  event.zone = "audit";
  event.row_count = static_cast<std::int64_t>(old.line_count);
  const govern::AuditEvent* const events[] = {&event};
  TRY(write_locked(events));
  return sign_locked();
}

// Reads what other processes added since, and what a crash left.
Status Log::catch_up() {
  while (true) {
    const Path path = segment_path(options_.directory, segment_first_);
    const Result<FileInfo> info = env_.info(path);
    if (!info.ok() && info.error().code != Code::NotFound) return info.error();
    const std::uint64_t size = info.ok() ? info->bytes : 0;
    if (size < segment_bytes_) {
      return Error{Code::Corrupt, "audit log was cut short: " + path};
    }
    if (size > segment_bytes_) {
      TRY(each_piece(env_, path, segment_bytes_, size, [&](std::string_view bytes) -> Status {
        walk_.feed(bytes);
        return {};
      }));
      walk_.settle();
      segment_bytes_ = size;
    }
    if (walk_.damage().has_value() || !walk_.is_torn_credibly()) {
      return Error{Code::Corrupt, "audit log was altered at its end: " + path};
    }
    const std::uint64_t next = walk_.tree().size() + 1;
    if (next == segment_first_ || !env_.exists(segment_path(options_.directory, next))) return {};
    walk_.end_segment();
    segment_first_ = next;
    segment_bytes_ = 0;
    segment_month_ = -1;
  }
}

// A month's events stand in segments of their own, so that whole segments can be purged by age.
Status Log::rotate_if_due(std::int64_t now_us) {
  const bool is_clean = walk_.torn().byte_count == 0 && !walk_.needs_break();
  const bool is_due = segment_bytes_ >= options_.segment_bytes_max ||
                      (segment_month_ >= 0 && segment_month_ != month_of(now_us));
  if (segment_bytes_ == 0 || !is_clean || !is_due) return {};
  segment_first_ = walk_.tree().size() + 1;
  segment_bytes_ = 0;
  segment_month_ = -1;
  return {};
}

Status Log::append(std::span<const govern::AuditEvent* const> events) {
  if (!broken_.ok()) return broken_;
  const std::unique_ptr<FileLock> lock =
      TRY(env_.lock(join(options_.directory, kLockName), Wait::Yes));
  TRY(catch_up());
  TRY(write_locked(events));
  if (signed_at_us_ != 0 && env_.monotonic_us() < signed_at_us_ + kCheckpointUs &&
      walk_.tree().size() < signed_size_ + kCheckpointEvents) {
    return {};
  }
  // The events are durable; that they could not be signed yet refuses the next ones, not these.
  Status was_signed = sign_locked();
  if (!was_signed.ok() && was_signed.error().code != Code::NoSpace) broken_ = was_signed;
  return {};
}

Status Log::write_locked(std::span<const govern::AuditEvent* const> events) {
  const std::int64_t now_us = env_.now_us();
  TRY(rotate_if_due(now_us));
  const Path path = segment_path(options_.directory, segment_first_);
  if (file_ == nullptr || file_first_ != segment_first_) {
    file_ = TRY(env_.append_to(path));
    file_first_ = segment_first_;
    if (segment_bytes_ == 0) {
      TRY(env_.set_mode(path, 0600));
      TRY(env_.sync_directory(join(options_.directory, kLogFolder)));
    }
  }
  // The lines are made on a copy of the place, which is only believed once they are on disk.
  Walk ahead = walk_;
  std::string bytes;
  if (ahead.needs_break()) bytes += '\n';
  for (const govern::AuditEvent* event : events) {
    const LinePlace place{ahead.tree().size() + 1, now_us, ahead.torn()};
    const std::string line = write_line(*event, place, ahead.last_leaf(), key_);
    ENSURE(line.size() <= govern::kAuditLineBytesMax);
    ahead.add_own(line);
    bytes += line;
    bytes += '\n';
  }
  const Status appended = file_->append(bytes);
  if (!appended.ok()) {
    file_ = nullptr;  // The next append reads what was left, and goes on after it.
    return appended;
  }
  const Status synced = file_->sync();
  if (!synced.ok()) {
    file_ = nullptr;
    broken_ = synced.error().within("audit log could not be made durable; open it anew");
    return synced;
  }
  walk_ = std::move(ahead);
  if (segment_month_ < 0) segment_month_ = month_of(now_us);
  segment_bytes_ += bytes.size();
  return {};
}

Status Log::sign_locked() {
  Checkpoint checkpoint{walk_.tree(), walk_.last_leaf(), segment_first_, segment_bytes_,
                        env_.now_us()};
  const std::string note = sign_checkpoint(checkpoint, signer_);
  TRY(env_.write_durably(join(options_.directory, kCheckpointName), note));
  signed_size_ = checkpoint.tree.size();
  signed_at_us_ = std::max<std::int64_t>(env_.monotonic_us(), 1);
  if (!options_.mirror.empty()) mirror_status_ = env_.write_durably(mirror_path(), note);
  return {};
}

Status Log::checkpoint() {
  if (!broken_.ok()) return broken_;
  if (walk_.tree().size() <= signed_size_) return {};
  const std::unique_ptr<FileLock> lock =
      TRY(env_.lock(join(options_.directory, kLockName), Wait::Yes));
  TRY(catch_up());
  return sign_locked();
}

std::optional<std::int64_t> Log::checkpoint_due_us() const {
  if (walk_.tree().size() <= signed_size_) return std::nullopt;
  return signed_at_us_ + kCheckpointUs;
}

}  // namespace eds::audit
