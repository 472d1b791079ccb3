#include "uses/research/concept_browser.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "terms/search.h"

namespace eds::research {
namespace {

using engine::Compare;
using engine::Expr;

constexpr std::array<std::string_view, 10> kColumns = {
    "concept_id",       "concept_code",     "concept_name",   "vocabulary_id",    "domain_id",
    "concept_class_id", "standard_concept", "invalid_reason", "valid_start_date", "valid_end_date"};

engine::Select from_concept() {
  engine::Select select;
  select.table = "concept";
  for (std::string_view column : kColumns) {
    select.items.push_back({Expr::column(column), std::string(column)});
  }
  return select;
}

std::string text_at(const duck::Chunk& chunk, std::size_t column, std::size_t row) {
  return chunk.is_null(column, row) ? std::string() : std::string(chunk.text_at(column, row));
}

ConceptRow row_at(const duck::Chunk& chunk, std::size_t row) {
  ConceptRow read;
  read.id = chunk.int_at(0, row);
  std::string* const texts[] = {&read.code,          &read.name,     &read.vocabulary, &read.domain,
                                &read.concept_class, &read.standard, &read.invalid};
  for (std::size_t at = 0; at < std::size(texts); ++at) *texts[at] = text_at(chunk, at + 1, row);
  if (!chunk.is_null(8, row)) read.valid_from = chunk.int_at(8, row);
  if (!chunk.is_null(9, row)) read.valid_to = chunk.int_at(9, row);
  return read;
}

Result<std::vector<ConceptRow>> rows_of(engine::Session& session, engine::Select select) {
  engine::Answer answer = TRY(session.query(select));
  std::vector<ConceptRow> rows;
  while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      rows.push_back(row_at(*chunk, row));
    }
  }
  std::sort(rows.begin(), rows.end(),
            [](const ConceptRow& left, const ConceptRow& right) { return left.id < right.id; });
  return rows;
}

// Id -> level, of those on the other side of CONCEPT_ANCESTOR.
Result<std::map<std::int64_t, std::int64_t>> levels(engine::Session& session,
                                                    std::string_view wanted, std::string_view given,
                                                    std::int64_t concept_id,
                                                    std::int64_t level_max) {
  engine::Select select;
  select.table = "concept_ancestor";
  select.items = {{Expr::column(wanted), "id"},
                  {Expr::column("min_levels_of_separation"), "level"}};
  select.where =
      Expr::all_of({Expr::column(given) == Expr::literal(concept_id),
                    Expr::compare(Compare::LessOrEqual, Expr::column("min_levels_of_separation"),
                                  Expr::literal(level_max))});
  engine::Answer answer = TRY(session.query(select));
  std::map<std::int64_t, std::int64_t> found;
  while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (chunk->int_at(0, row) != concept_id) {
        found[chunk->int_at(0, row)] = chunk->int_at(1, row);
      }
    }
  }
  return found;
}

// Above every level that a vocabulary has.
constexpr std::int64_t kLevelsMax = 1'000;

}  // namespace

std::string_view relation_name(Relation relation) {
  switch (relation) {
    case Relation::Ancestor: return "ancestor";
    case Relation::Parent: return "parent";
    case Relation::Itself: return "concept";
    case Relation::Child: return "child";
    case Relation::Descendant: return "descendant";
  }
  return "";
}

Result<std::vector<ConceptRow>> concepts_of_code(engine::Session& session, std::string_view code) {
  engine::Select select = from_concept();
  select.where = Expr::column("concept_code") == Expr::literal(code);
  return rows_of(session, std::move(select));
}

Result<std::vector<ConceptRow>> concepts_of_ids(engine::Session& session,
                                                const std::vector<std::int64_t>& ids) {
  if (ids.empty()) return std::vector<ConceptRow>();
  engine::Select select = from_concept();
  std::vector<Expr> wanted;
  for (std::int64_t id : ids) wanted.push_back(Expr::literal(id));
  select.where = Expr::in(Expr::column("concept_id"), std::move(wanted));
  return rows_of(session, std::move(select));
}

Result<std::vector<ConceptRow>> search_concepts(engine::Session& session, std::string_view words,
                                                std::size_t count_max) {
  engine::Answer answer = TRY(session.query(from_concept()));
  // One index over all vocabularies; a term's class carries the concept's id through it.
  terms::Terminology all("all", "all", "");
  while (std::optional<duck::Chunk> chunk = TRY(answer.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      terms::Term term;
      term.code = text_at(*chunk, 1, row);
      term.label_fr = text_at(*chunk, 2, row);
      term.kind = text_at(*chunk, 3, row);
      term.class_id = std::to_string(chunk->int_at(0, row));
      TRY(all.add(std::move(term)));
    }
  }
  terms::LoadReport report;
  TRY(all.finish(report));
  const terms::TermSearch index = terms::TermSearch::build(all);
  std::vector<std::int64_t> ids;
  for (const terms::Found& found : index.search(words, count_max)) {
    std::int64_t id = 0;
    const std::string& text = found.term->class_id;
    std::from_chars(text.data(), text.data() + text.size(), id);
    ids.push_back(id);
  }
  std::vector<ConceptRow> rows = TRY(concepts_of_ids(session, ids));
  const auto place = [&](const ConceptRow& row) {
    return std::find(ids.begin(), ids.end(), row.id) - ids.begin();
  };
  std::sort(rows.begin(), rows.end(), [&](const ConceptRow& left, const ConceptRow& right) {
    return place(left) < place(right);
  });
  return rows;
}

Result<std::vector<Relative>> hierarchy(engine::Session& session, std::int64_t concept_id,
                                        std::int64_t levels_below) {
  const auto above =
      TRY(levels(session, "ancestor_concept_id", "descendant_concept_id", concept_id, kLevelsMax));
  const auto below = TRY(
      levels(session, "descendant_concept_id", "ancestor_concept_id", concept_id, levels_below));
  std::vector<std::int64_t> ids = {concept_id};
  for (const auto& [id, level] : above) ids.push_back(id);
  for (const auto& [id, level] : below) ids.push_back(id);
  std::map<std::int64_t, ConceptRow> rows;
  for (ConceptRow& row : TRY(concepts_of_ids(session, ids))) rows[row.id] = std::move(row);
  if (rows.count(concept_id) == 0 && above.empty() && below.empty()) {
    return Error{Code::NotFound, "no such concept in this release: " + std::to_string(concept_id)};
  }
  std::vector<Relative> family;
  const auto add = [&](Relation relation, std::int64_t level, std::int64_t id) {
    Relative relative{relation, level, rows[id]};
    relative.row.id = id;
    family.push_back(std::move(relative));
  };
  for (const auto& [id, level] : above) {
    add(level == 1 ? Relation::Parent : Relation::Ancestor, level, id);
  }
  add(Relation::Itself, 0, concept_id);
  for (const auto& [id, level] : below) {
    add(level == 1 ? Relation::Child : Relation::Descendant, level, id);
  }
  std::stable_sort(family.begin(), family.end(), [](const Relative& left, const Relative& right) {
    if (left.relation != right.relation) return left.relation < right.relation;
    return left.relation == Relation::Ancestor ? left.level > right.level
                                               : left.level < right.level;
  });
  return family;
}

}  // namespace eds::research
