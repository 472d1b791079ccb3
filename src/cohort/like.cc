#include "cohort/like.h"

namespace eds::cohort {
namespace {

// Bytes of the UTF-8 character that begins `text`.
std::size_t character_bytes(std::string_view text) {
  std::size_t bytes = 1;
  while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
    ++bytes;
  }
  return bytes;
}

}  // namespace

// Goes back to the last % only, so the time is bounded by the product of the lengths.
bool is_like(std::string_view text, std::string_view pattern) {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t after_percent = kNone;
  std::size_t retry = 0;
  while (at < text.size() || in_pattern < pattern.size()) {
    if (in_pattern < pattern.size()) {
      const char wanted = pattern[in_pattern];
      if (wanted == '%') {
        after_percent = ++in_pattern;
        retry = at;
        continue;
      }
      if (wanted == '_' && at < text.size()) {
        at += character_bytes(text.substr(at));
        ++in_pattern;
        continue;
      }
      const bool is_quoted = wanted == '\\' && in_pattern + 1 < pattern.size();
      const char literal = is_quoted ? pattern[in_pattern + 1] : wanted;
      if (wanted != '_' && at < text.size() && text[at] == literal) {
        ++at;
        in_pattern += is_quoted ? 2 : 1;
        continue;
      }
    }
    if (after_percent == kNone || retry >= text.size()) return false;
    retry += character_bytes(text.substr(retry));
    at = retry;
    in_pattern = after_percent;
  }
  return true;
}

}  // namespace eds::cohort
