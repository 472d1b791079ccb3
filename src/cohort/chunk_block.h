// ChunkBlock: the rows of a DuckDB chunk as a RowBlock.
//
// Invariants: views into the chunk, which must outlive it. Threads: a plain value.
#pragma once

#include <limits>
#include <vector>

#include "cohort/loader.h"
#include "duck/duck.h"

namespace eds::cohort {

class ChunkBlock final : public RowBlock {
 public:
  ChunkBlock(const duck::Chunk& chunk, const std::vector<duck::ResultColumn>& columns)
      : chunk_(&chunk), columns_(&columns) {}

  std::size_t row_count() const override { return chunk_->row_count(); }

  void read_integers(std::size_t column, std::vector<std::int64_t>& into) const override {
    into.resize(chunk_->row_count());
    for (std::size_t row = 0; row < into.size(); ++row) {
      into[row] = chunk_->is_null(column, row) ? kMissing : chunk_->int_at(column, row);
    }
  }

  void read_moments(std::size_t column, std::vector<std::int64_t>& into) const override {
    constexpr std::int64_t kSecond = 1'000'000;
    const bool is_date = (*columns_)[column].kind == duck::Kind::Date;
    into.resize(chunk_->row_count());
    for (std::size_t row = 0; row < into.size(); ++row) {
      if (chunk_->is_null(column, row)) {
        into[row] = kMissing;
      } else {
        const std::int64_t value = chunk_->int_at(column, row);
        into[row] = is_date ? value * 86'400 : value / kSecond;
      }
    }
  }

  void read_decimals(std::size_t column, std::vector<double>& into) const override {
    const bool is_float = (*columns_)[column].kind == duck::Kind::Float;
    into.resize(chunk_->row_count());
    for (std::size_t row = 0; row < into.size(); ++row) {
      if (chunk_->is_null(column, row)) {
        into[row] = std::numeric_limits<double>::quiet_NaN();
      } else {
        into[row] = is_float ? chunk_->float_at(column, row)
                             : static_cast<double>(chunk_->int_at(column, row));
      }
    }
  }

  void read_texts(std::size_t column, TextColumn& into) const override {
    for (std::size_t row = 0; row < chunk_->row_count(); ++row) {
      if (chunk_->is_null(column, row)) {
        into.add_missing();
      } else {
        into.add(chunk_->text_at(column, row));
      }
    }
  }

 private:
  const duck::Chunk* chunk_;
  const std::vector<duck::ResultColumn>* columns_;
};

}  // namespace eds::cohort
