#include "ingest/terms/terms_load.h"

#include <optional>

#include "format/csv/csv_reader.h"
#include "terms/athena.h"
#include "terms/loaders.h"

namespace eds::ingest::terms {
namespace {

namespace vocab = eds::terms;

// Writes vocabulary rows into a Loader.
class LakeSink final : public vocab::OmopSink {
 public:
  explicit LakeSink(lake::Loader& loader) : loader_(&loader) {}

  Status add(const vocab::ConceptRow& row) override {
    model::RowWriter& out = *TRY(writer("concept"));
    out.set(0, row.concept_id);
    text(out, 1, row.concept_name);
    text(out, 2, row.domain_id);
    text(out, 3, row.vocabulary_id);
    text(out, 4, row.concept_class_id);
    optional_text(out, 5, row.standard_concept);
    text(out, 6, row.concept_code);
    out.set(7, row.valid_start).set(8, row.valid_end);
    optional_text(out, 9, row.invalid_reason);
    return out.end_row();
  }
  Status add(const vocab::ConceptRelationshipRow& row) override {
    model::RowWriter& out = *TRY(writer("concept_relationship"));
    out.set(0, row.concept_id_1).set(1, row.concept_id_2);
    text(out, 2, row.relationship_id);
    out.set(3, row.valid_start).set(4, row.valid_end);
    optional_text(out, 5, row.invalid_reason);
    return out.end_row();
  }
  Status add(const vocab::ConceptAncestorRow& row) override {
    model::RowWriter& out = *TRY(writer("concept_ancestor"));
    out.set(0, row.ancestor_concept_id).set(1, row.descendant_concept_id);
    out.set(2, row.min_levels).set(3, row.max_levels);
    return out.end_row();
  }
  Status add(const vocab::ConceptSynonymRow& row) override {
    model::RowWriter& out = *TRY(writer("concept_synonym"));
    out.set(0, row.concept_id);
    text(out, 1, row.name);
    out.set(2, row.language_concept_id);
    return out.end_row();
  }
  Status add(const vocab::VocabularyRow& row) override {
    model::RowWriter& out = *TRY(writer("vocabulary"));
    text(out, 0, row.vocabulary_id);
    text(out, 1, row.vocabulary_name);
    optional_text(out, 2, row.vocabulary_reference);
    optional_text(out, 3, row.vocabulary_version);
    out.set(4, row.vocabulary_concept_id);
    return out.end_row();
  }
  Status add(const vocab::SourceToConceptRow& row) override {
    model::RowWriter& out = *TRY(writer("source_to_concept_map"));
    text(out, 0, row.source_code);
    out.set(1, row.source_concept_id);
    text(out, 2, row.source_vocabulary_id);
    optional_text(out, 3, row.source_code_description);
    out.set(4, row.target_concept_id);
    text(out, 5, row.target_vocabulary_id);
    out.set(6, row.valid_start).set(7, row.valid_end);
    optional_text(out, 8, row.invalid_reason);
    return out.end_row();
  }

 private:
  Result<model::RowWriter*> writer(std::string_view table) {
    TRY(loader_->relieve());
    return loader_->rows(model::table(table));
  }
  static void text(model::RowWriter& out, std::size_t column, std::string_view value) {
    out.set_text(column, value);
  }
  static void optional_text(model::RowWriter& out, std::size_t column, std::string_view value) {
    if (!value.empty()) out.set_text(column, value);
  }

  lake::Loader* loader_;
};

Status restore_ids(lake::Loader& loader, vocab::MemoryConceptIds& ids) {
  const std::string concepts = TRY(loader.lake_sql(model::table("concept")));
  duck::Rows rows = TRY(
      loader.connection().query("SELECT concept_id, vocabulary_id, concept_code FROM (" + concepts +
                                ") WHERE concept_id >= " + std::to_string(vocab::kFirstLocalId)));
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      TRY(ids.restore(vocab::AssignedId{std::string(chunk->text_at(1, row)),
                                        std::string(chunk->text_at(2, row)),
                                        chunk->int_at(0, row)}));
    }
  }
  return {};
}

// What this load names is replaced; the rest of the vocabulary tables stays.
void replace_named(lake::Loader& loader) {
  const std::string staged = "(SELECT concept_id FROM staged_concept)";
  loader.remove_where(model::table("concept"), "facts.concept_id IN " + staged);
  loader.remove_where(model::table("concept_synonym"), "facts.concept_id IN " + staged);
  loader.remove_where(model::table("concept_relationship"), "facts.concept_id_1 IN " + staged);
  loader.remove_where(model::table("concept_ancestor"), "facts.descendant_concept_id IN " + staged);
  loader.remove_where(model::table("vocabulary"),
                      "facts.vocabulary_id IN (SELECT vocabulary_id FROM staged_vocabulary)");
}

// A table of code and label (and perhaps a parent), as hospitals export their own lists.
Result<vocab::Loaded> load_labels(const std::vector<Path>& paths, std::string_view vocabulary_id) {
  if (vocabulary_id.empty() || paths.size() != 1) {
    return Error{Code::Usage, "labels takes one file and --vocabulary NAME"};
  }
  vocab::Loaded loaded{
      vocab::Terminology(std::string(vocabulary_id), std::string(vocabulary_id), "local"), {}};
  const std::string text = TRY(Env::posix().read_all(paths[0], std::uint64_t{256} << 20));
  csv::Dialect dialect = csv::detect_dialect(std::string_view(text).substr(0, 65536));
  dialect.ragged = csv::Ragged::Any;
  csv::Reader reader = TRY(csv::Reader::over(text, dialect));
  while (true) {
    const csv::Step step = TRY(reader.next());
    if (step == csv::Step::End) break;
    ++loaded.report.record_count;
    if (step == csv::Step::Bad || reader.row().size() < 2 || reader.row()[0].empty()) {
      ++loaded.report.bad_count;
      continue;
    }
    vocab::Term term;
    term.code = std::string(reader.row()[0]);
    term.label_fr = std::string(reader.row()[1]);
    TRY(loaded.terminology.add(std::move(term)));
  }
  TRY(loaded.terminology.finish(loaded.report));
  return loaded;
}

}  // namespace

Result<TermsOutcome> load_terms(lake::Warehouse& warehouse, std::string_view kind,
                                const std::vector<Path>& paths, std::string_view vocabulary_id,
                                const std::string& actor) {
  if (paths.empty()) return Error{Code::Usage, "give the files of the terminology"};
  const std::unique_ptr<lake::Loader> loader = TRY(lake::Loader::open(warehouse));
  LakeSink sink(*loader);
  TermsOutcome outcome;
  vocab::LoadReport report;
  // The conditions below read them, also when the load has no row for one.
  TRY(loader->staged(model::table("concept")));
  TRY(loader->staged(model::table("vocabulary")));
  if (kind == "athena") {
    vocab::AthenaReport athena = TRY(vocab::load_athena(warehouse.env(), paths[0], sink));
    report = std::move(athena.load);
  } else {
    vocab::MemoryConceptIds ids;
    TRY(restore_ids(*loader, ids));
    vocab::Loaded loaded = kind == "labels"
                               ? TRY(load_labels(paths, vocabulary_id))
                               : TRY(vocab::load_terminology(warehouse.env(), kind, paths));
    TRY(loaded.terminology.emit(ids, sink));
    outcome.vocabulary_id = loaded.terminology.vocabulary_id();
    report = std::move(loaded.report);
  }
  replace_named(*loader);
  outcome.record_count = report.record_count;
  outcome.bad_count = report.bad_count;
  outcome.warnings = std::move(report.warnings);
  outcome.load = TRY(loader->commit(actor, "terms " + std::string(kind), {}));
  return outcome;
}

}  // namespace eds::ingest::terms
