#include "uses/quality/omop_checks.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <random>
#include <set>

#include "uses/quality/count_map.h"
#include "uses/quality/id_set.h"
#include "uses/quality/omop_sql.h"

namespace eds::quality {

TEST_CASE("the program carries the checks that the reference's control files say") {
  const std::string folder = std::string(EDS_SOURCE_DIR) + "/../shared/data/ohdsi/dqd";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: ../shared/data/ohdsi/dqd not present");
    return;
  }
  const Result<std::vector<OmopCheck>> read = read_omop_checks(folder);
  REQUIRE(read.ok());
  CHECK(read->size() == 2376);
  REQUIRE(read->size() == omop_checks().size());
  for (std::size_t index = 0; index < read->size(); ++index) {
    CHECK_MESSAGE((*read)[index] == omop_checks()[index], check_id((*read)[index]));
  }
}

TEST_CASE("a check is named as the reference names its result") {
  OmopCheck check{CheckKind::Required, "PERSON", "person_id", "", "", 0};
  CHECK(check_id(check) == "field_isrequired_person_person_id");
  check = {CheckKind::GenderBelow,
           "CONDITION_OCCURRENCE",
           "CONDITION_CONCEPT_ID",
           "4090861, 4025213",
           "Male",
           2};
  CHECK(check_id(check) ==
        "concept_plausiblegenderusedescendants_condition_occurrence_condition_concept_id_"
        "4090861,4025213");
  CHECK(sentence(check) ==
        "Records of CONDITION_OCCURRENCE with a concept below 4090861, 4025213 of persons who are "
        "not: Male.");
  CHECK(id_list(" 4095793 , -1,7") == std::vector<std::int64_t>{4095793, -1, 7});
}

TEST_CASE("the source value beside a concept is asked only where the reference asks it") {
  CHECK(source_value_beside("measurement", "UNIT_CONCEPT_ID") == "unit_source_value");
  CHECK(source_value_beside("measurement", "unit_source_concept_id") == "unit_source_value");
  CHECK(source_value_beside("dose_era", "unit_concept_id").empty());
  CHECK(source_value_beside("provider", "gender_concept_id") == "gender_source_value");
  CHECK(source_value_beside("person", "gender_concept_id").empty());
  CHECK(source_value_beside("condition_occurrence", "condition_concept_id").empty());
}

TEST_CASE("an id set holds what a set holds, dense, scattered and negative") {
  std::mt19937_64 random(7);
  for (const std::int64_t spread :
       {std::int64_t{1000}, std::int64_t{1} << 20, std::int64_t{1} << 50}) {
    IdSet ids;
    std::set<std::int64_t> expected;
    for (int step = 0; step < 20'000; ++step) {
      const auto id =
          static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread)) - spread / 2;
      CHECK(ids.insert(id) == expected.insert(id).second);
      const auto other = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(spread));
      CHECK(ids.contains(other) == (expected.count(other) > 0));
    }
    CHECK(ids.size() == static_cast<std::int64_t>(expected.size()));
    std::set<std::int64_t> seen;
    ids.for_each([&](std::int64_t id) { CHECK(seen.insert(id).second); });
    CHECK(seen == expected);
  }
}

TEST_CASE("a count map counts what a map counts") {
  std::mt19937_64 random(11);
  CountMap counts;
  std::map<std::int64_t, std::int64_t> expected;
  for (int step = 0; step < 50'000; ++step) {
    const auto key = static_cast<std::int64_t>(random() % 3000) * 1'000'003 - 500;
    for (std::uint64_t run = 0; run <= random() % 3; ++run) {
      counts.add(key);
      ++expected[key];
    }
  }
  std::map<std::int64_t, std::int64_t> found;
  counts.for_each([&](std::int64_t key, std::int64_t count) { found[key] = count; });
  CHECK(found == expected);
}

}  // namespace eds::quality
