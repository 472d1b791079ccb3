#include "engine/statement.h"

#include <charconv>
#include <variant>

#include "base/result.h"
#include "format/text/dates.h"

namespace eds::engine {

struct ColumnRef {
  std::string table;
  std::string name;
};
struct DateLiteral {
  std::int32_t days;
};
struct ParamRef {
  int number;
};
struct Call {
  Function function;
  std::vector<Expr> arguments;
};
struct Comparison {
  Compare how;
  Expr left;
  Expr right;
};
struct Junction {
  bool all;
  std::vector<Expr> parts;
};
struct Negation {
  Expr inner;
};
struct NullTest {
  Expr inner;
};
struct Membership {
  Expr needle;
  std::vector<Expr> list;
};

struct TableMembership {
  Expr needle;
  std::string table;
  std::string column;
};
struct Operation {
  Arithmetic how;
  Expr left;
  Expr right;
};
struct DaySum {
  Expr date;
  Expr days;
};
struct DayDifference {
  Expr from;
  Expr to;
};
struct Choice {
  Expr condition;
  Expr then;
  Expr otherwise;
};
struct Missing {};
struct Pattern {
  Expr text;
  std::string pattern;
};
struct Over {
  Call call;
  std::vector<Expr> partition;
  std::vector<Order> order;
  Frame frame;
};

struct ExprNode {
  std::variant<ColumnRef, std::int64_t, double, std::string, DateLiteral, ParamRef, Call,
               Comparison, Junction, Negation, NullTest, Membership, TableMembership, Operation,
               DaySum, DayDifference, Choice, Missing, Pattern, Over>
      what;
};

namespace {

std::shared_ptr<const ExprNode> make(auto what) {
  return std::make_shared<const ExprNode>(ExprNode{std::move(what)});
}

// A pattern in which a backslash stands only before %, _ and itself: engines refuse others.
std::string plain_pattern(std::string_view pattern) {
  std::string plain;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '\\') {
      plain += pattern[at];
      continue;
    }
    const bool is_last = at + 1 == pattern.size();
    const char quoted = is_last ? '\\' : pattern[++at];
    if (quoted == '%' || quoted == '_' || quoted == '\\') plain += '\\';
    plain += quoted;
  }
  return plain;
}

// Prints one statement for one engine.
class Printer {
 public:
  Printer(Dialect dialect, const Sources& sources) : dialect_(dialect), sources_(&sources) {}

  std::string statement(const Select& whole) {
    if (!whole.with.empty()) break_ = "\n  ";
    for (std::size_t index = 0; index < whole.with.size(); ++index) {
      text_ += index == 0 ? "WITH " : ",\n";
      name(whole.with[index].name);
      // DuckDB plans a step that is read once inside its reader: forty such steps, one in the
      // other, take it minutes.
      text_ += dialect_ == Dialect::DuckDb ? " AS MATERIALIZED (\n  " : " AS (\n  ";
      for (std::size_t part = 0; part < whole.with[index].parts.size(); ++part) {
        if (part != 0) text_ += "\n  UNION ALL\n  ";
        select(whole.with[index].parts[part]);
      }
      text_ += ')';
      made_.insert(whole.with[index].name);
    }
    if (!whole.with.empty()) text_ += '\n';
    select(whole);
    return std::move(text_);
  }

  std::set<std::string, std::less<>> take_tables() { return std::move(tables_); }

 private:
  void select(const Select& select) {
    text_ += select.distinct ? "SELECT DISTINCT " : "SELECT ";
    for (std::size_t index = 0; index < select.items.size(); ++index) {
      if (index != 0) text_ += ", ";
      expr(select.items[index].expr);
      text_ += " AS ";
      name(select.items[index].name);
    }
    text_ += break_;
    text_ += "FROM ";
    source(select.table, select.alias);
    for (const Join& each : select.joins) join(each);
    if (select.where) {
      text_ += break_;
      text_ += "WHERE ";
      expr(*select.where);
    }
    clause("GROUP BY ", select.group_by);
    if (select.having) {
      text_ += break_;
      text_ += "HAVING ";
      expr(*select.having);
    }
    if (!select.order_by.empty()) {
      text_ += break_;
      order("ORDER BY ", select.order_by);
    }
    if (select.limit) text_ += " LIMIT " + std::to_string(*select.limit);
    if (select.offset) text_ += " OFFSET " + std::to_string(*select.offset);
  }

  void clause(std::string_view before, const std::vector<Expr>& parts) {
    if (parts.empty()) return;
    text_ += break_;
    list(before, parts);
  }

  void order(std::string_view before, const std::vector<Order>& parts) {
    for (std::size_t index = 0; index < parts.size(); ++index) {
      text_ += index == 0 ? before : std::string_view(", ");
      expr(parts[index].expr);
      const bool descending = parts[index].direction == Direction::Descending;
      text_ += descending ? " DESC NULLS LAST" : " ASC NULLS LAST";
    }
  }

  void source(std::string_view table, std::string_view alias) {
    if (made_.find(table) == made_.end()) tables_.emplace(table);
    const auto found = sources_->find(table);
    if (found == sources_->end()) {
      name(table);
    } else {
      text_ += "(" + found->second + ")";
    }
    if (alias.empty() && found == sources_->end()) return;
    text_ += " AS ";
    name(alias.empty() ? table : alias);
  }

  void join(const Join& join) {
    text_ += break_;
    const bool is_spark = dialect_ == Dialect::Spark;
    switch (join.kind) {
      case JoinKind::Inner: text_ += "JOIN "; break;
      case JoinKind::Left: text_ += "LEFT JOIN "; break;
      case JoinKind::Semi: text_ += is_spark ? "LEFT SEMI JOIN " : "SEMI JOIN "; break;
      case JoinKind::Anti: text_ += is_spark ? "LEFT ANTI JOIN " : "ANTI JOIN "; break;
    }
    source(join.table, join.alias);
    text_ += " ON ";
    expr(join.on);
  }

  void list(std::string_view before, const std::vector<Expr>& parts) {
    for (std::size_t index = 0; index < parts.size(); ++index) {
      text_ += index == 0 ? before : std::string_view(", ");
      expr(parts[index]);
    }
  }

  void name(std::string_view name) {
    const char quote = dialect_ == Dialect::Spark ? '`' : '"';
    text_ += quote;
    for (char letter : name) {
      if (letter == quote) text_ += quote;
      text_ += letter;
    }
    text_ += quote;
  }

  void literal(std::string_view value) {
    text_ += '\'';
    for (char letter : value) {
      // Spark reads backslash escapes in literals; DuckDB does not.
      if (letter == '\'' && dialect_ == Dialect::Spark) {
        text_ += "\\'";
        continue;
      }
      if (letter == '\'') text_ += '\'';
      if (letter == '\\' && dialect_ == Dialect::Spark) text_ += '\\';
      text_ += letter;
    }
    text_ += '\'';
  }

  void number(double value) {
    char digits[40];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, value, std::chars_format::scientific);
    text_.append(digits, end.ptr);
    if (dialect_ == Dialect::Spark) text_ += 'D';
  }

  void date(std::int32_t days) { text_ += "DATE '" + text::format_date(days) + "'"; }

  void call(const Call& call) {
    switch (call.function) {
      case Function::Count: text_ += call.arguments.empty() ? "count(*" : "count("; break;
      case Function::CountDistinct: text_ += "count(DISTINCT "; break;
      case Function::Sum: text_ += "sum("; break;
      case Function::Min: text_ += "min("; break;
      case Function::Max: text_ += "max("; break;
      case Function::Lower: text_ += "lower("; break;
      case Function::StartsWith:
        text_ += dialect_ == Dialect::Spark ? "startswith(" : "starts_with(";
        break;
      case Function::Year: text_ += "year("; break;
      case Function::Abs: text_ += "abs("; break;
      case Function::Coalesce: text_ += "coalesce("; break;
      case Function::Least: text_ += "least("; break;
      case Function::Greatest: text_ += "greatest("; break;
      case Function::RowNumber: text_ += "row_number("; break;
    }
    list("", call.arguments);
    text_ += ')';
  }

  void comparison(const Comparison& comparison) {
    text_ += '(';
    expr(comparison.left);
    switch (comparison.how) {
      case Compare::Equal: text_ += " = "; break;
      case Compare::NotEqual: text_ += " <> "; break;
      case Compare::Less: text_ += " < "; break;
      case Compare::LessOrEqual: text_ += " <= "; break;
      case Compare::Greater: text_ += " > "; break;
      case Compare::GreaterOrEqual: text_ += " >= "; break;
    }
    expr(comparison.right);
    text_ += ')';
  }

  void junction(const Junction& junction) {
    if (junction.parts.empty()) {
      text_ += junction.all ? "true" : "false";
      return;
    }
    text_ += '(';
    for (std::size_t index = 0; index < junction.parts.size(); ++index) {
      if (index != 0) text_ += junction.all ? " AND " : " OR ";
      expr(junction.parts[index]);
    }
    text_ += ')';
  }

  void expr(const Expr& expression) {
    const auto& what = expression.node().what;
    if (const auto* column = std::get_if<ColumnRef>(&what)) {
      if (!column->table.empty()) {
        name(column->table);
        text_ += '.';
      }
      return name(column->name);
    }
    if (const auto* value = std::get_if<std::int64_t>(&what)) {
      text_ += std::to_string(*value);
      return;
    }
    if (const auto* value = std::get_if<double>(&what)) return number(*value);
    if (const auto* value = std::get_if<std::string>(&what)) return literal(*value);
    if (const auto* value = std::get_if<DateLiteral>(&what)) return date(value->days);
    if (const auto* param = std::get_if<ParamRef>(&what)) {
      text_ += dialect_ == Dialect::Spark ? ":p" : "$";
      text_ += std::to_string(param->number);
      return;
    }
    if (const auto* each = std::get_if<Call>(&what)) return call(*each);
    if (const auto* each = std::get_if<Comparison>(&what)) return comparison(*each);
    if (const auto* each = std::get_if<Junction>(&what)) return junction(*each);
    if (const auto* each = std::get_if<Negation>(&what)) {
      text_ += "(NOT ";
      expr(each->inner);
      text_ += ')';
      return;
    }
    if (const auto* each = std::get_if<NullTest>(&what)) {
      text_ += '(';
      expr(each->inner);
      text_ += " IS NULL)";
      return;
    }
    if (const auto* each = std::get_if<Membership>(&what)) return membership(*each);
    if (const auto* each = std::get_if<TableMembership>(&what)) return membership(*each);
    if (const auto* each = std::get_if<Operation>(&what)) return operation(*each);
    if (const auto* each = std::get_if<DaySum>(&what)) return day_sum(*each);
    if (const auto* each = std::get_if<DayDifference>(&what)) return day_difference(*each);
    if (const auto* each = std::get_if<Choice>(&what)) return choice(*each);
    if (const auto* each = std::get_if<Pattern>(&what)) return pattern(*each);
    if (const auto* each = std::get_if<Over>(&what)) return over(*each);
    text_ += "CAST(NULL AS BIGINT)";
  }

  void membership(const TableMembership& membership) {
    if (made_.find(membership.table) == made_.end()) tables_.insert(membership.table);
    text_ += '(';
    expr(membership.needle);
    text_ += " IN (SELECT ";
    name(membership.column);
    text_ += " FROM ";
    source(membership.table, "");
    text_ += "))";
  }

  void operation(const Operation& operation) {
    text_ += '(';
    expr(operation.left);
    switch (operation.how) {
      case Arithmetic::Add: text_ += " + "; break;
      case Arithmetic::Subtract: text_ += " - "; break;
      case Arithmetic::Multiply: text_ += " * "; break;
      case Arithmetic::Divide: text_ += " / nullif("; break;
    }
    expr(operation.right);
    text_ += operation.how == Arithmetic::Divide ? ", 0))" : ")";
  }

  void day_sum(const DaySum& sum) {
    const bool is_spark = dialect_ == Dialect::Spark;
    text_ += is_spark ? "date_add(" : "(";
    expr(sum.date);
    text_ += is_spark ? ", " : " + ";
    if (std::holds_alternative<std::int64_t>(sum.days.node().what)) {
      expr(sum.days);
    } else {
      text_ += "TRY_CAST(";
      expr(sum.days);
      text_ += " AS INTEGER)";
    }
    text_ += ')';
  }

  void day_difference(const DayDifference& difference) {
    const bool is_spark = dialect_ == Dialect::Spark;
    text_ += is_spark ? "datediff(" : "date_diff('day', ";
    expr(is_spark ? difference.to : difference.from);
    text_ += ", ";
    expr(is_spark ? difference.from : difference.to);
    text_ += ')';
  }

  void choice(const Choice& choice) {
    text_ += "CASE WHEN ";
    expr(choice.condition);
    text_ += " THEN ";
    expr(choice.then);
    text_ += " ELSE ";
    expr(choice.otherwise);
    text_ += " END";
  }

  void pattern(const Pattern& pattern) {
    text_ += '(';
    expr(pattern.text);
    text_ += " LIKE ";
    literal(plain_pattern(pattern.pattern));
    text_ += " ESCAPE ";
    literal("\\");
    text_ += ')';
  }

  void over(const Over& over) {
    call(over.call);
    text_ += " OVER (";
    list("PARTITION BY ", over.partition);
    if (!over.partition.empty() && !over.order.empty()) text_ += ' ';
    order("ORDER BY ", over.order);
    switch (over.frame) {
      case Frame::Whole: break;
      case Frame::Before: text_ += " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"; break;
      case Frame::UpTo: text_ += " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"; break;
    }
    text_ += ')';
  }

  void membership(const Membership& membership) {
    if (membership.list.empty()) {
      text_ += "false";
      return;
    }
    text_ += '(';
    expr(membership.needle);
    text_ += " IN (";
    list("", membership.list);
    text_ += "))";
  }

  Dialect dialect_;
  const Sources* sources_;
  std::string_view break_ = " ";  // Between the clauses of a select.
  std::set<std::string, std::less<>> made_;
  std::set<std::string, std::less<>> tables_;
  std::string text_;
};

}  // namespace

Expr Expr::column(std::string_view table_alias, std::string_view name) {
  return Expr(make(ColumnRef{std::string(table_alias), std::string(name)}));
}
Expr Expr::literal(std::int64_t value) {
  return Expr(make(value));
}
Expr Expr::literal(double value) {
  return Expr(make(value));
}
Expr Expr::literal(std::string_view value) {
  return Expr(make(std::string(value)));
}
Expr Expr::date(std::int32_t days) {
  return Expr(make(DateLiteral{days}));
}
Expr Expr::param(int number) {
  return Expr(make(ParamRef{number}));
}
Expr Expr::call(Function function, std::vector<Expr> arguments) {
  return Expr(make(Call{function, std::move(arguments)}));
}
Expr Expr::count_all() {
  return call(Function::Count, {});
}
Expr Expr::compare(Compare how, Expr left, Expr right) {
  return Expr(make(Comparison{how, std::move(left), std::move(right)}));
}
Expr Expr::all_of(std::vector<Expr> parts) {
  return Expr(make(Junction{true, std::move(parts)}));
}
Expr Expr::any_of(std::vector<Expr> parts) {
  return Expr(make(Junction{false, std::move(parts)}));
}
Expr Expr::negate(Expr inner) {
  return Expr(make(Negation{std::move(inner)}));
}
Expr Expr::is_null(Expr inner) {
  return Expr(make(NullTest{std::move(inner)}));
}
Expr Expr::in(Expr needle, std::vector<Expr> list) {
  return Expr(make(Membership{std::move(needle), std::move(list)}));
}
Expr Expr::in_table(Expr needle, std::string_view table, std::string_view column) {
  return Expr(make(TableMembership{std::move(needle), std::string(table), std::string(column)}));
}
Expr Expr::arithmetic(Arithmetic how, Expr left, Expr right) {
  return Expr(make(Operation{how, std::move(left), std::move(right)}));
}
Expr Expr::add_days(Expr date, Expr days) {
  return Expr(make(DaySum{std::move(date), std::move(days)}));
}
Expr Expr::days_between(Expr from, Expr to) {
  return Expr(make(DayDifference{std::move(from), std::move(to)}));
}
Expr Expr::choose(Expr condition, Expr then, Expr otherwise) {
  return Expr(make(Choice{std::move(condition), std::move(then), std::move(otherwise)}));
}
Expr Expr::missing() {
  return Expr(make(Missing{}));
}
Expr Expr::like(Expr text, std::string_view pattern) {
  return Expr(make(Pattern{std::move(text), std::string(pattern)}));
}
Expr Expr::over(Function function, std::vector<Expr> arguments, std::vector<Expr> partition,
                std::vector<Order> order, Frame frame) {
  return Expr(make(
      Over{Call{function, std::move(arguments)}, std::move(partition), std::move(order), frame}));
}

std::string print(const Select& select, Dialect dialect, const Sources& sources) {
  ENSURE(!select.items.empty());
  return Printer(dialect, sources).statement(select);
}

std::set<std::string, std::less<>> tables_of(const Select& select) {
  const Sources none;
  Printer printer(Dialect::DuckDb, none);
  static_cast<void>(printer.statement(select));
  return printer.take_tables();
}

}  // namespace eds::engine
