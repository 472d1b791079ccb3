#include <fmt/format.h>

#include "cli/act.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/listing.h"
#include "engine/output.h"
#include "engine/session.h"
#include "format/text/dates.h"
#include "ingest/terms/mapping.h"
#include "ingest/terms/terms_load.h"
#include "terms/search.h"

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

std::string text_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? std::string() : std::string(chunk.text_at(column, row));
}

// All concepts of a release as a terminology whose codes are "VOCABULARY:CODE" where two
// vocabularies share a code, so that one index serves them all.
Result<terms::Terminology> concepts(engine::Session& session) {
  engine::Select select;
  select.table = "concept";
  for (std::string_view column :
       {"concept_code", "concept_name", "vocabulary_id", "valid_start_date", "valid_end_date"}) {
    select.items.push_back({engine::Expr::column(column), std::string(column)});
  }
  engine::Answer rows = TRY(session.query(select));
  terms::Terminology all("all", "all", "");
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      terms::Term term;
      term.code = text_at(*chunk, 0, row);
      term.label_fr = text_at(*chunk, 1, row);
      term.kind = text_at(*chunk, 2, row);
      TRY(all.add(std::move(term)));
    }
  }
  terms::LoadReport report;
  TRY(all.finish(report));
  return all;
}

Status search(const Global& global, engine::Session& session, const std::string& words) {
  const terms::Terminology all = TRY(concepts(session));
  const terms::TermSearch index = terms::TermSearch::build(all);
  Listing listing({"code", "vocabulary", "label"});
  for (const terms::Found& found : index.search(words, kFoundMax)) {
    listing.add({found.term->code, found.term->kind, std::string(found.term->label())});
  }
  return listing.print(global.format);
}

Status show(const Global& global, engine::Session& session, const std::string& code) {
  using engine::Expr;
  engine::Select select;
  select.table = "concept";
  for (std::string_view column :
       {"concept_id", "vocabulary_id", "concept_code", "concept_name", "domain_id",
        "concept_class_id", "valid_start_date", "valid_end_date"}) {
    select.items.push_back({Expr::column(column), std::string(column)});
  }
  select.where = Expr::column("concept_code") == Expr::literal(std::string_view(code));
  engine::Answer rows = TRY(session.query(select));
  Listing listing({"concept_id", "vocabulary", "code", "label", "domain", "class", "from", "to"});
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      const auto day = [&](std::size_t column) {
        return chunk->is_null(column, row)
                   ? std::string()
                   : text::format_date(static_cast<std::int32_t>(chunk->int_at(column, row)));
      };
      listing.add({chunk->int_at(0, row), text_at(*chunk, 1, row), text_at(*chunk, 2, row),
                   text_at(*chunk, 3, row), text_at(*chunk, 4, row), text_at(*chunk, 5, row),
                   day(6), day(7)});
    }
  }
  if (listing.row_count() == 0) {
    return Error{Code::NotFound, "no such code in this release: " + code};
  }
  return listing.print(global.format);
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
  std::string words;
  for (const std::string& word : options.words) words += (words.empty() ? "" : " ") + word;
  TRY(options.verb == "search" ? search(global, *session, words) : show(global, *session, words));
  return Exit::Done;
}

}  // namespace eds::cli
