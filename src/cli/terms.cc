#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "cli/act.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "engine/output.h"
#include "engine/session.h"
#include "format/text/dates.h"
#include "ingest/terms/mapping.h"
#include "ingest/terms/terms_load.h"
#include "uses/research/concept_browser.h"
#include "uses/research/concept_counts.h"

namespace eds::cli {
namespace {

constexpr std::size_t kFoundMax = 20;

Status print_outcome(const lake::LoadOutcome& outcome) {
  for (const lake::TableOutcome& table : outcome.tables) {
    TRY(print(fmt::format("  {:<22} {:>9} rows, {} replaced\n", table.table, table.added_rows,
                          table.superseded_rows)));
  }
  const bool changed = outcome.release.has_value();
  return print(changed ? fmt::format("release {}\n", outcome.release->name)
                       : std::string("nothing to change\n"));
}

Result<Exit> load(Context& context, const TermsOptions& options) {
  const ingest::terms::TermsOutcome outcome = TRY(ingest::terms::load_terms(
      context.warehouse(), options.kind, options.words, options.vocabulary, context.actor()));
  TRY(context.note("terms load", options.kind, govern::Outcome::Done));
  TRY(print(fmt::format("{} records read, {} not understood\n", outcome.record_count,
                        outcome.bad_count)));
  TRY(print_outcome(outcome.load));
  for (const std::string& warning : outcome.warnings) TRY(print("  " + warning + "\n"));
  return outcome.bad_count == 0 ? Exit::Done : Exit::Rejects;
}

Result<Exit> map(Context& context, const TermsOptions& options) {
  const bool one = !options.source_code.empty();
  if (one != options.file.empty() || (one && options.target_concept_id < 0)) {
    return Error{Code::Usage, "give --from, --vocabulary and --to, or --file alone"};
  }
  const ingest::terms::MappingOutcome outcome =
      one ? TRY(ingest::terms::map_code(
                context.warehouse(),
                {options.source_code, options.vocabulary, options.target_concept_id},
                context.actor()))
          : TRY(ingest::terms::map_file(context.warehouse(), options.file, context.actor()));
  TRY(context.note("terms map", one ? "one code" : "a file", govern::Outcome::Done,
                   static_cast<std::int64_t>(outcome.record_count - outcome.bad_count)));
  TRY(print(fmt::format("{} mappings read, {} not understood\n", outcome.record_count,
                        outcome.bad_count)));
  TRY(print_outcome(outcome.load));
  TRY(print("rows loaded before keep their concepts until: eds terms apply\n"));
  return outcome.bad_count == 0 ? Exit::Done : Exit::Rejects;
}

Result<Exit> apply(Context& context) {
  const lake::LoadOutcome outcome =
      TRY(ingest::terms::apply_map(context.warehouse(), context.actor()));
  TRY(context.note("terms apply", "source_to_concept_map", govern::Outcome::Done));
  TRY(print_outcome(outcome));
  return Exit::Done;
}

std::string day_text(std::int64_t days) {
  return days == 0 ? std::string() : text::format_date(static_cast<std::int32_t>(days));
}

// The counts of a release, when they are asked for.
class Counts {
 public:
  static Result<Counts> open(Context& context, engine::Engine& engine, const engine::Scan& scan,
                             bool wanted) {
    Counts counts;
    if (!wanted) return counts;
    counts.read_ =
        TRY(research::ConceptCounts::of(engine, context.warehouse(), scan, engine::Budget{}));
    return counts;
  }

  std::vector<std::string> with_names(std::vector<std::string> names) const {
    if (!read_) return names;
    for (const char* name : {"records", "persons", "records_below", "persons_below"}) {
      names.emplace_back(name);
    }
    return names;
  }
  Status add(std::int64_t concept_id, std::vector<ListingCell>& cells) {
    if (!read_) return {};
    const research::ConceptCount count = TRY(read_->count(concept_id));
    for (std::int64_t number :
         {count.records, count.persons, count.records_below, count.persons_below}) {
      cells.emplace_back(number);
    }
    return {};
  }
  research::ConceptCounts* read() { return read_ ? &*read_ : nullptr; }

 private:
  std::optional<research::ConceptCounts> read_;
};

Status search(const Global& global, engine::Session& session, Counts& counts,
              const std::string& words) {
  Listing listing(counts.with_names({"concept_id", "code", "vocabulary", "label"}));
  for (const research::ConceptRow& found :
       TRY(research::search_concepts(session, words, kFoundMax))) {
    std::vector<ListingCell> cells = {found.id, found.code, found.vocabulary, found.name};
    TRY(counts.add(found.id, cells));
    listing.add(std::move(cells));
  }
  return listing.print(global.format);
}

// The concepts of a code; without one, the concept of that number.
Result<std::vector<research::ConceptRow>> concepts_of(engine::Session& session,
                                                      const std::string& code) {
  std::vector<research::ConceptRow> rows = TRY(research::concepts_of_code(session, code));
  std::int64_t id = 0;
  const auto parsed = std::from_chars(code.data(), code.data() + code.size(), id);
  if (rows.empty() && parsed.ec == std::errc() && parsed.ptr == code.data() + code.size()) {
    rows = TRY(research::concepts_of_ids(session, {id}));
  }
  if (rows.empty()) return Error{Code::NotFound, "no such code in this release: " + code};
  return rows;
}

Status show(const Global& global, const std::vector<research::ConceptRow>& rows, Counts& counts) {
  Listing listing(counts.with_names(
      {"concept_id", "vocabulary", "code", "label", "domain", "class", "from", "to"}));
  for (const research::ConceptRow& row : rows) {
    std::vector<ListingCell> cells = {row.id,
                                      row.vocabulary,
                                      row.code,
                                      row.name,
                                      row.domain,
                                      row.concept_class,
                                      day_text(row.valid_from),
                                      day_text(row.valid_to)};
    TRY(counts.add(row.id, cells));
    listing.add(std::move(cells));
  }
  return listing.print(global.format);
}

Status show_years(const Global& global, const std::vector<research::ConceptRow>& rows,
                  research::ConceptCounts& counts) {
  Listing listing({"concept_id", "vocabulary", "code", "year", "records", "persons",
                   "records_below", "persons_below"});
  for (const research::ConceptRow& row : rows) {
    for (const research::YearCount& of : TRY(counts.years(row.id))) {
      listing.add({row.id, row.vocabulary, row.code, of.year, of.count.records, of.count.persons,
                   of.count.records_below, of.count.persons_below});
    }
  }
  return listing.print(global.format);
}

Status show_hierarchy(const Global& global, engine::Session& session,
                      const std::vector<research::ConceptRow>& rows, Counts& counts,
                      std::int64_t levels_below) {
  Listing listing(
      counts.with_names({"relation", "level", "concept_id", "vocabulary", "code", "label"}));
  for (const research::ConceptRow& row : rows) {
    for (const research::Relative& relative :
         TRY(research::hierarchy(session, row.id, levels_below))) {
      std::vector<ListingCell> cells = {std::string(research::relation_name(relative.relation)),
                                        relative.level,
                                        relative.row.id,
                                        relative.row.vocabulary,
                                        relative.row.code,
                                        relative.row.name};
      TRY(counts.add(relative.row.id, cells));
      listing.add(std::move(cells));
    }
  }
  return listing.print(global.format);
}

// What `eds terms search` and `eds terms show` print.
Status browse(const Global& global, Context& context, engine::Engine& engine,
              const engine::Scan& scan, engine::Session& session, const TermsOptions& options) {
  std::string words;
  for (const std::string& word : options.words) words += (words.empty() ? "" : " ") + word;
  Counts counts = TRY(Counts::open(context, engine, scan, options.counts || options.years));
  if (options.verb == "search") return search(global, session, counts, words);
  const std::vector<research::ConceptRow> rows = TRY(concepts_of(session, words));
  if (options.years) return show_years(global, rows, *counts.read());
  if (options.hierarchy) return show_hierarchy(global, session, rows, counts, options.below);
  return show(global, rows, counts);
}

}  // namespace

Result<Exit> run_terms(const Global& global, const TermsOptions& options) {
  Context context = TRY(Context::open(global));
  if (options.verb == "load" || options.verb == "apply" || !options.source_code.empty() ||
      !options.file.empty()) {
    TRY(context.audit().pass());  // What changes the lake stands in the audit before it does.
  }
  if (options.verb == "load") return load(context, options);
  if (options.verb == "apply") return apply(context);
  const bool edits = !options.source_code.empty() || !options.file.empty();
  if (options.verb == "map" && edits) return map(context, options);
  const engine::Scan scan = TRY(context.scan(global, "terms"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  if (options.verb == "unmapped" || options.verb == "map") {
    const engine::Format format = TRY(engine::parse_format(global.format));
    engine::Answer answer = TRY(session->query_user_sql(
        options.verb == "map"
            ? "SELECT * FROM source_to_concept_map ORDER BY source_vocabulary_id, source_code"
            : ingest::terms::unmapped_sql(options.vocabulary, options.limit)));
    count_rows(TRY(engine::write_answer(answer, format, print)));
    return Exit::Done;
  }
  TRY(browse(global, context, *engine, scan, *session, options));
  return Exit::Done;
}

}  // namespace eds::cli
