#include "cli/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/context.h"
#include "cli/listing.h"
#include "engine/session_stays.h"
#include "govern/identity_store.h"

namespace eds::cli {
namespace {

using govern::Ground;

Result<govern::PerimeterKind> parse_kind(const std::string& name) {
  constexpr std::array<std::string_view, 4> kNames = {"group", "hospital", "department", "unit"};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    return Error{Code::Usage, "kind is group, hospital, department or unit"};
  }
  return static_cast<govern::PerimeterKind>(found - kNames.begin());
}

Result<govern::Action> parse_action(const std::string& name) {
  for (int at = 0; at < govern::kActionCount; ++at) {
    const auto action = static_cast<govern::Action>(at);
    if (govern::action_name(action) == name) return action;
  }
  return Error{Code::Usage, "no such action: " + name};
}

govern::DataZone zone_of(govern::Action action) {
  switch (action) {
    case govern::Action::SearchByIpp:
    case govern::Action::Reidentify: return govern::DataZone::Identity;
    case govern::Action::ExportAggregates: return govern::DataZone::Aggregate;
    case govern::Action::ManageUsers:
    case govern::Action::ManageWorkspaces: return govern::DataZone::Control;
    case govern::Action::ReadAudit: return govern::DataZone::Audit;
    default: return govern::DataZone::Core;
  }
}

std::string state_of(const govern::Access& access, std::int64_t now) {
  if (access.revoked_us != 0) return "revoked";
  if (access.end_us <= now) return "ended";
  if (access.review_due_us <= now) return "suspended";
  return access.start_us > now ? "to come" : "active";
}

Status list_accesses(const Global& global, const govern::RightsState& state,
                     const std::string& user) {
  Listing listing({"access", "user", "role", "perimeter", "ground", "until", "review", "state"});
  const std::int64_t now = Env::posix().now_us();
  for (const govern::Access& access : state.accesses) {
    std::string who, role, where;
    for (const govern::User& each : state.users) {
      if (each.id == access.user) who = each.name;
    }
    for (const govern::Role& each : state.roles) {
      if (each.id == access.role) role = each.name;
    }
    for (const govern::Perimeter& each : state.perimeters) {
      if (each.id == access.perimeter) where = each.code;
    }
    if (!user.empty() && who != user) continue;
    listing.add({access.id, who, role, where, std::string(govern::ground_name(access.ground)),
                 time_text(access.end_us), time_text(access.review_due_us), state_of(access, now)});
  }
  return listing.print(global.format);
}

Status say_why(Context& context, const Global& global, const AccessOptions& options) {
  const auto state = TRY(context.rights().state());
  govern::Request request = TRY(context.request(global));
  request.principal = govern::Principal{};
  for (const govern::User& each : state->users) {
    if (each.name == options.user) request.principal.user = each.id;
  }
  request.principal.name = options.user;
  request.principal.acr = 2;
  request.action = TRY(parse_action(options.action));
  request.zone = zone_of(request.action);
  request.now_us = Env::posix().now_us();
  if (!options.perimeter.empty()) {
    request.perimeters = {0};  // Denied as unknown, unless it is found.
    for (const govern::Perimeter& each : state->perimeters) {
      if (each.code == options.perimeter) request.perimeters = {each.id};
    }
  }
  const govern::Decision decision = govern::decide(*state, request);
  TRY(context.note("access why", options.user, govern::Outcome::Done));
  TRY(print(govern::explain(*state, request, decision, govern::Language::French)));
  return print(govern::explain(*state, request, decision, govern::Language::English));
}

Status review(Context& context, const AccessOptions& options) {
  const govern::Author author = context.author();
  if (options.id != 0) {
    TRY(context.rights().review(author, options.id));
    return print(fmt::format("access {} is kept for another year of review\n", options.id));
  }
  const std::int64_t days = options.days == 0 ? 30 : options.days;
  const std::int64_t due = Env::posix().now_us() + days * govern::kDayUs;
  const std::int64_t count = TRY(context.rights().open_review(author, due));
  return print(fmt::format("{} accesses are to be kept by {}, or are suspended then\n", count,
                           time_text(due)));
}

Status grant(Context& context, const Global& global, const AccessOptions& options) {
  govern::AccessWish wish;
  wish.user = options.user;
  wish.role = options.role;
  wish.perimeter = options.perimeter;
  wish.ground = TRY(govern::parse_ground(global.ground));
  if (options.days < 0) return Error{Code::Usage, "an access lasts one day or more"};
  wish.start_us = Env::posix().now_us();
  if (options.days > 0) wish.end_us = wish.start_us + options.days * govern::kDayUs;
  const govern::AccessId id = TRY(context.rights().grant(context.author(), wish));
  return print(fmt::format("access {}\n", id));
}

Status change_tree(Context& context, const Global& global, const AccessOptions& options) {
  const govern::Author author = context.author();
  if (author.user != 0) {
    return Error{Code::Refused, "the tree of perimeters is the warehouse's owner's to change"};
  }
  if (options.verb == "sync") {
    const lake::Release release = TRY(context.warehouse().catalogue().release(global.release));
    const std::int64_t count = TRY(context.rights().place_care_sites(
        author, TRY(engine::care_sites_of(context.warehouse(), release))));
    return print(fmt::format("{} perimeters placed\n", count));
  }
  govern::Perimeter perimeter;
  perimeter.code = options.perimeter;
  perimeter.name = options.name;
  perimeter.kind = TRY(parse_kind(options.kind));
  TRY(context.rights().add_perimeter(author, perimeter, options.parent));
  return print(options.perimeter + " stands below " + options.parent + "\n");
}

Status label(Context& context, const AccessOptions& options) {
  if (context.author().user != 0) {
    return Error{Code::Refused, "labels are the warehouse's owner's to give"};
  }
  govern::LabelMask mask = 0;
  for (const std::string& name : options.labels) {
    const govern::Label each = TRY(govern::parse_label(name));
    mask = static_cast<govern::LabelMask>(mask | 1U << static_cast<unsigned>(each));
  }
  context.audit().is_about(std::to_string(options.id), govern::AuditPersons::of({options.id}));
  return context.rights().label(context.author(), options.id, mask);
}

Result<std::int64_t> person_of(Context& context, const OppositionOptions& options) {
  if (options.ipp.empty()) {
    if (options.person_id > 0) return options.person_id;
    return Error{Code::Usage, "give a person id, or --ipp and --authority"};
  }
  const std::unique_ptr<govern::IdentityStore> identities = TRY(govern::IdentityStore::open(
      Env::posix(), context.keys(), join(context.warehouse().directory(), "identity")));
  const govern::Identifier ipp{govern::IdentifierKind::Ipp, options.authority,
                               Identifying<std::string>(options.ipp)};
  const std::optional<govern::PersonId> found = TRY(identities->find(ipp));
  if (!found) return Error{Code::NotFound, "no person of this IPP"};
  return identities->resolve(*found);
}

}  // namespace

Result<Exit> run_user(const Global& global, const UserOptions& options) {
  Context context = TRY(Context::open(global));
  const govern::Author author = context.author();
  if (author.user != 0) TRY(context.may_manage_users());
  if (options.verb == "add") {
    TRY(context.rights().add_user(author, options.name, options.subject));
  } else if (options.verb == "disable") {
    TRY(context.rights().disable_user(author, options.name));
  } else if (options.verb == "password" || options.verb == "unlock") {
    TRY(change_password(context, options));
  } else if (options.verb == "session") {
    if (author.user != 0) return Error{Code::Refused, "only the owner opens sessions by hand"};
    const std::string ticket = TRY(
        context.rights().open_session(author, options.name, options.acr, "cli", options.seconds));
    const std::unique_ptr<WritableFile> file = TRY(Env::posix().create(options.file));
    TRY(Env::posix().set_mode(options.file, 0600));
    TRY(file->append(ticket));
    TRY(file->sync());
    TRY(file->close());
  } else {
    const auto state = TRY(context.rights().state());
    Listing listing({"user", "subject", "state"});
    for (const govern::User& each : state->users) {
      listing.add({each.name, each.subject, std::string(each.is_disabled ? "disabled" : "in use")});
    }
    TRY(listing.print(global.format));
  }
  return Exit::Done;
}

Result<Exit> run_access(const Global& global, const AccessOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "grant") {
    TRY(grant(context, global, options));
  } else if (options.verb == "revoke") {
    TRY(context.rights().revoke(context.author(), options.id));
  } else if (options.verb == "review") {
    TRY(review(context, options));
  } else if (options.verb == "why") {
    if (!global.session.empty()) TRY(context.may_manage_users());
    TRY(say_why(context, global, options));
  } else if (options.verb == "label") {
    TRY(label(context, options));
  } else if (options.verb == "break-glass") {
    const govern::AccessId id = TRY(context.rights().break_glass(
        context.author(), options.perimeter, options.reason, options.hours * 3600));
    TRY(print(fmt::format("access {} for {} hours; it will be reviewed\n", id, options.hours)));
  } else if (options.verb == "list") {
    if (!global.session.empty()) TRY(context.may_manage_users());
    TRY(list_accesses(global, *TRY(context.rights().state()), options.user));
  } else {
    TRY(change_tree(context, global, options));
  }
  return Exit::Done;
}

Result<Exit> run_opposition(const Global& global, const OppositionOptions& options) {
  Context context = TRY(Context::open(global));
  if (!global.session.empty()) {
    return Error{Code::Refused, "oppositions are the warehouse's owner's to record"};
  }
  const govern::Author author = context.author();
  if (options.verb == "list") {
    TRY(context.note("opposition list", "", govern::Outcome::Done));
    const auto state = TRY(context.rights().state());
    Listing listing({"person", "project", "since"});
    for (const govern::Opposition& each : state->oppositions) {
      listing.add({each.person_id, each.project.empty() ? "(general)" : each.project,
                   time_text(each.since_us)});
    }
    TRY(listing.print(global.format));
    return Exit::Done;
  }
  const std::int64_t person = TRY(person_of(context, options));
  context.audit().is_about(std::to_string(person), govern::AuditPersons::of({person}));
  if (options.verb == "add") {
    TRY(context.rights().oppose(author, person, options.project, options.channel));
  } else {
    TRY(context.rights().lift_opposition(author, person, options.project));
  }
  return Exit::Done;
}

}  // namespace eds::cli
