#include "format/pmsi/lines.h"

#include <cstring>

namespace eds::pmsi {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

std::size_t find_byte(std::string_view text, char byte, std::size_t from, std::size_t to) {
  if (from >= to) return kNone;
  const void* found = std::memchr(text.data() + from, byte, to - from);
  if (found == nullptr) return kNone;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

LineScanner::LineScanner(std::string_view buffer, Tail tail, Start start,
                         std::size_t line_bytes_max)
    : buffer_(buffer),
      line_bytes_max_(line_bytes_max),
      line_number_(start.line_number),
      start_offset_(start.offset),
      tail_(tail),
      inside_refused_(start.inside_refused_line) {}

// The first '\r' or '\n' from `from` on, or the end of the buffer. The position of the next '\n' is
// kept: a file whose lines end with '\r' alone would else be searched whole for each of its lines.
std::size_t LineScanner::find_end(std::size_t from) {
  if (!lf_known_ || next_lf_ < from) {
    const std::size_t lf = find_byte(buffer_, '\n', from, buffer_.size());
    next_lf_ = lf == kNone ? buffer_.size() : lf;
    lf_known_ = true;
  }
  const std::size_t cr = find_byte(buffer_, '\r', from, next_lf_);
  return cr == kNone ? next_lf_ : cr;
}

// Passes over the end that stands at `end`; nothing when only the next buffer can tell.
std::optional<LineEnd> LineScanner::pass_end(std::size_t end) {
  if (buffer_[end] == '\n') {
    position_ = end + 1;
    return LineEnd::Lf;
  }
  if (end + 1 == buffer_.size() && tail_ == Tail::MoreFollows) return std::nullopt;
  const bool crlf = end + 1 < buffer_.size() && buffer_[end + 1] == '\n';
  position_ = end + (crlf ? 2 : 1);
  return crlf ? LineEnd::CrLf : LineEnd::Cr;
}

// What is left of a refused line that began in an earlier buffer; false when it goes on.
bool LineScanner::skip_refused_tail() {
  const std::size_t end = find_end(position_);
  if (end == buffer_.size()) {
    position_ = end;
    return false;
  }
  if (!pass_end(end)) {
    position_ = end;
    return false;
  }
  inside_refused_ = false;
  return true;
}

std::optional<Line> LineScanner::next() {
  if (inside_refused_ && !skip_refused_tail()) return std::nullopt;
  if (position_ >= buffer_.size()) return std::nullopt;
  const std::size_t start = position_;
  const std::size_t end = find_end(start);
  const bool too_long = end - start > line_bytes_max_;
  Line line;
  if (end == buffer_.size()) {
    if (tail_ == Tail::MoreFollows) {
      if (!too_long) return std::nullopt;
      inside_refused_ = true;
    }
    constexpr char kDosEndOfFile = 0x1A;
    if (end - start == 1 && buffer_[start] == kDosEndOfFile) {
      position_ = end;
      return std::nullopt;
    }
    position_ = end;
  } else {
    const std::optional<LineEnd> passed = pass_end(end);
    if (!passed) return std::nullopt;
    line.end = *passed;
  }
  line.number = line_number_++;
  line.offset = start_offset_ + start;
  if (too_long) {
    line.state = LineState::TooLong;
    return line;
  }
  line.bytes = buffer_.substr(start, end - start);
  if (find_byte(buffer_, '\0', start, end) != kNone) line.state = LineState::HasNul;
  return line;
}

}  // namespace eds::pmsi
