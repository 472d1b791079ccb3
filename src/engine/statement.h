// Statement: our own queries as a typed tree, printed for each engine. SQL is never glued from
// text.
//
// Invariants: names are quoted and literals escaped by the printer alone; NULL order is always
// explicit; only constructs that DuckDB and Spark 4 share exist here, so that both give the same
// rows. Threads: values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eds::engine {

enum class Dialect : std::uint8_t { DuckDb, Spark };

enum class Compare : std::uint8_t { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual };
enum class Function : std::uint8_t { Count, CountDistinct, Sum, Min, Max, Lower, StartsWith, Year };
enum class Direction : std::uint8_t { Ascending, Descending };  ///< NULLs last, both ways
enum class JoinKind : std::uint8_t { Inner, Left, Semi, Anti };

class Expr;
struct ExprNode;

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

/// One SELECT over tables of the release.
struct Select {
  std::vector<Item> items;
  std::string table;
  std::string alias;
  std::vector<Join> joins;
  std::optional<Expr> where;
  std::vector<Expr> group_by;
  std::vector<Order> order_by;
  std::optional<std::int64_t> limit;
  std::optional<std::int64_t> offset;
};

/// What stands for a table in FROM, when it is not the table's view: table name -> a whole SELECT,
/// printed by lake::scan_sql.
using Sources = std::map<std::string, std::string, std::less<>>;

std::string print(const Select& select, Dialect dialect, const Sources& sources = {});

}  // namespace eds::engine
