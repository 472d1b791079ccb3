#include "cli/audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/act.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "engine/printer.h"
#include "govern/audit/fhir.h"
#include "govern/audit/purge.h"
#include "govern/audit/report.h"
#include "govern/audit/search.h"
#include "govern/audit/segments.h"
#include "govern/audit/server.h"
#include "govern/audit/verify.h"
#include "govern/audit/watch.h"
#include "govern/identity_store.h"

namespace eds::cli {
namespace {

constexpr double kHourUs = 3.6e9;

Result<audit::Question> question_of(const AuditOptions& options) {
  audit::Question question;
  question.person = options.person_id;
  question.actor = options.actor;
  question.action = options.action;
  question.ground = options.ground;
  question.zone = options.zone;
  question.request = options.request;
  question.outcome = options.outcome;
  question.text = options.text;
  if (!options.from.empty()) question.from_us = TRY(audit::parse_utc(options.from));
  if (!options.to.empty()) question.to_us = TRY(audit::parse_utc(options.to));
  return question;
}

Result<std::unique_ptr<govern::IdentityStore>> identities_of(Context& context) {
  return govern::IdentityStore::open(Env::posix(), context.keys(),
                                     join(context.warehouse().directory(), "identity"));
}

void say_unread(std::int64_t count) {
  if (count > 0) {
    std::fprintf(stderr, "eds: %lld lines could not be read (eds audit verify says more)\n",
                 static_cast<long long>(count));
  }
}

// What was asked, for the event: persons by id, texts by digest.
std::string asked(Context& context, const AuditOptions& options) {
  std::string what;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) what += (what.empty() ? "" : " ") + std::string(name) + "=" + value;
  };
  add("actor", options.actor);
  add("verb", options.action);
  add("outcome", options.outcome);
  add("from", options.from);
  add("to", options.to);
  if (!options.text.empty()) add("text", context.audit().digest(options.text));
  return what.size() > 400 ? context.audit().digest(what) : what;
}

Result<Exit> search(const Global& global, const AuditOptions& options,
                    const audit::LogOptions& log) {
  const audit::Question question = TRY(question_of(options));
  const engine::Format format = TRY(engine::parse_format(global.format));
  const bool as_lines = format == engine::Format::Ndjson ||
                        (format == engine::Format::Table && !options.text.empty());
  std::int64_t count = 0;
  if (as_lines) {
    // The very bytes of the log, which its codes vouch for.
    say_unread(TRY(audit::search(Env::posix(), log.directory, question,
                                 [&](const audit::Entry&, std::string_view line) -> Status {
                                   ++count;
                                   return print(std::string(line) + "\n");
                                 })));
    count_rows(count);
    return Exit::Done;
  }
  if (format == engine::Format::Arrow) return Error{Code::Usage, "events are not printed as arrow"};
  const auto columns = [](std::initializer_list<std::string_view> names) {
    std::vector<engine::PrintedColumn> all;
    for (std::string_view name : names) all.push_back({std::string(name), engine::Align::Left});
    return all;
  };
  engine::Printer printer(format,
                          columns({"seq", "time", "actor", "action", "object", "outcome", "rows",
                                   "persons", "ground", "reason", "zone", "from", "request"}),
                          print);
  const auto add = [&](const audit::Entry& entry, std::string_view) -> Status {
    const govern::AuditEvent& event = entry.event;
    const auto text = [](std::string_view value) { return engine::Cell(value); };
    const engine::Cell cells[] = {static_cast<std::int64_t>(entry.sequence),
                                  text(entry.time),
                                  text(event.actor),
                                  text(event.action),
                                  text(event.object),
                                  text(govern::outcome_name(event.outcome)),
                                  event.row_count,
                                  static_cast<std::int64_t>(event.persons.count),
                                  text(event.ground),
                                  text(event.reason),
                                  text(event.zone),
                                  text(event.origin),
                                  text(event.request_id)};
    return printer.add(cells);
  };
  say_unread(TRY(audit::search(Env::posix(), log.directory, question, add)));
  TRY(printer.end());
  count_rows(printer.row_count());
  return Exit::Done;
}

// The ids under which a person was ever known, the one of today first.
Result<std::vector<std::int64_t>> ids_of(Context& context, const AuditOptions& options) {
  const std::unique_ptr<govern::IdentityStore> store = TRY(identities_of(context));
  std::int64_t person = options.person_id;
  if (!options.ipp.empty()) {
    const govern::Identifier ipp{govern::IdentifierKind::Ipp, options.authority,
                                 Identifying<std::string>(options.ipp)};
    const std::optional<govern::PersonId> found = TRY(store->find(ipp));
    if (!found) return Error{Code::NotFound, "no person of this IPP"};
    person = *found;
  }
  if (person <= 0) return Error{Code::Usage, "give a person id, or --ipp and --authority"};
  std::vector<std::int64_t> ids = {TRY(store->resolve(person))};
  if (ids.front() != person) ids.push_back(person);
  for (const govern::Merge& merge : TRY(store->merges())) {
    if (TRY(store->resolve(merge.absorbed)) == ids.front()) ids.push_back(merge.absorbed);
  }
  return ids;
}

Result<Exit> report(Context& context, const Global& global, const AuditOptions& options,
                    const audit::LogOptions& log) {
  if (options.language != "fr" && options.language != "en") {
    return Error{Code::Usage, "language is fr or en, not: " + options.language};
  }
  const std::vector<std::int64_t> ids = TRY(ids_of(context, options));
  context.audit().is_about(std::to_string(ids.front()), govern::AuditPersons::of(ids));
  TRY(context.audit().pass());
  const audit::SeenReport seen =
      TRY(audit::who_saw(Env::posix(), log.directory, ids, Env::posix().now_us()));
  say_unread(seen.unread_count);
  count_rows(static_cast<std::int64_t>(seen.seen.size()));
  TRY(print(global.format == "json"
                ? audit::report_json(seen)
                : audit::report_text(seen, options.language == "fr" ? audit::Tongue::French
                                                                    : audit::Tongue::English)));
  return Exit::Done;
}

Result<Exit> export_fhir(Context& context, const AuditOptions& options,
                         const audit::LogOptions& log) {
  const audit::Question question = TRY(question_of(options));
  TRY(context.audit().pass());
  const std::string key = TRY(Env::posix().read_all(join(log.directory, audit::kKeyName), 4096));
  const std::string name = key.substr(0, key.find('+'));
  std::int64_t count = 0;
  say_unread(TRY(audit::search(Env::posix(), log.directory, question,
                               [&](const audit::Entry& entry, std::string_view) -> Status {
                                 ++count;
                                 return print(audit::fhir_audit_event(entry, name) + "\n");
                               })));
  count_rows(count);
  return Exit::Done;
}

audit::WatchFacts facts_of(const govern::RightsState& state, govern::IdentityStore& identities) {
  audit::WatchFacts facts;
  facts.labels_of = [&state](std::int64_t person) -> std::string {
    for (const govern::PersonLabel& each : state.labels) {
      if (each.person_id != person) continue;
      for (int at = 0; at < govern::kLabelCount; ++at) {
        if ((each.labels >> at & 1) != 0) {
          return std::string(govern::label_name(static_cast<govern::Label>(at)));
        }
      }
    }
    return {};
  };
  // Only whether the names meet leaves the identity zone.
  facts.shares_name = [&identities](const std::string& actor, std::int64_t person) {
    const Result<govern::Traits> traits = identities.traits(person, Reason::Match);
    return traits.ok() && (audit::names_meet(actor, traits->birth_name.reveal(Reason::Match)) ||
                           audit::names_meet(actor, traits->used_name.reveal(Reason::Match)));
  };
  return facts;
}

Result<Exit> watch(Context& context, const Global& global, const AuditOptions& options,
                   const audit::LogOptions& log) {
  audit::WatchLimits limits;
  limits.looks_a_day_max = options.looks_a_day;
  limits.refusals_max = options.refusals;
  limits.bulk_persons_max =
      static_cast<std::uint64_t>(std::max<std::int64_t>(options.bulk_persons, 0));
  limits.utc_offset_us = static_cast<std::int64_t>(options.utc_offset_hours * kHourUs);
  const auto state = TRY(context.rights().state());
  const std::unique_ptr<govern::IdentityStore> identities = TRY(identities_of(context));
  audit::Watch rules(limits, facts_of(*state, *identities));
  const audit::Question question = TRY(question_of(options));
  rules.tell_from(question.from_us);
  TRY(context.audit().pass());
  say_unread(TRY(audit::each_entry(Env::posix(), log.directory,
                                   [&](const audit::Entry& entry, std::string_view) -> Status {
                                     if (entry.time_us < question.to_us) rules.add(entry);
                                     return {};
                                   })));
  Listing listing({"rule", "what", "actor", "time", "seq", "person", "count"});
  for (const audit::Finding& each : rules.finish(Env::posix().now_us())) {
    listing.add({each.rule, each.what, each.actor, time_text(each.time_us),
                 static_cast<std::int64_t>(each.sequence),
                 each.person == 0 ? std::string() : std::to_string(each.person), each.count});
  }
  TRY(listing.print(global.format));
  return listing.row_count() == 0 ? Exit::Done : Exit::Rejects;
}

Result<Exit> purge(Context& context, const govern::KeyRing& keys, const audit::LogOptions& log) {
  Env& env = Env::posix();
  const std::int64_t before_us =
      audit::months_before(env.now_us(), static_cast<int>(context.config().audit_retention_months));
  const audit::Purged purged =
      TRY(audit::purge(env, keys, log, context.audit(), context.actor(), before_us));
  TRY(print(fmt::format("{} events older than {} purged; their hashes stay, proofs still hold\n",
                        purged.event_count, time_text(before_us))));
  return Exit::Done;
}

Result<Exit> verify(const govern::KeyRing& keys, const audit::LogOptions& log) {
  const audit::Verdict verdict = TRY(audit::verify(Env::posix(), keys, log));
  if (!verdict.sound()) {
    TRY(print(fmt::format("audit log damaged at event {} of {}: {}\n", verdict.damage->sequence,
                          verdict.event_count, verdict.damage->what)));
    return Exit::Rejects;
  }
  TRY(print(fmt::format("audit log sound: {} events\n", verdict.event_count)));
  if (verdict.purged_count > 0) {
    TRY(print(fmt::format("{} of them purged, their hashes kept\n", verdict.purged_count)));
  }
  return Exit::Done;
}

// A log that cannot be added to can still be looked at by its owner: that is when it matters.
Result<Exit> verify_damaged(const Global& global, const Error& why) {
  if (why.code != Code::Corrupt || !global.session.empty()) return why;
  std::fprintf(stderr, "eds: %s; this look leaves no event\n", why.message.c_str());
  const Path directory = TRY(find_warehouse(global));
  const Config config = TRY(read_config(Env::posix(), directory));
  const govern::KeyRing keys = TRY(audit::audit_keys(Env::posix(), directory, config));
  const Exit exit = TRY(verify(keys, audit::options_of(directory, config)));
  return exit == Exit::Done ? Exit::Rejects : exit;
}

// As an account of its own: it opens nothing of the warehouse but its settings.
Result<Exit> serve_audit(const Global& global) {
  Env& env = Env::posix();
  const Path directory = TRY(find_warehouse(global));
  const Config config = TRY(read_config(env, directory));
  if (config.audit_socket.empty()) {
    return Error{Code::Usage, "eds.toml names no socket: [audit] socket = PATH"};
  }
  const govern::KeyRing keys = TRY(audit::audit_keys(env, directory, config));
  const std::shared_ptr<audit::LocalAudit> own =
      TRY(audit::open(env, keys, audit::options_of(directory, config)));
  const std::shared_ptr<govern::Door> door = open_act(env, own, global, actor_name());
  watch_interrupt();
  TRY(door->pass());
  TRY(audit::serve(env, *own, config.audit_socket, interrupt_flag(), [&] {
    static_cast<void>(
        print(fmt::format("audit listens on {} (Ctrl-C ends it)\n", config.audit_socket)));
    std::fflush(stdout);
  }));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_audit(const Global& global, const AuditOptions& options) {
  if (options.verb == "serve") return serve_audit(global);
  Result<Context> opened = Context::open(global);
  if (!opened.ok() && options.verb == "verify") return verify_damaged(global, opened.error());
  if (!opened.ok()) return opened.error();
  Context& context = *opened;
  if (!global.session.empty()) {
    if (options.verb == "purge" || options.verb == "checkpoint") {
      return Error{Code::Refused, "this command is the warehouse's owner's: it takes no session"};
    }
    TRY(context.may_read_audit());
  }
  context.audit().is_about(asked(context, options), {});
  const audit::LogOptions log =
      audit::options_of(context.warehouse().directory(), context.config());
  if (options.verb == "search") return search(global, options, log);
  if (options.verb == "report") return report(context, global, options, log);
  if (options.verb == "export") return export_fhir(context, options, log);
  if (options.verb == "watch") return watch(context, global, options, log);
  if (options.verb == "checkpoint") {
    // Its own event is signed before it is printed: the first of a process is signed at once.
    TRY(context.audit().pass());
    TRY(print(TRY(Env::posix().read_all(join(log.directory, audit::kCheckpointName), 8192))));
    return Exit::Done;
  }
  const govern::KeyRing keys =
      TRY(audit::audit_keys(Env::posix(), context.warehouse().directory(), context.config()));
  return options.verb == "purge" ? purge(context, keys, log) : verify(keys, log);
}

}  // namespace eds::cli
