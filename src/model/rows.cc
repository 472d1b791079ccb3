#include "model/rows.h"

#include <algorithm>

namespace eds::model {

RowChunk::RowChunk(const Table& table) : table_(&table), columns_(table.columns.size()) {
  for (ColumnData& column : columns_) {
    column.bits.assign(kChunkRows, 0);
    column.valid.assign(kChunkRows / 64, 0);
  }
}

bool RowChunk::all_valid(std::size_t column) const {
  const ColumnData& data = columns_[column];
  if (!data.any) return row_count_ == 0;
  const std::size_t whole = row_count_ / 64;
  const bool words = std::all_of(data.valid.begin(), data.valid.begin() + static_cast<long>(whole),
                                 [](std::uint64_t word) { return ~word == 0; });
  const std::uint64_t rest = (std::uint64_t{1} << (row_count_ % 64)) - 1;
  return words && (rest == 0 || (data.valid[whole] & rest) == rest);
}

RowChunk RowChunk::compacted() const {
  RowChunk copy;
  copy.table_ = table_;
  copy.row_count_ = row_count_;
  copy.columns_.resize(columns_.size());
  copy.arena_ = arena_;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    const ColumnData& from = columns_[column];
    if (!from.any) continue;
    ColumnData& to = copy.columns_[column];
    to.any = true;
    to.bits.assign(from.bits.begin(), from.bits.begin() + static_cast<long>(row_count_));
    to.valid.assign(from.valid.begin(),
                    from.valid.begin() + static_cast<long>((row_count_ + 63) / 64));
  }
  return copy;
}

std::size_t RowChunk::byte_count() const {
  std::size_t bytes = arena_.capacity();
  for (const ColumnData& column : columns_) {
    bytes += (column.bits.capacity() + column.valid.capacity()) * sizeof(std::uint64_t);
  }
  return bytes;
}

void RowChunk::clear() {
  for (ColumnData& column : columns_) {
    if (!column.any) continue;
    std::fill(column.valid.begin(), column.valid.end(), 0);
    column.any = false;
  }
  row_count_ = 0;
  arena_.clear();
}

Status RowWriter::flush() {
  if (chunk_.row_count() == 0) return {};
  TRY(sink_->take(chunk_));
  flushed_ += chunk_.row_count();
  for (std::size_t column = 0; column < ever_set_.size(); ++column) {
    if (chunk_.has_values(column)) ever_set_[column] = true;
  }
  chunk_.clear();
  return {};
}

}  // namespace eds::model
