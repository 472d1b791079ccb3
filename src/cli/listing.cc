#include "cli/listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/context.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"

namespace eds::cli {
namespace {

std::string cell_text(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  return fmt::format("{}", std::get<double>(cell));
}

std::size_t glyphs(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char letter) { return (letter & 0xC0) != 0x80; }));
}

void write_cell(json::Writer& out, const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    out.string(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    out.integer(*number);
  } else {
    out.number(std::get<double>(cell));
  }
}

std::string as_json(const std::vector<std::string>& names,
                    const std::vector<std::vector<Cell>>& rows, bool as_lines) {
  std::string text = as_lines ? "" : "[\n";
  for (std::size_t index = 0; index < rows.size(); ++index) {
    json::Writer out;
    out.begin_object();
    for (std::size_t column = 0; column < names.size(); ++column) {
      out.key(names[column]);
      write_cell(out, rows[index][column]);
    }
    out.end_object();
    text += out.view();
    text += !as_lines && index + 1 < rows.size() ? ",\n" : "\n";
  }
  return as_lines ? text : text + "]\n";
}

std::string as_table(const std::vector<std::string>& names,
                     const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths;
  for (const std::string& name : names) widths.push_back(glyphs(name));
  for (const std::vector<Cell>& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], glyphs(cell_text(row[column])));
    }
  }
  std::string text;
  const auto line = [&](const std::vector<Cell>& cells) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const std::string cell = cell_text(cells[column]);
      const std::string fill(widths[column] - std::min(widths[column], glyphs(cell)), ' ');
      const bool right = !std::holds_alternative<std::string>(cells[column]);
      text += column == 0 ? "" : "  ";
      text += right ? fill + cell : column + 1 < cells.size() ? cell + fill : cell;
    }
    text += '\n';
  };
  std::vector<Cell> head(names.begin(), names.end());
  line(head);
  std::vector<Cell> rule;
  for (std::size_t width : widths) rule.emplace_back(std::string(width, '-'));
  line(rule);
  for (const std::vector<Cell>& row : rows) line(row);
  return text;
}

std::string as_csv(const std::vector<std::string>& names,
                   const std::vector<std::vector<Cell>>& rows) {
  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      if (column != 0) text += ',';
      const bool quoted = cells[column].find_first_of(",\"\n\r") != std::string::npos;
      if (!quoted) {
        text += cells[column];
        continue;
      }
      text += '"';
      for (char letter : cells[column]) text += letter == '"' ? "\"\"" : std::string(1, letter);
      text += '"';
    }
    text += '\n';
  };
  line(names);
  for (const std::vector<Cell>& row : rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) cells.push_back(cell_text(cell));
    line(cells);
  }
  return text;
}

}  // namespace

Status Listing::print(std::string_view format) const {
  if (format == "json") return cli::print(as_json(names_, rows_, false));
  if (format == "ndjson") return cli::print(as_json(names_, rows_, true));
  if (format == "csv") return cli::print(as_csv(names_, rows_));
  if (format == "table") return cli::print(as_table(names_, rows_));
  return Error{Code::Usage, "this command prints table, json, ndjson or csv"};
}

std::string time_text(std::int64_t us) {
  return text::format_timestamp(us - us % 1'000'000) + "Z";
}

}  // namespace eds::cli
