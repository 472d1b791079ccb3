#include "uses/research/survival.h"

#include <doctest/doctest.h>

namespace eds::research {

// Freireich et al. (1963), remission of leukaemia under 6-mercaptopurine, in weeks; the estimates
// are those printed in Kalbfleisch and Prentice and in every course since.
TEST_CASE("survival under 6-MP is that of the published table") {
  std::vector<FollowUp> people;
  for (std::int64_t week : {6, 6, 6, 7, 10, 13, 16, 22, 23}) people.push_back({week, true});
  for (std::int64_t week : {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35}) {
    people.push_back({week, false});
  }
  const std::vector<SurvivalStep> steps = kaplan_meier(people);
  const struct {
    std::int64_t days, at_risk, events;
    double survival;
  } expected[] = {{6, 21, 3, 0.857},  {7, 17, 1, 0.807}, {10, 15, 1, 0.753}, {13, 12, 1, 0.690},
                  {16, 11, 1, 0.627}, {22, 7, 1, 0.538}, {23, 6, 1, 0.448}};
  REQUIRE(steps.size() == std::size(expected));
  for (std::size_t at = 0; at < steps.size(); ++at) {
    CHECK(steps[at].days == expected[at].days);
    CHECK(steps[at].at_risk == expected[at].at_risk);
    CHECK(steps[at].events == expected[at].events);
    CHECK(steps[at].survival == doctest::Approx(expected[at].survival).epsilon(0.0009));
  }
  // By hand at week 6: S = 6/7, Greenwood 3/(21*18) = 1/126, log S = -0.154151,
  // 1.959964 * sqrt(1/126) / 0.154151 = 1.132707; S^exp(1.132707) = 0.6197, S^exp(-1.132707) =
  // 0.9516.
  REQUIRE(steps[0].low);
  CHECK(*steps[0].low == doctest::Approx(0.6197).epsilon(0.0005));
  CHECK(*steps[0].high == doctest::Approx(0.9516).epsilon(0.0005));
  CHECK(median_days(steps) == 23);
}

TEST_CASE("a group that dies out has no bounds at its end, a spared one no steps") {
  const std::vector<SurvivalStep> out = kaplan_meier({{1, true}, {2, true}});
  REQUIRE(out.size() == 2);
  CHECK(out[1].survival == 0);
  CHECK(!out[1].low);
  CHECK(median_days(out) == 1);
  CHECK(kaplan_meier({{1, false}, {2, false}}).empty());
  CHECK(kaplan_meier({}).empty());
  CHECK(!median_days({}));
}

}  // namespace eds::research
