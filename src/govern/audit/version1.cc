#include "govern/audit/version1.h"

#include <array>

#include <sodium.h>

#include "govern/audit/crypto.h"
#include "govern/audit/line.h"
#include "govern/limits.h"

namespace eds::audit::version1 {
namespace {

constexpr std::string_view kMacField = R"(,"mac":")";
constexpr std::string_view kPreviousField = R"(,"prev":")";
constexpr std::size_t kHexBytes = 64;

}  // namespace

std::string Chain::mac_of(std::string_view bytes) const {
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), key_.bytes().data(), govern::kKeyBytes);
  return hex_of(hash);
}

std::optional<Line> Chain::read(std::string_view line) const {
  const std::size_t mac_part = kMacField.size() + kHexBytes + 2;
  const std::size_t previous_part = kPreviousField.size() + kHexBytes + 1;
  if (line.size() < mac_part + previous_part) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - mac_part);
  const std::string_view tail = line.substr(body.size());
  Line read;
  read.mac = mac_of(body);
  const std::string expected = std::string(kMacField) + read.mac + "\"}";
  if (sodium_memcmp(tail.data(), expected.data(), expected.size()) != 0) return std::nullopt;
  // From here on the bytes are our own.
  const std::string_view previous = body.substr(body.size() - previous_part);
  if (!previous.starts_with(kPreviousField)) return std::nullopt;
  read.previous = previous.substr(kPreviousField.size(), kHexBytes);
  std::string_view rest = body;
  const std::optional<std::uint64_t> sequence = take_number(rest, R"({"seq":)");
  if (!sequence.has_value()) return std::nullopt;
  read.sequence = *sequence;
  read.torn_bytes = take_number(rest, R"(,"torn":)").value_or(0);
  return read;
}

std::string Chain::write_head(const Head& head) const {
  std::string bytes =
      R"({"head":)" + std::to_string(head.sequence) + R"(,"last":")" + head.mac + "\"";
  const std::string mac = mac_of(bytes);
  bytes += kMacField;
  bytes += mac;
  bytes += "\"}\n";
  return bytes;
}

std::optional<Head> Chain::read_head(std::string_view bytes) const {
  std::string_view rest = bytes;
  const std::optional<std::uint64_t> sequence = take_number(rest, R"({"head":)");
  constexpr std::string_view kLast = R"(,"last":")";
  if (!sequence.has_value() || rest.size() < kLast.size() + kHexBytes) return std::nullopt;
  Head head{*sequence, std::string(rest.substr(kLast.size(), kHexBytes))};
  const std::string expected = write_head(head);
  if (expected.size() != bytes.size() ||
      sodium_memcmp(expected.data(), bytes.data(), bytes.size()) != 0) {
    return std::nullopt;
  }
  return head;
}

void ChainWalk::found_bad(std::uint64_t line_number, std::string_view what) {
  if (verdict_.bad_line.has_value()) return;
  verdict_.bad_line = line_number;
  verdict_.what = what;
}

void ChainWalk::next(std::string_view line, bool ended) {
  verdict_.line_count += 1;
  const std::optional<Line> read = chain_.read(line);
  if (!read.has_value()) {
    // Either altered, or torn by a crash: then the next sound line vouches for its length.
    if (garbage_bytes_ > 0 && !line.empty()) garbage_is_line_ = true;
    if (garbage_bytes_ == 0) garbage_line_ = verdict_.line_count;
    if (line.ends_with('}') || line.empty()) garbage_is_line_ = true;
    garbage_bytes_ += line.size() + (ended ? 1 : 0);
    return;
  }
  if (read->torn_bytes != garbage_bytes_) {
    found_bad(garbage_bytes_ > 0 ? garbage_line_ : verdict_.line_count, "the line was altered");
  }
  if (read->previous != mac_ || read->sequence != sequence_ + 1) {
    found_bad(verdict_.line_count, "lines before this one are missing, added or out of order");
  }
  garbage_bytes_ = 0;
  garbage_is_line_ = false;
  sequence_ = read->sequence;
  mac_ = read->mac;
  if (head_.has_value() && head_->sequence == sequence_) head_seen_ = head_->mac == mac_;
}

Verdict ChainWalk::finish() {
  if (garbage_bytes_ > 0 && (garbage_is_line_ || garbage_bytes_ > 2 * govern::kAuditLineBytesMax)) {
    found_bad(garbage_line_, "the line was altered");
  }
  const std::uint64_t known = head_.has_value() ? head_->sequence : 0;
  if (known > 0 && !head_seen_) {
    // The fragment at the end, if any, stands where a line is missing.
    found_bad(garbage_bytes_ > 0 ? garbage_line_ : verdict_.line_count + 1,
              "lines are missing at the end");
  }
  if (sequence_ > known + 1) found_bad(verdict_.line_count, "the head is older than the log");
  return verdict_;
}

}  // namespace eds::audit::version1
