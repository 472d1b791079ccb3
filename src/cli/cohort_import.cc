// `eds cohort import`: the requests of other tools, as definitions.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "base/env.h"
#include "cli/cohort.h"
#include "cli/context.h"
#include "cohort/import.h"
#include "cohort/limits.h"
#include "cohort/session_source.h"

namespace eds::cli {
namespace {

// The concepts of codes, of the vocabularies that the release holds.
class CodeBook {
 public:
  explicit CodeBook(std::vector<cohort::ImportedCode> codes) : codes_(std::move(codes)) {
    found_.resize(codes_.size());
  }

  Status read(cohort::TableSource& source) {
    return source.read("concept", {"concept_id", "vocabulary_id", "concept_code", "concept_name"},
                       [&](const cohort::RowBlock& block) {
                         std::vector<std::int64_t> ids;
                         cohort::TextColumn vocabularies;
                         cohort::TextColumn codes;
                         cohort::TextColumn names;
                         block.read_integers(0, ids);
                         block.read_texts(1, vocabularies);
                         block.read_texts(2, codes);
                         block.read_texts(3, names);
                         for (cohort::Row row = 0; row < ids.size(); ++row) {
                           if (vocabularies.is_missing(row) || codes.is_missing(row)) continue;
                           const std::string name = names.is_missing(row) ? "" : names.at(row);
                           add(vocabularies.at(row), codes.at(row), {ids[row], name});
                         }
                       });
  }

  std::vector<cohort::FoundConcept> find(const cohort::ImportedCode& code) const {
    for (std::size_t at = 0; at < codes_.size(); ++at) {
      if (codes_[at].vocabulary == code.vocabulary && codes_[at].code == code.code) {
        return found_[at];
      }
    }
    return {};
  }

 private:
  // Athena writes S72.0 where the French files write S720.
  static std::string bare(std::string_view code) {
    std::string text(code);
    std::erase(text, '.');
    return text;
  }
  static bool is_of(std::string_view vocabulary, std::string_view asked) {
    return vocabulary == asked || (asked == "CIM10" && vocabulary == "ICD10");
  }

  void add(const std::string& vocabulary, const std::string& code,
           const cohort::FoundConcept& found) {
    for (std::size_t at = 0; at < codes_.size(); ++at) {
      if (!is_of(vocabulary, codes_[at].vocabulary)) continue;
      const std::string theirs = bare(code);
      const std::string asked = bare(codes_[at].code);
      const bool is_it = codes_[at].has_narrower ? theirs.starts_with(asked) : theirs == asked;
      if (is_it) found_[at].push_back(found);
    }
  }

  std::vector<cohort::ImportedCode> codes_;
  std::vector<std::vector<cohort::FoundConcept>> found_;
};

}  // namespace

Result<Exit> run_cohort_import(const Global& global, const CohortOptions& options) {
  const std::string text =
      TRY(Env::posix().read_all(options.paths.front(), cohort::kDefinitionBytesMax));
  const cohort::Imported imported = TRY(cohort::read_cohort360(text));
  Context context = TRY(Context::open(global));
  const engine::Scan scan = TRY(context.scan(global, "cohort import"));
  const std::unique_ptr<engine::Engine> engine = engine::embedded_engine();
  const std::unique_ptr<engine::Session> session =
      TRY(engine->open(context.warehouse(), scan, engine::Budget{}));
  cohort::SessionSource source(*session);
  CodeBook book(cohort::codes_of(imported));
  TRY(book.read(source));
  bool is_whole = imported.unmapped.empty();
  for (const std::string& each : imported.unmapped) {
    std::fprintf(stderr, "eds: unmapped: %s\n", each.c_str());
  }
  for (const cohort::ImportedCode& code : cohort::codes_of(imported)) {
    if (!book.find(code).empty()) continue;
    std::fprintf(stderr, "eds: unmapped: %s %s, at %s\n", code.vocabulary.c_str(),
                 code.code.c_str(), code.place.c_str());
    is_whole = false;
  }
  TRY(print(cohort::write_imported(
                imported, [&](const cohort::ImportedCode& code) { return book.find(code); }) +
            "\n"));
  TRY(context.note("cohort import", "", govern::Outcome::Done, 0, scan.release().name));
  return is_whole ? Exit::Done : Exit::Rejects;
}

}  // namespace eds::cli
