#include "terms/terminology.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "format/text/dates.h"
#include "terms/concept_ids.h"
#include "terms/search.h"

namespace eds::terms {
namespace {

Term term(std::string code, std::vector<std::string> parents, std::string label = "x") {
  Term made;
  made.code = std::move(code);
  made.label_fr = std::move(label);
  made.parents = std::move(parents);
  return made;
}

Terminology make(std::vector<Term> terms, LoadReport& report) {
  Terminology made("TEST", "test", "1");
  for (Term& one : terms) REQUIRE(made.add(std::move(one)).ok());
  REQUIRE(made.finish(report).ok());
  return made;
}

std::int32_t day(const char* iso) {
  return *text::parse_iso_date(iso);
}

TEST_CASE("a code has the version of its day") {
  LoadReport report;
  Term old_version = term("A", {}, "old");
  old_version.valid_from = day("2010-01-01");
  Term new_version = term("A", {}, "new");
  new_version.valid_from = day("2020-03-01");
  const Terminology made = make({new_version, old_version}, report);
  CHECK(made.find("A", day("2009-12-31")) == nullptr);
  CHECK(made.find("A", day("2010-01-01"))->label_fr == "old");
  CHECK(made.find("A", day("2020-02-29"))->label_fr == "old");
  CHECK(made.find("A", day("2020-03-01"))->label_fr == "new");
  CHECK(made.find_latest("A")->label_fr == "new");
  CHECK(made.find("B", day("2020-01-01")) == nullptr);
  CHECK(made.versions("A").size() == 2);
  CHECK(made.code_count() == 1);
}

TEST_CASE("closures hold every path, with the shortest and the longest") {
  LoadReport report;
  // A diamond: D is under B and C, both under A; D also directly under A.
  const Terminology made =
      make({term("A", {}), term("B", {"A"}), term("C", {"B"}), term("D", {"A", "C"})}, report);
  const auto ancestors = made.ancestors("D");
  REQUIRE(ancestors.size() == 3);
  CHECK(made.code_at(ancestors[0].index) == "A");
  CHECK(ancestors[0].min_levels == 1);
  CHECK(ancestors[0].max_levels == 3);
  CHECK(ancestors[1].min_levels == 2);
  CHECK(made.descendants("A") == std::vector<std::string_view>{"B", "C", "D"});
  CHECK(made.children("A") == std::vector<std::string_view>{"B", "D"});
  CHECK(made.ancestors("Z").empty());
  CHECK(report.warnings.empty());
}

TEST_CASE("a cycle, a self parent and an unknown parent are reported and harmless") {
  LoadReport report;
  const Terminology made = make({term("A", {"C"}), term("B", {"A"}), term("C", {"B"}),
                                 term("D", {"D"}), term("E", {"nowhere"})},
                                report);
  CHECK(made.cycles().size() == 2);
  CHECK(report.warnings.size() == 3);
  CHECK(made.descendants("D").empty());
  CHECK(made.ancestors("A").size() + made.ancestors("B").size() + made.ancestors("C").size() == 3);
}

TEST_CASE("in random hierarchies, a descendant's ancestors hold what it descends from") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<Term> terms;
    const std::size_t count = 1 + random() % 40;
    for (std::size_t i = 0; i < count; ++i) {
      Term one = term("T" + std::to_string(i), {});
      for (auto left = random() % 3; left > 0; --left) {
        one.parents.push_back("T" + std::to_string(random() % count));
      }
      terms.push_back(std::move(one));
    }
    LoadReport report;
    const Terminology made = make(std::move(terms), report);
    std::set<std::pair<std::string, std::string>> up;
    std::set<std::pair<std::string, std::string>> down;
    for (std::size_t i = 0; i < made.code_count(); ++i) {
      for (const Ancestor& ancestor : made.ancestors(made.code_at(i))) {
        up.emplace(made.code_at(ancestor.index), made.code_at(i));
        CHECK(ancestor.min_levels <= ancestor.max_levels);
        CHECK(ancestor.index != i);
      }
      for (const auto descendant : made.descendants(made.code_at(i))) {
        down.emplace(made.code_at(i), descendant);
      }
    }
    REQUIRE(up == down);
  }
}

/// Keeps what it is given.
struct Kept : OmopSink {
  std::vector<std::string> concepts;
  std::map<std::int64_t, std::string> by_id;
  std::size_t relations = 0;
  std::size_t ancestors = 0;
  std::size_t synonyms = 0;
  Status add(const ConceptRow& row) override {
    by_id.emplace(row.concept_id, row.concept_code);
    concepts.emplace_back(row.concept_name);
    return {};
  }
  Status add(const ConceptRelationshipRow&) override {
    ++relations;
    return {};
  }
  Status add(const ConceptAncestorRow&) override {
    ++ancestors;
    return {};
  }
  Status add(const ConceptSynonymRow&) override {
    ++synonyms;
    return {};
  }
  Status add(const VocabularyRow&) override { return {}; }
  Status add(const SourceToConceptRow&) override { return {}; }
};

TEST_CASE("a terminology becomes OMOP rows, with the same ids at every load") {
  LoadReport report;
  Term with_synonym = term("B", {"A"}, "bé");
  with_synonym.label_en = "bee";
  with_synonym.synonyms = {"bé", "b"};
  const Terminology made = make({term("A", {}, "a"), with_synonym, term("C", {"B"}, "c")}, report);
  MemoryConceptIds ids;
  Kept first;
  REQUIRE(made.emit(ids, first).ok());
  CHECK(first.concepts == std::vector<std::string>{"a", "bé", "c"});
  CHECK(first.relations == 4);  // two edges, both ways
  CHECK(first.ancestors == 6);  // three selves, A-B, B-C, A-C
  CHECK(first.synonyms == 2);   // "bee" and "b", not the name itself
  for (const auto& [id, code] : first.by_id) CHECK(id >= kFirstLocalId);

  MemoryConceptIds restored;
  for (const AssignedId& assigned : ids.take_assigned()) REQUIRE(restored.restore(assigned).ok());
  CHECK(ids.take_assigned().empty());
  const Terminology more =
      make({term("0", {}), term("A", {}), term("B", {}), term("C", {})}, report);
  Kept second;
  REQUIRE(more.emit(restored, second).ok());
  for (const auto& [id, code] : first.by_id) CHECK(second.by_id[id] == code);
  CHECK(second.by_id.size() == 4);
}

TEST_CASE("concept ids are stable, distinct, and fit OMOP's 32 bits") {
  MemoryConceptIds ids;
  CHECK(*ids.id_of("CIM10", "A00") == 2'000'000'000);
  CHECK(*ids.id_of("CCAM", "HHFA001") == 2'001'000'000);
  CHECK(*ids.id_of("CIM10", "A01") == 2'000'000'001);
  CHECK(*ids.id_of("CIM10", "A00") == 2'000'000'000);
  CHECK(*ids.id_of("local-lab", "K") == 2'020'000'000);
  CHECK(ids.find("CIM10", "A00") == 2'000'000'000);
  CHECK(ids.find("CIM10", "Z99") == 0);
  // An Athena concept keeps its own id.
  REQUIRE(ids.restore({"LOINC", "2823-3", 3023103}).ok());
  CHECK(*ids.id_of("LOINC", "2823-3") == 3023103);
  CHECK(ids.restore({"LOINC", "2823-3", 5}).error().code == Code::Conflict);
  CHECK(ids.restore({"LOINC", "other", 3023103}).error().code == Code::Conflict);
  CHECK(ids.restore({"LOINC", "2823-3", 3023103}).ok());
  Result<std::int64_t> last = 0;
  for (int i = 0; i < 200 && last.ok(); ++i)
    last = ids.id_of("vocabulary " + std::to_string(i), "");
  REQUIRE_FALSE(last.ok());
  CHECK(last.error().code == Code::Limit);
  CHECK(kFirstLocalId + kBlockCount * kIdsPerBlock - 1 <= INT32_MAX);
}

TEST_CASE("a search ignores case and accents, and the last word may be cut") {
  LoadReport report;
  const Terminology made = make({term("I50", {}, "Insuffisance cardiaque"),
                                 term("I501", {}, "Insuffisance ventriculaire gauche"),
                                 term("N18", {}, "Insuffisance rénale chronique"),
                                 term("O10", {}, "Œdème"), term("I5", {}, "autre")},
                                report);
  const TermSearch search = TermSearch::build(made);
  const auto codes = [&](std::string_view query) {
    std::vector<std::string> found;
    for (const Found& one : search.search(query, 10)) found.push_back(one.term->code);
    return found;
  };
  using Codes = std::vector<std::string>;
  CHECK(codes("INSUFFISANCE renale") == Codes{"N18"});
  CHECK(codes("insuf") == Codes{"I50", "N18", "I501"});  // shorter label first
  CHECK(codes("card insuffisance") == Codes{});          // only the last word may be cut
  CHECK(codes("insuffisance card") == Codes{"I50"});
  CHECK(codes("oedeme") == Codes{"O10"});
  CHECK(codes("i50") == Codes{"I50", "I501"});  // exact code, then code prefix
  CHECK(codes("I50.1") == Codes{"I501"});
  CHECK(codes("zzz").empty());
  CHECK(codes("").empty());
  CHECK(codes("  ,;").empty());
  CHECK(search.search("insuf", 1).size() == 1);
}

}  // namespace
}  // namespace eds::terms
