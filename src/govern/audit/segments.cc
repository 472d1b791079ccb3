#include "govern/audit/segments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "govern/limits.h"

namespace eds::audit {
namespace {

constexpr std::string_view kLines = ".ndjson";
constexpr std::string_view kLeaves = ".leaves";
constexpr std::size_t kDigits = 20;
constexpr std::string_view kMagic = "EDSLEAF1";
constexpr std::size_t kHeadBytes = 24;
constexpr std::size_t kPieceBytes = 256 * 1024;
// A segment closes at 16 MiB and a line has 150 bytes at least: 112,000 leaves of 32 B.
constexpr std::uint64_t kLeavesBytesMax = 64U << 20;

Path path_of(const Path& directory, std::uint64_t first, std::string_view ending) {
  const std::string digits = std::to_string(first);
  std::string name(kDigits - std::min(kDigits, digits.size()), '0');
  name += digits;
  name += ending;
  return join(join(directory, kLogFolder), name);
}

std::string number_bytes(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (char& byte : bytes) {
    byte = static_cast<char>(value & 0xFF);
    value >>= 8;
  }
  return bytes;
}

Status each_line_of(Env& env, const Path& path,
                    const std::function<Status(std::string_view)>& visit) {
  std::string pending;
  const std::uint64_t size = TRY(env.info(path)).bytes;
  TRY(each_piece(env, path, 0, size, [&](std::string_view bytes) -> Status {
    while (true) {
      const std::size_t end = bytes.find('\n');
      if (end == std::string_view::npos) break;
      pending += bytes.substr(0, end);
      if (pending.starts_with("{\"seq\":") && pending.ends_with('}')) TRY(visit(pending));
      pending.clear();
      bytes.remove_prefix(end + 1);
    }
    pending += bytes;
    if (pending.size() > 2 * govern::kAuditLineBytesMax) pending.clear();
    return {};
  }));
  if (pending.starts_with("{\"seq\":") && pending.ends_with('}')) TRY(visit(pending));
  return {};
}

}  // namespace

Path segment_path(const Path& directory, std::uint64_t first) {
  return path_of(directory, first, kLines);
}

Path leaves_path(const Path& directory, std::uint64_t first) {
  return path_of(directory, first, kLeaves);
}

Result<std::vector<Segment>> list_segments(Env& env, const Path& directory) {
  std::vector<Segment> segments;
  const Path folder = join(directory, kLogFolder);
  if (!env.exists(folder)) return segments;
  for (const std::string& name : TRY(env.list(folder))) {
    if (name.find(".tmp") != std::string::npos) continue;  // A crash during a purge.
    std::uint64_t first = 0;
    const std::from_chars_result read =
        std::from_chars(name.data(), name.data() + std::min(name.size(), kDigits), first);
    const std::string_view ending =
        name.size() > kDigits ? std::string_view(name).substr(kDigits) : std::string_view();
    const bool is_ours = read.ec == std::errc() && read.ptr == name.data() + kDigits &&
                         (ending == kLines || ending == kLeaves);
    if (!is_ours)
      return Error{Code::Corrupt, "a file that is no audit segment: " + join(folder, name)};
    // Names sort by number.
    if (segments.empty() || segments.back().first != first)
      segments.push_back({first, false, false});
    (ending == kLines ? segments.back().has_lines : segments.back().has_leaves) = true;
  }
  return segments;
}

Status each_piece(Env& env, const Path& path, std::uint64_t from, std::uint64_t to,
                  const std::function<Status(std::string_view)>& visit) {
  const std::unique_ptr<ReadableFile> file = TRY(env.open(path));
  std::vector<char> buffer(
      static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, to - from)));
  while (from < to) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), to - from));
    const std::size_t count = TRY(file->read_at(from, std::span(buffer.data(), wanted)));
    if (count == 0) return Error{Code::Corrupt, "audit segment became shorter: " + path};
    TRY(visit(std::string_view(buffer.data(), count)));
    from += count;
  }
  return {};
}

std::string write_leaves(std::uint64_t first, const std::vector<Hash>& leaves) {
  std::string bytes(kMagic);
  bytes += number_bytes(first);
  bytes += number_bytes(leaves.size());
  for (const Hash& leaf : leaves) bytes += bytes_of(leaf);
  return bytes;
}

Result<std::vector<Hash>> read_leaves(Env& env, const Path& directory, std::uint64_t first) {
  const Path path = leaves_path(directory, first);
  const std::string bytes = TRY(env.read_all(path, kLeavesBytesMax));
  const std::size_t count =
      bytes.size() < kHeadBytes ? 0 : (bytes.size() - kHeadBytes) / sizeof(Hash);
  const std::string head = std::string(kMagic) + number_bytes(first) + number_bytes(count);
  if (!bytes.starts_with(head) || bytes.size() != kHeadBytes + count * sizeof(Hash)) {
    return Error{Code::Corrupt, "leaf hashes of the audit were altered: " + path};
  }
  std::vector<Hash> leaves(count);
  for (std::size_t at = 0; at < count; ++at) {
    std::memcpy(leaves[at].data(), bytes.data() + kHeadBytes + at * sizeof(Hash), sizeof(Hash));
  }
  return leaves;
}

Status each_segment_line(Env& env, const Path& directory, std::uint64_t first,
                         const std::function<Status(std::string_view)>& visit) {
  return each_line_of(env, segment_path(directory, first), visit);
}

Status each_line(Env& env, const Path& directory,
                 const std::function<Status(std::string_view)>& visit) {
  const Path version1 = join(directory, kVersion1Name);
  if (env.exists(version1)) TRY(each_line_of(env, version1, visit));
  for (const Segment& segment : TRY(list_segments(env, directory))) {
    if (segment.has_lines) TRY(each_line_of(env, segment_path(directory, segment.first), visit));
  }
  return {};
}

}  // namespace eds::audit
