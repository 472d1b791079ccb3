#include "engine/session_sql.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/ascii.h"
#include "format/json/json_reader.h"

namespace eds::engine {
namespace {

constexpr int kDepthMax = 4000;  // As in sql_check.cc.

constexpr std::array<std::string_view, 9> kPlainClasses = {"COMPARISON", "CONJUNCTION", "CONSTANT",
                                                           "COLUMN_REF", "BETWEEN",     "STAR",
                                                           "CASE",       "SUBQUERY",    "OPERATOR"};
constexpr std::array<std::string_view, 7> kPlainOperators = {
    "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT",   "COMPARE_IN",
    "COMPARE_NOT_IN",   "OPERATOR_COALESCE",    "OPERATOR_UNPACK"};
constexpr std::array<std::string_view, 6> kPlainFunctions = {"count", "count_star", "min",
                                                             "max",   "sum",        "avg"};

// stats: smallest and largest value of a column's files, rows outside the scope included.
constexpr std::array<std::string_view, 6> kRefused = {"stats",    "setseed",          "write_log",
                                                      "can_cast", "force_checkpoint", "checkpoint"};

template <std::size_t kCount>
bool holds(const std::array<std::string_view, kCount>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class Walk {
 public:
  Status visit(json::Value value, int depth) {
    if (depth > kDepthMax) return Error{Code::Limit, "SQL is nested too deeply"};
    if (value.type() == json::Type::Object) TRY(judge(value));
    for (auto [name, member] : value.members()) {
      if (name == "sample" && member.type() == json::Type::Object) {
        return Error{Code::Refused, "samples may not be drawn under a scope"};
      }
      TRY(visit(member, depth + 1));
    }
    for (json::Value element : value.elements()) TRY(visit(element, depth + 1));
    return {};
  }
  bool is_plain() const { return is_plain_; }

 private:
  Status judge(json::Value node) {
    const std::string_view kind = node.string_or("class", "");
    if (kind.empty()) {
      const std::string_view type = node.string_or("type", "");
      if (type == "TABLE_FUNCTION") is_plain_ = false;
      return {};
    }
    if (kind == "FUNCTION" || kind == "WINDOW") {
      const std::string name = lower_ascii(node.string_or("function_name", ""));
      if (holds(kRefused, name) || name.starts_with("eds_")) {
        return Error{Code::Refused, "this function may not be used under a scope: " + name};
      }
      if (kind == "WINDOW" || !holds(kPlainFunctions, name)) is_plain_ = false;
      return {};
    }
    if (kind == "CAST") {
      // DATE '2024-01-01' is a cast of a constant: it fails, if it does, without any row.
      const std::optional<json::Value> child = node.find("child");
      if (!child || child->string_or("class", "") != "CONSTANT") is_plain_ = false;
      return {};
    }
    if (!holds(kPlainClasses, kind)) is_plain_ = false;
    if (kind == "OPERATOR" && !holds(kPlainOperators, node.string_or("type", ""))) {
      is_plain_ = false;
    }
    return {};
  }

  bool is_plain_ = true;
};

}  // namespace

Result<Barrier> barrier_for(duck::Connection& parser, const std::string& sql) {
  const std::string text =
      TRY(parser.query_text("SELECT json_serialize_sql($1::VARCHAR)", {duck::Param::of(sql)}));
  const json::Document document = TRY(json::Document::parse(text));
  Walk walk;
  TRY(walk.visit(document.root(), 0));
  return walk.is_plain() ? Barrier::No : Barrier::Yes;
}

}  // namespace eds::engine
