// Statement: our own queries as a typed tree, printed for each engine. SQL is never glued from
// text.
//
// Invariants: names are quoted and literals escaped by the printer alone; NULL order is always
// explicit; only constructs that DuckDB and Spark 4 share exist here, so that both give the same
// rows. Quotients by zero are missing, and so is a sum of days that fits no date's count of days.
// Threads: values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace eds::engine {

enum class Dialect : std::uint8_t { DuckDb, Spark };

enum class Compare : std::uint8_t { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
enum class Arithmetic : std::uint8_t { Add, Subtract, Multiply, Divide };
enum class Function : std::uint8_t {
  Count,
  CountDistinct,
  Sum,
  Min,
  Max,
  Lower,
  StartsWith,
  Year,
  Abs,
  Coalesce,
  Least,     ///< missing values left out
  Greatest,  ///< missing values left out
  RowNumber,
};
enum class Direction : std::uint8_t { Ascending, Descending };  ///< NULLs last, both ways
enum class JoinKind : std::uint8_t { Inner, Left, Semi, Anti };

class Expr;
struct ExprNode;
struct Order;

/// Which rows a window function sees: of its partition all, or those before the current one, or
/// those up to it.
enum class Frame : std::uint8_t { Whole, Before, UpTo };

/// An expression; cheap to copy, immutable.
class Expr {
 public:
  static Expr column(std::string_view table_alias, std::string_view name);
  static Expr column(std::string_view name) { return column("", name); }
  static Expr literal(std::int64_t value);
  static Expr literal(double value);
  static Expr literal(std::string_view value);
  static Expr date(std::int32_t days);
  static Expr param(int number);  ///< 1-based
  static Expr call(Function function, std::vector<Expr> arguments);
  static Expr count_all();
  static Expr compare(Compare how, Expr left, Expr right);
  static Expr all_of(std::vector<Expr> parts);  ///< true when empty
  static Expr any_of(std::vector<Expr> parts);  ///< false when empty
  static Expr negate(Expr inner);
  static Expr is_null(Expr inner);
  static Expr in(Expr needle, std::vector<Expr> list);
  /// Whether the value is one of a table's column. Missing when it is missing, but for a table
  /// without rows.
  static Expr in_table(Expr needle, std::string_view table, std::string_view column);
  static Expr arithmetic(Arithmetic how, Expr left, Expr right);
  static Expr add_days(Expr date, Expr days);
  static Expr days_between(Expr from, Expr to);
  static Expr choose(Expr condition, Expr then, Expr otherwise);
  /// An integer that is missing.
  static Expr missing();
  /// % stands for any text, _ for any character, a backslash takes the next one as it is.
  static Expr like(Expr text, std::string_view pattern);
  static Expr over(Function function, std::vector<Expr> arguments, std::vector<Expr> partition,
                   std::vector<Order> order, Frame frame = Frame::Whole);

  const ExprNode& node() const { return *node_; }

 private:
  explicit Expr(std::shared_ptr<const ExprNode> node) : node_(std::move(node)) {}
  std::shared_ptr<const ExprNode> node_;
};

inline Expr operator==(Expr left, Expr right) {
  return Expr::compare(Compare::Equal, std::move(left), std::move(right));
}

struct Item {
  Expr expr;
  std::string name;
};

struct Join {
  JoinKind kind = JoinKind::Inner;
  std::string table;
  std::string alias;
  Expr on;
};

struct Order {
  Expr expr;
  Direction direction = Direction::Ascending;
};

struct Select;

/// A step of a statement: its selects, one below the other, duplicates kept.
struct Step {
  std::string name;
  std::vector<Select> parts;
};

/// One SELECT over tables of the release, and over the steps before it.
struct Select {
  std::vector<Step> with;  ///< a step may read those before it
  bool distinct = false;
  std::vector<Item> items;
  std::string table;
  std::string alias;
  std::vector<Join> joins;
  std::optional<Expr> where;
  std::vector<Expr> group_by;
  std::optional<Expr> having;
  std::vector<Order> order_by;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> offset;
};

/// What stands for a table in FROM, when it is not the table's view: table name -> a whole SELECT,
/// printed by lake::scan_sql.
using Sources = std::map<std::string, std::string, std::less<>>;

/// A statement with steps is printed over several lines.
std::string print(const Select& select, Dialect dialect, const Sources& sources = {});

/// The tables that a statement reads and does not make itself.
std::set<std::string, std::less<>> tables_of(const Select& select);

}  // namespace eds::engine
