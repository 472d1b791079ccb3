// `eds cohort save, list, show, rerun, diff, describe, export`: saved cohorts, the caller's own.
#include <fmt/format.h>

#include "cli/act.h"
#include "cli/cohort.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "engine/printer.h"
#include "format/text/dates.h"
#include "uses/research/cohort_describe.h"
#include "uses/research/cohort_evaluation.h"
#include "uses/research/cohort_export.h"

namespace eds::cli {
namespace {

using research::CohortBook;
using research::CohortPeriod;
using research::CohortVersion;

// The caller, a scan of the release asked for, and the book.
class Desk {
 public:
  static Result<std::unique_ptr<Desk>> open(const Global& global, std::string_view action) {
    auto desk = std::unique_ptr<Desk>(new Desk(TRY(Context::open(global))));
    desk->scan_ = TRY(desk->context_.scan(global, action));
    desk->book_ = TRY(CohortBook::open(Env::posix(), desk->context_.warehouse().directory()));
    return desk;
  }
  Context& context() { return context_; }
  CohortBook& book() { return *book_; }
  const engine::Scan& scan() const { return *scan_; }

  Result<CohortVersion> find(const SavedCohortOptions& options, std::int64_t version) {
    return book_->find(context_.author(), options.name, version);
  }
  Result<std::vector<CohortPeriod>> rows(const CohortVersion& version) {
    return research::visible_rows(*scan_, TRY(book_->rows(version)));
  }
  /// Evaluates the definition on the scan's release and saves it.
  Result<CohortVersion> evaluate(CohortVersion wanted) {
    const engine::Budget budget;
    const std::unique_ptr<engine::Engine> engine = engine::embedded_engine(budget);
    const std::unique_ptr<engine::Session> session =
        TRY(engine->open(context_.warehouse(), *scan_, budget));
    research::EvaluatedCohort evaluated = TRY(research::evaluate_definition(
        context_.warehouse(), *session, *scan_, budget, wanted.definition, wanted.mode));
    wanted.release_id = scan_->release().id;
    wanted.release = scan_->release().name;
    wanted.steps = std::move(evaluated.steps);
    return book_->save(context_.author(), std::move(wanted), evaluated.rows);
  }
  Status note(std::string_view action, const CohortVersion& version) {
    return context_.note(action, fmt::format("{}/{}", version.name, version.version),
                         govern::Outcome::Done, version.row_count, version.release);
  }
  /// The persons whose rows leave, for the audit.
  void shows(const std::vector<CohortPeriod>& rows) {
    std::vector<std::int64_t> persons;
    for (const CohortPeriod& row : rows) persons.push_back(row.person);
    context_.audit().is_about("", govern::AuditPersons::of(std::move(persons)));
    count_rows(static_cast<std::int64_t>(rows.size()));
  }

 private:
  explicit Desk(Context context) : context_(std::move(context)) {}
  Context context_;
  std::optional<engine::Scan> scan_;
  std::optional<CohortBook> book_;
};

void add_version(const CohortVersion& version, Listing& listing) {
  listing.add({version.name, version.version, version.release,
               std::string(version.mode == research::CohortMode::Circe ? "circe" : "strict"),
               version.row_count, version.person_count, version.author,
               time_text(version.made_us)});
}

Listing versions_listing() {
  return Listing({"name", "version", "release", "mode", "rows", "persons", "author", "made"});
}

Status print_versions(const Global& global, const std::vector<CohortVersion>& versions) {
  Listing listing = versions_listing();
  for (const CohortVersion& version : versions) add_version(version, listing);
  return listing.print(global.format);
}

Result<Exit> save(const Global& global, const SavedCohortOptions& options) {
  CohortVersion wanted;
  wanted.name = options.name;
  wanted.mode = options.circe ? research::CohortMode::Circe : research::CohortMode::Strict;
  wanted.definition = TRY(Env::posix().read_all(options.file, research::kDefinitionBytesMax));
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort save"));
  TRY(desk->context().audit().pass());
  const CohortVersion saved = TRY(desk->evaluate(std::move(wanted)));
  TRY(desk->note("cohort save", saved));
  TRY(print_versions(global, {saved}));
  return Exit::Done;
}

Result<Exit> list(const Global& global) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort list"));
  TRY(print_versions(global, TRY(desk->book().list(desk->context().author()))));
  return Exit::Done;
}

Status print_rows(const Global& global, const CohortVersion& version,
                  const std::vector<CohortPeriod>& rows) {
  std::vector<engine::PrintedColumn> columns;
  for (const char* name :
       {"cohort_definition_id", "subject_id", "cohort_start_date", "cohort_end_date"}) {
    columns.push_back({name, engine::Align::Right});
  }
  engine::Printer printer(TRY(engine::parse_format(global.format)), columns, print);
  for (const CohortPeriod& row : rows) {
    const engine::Cell cells[] = {version.cohort_id, row.person, engine::Day{row.start},
                                  engine::Day{row.end}};
    TRY(printer.add(cells));
  }
  return printer.end();
}

Result<Exit> show(const Global& global, const SavedCohortOptions& options) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort show"));
  const CohortVersion version = TRY(desk->find(options, options.version));
  if (options.definition) {
    TRY(print(version.definition));
  } else if (options.rows) {
    const std::vector<CohortPeriod> rows = TRY(desk->rows(version));
    desk->shows(rows);
    TRY(print_rows(global, version, rows));
  } else {
    Listing listing({"name", "version", "release", "step", "events", "persons"});
    for (const research::CohortStep& step : version.steps) {
      listing.add(
          {version.name, version.version, version.release, step.name, step.events, step.persons});
    }
    TRY(listing.print(global.format));
  }
  return Exit::Done;
}

std::string periods_text(const std::vector<CohortPeriod>& periods) {
  std::string text;
  for (const CohortPeriod& period : periods) {
    if (!text.empty()) text += " ";
    text += text::format_date(period.start) + "/" + text::format_date(period.end);
  }
  return text;
}

Result<Exit> compare(const Global& global, Desk& desk, const CohortVersion& before,
                     const CohortVersion& after) {
  const std::vector<CohortPeriod> old_rows = TRY(desk.rows(before));
  const std::vector<CohortPeriod> new_rows = TRY(desk.rows(after));
  const research::CohortDiff found = research::diff(old_rows, new_rows);
  Listing listing({"change", "subject_id", "before", "after"});
  std::vector<CohortPeriod> shown;
  const auto add = [&](const char* change, std::int64_t person,
                       const std::vector<CohortPeriod>& from, const std::vector<CohortPeriod>& to) {
    shown.push_back({person, 0, 0});
    listing.add({std::string(change), person, periods_text(from), periods_text(to)});
  };
  const auto by_person = [&](const char* change, const std::vector<CohortPeriod>& rows,
                             bool is_new) {
    for (std::size_t at = 0; at < rows.size();) {
      std::vector<CohortPeriod> periods;
      const std::int64_t person = rows[at].person;
      while (at < rows.size() && rows[at].person == person) periods.push_back(rows[at++]);
      add(change, person, is_new ? std::vector<CohortPeriod>() : periods,
          is_new ? periods : std::vector<CohortPeriod>());
    }
  };
  by_person("entered", found.entered, true);
  by_person("left", found.left, false);
  for (const research::CohortDiff::Moved& moved : found.moved) {
    add("moved", moved.person, moved.before, moved.after);
  }
  desk.shows(shown);
  TRY(listing.print(global.format));
  if (global.format == "table") {
    TRY(print(fmt::format("{}: version {} on {}, version {} on {}; {} persons as before\n",
                          after.name, before.version, before.release, after.version, after.release,
                          found.same_persons)));
  }
  return Exit::Done;
}

Result<Exit> rerun(const Global& global, const SavedCohortOptions& options) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort rerun"));
  TRY(desk->context().audit().pass());
  const CohortVersion before = TRY(desk->find(options, options.version));
  CohortVersion wanted;
  wanted.name = before.name;
  wanted.mode = before.mode;
  wanted.definition = before.definition;
  const CohortVersion after = TRY(desk->evaluate(std::move(wanted)));
  TRY(desk->note("cohort rerun", after));
  return compare(global, *desk, before, after);
}

Result<Exit> differ(const Global& global, const SavedCohortOptions& options) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort diff"));
  const CohortVersion after = TRY(desk->find(options, options.second));
  const std::int64_t first = options.version != 0 ? options.version : after.version - 1;
  if (first < 1) return Error{Code::Usage, "there is one version only: rerun it first"};
  return compare(global, *desk, TRY(desk->find(options, first)), after);
}

Status write_file(const Path& path, const std::function<Status(const research::WriteText&)>& fill) {
  const std::unique_ptr<WritableFile> file = TRY(Env::posix().create(path));
  TRY(fill([&](std::string_view text) { return file->append(text); }));
  TRY(file->sync());
  return file->close();
}

Result<Exit> hand_out(const Global& global, const SavedCohortOptions& options) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort export"));
  const CohortVersion version = TRY(desk->find(options, options.version));
  const std::vector<CohortPeriod> rows = TRY(desk->rows(version));
  desk->shows(rows);
  TRY(desk->context().audit().pass());
  const auto as_csv = [&](const research::WriteText& write) {
    return research::write_cohort_csv(version, rows, write);
  };
  if (options.form == "omop") {
    TRY(Env::posix().make_directories(options.file));
    TRY(write_file(join(options.file, "cohort.csv"), as_csv));
    TRY(write_file(join(options.file, "cohort_definition.csv"),
                   [&](const research::WriteText& write) {
                     return research::write_definition_csv(version, write);
                   }));
  } else if (options.form == "fhir") {
    TRY(write_file(options.file, [&](const research::WriteText& write) {
      return research::write_fhir_group(version, rows, write);
    }));
  } else {
    TRY(write_file(options.file, as_csv));
  }
  TRY(desk->note("cohort export", version));
  TRY(print(fmt::format("{} rows of {}/{} written\n", rows.size(), version.name, version.version)));
  return Exit::Done;
}

// JSON, whatever the format: a description is no table.
Result<Exit> describe(const Global& global, const SavedCohortOptions& options) {
  const std::unique_ptr<Desk> desk = TRY(Desk::open(global, "cohort describe"));
  const CohortVersion version = TRY(desk->find(options, options.version));
  if (desk->scan().release().id != version.release_id) {
    Global pinned = global;
    pinned.release = version.release;
    return describe(pinned, options);
  }
  const std::vector<CohortPeriod> rows = TRY(desk->rows(version));
  const engine::Budget budget;
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine(budget);
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(desk->context().warehouse(), desk->scan(), budget));
  TRY(print(TRY(research::describe_cohort(*session, version, rows)) + "\n"));
  TRY(desk->note("cohort describe", version));
  return Exit::Done;
}

}  // namespace

Result<Exit> run_saved_cohort(const Global& global, const SavedCohortOptions& options) {
  if (options.verb == "save") return save(global, options);
  if (options.verb == "list") return list(global);
  if (options.verb == "show") return show(global, options);
  if (options.verb == "rerun") return rerun(global, options);
  if (options.verb == "diff") return differ(global, options);
  if (options.verb == "describe") return describe(global, options);
  return hand_out(global, options);
}

}  // namespace eds::cli
