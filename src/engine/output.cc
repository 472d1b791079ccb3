#include "engine/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "format/arrow/stream_writer.h"
#include "format/json/json_writer.h"
#include "model/dates.h"

namespace eds::engine {
namespace {

// A table's widths come from so many rows; later ones may stick out.
constexpr std::size_t kTableSampleRows = 1000;
constexpr std::size_t kTableCellGlyphsMax = 60;
constexpr std::size_t kWriteBytes = std::size_t{1} << 16;

std::string timestamp_text(std::int64_t us) {
  const std::int64_t days =
      us >= 0 ? us / model::kMicrosecondsPerDay
              : -((-us + model::kMicrosecondsPerDay - 1) / model::kMicrosecondsPerDay);
  const std::int64_t rest = us - days * model::kMicrosecondsPerDay;
  const model::Date date = model::date_from_days(static_cast<std::int32_t>(days));
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", date.year, date.month, date.day,
                  rest / 3'600'000'000, rest / 60'000'000 % 60, rest / 1'000'000 % 60);
  if (rest % 1'000'000 != 0) text += fmt::format(".{:06}", rest % 1'000'000);
  return text;
}

std::string value_text(const duck::Chunk& chunk, duck::Kind kind, std::size_t column,
                       std::size_t row) {
  switch (kind) {
    case duck::Kind::Bool: return chunk.int_at(column, row) != 0 ? "true" : "false";
    case duck::Kind::Int: return std::to_string(chunk.int_at(column, row));
    case duck::Kind::Float: {
      char digits[40];
      const auto end = std::to_chars(digits, digits + sizeof digits, chunk.float_at(column, row));
      return std::string(digits, end.ptr);
    }
    case duck::Kind::Date: {
      const model::Date date =
          model::date_from_days(static_cast<std::int32_t>(chunk.int_at(column, row)));
      return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
    }
    case duck::Kind::Timestamp: return timestamp_text(chunk.int_at(column, row));
    case duck::Kind::Text: return std::string(chunk.text_at(column, row));
  }
  return {};
}

std::size_t glyph_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char letter) { return (letter & 0xC0) != 0x80; }));
}

std::string shortened(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char letter) { return letter == '\n' || letter == '\t'; }, ' ');
  if (glyph_count(text) <= kTableCellGlyphsMax) return text;
  std::size_t bytes = 0;
  for (std::size_t glyphs = 0; glyphs < kTableCellGlyphsMax - 1; ++glyphs) {
    ++bytes;
    while (bytes < text.size() && (text[bytes] & 0xC0) == 0x80) ++bytes;
  }
  return text.substr(0, bytes) + "\xE2\x80\xA6";
}

// Collects the text of one format and sends it in blocks.
class Sender {
 public:
  explicit Sender(const Write& write) : write_(&write) {}
  std::string& text() { return text_; }
  Status settle() { return text_.size() < kWriteBytes ? Status() : flush(); }
  Status flush() {
    TRY((*write_)(text_));
    text_.clear();
    return {};
  }

 private:
  const Write* write_;
  std::string text_;
};

void write_json_value(json::Writer& out, const duck::Chunk& chunk, duck::Kind kind,
                      std::size_t column, std::size_t row) {
  if (chunk.is_null(column, row)) {
    out.null();
  } else if (kind == duck::Kind::Bool) {
    out.boolean(chunk.int_at(column, row) != 0);
  } else if (kind == duck::Kind::Int) {
    out.integer(chunk.int_at(column, row));
  } else if (kind == duck::Kind::Float) {
    out.number(chunk.float_at(column, row));
  } else {
    out.string(value_text(chunk, kind, column, row));
  }
}

Result<std::int64_t> write_json(duck::Rows& rows, Format format, const Write& write) {
  Sender sender(write);
  std::int64_t count = 0;
  if (format == Format::Json) sender.text() += "[";
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      json::Writer out;
      out.begin_object();
      for (std::size_t column = 0; column < rows.columns().size(); ++column) {
        out.key(rows.columns()[column].name);
        write_json_value(out, *chunk, rows.columns()[column].kind, column, row);
      }
      out.end_object();
      if (format == Format::Json) sender.text() += count == 0 ? "\n" : ",\n";
      sender.text() += out.view();
      if (format == Format::Ndjson) sender.text() += "\n";
      ++count;
      TRY(sender.settle());
    }
  }
  if (format == Format::Json) sender.text() += "\n]\n";
  TRY(sender.flush());
  return count;
}

void append_csv(std::string& text, std::string_view value) {
  if (value.find_first_of(",\"\n\r") == std::string_view::npos) {
    text += value;
    return;
  }
  text += '"';
  for (char letter : value) {
    if (letter == '"') text += '"';
    text += letter;
  }
  text += '"';
}

Result<std::int64_t> write_csv(duck::Rows& rows, const Write& write) {
  Sender sender(write);
  std::int64_t count = 0;
  for (std::size_t column = 0; column < rows.columns().size(); ++column) {
    if (column != 0) sender.text() += ',';
    append_csv(sender.text(), rows.columns()[column].name);
  }
  sender.text() += '\n';
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      for (std::size_t column = 0; column < rows.columns().size(); ++column) {
        if (column != 0) sender.text() += ',';
        if (chunk->is_null(column, row)) continue;
        const std::string value = value_text(*chunk, rows.columns()[column].kind, column, row);
        // An empty text is not a missing one.
        if (value.empty()) {
          sender.text() += "\"\"";
        } else {
          append_csv(sender.text(), value);
        }
      }
      sender.text() += '\n';
      ++count;
      TRY(sender.settle());
    }
  }
  TRY(sender.flush());
  return count;
}

class TableWriter {
 public:
  TableWriter(const std::vector<duck::ResultColumn>& columns, Sender& sender)
      : columns_(&columns), sender_(&sender) {
    for (const duck::ResultColumn& column : columns) widths_.push_back(glyph_count(column.name));
  }

  Status add(std::vector<std::string> cells) {
    if (started_) return line(cells);
    for (std::size_t column = 0; column < cells.size(); ++column) {
      widths_[column] = std::max(widths_[column], glyph_count(cells[column]));
    }
    waiting_.push_back(std::move(cells));
    return waiting_.size() < kTableSampleRows ? Status() : start();
  }

  Status start() {
    if (started_) return {};
    started_ = true;
    std::vector<std::string> names;
    std::vector<std::string> rules;
    for (std::size_t column = 0; column < columns_->size(); ++column) {
      names.push_back((*columns_)[column].name);
      rules.push_back(std::string(widths_[column], '-'));
    }
    TRY(line(names));
    TRY(line(rules));
    for (const std::vector<std::string>& cells : waiting_) TRY(line(cells));
    waiting_.clear();
    return {};
  }

 private:
  Status line(const std::vector<std::string>& cells) {
    std::string& text = sender_->text();
    for (std::size_t column = 0; column < cells.size(); ++column) {
      if (column != 0) text += "  ";
      const std::size_t glyphs = glyph_count(cells[column]);
      const std::size_t fill = widths_[column] > glyphs ? widths_[column] - glyphs : 0;
      const duck::Kind kind = (*columns_)[column].kind;
      const bool right = kind == duck::Kind::Int || kind == duck::Kind::Float;
      if (right) text.append(fill, ' ');
      text += cells[column];
      if (!right && column + 1 < cells.size()) text.append(fill, ' ');
    }
    text += '\n';
    return sender_->settle();
  }

  const std::vector<duck::ResultColumn>* columns_;
  Sender* sender_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> waiting_;
  bool started_ = false;
};

Result<std::int64_t> write_table(duck::Rows& rows, const Write& write) {
  Sender sender(write);
  TableWriter table(rows.columns(), sender);
  std::int64_t count = 0;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      std::vector<std::string> cells;
      for (std::size_t column = 0; column < rows.columns().size(); ++column) {
        cells.push_back(
            chunk->is_null(column, row)
                ? std::string()
                : shortened(value_text(*chunk, rows.columns()[column].kind, column, row)));
      }
      TRY(table.add(std::move(cells)));
      ++count;
    }
  }
  TRY(table.start());
  sender.text() += fmt::format("({} row{})\n", count, count == 1 ? "" : "s");
  TRY(sender.flush());
  return count;
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

Result<std::int64_t> write_arrow(duck::Rows& rows, const Write& write) {
  std::vector<arrow::Field> fields;
  for (const duck::ResultColumn& column : rows.columns()) {
    fields.push_back({column.name, arrow_type(column.kind)});
  }
  WriteSink sink(write);
  arrow::StreamWriter writer(std::move(fields), sink);
  TRY(writer.begin());
  std::int64_t count = 0;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
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

Result<Format> parse_format(std::string_view name) {
  if (name == "table") return Format::Table;
  if (name == "json") return Format::Json;
  if (name == "ndjson") return Format::Ndjson;
  if (name == "csv") return Format::Csv;
  if (name == "arrow") return Format::Arrow;
  return Error{Code::Usage,
               "format is table, json, ndjson, csv or arrow, not: " + std::string(name)};
}

Result<std::int64_t> write_answer(duck::Rows& rows, Format format, const Write& write) {
  switch (format) {
    case Format::Table: return write_table(rows, write);
    case Format::Json:
    case Format::Ndjson: return write_json(rows, format, write);
    case Format::Csv: return write_csv(rows, write);
    case Format::Arrow: return write_arrow(rows, write);
  }
  return Error{Code::Internal, "no such format"};
}

}  // namespace eds::engine
