// Rows of OMOP's vocabulary tables, as a load gives them to whoever writes them.
//
// Invariants: dates are days since 1970; an empty string is NULL where OMOP CDM 5.4 allows it. The
// views of a row live until add() returns.
// Threads: plain values; a sink is called from the thread that loads.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace eds::terms {

inline constexpr std::int32_t kAlwaysFrom = 0;        ///< 1970-01-01, OMOP's "since ever"
inline constexpr std::int32_t kAlwaysUntil = 47'481;  ///< 2099-12-31, OMOP's "still valid"
inline constexpr std::int64_t kFrench = 4'180'190;    ///< SNOMED "French language"
inline constexpr std::int64_t kEnglish = 4'180'186;   ///< SNOMED "English language"

struct ConceptRow {
  std::int64_t concept_id = 0;
  std::string_view concept_name{};
  std::string_view domain_id{};
  std::string_view vocabulary_id{};
  std::string_view concept_class_id{};
  std::string_view standard_concept{};  ///< "S", "C" or empty
  std::string_view concept_code{};
  std::int32_t valid_start = kAlwaysFrom;
  std::int32_t valid_end = kAlwaysUntil;
  std::string_view invalid_reason{};  ///< "D", "U" or empty
};

struct ConceptRelationshipRow {
  std::int64_t concept_id_1 = 0;
  std::int64_t concept_id_2 = 0;
  std::string_view relationship_id{};
  std::int32_t valid_start = kAlwaysFrom;
  std::int32_t valid_end = kAlwaysUntil;
  std::string_view invalid_reason{};
};

struct ConceptAncestorRow {
  std::int64_t ancestor_concept_id = 0;
  std::int64_t descendant_concept_id = 0;
  std::int32_t min_levels = 0;
  std::int32_t max_levels = 0;
};

struct ConceptSynonymRow {
  std::int64_t concept_id = 0;
  std::string_view name{};
  std::int64_t language_concept_id = kFrench;
};

struct VocabularyRow {
  std::string_view vocabulary_id{};
  std::string_view vocabulary_name{};
  std::string_view vocabulary_reference{};
  std::string_view vocabulary_version{};
  std::int64_t vocabulary_concept_id = 0;
};

struct SourceToConceptRow {
  std::string_view source_code{};
  std::string_view source_vocabulary_id{};
  std::string_view source_code_description{};
  std::int64_t source_concept_id = 0;
  std::int64_t target_concept_id = 0;
  std::string_view target_vocabulary_id{};
  std::int32_t valid_start = kAlwaysFrom;
  std::int32_t valid_end = kAlwaysUntil;
  std::string_view invalid_reason{};
};

/// Where rows go: the ingest room writes them to the lake. The first error stops the load.
class OmopSink {
 public:
  virtual ~OmopSink() = default;
  virtual Status add(const ConceptRow& row) = 0;
  virtual Status add(const ConceptRelationshipRow& row) = 0;
  virtual Status add(const ConceptAncestorRow& row) = 0;
  virtual Status add(const ConceptSynonymRow& row) = 0;
  virtual Status add(const VocabularyRow& row) = 0;
  virtual Status add(const SourceToConceptRow& row) = 0;
};

}  // namespace eds::terms
