#include "cohort/index_column.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "cohort/store.h"

namespace eds::cohort {
namespace {

using Integers = std::vector<std::int64_t>;
using Decimals = std::vector<double>;

// Packs, then reads whole, from the second block on, and row by row.
std::size_t check_integers(const Integers& values, Run run) {
  std::string bytes = "before";
  write_integers(values, run, bytes);
  const std::size_t size = bytes.size() - 6;
  bytes += "after";
  std::string_view rest = std::string_view(bytes).substr(6);
  const Result<ColumnView> view = ColumnView::parse(rest, values.size());
  REQUIRE(view.ok());
  CHECK(rest == "after");
  Integers read(values.size());
  view->read(0, values.size(), read.data());
  CHECK(read == values);
  if (values.size() > kStepRows) {
    Integers tail(values.size() - kStepRows);
    view->read(kStepRows, values.size(), tail.data());
    CHECK(std::equal(tail.begin(), tail.end(), values.begin() + kStepRows));
  }
  for (std::size_t row = 0; row < values.size(); row += 37) {
    CHECK(view->integer_at(row) == values[row]);
  }
  return size;
}

bool is_same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : a == b;
}

std::size_t check_decimals(const Decimals& values) {
  std::string bytes;
  write_decimals(values, bytes);
  std::string_view rest = bytes;
  const Result<ColumnView> view = ColumnView::parse(rest, values.size());
  REQUIRE(view.ok());
  CHECK(rest.empty());
  Decimals read(values.size());
  view->read(0, values.size(), read.data());
  for (std::size_t row = 0; row < values.size(); ++row) {
    CHECK(is_same(read[row], values[row]));
    CHECK(is_same(view->decimal_at(row), values[row]));
  }
  return bytes.size();
}

}  // namespace

TEST_CASE("a block of steps tells which rows have another value than the row before") {
  std::mt19937_64 random(3);
  for (int turn = 0; turn < 400; ++turn) {
    const std::size_t count = 1 + random() % 600;
    // Steps of none and more, of one and more, and of any size, down as well as up.
    const std::int64_t least = turn % 3;
    const std::uint64_t most = turn % 5 == 0 ? 1 : turn % 5 == 1 ? std::uint64_t{1} << 30 : 3;
    Integers values;
    std::int64_t value = turn;
    for (std::size_t row = 0; row < count; ++row) {
      values.push_back(value);
      value += turn % 3 == 2 ? static_cast<std::int64_t>(random() % 5) - 2
                             : least + static_cast<std::int64_t>(random() % (most + 1));
    }
    std::string bytes;
    write_steps(values, bytes);
    std::string_view rest = bytes;
    const Result<ColumnView> view = ColumnView::parse(rest, count);
    REQUIRE(view.ok());
    for (std::size_t block = 0; block * kStepRows < count; ++block) {
      const std::size_t first = block * kStepRows;
      const std::size_t rows = std::min(kStepRows, count - first);
      Integers read(rows);
      std::uint64_t begins[kStepRows / 64];
      view->read_block(block, rows, read.data(), begins);
      for (std::size_t row = 0; row < rows; ++row) {
        CHECK(read[row] == values[first + row]);
        const bool expected = row == 0 || values[first + row] != values[first + row - 1];
        CHECK(((begins[row / 64] >> (row % 64) & 1U) != 0) == expected);
      }
    }
  }
}

TEST_CASE("integers of every width come back, with and without missing ones") {
  std::mt19937_64 random(1);
  for (unsigned width = 0; width <= 64; ++width) {
    for (const std::size_t count : {1U, 2U, 255U, 256U, 257U, 1000U}) {
      CAPTURE(width);
      CAPTURE(count);
      const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
      Integers values;
      for (std::size_t row = 0; row < count; ++row) {
        values.push_back(static_cast<std::int64_t>((random() & mask) - (mask >> 1)));
      }
      check_integers(values, Run::Scattered);
      check_integers(values, Run::Stepping);
      values[count / 2] = kMissing;
      check_integers(values, Run::Scattered);
      check_integers(values, Run::Stepping);
    }
  }
}

TEST_CASE("the ends of the integers come back") {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const Run run : {Run::Scattered, Run::Stepping}) {
    check_integers({}, run);
    check_integers({kMissing}, run);
    check_integers({kMissing, kMissing + 1, kMost}, run);
    check_integers({kMost, kMissing, 0, -1, 1, kMissing + 1}, run);
  }
}

TEST_CASE("steps find the first row of each block and take few bits where rows are near") {
  std::mt19937_64 random(2);
  Integers values;
  std::int64_t value = std::int64_t{1} << 52;
  for (int row = 0; row < 10'000; ++row) {
    value += static_cast<std::int64_t>(random() % 16);
    values.push_back(value);
  }
  // 10,000 steps of 4 bits, 40 blocks of 21 bytes, the head of 16 and 8 bytes of slack.
  CHECK(check_integers(values, Run::Stepping) == 10'000 / 2 + 40 * 21 + 16 + 8);
  std::string bytes;
  write_steps(values, bytes);
  std::string_view rest = bytes;
  const Result<ColumnView> view = ColumnView::parse(rest, values.size());
  REQUIRE(view.ok());
  REQUIRE(view->block_count() == 40);
  for (std::size_t block = 0; block < 40; ++block) {
    CHECK(view->block_first(block) == values[block * kStepRows]);
  }
}

TEST_CASE("decimals come back bit by bit, however they were made") {
  std::mt19937_64 random(3);
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  for (const int places : {0, 1, 2, 3, 4, 5}) {
    Decimals quotients, singles, products;
    for (int row = 0; row < 700; ++row) {
      const auto number = static_cast<double>(static_cast<std::int64_t>(random() % 100'000) - 1000);
      const double power = std::pow(10, places);
      quotients.push_back(number / power);
      singles.push_back(static_cast<double>(static_cast<float>(number / power)));
      products.push_back(number * std::pow(10, -places));
    }
    for (Decimals* values : {&quotients, &singles, &products}) {
      const std::size_t size = check_decimals(*values);
      // 17 bits hold 100,000 numbers; five places are beyond what is tried.
      if (places <= 4) CHECK(size <= 700 * 17 / 8 + 1 + 16 + 8);
      (*values)[350] = kNone;
      check_decimals(*values);
    }
  }
  check_decimals({kNone, kNone});
  check_decimals({0.1, kNone, 1e300, -1e-300, std::numeric_limits<double>::infinity()});
  Decimals wild;
  for (int row = 0; row < 1000; ++row)
    wild.push_back(std::ldexp(1.0, static_cast<int>(random() % 200)) / 3);
  check_decimals(wild);
}

TEST_CASE("a column cut anywhere is refused") {
  Integers values;
  for (int row = 0; row < 600; ++row) values.push_back(row * 7 % 1001);
  for (const Run run : {Run::Scattered, Run::Stepping}) {
    std::string bytes;
    write_integers(values, run, bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      std::string_view rest = std::string_view(bytes).substr(0, size);
      CHECK_FALSE(ColumnView::parse(rest, values.size()).ok());
    }
  }
}

}  // namespace eds::cohort
