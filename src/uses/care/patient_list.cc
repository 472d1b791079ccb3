#include "uses/care/patient_list.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "uses/care/patient_json.h"

namespace eds::care {
namespace {

using engine::Compare;
using engine::Expr;
using engine::Function;

struct Diagnosis {
  std::optional<std::int32_t> date;
  bool is_principal = false;
  std::string code;
};

// The later comes after; on one day the DP does, then the code decides, so that the answer is one.
bool is_before(const Diagnosis& one, const Diagnosis& other) {
  if (one.date != other.date) return one.date < other.date;
  if (one.is_principal != other.is_principal) return other.is_principal;
  return one.code > other.code;
}

struct Line {
  std::int64_t person_id = 0;
  std::int64_t gender = 0;
  std::optional<std::int32_t> birth;
  std::optional<std::int32_t> death;
  std::int64_t visit_count = 0;
  std::optional<std::int32_t> last_visit;
  Diagnosis last_diagnosis;
};

// A diagnosis that begins with `prefix`, whichever of the two writes the dot (I21.0, I210).
Expr begins_with(const std::string& prefix) {
  std::string plain = prefix;
  std::erase(plain, '.');
  const bool is_long = plain.size() > 3;
  const std::string dotted = is_long ? plain.substr(0, 3) + "." + plain.substr(3) : plain;
  std::vector<Expr> either;
  for (const std::string& wanted : {plain, dotted}) {
    either.push_back(Expr::call(Function::StartsWith, {Expr::column("c", "condition_source_value"),
                                                       Expr::literal(std::string_view(wanted))}));
  }
  return Expr::any_of(std::move(either));
}

engine::Select filtered(const PatientFilter& filter) {
  engine::Select select;
  select.table = "person";
  select.alias = "p";
  std::vector<Expr> conditions;
  if (filter.sex == "F" || filter.sex == "M") {
    conditions.push_back(Expr::column("p", "gender_concept_id") ==
                         Expr::literal(std::int64_t{filter.sex == "F" ? 8532 : 8507}));
  }
  if (filter.sex == "U") {
    conditions.push_back(Expr::negate(
        Expr::in(Expr::column("p", "gender_concept_id"),
                 {Expr::literal(std::int64_t{8532}), Expr::literal(std::int64_t{8507})})));
  }
  const std::int64_t year = date_from_days(filter.today).year;
  if (filter.age_min) {
    conditions.push_back(Expr::compare(Compare::LessOrEqual, Expr::column("p", "year_of_birth"),
                                       Expr::literal(year - *filter.age_min)));
  }
  if (filter.age_max) {
    conditions.push_back(Expr::compare(Compare::GreaterOrEqual, Expr::column("p", "year_of_birth"),
                                       Expr::literal(year - *filter.age_max)));
  }
  if (!conditions.empty()) select.where = Expr::all_of(std::move(conditions));
  if (!filter.code_prefix.empty()) {
    select.joins.push_back(
        {engine::JoinKind::Semi, "condition_occurrence", "c",
         Expr::all_of({Expr::column("p", "person_id") == Expr::column("c", "person_id"),
                       begins_with(filter.code_prefix)})});
  }
  return select;
}

Result<std::int64_t> count_all(engine::Session& session, const PatientFilter& filter) {
  engine::Select select = filtered(filter);
  select.items.push_back({Expr::count_all(), "total"});
  engine::Answer rows = TRY(session.query(select));
  const std::optional<duck::Chunk> chunk = TRY(rows.next());
  return chunk ? chunk->int_at(0, 0) : 0;
}

Result<std::vector<Line>> read_page(engine::Session& session, const PatientFilter& filter) {
  engine::Select select = filtered(filter);
  for (std::string_view column :
       {"person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth"}) {
    select.items.push_back({Expr::column("p", column), std::string(column)});
  }
  select.order_by.push_back({Expr::column("p", "person_id")});
  select.limit = std::clamp<std::int64_t>(filter.limit, 1, kPatientsPerPageMax);
  select.offset = std::max<std::int64_t>(filter.offset, 0);
  engine::Answer rows = TRY(session.query(select));
  std::vector<Line> lines;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      Line line;
      line.person_id = chunk->int_at(0, row);
      line.gender = chunk->is_null(1, row) ? 0 : chunk->int_at(1, row);
      if (!chunk->is_null(2, row)) {
        const auto part = [&](std::size_t column) {
          return chunk->is_null(column, row)
                     ? 1
                     : static_cast<std::int32_t>(chunk->int_at(column, row));
        };
        line.birth =
            checked_days(Date{static_cast<std::int32_t>(chunk->int_at(2, row)), part(3), part(4)});
      }
      lines.push_back(line);
    }
  }
  return lines;
}

// Reads (person_id, date, texts) of the page's persons.
template <class Visit>
Status each_of_page(engine::Session& session, std::vector<Line>& lines, std::string_view table,
                    std::string_view date, const std::vector<std::string_view>& texts,
                    Visit visit) {
  std::unordered_map<std::int64_t, Line*> by_person;
  std::vector<Expr> ids;
  for (Line& line : lines) {
    by_person[line.person_id] = &line;
    ids.push_back(Expr::literal(line.person_id));
  }
  if (ids.empty()) return {};
  engine::Select select;
  select.table = table;
  select.items = {{Expr::column("person_id"), "person_id"}, {Expr::column(date), "date"}};
  for (std::string_view text : texts)
    select.items.push_back({Expr::column(text), std::string(text)});
  select.where = Expr::in(Expr::column("person_id"), std::move(ids));
  engine::Answer rows = TRY(session.query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (chunk->is_null(1, row)) continue;
      Line& line = *by_person[chunk->int_at(0, row)];
      std::vector<std::string> words;
      for (std::size_t column = 2; column < 2 + texts.size(); ++column) {
        words.emplace_back(chunk->is_null(column, row) ? "" : chunk->text_at(column, row));
      }
      visit(line, static_cast<std::int32_t>(chunk->int_at(1, row)), words);
    }
  }
  return {};
}

Status complete(engine::Session& session, std::vector<Line>& lines) {
  using Words = std::vector<std::string>;
  TRY(each_of_page(session, lines, "death", "death_date", {},
                   [](Line& line, std::int32_t date, const Words&) { line.death = date; }));
  TRY(each_of_page(session, lines, "visit_occurrence", "visit_start_date", {},
                   [](Line& line, std::int32_t date, const Words&) {
                     ++line.visit_count;
                     line.last_visit = std::max(line.last_visit.value_or(date), date);
                   }));
  return each_of_page(session, lines, "condition_occurrence", "condition_start_date",
                      {"condition_source_value", "condition_status_source_value"},
                      [](Line& line, std::int32_t date, const Words& words) {
                        const Diagnosis found{date, words[1] == "DP", words[0]};
                        if (is_before(line.last_diagnosis, found)) line.last_diagnosis = found;
                      });
}

void write_day(json::Writer& out, std::string_view name, std::optional<std::int32_t> days) {
  if (days) {
    out.member(name, text::format_date(*days));
  } else {
    out.key(name).null();
  }
}

void write_line(json::Writer& out, const Line& line, const Labels& labels, std::int32_t today) {
  out.begin_object().member("person_id", std::to_string(line.person_id));
  out.member("sex", sex_letter(line.gender));
  write_day(out, "birth_date", line.birth);
  if (line.birth) {
    out.member("age_years",
               static_cast<std::int64_t>(age_years(*line.birth, line.death.value_or(today))));
  } else {
    out.key("age_years").null();
  }
  write_day(out, "death_date", line.death);
  out.member("visit_count", line.visit_count);
  write_day(out, "last_visit_start", line.last_visit);
  out.key("last_diagnosis");
  if (line.last_diagnosis.code.empty()) {
    out.null().end_object();
    return;
  }
  out.begin_object().member("code", line.last_diagnosis.code);
  const std::string_view label = labels.label(line.last_diagnosis.code);
  if (label.empty()) {
    out.key("label").null();
  } else {
    out.member("label", label);
  }
  out.end_object().end_object();
}

}  // namespace

Result<std::string> patient_list_json(engine::Session& session, const PatientFilter& filter,
                                      Labels& labels) {
  const std::int64_t total = TRY(count_all(session, filter));
  std::vector<Line> lines = TRY(read_page(session, filter));
  TRY(complete(session, lines));
  std::vector<std::string> codes;
  for (const Line& line : lines) codes.push_back(line.last_diagnosis.code);
  TRY(labels.learn(session, codes));
  json::Writer out;
  out.begin_object().member("total", total).key("patients").begin_array();
  for (const Line& line : lines) write_line(out, line, labels, filter.today);
  out.end_array().end_object();
  return out.take();
}

}  // namespace eds::care
