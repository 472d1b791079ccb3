#include "cli/cohort.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/calendar.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "cohort/session_source.h"
#include "engine/session.h"

namespace eds::cli {
namespace {

std::string day_text(cohort::Day day) {
  const Date date = date_from_days(day);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

// Sends the rows of cohorts in the format asked for.
class RowPrinter {
 public:
  RowPrinter(std::string format, const cohort::Store& store)
      : format_(std::move(format)),
        store_(&store),
        listing_({"cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date"}) {}

  Status begin() {
    if (format_ == "csv") {
      return print("cohort_definition_id,subject_id,cohort_start_date,cohort_end_date\n");
    }
    return {};
  }

  Status add(std::int64_t id, const std::vector<cohort::CohortRow>& rows) {
    row_count_ += static_cast<std::int64_t>(rows.size());
    for (const cohort::CohortRow& row : rows) {
      const std::int64_t subject = store_->person_ids[row.person];
      if (format_ == "csv") {
        fmt::format_to(std::back_inserter(text_), "{},{},{},{}\n", id, subject, day_text(row.start),
                       day_text(row.end));
      } else {
        listing_.add({id, subject, day_text(row.start), day_text(row.end)});
      }
      if (text_.size() > kBlockBytes) TRY(flush());
    }
    return {};
  }

  Status end() { return format_ == "csv" ? flush() : listing_.print(format_); }
  std::int64_t row_count() const { return row_count_; }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 16;
  Status flush() {
    TRY(print(text_));
    text_.clear();
    return {};
  }

  std::string format_;
  const cohort::Store* store_;
  Listing listing_;
  std::string text_;
  std::int64_t row_count_ = 0;
};

Status check_format(std::string_view format) {
  for (std::string_view known : {"table", "json", "ndjson", "csv"}) {
    if (format == known) return {};
  }
  return Error{Code::Usage, "this command prints table, json, ndjson or csv"};
}

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

// A warehouse's release, ready to answer.
struct Loaded {
  Context context;
  std::string release;
  cohort::Store store;
};

Result<Loaded> load(const Global& global, std::string_view action,
                    std::vector<PlannedCohort>& cohorts) {
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, action));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  TRY(context.note(action, std::to_string(cohorts.size()) + " definitions", govern::Outcome::Begun,
                   0, scan.release().name));
  cohort::SessionSource source(*session);
  const cohort::Vocabulary vocabulary = TRY(cohort::load_vocabulary(source));
  cohort::Needs needs;
  for (PlannedCohort& cohort : cohorts) {
    cohort.sets = cohort::resolve_sets(cohort.plan, vocabulary);
    needs.add(cohort.plan);
  }
  cohort::Store store = TRY(cohort::load_store(source, needs));
  return Loaded{std::move(context), scan.release().name, std::move(store)};
}

Result<PlannedCohorts> read_asked(const CohortOptions& options) {
  const cohort::Mode mode = options.circe ? cohort::Mode::Circe : cohort::Mode::Strict;
  PlannedCohorts planned = TRY(read_cohorts(options.paths, mode, options.id));
  // Alone, a refused definition is the command's failure.
  if (planned.cohorts.empty() && planned.refused.size() == 1) return planned.refused.front();
  say_refused(planned);
  return planned;
}

Result<Exit> run_rows(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  Loaded loaded = TRY(load(global, "cohort run", planned.cohorts));
  RowPrinter printer(global.format, loaded.store);
  TRY(printer.begin());
  TRY(evaluate_all(loaded.store, planned.cohorts,
                   [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
                     return printer.add(cohort.id, outcome.rows);
                   }));
  TRY(printer.end());
  TRY(loaded.context.note("cohort run", "", govern::Outcome::Done, printer.row_count(),
                          loaded.release));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

std::int64_t count_of(const cohort::RuleCounts& counts, std::uint64_t mask) {
  const auto found = counts.by_mask.find(mask);
  return found == counts.by_mask.end() ? 0 : found->second;
}

// The reference's results tables, as one list: which table a line belongs to stands first.
class StatisticsPrinter {
 public:
  StatisticsPrinter()
      : listing_({"cohort_definition_id", "table", "mode_id", "rule_sequence",
                  "inclusion_rule_mask", "person_count", "gain_count", "person_total", "base_count",
                  "final_count", "lost_count"}) {}

  void add(const PlannedCohort& cohort, const cohort::Outcome& outcome) {
    const cohort::Attrition& attrition = outcome.attrition;
    if (!cohort.plan.rules.empty()) {
      add_mode(cohort, attrition.events, 0);
      add_mode(cohort, attrition.best, 1);
    }
    if (cohort.plan.window_start || cohort.plan.window_end) {
      line(cohort.id, "cohort_censor_stats",
           {"", "", "", "", "", "", "", "",
            attrition.cohort_persons_before_window - attrition.cohort_persons});
    }
  }
  Status print(std::string_view format) const { return listing_.print(format); }

 private:
  void line(std::int64_t id, std::string_view table, std::vector<ListingCell> cells) {
    cells.insert(cells.begin(), {ListingCell(id), ListingCell(std::string(table))});
    listing_.add(std::move(cells));
  }

  void add_mode(const PlannedCohort& cohort, const cohort::RuleCounts& counts, std::int64_t mode) {
    const std::size_t rule_count = cohort.plan.rules.size();
    const std::uint64_t all = (std::uint64_t{1} << rule_count) - 1;
    for (const auto& [mask, count] : counts.by_mask) {
      line(cohort.id, "cohort_inclusion_result",
           {mode, "", static_cast<std::int64_t>(mask), count, "", "", "", "", ""});
    }
    for (std::size_t rule = 0; rule < rule_count; ++rule) {
      const std::int64_t held = rule < counts.by_rule.size() ? counts.by_rule[rule] : 0;
      const std::int64_t gain = count_of(counts, all & ~(std::uint64_t{1} << rule));
      line(cohort.id, "cohort_inclusion_stats",
           {mode, static_cast<std::int64_t>(rule), "", held, gain, counts.total, "", "", ""});
    }
    line(cohort.id, "cohort_summary_stats",
         {mode, "", "", "", "", "", counts.total, count_of(counts, all), ""});
  }

  Listing listing_;
};

Result<Exit> run_statistics(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  Loaded loaded = TRY(load(global, "cohort count", planned.cohorts));
  StatisticsPrinter printer;
  TRY(evaluate_all(loaded.store, planned.cohorts,
                   [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
                     printer.add(cohort, outcome);
                     return Status();
                   }));
  TRY(printer.print(global.format));
  TRY(loaded.context.note("cohort count", "", govern::Outcome::Done, 0, loaded.release));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

Result<Exit> run_counts(const Global& global, const CohortOptions& options) {
  PlannedCohorts planned = TRY(read_asked(options));
  Loaded loaded = TRY(load(global, "cohort count", planned.cohorts));
  Listing listing({"cohort_definition_id", "step", "events", "persons"});
  const auto take = [&](const PlannedCohort& cohort, cohort::Outcome&& outcome) {
    const cohort::Attrition& attrition = outcome.attrition;
    const auto line = [&](std::string step, std::int64_t events, std::int64_t persons) {
      listing.add({cohort.id, std::move(step), events, persons});
    };
    line("entry events", attrition.entry_events, attrition.entry_persons);
    line("qualified events", attrition.qualified_events, attrition.qualified_persons);
    for (std::size_t rule = 0; rule < attrition.events.by_rule.size(); ++rule) {
      line(fmt::format("rule {}: {}", rule + 1, cohort.plan.rules[rule].name),
           attrition.events.by_rule[rule], attrition.best.by_rule[rule]);
    }
    line("included events", attrition.included_events, attrition.included_persons);
    line("cohort", static_cast<std::int64_t>(outcome.rows.size()), attrition.cohort_persons);
    return Status();
  };
  TRY(evaluate_all(loaded.store, planned.cohorts, take));
  TRY(listing.print(global.format));
  TRY(loaded.context.note("cohort count", "", govern::Outcome::Done, 0, loaded.release));
  return planned.refused.empty() ? Exit::Done : Exit::Rejects;
}

}  // namespace

Status evaluate_all(const cohort::Store& store, const std::vector<PlannedCohort>& cohorts,
                    const std::function<Status(const PlannedCohort&, cohort::Outcome&&)>& take) {
  for (const PlannedCohort& cohort : cohorts) {
    cohort::Evaluator evaluator(store, cohort.plan, cohort.sets);
    TRY(take(cohort, evaluator.run({0, store.person_count()})));
  }
  return {};
}

Result<Exit> run_cohort(const Global& global, const CohortOptions& options) {
  TRY(check_format(global.format));
  if (options.verb == "count") {
    return options.statistics ? run_statistics(global, options) : run_counts(global, options);
  }
  return run_rows(global, options);
}

}  // namespace eds::cli
