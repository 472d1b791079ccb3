#include "cli/cohort.h"

#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "cli/cohort_run.h"
#include "cli/context.h"
#include "cli/counting.h"
#include "cli/listing.h"
#include "cohort/explain.h"
#include "engine/printer.h"

namespace eds::cli {
namespace {

void say_refused(const PlannedCohorts& planned) {
  for (const Error& error : planned.refused) {
    std::fprintf(stderr, "eds: refused: %s\n", error.message.c_str());
  }
  for (const PlannedCohort& cohort : planned.cohorts) {
    for (const cohort::Note& note : cohort.plan.notes) {
      std::fprintf(stderr, "eds: note: %s: %s, at %s\n", cohort.name.c_str(), note.text.c_str(),
                   note.place.c_str());
    }
  }
}

Result<Exit> run_rows(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  std::unique_ptr<CohortRun> loaded = TRY(CohortRun::open(global, "cohort run", planned.cohorts));
  std::vector<std::int64_t> members;
  engine::Printer printer(
      TRY(printed_format(global.format)),
      columns_of({"cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date"}),
      print);
  TRY(loaded->evaluate([&](const PlannedCohort& cohort, cohort::Outcome&& outcome) -> Status {
    for (const cohort::CohortRow& row : outcome.rows) {
      members.push_back(loaded->persons().ids[row.person]);
      const engine::Cell cells[] = {cohort.id, loaded->persons().ids[row.person],
                                    engine::Day{row.start}, engine::Day{row.end}};
      TRY(printer.add(cells));
    }
    return {};
  }));
  TRY(printer.end());
  loaded->context().audit().is_about("", govern::AuditPersons::of(std::move(members)));
  TRY(loaded->context().note("cohort run", "", govern::Outcome::Done, printer.row_count(),
                             loaded->release()));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

std::int64_t count_of(const cohort::RuleCounts& counts, std::uint64_t mask) {
  const auto found = counts.by_mask.find(mask);
  return found == counts.by_mask.end() ? 0 : found->second;
}

// The reference's results tables, as one list: which table a line belongs to stands first.
class StatisticsPrinter {
 public:
  explicit StatisticsPrinter(engine::Format format)
      : printer_(format,
                 columns_of({"cohort_definition_id", "table", "mode_id", "rule_sequence",
                             "inclusion_rule_mask", "person_count", "gain_count", "person_total",
                             "base_count", "final_count", "lost_count"}),
                 print) {}

  Status add(const PlannedCohort& cohort, const cohort::Outcome& outcome) {
    const cohort::Attrition& attrition = outcome.attrition;
    if (!cohort.plan.rules.empty()) {
      TRY(add_mode(cohort, attrition.events, 0));
      TRY(add_mode(cohort, attrition.best, 1));
    }
    if (!cohort.plan.window_start && !cohort.plan.window_end) return {};
    return line({cohort.id,
                 "cohort_censor_stats",
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 attrition.cohort_persons_before_window - attrition.cohort_persons});
  }
  Status end() { return printer_.end(); }

 private:
  Status line(std::initializer_list<engine::Cell> cells) {
    return printer_.add(std::span(cells.begin(), cells.size()));
  }

  Status add_mode(const PlannedCohort& cohort, const cohort::RuleCounts& counts,
                  std::int64_t mode) {
    const std::size_t rule_count = cohort.plan.rules.size();
    const std::uint64_t all = (std::uint64_t{1} << rule_count) - 1;
    for (const auto& [mask, count] : counts.by_mask) {
      TRY(line({cohort.id,
                "cohort_inclusion_result",
                mode,
                {},
                static_cast<std::int64_t>(mask),
                count,
                {},
                {},
                {},
                {},
                {}}));
    }
    for (std::size_t rule = 0; rule < rule_count; ++rule) {
      const std::int64_t held = rule < counts.by_rule.size() ? counts.by_rule[rule] : 0;
      const std::int64_t gain = count_of(counts, all & ~(std::uint64_t{1} << rule));
      TRY(line({cohort.id,
                "cohort_inclusion_stats",
                mode,
                static_cast<std::int64_t>(rule),
                {},
                held,
                gain,
                counts.total,
                {},
                {},
                {}}));
    }
    return line({cohort.id,
                 "cohort_summary_stats",
                 mode,
                 {},
                 {},
                 {},
                 {},
                 {},
                 counts.total,
                 count_of(counts, all),
                 {}});
  }

  engine::Printer printer_;
};

Result<Exit> run_statistics(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  std::unique_ptr<CohortRun> loaded = TRY(CohortRun::open(global, "cohort count", planned.cohorts));
  StatisticsPrinter printer(TRY(printed_format(global.format)));
  TRY(loaded->evaluate([&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
    return printer.add(cohort, outcome);
  }));
  TRY(printer.end());
  TRY(loaded->context().note("cohort count", "", govern::Outcome::Done, 0, loaded->release()));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

// For a session that may only count: the cohort's persons, as a protected count, and no step.
Result<Exit> run_protected(Context& context, const Global& global, const PlannedCohorts& planned) {
  const CountingCommand command = TRY(CountingCommand::open(context, global, "cohort count"));
  Listing listing({"cohort_definition_id", "step", "persons"});
  for (const PlannedCohort& cohort : planned.cohorts) {
    const govern::ProtectedCount count = TRY(command.cohort(cohort.plan));
    listing.add({cohort.id, std::string("cohort"), count.text()});
  }
  TRY(listing.print(global.format));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

using AddStep = std::function<void(std::string, std::int64_t, std::int64_t)>;

// The steps of a definition; of a set of cohorts, those of each member.
void add_steps(const std::string& prefix, const cohort::Plan& plan,
               const cohort::Attrition& attrition, const AddStep& line) {
  for (std::size_t at = 0; at < plan.members.size(); ++at) {
    const cohort::Attrition& member = attrition.members[at];
    const std::string name = fmt::format("{}member {}: ", prefix, at + 1);
    add_steps(name, plan.members[at], member, line);
    line(name + "cohort", member.cohort_periods, member.cohort_persons);
  }
  if (plan.operation != cohort::SetOperation::None) return;
  line(prefix + "entry events", attrition.entry_events, attrition.entry_persons);
  line(prefix + "qualified events", attrition.qualified_events, attrition.qualified_persons);
  for (std::size_t rule = 0; rule < attrition.events.by_rule.size(); ++rule) {
    line(fmt::format("{}rule {}: {}", prefix, rule + 1, plan.rules[rule].name),
         attrition.events.by_rule[rule], attrition.best.by_rule[rule]);
  }
  line(prefix + "included events", attrition.included_events, attrition.included_persons);
}

Result<Exit> run_counts(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  Context context = TRY(Context::open(global));
  if (TRY(CountingCommand::is_needed(context, global))) {
    return run_protected(context, global, planned);
  }
  std::unique_ptr<CohortRun> loaded =
      TRY(CohortRun::open(std::move(context), global, "cohort count", planned.cohorts));
  Listing listing({"cohort_definition_id", "step", "events", "persons"});
  const auto take = [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
    const cohort::Attrition& attrition = outcome.attrition;
    const auto line = [&](std::string step, std::int64_t events, std::int64_t persons) {
      listing.add({cohort.id, std::move(step), events, persons});
    };
    add_steps("", cohort.plan, attrition, line);
    line("cohort", attrition.cohort_periods, attrition.cohort_persons);
    return Status();
  };
  TRY(loaded->evaluate(take, cohort::Wanted::Count));
  TRY(listing.print(global.format));
  TRY(loaded->context().note("cohort count", "", govern::Outcome::Done, 0, loaded->release()));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

// "1 234 567"
std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) text.push_back(' ');
    text.push_back(digits[at]);
  }
  return text;
}

// One sentence a line, set in by its depth.
Status print_text(const std::vector<cohort::Sentence>& sentences, cohort::Language language) {
  const bool is_french = language == cohort::Language::French;
  for (const cohort::Sentence& sentence : sentences) {
    std::string line = fmt::format("{:{}}{}{}", "", sentence.depth * 2,
                                   sentence.depth > 0 ? "- " : "", sentence.text);
    if (sentence.events) {
      line +=
          fmt::format("  [{} {}", grouped(*sentence.events), is_french ? "événements" : "events");
      if (sentence.persons) {
        line +=
            fmt::format(", {} {}", grouped(*sentence.persons), is_french ? "personnes" : "persons");
      }
      line += "]";
    }
    TRY(print(line + "\n"));
  }
  return {};
}

Status print_sentences(const std::vector<cohort::Sentence>& sentences, engine::Format format) {
  engine::Printer printer(format, columns_of({"depth", "sentence", "events", "persons"}), print);
  for (const cohort::Sentence& sentence : sentences) {
    engine::Cell cells[] = {std::int64_t{sentence.depth}, std::string_view(sentence.text), {}, {}};
    if (sentence.events) cells[2] = *sentence.events;
    if (sentence.persons) cells[3] = *sentence.persons;
    TRY(printer.add(cells));
  }
  return printer.end();
}

// Which way the answer came, and how many events were looked at for it.
cohort::Sentence way_of(const CohortRun& run, cohort::Language language) {
  const bool is_french = language == cohort::Language::French;
  cohort::Sentence sentence;
  if (run.lake_reason(run.current()).empty()) {
    sentence.text = is_french ? "Lu dans l'index de cohortes." : "Read from the cohort index.";
    sentence.events = run.touched().events;
    return sentence;
  }
  sentence.text = is_french ? "Lu dans le lac, sans l'index de cohortes ("
                            : "Read from the lake, without the cohort index (";
  sentence.text += std::string(run.lake_reason(run.current())) + ").";
  return sentence;
}

// With a warehouse at hand, each step says what it keeps.
Result<Exit> run_explain(const Global& global, const CohortOptions& options) {
  if (options.language != "fr" && options.language != "en") {
    return Error{Code::Usage, "language is fr or en, not: " + options.language};
  }
  const cohort::Language language =
      options.language == "fr" ? cohort::Language::French : cohort::Language::English;
  const engine::Format format = TRY(printed_format(global.format));
  PlannedCohorts planned = TRY(read_asked(options));
  std::unique_ptr<CohortRun> loaded;
  const auto tell = [&](const PlannedCohort& cohort, const cohort::Outcome* outcome) -> Status {
    std::vector<cohort::Sentence> sentences = cohort::explain(cohort.plan, language, outcome);
    if (loaded) sentences.push_back(way_of(*loaded, language));
    return format == engine::Format::Table ? print_text(sentences, language)
                                           : print_sentences(sentences, format);
  };
  const Exit exit = planned.refused.empty() ? Exit::Done : Exit::Rejects;
  if (!find_warehouse(global).ok()) {
    for (const PlannedCohort& cohort : planned.cohorts) TRY(tell(cohort, nullptr));
    return exit;
  }
  loaded = TRY(CohortRun::open(global, "cohort explain", planned.cohorts));
  TRY(loaded->evaluate([&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
    return tell(cohort, &outcome);
  }));
  TRY(loaded->context().note("cohort explain", "", govern::Outcome::Done, 0, loaded->release()));
  return exit;
}

}  // namespace

std::vector<engine::PrintedColumn> columns_of(std::initializer_list<std::string_view> names) {
  std::vector<engine::PrintedColumn> columns;
  for (std::string_view name : names) {
    columns.push_back({std::string(name), engine::Align::Right});
  }
  return columns;
}

Result<PlannedCohorts> read_asked(const CohortOptions& options) {
  const cohort::Mode mode = options.circe ? cohort::Mode::Circe : cohort::Mode::Strict;
  PlannedCohorts planned = TRY(read_cohorts(options.paths, mode, options.id));
  // Alone, a refused definition is the command's failure.
  if (planned.cohorts.empty() && planned.refused.size() == 1) return planned.refused.front();
  say_refused(planned);
  return planned;
}

Result<engine::Format> printed_format(std::string_view name) {
  const engine::Format format = TRY(engine::parse_format(name));
  if (format != engine::Format::Arrow) return format;
  return Error{Code::Usage, "this command prints table, json, ndjson or csv"};
}

Result<Exit> run_cohort(const Global& global, const CohortOptions& options) {
  TRY(printed_format(global.format));
  const bool is_live = options.verb == "count" && options.live;
  if (options.verb == "why" || is_live) {
    PlannedCohorts planned = TRY(read_asked(options));
    const Exit exit = is_live ? TRY(run_cohort_live(global, planned.cohorts))
                              : TRY(run_cohort_why(global, options, planned.cohorts));
    return planned.refused.empty() ? exit : Exit::Rejects;
  }
  if (options.verb == "explain") return run_explain(global, options);
  if (options.verb == "count") {
    return options.statistics ? run_statistics(global, options) : run_counts(global, options);
  }
  if (options.verb == "sql") return run_cohort_sql(global, options);
  if (options.verb == "import") return run_cohort_import(global, options);
  if (options.engine == "duckdb") return run_cohort_by_sql(global, options);
  if (!options.engine.empty() && options.engine != "index") {
    return Error{Code::Usage, "engine is index or duckdb, not: " + options.engine};
  }
  return run_rows(global, options);
}

}  // namespace eds::cli
