// Terminology: one code system in memory: labels, versions by date, hierarchy.
//
// Invariants: terms are ordered by (code, valid_from); a code may have several versions, whose
// intervals may not overlap after finish(); parents are codes of the same vocabulary. A cycle in
// the hierarchy, or a chain longer than kHierarchyDepthMax, is reported and the edge that closes it
// is left out, so closures always end.
// Threads: filled by one thread; after finish() it never changes and may be read by several.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "terms/concept_ids.h"
#include "terms/omop_rows.h"

namespace eds::terms {

inline constexpr std::size_t kTermsMax = 4'000'000;  ///< LOINC has 0.1 M, SNOMED CT 0.5 M
inline constexpr std::size_t kParentsMax = 64;       ///< of one term
inline constexpr std::size_t kHierarchyDepthMax = 64;

struct Term {
  std::string code;
  std::string label_fr;
  std::string label_en;
  std::vector<std::string> synonyms;
  std::string kind;  ///< the vocabulary's own flag: CIM-10 MCO type, ATC level...
  std::string domain_id = "Observation";
  std::string class_id;
  std::int32_t valid_from = kAlwaysFrom;
  std::int32_t valid_to = kAlwaysUntil;  ///< last day of validity
  std::vector<std::string> parents;

  std::string_view label() const { return label_fr.empty() ? label_en : label_fr; }
};

struct Ancestor {
  std::uint32_t index = 0;  ///< of codes()
  std::int32_t min_levels = 0;
  std::int32_t max_levels = 0;
};

/// What a load did not understand, for the report.
struct LoadReport {
  std::uint64_t record_count = 0;
  std::uint64_t bad_count = 0;
  std::vector<std::string> warnings;  ///< the first 100
  void warn(std::string text);
};

class Terminology {
 public:
  Terminology(std::string vocabulary_id, std::string name, std::string version);

  Status add(Term term);
  /// Orders terms, closes overlapping versions, links parents, finds cycles.
  Status finish(LoadReport& report);

  const std::string& vocabulary_id() const { return vocabulary_id_; }
  const std::string& name() const { return name_; }
  const std::string& version() const { return version_; }
  std::span<const Term> terms() const { return terms_; }

  /// The version of `code` valid on `day` (days since 1970), or null.
  const Term* find(std::string_view code, std::int32_t day) const;
  /// The last version of `code`, or null.
  const Term* find_latest(std::string_view code) const;
  std::span<const Term> versions(std::string_view code) const;

  /// Codes (not versions), ordered; the hierarchy is between them.
  std::size_t code_count() const { return firsts_.size(); }
  const std::string& code_at(std::size_t index) const { return terms_[firsts_[index]].code; }
  /// Closures, the code itself not included; empty for an unknown code. Ordered by index.
  std::vector<Ancestor> ancestors(std::string_view code) const;
  std::vector<std::string_view> descendants(std::string_view code) const;
  std::vector<std::string_view> children(std::string_view code) const;
  /// Codes whose edge to a parent was left out because it closed a cycle.
  const std::vector<std::string>& cycles() const { return cycles_; }

  /// Everything as OMOP rows. concept rows describe the latest version; relations "Is a" and
  /// "Subsumes" are emitted both ways, ancestors with the (0, 0) row of each concept.
  Status emit(ConceptIds& ids, OmopSink& sink) const;

 private:
  static constexpr std::size_t kAbsent = ~std::size_t{0};
  std::size_t index_of(std::string_view code) const;
  void link_parents(LoadReport& report);
  void cut_cycles(LoadReport& report);
  std::vector<Ancestor> ancestors_of(std::size_t index) const;
  Status emit_hierarchy(std::span<const std::int64_t> concept_ids, OmopSink& sink) const;

  std::string vocabulary_id_;
  std::string name_;
  std::string version_;
  std::vector<Term> terms_;
  std::vector<std::uint32_t> firsts_;                ///< first version of each code
  std::vector<std::vector<std::uint32_t>> parents_;  ///< by code index
  std::vector<std::vector<std::uint32_t>> children_;
  std::vector<std::string> cycles_;
};

}  // namespace eds::terms
