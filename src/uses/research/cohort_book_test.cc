#include "uses/research/cohort_book.h"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "govern/directory_for_test.h"

namespace eds::research {
namespace {

const govern::Author kAnne{4, "anne"};
const govern::Author kPaul{5, "paul"};

CohortVersion named(std::string name) {
  CohortVersion wanted;
  wanted.name = std::move(name);
  wanted.definition = "{}";
  wanted.release = "r1";
  wanted.steps = {{"cohort", 3, 2}};
  return wanted;
}

}  // namespace

TEST_CASE("a book keeps each author's versions, and counts a person once") {
  const govern::DirectoryForTest directory;
  Result<CohortBook> book = CohortBook::open(Env::posix(), directory.path());
  REQUIRE(book.ok());
  // Two persons who enter on one day; one of them twice.
  const std::vector<CohortPeriod> rows = {{1, 10, 20}, {1, 30, 40}, {2, 10, 20}};
  const Result<CohortVersion> first = book->save(kAnne, named("falls"), rows);
  REQUIRE(first.ok());
  CHECK(first->version == 1);
  CHECK(first->row_count == 3);
  CHECK(first->person_count == 2);
  REQUIRE(book->save(kAnne, named("falls"), {}).ok());
  REQUIRE(book->save(kPaul, named("falls"), {{9, 1, 2}}).ok());

  const Result<CohortVersion> found = book->find(kAnne, "falls", 1);
  REQUIRE(found.ok());
  CHECK(*book->rows(*found) == rows);
  CHECK(found->steps.at(0).persons == 2);
  CHECK(book->find(kAnne, "falls")->version == 2);
  CHECK(book->list(kAnne)->size() == 1);
  CHECK(book->list(govern::Author{0, "owner"})->size() == 2);
  CHECK(book->find(govern::Author{6, "zoe"}, "falls").error().code == Code::NotFound);

  CHECK(*book->forget(1) == 1);
  CHECK(*book->rows(*found) == std::vector<CohortPeriod>{{2, 10, 20}});
  CHECK(book->find(kAnne, "falls", 1)->person_count == 1);
  CHECK(*book->forget(1) == 0);
}

TEST_CASE("a version that somebody else saved meanwhile is not taken") {
  const govern::DirectoryForTest directory;
  Result<CohortBook> book = CohortBook::open(Env::posix(), directory.path());
  REQUIRE(book.ok());
  CohortVersion wanted = named("falls");
  wanted.version = 2;
  CHECK(book->save(kAnne, wanted, {}).error().code == Code::Conflict);
  wanted.version = 1;
  CHECK(book->save(kAnne, wanted, {}).ok());
}

TEST_CASE("a difference says of each person what a look at both sides says") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 500; ++round) {
    std::map<std::int64_t, std::vector<CohortPeriod>> sides[2];
    std::vector<CohortPeriod> rows[2];
    for (int side = 0; side < 2; ++side) {
      for (std::int64_t person = 0; person < 6; ++person) {
        for (std::int32_t start = 0; start < 3; ++start) {
          if (random() % 3 != 0) continue;
          rows[side].push_back({person, start, start});
          sides[side][person].push_back(rows[side].back());
        }
      }
    }
    const CohortDiff found = diff(rows[0], rows[1]);
    std::size_t entered = 0, left = 0, moved = 0;
    std::int64_t same = 0;
    for (std::int64_t person = 0; person < 6; ++person) {
      const auto& before = sides[0][person];
      const auto& after = sides[1][person];
      if (before.empty()) entered += after.size();
      if (after.empty()) left += before.size();
      if (before.empty() || after.empty()) continue;
      before == after ? static_cast<void>(++same) : static_cast<void>(++moved);
    }
    CHECK(found.entered.size() == entered);
    CHECK(found.left.size() == left);
    CHECK(found.moved.size() == moved);
    CHECK(found.same_persons == same);
  }
}

}  // namespace eds::research
