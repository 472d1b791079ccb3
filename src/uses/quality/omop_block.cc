#include "uses/quality/omop_block.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/result.h"

namespace eds::quality {

Block::Block(const model::Table& table, const std::vector<std::string>& texts)
    : table_(table.name) {
  for (const model::Column& model_column : table.columns) {
    if (model_column.is_extension) continue;
    Column column;
    column.name = model_column.name;
    switch (model_column.type) {
      case model::Type::Int: column.reading = Reading::Whole; break;
      case model::Type::Float: column.reading = Reading::Number; break;
      case model::Type::Timestamp:
        column.is_moment = true;
        column.reading = Reading::Day;
        break;
      case model::Type::Date: column.reading = Reading::Day; break;
      case model::Type::Text: {
        const bool is_wanted = std::find(texts.begin(), texts.end(), column.name) != texts.end();
        column.reading = is_wanted ? Reading::Text : Reading::PresenceOnly;
        break;
      }
    }
    columns_.push_back(std::move(column));
  }
}

engine::Select Block::select() const {
  engine::Select select;
  select.table = table_;
  for (const Column& column : columns_) {
    const engine::Expr whole = engine::Expr::column(column.name);
    select.items.push_back(
        {column.reading == Reading::PresenceOnly ? engine::Expr::is_null(whole) : whole,
         std::string(column.name)});
  }
  return select;
}

void Block::load(const duck::Chunk& chunk) {
  row_count_ = chunk.row_count();
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    load_column(chunk, index, columns_[index]);
  }
}

void Block::load_column(const duck::Chunk& chunk, std::size_t index, Column& column) {
  const std::size_t rows = chunk.row_count();
  column.missing.resize(rows);
  if (column.reading == Reading::PresenceOnly) {
    for (std::size_t row = 0; row < rows; ++row) {
      column.missing[row] = chunk.int_at(index, row) != 0 ? 1 : 0;
    }
    return;
  }
  for (std::size_t row = 0; row < rows; ++row) {
    column.missing[row] = chunk.is_null(index, row) ? 1 : 0;
  }
  if (column.reading == Reading::Number) {
    column.numbers.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      column.numbers[row] = column.missing[row] != 0 ? 0 : chunk.float_at(index, row);
    }
  } else if (column.reading == Reading::Text) {
    column.texts.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      column.texts[row] = column.missing[row] != 0 ? std::string_view() : chunk.text_at(index, row);
    }
  } else {
    column.wholes.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      std::int64_t value = kMissing;
      if (column.missing[row] == 0) value = chunk.int_at(index, row);
      if (column.is_moment && value != kMissing) value = day_of(value);
      column.wholes[row] = value;
    }
  }
}

std::size_t Block::column(std::string_view field) const {
  const std::string wanted = lower_ascii(field);
  for (std::size_t index = 0; index < columns_.size(); ++index) {
    if (columns_[index].name == wanted) return index;
  }
  return model::kNoColumn;
}

}  // namespace eds::quality
