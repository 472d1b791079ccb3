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

struct Line {
  std::int64_t person_id = 0;
  std::int64_t gender = 0;
  std::optional<std::int32_t> birth;
  std::optional<std::int32_t> death;
  std::int64_t visit_count = 0;
  std::optional<std::int32_t> last_visit;
  std::optional<std::int32_t> last_diagnosis_date;
  std::string last_diagnosis;
};

engine::Select filtered(const PatientFilter& filter) {
  engine::Select select;
  select.table = "person";
  select.alias = "p";
  std::vector<Expr> conditions;
  if (filter.sex == "F" || filter.sex == "M") {
    conditions.push_back(Expr::column("p", "gender_concept_id") ==
                         Expr::literal(std::int64_t{filter.sex == "F" ? 8532 : 8507}));
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
                       Expr::call(Function::StartsWith,
                                  {Expr::column("c", "condition_source_value"),
                                   Expr::literal(std::string_view(filter.code_prefix))})})});
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

// Reads (person_id, date, text) of the page's persons, between its smallest and largest id.
template <class Visit>
Status each_of_page(engine::Session& session, std::vector<Line>& lines, std::string_view table,
                    std::string_view date, std::string_view text, Visit visit) {
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
  if (!text.empty()) select.items.push_back({Expr::column(text), "text"});
  select.where = Expr::in(Expr::column("person_id"), std::move(ids));
  engine::Answer rows = TRY(session.query(select));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (chunk->is_null(1, row)) continue;
      Line& line = *by_person[chunk->int_at(0, row)];
      const bool has_text = !text.empty() && !chunk->is_null(2, row);
      visit(line, static_cast<std::int32_t>(chunk->int_at(1, row)),
            has_text ? std::string(chunk->text_at(2, row)) : std::string());
    }
  }
  return {};
}

Status complete(engine::Session& session, std::vector<Line>& lines) {
  TRY(each_of_page(session, lines, "death", "death_date", "",
                   [](Line& line, std::int32_t date, const std::string&) { line.death = date; }));
  TRY(each_of_page(session, lines, "visit_occurrence", "visit_start_date", "",
                   [](Line& line, std::int32_t date, const std::string&) {
                     ++line.visit_count;
                     line.last_visit = std::max(line.last_visit.value_or(date), date);
                   }));
  return each_of_page(session, lines, "condition_occurrence", "condition_start_date",
                      "condition_source_value",
                      [](Line& line, std::int32_t date, const std::string& code) {
                        if (line.last_diagnosis_date && *line.last_diagnosis_date > date) return;
                        line.last_diagnosis_date = date;
                        line.last_diagnosis = code;
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
  if (line.last_diagnosis.empty()) {
    out.null().end_object();
    return;
  }
  out.begin_object().member("code", line.last_diagnosis);
  const std::string_view label = labels.label(line.last_diagnosis);
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
  for (const Line& line : lines) codes.push_back(line.last_diagnosis);
  TRY(labels.learn(session, codes));
  json::Writer out;
  out.begin_object().member("total", total).key("patients").begin_array();
  for (const Line& line : lines) write_line(out, line, labels, filter.today);
  out.end_array().end_object();
  return out.take();
}

}  // namespace eds::care
