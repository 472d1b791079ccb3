// Dates and times as sources write them, read by an explicit pattern.
//
// Invariants: a date is valid in the proleptic Gregorian calendar (29 February only in leap years)
// or it is refused; no guessing between day and month. The year is 1 to 9999. A time without a zone
// is the source's wall clock: it is counted as if it were UTC, and the ingest room decides.
// Threads: a DatePattern never changes after compile(); parsing may run in any thread.
// Sources: ISO 8601, PMSI's JJMMAAAA, HL7 v2 TS.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/calendar.h"
#include "base/result.h"

namespace eds::text {

/// "2024-02-29".
std::string format_date(std::int32_t days);
/// "2024-02-29T13:45:00" or, when there is a fraction, "2024-02-29T13:45:00.250000".
std::string format_timestamp(std::int64_t us);

/// A compiled pattern. Letters: yyyy MM dd HH mm ss, S+ (1 to 9 digits of a fraction, cut at
/// microseconds), X (Z, +01:00, +0100 or +01), yy@1930 (two digits, years 1930-2029); d, M, H: one
/// or two digits; [ ] encloses an optional part, not nested; T and everything else stand for
/// themselves. Whole patterns with a name: "iso" (yyyy-MM-dd, then optionally T or space HH:mm,
/// :ss, .S+, X), "epoch-s", "epoch-ms", "epoch-us".
class DatePattern {
 public:
  static Result<DatePattern> compile(std::string_view pattern);

  /// Microseconds since 1970; midnight when the pattern or the text has no time.
  std::optional<std::int64_t> parse_us(std::string_view text) const;
  /// Days since 1970 of the same; the time, if any, must be valid.
  std::optional<std::int32_t> parse_days(std::string_view text) const;

  const std::string& pattern() const { return pattern_; }

 private:
  static constexpr std::size_t kStepsMax = 32;
  enum class Op : std::uint8_t {
    Year4,
    Year2,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Month12,
    Day12,
    Hour12,
    Fraction,
    Zone,
    Literal,
    OpenOptional,
    CloseOptional,
  };
  struct Step {
    Op op = Op::Literal;
    char literal = 0;
    std::int16_t argument = 0;  ///< the pivot of yy@, or for OpenOptional the index of its close
  };
  struct Fields;
  enum class Kind : std::uint8_t {
    Steps,
    Iso,
    EpochSeconds,
    EpochMilliseconds,
    EpochMicroseconds,
  };
  struct Lexed {
    Step step;
    std::size_t size = 1;
  };

  static bool run_step(const Step& step, std::string_view text, std::size_t& at, Fields& fields);
  static bool run_iso(std::string_view text, Fields& fields);
  bool run(std::string_view text, Fields& fields) const;
  static Result<Lexed> lex(std::string_view pattern, std::size_t at);
  Status push(Step step);

  std::string pattern_;
  Kind kind_ = Kind::Steps;
  std::array<Step, kStepsMax> steps_{};
  std::uint8_t step_count_ = 0;
};

/// yyyy-MM-dd and nothing else: the fast path of OMOP files.
std::optional<std::int32_t> parse_iso_date(std::string_view text);
/// The days of vocabulary files: yyyy-MM-dd, with or without a time behind, or, from Athena,
/// yyyyMMdd.
std::optional<std::int32_t> parse_vocabulary_date(std::string_view text);

}  // namespace eds::text
