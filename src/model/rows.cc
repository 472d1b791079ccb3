#include "model/rows.h"

#include <algorithm>

namespace eds::model {

RowChunk::RowChunk(const Table& table) : table_(&table), columns_(table.columns.size()) {
  for (ColumnData& column : columns_) {
    column.bits.assign(kChunkRows, 0);
    column.valid.assign(kChunkRows / 64, 0);
  }
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
