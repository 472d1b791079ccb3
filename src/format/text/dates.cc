#include "format/text/dates.h"

#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace eds::text {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Reads exactly `count` digits at `at`, or leaves -1.
std::int32_t digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  std::int32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[at + i])) return -1;
    value = value * 10 + (text[at + i] - '0');
  }
  return value;
}

}  // namespace

std::string format_date(std::int32_t days) {
  const Date date = date_from_days(days);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string format_timestamp(std::int64_t us) {
  const std::int32_t days = day_of(us);
  const std::int64_t in_day = us - days * kMicrosecondsPerDay;
  const std::int64_t seconds = in_day / kMicrosecondsPerSecond;
  const std::int64_t fraction = in_day % kMicrosecondsPerSecond;
  std::string text = fmt::format("{}T{:02}:{:02}:{:02}", format_date(days), seconds / 3600,
                                 seconds / 60 % 60, seconds % 60);
  if (fraction != 0) text += fmt::format(".{:06}", fraction);
  return text;
}

std::optional<std::int32_t> parse_iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const Date date{digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)};
  if (!is_valid(date)) return std::nullopt;
  return days_from_date(date);
}

std::optional<std::int32_t> parse_vocabulary_date(std::string_view text) {
  static const auto compact = DatePattern::compile("yyyyMMdd");
  return text.size() == 8 ? compact->parse_days(text) : parse_iso_date(text.substr(0, 10));
}

struct DatePattern::Fields {
  Date date{};
  std::int32_t hour = 0;
  std::int32_t minute = 0;
  std::int32_t second = 0;
  std::int32_t fraction_us = 0;
  std::int32_t zone_minutes = 0;

  bool valid() const {
    // 24:00 and leap seconds are refused: no source here needs them, and they hide mistakes.
    return is_valid(date) && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 &&
           second >= 0 && second <= 59;
  }
  std::int64_t to_us() const {
    const std::int64_t seconds = (hour * 60 + minute - zone_minutes) * 60 + second;
    return days_from_date(date) * kMicrosecondsPerDay + seconds * kMicrosecondsPerSecond +
           fraction_us;
  }
};

Status DatePattern::push(Step step) {
  if (step_count_ >= kStepsMax) {
    return Error{Code::Limit, fmt::format("date pattern longer than {} steps", kStepsMax)};
  }
  steps_[step_count_++] = step;
  return {};
}

namespace {

std::size_t run_of(std::string_view pattern, std::size_t at) {
  std::size_t size = 1;
  while (at + size < pattern.size() && pattern[at + size] == pattern[at]) ++size;
  return size;
}

}  // namespace

/// The step that begins at `at`; brackets are left to compile().
Result<DatePattern::Lexed> DatePattern::lex(std::string_view pattern, std::size_t at) {
  const auto bad = [&](std::string_view what) {
    return Error{Code::Usage, fmt::format("date pattern {}: {}", what, pattern)};
  };
  Lexed lexed;
  lexed.size = run_of(pattern, at);
  const bool once = lexed.size == 1;
  const bool one_or_two = lexed.size <= 2;
  switch (pattern[at]) {
    case 'y':
      if (lexed.size == 4) {
        lexed.step.op = Op::Year4;
        return lexed;
      }
      if (lexed.size != 2 || at + 2 >= pattern.size() || pattern[at + 2] != '@' ||
          digits(pattern, at + 3, 4) <= 0) {
        return bad("needs yyyy, or yy@ and the first year of its century");
      }
      lexed.step.op = Op::Year2;
      lexed.step.argument = static_cast<std::int16_t>(digits(pattern, at + 3, 4));
      lexed.size = 7;
      return lexed;
    case 'M': lexed.step.op = once ? Op::Month12 : Op::Month; break;
    case 'd': lexed.step.op = once ? Op::Day12 : Op::Day; break;
    case 'H': lexed.step.op = once ? Op::Hour12 : Op::Hour; break;
    case 'm': lexed.step.op = Op::Minute; break;
    case 's': lexed.step.op = Op::Second; break;
    case 'S': lexed.step.op = Op::Fraction; return lexed;
    case 'X':
      lexed.step.op = Op::Zone;
      lexed.size = 1;
      return lexed;
    case '[':
      lexed.step.op = Op::OpenOptional;
      lexed.size = 1;
      return lexed;
    case ']':
      lexed.step.op = Op::CloseOptional;
      lexed.size = 1;
      return lexed;
    default:
      lexed.step.literal = pattern[at];
      lexed.size = 1;
      return lexed;
  }
  if (!one_or_two) return bad("repeats a letter more than twice");
  if (once && (pattern[at] == 'm' || pattern[at] == 's')) return bad("needs mm and ss");
  return lexed;
}

Result<DatePattern> DatePattern::compile(std::string_view pattern) {
  DatePattern compiled;
  compiled.pattern_ = pattern;
  if (pattern == "iso") compiled.kind_ = Kind::Iso;
  if (pattern == "epoch-s") compiled.kind_ = Kind::EpochSeconds;
  if (pattern == "epoch-ms") compiled.kind_ = Kind::EpochMilliseconds;
  if (pattern == "epoch-us") compiled.kind_ = Kind::EpochMicroseconds;
  if (compiled.kind_ != Kind::Steps) return compiled;
  const auto bad = [&](std::string_view what) {
    return Error{Code::Usage, fmt::format("date pattern {}: {}", what, pattern)};
  };
  std::size_t open = kStepsMax;  // the optional part that is open, if any
  int years = 0;
  int months = 0;
  int days = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    const Lexed lexed = TRY(lex(pattern, at));
    const Op op = lexed.step.op;
    years += op == Op::Year4 || op == Op::Year2 ? 1 : 0;
    months += op == Op::Month || op == Op::Month12 ? 1 : 0;
    days += op == Op::Day || op == Op::Day12 ? 1 : 0;
    if (op == Op::OpenOptional) {
      if (open != kStepsMax) return bad("has nested brackets");
      open = compiled.step_count_;
    }
    if (op == Op::CloseOptional) {
      if (open == kStepsMax) return bad("closes a bracket that is not open");
      compiled.steps_[open].argument = static_cast<std::int16_t>(compiled.step_count_);
      open = kStepsMax;
    }
    TRY(compiled.push(lexed.step));
    at += lexed.size;
  }
  if (open != kStepsMax) return bad("leaves a bracket open");
  if (years != 1 || months != 1 || days != 1) return bad("needs one year, month and day");
  return compiled;
}

namespace {

/// One or two digits, as many as there are.
std::int32_t one_or_two(std::string_view text, std::size_t& at) {
  const std::int32_t two = digits(text, at, 2);
  if (two >= 0) {
    at += 2;
    return two;
  }
  const std::int32_t one = digits(text, at, 1);
  if (one >= 0) at += 1;
  return one;
}

bool read_fraction(std::string_view text, std::size_t& at, std::int32_t& us) {
  std::int32_t value = 0;
  std::size_t count = 0;
  for (; at < text.size() && is_digit(text[at]) && count < 9; ++at, ++count) {
    if (count < 6) value = value * 10 + (text[at] - '0');
  }
  for (std::size_t i = count; i < 6; ++i) value *= 10;
  us = value;
  return count > 0;
}

/// Z, +hh, +hhmm, +hh:mm.
bool read_zone(std::string_view text, std::size_t& at, std::int32_t& minutes) {
  if (at >= text.size()) return false;
  if (text[at] == 'Z') {
    ++at;
    return true;
  }
  if (text[at] != '+' && text[at] != '-') return false;
  const std::int32_t sign = text[at] == '-' ? -1 : 1;
  const std::int32_t hours = digits(text, at + 1, 2);
  if (hours < 0 || hours > 14) return false;
  at += 3;
  std::int32_t rest = 0;
  const std::size_t colon = at < text.size() && text[at] == ':' ? 1 : 0;
  if (const std::int32_t found = digits(text, at + colon, 2); found >= 0) {
    if (found > 59) return false;
    rest = found;
    at += colon + 2;
  }
  minutes = sign * (hours * 60 + rest);
  return true;
}

bool fixed(std::string_view text, std::size_t& at, std::size_t count, std::int32_t& value) {
  value = digits(text, at, count);
  at += count;
  return value >= 0;
}

}  // namespace

bool DatePattern::run_step(const Step& step, std::string_view text, std::size_t& at,
                           Fields& fields) {
  switch (step.op) {
    case Op::Year4: return fixed(text, at, 4, fields.date.year);
    case Op::Year2: {
      std::int32_t year = 0;
      if (!fixed(text, at, 2, year)) return false;
      year += step.argument / 100 * 100;
      fields.date.year = year < step.argument ? year + 100 : year;
      return true;
    }
    case Op::Month: return fixed(text, at, 2, fields.date.month);
    case Op::Day: return fixed(text, at, 2, fields.date.day);
    case Op::Hour: return fixed(text, at, 2, fields.hour);
    case Op::Minute: return fixed(text, at, 2, fields.minute);
    case Op::Second: return fixed(text, at, 2, fields.second);
    case Op::Month12: return (fields.date.month = one_or_two(text, at)) >= 0;
    case Op::Day12: return (fields.date.day = one_or_two(text, at)) >= 0;
    case Op::Hour12: return (fields.hour = one_or_two(text, at)) >= 0;
    case Op::Fraction: return read_fraction(text, at, fields.fraction_us);
    case Op::Zone: return read_zone(text, at, fields.zone_minutes);
    case Op::Literal: return at < text.size() && text[at++] == step.literal;
    case Op::OpenOptional:
    case Op::CloseOptional: return true;
  }
  return false;
}

bool DatePattern::run_iso(std::string_view text, Fields& fields) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return false;
  fields.date = {digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)};
  if (text.size() == 10) return fields.valid();
  if ((text[10] != 'T' && text[10] != ' ') || text.size() < 16 || text[13] != ':') return false;
  fields.hour = digits(text, 11, 2);
  fields.minute = digits(text, 14, 2);
  std::size_t at = 16;
  if (at < text.size() && text[at] == ':') {
    fields.second = digits(text, at + 1, 2);
    at += 3;
    if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
      ++at;
      if (!read_fraction(text, at, fields.fraction_us)) return false;
    }
  }
  if (at < text.size() && !read_zone(text, at, fields.zone_minutes)) return false;
  return at == text.size() && fields.valid();
}

bool DatePattern::run(std::string_view text, Fields& fields) const {
  std::size_t at = 0;
  for (std::size_t i = 0; i < step_count_; ++i) {
    const Step& step = steps_[i];
    if (step.op != Op::OpenOptional) {
      if (!run_step(step, text, at, fields)) return false;
      continue;
    }
    const auto close = static_cast<std::size_t>(step.argument);
    Fields attempt = fields;
    std::size_t attempt_at = at;
    bool matches = true;
    for (std::size_t j = i + 1; j < close && matches; ++j) {
      matches = run_step(steps_[j], text, attempt_at, attempt);
    }
    if (matches) {
      fields = attempt;
      at = attempt_at;
    }
    i = close;
  }
  return at == text.size() && fields.valid();
}

std::optional<std::int64_t> DatePattern::parse_us(std::string_view text) const {
  if (kind_ == Kind::Steps || kind_ == Kind::Iso) {
    Fields fields;
    if (kind_ == Kind::Iso ? !run_iso(text, fields) : !run(text, fields)) return std::nullopt;
    return fields.to_us();
  }
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  const std::int64_t scale = kind_ == Kind::EpochSeconds        ? kMicrosecondsPerSecond
                             : kind_ == Kind::EpochMilliseconds ? 1000
                                                                : 1;
  std::int64_t us = 0;
  if (__builtin_mul_overflow(value, scale, &us)) return std::nullopt;
  // Years 1 to 9999, like every other pattern.
  if (us < days_from_date({1, 1, 1}) * kMicrosecondsPerDay) return std::nullopt;
  if (us >= (days_from_date({9999, 12, 31}) + 1) * kMicrosecondsPerDay) return std::nullopt;
  return us;
}

std::optional<std::int32_t> DatePattern::parse_days(std::string_view text) const {
  const std::optional<std::int64_t> us = parse_us(text);
  if (!us) return std::nullopt;
  return day_of(*us);
}

}  // namespace eds::text
