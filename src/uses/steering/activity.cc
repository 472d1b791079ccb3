#include "uses/steering/activity.h"

#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "govern/count_tables.h"

namespace eds::steering {
namespace {

constexpr std::size_t kMonths = 12;

struct Cell {
  std::int64_t stays = 0;
  std::int64_t persons = 0;
  std::int64_t ended = 0;
  std::int64_t days = 0;
  std::int64_t last_person = -1;

  /// Rows come by person: one is new when the one before was another.
  void add(std::int64_t person, std::optional<std::int64_t> length) {
    ++stays;
    if (person != last_person) ++persons;
    last_person = person;
    if (!length) return;
    ++ended;
    days += *length;
  }
};

struct Unit {
  std::string code;
  std::string name;
};

/// One year: units (then all together) by months (then the year).
struct Year {
  std::map<std::int64_t, std::array<Cell, kMonths + 1>> units;
  std::array<Cell, kMonths + 1> all;

  void add(std::int64_t site, std::size_t month, std::int64_t person,
           std::optional<std::int64_t> length) {
    std::array<Cell, kMonths + 1>& unit = units[site];
    for (Cell* cell : {&unit[month], &unit[kMonths], &all[month], &all[kMonths]})
      cell->add(person, length);
  }
};

Result<std::map<std::int64_t, Unit>> read_units(engine::Session& session) {
  engine::Select select;
  select.table = "care_site";
  for (const char* column : {"care_site_id", "care_site_source_value", "care_site_name"})
    select.items.push_back({engine::Expr::column(column), column});
  std::map<std::int64_t, Unit> units;
  engine::Answer rows = TRY(session.query(select));
  while (const std::optional<duck::Chunk> chunk = TRY(rows.next()))
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      const auto text = [&](std::size_t column) {
        return chunk->is_null(column, row) ? std::string()
                                           : std::string(chunk->text_at(column, row));
      };
      units[chunk->int_at(0, row)] = {text(1), text(2)};
    }
  return units;
}

Result<std::map<std::int32_t, Year>> read_years(engine::Session& session) {
  engine::Select select;
  select.table = "visit_detail";
  for (const char* column :
       {"person_id", "care_site_id", "visit_detail_start_date", "visit_detail_end_date"})
    select.items.push_back({engine::Expr::column(column), column});
  select.order_by = {{engine::Expr::column("person_id")}};
  std::map<std::int32_t, Year> years;
  engine::Answer rows = TRY(session.query(select));
  while (const std::optional<duck::Chunk> chunk = TRY(rows.next()))
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (chunk->is_null(0, row) || chunk->is_null(1, row) || chunk->is_null(2, row)) continue;
      const std::int64_t start = chunk->int_at(2, row);
      const Date began = date_from_days(static_cast<std::int32_t>(start));
      std::optional<std::int64_t> length;
      if (!chunk->is_null(3, row) && chunk->int_at(3, row) >= start)
        length = chunk->int_at(3, row) - start;
      years[began.year].add(chunk->int_at(1, row), static_cast<std::size_t>(began.month - 1),
                            chunk->int_at(0, row), length);
    }
  return years;
}

ActivityLine line_of(std::int32_t year, std::size_t month, const Unit& unit, const Cell& cell,
                     bool is_hidden) {
  ActivityLine line;
  line.year = year;
  if (month < kMonths) line.month = static_cast<std::int64_t>(month) + 1;
  line.unit_code = unit.code;
  line.unit_name = unit.name;
  line.is_hidden = is_hidden;
  if (is_hidden) return line;
  line.stays = cell.stays;
  line.persons = cell.persons;
  if (cell.ended > 0)
    line.mean_days =
        std::round(10.0 * static_cast<double>(cell.days) / static_cast<double>(cell.ended)) / 10.0;
  return line;
}

void add_lines(std::int32_t year, const Year& counts, const std::map<std::int64_t, Unit>& units,
               std::int64_t threshold, std::vector<ActivityLine>& lines) {
  govern::CountTable table;
  table.row_count = counts.units.size();
  table.column_count = kMonths;
  std::vector<std::pair<Unit, const std::array<Cell, kMonths + 1>*>> rows;
  for (const auto& [site, cells] : counts.units) {
    const auto unit = units.find(site);
    rows.emplace_back(unit == units.end() ? Unit{std::to_string(site), ""} : unit->second, &cells);
  }
  rows.emplace_back(Unit{}, &counts.all);
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t month = 0; month <= kMonths; ++month) {
      const Cell& cell = (*rows[row].second)[month];
      table.persons.push_back(cell.persons);
      if (row < table.row_count && month < kMonths) table.cells.push_back(cell.stays);
    }
  const govern::HiddenCells hidden = govern::cells_to_hide(table, threshold);
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t month = 0; month <= kMonths; ++month) {
      const Cell& cell = (*rows[row].second)[month];
      const bool hides = hidden.hides(row, month);
      if (cell.stays > 0 || hides)
        lines.push_back(line_of(year, month, rows[row].first, cell, hides));
    }
}

}  // namespace

Result<std::vector<ActivityLine>> read_activity(engine::Session& session, std::int64_t threshold) {
  const std::map<std::int64_t, Unit> units = TRY(read_units(session));
  std::vector<ActivityLine> lines;
  for (const auto& [year, counts] : TRY(read_years(session)))
    add_lines(year, counts, units, threshold, lines);
  return lines;
}

std::string activity_json(const std::vector<ActivityLine>& lines) {
  json::Writer writer;
  writer.begin_array();
  for (const ActivityLine& line : lines) {
    writer.begin_object().member("year", line.year).key("month");
    line.month ? writer.integer(*line.month) : writer.null();
    writer.member("unit", std::string_view(line.unit_code));
    writer.member("name", std::string_view(line.unit_name)).member("hidden", line.is_hidden);
    writer.key("stays");
    line.is_hidden ? writer.null() : writer.integer(line.stays);
    writer.key("persons");
    line.is_hidden ? writer.null() : writer.integer(line.persons);
    writer.key("mean_days");
    line.is_hidden ? writer.null() : writer.number(line.mean_days);
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

}  // namespace eds::steering
