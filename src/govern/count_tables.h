// Which cells of a table of counts may be shown with its totals: those of few persons are hidden
// (primary suppression), and as many more as it takes so that sums give none of them back
// (complementary suppression).
//
// Invariants: every hidden count of 1 to threshold - 1 persons may, as far as what is shown can
// tell, be at least `threshold` larger than it is, all other counts staying possible. Zero is shown
// unless it is needed to hide another. A function of the table alone: the same table hides the same
// cells. Threads: pure function. Source: requirement id CNT-2; Repsilber's hypercubes (rectangles,
// in two dimensions).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace eds::govern {

/// Counts, row after row. When they are not of persons but of stays or acts, `persons` holds how
/// many persons are behind each, totals included ((rows + 1) x (columns + 1)): a cell is small when
/// they are few.
struct CountTable {
  std::size_t row_count = 0;
  std::size_t column_count = 0;
  std::vector<std::int64_t> cells;
  std::vector<std::int64_t> persons = {};
};

/// The table with its totals: row `row_count` holds those of columns, column `column_count` those
/// of rows, their meeting point the grand total.
class HiddenCells {
 public:
  HiddenCells(std::size_t row_count, std::size_t column_count)
      : width_(column_count + 1), hidden_((row_count + 1) * (column_count + 1), false) {}
  bool hides(std::size_t row, std::size_t column) const { return hidden_[row * width_ + column]; }
  void hide(std::size_t row, std::size_t column) { hidden_[row * width_ + column] = true; }

 private:
  std::size_t width_;
  std::vector<bool> hidden_;
};

HiddenCells cells_to_hide(const CountTable& table, std::int64_t threshold);

}  // namespace eds::govern
