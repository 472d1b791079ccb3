#include "uses/research/project_json.h"

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"

namespace eds::research {
namespace {

std::string day_text(std::int64_t us) {
  return us == 0 ? std::string() : text::format_date(day_of(us));
}

void write_terms(json::Writer& writer, const govern::Permit& terms,
                 const govern::RightsState& state) {
  writer.key("people").begin_array();
  for (const govern::UserId user : terms.users) writer.string(user_name(state, user));
  writer.end_array().key("perimeters").begin_array();
  for (const govern::PerimeterId id : terms.perimeters) writer.string(perimeter_code(state, id));
  writer.end_array().key("tables").begin_array();
  for (const govern::PermitColumns& table : terms.tables) {
    writer.begin_object().member("table", std::string_view(table.table));
    writer.key("columns").begin_array();
    for (const std::string& column : table.columns) writer.string(column);
    writer.end_array().member("justification", std::string_view(table.justification)).end_object();
  }
  writer.end_array().key("population").begin_object();
  if (!terms.population.cohort.empty()) writer.key("cohort").raw(terms.population.cohort);
  if (!terms.population.query.empty())
    writer.member("query", std::string_view(terms.population.query));
  writer.end_object();
}

void write_steps(json::Writer& writer, const govern::Project& project) {
  writer.key("steps").begin_array();
  for (const govern::ProjectStepRecord& record : project.steps) {
    writer.begin_object().member("step", govern::step_name(record.taken.step));
    writer.member("office", govern::office_name(record.taken.office));
    writer.member("by", std::string_view(record.actor));
    writer.member("at", std::string_view(text::format_timestamp(record.time_us) + "Z"));
    writer.member("note", std::string_view(record.note)).end_object();
  }
  writer.end_array().key("next").begin_array();
  for (const NextStep& next : next_steps(project)) {
    writer.begin_object().member("step", govern::step_name(next.step));
    writer.member("office", govern::office_name(next.office)).end_object();
  }
  writer.end_array();
}

}  // namespace

std::string user_name(const govern::RightsState& state, govern::UserId user) {
  for (const govern::User& each : state.users)
    if (each.id == user) return each.name;
  return std::to_string(user);
}

std::string perimeter_code(const govern::RightsState& state, govern::PerimeterId perimeter) {
  for (const govern::Perimeter& each : state.perimeters)
    if (each.id == perimeter) return each.code;
  return std::to_string(perimeter);
}

std::vector<NextStep> next_steps(const govern::Project& project) {
  std::vector<NextStep> next;
  for (int step = 0; step < govern::kProjectStepCount; ++step)
    for (int office = 0; office < govern::kOfficeCount; ++office) {
      const govern::TakenStep taken{static_cast<govern::ProjectStep>(step),
                                    static_cast<govern::Office>(office), -1};
      const auto to = govern::after_step(project.terms.state, project.terms.study_type, taken, {});
      if (to.ok()) next.push_back({taken.step, taken.office});
    }
  return next;
}

std::string project_json(const govern::Project& project, const govern::RightsState& state) {
  const govern::Permit& terms = project.terms;
  json::Writer writer;
  writer.begin_object().member("name", std::string_view(project.name));
  writer.member("title", std::string_view(project.title));
  writer.member("summary", std::string_view(project.summary));
  writer.member("state", govern::permit_state_name(terms.state));
  writer.member("purpose", govern::purpose_name(terms.purpose));
  writer.member("study_type", terms.study_type);
  writer.member("requester", std::string_view(user_name(state, project.requester)));
  writer.member("opinion", std::string_view(terms.opinion_reference));
  writer.member("from", std::string_view(day_text(terms.start_us)));
  writer.member("to", std::string_view(day_text(terms.end_us)));
  writer.member("nominative", terms.is_nominative);
  write_terms(writer, terms, state);
  write_steps(writer, project);
  writer.end_object();
  return writer.take();
}

}  // namespace eds::research
