#include "uses/research/mart_store.h"

#include <algorithm>
#include <iterator>

#include "engine/session_stays.h"
#include "lake/part.h"
#include "lake/upkeep.h"
#include "model/table.h"
#include "uses/research/mart_columns.h"
#include "uses/research/population.h"

namespace eds::research {
namespace {

// Folders of a warehouse that a data store has no use for.
constexpr const char* kUnused[] = {"landing", "identity", "keys", "audit", "quarantine"};

govern::AuditEvent event_of(const BuildWish& wish, std::string_view release) {
  govern::AuditEvent event;
  event.actor = wish.principal.name;
  event.action = "project build";
  event.object = wish.project;
  event.release = release;
  event.ground = "permit";
  event.zone = "mart";
  return event;
}

/// The project's folder is its group's to read (an operator gives it the group once: new files
/// follow by the set-group-id bit); the folder above lets through and lists nothing.
Result<std::unique_ptr<lake::Warehouse>> open_or_create(const Doors& doors,
                                                        const std::string& project) {
  Env& env = *doors.env;
  const Path directory = mart_directory(*doors.core, project);
  if (!env.exists(join(directory, "catalogue.db"))) {
    const Path marts = join(doors.core->directory(), "marts");
    TRY(env.make_directories(directory));
    TRY(env.set_mode(marts, 0711));
    // Other accounts pass through the warehouse to what is theirs; what is not is closed to them.
    TRY(env.set_mode(doors.core->directory(), 0751));
    TRY(env.set_mode(join(doors.core->directory(), "catalogue.db"), 0640));
    TRY(env.set_mode(directory, 02750));
    TRY(lake::Warehouse::create(env, directory));
    for (const char* folder : kUnused) TRY(env.remove_directory(join(directory, folder)));
    TRY(env.set_mode(join(directory, "tmp"), 0700));
  }
  return lake::Warehouse::open(env, directory);
}

Result<std::vector<std::int64_t>> persons_in(lake::Warehouse& mart, const lake::Release& release) {
  const model::Table& person = model::table("person");
  const std::unique_ptr<duck::Database> database = TRY(duck::Database::open({}));
  duck::Connection connection = TRY(database->connect());
  const std::string rows =
      lake::scan_sql(mart, person, TRY(mart.catalogue().files(person.name, release.id)));
  duck::Rows ids = TRY(connection.query("SELECT person_id FROM (" + rows + ") ORDER BY 1"));
  std::vector<std::int64_t> persons;
  while (const std::optional<duck::Chunk> chunk = TRY(ids.next()))
    for (std::size_t row = 0; row < chunk->row_count(); ++row)
      persons.push_back(chunk->int_at(0, row));
  return persons;
}

Result<std::vector<std::int64_t>> persons_before(lake::Warehouse& mart) {
  const Result<lake::Release> latest = mart.catalogue().latest();
  if (!latest.ok()) return std::vector<std::int64_t>();
  return persons_in(mart, *latest);
}

std::int64_t count_missing(const std::vector<std::int64_t>& before,
                           const std::vector<std::int64_t>& after) {
  std::vector<std::int64_t> gone;
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(gone));
  return static_cast<std::int64_t>(gone.size());
}

bool names_persons(const govern::Permit& permit) {
  return std::any_of(permit.tables.begin(), permit.tables.end(),
                     [](const govern::PermitColumns& each) { return each.table == "person"; });
}

Result<engine::Scan> build_scan(const Doors& doors, const BuildWish& wish,
                                const govern::Permit& permit, const lake::Release& release) {
  govern::Request request;
  request.principal = wish.principal;
  request.action = govern::Action::BuildMart;
  request.zone = govern::DataZone::Core;
  request.ground = govern::Ground::Permit;
  request.purpose = permit.purpose;
  request.permit = permit.id;
  engine::LakeStays stays(*doors.core, release);
  const govern::Scope scope = TRY(doors.governor->scope(request, release.name, stays));
  govern::Governor* const governor = doors.governor;
  return engine::Scan::of(
      release, scope, [governor](const govern::Scope& of) { return governor->still_holds(of); });
}

Result<BuiltMart> build(const Doors& doors, const BuildWish& wish, const lake::Release& release) {
  const govern::Permit permit = TRY(doors.projects->active_permit(wish.project));
  if (permit.is_nominative)
    return Error{Code::Usage, "a nominative study has no data store: it reads in the care portal"};
  if (!names_persons(permit))
    return Error{Code::Usage, "a data store needs the table person (person_id is enough)"};
  const engine::Scan scan = TRY(build_scan(doors, wish, permit, release));
  const govern::PersonSet population =
      TRY(population_of(*doors.engine, *doors.core, scan, wish.budget, permit.population));
  govern::AuditEvent event = event_of(wish, release.name);
  event.outcome = govern::Outcome::Begun;
  event.persons = govern::AuditPersons::of(population.members());
  TRY(doors.audit->append(event));

  const std::unique_ptr<lake::Warehouse> mart = TRY(open_or_create(doors, wish.project));
  const std::unique_ptr<engine::Session> session =
      TRY(doors.engine->open(*doors.core, scan, wish.budget));
  const govern::Pseudonymiser pseudonyms(TRY(doors.keys->secret(wish.project)), {});
  MartOptions options;
  options.reference_us = release.created_us;
  options.memory_bytes_max = wish.budget.memory_bytes_max;
  options.threads = wish.budget.threads;
  options.population = &population;
  options.note = "core " + release.name;
  const std::vector<std::int64_t> before = TRY(persons_before(*mart));
  if (before.empty() && population.count() == 0)
    return Error{Code::Usage, "nobody fits the project's perimeters and population"};
  BuiltMart built;
  built.core_release = release.name;
  built.outcome = TRY(refresh_mart(*session, permit, pseudonyms, *mart, options, wish.progress));
  const std::vector<std::int64_t> after = TRY(persons_in(*mart, built.outcome.release));
  built.left_count = count_missing(before, after);
  lake::VacuumOptions vacuum;
  vacuum.keep_releases = 1;
  TRY(lake::vacuum(*mart, vacuum));
  return built;
}

}  // namespace

Path mart_directory(const lake::Warehouse& core, std::string_view project) {
  return join(join(core.directory(), "marts"), project);
}

Result<std::unique_ptr<lake::Warehouse>> open_mart(Env& env, const lake::Warehouse& core,
                                                   std::string_view project) {
  if (!govern::is_project_name(project)) return Error{Code::Usage, "no name of a project"};
  const Path directory = mart_directory(core, project);
  if (!env.exists(join(directory, "catalogue.db")))
    return Error{Code::NotFound,
                 "the project has no data store yet (eds project build): " + std::string(project)};
  return lake::Warehouse::open(env, directory);
}

Status remove_mart(Env& env, const lake::Warehouse& core, std::string_view project) {
  if (!govern::is_project_name(project)) return Error{Code::Usage, "no name of a project"};
  const Path directory = mart_directory(core, project);
  return env.exists(directory) ? env.remove_tree(directory) : Status();
}

Result<BuiltMart> build_mart(const Doors& doors, const BuildWish& wish) {
  if (wish.principal.user == 0)
    return Error{Code::Refused,
                 "a data store is built in the session of a person whom the permit names"};
  const lake::Release release = TRY(doors.core->catalogue().release(wish.release));
  Result<BuiltMart> built = build(doors, wish, release);
  govern::AuditEvent event = event_of(wish, release.name);
  if (built.ok()) {
    event.outcome = govern::Outcome::Done;
    for (const MartTable& table : built->outcome.tables) {
      event.row_count += table.row_count;
      event.classes += (event.classes.empty() ? "" : ",") + table.table;
    }
  } else {
    const bool refused = built.error().code == Code::Refused;
    event.outcome = refused ? govern::Outcome::Refused : govern::Outcome::Failed;
  }
  TRY(doors.audit->append(event));
  return built;
}

Status check_terms(const govern::Project& project, const govern::RightsState& state,
                   std::int64_t now_us) {
  const govern::Permit& terms = project.terms;
  for (const govern::PermitColumns& table : terms.tables) TRY(check_columns(table));
  TRY(check_population(terms.population));
  if (terms.study_type != 1) return {};
  const std::vector<govern::AllowedNode> own =
      govern::effective_rights(state, project.requester, govern::Ground::Care, now_us);
  for (const govern::PerimeterId id : terms.perimeters) {
    const bool holds = std::any_of(own.begin(), own.end(), [&](const govern::AllowedNode& node) {
      return node.perimeter == id &&
             node.rights.has_any({govern::Right::ReadPseudonymised, govern::Right::ReadNominative});
    });
    if (!holds)
      return Error{Code::Usage,
                   "a study of type 1 is about the requester's own patients: he has no care access "
                   "on one of its perimeters"};
  }
  return {};
}

Result<std::vector<std::int64_t>> withdrawn(lake::Warehouse& mart, const lake::Release& release,
                                            const govern::RightsState& state,
                                            std::string_view project,
                                            const govern::Pseudonymiser& pseudonyms) {
  const std::vector<std::int64_t> persons = TRY(persons_in(mart, release));
  std::vector<std::int64_t> gone;
  for (const govern::Opposition& each : state.oppositions) {
    if (!each.project.empty() && each.project != project) continue;
    const std::int64_t pseudonym = pseudonyms.person(each.person_id);
    if (std::binary_search(persons.begin(), persons.end(), pseudonym)) gone.push_back(pseudonym);
  }
  std::sort(gone.begin(), gone.end());
  gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
  return gone;
}

Result<std::shared_ptr<const govern::StayIndex>> DataStoreStays::stays() {
  const std::vector<std::int64_t> all = TRY(persons_in(*mart_, release_));
  std::vector<std::int64_t> kept;
  std::set_difference(all.begin(), all.end(), withdrawn_.begin(), withdrawn_.end(),
                      std::back_inserter(kept));
  return std::make_shared<const govern::StayIndex>(std::move(kept));
}

Result<OpenedMart> read_mart(const Doors& doors, const govern::Principal& principal,
                             std::string_view project, std::string_view release_name) {
  if (principal.user == 0)
    return Error{Code::Refused, "a data store is read in the session of whom its permit names"};
  const govern::Permit permit = TRY(doors.projects->active_permit(project));
  std::unique_ptr<lake::Warehouse> mart = TRY(open_mart(*doors.env, *doors.core, project));
  const lake::Release release = TRY(mart->catalogue().release(release_name));
  const std::shared_ptr<const govern::RightsState> state = TRY(doors.rights->state());
  const govern::Pseudonymiser pseudonyms(TRY(doors.keys->secret(project)), {});
  DataStoreStays stays(*mart, release, TRY(withdrawn(*mart, release, *state, project, pseudonyms)));
  govern::Request request;
  request.principal = principal;
  request.action = govern::Action::ReadMart;
  request.zone = govern::DataZone::Mart;
  request.ground = govern::Ground::Permit;
  request.purpose = permit.purpose;
  request.permit = permit.id;
  const govern::Scope scope = TRY(doors.governor->scope(request, release.name, stays));
  govern::Governor* const governor = doors.governor;
  engine::Scan scan = TRY(engine::Scan::of(
      release, scope, [governor](const govern::Scope& of) { return governor->still_holds(of); }));
  return OpenedMart{std::move(mart), std::move(scan)};
}

}  // namespace eds::research
