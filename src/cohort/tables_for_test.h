// JsonTables: CDM tables written as {"cdm.person":{"columns":[...],"rows":[[...]]}}, for the cases
// that were captured from the reference's own tests. Included by tests only.
#pragma once

#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/calendar.h"
#include "cohort/loader.h"
#include "format/json/json_reader.h"

namespace eds::cohort {

using Cells = std::vector<std::optional<std::string>>;

struct TextTable {
  std::vector<std::string> columns;
  std::vector<Cells> rows;

  static TextTable of(json::Value value) {
    TextTable table;
    for (json::Value name : value.at("columns")->elements()) {
      table.columns.emplace_back(*name.string());
    }
    for (json::Value row : value.at("rows")->elements()) {
      Cells cells;
      for (json::Value cell : row.elements()) {
        cells.push_back(cell.is_null() ? std::nullopt : std::optional<std::string>(*cell.string()));
      }
      table.rows.push_back(std::move(cells));
    }
    return table;
  }
};

/// "2000-01-31", with or without a time behind it, as days.
inline std::optional<Day> day_of(const std::string& text) {
  Date date;
  if (text.size() < 10 || text[4] != '-') return std::nullopt;
  std::from_chars(text.data(), text.data() + 4, date.year);
  std::from_chars(text.data() + 5, text.data() + 7, date.month);
  std::from_chars(text.data() + 8, text.data() + 10, date.day);
  return checked_days(date);
}

/// "2000-01-31 08:30:00" as seconds since 1970.
inline std::optional<std::int64_t> moment_of(const std::string& text) {
  const std::optional<Day> day = day_of(text);
  if (!day) return std::nullopt;
  std::int64_t parts[3] = {0, 0, 0};
  for (std::size_t at = 0; at < 3 && text.size() >= 13 + at * 3; ++at) {
    std::from_chars(text.data() + 11 + at * 3, text.data() + 13 + at * 3, parts[at]);
  }
  return std::int64_t{*day} * 86'400 + parts[0] * 3600 + parts[1] * 60 + parts[2];
}

class JsonTables final : public TableSource {
 public:
  void put(const std::string& name, TextTable table) { tables_[name] = std::move(table); }
  const TextTable* find(const std::string& name) const {
    const auto found = tables_.find(name);
    return found == tables_.end() ? nullptr : &found->second;
  }

  Status read(std::string_view table, const std::vector<std::string_view>& columns,
              const std::function<void(const RowBlock&)>& take) override {
    const TextTable* found = find("cdm." + std::string(table));
    if (found != nullptr) take(Block(*found, columns));
    return {};
  }

 private:
  class Block final : public RowBlock {
   public:
    Block(const TextTable& table, const std::vector<std::string_view>& columns) : table_(&table) {
      for (std::string_view column : columns) {
        std::size_t index = 0;
        while (index < table.columns.size() && table.columns[index] != column) ++index;
        places_.push_back(index);
      }
    }
    std::size_t row_count() const override { return table_->rows.size(); }
    void read_integers(std::size_t column, std::vector<std::int64_t>& into) const override {
      into.clear();
      for (const Cells& row : table_->rows) {
        const std::optional<std::string> text = cell(row, column);
        std::int64_t value = kMissing;
        if (text) {
          const std::optional<Day> day = day_of(*text);
          if (day) {
            value = *day;
          } else {
            std::from_chars(text->data(), text->data() + text->size(), value);
          }
        }
        into.push_back(value);
      }
    }
    void read_moments(std::size_t column, std::vector<std::int64_t>& into) const override {
      into.clear();
      for (const Cells& row : table_->rows) {
        const std::optional<std::string> text = cell(row, column);
        into.push_back(text ? moment_of(*text).value_or(kMissing) : kMissing);
      }
    }
    void read_decimals(std::size_t column, std::vector<double>& into) const override {
      into.clear();
      for (const Cells& row : table_->rows) {
        const std::optional<std::string> text = cell(row, column);
        into.push_back(text ? std::stod(*text) : std::numeric_limits<double>::quiet_NaN());
      }
    }
    void read_texts(std::size_t column, TextColumn& into) const override {
      for (const Cells& row : table_->rows) {
        const std::optional<std::string> text = cell(row, column);
        text ? into.add(*text) : into.add_missing();
      }
    }

   private:
    std::optional<std::string> cell(const Cells& row, std::size_t column) const {
      return places_[column] < row.size() ? row[places_[column]] : std::nullopt;
    }
    const TextTable* table_;
    std::vector<std::size_t> places_;
  };

  std::map<std::string, TextTable> tables_;
};

}  // namespace eds::cohort
