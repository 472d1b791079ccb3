#include "ingest/concepts.h"

#include "duck/duck.h"
#include "format/text/encoding.h"
#include "model/table.h"

namespace eds::ingest {
namespace {

void normalise(std::string_view code, std::string& into) {
  into.clear();
  for (const char c : code) {
    if (c == '.' || c == ' ') continue;
    into += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
}

// UCUM is case-sensitive and its dots mean "times": looked up as it stands.
bool keeps_spelling(std::string_view vocabulary) {
  return vocabulary == "UCUM";
}

}  // namespace

Result<Concepts::Codes*> Concepts::load(std::string_view vocabulary) {
  const auto found = vocabularies_.find(vocabulary);
  if (found != vocabularies_.end()) return &found->second;
  Codes& codes = vocabularies_.emplace(std::string(vocabulary), Codes()).first->second;
  const std::string concepts = TRY(loader_->lake_sql(model::table("concept")));
  const std::string links = TRY(loader_->lake_sql(model::table("concept_relationship")));
  const std::string maps = TRY(loader_->lake_sql(model::table("source_to_concept_map")));
  const std::string name = duck::quote_text(vocabulary);
  const std::string sql =
      "WITH own AS (SELECT concept_code, concept_id, standard_concept, invalid_reason FROM (" +
      concepts + ") WHERE vocabulary_id = " + name +
      "), lead AS (SELECT concept_id_1, min(concept_id_2) AS target FROM (" + links +
      ") WHERE relationship_id = 'Maps to' AND invalid_reason IS NULL AND concept_id_1 IN "
      "(SELECT concept_id FROM own) GROUP BY 1) "
      "SELECT concept_code, concept_id, coalesce(target, CASE WHEN standard_concept = 'S' THEN "
      "concept_id ELSE 0 END) FROM own LEFT JOIN lead ON concept_id_1 = concept_id "
      "UNION ALL SELECT source_code, coalesce(source_concept_id, 0), target_concept_id FROM (" +
      maps + ") WHERE source_vocabulary_id = " + name + " AND invalid_reason IS NULL";
  duck::Rows rows = TRY(loader_->connection().query(sql));
  std::string key;
  while (std::optional<duck::Chunk> chunk = TRY(rows.next())) {
    for (std::size_t row = 0; row < chunk->row_count(); ++row) {
      if (chunk->is_null(0, row)) continue;
      if (keeps_spelling(vocabulary)) {
        key = chunk->text_at(0, row);
      } else {
        normalise(chunk->text_at(0, row), key);
      }
      Mapped& mapped = codes[key];
      if (mapped.source == 0) mapped.source = chunk->int_at(1, row);
      if (mapped.standard == 0 && !chunk->is_null(2, row)) mapped.standard = chunk->int_at(2, row);
    }
  }
  return &codes;
}

Result<Mapped> Concepts::find(std::string_view vocabulary, std::string_view code) {
  const Codes& codes = *TRY(load(vocabulary));
  if (keeps_spelling(vocabulary)) {
    normal_ = code;
  } else {
    normalise(code, normal_);
  }
  const auto found = codes.find(std::string_view(normal_));
  if (found != codes.end()) return found->second;
  return Mapped{};
}

void Concepts::count_unmapped(std::string_view vocabulary, std::string_view code,
                              std::int64_t times) {
  const std::string shown = text::is_utf8(code)
                                ? std::string(code)
                                : text::to_utf8(code, text::Encoding::Windows1252).text;
  unmapped_[std::string(vocabulary) + ":" + shown] += times;
}

}  // namespace eds::ingest
