#include "engine/printer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "format/json/json_writer.h"
#include "format/text/dates.h"

namespace eds::engine {
namespace {

// A table's widths come from so many rows; later ones may stick out.
constexpr std::size_t kTableSampleRows = 1000;
constexpr std::size_t kTableCellGlyphsMax = 60;
constexpr std::size_t kWriteBytes = std::size_t{1} << 16;

template <class... Visits>
struct Overloaded : Visits... {
  using Visits::operator()...;
};
template <class... Visits>
Overloaded(Visits...) -> Overloaded<Visits...>;

std::string number_text(double value) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, value);
  return std::string(digits, end.ptr);
}

std::string cell_text(const Cell& cell) {
  return std::visit(Overloaded{[](std::monostate) { return std::string(); },
                               [](bool value) { return std::string(value ? "true" : "false"); },
                               [](std::int64_t value) { return std::to_string(value); },
                               [](double value) { return number_text(value); },
                               [](Day value) { return text::format_date(value.days); },
                               [](Moment value) { return text::format_timestamp(value.us); },
                               [](std::string_view value) { return std::string(value); }},
                    cell);
}

std::size_t glyph_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char letter) { return (letter & 0xC0) != 0x80; }));
}

// A cell is one line of its table.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char letter) { return letter == '\n' || letter == '\r' || letter == '\t'; }, ' ');
  return text;
}

std::string shortened(std::string text) {
  if (glyph_count(text) <= kTableCellGlyphsMax) return text;
  std::size_t bytes = 0;
  for (std::size_t glyphs = 0; glyphs < kTableCellGlyphsMax - 1; ++glyphs) {
    ++bytes;
    while (bytes < text.size() && (text[bytes] & 0xC0) == 0x80) ++bytes;
  }
  return text.substr(0, bytes) + "\xE2\x80\xA6";
}

void append_csv(std::string& text, std::string_view value) {
  if (value.empty()) {
    text += "\"\"";
    return;
  }
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

void write_json_value(json::Writer& out, const Cell& cell) {
  std::visit(
      Overloaded{[&](std::monostate) { out.null(); }, [&](bool value) { out.boolean(value); },
                 [&](std::int64_t value) { out.integer(value); },
                 [&](double value) { out.number(value); },
                 [&](Day value) { out.string(text::format_date(value.days)); },
                 [&](Moment value) { out.string(text::format_timestamp(value.us)); },
                 [&](std::string_view value) { out.string(value); }},
      cell);
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

Printer::Printer(Format format, std::vector<PrintedColumn> columns, Write write, TableStyle style)
    : format_(format), columns_(std::move(columns)), write_(std::move(write)), style_(style) {
  ENSURE(format != Format::Arrow);
  for (const PrintedColumn& column : columns_) widths_.push_back(glyph_count(column.name));
}

Status Printer::begin() {
  begun_ = true;
  if (format_ == Format::Json) text_ += "[";
  if (format_ != Format::Csv) return {};
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column != 0) text_ += ',';
    append_csv(text_, columns_[column].name);
  }
  text_ += '\n';
  return settle();
}

Status Printer::add(std::span<const Cell> cells) {
  ENSURE(cells.size() == columns_.size());
  if (!begun_) TRY(begin());
  switch (format_) {
    case Format::Table: TRY(add_to_table(cells)); break;
    case Format::Csv: csv_row(cells); break;
    default: json_row(cells); break;
  }
  ++row_count_;
  return settle();
}

Status Printer::end() {
  if (!begun_) TRY(begin());
  if (format_ == Format::Table) TRY(start_table());
  if (format_ == Format::Table && style_ == TableStyle::Summary) {
    text_ += fmt::format("({} row{})\n", row_count_, row_count_ == 1 ? "" : "s");
  }
  if (format_ == Format::Json) text_ += "\n]\n";
  return flush();
}

void Printer::json_row(std::span<const Cell> cells) {
  json::Writer out;
  out.begin_object();
  for (std::size_t column = 0; column < cells.size(); ++column) {
    out.key(columns_[column].name);
    write_json_value(out, cells[column]);
  }
  out.end_object();
  if (format_ == Format::Json) text_ += row_count_ == 0 ? "\n" : ",\n";
  text_ += out.view();
  if (format_ == Format::Ndjson) text_ += "\n";
}

void Printer::csv_row(std::span<const Cell> cells) {
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (column != 0) text_ += ',';
    if (const auto* text = std::get_if<std::string_view>(&cells[column])) {
      append_csv(text_, *text);
    } else {
      text_ += cell_text(cells[column]);  // Nothing in it needs quotes.
    }
  }
  text_ += '\n';
}

Status Printer::add_to_table(std::span<const Cell> cells) {
  std::vector<std::string> texts;
  for (const Cell& cell : cells) {
    std::string text = on_one_line(cell_text(cell));
    texts.push_back(style_ == TableStyle::Summary ? shortened(std::move(text)) : std::move(text));
  }
  if (table_started_) {
    table_line(texts);
    return {};
  }
  for (std::size_t column = 0; column < texts.size(); ++column) {
    widths_[column] = std::max(widths_[column], glyph_count(texts[column]));
  }
  waiting_.push_back(std::move(texts));
  return waiting_.size() < kTableSampleRows ? Status() : start_table();
}

Status Printer::start_table() {
  if (table_started_) return {};
  table_started_ = true;
  std::vector<std::string> names;
  std::vector<std::string> rules;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    names.push_back(columns_[column].name);
    rules.push_back(std::string(widths_[column], '-'));
  }
  table_line(names);
  table_line(rules);
  for (const std::vector<std::string>& cells : waiting_) {
    table_line(cells);
    TRY(settle());
  }
  waiting_.clear();
  return {};
}

void Printer::table_line(const std::vector<std::string>& cells) {
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (column != 0) text_ += "  ";
    const std::size_t glyphs = glyph_count(cells[column]);
    const std::size_t fill = widths_[column] > glyphs ? widths_[column] - glyphs : 0;
    const bool right = columns_[column].align == Align::Right;
    if (right) text_.append(fill, ' ');
    text_ += cells[column];
    if (!right && column + 1 < cells.size()) text_.append(fill, ' ');
  }
  text_ += '\n';
}

Status Printer::settle() {
  return text_.size() < kWriteBytes ? Status() : flush();
}

Status Printer::flush() {
  TRY(write_(text_));
  text_.clear();
  return {};
}

}  // namespace eds::engine
