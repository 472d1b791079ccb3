// Numbers of a text: birth dates, known codes, national numbers, telephones; and e-mail addresses.
#include <cctype>

#include "govern/mask_plan.h"

namespace eds::govern {
namespace {

constexpr std::size_t kSpacedCodeBytesMin = 7;
constexpr std::size_t kNirBytes = 15;
constexpr std::size_t kPhoneDigits = 10;
constexpr std::size_t kLocalPartBytesMax = 64;  // RFC 5321 4.5.3.1.1

char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char capital(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

/// The bytes of the separator at `at` that may stand inside a number; 0 when there is none.
std::size_t number_gap(std::string_view text, std::size_t at) {
  const char c = at_or_nul(text, at);
  if (c == ' ' || c == '.' || c == '-' || c == '/' || c == '(' || c == ')') return 1;
  if (text.substr(at, 2) == "\xC2\xA0") return 2;
  if (text.substr(at, 3) == "\xE2\x80\xAF") return 3;
  return 0;
}

std::size_t skip_gaps(std::string_view text, std::size_t at) {
  for (int step = 0; step < 2; ++step) at += number_gap(text, at);
  return at;
}

/// The first characters of a number or code, gaps left out, and where each ends.
struct Collected {
  std::array<char, 16> characters{};
  std::array<std::size_t, 16> ends{};
  std::size_t count = 0;
  std::string_view view(std::size_t length) const { return {characters.data(), length}; }
};

/// Up to 15 digits (and A or B, for Corsica) from `at`.
Collected collect(std::string_view text, std::size_t at) {
  Collected found;
  while (found.count < kNirBytes) {
    const std::size_t here = found.count == 0 ? at : skip_gaps(text, at);
    const char c = capital(at_or_nul(text, here));
    const bool corsica = found.count == 6 && (c == 'A' || c == 'B');
    if (!is_digit(c) && !corsica) break;
    found.characters[found.count] = c;
    found.ends[found.count] = here + 1;
    found.count += 1;
    at = here + 1;
  }
  return found;
}

bool ends_number(std::string_view text, std::size_t end) {
  return !is_digit(at_or_nul(text, end));
}

std::optional<Match> nir_at(std::string_view text, const Collected& found, std::size_t at) {
  if (found.count < kNirBytes || !ends_number(text, found.ends[kNirBytes - 1])) return {};
  const std::string_view nir = found.view(kNirBytes);
  if (std::string_view("123478").find(nir[0]) == std::string_view::npos) return {};
  const int month = (nir[3] - '0') * 10 + (nir[4] - '0');
  if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50)) return {};
  if (!nir_key_holds(nir)) return {};
  return Match{at, found.ends[kNirBytes - 1], Tag::Nir};
}

/// "0612345678", or five pairs with one and the same separator. Other groupings are dates and times
/// more often than telephones; the person's own number is found as a code in any grouping.
std::optional<Match> french_phone_at(std::string_view text, std::size_t at) {
  if (text[at] != '0' || at_or_nul(text, at + 1) < '1' || !is_digit(at_or_nul(text, at + 1))) {
    return {};
  }
  const std::size_t first_gap_end = skip_gaps(text, at + 2);
  const std::string_view gap = text.substr(at + 2, first_gap_end - at - 2);
  std::size_t here = at + 2;
  for (int pair = 0; pair < 4; ++pair) {
    if (text.substr(here, gap.size()) != gap) return {};
    here += gap.size();
    if (!is_digit(at_or_nul(text, here)) || !is_digit(at_or_nul(text, here + 1))) return {};
    here += 2;
  }
  if (!ends_number(text, here)) return {};
  return Match{at, here, Tag::Phone};
}

/// "+33 6 12 34 56 78", "0033612345678", "+33 (0)6 12 34 56 78".
std::optional<Match> abroad_phone_at(std::string_view text, std::size_t at) {
  const bool plus = at > 0 && text[at - 1] == '+';
  std::size_t here = at;
  if (plus && text.substr(at, 2) == "33") {
    here += 2;
  } else if (text.substr(at, 4) == "0033") {
    here += 4;
  } else {
    return {};
  }
  if (text.substr(here, 3) != "(0)") here += number_gap(text, here);
  if (text.substr(here, 3) == "(0)") here += 3;
  here = skip_gaps(text, here);
  std::size_t digit_count = 0;
  while (digit_count < kPhoneDigits - 1) {
    const std::size_t next = digit_count == 0 ? here : skip_gaps(text, here);
    if (!is_digit(at_or_nul(text, next))) return {};
    here = next + 1;
    digit_count += 1;
  }
  if (!ends_number(text, here)) return {};
  return Match{plus ? at - 1 : at, here, Tag::Phone};
}

/// One number of a date, of `digits_max` digits at most.
struct DatePart {
  int value = 0;
  std::size_t length = 0;
};

DatePart date_part(std::string_view text, std::size_t at, std::size_t digits_max) {
  DatePart part;
  while (part.length <= digits_max && is_digit(at_or_nul(text, at + part.length))) {
    part.value = part.value * 10 + (text[at + part.length] - '0');
    part.length += 1;
  }
  if (part.length > digits_max) part.length = 0;
  return part;
}

bool is_birth_date(const TextMask::Plan& plan, int year, int month, int day, bool short_year) {
  for (const Date& date : plan.birth_dates) {
    if (date.month == month && date.day == day &&
        (short_year ? date.year % 100 : date.year) == year) {
      return true;
    }
  }
  return false;
}

std::optional<Match> packed_date_at(const TextMask::Plan& plan, std::string_view text,
                                    std::size_t at) {
  const int n = date_part(text, at, 8).value;
  if (is_birth_date(plan, n % 10000, n / 10000 % 100, n / 1'000'000, false) ||
      is_birth_date(plan, n / 10000, n / 100 % 100, n % 100, false)) {
    return Match{at, at + 8, Tag::BirthDate};
  }
  return {};
}

/// Where a month, as digits or as a word, ends from `at`, and its number.
DatePart month_part(std::string_view text, std::size_t at) {
  if (is_digit(at_or_nul(text, at))) return date_part(text, at, 2);
  const Word word = word_at(text, at);
  DatePart part;
  part.value = word.empty() ? 0 : month_of(word);
  if (part.value != 0) part.length = word.end - at;
  return part;
}

std::optional<Match> date_at(const TextMask::Plan& plan, std::string_view text, std::size_t at) {
  if (plan.birth_dates.empty()) return {};
  const DatePart first = date_part(text, at, 8);
  if (first.length == 8) return packed_date_at(plan, text, at);
  if (first.length != 1 && first.length != 2 && first.length != 4) return {};
  std::size_t here = at + first.length;
  if (text.substr(here, 2) == "er" || text.substr(here, 2) == "ER") here += 2;
  here = skip_gaps(text, here);
  const DatePart month = month_part(text, here);
  if (month.length == 0) return {};
  here = skip_gaps(text, here + month.length);
  const DatePart last = date_part(text, here, 4);
  const std::size_t end = here + last.length;
  const bool year_first = first.length == 4;
  if (year_first ? (last.length != 1 && last.length != 2)
                 : (last.length != 2 && last.length != 4)) {
    return {};
  }
  const bool found =
      year_first ? is_birth_date(plan, first.value, month.value, last.value, false)
                 : is_birth_date(plan, last.value, month.value, first.value, last.length == 2);
  if (!found) return {};
  return Match{at, end, Tag::BirthDate};
}

/// Where `code` ends when it stands at `at`; 0 when it does not.
std::size_t code_end(std::string_view text, std::size_t at, std::string_view code) {
  const bool gaps = code.size() >= kSpacedCodeBytesMin;
  std::size_t here = at;
  for (std::size_t next = 0; next < code.size(); ++next) {
    const std::size_t place = gaps && next > 0 ? skip_gaps(text, here) : here;
    if (capital(at_or_nul(text, place)) != code[next]) return 0;
    here = place + 1;
  }
  const char after = at_or_nul(text, here);
  if (is_digit(after) || (is_letter(after) && is_letter(code.back()))) return 0;
  return here;
}

bool is_local_part(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

}  // namespace

std::optional<Match> code_at(const TextMask::Plan& plan, std::string_view text, std::size_t at) {
  if (plan.codes_of.empty()) return {};
  std::array<char, kCodePrefix> prefix{};
  std::size_t here = at;
  for (std::size_t next = 0; next < kCodePrefix; ++next) {
    if (next > 0) here = skip_gaps(text, here);
    const char c = capital(at_or_nul(text, here));
    if (!is_digit(c) && !is_letter(c)) return {};
    prefix[next] = c;
    here += 1;
  }
  const auto found = plan.codes_of.find(code_prefix({prefix.data(), prefix.size()}));
  if (found == plan.codes_of.end()) return {};
  for (const CodePattern& code : found->second) {
    const std::size_t end = code_end(text, at, code.characters);
    if (end != 0) return Match{at, end, code.tag};
  }
  return {};
}

std::optional<Match> number_at(const TextMask::Plan& plan, std::string_view text, std::size_t at,
                               const KnownNumber& known) {
  if (const std::optional<Match> date = date_at(plan, text, at)) return date;
  const Collected found = collect(text, at);
  if (const std::optional<Match> nir = nir_at(text, found, at)) return nir;
  if (const std::optional<Match> code = code_at(plan, text, at)) return code;
  if (const std::optional<Match> phone = abroad_phone_at(text, at)) return phone;
  if (const std::optional<Match> phone = french_phone_at(text, at)) return phone;
  if (known == nullptr) return {};
  const Word run = word_at(text, at);
  const std::size_t length = run.end - run.begin;
  if (length < 7 || length > 20) return {};
  const std::optional<Tag> tag = known(text.substr(at, length));
  if (!tag.has_value()) return {};
  return Match{at, run.end, *tag};
}

std::optional<Match> email_at(std::string_view text, std::size_t at, std::size_t sign) {
  if (sign - at > kLocalPartBytesMax || sign == at) return {};
  for (std::size_t here = at; here < sign; ++here) {
    if (!is_local_part(text[here])) return {};
  }
  std::size_t end = sign + 1;
  std::size_t last_dot = 0;
  while (end < text.size() &&
         (is_digit(text[end]) || is_letter(text[end]) || text[end] == '.' || text[end] == '-')) {
    if (text[end] == '.' && is_letter(at_or_nul(text, end + 1))) last_dot = end;
    end += 1;
  }
  while (end > sign + 1 && (text[end - 1] == '.' || text[end - 1] == '-')) end -= 1;
  if (last_dot == 0 || last_dot >= end) return {};
  return Match{at, end, Tag::Email};
}

}  // namespace eds::govern
