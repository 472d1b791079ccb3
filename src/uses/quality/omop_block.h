// Block: some rows of one table, column by column, as the checks ask for them.
//
// Invariants: a column that is only asked whether it is there is read as that alone (the text of
// reports never comes out). Days are days since 1970 of dates and moments alike.
// Threads: one thread at a time.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "duck/duck.h"
#include "engine/statement.h"
#include "model/table.h"

namespace eds::quality {

inline constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();

enum class Reading : std::uint8_t { PresenceOnly, Whole, Day, Number, Text };

class Block {
 public:
  /// Of `table`, whose texts are wanted only where `texts` names them.
  Block(const model::Table& table, const std::vector<std::string>& texts);

  /// What to ask for.
  engine::Select select() const;
  void load(const duck::Chunk& chunk);

  std::size_t row_count() const { return row_count_; }
  std::size_t column_count() const { return columns_.size(); }
  /// Of a field, in any case of letters.
  std::size_t column(std::string_view field) const;
  Reading reading(std::size_t column) const { return columns_[column].reading; }

  bool missing(std::size_t column, std::size_t row) const {
    return columns_[column].missing[row] != 0;
  }
  /// Whole and Day columns; kMissing where there is none.
  std::int64_t whole(std::size_t column, std::size_t row) const {
    return columns_[column].wholes[row];
  }
  double number(std::size_t column, std::size_t row) const { return columns_[column].numbers[row]; }
  /// Lives until the next load.
  std::string_view text(std::size_t column, std::size_t row) const {
    return columns_[column].texts[row];
  }

 private:
  struct Column {
    std::string_view name;
    Reading reading = Reading::PresenceOnly;
    bool is_moment = false;
    std::vector<std::uint8_t> missing;
    std::vector<std::int64_t> wholes;
    std::vector<double> numbers;
    std::vector<std::string_view> texts;
  };
  static void load_column(const duck::Chunk& chunk, std::size_t index, Column& column);

  std::string_view table_;
  std::vector<Column> columns_;
  std::size_t row_count_ = 0;
};

}  // namespace eds::quality
