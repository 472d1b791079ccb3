#include "format/pmsi/lines.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace eds::pmsi {
namespace {

std::vector<std::string> all(std::string_view text) {
  std::vector<std::string> lines;
  LineScanner scanner(text);
  while (const std::optional<Line> line = scanner.next()) lines.emplace_back(line->bytes);
  return lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("lines end with CR LF, LF, CR, or the end of the file") {
  CHECK(all("ab\r\ncd\r\n") == Lines{"ab", "cd"});
  CHECK(all("ab\ncd\n") == Lines{"ab", "cd"});
  CHECK(all("ab\rcd\r") == Lines{"ab", "cd"});
  CHECK(all("ab\ncd") == Lines{"ab", "cd"});
  CHECK(all("ab\rcd\r\nef\ngh") == Lines{"ab", "cd", "ef", "gh"});
  CHECK(all("") == Lines{});
}

TEST_CASE("empty lines are lines, the old end-of-file mark is none") {
  CHECK(all("\n\nab\n") == Lines{"", "", "ab"});
  CHECK(all("ab\r\n\x1A") == Lines{"ab"});
  CHECK(all("ab\r\n\x1A\n") == Lines{"ab", "\x1A"});
}

TEST_CASE("lines know their number, their offset and their end") {
  LineScanner scanner("ab\r\n\ncd");
  const std::optional<Line> first = scanner.next();
  const std::optional<Line> second = scanner.next();
  const std::optional<Line> third = scanner.next();
  REQUIRE(third.has_value());
  CHECK(first->number == 1);
  CHECK(first->end == LineEnd::CrLf);
  CHECK(second->offset == 4);
  CHECK(second->end == LineEnd::Lf);
  CHECK(third->number == 3);
  CHECK(third->offset == 5);
  CHECK(third->end == LineEnd::None);
  CHECK_FALSE(scanner.next().has_value());
}

TEST_CASE("a line longer than the bound is refused, the next one is read") {
  LineScanner scanner("12345\n123456\nok\n", 5);
  CHECK(scanner.next()->bytes == "12345");
  const std::optional<Line> refused = scanner.next();
  CHECK(refused->state == LineState::TooLong);
  CHECK(refused->bytes.empty());
  const std::optional<Line> next = scanner.next();
  CHECK(next->bytes == "ok");
  CHECK(next->number == 3);
}

TEST_CASE("a line with a NUL byte is marked") {
  LineScanner scanner(std::string_view("a\0b\nc\n", 6));
  CHECK(scanner.next()->state == LineState::HasNul);
  CHECK(scanner.next()->state == LineState::Whole);
}

struct Seen {
  std::string bytes;
  std::uint64_t number, offset;
  LineState state;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen seen(const Line& line) {
  return {std::string(line.bytes), line.number, line.offset, line.state};
}

// Reads `text` through buffers that grow by `step` bytes at a time, as a file is read.
std::vector<Seen> in_pieces(const std::string& text, std::size_t step, std::size_t bound) {
  std::vector<Seen> lines;
  LineScanner::Start start;
  std::string buffer;
  std::size_t read = 0;
  while (true) {
    const std::size_t count = std::min(step, text.size() - read);
    buffer.append(text, read, count);
    read += count;
    const Tail tail = read == text.size() ? Tail::EndOfFile : Tail::MoreFollows;
    LineScanner scanner(buffer, tail, start, bound);
    while (const std::optional<Line> line = scanner.next()) lines.push_back(seen(*line));
    start = scanner.next_start();
    buffer.erase(0, scanner.consumed());
    if (tail == Tail::EndOfFile) return lines;
  }
}

TEST_CASE("a file read piece by piece gives the lines of the file read at once") {
  const std::string text = "ab\r\ncde\rf\n\n0123456789\r\nx\rlong line again\rlast";
  for (const std::size_t bound : {4, 9, 100}) {
    std::vector<Seen> whole;
    LineScanner scanner(text, bound);
    while (const std::optional<Line> line = scanner.next()) whole.push_back(seen(*line));
    for (std::size_t step = 1; step <= text.size(); ++step) {
      INFO("bound ", bound, " step ", step);
      CHECK(in_pieces(text, step, bound) == whole);
    }
  }
}

}  // namespace
}  // namespace eds::pmsi
