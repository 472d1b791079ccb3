#include "govern/audit/purge.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "govern/audit/segments.h"

namespace eds::audit {
namespace {

struct Old {
  std::uint64_t first = 0;
  std::vector<Hash> leaves;
  std::int64_t last_time_us = 0;
};

Result<Old> read_old(Env& env, const Path& directory, std::uint64_t first) {
  Old old;
  old.first = first;
  std::string last_line;
  TRY(each_segment_line(env, directory, first, [&](std::string_view line) -> Status {
    old.leaves.push_back(leaf_hash(line));
    last_line = line;
    return {};
  }));
  if (!last_line.empty()) old.last_time_us = TRY(parse_line(last_line)).time_us;
  return old;
}

}  // namespace

std::int64_t months_before(std::int64_t time_us, int months) {
  const auto when = static_cast<std::time_t>(time_us / 1'000'000);
  std::tm parts{};
  gmtime_r(&when, &parts);
  const int month = parts.tm_year * 12 + parts.tm_mon - months;
  const int day = parts.tm_mday;
  parts.tm_year = month / 12;
  parts.tm_mon = month % 12;
  // timegm() carries the 31st of a short month over into the next; then the short one's end is it.
  std::tm tried = parts;
  std::time_t then = timegm(&tried);
  if (tried.tm_mday != day) then -= std::time_t{tried.tm_mday} * 86'400;
  return static_cast<std::int64_t>(then) * 1'000'000 + time_us % 1'000'000;
}

Result<Purged> purge(Env& env, const govern::KeyRing& keys, const LogOptions& options,
                     govern::Audit& audit, std::string_view actor, std::int64_t before_us) {
  const Verdict verdict = TRY(verify(env, keys, options));
  if (!verdict.sound()) {
    return Error{Code::Corrupt, "a damaged audit log is not purged: " + verdict.damage->what};
  }
  const std::vector<Segment> segments = TRY(list_segments(env, options.directory));
  std::vector<Old> due;
  Purged purged;
  for (std::size_t at = 0; at + 1 < segments.size(); ++at) {
    const std::uint64_t next = segments[at + 1].first;
    if (segments[at].has_lines) {
      Old old = TRY(read_old(env, options.directory, segments[at].first));
      if (old.last_time_us >= before_us) break;
      if (old.first + old.leaves.size() != next) {
        return Error{Code::Corrupt, "an audit segment lacks events: " +
                                        segment_path(options.directory, old.first)};
      }
      purged.event_count += old.leaves.size();
      due.push_back(std::move(old));
    }
    purged.last = next - 1;
  }
  if (due.empty()) return purged;
  govern::AuditEvent event;
  event.actor = actor;
  event.action = std::string(kPurgeAction);
  event.object = "1-" + std::to_string(purged.last);
  event.zone = "audit";
  event.row_count = static_cast<std::int64_t>(purged.event_count);
  TRY(audit.append(event));
  for (const Old& old : due) {
    const Path path = leaves_path(options.directory, old.first);
    TRY(env.write_durably(path, write_leaves(old.first, old.leaves)));
    TRY(env.set_mode(path, 0600));
    TRY(env.remove(segment_path(options.directory, old.first)));
  }
  for (const std::string_view name : {kVersion1Name, kVersion1HeadName}) {
    if (env.exists(join(options.directory, name))) TRY(env.remove(join(options.directory, name)));
  }
  TRY(env.sync_directory(join(options.directory, kLogFolder)));
  TRY(env.sync_directory(options.directory));
  return purged;
}

}  // namespace eds::audit
