#include "engine/sql_check.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/ascii.h"
#include "format/json/json_reader.h"
#include "model/table.h"

namespace eds::engine {
namespace {

// 200 nested groups of a cohort definition print to about 1,200 levels of JSON.
constexpr int kDepthMax = 4000;
constexpr std::size_t kSqlBytesMax = std::size_t{1} << 20;

constexpr std::array<std::string_view, 4> kTableFunctions = {"range", "generate_series", "unnest",
                                                             "repeat"};
// Functions that read files, settings, other catalogues or run SQL of their own.
constexpr std::array<std::string_view, 16> kRefusedPrefixes = {
    "read_",       "parquet_",        "duckdb_", "pragma_", "sniff_",  "glob",
    "getenv",      "current_setting", "query",   "nextval", "currval", "json_execute",
    "getvariable", "which_",          "from_",   "arrow_"};

// Walks the serialised statement twice: CTE names first, then everything that names something.
class Walk {
 public:
  Status collect_ctes(json::Value value, int depth) {
    if (depth > kDepthMax) return Error{Code::Limit, "SQL is nested too deeply"};
    for (auto [name, member] : value.members()) {
      if (name == "cte_map") {
        const std::optional<json::Value> map = member.find("map");
        if (map) {
          for (json::Value entry : map->elements())
            ctes_.insert(lower_ascii(entry.string_or("key", "")));
        }
      }
      TRY(collect_ctes(member, depth + 1));
    }
    for (json::Value element : value.elements()) TRY(collect_ctes(element, depth + 1));
    return {};
  }

  Status visit(json::Value value, int depth) {
    if (value.type() == json::Type::Object) TRY(judge(value));
    for (auto [name, member] : value.members()) TRY(visit(member, depth + 1));
    for (json::Value element : value.elements()) TRY(visit(element, depth + 1));
    return {};
  }

  std::set<std::string> take_tables() { return std::move(tables_); }

 private:
  Status judge(json::Value node) {
    const std::string_view type = node.string_or("type", "");
    if (type == "BASE_TABLE" || type == "SHOW_REF") return judge_table(node);
    if (type == "TABLE_FUNCTION") {
      const std::optional<json::Value> function = node.find("function");
      const std::string name =
          function ? lower_ascii(function->string_or("function_name", "")) : std::string();
      if (std::find(kTableFunctions.begin(), kTableFunctions.end(), name) ==
          kTableFunctions.end()) {
        return Error{Code::Refused, "this table function may not be used here: " + name};
      }
      return {};
    }
    if (node.string_or("class", "") != "FUNCTION") return {};
    const std::string name = lower_ascii(node.string_or("function_name", ""));
    for (std::string_view prefix : kRefusedPrefixes) {
      if (name.starts_with(prefix)) {
        return Error{Code::Refused, "this function may not be used here: " + name};
      }
    }
    return {};
  }

  Status judge_table(json::Value node) {
    const std::string name = lower_ascii(node.string_or("table_name", ""));
    const std::string schema = lower_ascii(node.string_or("schema_name", ""));
    const std::string catalog = lower_ascii(node.string_or("catalog_name", ""));
    const bool plain = (schema.empty() || schema == "main") && catalog.empty();
    if (plain && ctes_.count(name) != 0) return {};
    const model::Table* table = plain ? model::find_table(name) : nullptr;
    if (table == nullptr || table->group == model::Group::Staging) {
      return Error{Code::Refused,
                   "no such table in this release: " + name + " (eds release show lists them)"};
    }
    tables_.insert(name);
    return {};
  }

  std::set<std::string> ctes_;
  std::set<std::string> tables_;
};

}  // namespace

Result<std::set<std::string>> check_user_sql(duck::Connection& parser, const std::string& sql) {
  if (sql.size() > kSqlBytesMax) return Error{Code::Limit, "SQL is longer than 1 MiB"};
  const std::string text =
      TRY(parser.query_text("SELECT json_serialize_sql($1::VARCHAR)", {duck::Param::of(sql)}));
  const json::Document document = TRY(json::Document::parse(text));
  const json::Value root = document.root();
  if (root.boolean_or("error", true)) {
    const bool not_select = root.string_or("error_type", "") == "not implemented";
    if (not_select) return Error{Code::Refused, "only SELECT may be run here"};
    return Error{Code::Usage, "SQL does not parse: " +
                                  std::string(root.string_or("error_message", "unknown reason"))};
  }
  const json::Value statements = TRY(root.at("statements"));
  if (statements.size() != 1) return Error{Code::Usage, "give exactly one SELECT statement"};
  Walk walk;
  TRY(walk.collect_ctes(statements, 0));
  TRY(walk.visit(statements, 0));
  return walk.take_tables();
}

}  // namespace eds::engine
