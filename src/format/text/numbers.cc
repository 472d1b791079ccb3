#include "format/text/numbers.h"

#include <array>
#include <charconv>
#include <cstring>
#include <system_error>

namespace eds::text {
namespace {

constexpr std::size_t kDigitsMax = 64;  // nobody measures to more; keeps the slow path on the stack

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// Bytes of the space at the front of `text`: ASCII, no-break, thin, narrow no-break, figure.
std::size_t space_size(std::string_view text) {
  if (text.empty()) return 0;
  if (is_blank(text[0])) return 1;
  if (text.starts_with("\xC2\xA0")) return 2;
  if (text.starts_with("\xE2\x80\xAF") || text.starts_with("\xE2\x80\x89") ||
      text.starts_with("\xE2\x80\x87")) {
    return 3;
  }
  return 0;
}

std::size_t space_size_at_end(std::string_view text) {
  if (text.empty()) return 0;
  if (is_blank(text.back())) return 1;
  if (text.ends_with("\xC2\xA0")) return 2;
  if (text.size() >= 3) return space_size(text.substr(text.size() - 3)) == 3 ? 3 : 0;
  return 0;
}

std::string_view skip_spaces(std::string_view text) {
  while (const std::size_t size = space_size(text)) text.remove_prefix(size);
  return text;
}

/// The digits read so far, exactly as long as they fit, and as text beyond.
struct Decimal {
  std::uint64_t mantissa = 0;
  int digit_count = 0;  ///< without leading zeros
  int exponent = 0;
  bool negative = false;
  bool any = false;
  std::array<char, kDigitsMax> digits;

  bool push(char c) {
    any = true;
    if (c == '0' && digit_count == 0) return true;
    if (digit_count >= static_cast<int>(kDigitsMax)) return false;
    if (digit_count < 19) mantissa = mantissa * 10 + static_cast<std::uint64_t>(c - '0');
    digits[static_cast<std::size_t>(digit_count++)] = c;
    return true;
  }
};

constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

std::optional<double> to_double(const Decimal& decimal) {
  double value = 0;
  const int exponent = decimal.exponent;
  if (decimal.digit_count <= 19 && decimal.mantissa <= (1ULL << 53) && exponent >= -22 &&
      exponent <= 22) {
    // Both numbers are exact doubles, so one operation rounds once: the nearest double (Clinger).
    value = static_cast<double>(decimal.mantissa);
    const auto magnitude = static_cast<std::size_t>(exponent < 0 ? -exponent : exponent);
    const double power = kPowersOfTen[magnitude];
    value = exponent < 0 ? value / power : value * power;
  } else if (decimal.digit_count > 0) {
    std::array<char, kDigitsMax + 16> text;
    const auto count = static_cast<std::size_t>(decimal.digit_count);
    std::memcpy(text.data(), decimal.digits.data(), count);
    text[count] = 'e';
    const auto written =
        std::to_chars(text.data() + count + 1, text.data() + text.size(), exponent);
    const auto read = std::from_chars(text.data(), written.ptr, value);
    if (read.ec != std::errc{}) return std::nullopt;  // out of a double's range
  }
  return decimal.negative ? -value : value;
}

std::size_t digit_run(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

/// True when `text`, just behind one to three digits, goes on as groups of `mark` and three digits
/// that can only be thousands: two groups or more, or one before the other decimal mark.
bool is_grouped_by(std::string_view text, char mark) {
  std::size_t groups = 0;
  while (text.size() >= 4 && text[0] == mark && digit_run(text.substr(1)) == 3) {
    text.remove_prefix(4);
    ++groups;
  }
  if (groups == 0) return false;
  const char other = mark == '.' ? ',' : '.';
  const bool decimal_follows = text.size() >= 2 && text[0] == other && is_digit(text[1]);
  const bool ends = text.empty() || (text[0] != mark && !is_digit(text[0]));
  return decimal_follows || (groups >= 2 && ends);
}

bool read_groups(std::string_view& text, Decimal& decimal) {
  const char mark = text.empty() ? '\0' : text[0];
  if ((mark == '.' || mark == ',') && is_grouped_by(text, mark)) {
    while (text.size() >= 4 && text[0] == mark && digit_run(text.substr(1)) == 3) {
      for (std::size_t i = 1; i < 4; ++i) {
        if (!decimal.push(text[i])) return false;
      }
      text.remove_prefix(4);
    }
    return true;
  }
  while (const std::size_t space = space_size(text)) {
    const std::string_view group = text.substr(space);
    // "10 100*3" would be a power of ten written as a unit, and so is "5 10^9/L": no group there.
    if (digit_run(group) != 3) break;
    for (std::size_t i = 0; i < 3; ++i) {
      if (!decimal.push(group[i])) return false;
    }
    text = group.substr(3);
  }
  return true;
}

bool read_fraction(std::string_view& text, Decimal& decimal) {
  if (text.empty() || (text[0] != '.' && text[0] != ',')) return true;
  const std::size_t count = digit_run(text.substr(1));
  if (count == 0) {
    if (decimal.any && text.size() == 1) text.remove_prefix(1);  // "5." at the end of a field
    return true;
  }
  for (std::size_t i = 1; i <= count; ++i) {
    if (!decimal.push(text[i])) return false;
  }
  decimal.exponent -= static_cast<int>(count);
  text.remove_prefix(count + 1);
  return true;
}

void read_exponent(std::string_view& text, Decimal& decimal) {
  if (text.size() < 2 || (text[0] | 0x20) != 'e') return;
  std::size_t at = 1;
  const bool negative = text[at] == '-';
  if (text[at] == '-' || text[at] == '+') ++at;
  const std::size_t count = digit_run(text.substr(at));
  if (count == 0 || count > 4) return;
  if (at + count < text.size() && is_letter(text[at + count])) return;
  int exponent = 0;
  for (std::size_t i = 0; i < count; ++i) exponent = exponent * 10 + (text[at + i] - '0');
  decimal.exponent += negative ? -exponent : exponent;
  text.remove_prefix(at + count);
}

/// Reads a number at the front of `text` and cuts it off.
std::optional<double> read_number(std::string_view& text) {
  Decimal decimal;
  if (text.starts_with("\xE2\x88\x92")) {  // U+2212, the minus that word processors write
    decimal.negative = true;
    text.remove_prefix(3);
  } else if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    decimal.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t count = digit_run(text);
  const bool may_group = count >= 1 && count <= 3 && text[0] != '0';
  for (std::size_t i = 0; i < count; ++i) {
    if (!decimal.push(text[i])) return std::nullopt;
  }
  text.remove_prefix(count);
  if (may_group && !read_groups(text, decimal)) return std::nullopt;
  if (!read_fraction(text, decimal)) return std::nullopt;
  if (!decimal.any) return std::nullopt;
  read_exponent(text, decimal);
  return to_double(decimal);
}

bool starts_with_word(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

/// Cuts one word (letters of any script, and its points) off the front.
std::string_view take_word(std::string_view& text) {
  std::size_t size = 0;
  while (size < text.size()) {
    const char c = text[size];
    if (!is_letter(c) && (c & 0x80) == 0 && c != '.') break;
    if (space_size(text.substr(size)) != 0) break;
    ++size;
  }
  const std::string_view word = text.substr(0, size);
  text = skip_spaces(text.substr(size));
  return word;
}

/// "inf", "inf.", "inférieur à", "supérieure ou égale à", "env.", "environ".
Comparator read_word_comparator(std::string_view& text) {
  std::string_view left = text;
  const std::string_view first = take_word(left);
  Comparator found = Comparator::Equal;
  if (starts_with_word(first, "inf")) found = Comparator::Less;
  if (starts_with_word(first, "sup")) found = Comparator::Greater;
  if (starts_with_word(first, "env")) found = Comparator::Approximate;
  if (found == Comparator::Equal) return found;
  for (int words = 0; words < 3 && !left.empty() && !is_digit(left[0]); ++words) {
    std::string_view next = left;
    const std::string_view word = take_word(next);
    const bool equal = starts_with_word(word, "eg") || word.starts_with("\xC3\xA9g");
    const bool filler = starts_with_word(word, "ou") || word == "\xC3\xA0" || word == "\xE0" ||
                        (word.size() == 1 && (word[0] | 0x20) == 'a');
    if (!equal && !filler) break;
    if (equal && found == Comparator::Less) found = Comparator::LessOrEqual;
    if (equal && found == Comparator::Greater) found = Comparator::GreaterOrEqual;
    left = next;
  }
  text = left;
  return found;
}

Comparator read_comparator(std::string_view& text) {
  struct Sign {
    std::string_view sign;
    Comparator comparator;
  };
  // Longer signs first. HTML entities come from HPRIM files that passed through a web page.
  static constexpr std::array<Sign, 16> kSigns = {{
      {"<=", Comparator::LessOrEqual},
      {"=<", Comparator::LessOrEqual},
      {">=", Comparator::GreaterOrEqual},
      {"=>", Comparator::GreaterOrEqual},
      {"&lt;=", Comparator::LessOrEqual},
      {"&gt;=", Comparator::GreaterOrEqual},
      {"&lt;", Comparator::Less},
      {"&gt;", Comparator::Greater},
      {"\xE2\x89\xA4", Comparator::LessOrEqual},
      {"\xE2\x89\xA5", Comparator::GreaterOrEqual},
      {"\xE2\x89\x88", Comparator::Approximate},
      {"<", Comparator::Less},
      {">", Comparator::Greater},
      {"=", Comparator::Equal},
      {"~", Comparator::Approximate},
      {"+/-", Comparator::Approximate},
  }};
  if (text.empty() || is_digit(text[0])) return Comparator::Equal;
  for (const Sign& sign : kSigns) {
    if (!text.starts_with(sign.sign)) continue;
    text = skip_spaces(text.substr(sign.sign.size()));
    return sign.comparator;
  }
  return read_word_comparator(text);
}

/// True when what follows a number shows that it was only the beginning of something else: a
/// range, a titre, a date, a time, a second number. Powers of ten are units ("4,5 10^9/L").
bool is_part_of_more(std::string_view rest) {
  if (rest.empty()) return false;
  if (is_digit(rest[0])) {
    return !(rest.starts_with("10^") || rest.starts_with("10*") || rest.starts_with("10E") ||
             rest.starts_with("10e"));
  }
  constexpr std::string_view kJoins = "/-:.,+^";
  if (kJoins.find(rest[0]) == std::string_view::npos) return false;
  const std::string_view after = skip_spaces(rest.substr(1));
  return !after.empty() && is_digit(after[0]);
}

}  // namespace

std::string_view trim(std::string_view field) {
  field = skip_spaces(field);
  while (const std::size_t size = space_size_at_end(field)) field.remove_suffix(size);
  return field;
}

std::optional<double> parse_decimal(std::string_view field) {
  std::string_view text = trim(field);
  const std::optional<double> value = read_number(text);
  if (!text.empty()) return std::nullopt;
  return value;
}

std::optional<Measured> parse_measured(std::string_view field) {
  std::string_view text = trim(field);
  Measured measured;
  const auto take_stars = [&] {
    while (!text.empty() && text[0] == '*') {
      measured.flagged = true;
      text = skip_spaces(text.substr(1));
    }
  };
  take_stars();
  measured.comparator = read_comparator(text);
  take_stars();
  const std::optional<double> value = read_number(text);
  if (!value) return std::nullopt;
  measured.value = *value;
  text = skip_spaces(text);
  take_stars();
  if (is_part_of_more(text)) return std::nullopt;
  while (!text.empty() && text.back() == '*') {
    measured.flagged = true;
    text = trim(text.substr(0, text.size() - 1));
  }
  measured.rest = text;
  return measured;
}

std::optional<std::int64_t> parse_integer(std::string_view field) {
  std::string_view text = trim(field);
  if (text.size() >= 2 && text[0] == '+' && is_digit(text[1])) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace eds::text
