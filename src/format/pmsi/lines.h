// LineScanner: cuts a buffer into lines, whatever ends them: CR LF, LF, CR, or the end of the file.
//
// Invariants: lines come in order, numbered from 1, with the offset of their first byte. A line
// longer than the bound is refused without being copied or looked at; so is one that holds a NUL
// byte. A lone 0x1A as last line (the end-of-file mark of old software) is not a line.
// Threads: one thread at a time; the buffer must outlive the lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace eds::pmsi {

// The longest legal record is an RSS 123: 205 + 99 x 8 + 99 x 8 + 999 x 32 = 33 757 bytes; an RSA
// may reach 265 + 99 x 61 + 9 999 x 6 + 99 999 x 24 in theory, and a few kB in practice.
inline constexpr std::size_t kLineBytesMax = 1 << 20;

enum class LineState : std::uint8_t { Whole, TooLong, HasNul };
enum class LineEnd : std::uint8_t { CrLf, Lf, Cr, None };

struct Line {
  std::string_view bytes;  ///< without its end; empty when TooLong
  std::uint64_t number = 0;
  std::uint64_t offset = 0;
  LineState state = LineState::Whole;
  LineEnd end = LineEnd::None;
};

/// Whether a buffer's last bytes are a line (the file ends there) or wait for the next buffer.
enum class Tail : std::uint8_t { EndOfFile, MoreFollows };

class LineScanner {
 public:
  /// Where a buffer begins in its file. Hand next_start() of one buffer to the next.
  struct Start {
    std::uint64_t line_number = 1;
    std::uint64_t offset = 0;
    bool inside_refused_line = false;
  };

  explicit LineScanner(std::string_view buffer, std::size_t line_bytes_max = kLineBytesMax)
      : LineScanner(buffer, Tail::EndOfFile, Start{}, line_bytes_max) {}
  LineScanner(std::string_view buffer, Tail tail, Start start,
              std::size_t line_bytes_max = kLineBytesMax);

  /// The next line, or nothing at the end. Empty lines are lines.
  std::optional<Line> next();

  /// Bytes of the buffer that need not be shown again. With Tail::MoreFollows, the next buffer
  /// begins with what is left.
  std::size_t consumed() const { return position_; }
  Start next_start() const { return {line_number_, start_offset_ + position_, inside_refused_}; }

 private:
  std::size_t find_end(std::size_t from);
  std::optional<LineEnd> pass_end(std::size_t end);
  bool skip_refused_tail();

  std::string_view buffer_;
  std::size_t line_bytes_max_;
  std::size_t position_ = 0;
  std::size_t next_lf_ = 0;  // first '\n' at or after position_, once looked for
  bool lf_known_ = false;
  std::uint64_t line_number_;
  std::uint64_t start_offset_;
  Tail tail_;
  bool inside_refused_;
};

}  // namespace eds::pmsi
