#include "govern/count_tables.h"

#include <algorithm>
#include <limits>

#include "base/result.h"

namespace eds::govern {
namespace {

/// The table with its totals. Seen with totals of rows and of columns as negative, every row and
/// every column of it sums to nothing, and a change of four corners with alternating signs keeps
/// that: this is all that an attacker can imagine, four cells at a time.
class WithTotals {
 public:
  explicit WithTotals(const CountTable& table)
      : rows_(table.row_count), columns_(table.column_count) {
    cells_.resize((rows_ + 1) * (columns_ + 1), 0);
    for (std::size_t row = 0; row < rows_; ++row)
      for (std::size_t column = 0; column < columns_; ++column) {
        const std::int64_t count = table.cells[row * columns_ + column];
        for (const std::size_t in_row : {row, rows_})
          for (const std::size_t in_column : {column, columns_})
            cells_[in_row * (columns_ + 1) + in_column] += count;
      }
  }

  std::int64_t at(std::size_t row, std::size_t column) const {
    return cells_[row * (columns_ + 1) + column];
  }
  /// Whether the count goes the way of its signed value.
  bool is_positive(std::size_t row, std::size_t column) const {
    return (row == rows_) == (column == columns_);
  }
  std::size_t row_count() const { return rows_ + 1; }
  std::size_t column_count() const { return columns_ + 1; }

 private:
  std::size_t rows_;
  std::size_t columns_;
  std::vector<std::int64_t> cells_;
};

struct Corner {
  std::size_t row = 0;
  std::size_t column = 0;
};

/// Whether hidden cells already leave a count room to be `threshold` larger: a flow through what
/// they may still do, from column to row (or back, for a total) without the cell itself.
class Slack {
 public:
  Slack(const WithTotals& table, const HiddenCells& hidden) : table_(&table), hidden_(&hidden) {}

  bool reaches(Corner cell, std::int64_t threshold) {
    moved_.assign(table_->row_count() * table_->column_count(), 0);
    const bool up = table_->is_positive(cell.row, cell.column);
    const std::size_t row = cell.row;
    const std::size_t column = table_->row_count() + cell.column;
    for (std::int64_t room = 0; room < threshold;) {
      const std::int64_t sent =
          up ? send(column, row, cell, threshold) : send(row, column, cell, threshold);
      if (sent == 0) return false;
      room += sent;
    }
    return true;
  }

 private:
  /// Nodes are rows, then columns. From a row to a column a signed value rises, back it falls.
  std::int64_t residual(std::size_t from, std::size_t to, Corner without,
                        std::int64_t threshold) const {
    const bool rises = from < table_->row_count();
    const std::size_t row = rises ? from : to;
    const std::size_t column = (rises ? to : from) - table_->row_count();
    if ((row == without.row && column == without.column) || !hidden_->hides(row, column)) return 0;
    const std::int64_t moved = moved_[row * table_->column_count() + column];
    const bool grows = table_->is_positive(row, column) == rises;
    // What may grow has no bound that matters here.
    const std::int64_t bound = grows ? threshold * 1000 : table_->at(row, column);
    return rises ? bound - moved : bound + moved;
  }

  std::int64_t send(std::size_t source, std::size_t sink, Corner without, std::int64_t threshold) {
    const std::size_t nodes = table_->row_count() + table_->column_count();
    std::vector<std::size_t> came(nodes, nodes);
    std::vector<std::size_t> open = {source};
    came[source] = source;
    for (std::size_t next = 0; next < open.size() && came[sink] == nodes; ++next) {
      const std::size_t at = open[next];
      const bool is_row = at < table_->row_count();
      const std::size_t first = is_row ? table_->row_count() : 0;
      const std::size_t last = is_row ? nodes : table_->row_count();
      for (std::size_t to = first; to < last; ++to) {
        if (came[to] != nodes || residual(at, to, without, threshold) <= 0) continue;
        came[to] = at;
        open.push_back(to);
      }
    }
    if (came[sink] == nodes) return 0;
    std::int64_t sent = threshold;
    for (std::size_t at = sink; at != source; at = came[at])
      sent = std::min(sent, residual(came[at], at, without, threshold));
    for (std::size_t at = sink; at != source; at = came[at]) {
      const bool rises = came[at] < table_->row_count();
      const std::size_t row = rises ? came[at] : at;
      const std::size_t column = (rises ? at : came[at]) - table_->row_count();
      moved_[row * table_->column_count() + column] += rises ? sent : -sent;
    }
    return sent;
  }

  const WithTotals* table_;
  const HiddenCells* hidden_;
  std::vector<std::int64_t> moved_;
};

/// Hides the cheapest rectangle around `cell` on which the count could be `threshold` larger.
class Rectangles {
 public:
  Rectangles(const WithTotals& table, HiddenCells& hidden, std::int64_t threshold)
      : table_(&table), hidden_(&hidden), threshold_(threshold) {}

  void protect(Corner cell) {
    Corner best;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t row = 0; row < table_->row_count(); ++row) {
      if (row == cell.row) continue;
      for (std::size_t column = 0; column < table_->column_count(); ++column) {
        if (column == cell.column || !could_grow(cell, {row, column})) continue;
        const std::int64_t cost =
            price(cell.row, column) + price(row, cell.column) + price(row, column);
        if (cost >= least) continue;
        least = cost;
        best = {row, column};
      }
    }
    // The three totals are always a way: they only grow with the cell.
    ENSURE(least < std::numeric_limits<std::int64_t>::max());
    hidden_->hide(cell.row, best.column);
    hidden_->hide(best.row, cell.column);
    hidden_->hide(best.row, best.column);
  }

 private:
  bool could_grow(Corner cell, Corner far) const {
    const bool up = table_->is_positive(cell.row, cell.column);
    return may_move(cell.row, far.column, !up) && may_move(far.row, cell.column, !up) &&
           may_move(far.row, far.column, up);
  }
  /// A count may always be larger; smaller only as long as it is a count.
  bool may_move(std::size_t row, std::size_t column, bool signed_up) const {
    const bool grows = table_->is_positive(row, column) == signed_up;
    return grows || table_->at(row, column) >= threshold_;
  }
  std::int64_t price(std::size_t row, std::size_t column) const {
    return hidden_->hides(row, column) ? 0 : table_->at(row, column) + 1;
  }

  const WithTotals* table_;
  HiddenCells* hidden_;
  std::int64_t threshold_;
};

}  // namespace

HiddenCells cells_to_hide(const CountTable& table, std::int64_t threshold) {
  ENSURE(table.cells.size() == table.row_count * table.column_count);
  const WithTotals whole(table);
  HiddenCells hidden(table.row_count, table.column_count);
  std::vector<Corner> few;
  for (std::size_t row = 0; row < whole.row_count(); ++row)
    for (std::size_t column = 0; column < whole.column_count(); ++column) {
      const std::int64_t count = whole.at(row, column);
      const std::int64_t persons =
          table.persons.empty() ? count : table.persons[row * whole.column_count() + column];
      if (count <= 0 || std::min(count, persons) >= threshold) continue;
      hidden.hide(row, column);
      few.push_back({row, column});
    }
  Rectangles rectangles(whole, hidden, threshold);
  Slack slack(whole, hidden);
  for (const Corner& cell : few)
    if (!slack.reaches(cell, threshold)) rectangles.protect(cell);
  return hidden;
}

}  // namespace eds::govern
