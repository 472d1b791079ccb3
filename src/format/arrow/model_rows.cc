#include "format/arrow/model_rows.h"

namespace eds::arrow {
namespace {

Type type_of(model::Type type) {
  switch (type) {
    case model::Type::Int: return Type::Int64;
    case model::Type::Float: return Type::Float64;
    case model::Type::Date: return Type::Date32;
    case model::Type::Timestamp: return Type::TimestampUs;
    case model::Type::Text: return Type::Utf8;
  }
  return Type::Utf8;
}

}  // namespace

std::vector<Field> fields_of(const model::Table& table) {
  std::vector<Field> fields;
  for (const model::Column& column : table.columns) {
    fields.push_back(Field{std::string(column.name), type_of(column.type)});
  }
  return fields;
}

void append_rows(StreamWriter& writer, const model::RowChunk& chunk) {
  const model::Table& table = chunk.table();
  for (std::size_t index = 0; index < table.columns.size(); ++index) {
    ColumnBuilder& column = writer.column(index);
    if (table.columns[index].type != model::Type::Text) {
      column.append_slots(chunk.slots(index), chunk.valid_words(index), chunk.row_count());
      continue;
    }
    for (std::size_t row = 0; row < chunk.row_count(); ++row) {
      if (chunk.is_valid(index, row)) {
        column.append_text(chunk.text_at(index, row));
      } else {
        column.append_null();
      }
    }
  }
}

Status ModelWriter::take(const model::RowChunk& chunk) {
  append_rows(writer_, chunk);
  return writer_.is_full() ? writer_.write_batch() : Status();
}

Status ModelWriter::finish() {
  TRY(writer_.write_batch());
  return writer_.end();
}

}  // namespace eds::arrow
