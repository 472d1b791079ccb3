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

struct ExprNode {
  std::variant<ColumnRef, std::int64_t, double, std::string, DateLiteral, ParamRef, Call,
               Comparison, Junction, Negation, NullTest, Membership>
      what;
};

namespace {

std::shared_ptr<const ExprNode> make(auto what) {
  return std::make_shared<const ExprNode>(ExprNode{std::move(what)});
}

// Prints one statement for one engine.
class Printer {
 public:
  Printer(Dialect dialect, const Sources& sources) : dialect_(dialect), sources_(&sources) {}

  std::string select(const Select& select) {
    text_ = "SELECT ";
    for (std::size_t index = 0; index < select.items.size(); ++index) {
      if (index != 0) text_ += ", ";
      expr(select.items[index].expr);
      text_ += " AS ";
      name(select.items[index].name);
    }
    text_ += " FROM ";
    source(select.table, select.alias);
    for (const Join& each : select.joins) join(each);
    if (select.where) {
      text_ += " WHERE ";
      expr(*select.where);
    }
    list(" GROUP BY ", select.group_by);
    for (std::size_t index = 0; index < select.order_by.size(); ++index) {
      text_ += index == 0 ? " ORDER BY " : ", ";
      expr(select.order_by[index].expr);
      const bool descending = select.order_by[index].direction == Direction::Descending;
      text_ += descending ? " DESC NULLS LAST" : " ASC NULLS LAST";
    }
    if (select.limit) text_ += " LIMIT " + std::to_string(*select.limit);
    if (select.offset) text_ += " OFFSET " + std::to_string(*select.offset);
    return std::move(text_);
  }

 private:
  void source(std::string_view table, std::string_view alias) {
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
    switch (join.kind) {
      case JoinKind::Inner: text_ += " JOIN "; break;
      case JoinKind::Left: text_ += " LEFT JOIN "; break;
      case JoinKind::Semi:
        text_ += dialect_ == Dialect::Spark ? " LEFT SEMI JOIN " : " SEMI JOIN ";
        break;
      case JoinKind::Anti:
        text_ += dialect_ == Dialect::Spark ? " LEFT ANTI JOIN " : " ANTI JOIN ";
        break;
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
    membership(std::get<Membership>(what));
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

std::string print(const Select& select, Dialect dialect, const Sources& sources) {
  ENSURE(!select.items.empty());
  return Printer(dialect, sources).select(select);
}

}  // namespace eds::engine
