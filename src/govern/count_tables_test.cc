// Suppression in tables, attacked by the exact bounds that linear programming gives: on a table
// with totals they are maximum flows, computed here without the library's rectangles.
#include "govern/count_tables.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <queue>
#include <random>

namespace eds::govern {
namespace {

constexpr std::int64_t kThreshold = 10;
constexpr std::int64_t kUnbounded = 1'000'000'000;

std::int64_t total(const CountTable& table, std::size_t row, std::size_t column) {
  std::int64_t sum = 0;
  for (std::size_t r = 0; r < table.row_count; ++r)
    for (std::size_t c = 0; c < table.column_count; ++c)
      if ((row == r || row == table.row_count) && (column == c || column == table.column_count))
        sum += table.cells[r * table.column_count + c];
  return sum;
}

/// Nodes: rows (with that of totals), then columns. What hidden cells may still do, as capacities.
struct Network {
  std::size_t nodes;
  std::vector<std::vector<std::int64_t>> capacity;

  std::int64_t flow(std::size_t from, std::size_t to) {
    std::int64_t sent = 0;
    while (true) {
      std::vector<std::size_t> came(nodes, nodes);
      std::queue<std::size_t> open;
      open.push(from);
      came[from] = from;
      while (!open.empty() && came[to] == nodes) {
        const std::size_t at = open.front();
        open.pop();
        for (std::size_t next = 0; next < nodes; ++next)
          if (came[next] == nodes && capacity[at][next] > 0) {
            came[next] = at;
            open.push(next);
          }
      }
      if (came[to] == nodes) return sent;
      std::int64_t push = kUnbounded;
      for (std::size_t at = to; at != from; at = came[at])
        push = std::min(push, capacity[came[at]][at]);
      for (std::size_t at = to; at != from; at = came[at]) {
        capacity[came[at]][at] -= push;
        capacity[at][came[at]] += push;
      }
      sent += push;
      if (sent >= kUnbounded) return sent;
    }
  }
};

/// How much larger the hidden count (row, column) may be, given all that is shown.
std::int64_t room_above(const CountTable& table, const HiddenCells& hidden, std::size_t row,
                        std::size_t column) {
  const std::size_t rows = table.row_count + 1;
  const std::size_t columns = table.column_count + 1;
  Network network{rows + columns, {}};
  network.capacity.assign(network.nodes, std::vector<std::int64_t>(network.nodes, 0));
  bool positive = true;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) {
      const bool is_plus = (r == table.row_count) == (c == table.column_count);
      if (r == row && c == column) {
        positive = is_plus;
        continue;
      }
      if (!hidden.hides(r, c)) continue;
      const std::int64_t count = total(table, r, c);
      network.capacity[r][rows + c] = is_plus ? kUnbounded : count;
      network.capacity[rows + c][r] = is_plus ? count : kUnbounded;
    }
  return positive ? network.flow(rows + column, row) : network.flow(row, rows + column);
}

CountTable random_table(std::mt19937_64& random) {
  CountTable table;
  table.row_count = 1 + random() % 7;
  table.column_count = 1 + random() % 7;
  const std::uint64_t largest = 3 + random() % 200;
  for (std::size_t cell = 0; cell < table.row_count * table.column_count; ++cell)
    table.cells.push_back(random() % 4 == 0 ? 0 : static_cast<std::int64_t>(random() % largest));
  return table;
}

}  // namespace

TEST_CASE("CNT-2: exact bounds on every hidden small count leave it ten persons of doubt") {
  std::mt19937_64 random(7);
  int hidden_count = 0;
  for (int round = 0; round < 1000; ++round) {
    const CountTable table = random_table(random);
    const HiddenCells hidden = cells_to_hide(table, kThreshold);
    for (std::size_t row = 0; row <= table.row_count; ++row)
      for (std::size_t column = 0; column <= table.column_count; ++column) {
        const std::int64_t count = total(table, row, column);
        if (count <= 0 || count >= kThreshold) continue;
        ++hidden_count;
        REQUIRE(hidden.hides(row, column));
        REQUIRE(room_above(table, hidden, row, column) >= kThreshold);
      }
  }
  CHECK(hidden_count > 1000);
}

TEST_CASE("CNT-2: a table without small counts is shown as it is") {
  const CountTable table{2, 2, {10, 200, 0, 11}};
  const HiddenCells hidden = cells_to_hide(table, kThreshold);
  for (std::size_t row = 0; row < 3; ++row)
    for (std::size_t column = 0; column < 3; ++column) CHECK_FALSE(hidden.hides(row, column));
}

TEST_CASE("CNT-2: one small count takes the cheapest rectangle with it, and totals stay") {
  // 3 could be 13 when 20 is 10, 30 is 20 and 40 is 50: the cheapest four corners.
  const CountTable table{3, 3, {3, 20, 90, 30, 40, 91, 92, 93, 94}};
  const HiddenCells hidden = cells_to_hide(table, kThreshold);
  for (std::size_t row = 0; row <= 3; ++row)
    for (std::size_t column = 0; column <= 3; ++column)
      CHECK(hidden.hides(row, column) == (row < 2 && column < 2));
}

TEST_CASE("CNT-2: in a single row, a total goes where no other cell can") {
  // The column's total is the cell: it is hidden with it.
  const CountTable one{1, 3, {4, 50, 60}};
  const HiddenCells hidden = cells_to_hide(one, kThreshold);
  CHECK(hidden.hides(0, 0));
  CHECK(hidden.hides(1, 0));
  CHECK(room_above(one, hidden, 0, 0) >= kThreshold);
  const CountTable alone{1, 1, {4}};
  const HiddenCells all = cells_to_hide(alone, kThreshold);
  for (std::size_t row = 0; row < 2; ++row)
    for (std::size_t column = 0; column < 2; ++column) CHECK(all.hides(row, column));
}

TEST_CASE("CNT-2: where every count is small, the totals of many of them are shown") {
  // Of twelve hidden fives, one may be 15: the others have 55 to give.
  const CountTable table{12, 12, std::vector<std::int64_t>(144, 5)};
  const HiddenCells hidden = cells_to_hide(table, kThreshold);
  for (std::size_t row = 0; row <= 12; ++row)
    for (std::size_t column = 0; column <= 12; ++column)
      CHECK(hidden.hides(row, column) == (row < 12 && column < 12));
  CHECK(room_above(table, hidden, 3, 4) >= kThreshold);
}

TEST_CASE("CNT-2: many stays of few persons are hidden like few persons") {
  // 40 stays of 3 persons; the totals are of 20 and more.
  const CountTable table{2, 2, {40, 50, 60, 70}, {3, 30, 31, 40, 41, 70, 42, 66, 99}};
  const HiddenCells hidden = cells_to_hide(table, kThreshold);
  CHECK(hidden.hides(0, 0));
  CHECK(hidden.hides(1, 1));
  CHECK(room_above(table, hidden, 0, 0) >= kThreshold);
  CHECK_FALSE(hidden.hides(0, 2));
}

TEST_CASE("CNT-2: an empty table hides nothing") {
  CHECK_FALSE(cells_to_hide({0, 0, {}}, kThreshold).hides(0, 0));
}

}  // namespace eds::govern
