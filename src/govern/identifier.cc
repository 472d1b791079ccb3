#include "govern/identifier.h"

#include "govern/limits.h"
#include "govern/utf8.h"

namespace eds::govern {
namespace {

constexpr std::size_t kNirBytes = 13;
constexpr std::size_t kNirKeyBytes = 2;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Blanks, and the no-break space (C2 A0) that word processors put between groups of digits.
std::string without_blanks(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == ' ' || c == '\t') continue;
    if (c == '\xC2' && at + 1 < text.size() && text[at + 1] == '\xA0') {
      ++at;
      continue;
    }
    kept += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return kept;
}

/// The number of the first 13 characters, Corsica's departments replaced; -1 when it is none.
std::int64_t nir_number(std::string_view nir) {
  std::int64_t number = 0;
  for (std::size_t at = 0; at < kNirBytes; ++at) {
    char c = nir[at];
    if (at == 6 && (c == 'A' || c == 'B') && nir[5] == '2') {
      // "2A" counts as 19 and "2B" as 18.
      number = number / 10 * 10 + 1;
      c = c == 'A' ? '9' : '8';
    }
    if (!is_digit(c)) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

Result<std::string> normalised_nir(std::string value) {
  std::erase_if(value, [](char c) { return c == '.' || c == '-'; });
  if (value.size() != kNirBytes && value.size() != kNirBytes + kNirKeyBytes) {
    return Error{Code::Malformed, "national number is neither of 13 nor of 15 characters"};
  }
  if (value[0] < '1' || value[0] > '9' || nir_number(value) < 0) {
    return Error{Code::Malformed, "national number holds a character that none may hold"};
  }
  if (value.size() > kNirBytes && !nir_key_holds(value)) {
    return Error{Code::Malformed, "national number's key is not that of its digits"};
  }
  value.resize(kNirBytes);
  return value;
}

}  // namespace

bool names_visit(IdentifierKind kind) {
  return kind == IdentifierKind::Nda || kind == IdentifierKind::Rss ||
         kind == IdentifierKind::Visit;
}

bool nir_key_holds(std::string_view nir) {
  if (nir.size() != kNirBytes + kNirKeyBytes || !is_digit(nir[13]) || !is_digit(nir[14])) {
    return false;
  }
  const std::int64_t number = nir_number(nir);
  if (number < 0) return false;
  return 97 - number % 97 == (nir[13] - '0') * 10 + (nir[14] - '0');
}

Result<std::string> normalised(const Identifier& identifier) {
  const std::string& written = identifier.value.reveal(Reason::Seal);
  if (written.size() > 2 * kIdentifierBytesMax) {
    return Error{Code::Limit, "identifier exceeds kIdentifierBytesMax"};
  }
  // Else taking blanks out could join bytes into a character that was not there.
  if (!is_utf8(written)) return Error{Code::Malformed, "identifier is not UTF-8"};
  std::string value = without_blanks(written);
  if (value.empty()) return Error{Code::Malformed, "identifier is empty"};
  if (value.size() > kIdentifierBytesMax) {
    return Error{Code::Limit, "identifier exceeds kIdentifierBytesMax"};
  }
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      return Error{Code::Malformed, "identifier holds a control character"};
    }
  }
  if (identifier.kind == IdentifierKind::Ins || identifier.kind == IdentifierKind::Nir) {
    return normalised_nir(std::move(value));
  }
  if (identifier.authority.empty()) {
    return Error{Code::Malformed, "identifier lacks the authority that gave it"};
  }
  if (identifier.authority.size() > kAuthorityBytesMax) {
    return Error{Code::Limit, "authority exceeds kAuthorityBytesMax"};
  }
  return value;
}

}  // namespace eds::govern
