// Character encodings of French hospital files, told apart and turned into UTF-8, and the folding
// that makes "Hémoglobine", "HEMOGLOBINE" and "hemoglobine" one search word.
//
// Invariants: whatever the bytes, every function returns; what to_utf8() gives is valid UTF-8; a
// byte that has no meaning becomes U+FFFD and is counted, never dropped. fold() never fails, and
// folding valid UTF-8 twice is folding it once.
// Threads: free functions without state; a LineDecoder belongs to one thread.
// Sources: RFC 3629 (UTF-8), WHATWG Encoding (windows-1252), ISO 8859-1, IBM code page 850.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eds::text {

enum class Encoding : std::uint8_t {
  Ascii,        ///< nothing above 0x7F: any of the 8-bit encodings below would read the same
  Utf8,         ///< valid UTF-8, no byte order mark
  Utf8Bom,      ///< UTF-8 behind EF BB BF
  Windows1252,  ///< has bytes 80-9F that Windows-1252 defines (quotes, oe, euro)
  Latin1,       ///< 8-bit, no byte 80-9F: ISO 8859-1 (Windows-1252 reads it the same)
  Cp850,        ///< DOS: e acute is 82, a grave is 85
  Utf16Le,      ///< behind FF FE
  Utf16Be,      ///< behind FE FF
};

/// "utf-8", "windows-1252", ...; what a configuration file says.
std::string_view encoding_name(Encoding encoding);

/// The encoding of a sample's bytes. The sample may end inside a character. Chosen in this order:
/// byte order marks, pure ASCII, valid UTF-8, then whichever of CP850 and Windows-1252/Latin-1
/// makes more French letters of the high bytes (a tie is Windows-1252's).
Encoding detect_encoding(std::string_view sample);

/// True when no byte is above 0x7F. Reads 8 bytes at a time.
bool is_ascii(std::string_view bytes);

/// True for well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

struct Converted {
  std::string text;            ///< UTF-8, without byte order mark
  std::uint64_t replaced = 0;  ///< bytes (or UTF-16 units) that became U+FFFD
};

/// `bytes` read as `from`, as UTF-8. A leading byte order mark is removed.
Converted to_utf8(std::string_view bytes, Encoding from);

/// Decodes a file line by line (or field by field), whose writers may have mixed encodings: a line
/// that is valid UTF-8 is taken as such, another one is read in the file's 8-bit encoding.
class LineDecoder {
 public:
  /// `eight_bit` is used for lines that are not valid UTF-8: Windows1252, Latin1 or Cp850; any
  /// other value means Windows1252.
  explicit LineDecoder(Encoding eight_bit);

  /// UTF-8 of `line`: the same bytes when they are UTF-8 already, else a buffer that the next call
  /// overwrites.
  std::string_view decode(std::string_view line);

  std::uint64_t line_count_converted() const { return converted_; }  ///< not UTF-8 already
  std::uint64_t replaced() const { return replaced_; }               ///< bytes become U+FFFD

 private:
  Encoding eight_bit_;
  std::string buffer_;
  std::uint64_t converted_ = 0;
  std::uint64_t replaced_ = 0;
};

/// UTF-8 folded for search: lower case, accents off (composed or combining), oe/ae/ss for the
/// ligatures, typographic apostrophes, quotes and dashes as ' " and -, no-break spaces as a space,
/// the micro sign as u, soft hyphens gone. Other scripts and invalid bytes pass unchanged.
std::string fold(std::string_view utf8);

/// The same, with where each folded byte comes from: origin[i] is the offset in `utf8` of the
/// character that made text[i]; origin has one element more, utf8.size().
struct Folded {
  std::string text;
  std::vector<std::uint32_t> origin;
};
Folded fold_with_origin(std::string_view utf8);

/// Appends the UTF-8 of `code_point` (U+FFFD for a surrogate or beyond U+10FFFF).
void append_code_point(std::string& text, char32_t code_point);

}  // namespace eds::text
