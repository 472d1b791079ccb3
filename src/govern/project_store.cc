#include "govern/project_store.h"

#include <algorithm>

#include "base/calendar.h"
#include "format/json/json_writer.h"
#include "format/text/dates.h"
#include "govern/permit_token.h"

namespace eds::govern {
namespace {

// Drawn in docs/internals/formats/projects_db.md.
constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS project(name TEXT PRIMARY KEY, title TEXT NOT NULL,
  summary TEXT NOT NULL, requester INTEGER NOT NULL, state INTEGER NOT NULL, terms TEXT NOT NULL,
  token TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS step(step_no INTEGER PRIMARY KEY, project TEXT NOT NULL,
  step INTEGER NOT NULL, office INTEGER NOT NULL, user_id INTEGER NOT NULL, actor TEXT NOT NULL,
  time_us INTEGER NOT NULL, note TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS step_project ON step(project);
CREATE TABLE IF NOT EXISTS appointment(user_id INTEGER NOT NULL, office INTEGER NOT NULL,
  PRIMARY KEY(user_id, office)) WITHOUT ROWID;
PRAGMA user_version = 1;
)";

constexpr std::size_t kTextMax = 4000;  // A page of a register.

Project project_of(sqlite::Statement& row, Permit terms) {
  Project project;
  project.name = row.text_at(0);
  project.title = row.text_at(1);
  project.summary = row.text_at(2);
  project.requester = row.int_at(3);
  project.terms = std::move(terms);
  project.terms.state = static_cast<PermitState>(row.int_at(4));
  project.token = row.text_at(6);
  return project;
}

Status check_draft(const Project& draft) {
  if (!is_project_name(draft.name))
    return Error{Code::Usage, "a project's name is 1 to 40 of a-z, 0-9 and -, a letter first"};
  if (draft.title.empty() || draft.summary.empty())
    return Error{Code::Usage, "a project has a title and a summary for the public register"};
  if (draft.title.size() > kTextMax || draft.summary.size() > kTextMax)
    return Error{Code::Limit, "title and summary have at most 4000 characters"};
  if (draft.terms.project != draft.name)
    return Error{Code::Usage, "the terms are of another project"};
  return {};
}

std::vector<TakenStep> history_of(const Project& project) {
  std::vector<TakenStep> history;
  for (const ProjectStepRecord& record : project.steps) history.push_back(record.taken);
  return history;
}

bool needs_two_factors(Office office) {
  return office != Office::Requester && office != Office::Operator;
}

bool was_approved(PermitState state) {
  return state >= PermitState::Approved;
}

}  // namespace

Result<std::unique_ptr<ProjectStore>> ProjectStore::open(Env& env, Audit& audit,
                                                         RightsStore& rights, ProjectKeys& keys,
                                                         const Path& directory) {
  TRY(env.make_directories(directory));
  std::unique_ptr<sqlite::Database> database =
      TRY(sqlite::Database::open(join(directory, "projects.db")));
  std::unique_ptr<ProjectStore> store(
      new ProjectStore(env, audit, rights, keys, std::move(database)));
  TRY(store->settle_format());
  return store;
}

Status ProjectStore::settle_format() {
  const std::int64_t version = TRY(database_->number("PRAGMA user_version")).value_or(0);
  if (version > 1)
    return Error{Code::Unavailable, "the projects are of a format this program does not know"};
  return version == 1 ? Status() : database_->execute(kSchema);
}

Status ProjectStore::note(const Author& author, std::string_view what, std::string_view project,
                          Outcome outcome) {
  AuditEvent event;
  event.actor = author.name;
  event.action = "project";
  event.object = project;
  event.reason = what;
  event.outcome = outcome;
  return audit_->append(event);
}

Status ProjectStore::create(const Author& author, const Project& draft) {
  TRY(check_draft(draft));
  if (author.user == 0)
    return Error{Code::Refused, "a project has a requester: create it in somebody's session"};
  TRY(note(author, "create", draft.name, Outcome::Begun));
  sqlite::Statement insert = TRY(database_->prepare(
      "INSERT INTO project(name, title, summary, requester, state, terms, token) "
      "VALUES (?, ?, ?, ?, 0, ?, '')"));
  const Status done = insert.bind(std::string_view(draft.name))
                          .bind(std::string_view(draft.title))
                          .bind(std::string_view(draft.summary))
                          .bind(author.user)
                          .bind(std::string_view(terms_json(draft.terms)))
                          .run();
  if (!done.ok() && done.error().code == Code::Conflict)
    return Error{Code::Conflict, "a project of that name exists: " + draft.name};
  return done;
}

Status ProjectStore::edit(const Author& author, const Project& draft) {
  TRY(check_draft(draft));
  const Project before = TRY(find(draft.name));
  if (before.terms.state != PermitState::Draft)
    return Error{Code::Conflict, "only a draft can be changed; withdraw the project first"};
  TRY(check_office(author, before, Office::Requester));
  TRY(note(author, "edit", draft.name, Outcome::Begun));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE project SET title = ?, summary = ?, terms = ? WHERE name = ? AND state = 0"));
  return update.bind(std::string_view(draft.title))
      .bind(std::string_view(draft.summary))
      .bind(std::string_view(terms_json(draft.terms)))
      .bind(std::string_view(draft.name))
      .run();
}

Status ProjectStore::change_office(const Author& author, const Appointment& appointment,
                                   std::string_view verb, std::string_view sql) {
  if (author.user != 0)
    return Error{Code::Refused, "offices are given and taken by the warehouse's owner alone"};
  const Office office = appointment.office;
  if (appointment.user == 0 || office == Office::Requester || office == Office::Operator)
    return Error{Code::Usage, "an office is head-of-service, committee, dpo or direction"};
  TRY(note(author, std::string(verb) + " " + std::string(office_name(office)),
           std::to_string(appointment.user), Outcome::Begun));
  sqlite::Statement change = TRY(database_->prepare(sql));
  return change.bind(appointment.user).bind(static_cast<std::int64_t>(office)).run();
}

Status ProjectStore::appoint(const Author& author, UserId user, Office office) {
  return change_office(author, {user, office}, "appoint",
                       "INSERT OR IGNORE INTO appointment VALUES (?, ?)");
}

Status ProjectStore::dismiss(const Author& author, UserId user, Office office) {
  return change_office(author, {user, office}, "dismiss",
                       "DELETE FROM appointment WHERE user_id = ? AND office = ?");
}

Result<std::vector<Appointment>> ProjectStore::appointments() {
  std::vector<Appointment> all;
  sqlite::Statement row =
      TRY(database_->prepare("SELECT user_id, office FROM appointment ORDER BY 1, 2"));
  while (TRY(row.step())) all.push_back({row.int_at(0), static_cast<Office>(row.int_at(1))});
  return all;
}

Result<bool> ProjectStore::may_see(const Author& author, const Project& project) {
  const std::vector<UserId>& named = project.terms.users;
  if (author.user == 0 || author.user == project.requester) return true;
  if (std::find(named.begin(), named.end(), author.user) != named.end()) return true;
  const std::vector<Appointment> all = TRY(appointments());
  return std::any_of(all.begin(), all.end(),
                     [&](const Appointment& each) { return each.user == author.user; });
}

Status ProjectStore::check_office(const Author& author, const Project& project, Office office) {
  const Error refused{Code::Refused,
                      "you do not hold this office: " + std::string(office_name(office))};
  if (office == Office::Operator) return author.user == 0 ? Status() : Status(refused);
  if (office == Office::Requester)
    return author.user == project.requester ? Status() : Status(refused);
  if (author.user == 0) return refused;  // Whoever runs the warehouse judges nothing.
  sqlite::Statement held =
      TRY(database_->prepare("SELECT 1 FROM appointment WHERE user_id = ? AND office = ?"));
  const bool holds = TRY(held.bind(author.user).bind(static_cast<std::int64_t>(office)).step());
  return holds ? Status() : Status(refused);
}

Result<jose::KeySet> ProjectStore::permit_keys() {
  return jose::KeySet::of(TRY(keys_->permit_key()));
}

/// What a step does to the permit. Rights are taken away before the project says so, and given
/// after: a crash between the two leaves less access, never more.
Status ProjectStore::settle_permit(const Author& author, Project& project, const StepWish& wish,
                                   PermitState to) {
  if (wish.step == ProjectStep::Favourable || wish.step == ProjectStep::Consent) {
    if (wish.note.empty())
      return Error{Code::Usage, "an opinion has a reference: say it in the note"};
    project.terms.opinion_reference = wish.note;
    project.terms.opinion_us = env_->now_us();
  }
  if (wish.step == ProjectStep::Submit) {
    Permit complete = project.terms;  // All but the opinion must be there already.
    complete.opinion_reference = "pending";
    complete.opinion_us = 1;
    TRY(check_permit(complete));
  }
  if (to == PermitState::Approved) {
    project.token = TRY(sign_permit(TRY(keys_->permit_key()), project.terms));
    Permit permit = project.terms;
    permit.state = to;
    TRY(rights_->put_permit(author, permit));
  }
  if (to == PermitState::Suspended || to == PermitState::Closed || to == PermitState::Purged) {
    TRY(tell_rights(author, project.name, to));
  }
  if (to == PermitState::Purged) {
    const Status destroyed = keys_->destroy(project.name);
    if (!destroyed.ok() && destroyed.error().code != Code::NotFound) return destroyed;
  }
  return {};
}

Status ProjectStore::tell_rights(const Author& author, std::string_view project,
                                 PermitState state) {
  const auto known = TRY(rights_->state());
  for (const Permit& permit : known->permits)
    if (permit.project == project) TRY(rights_->set_permit_state(author, permit.id, state));
  return {};
}

Result<PermitState> ProjectStore::take(const Author& author, const StepWish& wish) {
  Project project = TRY(find(wish.project));
  const std::string what =
      std::string(step_name(wish.step)) + " as " + std::string(office_name(wish.office));
  const TakenStep taken{wish.step, wish.office, author.user};
  Status office = check_office(author, project, wish.office);
  if (office.ok() && needs_two_factors(wish.office) && wish.acr < 2)
    office = Error{Code::Refused, "this step asks for a sign-in with two factors"};
  Result<PermitState> to = office.ok() ? after_step(project.terms.state, project.terms.study_type,
                                                    taken, history_of(project))
                                       : Result<PermitState>(std::move(office).error());
  if (!to.ok()) {
    TRY(note(author, what, wish.project, Outcome::Refused));
    return to;
  }
  TRY(note(author, what, wish.project, Outcome::Begun));
  if (*to == PermitState::Active)
    TRY(verify_permit(TRY(permit_keys()), project.token, env_->now_us()));
  const PermitState from = project.terms.state;
  TRY(settle_permit(author, project, wish, *to));

  sqlite::Transaction transaction = TRY(sqlite::Transaction::begin(*database_));
  sqlite::Statement update = TRY(database_->prepare(
      "UPDATE project SET state = ?, terms = ?, token = ? WHERE name = ? AND state = ?"));
  TRY(update.bind(static_cast<std::int64_t>(*to))
          .bind(std::string_view(terms_json(project.terms)))
          .bind(std::string_view(project.token))
          .bind(std::string_view(project.name))
          .bind(static_cast<std::int64_t>(from))
          .run());
  if (update.changes() != 1)
    return Error{Code::Conflict, "somebody else moved the project meanwhile: look again"};
  sqlite::Statement insert = TRY(
      database_->prepare("INSERT INTO step(project, step, office, user_id, actor, time_us, note) "
                         "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  TRY(insert.bind(std::string_view(project.name))
          .bind(static_cast<std::int64_t>(wish.step))
          .bind(static_cast<std::int64_t>(wish.office))
          .bind(author.user)
          .bind(std::string_view(author.name))
          .bind(env_->now_us())
          .bind(std::string_view(wish.note))
          .run());
  TRY(transaction.commit());

  if (*to == PermitState::Active) TRY(tell_rights(author, project.name, *to));
  return to;
}

Result<Project> ProjectStore::find(std::string_view name) {
  sqlite::Statement row = TRY(database_->prepare(
      "SELECT name, title, summary, requester, state, terms, token FROM project WHERE name = ?"));
  if (!TRY(row.bind(name).step()))
    return Error{Code::NotFound, "no such project: " + std::string(name)};
  Project project = project_of(row, TRY(parse_terms(row.text_at(5))));
  sqlite::Statement step = TRY(database_->prepare(
      "SELECT step, office, user_id, actor, time_us, note FROM step WHERE project = ? "
      "ORDER BY step_no"));
  step.bind(name);
  while (TRY(step.step())) {
    ProjectStepRecord record;
    record.taken = {static_cast<ProjectStep>(step.int_at(0)), static_cast<Office>(step.int_at(1)),
                    step.int_at(2)};
    record.actor = step.text_at(3);
    record.time_us = step.int_at(4);
    record.note = step.text_at(5);
    project.steps.push_back(std::move(record));
  }
  return project;
}

Result<std::vector<Project>> ProjectStore::list() {
  std::vector<std::string> names;
  sqlite::Statement row = TRY(database_->prepare("SELECT name FROM project ORDER BY name"));
  while (TRY(row.step())) names.push_back(row.text_at(0));
  std::vector<Project> projects;
  for (const std::string& name : names) projects.push_back(TRY(find(name)));
  return projects;
}

Result<Permit> ProjectStore::active_permit(std::string_view name) {
  const Project project = TRY(find(name));
  if (project.terms.state != PermitState::Active)
    return Error{Code::Refused, "the project is not active: " +
                                    std::string(permit_state_name(project.terms.state))};
  Permit permit = TRY(verify_permit(TRY(permit_keys()), project.token, env_->now_us()));
  if (permit.project != project.name)
    return Error{Code::Refused, "the signed permit is of another project"};
  const auto state = TRY(rights_->state());
  for (const Permit& stored : state->permits) {
    if (stored.project != project.name) continue;
    Permit comparable = permit;
    comparable.population = {};  // Of the signed terms alone.
    if (!same_terms(stored, comparable) || stored.state != PermitState::Active)
      return Error{Code::Refused, "the rights store does not say what was signed"};
    permit.id = stored.id;
    permit.state = PermitState::Active;
    return permit;
  }
  return Error{Code::Refused, "the rights store knows no permit of this project"};
}

Result<std::string> ProjectStore::register_json() {
  json::Writer writer;
  writer.begin_object().key("projects").begin_array();
  for (const Project& project : TRY(list())) {
    const bool listed = was_approved(project.terms.state) && !project.token.empty();
    if (!listed) continue;
    writer.begin_object().member("name", std::string_view(project.name));
    writer.member("title", std::string_view(project.title));
    writer.member("summary", std::string_view(project.summary));
    writer.member("purpose", purpose_name(project.terms.purpose));
    writer.member("study_type", project.terms.study_type);
    writer.member("opinion", std::string_view(project.terms.opinion_reference));
    writer.member("from", std::string_view(text::format_date(day_of(project.terms.start_us))));
    writer.member("to", std::string_view(text::format_date(day_of(project.terms.end_us))));
    writer.member("state", permit_state_name(project.terms.state));
    writer.key("data").begin_array();
    for (const PermitColumns& table : project.terms.tables)
      writer.begin_object()
          .member("table", std::string_view(table.table))
          .member("justification", std::string_view(table.justification))
          .end_object();
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  return writer.take();
}

}  // namespace eds::govern
