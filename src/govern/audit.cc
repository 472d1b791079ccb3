#include "govern/audit.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <sodium.h>

#include "govern/audit_line.h"
#include "govern/file_lock.h"
#include "govern/limits.h"

namespace eds::govern {
namespace {

constexpr std::string_view kLogName = "audit.ndjson";
constexpr std::string_view kHeadName = "head.json";
// A torn end is at most one line and the line break that a second crash left.
constexpr std::size_t kTailBytes = 3 * kAuditLineBytesMax;

class FileAudit final : public Audit {
 public:
  FileAudit(Env& env, const KeyRing& keys, Path directory)
      : env_(env),
        chain_(keys.derive(Purpose::AuditChain)),
        digest_key_(keys.derive(Purpose::AuditDigest)),
        directory_(std::move(directory)) {}

  Status append(const AuditEvent& event) override;
  Result<AuditVerdict> verify() override;
  Status each_line(const std::function<Status(std::string_view)>& visit) override;
  std::string digest(std::string_view text) const override;

 private:
  /// Where the log ends: its last sound line, and what a crash left after it.
  struct End {
    std::uint64_t sequence = 0;
    std::string mac{kNoLineBefore};
    std::uint64_t log_bytes = 0;
    std::uint64_t torn_bytes = 0;
    bool needs_line_break = false;
  };

  Path log_path() const { return join(directory_, kLogName); }
  Path head_path() const { return join(directory_, kHeadName); }
  Result<End> find_end();
  Result<End> check_against_head(End end);
  Status write_head(const End& end);
  Result<std::optional<AuditHead>> read_head();
  Status each_segment(std::uint64_t log_bytes,
                      const std::function<Status(std::string_view, bool)>& visit);

  Env& env_;
  AuditChain chain_;
  Key digest_key_;
  Path directory_;
};

bool looks_torn(std::string_view garbage) {
  if (garbage.size() > 2 * kAuditLineBytesMax) return false;
  if (garbage.ends_with('\n')) garbage.remove_suffix(1);
  // A whole line that is not ours is a forgery, not a crash.
  return garbage.find('\n') == std::string_view::npos && !garbage.ends_with('}');
}

Result<FileAudit::End> FileAudit::find_end() {
  End end;
  const Path path = log_path();
  if (!env_.exists(path)) return end;
  const std::unique_ptr<ReadableFile> file = TRY(env_.open(path));
  end.log_bytes = file->size();
  const std::uint64_t from = end.log_bytes > kTailBytes ? end.log_bytes - kTailBytes : 0;
  std::string tail(static_cast<std::size_t>(end.log_bytes - from), '\0');
  std::size_t filled = 0;
  while (filled < tail.size()) {
    const std::size_t count =
        TRY(file->read_at(from + filled, std::span(tail.data() + filled, tail.size() - filled)));
    if (count == 0) break;
    filled += count;
  }
  if (tail.empty()) return end;
  end.needs_line_break = tail.back() != '\n';
  std::string_view rest(tail);
  while (!rest.empty()) {
    const bool broken_off = rest.back() != '\n';
    const std::size_t line_end = broken_off ? rest.size() : rest.size() - 1;
    const std::size_t before =
        line_end == 0 ? std::string_view::npos : rest.rfind('\n', line_end - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::optional<AuditLine> line = chain_.read(rest.substr(start, line_end - start));
    if (line.has_value()) {
      end.sequence = line->sequence;
      end.mac = line->mac;
      break;
    }
    rest = rest.substr(0, start);
  }
  const std::string_view garbage = std::string_view(tail).substr(rest.size());
  end.torn_bytes = garbage.size();
  if (!looks_torn(garbage) || (rest.empty() && from > 0)) {
    return Error{Code::Corrupt, "audit log was altered at its end: " + path};
  }
  return end;
}

// The head may be one line behind the log (a crash came between the two), never ahead of it.
Result<FileAudit::End> FileAudit::check_against_head(End end) {
  const std::optional<AuditHead> head = TRY(read_head());
  const std::uint64_t known = head.has_value() ? head->sequence : 0;
  const bool whole =
      known == end.sequence ? (known == 0 || head->mac == end.mac) : known + 1 == end.sequence;
  if (!whole) {
    return Error{Code::Corrupt, "audit log and its head disagree: " + log_path()};
  }
  if (known != end.sequence) TRY(write_head(end));
  return end;
}

Status FileAudit::write_head(const End& end) {
  return env_.write_durably(head_path(), chain_.write_head({end.sequence, end.mac}));
}

Result<std::optional<AuditHead>> FileAudit::read_head() {
  if (!env_.exists(head_path())) return std::optional<AuditHead>();
  const std::string bytes = TRY(env_.read_all(head_path(), 4096));
  const std::optional<AuditHead> head = chain_.read_head(bytes);
  if (!head.has_value()) return Error{Code::Corrupt, "audit head was altered: " + head_path()};
  return head;
}

Status FileAudit::append(const AuditEvent& event) {
  TRY(check_fields(event));
  const FileLock lock = TRY(FileLock::take(join(directory_, "lock")));
  End end = TRY(check_against_head(TRY(find_end())));

  const std::uint64_t torn_bytes =
      end.torn_bytes == 0 ? 0 : end.torn_bytes + (end.needs_line_break ? 1 : 0);
  std::string bytes;
  if (end.needs_line_break) bytes += '\n';
  const std::string line = chain_.write(event, {.sequence = end.sequence + 1,
                                                .torn_bytes = torn_bytes,
                                                .time_us = env_.now_us(),
                                                .previous = end.mac,
                                                .mac = {}});
  if (line.size() > kAuditLineBytesMax) {
    return Error{Code::Limit, "audit event exceeds kAuditLineBytesMax"};
  }
  bytes += line;
  bytes += '\n';
  const std::unique_ptr<WritableFile> file = TRY(env_.append_to(log_path()));
  if (end.log_bytes == 0) TRY(env_.set_mode(log_path(), 0600));
  TRY(file->append(bytes));
  TRY(file->sync());
  TRY(file->close());
  if (end.log_bytes == 0) TRY(env_.sync_directory(directory_));
  end.sequence += 1;
  end.mac = chain_.read(line)->mac;
  return write_head(end);
}

// Calls `visit(line, ended)` for each line of the first `log_bytes` bytes; `ended` is false for a
// last line without line break. A longer line than any of ours is passed in pieces.
Status FileAudit::each_segment(std::uint64_t log_bytes,
                               const std::function<Status(std::string_view, bool)>& visit) {
  if (log_bytes == 0) return {};
  const std::unique_ptr<ReadableFile> file = TRY(env_.open(log_path()));
  std::vector<char> buffer(64 * 1024);
  std::string pending;
  std::uint64_t at = 0;
  while (at < log_bytes) {
    const std::uint64_t wanted = std::min<std::uint64_t>(buffer.size(), log_bytes - at);
    const std::size_t count =
        TRY(file->read_at(at, std::span(buffer.data(), static_cast<std::size_t>(wanted))));
    if (count == 0) break;
    at += count;
    std::string_view fresh(buffer.data(), count);
    while (true) {
      const std::size_t line_break = fresh.find('\n');
      if (line_break == std::string_view::npos) break;
      pending += fresh.substr(0, line_break);
      TRY(visit(pending, true));
      pending.clear();
      fresh.remove_prefix(line_break + 1);
    }
    pending += fresh;
    if (pending.size() > 2 * kAuditLineBytesMax) {
      TRY(visit(pending, false));
      pending.clear();
    }
  }
  if (!pending.empty()) TRY(visit(pending, false));
  return {};
}

Result<AuditVerdict> FileAudit::verify() {
  std::uint64_t log_bytes = 0;
  std::optional<AuditHead> head;
  AuditVerdict verdict;
  {
    const FileLock lock = TRY(FileLock::take(join(directory_, "lock")));
    if (env_.exists(log_path())) log_bytes = TRY(env_.info(log_path())).bytes;
    Result<std::optional<AuditHead>> read = read_head();
    if (!read.ok() && read.error().code != Code::Corrupt) return std::move(read).error();
    if (!read.ok()) {
      verdict.bad_line = 1;
      verdict.what = "the head was altered";
    } else {
      head = *read;
    }
  }
  ChainWalk walk(chain_, head);
  TRY(each_segment(log_bytes, [&](std::string_view line, bool ended) -> Status {
    walk.next(line, ended);
    return {};
  }));
  AuditVerdict walked = walk.finish();
  if (verdict.bad_line.has_value() && walked.sound()) {
    walked.bad_line = walked.line_count;
    walked.what = verdict.what;
  }
  return walked;
}

Status FileAudit::each_line(const std::function<Status(std::string_view)>& visit) {
  if (!env_.exists(log_path())) return {};
  const std::uint64_t log_bytes = TRY(env_.info(log_path())).bytes;
  return each_segment(log_bytes, [&](std::string_view line, bool) { return visit(line); });
}

std::string FileAudit::digest(std::string_view text) const {
  std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), digest_key_.bytes().data(), kKeyBytes);
  return hex_of(std::span(hash).first<8>());
}

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Done: return "done";
    case Outcome::Refused: return "refused";
    case Outcome::Failed: return "failed";
    case Outcome::Begun: return "begun";
  }
  return "failed";
}

Result<std::unique_ptr<Audit>> Audit::open(Env& env, const KeyRing& keys, const Path& directory) {
  TRY(env.make_directories(directory));
  TRY(env.set_mode(directory, 0700));
  return std::unique_ptr<Audit>(new FileAudit(env, keys, directory));
}

}  // namespace eds::govern
