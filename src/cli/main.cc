// The command line of EDS. Parsing is here alone; each verb is a file beside this one.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>

#include "cli/access.h"
#include "cli/act.h"
#include "cli/audit.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/project.h"
#include "cli/steering.h"

namespace eds::cli {
namespace {

using Run = std::function<Result<Exit>()>;

struct Parsed {
  Global global;
  InitOptions init;
  QueryOptions query;
  CohortOptions cohort;
  SavedCohortOptions saved_cohort;
  ReleaseOptions release;
  AuditOptions audit;
  IngestOptions ingest;
  QuarantineOptions quarantine;
  SynthOptions synth;
  PatientOptions patient;
  ServeOptions serve;
  TermsOptions terms;
  KeepOptions keep;
  CheckOptions check;
  ExportOptions exporting;
  BenchOptions bench;
  UserOptions user;
  AccessOptions access;
  OppositionOptions opposition;
  ProjectOptions project;
  SteeringOptions steering;
  Run run;
};

void add_query(CLI::App& app, Parsed& parsed) {
  CLI::App* query = app.add_subcommand("query", "Run one SELECT on a release");
  query->add_option("sql", parsed.query.sql, "The statement, or - for standard input")->required();
  query->add_option("--project", parsed.query.project, "Read this project's data store");
  query->add_flag("--count", parsed.query.counts,
                  "Only how many persons its column person_id names (protected)");
  query->add_option("--engine", parsed.query.engine, "duckdb");
  query
      ->add_option("--timeout,--seconds", parsed.query.seconds_max,
                   "Give up after so many seconds; 0: never")
      ->check(CLI::NonNegativeNumber);
  query->add_option("--memory", parsed.query.memory_megabytes, "Megabytes before it spills")
      ->check(CLI::PositiveNumber);
  query->callback([&] { parsed.run = [&] { return run_query(parsed.global, parsed.query); }; });
}

// A group of verbs that share one options struct.
template <class Options>
auto verbs_of(CLI::App& group, Parsed& parsed, Options& options,
              Result<Exit> (*go)(const Global&, const Options&)) {
  group.require_subcommand(1);
  return [&group, &parsed, &options, go](const char* name, const char* what) {
    CLI::App* each = group.add_subcommand(name, what);
    each->callback([&parsed, &options, go, name] {
      options.verb = name;
      parsed.run = [&parsed, &options, go] { return go(parsed.global, options); };
    });
    return each;
  };
}

void add_saved_cohort(CLI::App& cohort, Parsed& parsed) {
  SavedCohortOptions& options = parsed.saved_cohort;
  const auto group = verbs_of(cohort, parsed, options, run_saved_cohort);
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = group(name, what);
    each->add_option("name", options.name, "Of the saved cohort")->required();
    return each;
  };
  const auto version = [&](CLI::App* each) {
    each->add_option("--version", options.version, "Without it: the last")
        ->check(CLI::PositiveNumber);
  };
  CLI::App* save = verb("save", "Evaluate a definition and keep it under a name");
  save->add_option("file", options.file, "The definition (.json)")->required();
  save->add_flag("--circe", options.circe, "As the reference does, its known defects included");
  group("list", "Your saved cohorts");
  CLI::App* show = verb("show", "What each step of a saved cohort kept");
  show->add_flag("--rows", options.rows, "Who is in, from when to when");
  show->add_flag("--definition", options.definition, "The definition, as it was given");
  version(show);
  version(verb("rerun", "Evaluate it on another release (--release), and show what changed"));
  CLI::App* diff = verb("diff", "Who entered, left or has other dates between two versions");
  diff->add_option("first", options.version, "Without it: the last but one");
  diff->add_option("second", options.second, "Without it: the last");
  version(verb("describe", "Ages, conditions, drugs, values, stays and survival, as JSON"));
  CLI::App* exporting = verb("export", "Write the rows for other programs");
  exporting->add_option("--form", options.form, "csv, omop (a folder) or fhir (a Group)")
      ->check(CLI::IsMember({"csv", "omop", "fhir"}));
  exporting->add_option("--to", options.file, "File, or folder")->required();
  version(exporting);
}

void add_cohort(CLI::App& app, Parsed& parsed) {
  CohortOptions& options = parsed.cohort;
  CLI::App& cohort = *app.add_subcommand("cohort", "OHDSI cohort definitions (Circe JSON)");
  const auto named = verbs_of(cohort, parsed, options, run_cohort);
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = named(name, what);
    each->add_option("files", options.paths, "Definitions: .json, or .jsonl with one a line")
        ->required();
    each->add_flag("--circe", options.circe, "As the reference does, its known defects included");
    return each;
  };
  CLI::App* run = verb("run", "Who is in, from when to when");
  run->add_option("--id", options.id, "cohort_definition_id of the first; the others follow");
  run->add_option("--engine", options.engine, "index (default) or duckdb: by the SQL of `sql`");
  CLI::App* count = verb("count", "How many each step keeps");
  count->add_flag("--statistics", options.statistics, "The reference's statistics tables");
  count->add_flag("--live", options.live, "About at first, with a bound, then exactly");
  verb("why", "What made a person enter, pass each rule and leave")
      ->add_option("--person", options.person_id, "person_id")
      ->required();
  verb("sql", "Each definition as one SQL statement over the tables of OMOP")
      ->add_option("--engine", options.engine, "Whose SQL: duckdb (default) or spark");
  named("import", "A request of Cohort360 as a definition, its codes as concepts")
      ->add_option("file", options.paths, "The request")
      ->required()
      ->expected(1);
  verb("explain", "What a definition means, and what each step keeps")
      ->add_option("--language", options.language, "fr or en");
  add_saved_cohort(cohort, parsed);
  CLI::App* index = cohort.add_subcommand("index", "The stored cohort index of the release");
  index->add_option("what", options.verb, "build, status or drop")
      ->required()
      ->check(CLI::IsMember({"build", "status", "drop"}));
  index->callback([&parsed, &options] {
    parsed.run = [&parsed, &options] { return run_cohort_index(parsed.global, options); };
  });
}

void add_release(CLI::App& app, Parsed& parsed) {
  CLI::App* release = app.add_subcommand("release", "The releases of the warehouse");
  release->require_subcommand(1);
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = release->add_subcommand(name, what);
    each->callback([&parsed, name] {
      parsed.release.verb = name;
      parsed.run = [&parsed] { return run_release(parsed.global, parsed.release); };
    });
    return each;
  };
  verb("list", "All releases, oldest first");
  verb("show", "Tables, versions and rows of one")
      ->add_option("release", parsed.release.first, "Name, number or tag (latest)");
  CLI::App* diff = verb("diff", "What changed between two");
  diff->add_option("first", parsed.release.first)->required();
  diff->add_option("second", parsed.release.second)->required();
  CLI::App* tag = verb("tag", "Give a release a name of your own");
  tag->add_option("release", parsed.release.first)->required();
  tag->add_option("tag", parsed.release.second)->required();
}

void add_audit(CLI::App& app, Parsed& parsed) {
  AuditOptions& options = parsed.audit;
  const auto verb = verbs_of(*app.add_subcommand("audit", "The log of every act: who, what, why"),
                             parsed, options, run_audit);
  verb("verify", "Find edited, removed or reordered lines");
  CLI::App* search = verb("search", "Events by person, user, time, verb, ground, outcome");
  search->add_option("text", options.text, "Stands somewhere in the line");
  CLI::App* report = verb("report", "Who saw a person's record, and why");
  report->add_option("person_id", options.person_id);
  report->add_option("--ipp", options.ipp, "Instead of the person id");
  report->add_option("--authority", options.authority, "FINESS of the IPP");
  report->add_option("--language", options.language, "fr or en");
  CLI::App* exporting = verb("export", "FHIR R4 AuditEvent, one a line");
  CLI::App* watch = verb("watch", "What the rules of surveillance found");
  watch->add_option("--looks-a-day", options.looks_a_day, "S1: more records than these (100)");
  watch->add_option("--refusals", options.refusals, "S6: so many within ten minutes (5)");
  watch->add_option("--bulk-persons", options.bulk_persons, "S7: more persons than these (1000)");
  watch->add_option("--utc-offset", options.utc_offset_hours, "S4: hours of the local clock (1)");
  for (CLI::App* each : {search, exporting}) {
    each->add_option("--person", options.person_id, "Named by the event");
    each->add_option("--user", options.actor, "Who did it, or for whom");
    each->add_option("--verb", options.action, "query, patient, \"access grant\", ...");
    each->add_option("--under", options.ground, "The ground: care, mandate, permit or owner");
    each->add_option("--zone", options.zone, "core, identity, landing, control or audit");
    each->add_option("--request", options.request, "The events of one act");
    each->add_option("--outcome", options.outcome, "done, refused, failed or begun");
  }
  for (CLI::App* each : {search, exporting, watch}) {
    each->add_option("--from", options.from, "YYYY-MM-DD[Thh:mm:ss], UTC");
    each->add_option("--to", options.to, "Before this day or time");
  }
  verb("serve", "The audit in a process of its own, for [audit] socket of eds.toml");
  verb("checkpoint", "The signed state of the log, to be kept elsewhere");
  verb("purge", "Keep only the hashes of events past their retention (eds.toml)");
}

void add_init(CLI::App& app, Parsed& parsed) {
  CLI::App* init = app.add_subcommand("init", "Make an empty warehouse");
  init->add_option("directory", parsed.init.directory)->required();
  init->callback([&] { parsed.run = [&] { return run_init(parsed.init); }; });
}

void add_synth(CLI::App& app, Parsed& parsed) {
  CLI::App* synth = app.add_subcommand("synth", "Make a synthetic hospital group");
  synth->add_option("--patients", parsed.synth.patients, "How many patients");
  synth->add_option("--seed", parsed.synth.seed, "The same seed gives the same bytes");
  synth->add_option("--out", parsed.synth.out, "Write real source formats in this folder");
  synth->add_option("--into", parsed.synth.into, "Fill this warehouse directly");
  synth->add_option("--dirt", parsed.synth.dirt, "Share of records made dirty (0 to 0.5)");
  synth->add_flag("--no-reports", parsed.synth.no_reports, "No letters");
  synth->callback([&] { parsed.run = [&] { return run_synth(parsed.global, parsed.synth); }; });
}

void add_serve(CLI::App& app, Parsed& parsed) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the pages and the API");
  serve->add_option("--address", parsed.serve.address, "Where to listen (127.0.0.1)");
  serve->add_option("--port", parsed.serve.port, "Port; 0 takes any free one");
  serve->add_flag("--identity", parsed.serve.identity,
                  "Show identities to whoever may see them and states a reason");
  serve->add_flag("--routes", parsed.serve.routes, "Print every address and who may ask it");
  serve->callback([&] { parsed.run = [&] { return run_serve(parsed.global, parsed.serve); }; });
  CLI::App* patient = app.add_subcommand("patient", "Everything of one person, as JSON");
  patient->add_option("person_id", parsed.patient.person_id)->required();
  patient->add_flag("--identity", parsed.patient.identity, "Add who the person is; audited");
  patient->add_option("--reason", parsed.patient.reason,
                      "Why: care, emergency, identity-check or patient-request");
  patient->callback(
      [&] { parsed.run = [&] { return run_patient(parsed.global, parsed.patient); }; });
}

void add_ingest(CLI::App& app, Parsed& parsed) {
  CLI::App* ingest = app.add_subcommand("ingest", "Feed files; without arguments: list formats");
  ingest->add_option("-F,--from,--format", parsed.ingest.format, "The files' format");
  ingest->add_option("--source", parsed.ingest.source, "The sending software (\"glims\")");
  ingest->add_option("--mapping", parsed.ingest.mapping, "TOML that says what each column is");
  ingest->add_option("--authority", parsed.ingest.authority, "FINESS of IPP and NDA");
  ingest->add_option("--note", parsed.ingest.note, "Kept with the release");
  ingest->add_flag("--keep-source-values", parsed.ingest.keep_source_values,
                   "OMOP CSV: pseudonymised, so person_source_value may enter the lake");
  ingest->add_option("paths", parsed.ingest.paths, "Files or directories");
  ingest->callback([&] { parsed.run = [&] { return run_ingest(parsed.global, parsed.ingest); }; });
}

void add_quarantine(CLI::App& app, Parsed& parsed) {
  CLI::App* quarantine = app.add_subcommand("quarantine", "Records that could not be loaded");
  quarantine->require_subcommand(1);
  QuarantineOptions& options = parsed.quarantine;
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = quarantine->add_subcommand(name, what);
    each->callback([&parsed, name] {
      parsed.quarantine.verb = name;
      parsed.run = [&parsed] { return run_quarantine(parsed.global, parsed.quarantine); };
    });
    return each;
  };
  CLI::App* list = verb("list", "Where and why, without their content");
  CLI::App* retry = verb("retry", "Feed open records again");
  for (CLI::App* each : {list, retry}) {
    each->add_option("--id", options.id);
    each->add_option("--from", options.source_format, "Only of this format");
    each->add_option("--code", options.code, "Only with this code");
  }
  list->add_option("--state", options.state, "open, loaded, replaced, dismissed or all");
  list->add_option("--limit", options.limit);
  verb("count", "How many, by format, field and code");
  verb("show", "One record as it came (audited)")->add_option("id", options.id)->required();
  CLI::App* correct = verb("correct", "Give a record the bytes it should have had");
  correct->add_option("id", options.id)->required();
  correct->add_option("file", options.raw_file, "A file that holds them")->required();
  CLI::App* dismiss = verb("dismiss", "Give up on a record");
  dismiss->add_option("id", options.id)->required();
  dismiss->add_option("reason", options.code)->required();
}

void add_terms(CLI::App& app, Parsed& parsed) {
  CLI::App* terms = app.add_subcommand("terms", "Terminologies");
  terms->require_subcommand(1);
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = terms->add_subcommand(name, what);
    each->callback([&parsed, name] {
      parsed.terms.verb = name;
      parsed.run = [&parsed] { return run_terms(parsed.global, parsed.terms); };
    });
    return each;
  };
  CLI::App* load = verb("load", "Load one into the vocabulary tables");
  load->add_option("--kind", parsed.terms.kind,
                   "cim10, ccam, loinc, atc, ghm, um, communes, ucd, athena or labels")
      ->required();
  load->add_option("--vocabulary", parsed.terms.vocabulary, "Name, for labels");
  load->add_option("paths", parsed.terms.words)->required();
  CLI::App* unmapped = verb("unmapped", "Codes of loaded rows without a standard concept");
  unmapped->add_option("--vocabulary", parsed.terms.vocabulary, "Only of this one");
  unmapped->add_option("--limit", parsed.terms.limit)->check(CLI::PositiveNumber);
  CLI::App* map = verb("map", "Map a source's code to a concept; without arguments: the map");
  map->add_option("--from", parsed.terms.source_code, "The source's code");
  map->add_option("--vocabulary", parsed.terms.vocabulary, "Its vocabulary");
  map->add_option("--to", parsed.terms.target_concept_id, "concept_id; 0: no concept")
      ->check(CLI::NonNegativeNumber);
  map->add_option("--file", parsed.terms.file, "Many: a CSV in source_to_concept_map's columns");
  verb("apply", "Give loaded rows the concepts that the map now says");
  CLI::App* search = verb("search", "Find terms by words or code");
  search->add_option("words", parsed.terms.words)->required();
  CLI::App* show = verb("show", "What is known of a code, or of a concept_id");
  show->add_option("code", parsed.terms.words)->required();
  CLI::Option* tree = show->add_flag("--hierarchy", parsed.terms.hierarchy,
                                     "What stands above and below, with levels");
  show->add_option("--below", parsed.terms.below, "Levels of descendants (1)")
      ->needs(tree)
      ->check(CLI::NonNegativeNumber);
  show->add_flag("--years", parsed.terms.years, "Records and persons of each year")->excludes(tree);
  for (CLI::App* each : {search, show}) {
    each->add_flag("--counts", parsed.terms.counts,
                   "Records and persons beside each concept, without and with its descendants");
  }
}

void add_bench(CLI::App& app, Parsed& parsed) {
  CLI::App* bench = app.add_subcommand("bench", "Print the figures of one benchmark");
  bench->add_option("name", parsed.bench.name, "Without a name: list them");
  bench->add_option("--scale", parsed.bench.scale, "1 is the whole; 0.01 is for every day");
  bench->add_option("--dir", parsed.bench.directory, "Where it may write (build/bench)");
  bench->callback([&] { parsed.run = [&] { return run_bench(parsed.bench); }; });
}

void add_keep(CLI::App& app, Parsed& parsed) {
  KeepOptions& options = parsed.keep;
  const auto verb = [&](const char* name, const char* what) {
    CLI::App* each = app.add_subcommand(name, what);
    each->callback([&parsed, name] {
      parsed.keep.verb = name;
      parsed.run = [&parsed] { return run_keep(parsed.global, parsed.keep); };
    });
    return each;
  };
  verb("compact", "Make few large parts of many small ones")
      ->add_flag("--everything", options.everything, "Also what is not due");
  verb("vacuum", "Delete files that no kept release names")
      ->add_option("--keep-releases", options.keep_releases, "The last so many stay readable");
  verb("erase", "Take a person out of every table")
      ->add_option("person_id", options.person_id)
      ->required();
  verb("verify", "Prove that every file is as it was written")
      ->add_flag("--bytes", options.everything, "Read every byte, not only footers");
  CLI::App* backup = verb("backup", "Copy the warehouse; again: only what is new");
  backup->add_option("directory", options.place)->required();
  backup->add_option("--keys", options.keys, "Also copy the keys, to another place");
  CLI::App* restore = app.add_subcommand("restore", "Make a warehouse of a backup");
  restore->add_option("backup", options.place)->required();
  restore->add_option("directory", options.target, "A new or empty one")->required();
  restore->add_option("--keys", options.keys, "Where the keys were copied to");
  restore->callback([&] { parsed.run = [&] { return run_restore(parsed.keep); }; });
  CLI::App* check = app.add_subcommand("check", "Data quality of a release");
  CLI::Option* omop =
      check->add_flag("--omop", parsed.check.omop, "The checks of OHDSI's Data Quality Dashboard");
  check->add_flag("--all", parsed.check.everything, "In a table: also what passed")->needs(omop);
  check
      ->add_option("--checks", parsed.check.checks,
                   "Folder of the dashboard's control files, with your thresholds")
      ->needs(omop);
  check
      ->add_option("--dashboard", parsed.check.dashboard,
                   "Also write the results as the dashboard's viewer reads them")
      ->needs(omop);
  check->callback([&] { parsed.run = [&] { return run_check(parsed.global, parsed.check); }; });
  CLI::App* exporting = app.add_subcommand("export", "Write a release as OMOP CSV files");
  exporting->add_option("directory", parsed.exporting.directory)->required();
  exporting->callback(
      [&] { parsed.run = [&] { return run_export(parsed.global, parsed.exporting); }; });
}

void add_access(CLI::App& app, Parsed& parsed) {
  UserOptions& user = parsed.user;
  const auto users = verbs_of(*app.add_subcommand("user", "Accounts"), parsed, user, run_user);
  users("list", "All accounts");
  CLI::App* add = users("add", "Add an account");
  add->add_option("name", user.name)->required();
  add->add_option("--subject", user.subject, "Issuer and subject at the sign-in provider");
  users("disable", "End an account: its rights end with it")
      ->add_option("name", user.name)
      ->required();
  users("password", "Set a local password, asked for on the terminal or read from standard input")
      ->add_option("name", user.name)
      ->required();
  users("unlock", "Let an account that was guessed at sign in again")
      ->add_option("name", user.name)
      ->required();
  CLI::App* session = users("session", "Sign somebody in by hand: a ticket for --session");
  session->add_option("name", user.name)->required();
  session->add_option("file", user.file, "Where the ticket goes")->required();
  session->add_option("--factors", user.acr, "1 or 2");
  session->add_option("--seconds", user.seconds, "At most 36000");

  AccessOptions& access = parsed.access;
  const auto verb = verbs_of(*app.add_subcommand("access", "Who may see what, where, until when"),
                             parsed, access, run_access);
  CLI::App* grant = verb("grant", "Give a role on a perimeter (--ground care or mandate)");
  grant->add_option("user", access.user)->required();
  grant->add_option("role", access.role)->required();
  grant->add_option("perimeter", access.perimeter)->required();
  grant->add_option("--days", access.days, "365 at most");
  verb("list", "All accesses")->add_option("user", access.user);
  verb("revoke", "End an access at once")->add_option("id", access.id)->required();
  CLI::App* review = verb("review", "Keep an access; without id: open a review of all");
  review->add_option("id", access.id);
  review->add_option("--days", access.days, "To answer the review (30)");
  CLI::App* why = verb("why", "What a person may do, and by which rule");
  why->add_option("user", access.user)->required();
  why->add_option("--action", access.action, "read, count, search-by-ipp, ...");
  why->add_option("--perimeter", access.perimeter);
  CLI::App* label = verb("label", "Protect a person's record: staff, vip, sensitive");
  label->add_option("person_id", access.id)->required();
  label->add_option("labels", access.labels, "None: take them away");
  verb("sync", "Place the lake's care sites in the tree");
  CLI::App* place = verb("place", "Add or move a perimeter");
  place->add_option("perimeter", access.perimeter, "Its code")->required();
  place->add_option("--below", access.parent, "Code of its parent (*)");
  place->add_option("--kind", access.kind, "group, hospital, department or unit");
  place->add_option("--name", access.name);
  CLI::App* glass = verb("break-glass", "Four hours in one's own hospital, with a reason");
  glass->add_option("hospital", access.perimeter)->required();
  glass->add_option("reason", access.reason)->required();
  glass->add_option("--hours", access.hours, "4 at most");

  OppositionOptions& opposition = parsed.opposition;
  const auto each = verbs_of(*app.add_subcommand("opposition", "Persons who objected to reuse"),
                             parsed, opposition, run_opposition);
  each("list", "Those in force");
  for (CLI::App* act : {each("add", "Record one"), each("remove", "Lift one")}) {
    act->add_option("person_id", opposition.person_id);
    act->add_option("--ipp", opposition.ipp, "Instead of the person id");
    act->add_option("--authority", opposition.authority, "FINESS of the IPP");
    act->add_option("--project", opposition.project, "Without: a general opposition");
    act->add_option("--channel", opposition.channel, "letter, phone, portal, ...");
  }
}

void add_project_draft(CLI::App& create, ProjectOptions& options) {
  create.add_option("name", options.name, "a-z, 0-9 and -")->required();
  create.add_option("--title", options.title, "For the public register");
  create.add_option("--summary", options.summary, "What it looks for, in a patient's words");
  create.add_option("--type", options.study_type, "1 to 6 of the access rules");
  create.add_option("--aim", options.purpose,
                    "research, feasibility, coding-quality, decision-aids or teaching");
  create.add_option("--from", options.from, "First day: 2026-01-01");
  create.add_option("--to", options.to, "The day after the last");
  create.add_option("--perimeter", options.perimeters, "Code of a perimeter; may be repeated");
  create.add_flag("--nominative", options.nominative, "Study type 1 only");
}

void add_project(CLI::App& app, Parsed& parsed) {
  ProjectOptions& options = parsed.project;
  const auto verb = verbs_of(*app.add_subcommand("project", "Studies and their data stores"),
                             parsed, options, run_project);
  const auto named = [&](const char* name, const char* what) {
    CLI::App* each = verb(name, what);
    each->add_option("name", options.name, "The project")->required();
    each->add_option("--because", options.because, "Kept with the step");
    return each;
  };
  add_project_draft(*verb("create", "A new draft"), options);
  add_project_draft(*verb("edit", "Change a draft"), options);
  verb("list", "Those you may see");
  verb("register", "The public register, as JSON");
  named("show", "All of one, as JSON");
  CLI::App* people = named("people", "Who the permit names");
  CLI::App* tables = named("tables", "Tables, columns and why");
  people->add_option("--add", options.added, "An account");
  tables->add_option("--set", options.columns, "TABLE:COLUMN,COLUMN,... (with --because)");
  for (CLI::App* each : {people, tables}) each->add_option("--remove", options.removed);
  CLI::App* population = named("population", "Whom it is about");
  population->add_option("--cohort", options.cohort_file, "A definition (Circe JSON)");
  population->add_option("--query", options.query, "A SELECT with a column person_id");
  population->add_flag("--everybody", options.everybody, "All of the perimeters");
  named("submit", "Give the draft to those who judge");
  named("withdraw", "Take it back");
  named("consent", "Of the head of service (type 1)")->add_option("--reference", options.reference);
  CLI::App* opinion = named("opinion", "Of the scientific and ethics committee");
  opinion->add_option("judgement", options.judgement, "favourable or unfavourable")->required();
  opinion->add_option("--reference", options.reference, "The opinion's number");
  named("dpo", "Of the DPO")->add_option("judgement", options.judgement, "agree or refuse");
  named("approve", "Sign the permit");
  named("reject", "Back to the draft");
  for (CLI::App* each :
       {named("open", "Begin"), named("suspend", "Stop all reading"), named("resume", "Go on"),
        named("close", "End it"), named("purge", "Destroy its key and its data store")}) {
    each->add_option("--as", options.office, "In which office, when you hold several");
  }
  named("build", "Make or refresh the data store (--release, --session)");
  named("removals", "Persons to take out of what was made of the store");
  verb("offices", "Who holds which office");
  for (CLI::App* each : {verb("appoint", "Give an office"), verb("dismiss", "Take it")}) {
    each->add_option("user", options.user)->required();
    each->add_option("office", options.office, "head-of-service, committee, dpo or direction")
        ->required();
  }
}

void add_steering(CLI::App& app, Parsed& parsed) {
  SteeringOptions& options = parsed.steering;
  const auto verb = verbs_of(*app.add_subcommand("steering", "Activity in protected counts"),
                             parsed, options, run_steering);
  verb("build", "Make or refresh the aggregate store (--session, --ground mandate)");
  CLI::App* show = verb("show", "Stays, persons and length of stay by unit and month");
  show->add_option("--year", options.year);
  show->add_option("--unit", options.unit, "A unit's code");
}

// What a signed-in person may run: everything else reads or changes more than a scope.
bool is_open_to_sessions(const CLI::App& app) {
  for (const char* name : {"query", "patient", "cohort", "access", "user", "opposition", "project",
                           "audit", "steering"}) {
    if (app.got_subcommand(name)) return true;
  }
  return false;
}

// "release list"
std::string verb_of(const CLI::App& app) {
  std::string verb;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    verb += (verb.empty() ? "" : " ") + at->get_name();
  }
  return verb;
}

// Whoever asks for more than a session may do is refused, and the audit says so.
Result<Exit> refuse_session(const Global& global) {
  const Result<Context> context = Context::open(global);
  if (context.ok()) {
    return Error{Code::Refused, "this command is the warehouse's owner's: it takes no session"};
  }
  return context.error();
}

int exit_code(const Error& error) {
  std::fprintf(stderr, "eds: %s\n", error.message.c_str());
  const bool usage = error.code == Code::Usage || error.code == Code::Refused;
  return static_cast<int>(usage ? Exit::Usage : Exit::Failed);
}

int run(int argc, char** argv) {
  Parsed parsed;
  CLI::App app("EDS: a hospital's health-data warehouse", "eds");
  app.set_version_flag("--version", "eds 0.1.0");
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("-w,--warehouse", parsed.global.warehouse, "Warehouse directory");
  app.add_option("-f,--format", parsed.global.format, "table, json, ndjson, csv or arrow");
  app.add_option("-r,--release", parsed.global.release, "Release to read (latest)");
  app.add_option("--session", parsed.global.session, "Ticket file: act as that person")
      ->envname("EDS_SESSION");
  app.add_option("--ground", parsed.global.ground, "care, mandate or permit");
  app.add_option("--purpose", parsed.global.purpose, "care, steering, feasibility, research, ...");
  app.add_option("--permit", parsed.global.permit, "Number of the project's permit");
  add_init(app, parsed);
  add_access(app, parsed);
  add_project(app, parsed);
  add_steering(app, parsed);
  add_query(app, parsed);
  add_cohort(app, parsed);
  add_release(app, parsed);
  add_audit(app, parsed);
  add_synth(app, parsed);
  add_keep(app, parsed);
  add_bench(app, parsed);
  add_terms(app, parsed);
  add_ingest(app, parsed);
  add_quarantine(app, parsed);
  add_serve(app, parsed);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(Exit::Usage);
  }
  name_act(verb_of(app));
  const bool may_run = parsed.global.session.empty() || is_open_to_sessions(app);
  const Result<Exit> done = end_act(may_run ? parsed.run() : refuse_session(parsed.global));
  return done.ok() ? static_cast<int>(*done) : exit_code(done.error());
}

}  // namespace
}  // namespace eds::cli

int main(int argc, char** argv) {
  eds::cli::forbid_core_dumps();
  return eds::cli::run(argc, argv);
}
