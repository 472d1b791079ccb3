#include "cli/project.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "cli/listing.h"
#include "format/text/dates.h"
#include "uses/research/mart_columns.h"
#include "uses/research/project_json.h"

namespace eds::cli {
namespace {

using govern::Office;
using govern::ProjectStep;

constexpr std::uint64_t kDefinitionBytesMax = std::uint64_t{16} << 20;

Result<govern::UserId> user_of(const govern::RightsState& state, const std::string& name) {
  for (const govern::User& each : state.users)
    if (each.name == name) return each.id;
  return Error{Code::NotFound, "no such account: " + name};
}

Result<std::int64_t> day_us(const std::string& text) {
  const text::DatePattern pattern = TRY(text::DatePattern::compile("yyyy-MM-dd"));
  const std::optional<std::int64_t> us = pattern.parse_us(text);
  if (us) return *us;
  return Error{Code::Usage, "a date is written 2026-12-31"};
}

/// What the options say of a draft; what they do not say stays as it was.
Status apply(const ProjectOptions& options, const govern::RightsState& state,
             govern::Project& draft) {
  govern::Permit& terms = draft.terms;
  if (!options.title.empty()) draft.title = options.title;
  if (!options.summary.empty()) draft.summary = options.summary;
  if (!options.purpose.empty()) terms.purpose = TRY(govern::parse_purpose(options.purpose));
  if (options.study_type != 0) terms.study_type = static_cast<int>(options.study_type);
  if (!options.from.empty()) terms.start_us = TRY(day_us(options.from));
  if (!options.to.empty()) terms.end_us = TRY(day_us(options.to));
  if (options.nominative) terms.is_nominative = true;
  if (options.perimeters.empty()) return {};
  terms.perimeters.clear();
  for (const std::string& code : options.perimeters) {
    const auto found =
        std::find_if(state.perimeters.begin(), state.perimeters.end(),
                     [&](const govern::Perimeter& each) { return each.code == code; });
    if (found == state.perimeters.end())
      return Error{Code::NotFound, "no such perimeter (eds access sync places them): " + code};
    terms.perimeters.push_back(found->id);
  }
  std::sort(terms.perimeters.begin(), terms.perimeters.end());
  return {};
}

Status name_people(const ProjectOptions& options, const govern::RightsState& state,
                   govern::Project& draft) {
  std::vector<govern::UserId>& users = draft.terms.users;
  for (const std::string& name : options.added) users.push_back(TRY(user_of(state, name)));
  for (const std::string& name : options.removed) {
    const govern::UserId user = TRY(user_of(state, name));
    users.erase(std::remove(users.begin(), users.end(), user), users.end());
  }
  std::sort(users.begin(), users.end());
  users.erase(std::unique(users.begin(), users.end()), users.end());
  return {};
}

Status name_tables(const ProjectOptions& options, govern::Project& draft) {
  std::vector<govern::PermitColumns>& tables = draft.terms.tables;
  const auto drop = [&](std::string_view name) {
    tables.erase(std::remove_if(tables.begin(), tables.end(),
                                [&](const auto& each) { return each.table == name; }),
                 tables.end());
  };
  for (const std::string& name : options.removed) drop(name);
  if (options.columns.empty()) return {};
  const std::size_t colon = options.columns.find(':');
  if (colon == std::string::npos)
    return Error{Code::Usage, "tables are named TABLE:COLUMN,COLUMN,..."};
  govern::PermitColumns wanted;
  wanted.table = options.columns.substr(0, colon);
  for (std::size_t at = colon + 1; at <= options.columns.size();) {
    const std::size_t end = std::min(options.columns.find(',', at), options.columns.size());
    if (end > at) wanted.columns.push_back(options.columns.substr(at, end - at));
    at = end + 1;
  }
  wanted.justification = options.because;
  TRY(research::check_columns(wanted));
  drop(wanted.table);
  tables.push_back(std::move(wanted));
  std::sort(tables.begin(), tables.end(),
            [](const auto& one, const auto& other) { return one.table < other.table; });
  return {};
}

Status choose_population(const ProjectOptions& options, govern::Project& draft) {
  govern::Population population;
  population.query = options.query;
  if (!options.cohort_file.empty())
    population.cohort = TRY(Env::posix().read_all(options.cohort_file, kDefinitionBytesMax));
  if (population.is_everybody() && !options.everybody)
    return Error{Code::Usage, "a population is --cohort FILE, --query SQL or --everybody"};
  draft.terms.population = std::move(population);
  return {};
}

std::string treatment_text(research::Treatment treatment) {
  switch (treatment) {
    case research::Treatment::Drop: return "left out";
    case research::Treatment::Keep: return "as it is";
    case research::Treatment::Person:
    case research::Treatment::PersonText: return "pseudonym";
    case research::Treatment::Key: return "new id";
    case research::Treatment::Shift: return "shifted";
    case research::Treatment::BirthYear: return "year of the shifted date, 90 and more together";
  }
  return "left out";
}

Status list_tables(const Global& global, const govern::Project& project) {
  Listing listing({"table", "column", "in the data store", "justification"});
  for (const govern::PermitColumns& each : project.terms.tables) {
    const model::Table* const table = model::find_table(each.table);
    for (const std::string& column : each.columns) {
      const std::size_t at = table == nullptr ? model::kNoColumn : table->column(column);
      const research::Treatment treatment = at == model::kNoColumn
                                                ? research::Treatment::Drop
                                                : research::treatment_of(*table, at).treatment;
      listing.add({each.table, column, treatment_text(treatment), each.justification});
    }
  }
  return listing.print(global.format);
}

Status list_people(const Global& global, const govern::RightsState& state,
                   const govern::Project& project) {
  Listing listing({"account", "part"});
  listing.add({research::user_name(state, project.requester), std::string("requester")});
  for (const govern::UserId user : project.terms.users)
    listing.add({research::user_name(state, user), std::string("named by the permit")});
  return listing.print(global.format);
}

/// The offices in which the author could take the step, the fitting one first.
Result<Office> office_for(govern::ProjectStore& store, const govern::Author& author,
                          const govern::Project& project, ProjectStep step) {
  std::vector<Office> held;
  if (author.user == 0) held.push_back(Office::Operator);
  if (author.user != 0 && author.user == project.requester) held.push_back(Office::Requester);
  for (const govern::Appointment& each : TRY(store.appointments()))
    if (each.user == author.user) held.push_back(each.office);
  for (const Office office : held)
    for (const research::NextStep& next : research::next_steps(project))
      if (next.step == step && next.office == office) return office;
  return held.empty() ? Office::Requester : held.front();
}

Result<ProjectStep> step_of(const ProjectOptions& options) {
  static const std::map<std::string, ProjectStep> kSteps = {
      {"submit", ProjectStep::Submit},
      {"withdraw", ProjectStep::Withdraw},
      {"consent", ProjectStep::Consent},
      {"approve", ProjectStep::Approve},
      {"reject", ProjectStep::Reject},
      {"open", ProjectStep::Activate},
      {"suspend", ProjectStep::Suspend},
      {"resume", ProjectStep::Resume},
      {"close", ProjectStep::Close},
      {"favourable", ProjectStep::Favourable},
      {"unfavourable", ProjectStep::Unfavourable},
      {"agree", ProjectStep::DpoAgree},
      {"refuse", ProjectStep::DpoRefuse}};
  const bool judges = options.verb == "opinion" || options.verb == "dpo";
  const auto found = kSteps.find(judges ? options.judgement : options.verb);
  if (found != kSteps.end()) return found->second;
  return Error{Code::Usage,
               "an opinion is favourable or unfavourable; the DPO's is agree or "
               "refuse"};
}

Status take_step(Context& context, const Global& global, const ProjectOptions& options,
                 govern::ProjectStore& store) {
  const govern::Project project = TRY(store.find(options.name));
  govern::StepWish wish;
  wish.project = options.name;
  wish.step = TRY(step_of(options));
  wish.office = options.office.empty()
                    ? TRY(office_for(store, context.author(), project, wish.step))
                    : TRY(govern::parse_office(options.office));
  wish.note = options.reference.empty() ? options.because : options.reference;
  wish.acr = TRY(context.request(global)).principal.acr;
  if (wish.step == ProjectStep::Submit)
    TRY(research::check_terms(project, *TRY(context.rights().state()), Env::posix().now_us()));
  const govern::PermitState state = TRY(store.take(context.author(), wish));
  return print(fmt::format("{} is {}\n", options.name, govern::permit_state_name(state)));
}

Status appoint(Context& context, const Global& global, const ProjectOptions& options,
               govern::ProjectStore& store) {
  const auto state = TRY(context.rights().state());
  if (options.verb == "offices") {
    Listing listing({"account", "office"});
    for (const govern::Appointment& each : TRY(store.appointments()))
      listing.add(
          {research::user_name(*state, each.user), std::string(govern::office_name(each.office))});
    return listing.print(global.format);
  }
  const govern::UserId user = TRY(user_of(*state, options.user));
  const Office office = TRY(govern::parse_office(options.office));
  return options.verb == "appoint" ? store.appoint(context.author(), user, office)
                                   : store.dismiss(context.author(), user, office);
}

Status list_projects(Context& context, const Global& global, govern::ProjectStore& store) {
  Listing listing({"project", "state", "type", "purpose", "from", "to", "title"});
  for (const govern::Project& each : TRY(store.list())) {
    if (!TRY(store.may_see(context.author(), each))) continue;
    listing.add({each.name, std::string(govern::permit_state_name(each.terms.state)),
                 std::int64_t{each.terms.study_type},
                 std::string(govern::purpose_name(each.terms.purpose)),
                 time_text(each.terms.start_us).substr(0, 10),
                 time_text(each.terms.end_us).substr(0, 10), each.title});
  }
  return listing.print(global.format);
}

Status create(Context& context, const ProjectOptions& options, govern::ProjectStore& store) {
  govern::Project draft;
  draft.name = options.name;
  draft.terms.project = options.name;
  draft.terms.users = {context.author().user};
  TRY(apply(options, *TRY(context.rights().state()), draft));
  TRY(store.create(context.author(), draft));
  return print(options.name + " is draft\n");
}

/// Verbs that read or change one project's draft; nothing is written when nothing is asked.
Status draft_verb(Context& context, const Global& global, const ProjectOptions& options,
                  govern::ProjectStore& store) {
  govern::Project project = TRY(store.find(options.name));
  if (!TRY(store.may_see(context.author(), project)))
    return Error{Code::NotFound, "no such project: " + options.name};  // As if it were not.
  const auto state = TRY(context.rights().state());
  if (options.verb == "show") return print(research::project_json(project, *state) + "\n");
  const bool changes = !options.added.empty() || !options.removed.empty() ||
                       !options.columns.empty() || options.verb == "population" ||
                       options.verb == "edit";
  if (options.verb == "edit") TRY(apply(options, *state, project));
  if (options.verb == "people") TRY(name_people(options, *state, project));
  if (options.verb == "tables") TRY(name_tables(options, project));
  if (options.verb == "population") TRY(choose_population(options, project));
  if (changes) TRY(store.edit(context.author(), project));
  if (options.verb == "people") return list_people(global, *state, project);
  if (options.verb == "tables") return list_tables(global, project);
  return print(options.name + " is changed\n");
}

}  // namespace

Result<std::unique_ptr<ProjectDoors>> ProjectDoors::open(Context& context) {
  Env& env = Env::posix();
  const Path& directory = context.warehouse().directory();
  std::unique_ptr<ProjectDoors> opened(new ProjectDoors);
  opened->keys_ = std::make_unique<govern::ProjectKeys>(
      TRY(govern::ProjectKeys::open(env, context.keys(), join(directory, "identity"))));
  opened->projects_ = TRY(govern::ProjectStore::open(env, context.audit(), context.rights(),
                                                     *opened->keys_, join(directory, "rights")));
  opened->engine_ = engine::embedded_engine();
  research::Doors& doors = opened->doors_;
  doors.env = &env;
  doors.core = &context.warehouse();
  doors.engine = opened->engine_.get();
  doors.audit = &context.audit();
  doors.rights = &context.rights();
  doors.governor = &context.governor();
  doors.projects = opened->projects_.get();
  doors.keys = opened->keys_.get();
  return opened;
}

Result<Exit> run_project(const Global& global, const ProjectOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "build") return build_project(context, global, options);
  if (options.verb == "removals") return show_removals(context, global, options);
  if (options.verb == "purge") return purge_project(context, options);
  const std::unique_ptr<ProjectDoors> doors = TRY(ProjectDoors::open(context));
  govern::ProjectStore& store = doors->projects();
  const auto is = [&](std::initializer_list<std::string_view> verbs) {
    return std::find(verbs.begin(), verbs.end(), options.verb) != verbs.end();
  };
  if (is({"list"})) {
    TRY(list_projects(context, global, store));
  } else if (is({"register"})) {
    TRY(print(TRY(store.register_json()) + "\n"));
  } else if (is({"create"})) {
    TRY(create(context, options, store));
  } else if (is({"appoint", "dismiss", "offices"})) {
    TRY(appoint(context, global, options, store));
  } else if (is({"show", "edit", "people", "tables", "population"})) {
    TRY(draft_verb(context, global, options, store));
  } else {
    TRY(take_step(context, global, options, store));
  }
  return Exit::Done;
}

}  // namespace eds::cli
