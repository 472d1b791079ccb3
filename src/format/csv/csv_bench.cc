// eds bench csv: our reader beside the loop everybody writes first.
//
// Data: laboratory rows of 8 fields, about 65 bytes, made from a fixed seed; 256 MB at scale 1.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/env.h"
#include "format/csv/csv_reader.h"
#include "format/text/numbers.h"

namespace eds::csv {
namespace {

std::string lab_rows(std::size_t bytes) {
  constexpr const char* kCodes[] = {"2823-3", "2951-2", "718-7", "6690-2", "2160-0", "1742-6"};
  constexpr const char* kUnits[] = {"mmol/L", "mmol/L", "g/dL", "10*9/L", "umol/L", "U/L"};
  std::string text = "patient;stay;code;date;value;unit;low;high\n";
  text.reserve(bytes + 128);
  std::uint64_t state = 88172645463325252ULL;
  while (text.size() < bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    const std::size_t kind = state % 6;
    fmt::format_to(std::back_inserter(text),
                   "80{:08};{:09};{};2024-{:02}-{:02} {:02}:{:02};{},{};{};{};{}\n",
                   state % 19'000'000, (state >> 8) % 900'000'000, kCodes[kind], 1 + state % 12,
                   1 + state % 28, state % 24, state % 60, (state >> 20) % 200, state % 10,
                   kUnits[kind], 3, 150);
  }
  return text;
}

template <class Work>
void measure(std::FILE* out, const char* name, std::size_t bytes, Work work) {
  double best = 1e9;
  std::uint64_t rows = 0;
  for (int round = 0; round < 3; ++round) {
    const std::int64_t start = Env::posix().monotonic_us();
    rows = work();
    best = std::min(best, static_cast<double>(Env::posix().monotonic_us() - start) / 1e6);
  }
  fmt::print(out, "{:<42} {:8.0f} MB/s {:10.2f} M rows/s  ({} rows)\n", name,
             static_cast<double>(bytes) / 1e6 / best, static_cast<double>(rows) / 1e6 / best, rows);
}

Dialect lab_dialect() {
  Dialect dialect;
  dialect.separator = ';';
  return dialect;
}

std::uint64_t read_rows(Result<Reader> reader, bool with_values) {
  std::uint64_t rows = 0;
  double sum = 0;
  while (*reader->next() == Step::Row) {
    ++rows;
    if (with_values) sum += text::parse_decimal(reader->row()[4]).value_or(0);
  }
  return sum < 0 ? 0 : rows;
}

std::uint64_t naive_rows(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::string field;
  std::vector<std::string> fields;
  std::uint64_t rows = 0;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    fields.clear();
    std::istringstream split(line);
    while (std::getline(split, field, ';')) fields.push_back(field);
    rows += fields.size() == 8 ? 1 : 0;
  }
  return rows;
}

std::uint64_t two_threads(const std::string& text) {
  const std::size_t middle = row_boundary(text, text.size() / 2);
  Dialect second_dialect = lab_dialect();
  second_dialect.header = Header::Absent;
  const std::string_view all = text;
  std::uint64_t first = 0;
  std::thread other(
      [&] { first = read_rows(Reader::over(all.substr(0, middle), lab_dialect()), false); });
  const std::uint64_t second =
      read_rows(Reader::over(all.substr(middle), second_dialect, {2, middle, 8}), false);
  other.join();
  return first + second;
}

}  // namespace

void bench(std::FILE* out, double scale) {
  const std::string text = lab_rows(static_cast<std::size_t>(scale * 256e6));
  const auto over = [&](bool values) {
    return read_rows(Reader::over(text, lab_dialect()), values);
  };
  measure(out, "csv: slice in memory", text.size(), [&] { return over(false); });
  measure(out, "csv: slice in memory, one value parsed", text.size(), [&] { return over(true); });
  measure(out, "csv: streamed", text.size(),
          [&] { return read_rows(Reader::open(memory_source(text), lab_dialect()), false); });
  measure(out, "csv: two threads, two slices", text.size(), [&] { return two_threads(text); });
  measure(out, "baseline: getline, istringstream, strings", text.size(),
          [&] { return naive_rows(text); });
}

}  // namespace eds::csv
