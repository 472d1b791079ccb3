// WarehouseForTest: a warehouse in a fresh directory, removed at the end, with SQL over its latest
// release. Included by tests only.
#pragma once

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "duck/duck.h"
#include "format/text/dates.h"
#include "ingest/run.h"
#include "lake/part.h"
#include "lake/warehouse.h"

namespace doctest {
template <>
struct StringMaker<std::vector<std::string>> {
  static String convert(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += "\n  " + line;
    return text.c_str();
  }
};
}  // namespace doctest

namespace eds::ingest {

class WarehouseForTest {
 public:
  WarehouseForTest() {
    root_ = std::filesystem::temp_directory_path() /
            ("eds_ingest_" + std::to_string(Env::posix().random_u64()));
    std::filesystem::create_directories(root_);
    REQUIRE(lake::Warehouse::create(Env::posix(), directory()).ok());
    reopen();
  }
  ~WarehouseForTest() {
    warehouse_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  WarehouseForTest(const WarehouseForTest&) = delete;
  WarehouseForTest& operator=(const WarehouseForTest&) = delete;

  void reopen() {
    warehouse_.reset();
    Result<std::unique_ptr<lake::Warehouse>> opened =
        lake::Warehouse::open(Env::posix(), directory());
    REQUIRE(opened.ok());
    warehouse_ = std::move(opened).value();
  }
  lake::Warehouse& warehouse() { return *warehouse_; }
  Path directory() const { return (root_ / "w").string(); }
  Path at(const std::string& name) const { return (root_ / name).string(); }

  /// Writes a source file beside the warehouse.
  Path file(const std::string& name, const std::string& bytes) const {
    std::ofstream(at(name), std::ios::binary) << bytes;
    return at(name);
  }

  LoadReport feed(FormatReader& reader, Request request) {
    request.format = reader.info().name;
    if (request.source_name.empty()) request.source_name = "test";
    if (request.actor.empty()) request.actor = "tester";
    Result<LoadReport> report = feed_with(*warehouse_, reader, request, nullptr);
    INFO("feeding: " << (report.ok() ? "" : report.error().message));
    REQUIRE(report.ok());
    return std::move(report).value();
  }

  /// Rows of SQL over the latest release, fields joined by '|', NULL as "-". Every OMOP and EDS
  /// table is there, empty when it has no rows.
  std::vector<std::string> ask(const std::string& sql) {
    std::unique_ptr<duck::Database> database = std::move(duck::Database::open({})).value();
    duck::Connection connection = std::move(database->connect()).value();
    const Result<lake::Release> latest = warehouse_->catalogue().latest();
    for (const model::Table& table : model::tables()) {
      if (table.group == model::Group::Staging) continue;
      std::vector<lake::DataFile> files;
      if (latest.ok()) {
        files = std::move(warehouse_->catalogue().files(table.name, latest->id)).value();
      }
      const Status made = connection.execute("CREATE VIEW " + std::string(table.name) + " AS " +
                                             lake::scan_sql(*warehouse_, table, files));
      REQUIRE(made.ok());
    }
    Result<duck::Rows> rows = connection.query(sql);
    INFO(sql << ": " << (rows.ok() ? "" : rows.error().message));
    REQUIRE(rows.ok());
    std::vector<std::string> lines;
    for (;;) {
      Result<std::optional<duck::Chunk>> chunk = rows->next();
      REQUIRE(chunk.ok());
      if (!chunk->has_value()) return lines;
      for (std::size_t row = 0; row < (*chunk)->row_count(); ++row) {
        lines.push_back(line_of(*rows, **chunk, row));
      }
    }
  }
  /// How many of the secrets stand in any text of the lake or in any file of the warehouse.
  std::size_t leaks(const std::vector<std::string>& secrets) {
    std::string all;
    for (const model::Table& table : model::tables()) {
      if (table.group == model::Group::Staging) continue;
      for (const std::string& line : ask("SELECT * FROM " + std::string(table.name))) {
        all += line + "\n";
      }
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory())) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    std::size_t found = 0;
    for (const std::string& secret : secrets)
      found += all.find(secret) != std::string::npos ? 1 : 0;
    return found;
  }

  std::int64_t count(const std::string& sql) {
    const std::vector<std::string> lines = ask(sql);
    REQUIRE(lines.size() == 1);
    return std::stoll(lines.front());
  }

 private:
  static std::string line_of(const duck::Rows& rows, const duck::Chunk& chunk, std::size_t row) {
    std::string line;
    for (std::size_t column = 0; column < rows.columns().size(); ++column) {
      if (column != 0) line += '|';
      if (chunk.is_null(column, row)) {
        line += '-';
      } else {
        line += value_of(rows.columns()[column].kind, chunk, column, row);
      }
    }
    return line;
  }
  static std::string value_of(duck::Kind kind, const duck::Chunk& chunk, std::size_t column,
                              std::size_t row) {
    switch (kind) {
      case duck::Kind::Float: return fmt::format("{}", chunk.float_at(column, row));
      case duck::Kind::Text: return std::string(chunk.text_at(column, row));
      case duck::Kind::Date:
        return text::format_date(static_cast<std::int32_t>(chunk.int_at(column, row)));
      case duck::Kind::Timestamp: return text::format_timestamp(chunk.int_at(column, row));
      default: return std::to_string(chunk.int_at(column, row));
    }
  }

  std::filesystem::path root_;
  std::unique_ptr<lake::Warehouse> warehouse_;
};

}  // namespace eds::ingest
