#include "govern/audit/note.h"

#include <charconv>
#include <vector>

#include "govern/audit/line.h"

namespace eds::audit {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a blank open a signature line.
constexpr char kEd25519 = 1;

// C2SP signed-note: the first four bytes of SHA-256(name, "\n", 0x01, public key).
std::string key_hash(const PublicKey& key) {
  std::string said = log_name(key) + "\n" + kEd25519;
  said += bytes_of(key);
  return std::string(bytes_of(sha256(said)).substr(0, 4));
}

std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const std::from_chars_result read =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Hash> hash_in(std::string_view text) {
  const std::optional<std::string> bytes = from_base64(text);
  return bytes.has_value() ? hash_of_bytes(*bytes) : std::nullopt;
}

std::string body_of(const Checkpoint& checkpoint, const PublicKey& key) {
  std::string body = log_name(key) + "\n";
  body += std::to_string(checkpoint.tree.size()) + "\n";
  body += base64_of(bytes_of(checkpoint.tree.root())) + "\n";
  body += "segment " + std::to_string(checkpoint.segment_first) + " " +
          std::to_string(checkpoint.segment_bytes) + "\n";
  body += "leaf " + base64_of(bytes_of(checkpoint.last_leaf)) + "\n";
  body += "time " + utc_text(checkpoint.time_us) + "\n";
  body += "edge";
  for (const Hash& hash : checkpoint.tree.subtrees()) body += " " + base64_of(bytes_of(hash));
  return body + "\n";
}

// The signature was right, so the lines are as body_of() wrote them, unless a later version did.
std::optional<Checkpoint> read_body(std::string_view body) {
  static_cast<void>(take_line(body));
  const std::optional<std::uint64_t> size = whole_number(take_line(body).value_or(""));
  static_cast<void>(take_line(body));
  std::string_view segment = take_line(body).value_or("");
  std::string_view leaf = take_line(body).value_or("");
  std::string_view time = take_line(body).value_or("");
  std::string_view edge = take_line(body).value_or("");
  if (!size || !segment.starts_with("segment ") || !leaf.starts_with("leaf ") ||
      !time.starts_with("time ") || !edge.starts_with("edge") || !body.empty()) {
    return std::nullopt;
  }
  segment.remove_prefix(8);
  const std::size_t blank = segment.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> first = whole_number(segment.substr(0, blank));
  const std::optional<std::uint64_t> bytes = whole_number(segment.substr(blank + 1));
  const std::optional<Hash> last = hash_in(leaf.substr(5));
  const Result<std::int64_t> time_us = parse_utc(time.substr(5));
  std::vector<Hash> subtrees;
  edge.remove_prefix(4);
  while (!edge.empty()) {
    edge.remove_prefix(1);
    const std::size_t end = std::min(edge.find(' '), edge.size());
    const std::optional<Hash> hash = hash_in(edge.substr(0, end));
    if (!hash) return std::nullopt;
    subtrees.push_back(*hash);
    edge.remove_prefix(end);
  }
  Result<Frontier> tree = Frontier::of(*size, std::move(subtrees));
  if (!first || !bytes || !last || !time_us.ok() || !tree.ok()) return std::nullopt;
  return Checkpoint{std::move(*tree), *last, *first, *bytes, *time_us};
}

}  // namespace

std::string log_name(const PublicKey& key) {
  return "eds.audit/" + hex_of(sha256(bytes_of(key))).substr(0, 16);
}

std::string verifier_key(const PublicKey& key) {
  const std::string hash = key_hash(key);
  const std::string_view bytes = hash;
  const std::string digits =
      hex_of(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  return log_name(key) + "+" + digits + "+" + base64_of(kEd25519 + std::string(bytes_of(key)));
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const Signer& signer) {
  const std::string body = body_of(checkpoint, signer.public_key());
  const Signature signature = signer.sign(body);
  return body + "\n" + std::string(kDash) + log_name(signer.public_key()) + " " +
         base64_of(key_hash(signer.public_key()) + std::string(bytes_of(signature))) + "\n";
}

Result<Checkpoint> parse_checkpoint(std::string_view note, const PublicKey& key) {
  const Error corrupt{Code::Corrupt, "audit checkpoint was altered, or signed by another key"};
  const std::size_t blank = note.rfind("\n\n");
  if (blank == std::string_view::npos) return corrupt;
  const std::string_view body = note.substr(0, blank + 1);
  std::string_view line = note.substr(blank + 2);
  const std::string opening = std::string(kDash) + log_name(key) + " ";
  if (!line.starts_with(opening) || !line.ends_with('\n')) return corrupt;
  line.remove_prefix(opening.size());
  line.remove_suffix(1);
  const std::optional<std::string> signed_bytes = from_base64(line);
  Signature signature{};
  if (!signed_bytes || signed_bytes->size() != 4 + signature.size() ||
      !signed_bytes->starts_with(key_hash(key))) {
    return corrupt;
  }
  std::copy(signed_bytes->begin() + 4, signed_bytes->end(),
            reinterpret_cast<char*>(signature.data()));
  if (!verify_signature(key, body, signature)) return corrupt;
  std::optional<Checkpoint> read = read_body(body);
  if (!read.has_value() || body_of(*read, key) != body) return corrupt;
  return std::move(*read);
}

}  // namespace eds::audit
