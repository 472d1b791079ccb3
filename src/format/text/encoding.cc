#include "format/text/encoding.h"

#include <array>
#include <cstring>

#include "format/text/encoding_tables.h"

namespace eds::text {
namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
constexpr char32_t kInvalid = 0xFFFFFFFF;
constexpr char32_t kReplacement = 0xFFFD;

std::uint64_t load8(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

unsigned char byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

struct Decoded {
  char32_t code_point = kInvalid;
  std::size_t size = 1;
  bool cut = false;  ///< invalid only because the bytes end there
};

/// RFC 3629, section 4: the ranges of the second byte exclude overlong forms and surrogates.
Decoded decode_at(std::string_view bytes, std::size_t at) {
  const unsigned char first = byte_at(bytes, at);
  if (first < 0x80) return {first, 1, false};
  std::size_t size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  char32_t value = 0;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
    value = first & 0x1F;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    value = first & 0x0F;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    value = first & 0x07;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return {};
  }
  for (std::size_t i = 1; i < size; ++i) {
    if (at + i >= bytes.size()) return {kInvalid, 1, true};
    const unsigned char next = byte_at(bytes, at + i);
    if (next < low || next > high) return {};
    low = 0x80;
    high = 0xBF;
    value = (value << 6) | (next & 0x3F);
  }
  return {value, size, false};
}

/// Where the leading run of ASCII bytes from `at` ends.
std::size_t ascii_end(std::string_view bytes, std::size_t at) {
  while (at + 8 <= bytes.size() && (load8(bytes.data() + at) & kHighBits) == 0) at += 8;
  while (at < bytes.size() && byte_at(bytes, at) < 0x80) ++at;
  return at;
}

enum class AtEnd { Whole, MayBeCut };

bool valid_utf8(std::string_view bytes, AtEnd at_end) {
  std::size_t at = 0;
  while ((at = ascii_end(bytes, at)) < bytes.size()) {
    const Decoded decoded = decode_at(bytes, at);
    if (decoded.code_point == kInvalid) return decoded.cut && at_end == AtEnd::MayBeCut;
    at += decoded.size;
  }
  return true;
}

bool is_ascii_letter(unsigned char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

char32_t eight_bit_code_point(unsigned char c, Encoding from) {
  if (c < 0x80) return c;
  if (from == Encoding::Cp850) return tables::kCp850[c - 0x80];
  // ISO 8859-1 gives 80-9F to control characters that no text holds: files that call themselves
  // Latin-1 and use them are Windows-1252, as the WHATWG standard has it.
  return tables::kWindows1252[c - 0x80];
}

bool is_french_letter(char32_t c) {
  constexpr std::u32string_view kLetters = U"àâäçéèêëîïôöùûüÿñæœÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒ";
  return kLetters.find(c) != std::u32string_view::npos;
}

bool is_expected_symbol(char32_t c) {
  constexpr std::u32string_view kSymbols = U"°µ²³«»’‘“”–…€§±";
  return kSymbols.find(c) != std::u32string_view::npos;
}

/// How French the high bytes look in `from`: a letter inside a word weighs most, because CP850's
/// accented letters are Windows-1252's quotes and dashes, which never stand inside words.
std::int64_t french_score(std::string_view sample, Encoding from) {
  std::int64_t score = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const unsigned char c = byte_at(sample, i);
    if (c < 0x80) continue;
    const char32_t code_point = eight_bit_code_point(c, from);
    const bool after_letter = i > 0 && is_ascii_letter(byte_at(sample, i - 1));
    const bool before_letter = i + 1 < sample.size() && is_ascii_letter(byte_at(sample, i + 1));
    if (is_french_letter(code_point)) {
      score += 1 + (after_letter ? 1 : 0) + (before_letter && after_letter ? 1 : 0);
    } else if (is_expected_symbol(code_point)) {
      const bool apostrophe = code_point == U'’';
      score += apostrophe && after_letter ? 3 : after_letter && before_letter ? 0 : 1;
    } else {
      score -= 2;
    }
  }
  return score;
}

Encoding detect_eight_bit(std::string_view sample) {
  if (french_score(sample, Encoding::Cp850) > french_score(sample, Encoding::Windows1252)) {
    return Encoding::Cp850;
  }
  for (const char c : sample) {
    const auto value = static_cast<unsigned char>(c);
    if (value >= 0x80 && value < 0xA0) return Encoding::Windows1252;
  }
  return Encoding::Latin1;
}

void append_eight_bit(std::string_view bytes, Encoding from, Converted& out) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t ascii = ascii_end(bytes, at);
    out.text.append(bytes.substr(at, ascii - at));
    at = ascii;
    for (; at < bytes.size() && byte_at(bytes, at) >= 0x80; ++at) {
      const char32_t code_point = eight_bit_code_point(byte_at(bytes, at), from);
      if (code_point == kReplacement) ++out.replaced;
      append_code_point(out.text, code_point);
    }
  }
}

void append_checked_utf8(std::string_view bytes, Converted& out) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::size_t ascii = ascii_end(bytes, at);
    out.text.append(bytes.substr(at, ascii - at));
    at = ascii;
    if (at == bytes.size()) break;
    const Decoded decoded = decode_at(bytes, at);
    if (decoded.code_point == kInvalid) {
      ++out.replaced;
      append_code_point(out.text, kReplacement);
    } else {
      out.text.append(bytes.substr(at, decoded.size));
    }
    at += decoded.size;
  }
}

void append_utf16(std::string_view bytes, Encoding from, Converted& out) {
  const std::size_t low = from == Encoding::Utf16Le ? 0 : 1;
  const auto unit_at = [&](std::size_t at) -> char32_t {
    return byte_at(bytes, at + low) | (byte_at(bytes, at + 1 - low) << 8);
  };
  std::size_t at = 0;
  for (; at + 2 <= bytes.size(); at += 2) {
    char32_t code_point = unit_at(at);
    if (code_point >= 0xD800 && code_point < 0xDC00 && at + 4 <= bytes.size()) {
      const char32_t second = unit_at(at + 2);
      if (second >= 0xDC00 && second < 0xE000) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (second - 0xDC00);
        at += 2;
      }
    }
    if (code_point >= 0xD800 && code_point < 0xE000) ++out.replaced;
    append_code_point(out.text, code_point);
  }
  if (at < bytes.size()) {
    ++out.replaced;
    append_code_point(out.text, kReplacement);
  }
}

std::string_view without_mark(std::string_view bytes) {
  return bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes;
}

struct Folding {
  std::string_view text;
  bool known = false;  ///< false: the character passes unchanged
};

Folding from_table(std::string_view table, char32_t index) {
  std::string_view cell = table.substr(index * 2, 2);
  if (cell[0] == '.') return {};
  if (cell[1] == '.') cell.remove_suffix(1);
  return {cell, true};
}

Folding fold_symbol(char32_t c) {
  if (c >= 0x2000 && c <= 0x200A) return {" ", true};
  if (c >= 0x2010 && c <= 0x2015) return {"-", true};
  switch (c) {
    case 0xA0:
    case 0x202F:
    case 0x205F:
    case 0x3000: return {" ", true};
    case 0xAD:
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0xFEFF: return {"", true};
    case 0x2018:
    case 0x2019:
    case 0x201B:
    case 0x02BC:
    case 0x2032:
    case 0xB4: return {"'", true};
    case 0xAB:
    case 0xBB:
    case 0x201C:
    case 0x201D:
    case 0x201E: return {"\"", true};
    case 0x2212: return {"-", true};
    case 0xB5:
    case 0x03BC: return {"u", true};   // micro sign, and the Greek letter typed for it
    case 0xFB00: return {"ff", true};  // ligatures that PDF extraction leaves behind
    case 0xFB01: return {"fi", true};
    case 0xFB02: return {"fl", true};
    case 0xFB03: return {"ffi", true};
    case 0xFB04: return {"ffl", true};
    case 0xFB05:
    case 0xFB06: return {"st", true};
    default: return {};
  }
}

Folding fold_code_point(char32_t c) {
  if (c >= 0xC0 && c < 0x180) return from_table(tables::kFoldLatin, c - 0xC0);
  if (c >= 0x300 && c < 0x370) return {"", true};
  if (c >= 0x1E00 && c < 0x1F00) return from_table(tables::kFoldLatinAdditional, c - 0x1E00);
  return fold_symbol(c);
}

/// Lower case of 8 ASCII bytes at once: 0x20 is added to each byte between 'A' and 'Z'.
std::uint64_t lower8(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  const std::uint64_t at_least_a = word + kOnes * (0x80 - 'A');
  const std::uint64_t above_z = word + kOnes * (0x80 - 'Z' - 1);
  const std::uint64_t upper = (at_least_a & ~above_z) & kHighBits;
  return word | (upper >> 2);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// Appends the folding of `utf8` to `text`; record(offset) is called after each character.
template <class Record>
void fold_each(std::string_view utf8, std::string& text, Record record) {
  std::size_t at = 0;
  while (at < utf8.size()) {
    if (byte_at(utf8, at) < 0x80) {
      text.push_back(lower(utf8[at]));
      record(at);
      ++at;
      continue;
    }
    const Decoded decoded = decode_at(utf8, at);
    const Folding folding =
        decoded.code_point == kInvalid ? Folding{} : fold_code_point(decoded.code_point);
    text.append(folding.known ? folding.text : utf8.substr(at, decoded.size));
    record(at);
    at += decoded.size;
  }
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::Ascii: return "ascii";
    case Encoding::Utf8: return "utf-8";
    case Encoding::Utf8Bom: return "utf-8-bom";
    case Encoding::Windows1252: return "windows-1252";
    case Encoding::Latin1: return "iso-8859-1";
    case Encoding::Cp850: return "cp850";
    case Encoding::Utf16Le: return "utf-16le";
    case Encoding::Utf16Be: return "utf-16be";
  }
  return "unknown";
}

Encoding detect_encoding(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) return Encoding::Utf8Bom;
  if (sample.starts_with("\xFF\xFE")) return Encoding::Utf16Le;
  if (sample.starts_with("\xFE\xFF")) return Encoding::Utf16Be;
  if (is_ascii(sample)) return Encoding::Ascii;
  if (valid_utf8(sample, AtEnd::MayBeCut)) return Encoding::Utf8;
  return detect_eight_bit(sample);
}

bool is_ascii(std::string_view bytes) {
  return ascii_end(bytes, 0) == bytes.size();
}

bool is_utf8(std::string_view bytes) {
  return valid_utf8(bytes, AtEnd::Whole);
}

void append_code_point(std::string& text, char32_t c) {
  if ((c >= 0xD800 && c < 0xE000) || c > 0x10FFFF) c = kReplacement;
  const auto push = [&](char32_t value) { text.push_back(static_cast<char>(value)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | (c >> 6));
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | (c >> 12));
    push(0x80 | ((c >> 6) & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | (c >> 18));
    push(0x80 | ((c >> 12) & 0x3F));
    push(0x80 | ((c >> 6) & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

Converted to_utf8(std::string_view bytes, Encoding from) {
  Converted out;
  out.text.reserve(bytes.size() + bytes.size() / 16);
  switch (from) {
    case Encoding::Ascii:
    case Encoding::Utf8:
    case Encoding::Utf8Bom: append_checked_utf8(without_mark(bytes), out); break;
    case Encoding::Windows1252:
    case Encoding::Latin1:
    case Encoding::Cp850: append_eight_bit(bytes, from, out); break;
    case Encoding::Utf16Le:
      if (bytes.starts_with("\xFF\xFE")) bytes.remove_prefix(2);
      append_utf16(bytes, from, out);
      break;
    case Encoding::Utf16Be:
      if (bytes.starts_with("\xFE\xFF")) bytes.remove_prefix(2);
      append_utf16(bytes, from, out);
      break;
  }
  return out;
}

LineDecoder::LineDecoder(Encoding eight_bit)
    : eight_bit_(eight_bit == Encoding::Cp850 ? Encoding::Cp850 : Encoding::Windows1252) {}

std::string_view LineDecoder::decode(std::string_view line) {
  if (is_utf8(line)) return line;
  Converted converted = to_utf8(line, eight_bit_);
  ++converted_;
  replaced_ += converted.replaced;
  buffer_ = std::move(converted.text);
  return buffer_;
}

std::string fold(std::string_view utf8) {
  std::string text;
  text.resize(utf8.size());
  std::size_t at = 0;
  while (at + 8 <= utf8.size()) {
    const std::uint64_t word = load8(utf8.data() + at);
    if ((word & kHighBits) != 0) break;
    const std::uint64_t folded = lower8(word);
    std::memcpy(text.data() + at, &folded, sizeof folded);
    at += 8;
  }
  text.resize(at);
  fold_each(utf8.substr(at), text, [](std::size_t) {});
  return text;
}

Folded fold_with_origin(std::string_view utf8) {
  Folded folded;
  folded.text.reserve(utf8.size());
  folded.origin.reserve(utf8.size() + 1);
  fold_each(utf8, folded.text, [&](std::size_t at) {
    folded.origin.resize(folded.text.size(), static_cast<std::uint32_t>(at));
  });
  folded.origin.push_back(static_cast<std::uint32_t>(utf8.size()));
  return folded;
}

}  // namespace eds::text
