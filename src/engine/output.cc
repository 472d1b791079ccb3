#include "engine/output.h"

#include <string>
#include <vector>

#include "format/arrow/stream_writer.h"

namespace eds::engine {
namespace {

Cell cell_of(const duck::Chunk& chunk, duck::Kind kind, std::size_t column, std::size_t row) {
  if (chunk.is_null(column, row)) return std::monostate();
  switch (kind) {
    case duck::Kind::Bool: return chunk.int_at(column, row) != 0;
    case duck::Kind::Int: return chunk.int_at(column, row);
    case duck::Kind::Float: return chunk.float_at(column, row);
    case duck::Kind::Date: return Day{static_cast<std::int32_t>(chunk.int_at(column, row))};
    case duck::Kind::Timestamp: return Moment{chunk.int_at(column, row)};
    case duck::Kind::Text: return chunk.text_at(column, row);
  }
  return std::monostate();
}

Result<std::int64_t> write_text(duck::Rows& rows, Format format, const Write& write,
                                const Seen& seen) {
  std::vector<PrintedColumn> columns;
  for (const duck::ResultColumn& column : rows.columns()) {
    const bool number = column.kind == duck::Kind::Int || column.kind == duck::Kind::Float;
    columns.push_back({column.name, number ? Align::Right : Align::Left});
  }
  Printer printer(format, std::move(columns), write, TableStyle::Summary);
  std::vector<Cell> cells(rows.columns().size());
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    seen(*chunk);
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      for (std::size_t column = 0; column < cells.size(); ++column) {
        cells[column] = cell_of(*chunk, rows.columns()[column].kind, column, row);
      }
      TRY(printer.add(cells));
    }
  }
  TRY(printer.end());
  return printer.row_count();
}

class WriteSink final : public arrow::ByteSink {
 public:
  explicit WriteSink(const Write& write) : write_(&write) {}
  Status write(std::string_view bytes) override { return (*write_)(bytes); }

 private:
  const Write* write_;
};

arrow::Type arrow_type(duck::Kind kind) {
  switch (kind) {
    case duck::Kind::Bool: return arrow::Type::Bool;
    case duck::Kind::Int: return arrow::Type::Int64;
    case duck::Kind::Float: return arrow::Type::Float64;
    case duck::Kind::Date: return arrow::Type::Date32;
    case duck::Kind::Timestamp: return arrow::Type::TimestampUs;
    case duck::Kind::Text: return arrow::Type::Utf8;
  }
  return arrow::Type::Utf8;
}

void append_arrow(arrow::ColumnBuilder& into, const duck::Chunk& chunk, duck::Kind kind,
                  std::size_t column) {
  for (std::size_t row = 0; row < chunk.row_count(); ++row) {
    if (chunk.is_null(column, row)) {
      into.append_null();
    } else if (kind == duck::Kind::Float) {
      into.append_float(chunk.float_at(column, row));
    } else if (kind == duck::Kind::Text) {
      into.append_text(chunk.text_at(column, row));
    } else {
      into.append_int(chunk.int_at(column, row));
    }
  }
}

Result<std::int64_t> write_arrow(duck::Rows& rows, const Write& write, const Seen& seen) {
  std::vector<arrow::Field> fields;
  for (const duck::ResultColumn& column : rows.columns()) {
    fields.push_back({column.name, arrow_type(column.kind)});
  }
  WriteSink sink(write);
  arrow::StreamWriter writer(std::move(fields), sink);
  TRY(writer.begin());
  std::int64_t count = 0;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    seen(*chunk);
    for (std::size_t column = 0; column < rows.columns().size(); ++column) {
      append_arrow(writer.column(column), *chunk, rows.columns()[column].kind, column);
    }
    count += static_cast<std::int64_t>(chunk->row_count());
    if (writer.is_full()) TRY(writer.write_batch());
  }
  TRY(writer.write_batch());
  TRY(writer.end());
  return count;
}

}  // namespace

Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write) {
  return write_answer(rows, format, write, [](const duck::Chunk&) {});
}

Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write,
                                  const Seen& seen) {
  return format == Format::Arrow ? write_arrow(rows, write, seen)
                                 : write_text(rows, format, write, seen);
}

}  // namespace eds::engine
