// Concepts: a source's code -> the OMOP concepts of the latest release, for one load.
//
// Invariants: a code is looked up without its dots and in capitals. The source concept is the
// code's own row of `concept`; the standard one is where 'Maps to' leads, or source_to_concept_map,
// or the code itself when it is standard. What is not found is 0 and counted. Threads: one thread
// at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "lake/loader.h"

namespace eds::ingest {

struct Mapped {
  std::int64_t source = 0;
  std::int64_t standard = 0;
  bool known() const { return source != 0 || standard != 0; }
};

class Concepts {
 public:
  explicit Concepts(lake::Loader& loader) : loader_(&loader) {}

  /// `vocabulary` as OMOP names it: "CIM10", "CCAM", "LOINC", "UCUM", "ATC". Loaded when first
  /// asked. Readers call count_unmapped() for what they did not find, as they cache.
  Result<Mapped> find(std::string_view vocabulary, std::string_view code);
  /// "vocabulary:code" -> how many rows had it and no concept.
  const std::map<std::string, std::int64_t>& unmapped() const { return unmapped_; }
  void count_unmapped(std::string_view vocabulary, std::string_view code, std::int64_t times);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Codes = std::unordered_map<std::string, Mapped, Hash, std::equal_to<>>;
  Result<Codes*> load(std::string_view vocabulary);

  lake::Loader* loader_;
  std::map<std::string, Codes, std::less<>> vocabularies_;
  std::map<std::string, std::int64_t> unmapped_;
  std::string normal_;
};

}  // namespace eds::ingest
