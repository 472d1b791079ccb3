#include "serve/auth/form.h"

namespace eds::serve {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

bool is_plain(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
         letter == '~';
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  if (letter >= 'A' && letter <= 'F') return letter - 'A' + 10;
  return -1;
}

}  // namespace

std::string form_escaped(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    if (is_plain(letter)) {
      escaped += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    escaped += '%';
    escaped += kDigits[byte >> 4U];
    escaped += kDigits[byte & 15U];
  }
  return escaped;
}

Result<std::string> form_unescaped(std::string_view text, std::string_view where) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      plain += ' ';
    } else if (text[at] != '%') {
      plain += text[at];
    } else {
      const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
      const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
      if (high < 0 || low < 0) return Error{Code::Malformed, "bad escape in " + std::string(where)};
      plain += static_cast<char>(high * 16 + low);
      at += 2;
    }
  }
  return plain;
}

std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  std::string form;
  for (const auto& [name, value] : pairs) {
    if (value.empty()) continue;
    if (!form.empty()) form += '&';
    form += form_escaped(name) + "=" + form_escaped(value);
  }
  return form;
}

Result<std::map<std::string, std::string>> parse_form(std::string_view text) {
  std::map<std::string, std::string> form;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    std::string name = TRY(form_unescaped(pair.substr(0, equals), "a form"));
    std::string value = equals == std::string_view::npos
                            ? ""
                            : TRY(form_unescaped(pair.substr(equals + 1), "a form"));
    if (!form.emplace(std::move(name), std::move(value)).second) {
      return Error{Code::Malformed, "a form says a thing twice"};
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return form;
}

}  // namespace eds::serve
